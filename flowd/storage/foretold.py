"""Reads what was foretold, how it turned out, and goals, from the report views."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from psycopg.rows import dict_row

from flowd.storage.database import Database
from flowd.storage.reports import Row
from flowd.storage.statements import statements

Span = Literal["day", "month", "sum"]


class ForetoldReports:
    """What commands ask about the time to come, answered for the database's tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def projected(self, span: Span, scope: str, name: str) -> list[Row]:
        """What was foretold last of days or months to come (first, last), or of sums of so many days."""
        return self._rows(f"projected_{span}s", scope=scope, name=name)

    def models(self) -> list[Row]:
        """How everything, each group and each stream is foretold, and how far that is to be trusted."""
        return self._rows("projection_models")

    def came(self, scope: str, name: str, since: date, until: date) -> Decimal:
        """What came in between two days, both included, in base currency; what is not known counts as nothing."""
        (row,) = self._rows("came", scope=scope, name=name, since=since, until=until)
        came = row["came"]
        assert isinstance(came, Decimal)
        return came

    def streams(self) -> list[Row]:
        """The key, the name and the group of each stream."""
        return self._rows("streams")

    def accuracy(self, scope: str, name: str) -> list[Row]:
        """How well past projections turned out, per horizon."""
        return self._rows("accuracy", scope=scope, name=name)

    def goals(self) -> list[Row]:
        """What is to be reached, how likely that is, and when."""
        return self._rows("goals")

    def _rows(self, statement: str, /, **values: object) -> list[Row]:
        with self._database.transaction() as session, session.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statements("foretold")[statement], values).fetchall()
