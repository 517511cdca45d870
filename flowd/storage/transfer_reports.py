"""Reads transfers between accounts for the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from psycopg.rows import dict_row

from flowd.storage.database import Database
from flowd.storage.reports import Row
from flowd.storage.statements import statements


class TransferReports:
    """What is known of transfers, answered for the database's tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def transfers(self, states: Sequence[str], since: date | None, until: date | None, limit: int) -> list[Row]:
        """The newest transfers in one of `states` (all without any) from a day to another, oldest first."""
        return self._rows("transfers", states=list(states) or None, since=since, until=until, limit=limit)[::-1]

    def named(self, begin: str) -> list[Row]:
        """The transfers whose key begins so; a few of them where there are many."""
        return self._rows("named", begin=begin + "%")

    def counts(self) -> dict[str, int]:
        """How many transfers are in each state."""
        counts: dict[str, int] = {}
        for row in self._rows("counts"):
            count = row["count"]
            assert isinstance(count, int)
            counts[str(row["state"])] = count
        return counts

    def _rows(self, name: str, **values: object) -> list[Row]:
        with self._database.transaction() as session, session.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statements("transfer_reports")[name], values).fetchall()
