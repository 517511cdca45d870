"""Reads what accounts hold and held, and where that does not follow from what was booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from psycopg.rows import dict_row

from flowd.storage.database import Database
from flowd.storage.statements import statements

Row = dict[str, object]
Step = Literal["day", "week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Which balances are asked for; None leaves all."""

    connection: str | None = None
    account: str | None = None
    asset: str | None = None

    def fields(self) -> dict[str, object]:
        """Return them as the statements name them."""
        return {"connection": self.connection, "account": self.account, "asset": self.asset}


class BalanceReports:
    """What is asked of balances, answered for the database's tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self, which: Which) -> list[Row]:
        """What is held today, by account and asset, with what it is worth."""
        return self._rows("now", **which.fields())

    def by_step(self, step: Step, since: date, until: date, which: Which) -> list[Row]:
        """What was held at the end of each step that has a day from `since` to `until`."""
        return self._rows("by_step", step=step, since=since, until=until, **which.fields())

    def gaps(self, which: Which, since: date | None = None, until: date | None = None) -> list[Row]:
        """Where balances changed by something else than what was booked, timing included, by day."""
        return self._rows("gaps", since=since, until=until, **which.fields())

    def _rows(self, name: str, **values: object) -> list[Row]:
        with self._database.transaction() as session, session.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statements("balance_reports")[name], values).fetchall()
