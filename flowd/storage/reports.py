"""Reads the report views for the command line and the daemon's summary; each row is a dict of its columns."""

from __future__ import annotations

from datetime import date
from typing import Literal

from psycopg.rows import dict_row

from flowd.storage.database import Database
from flowd.storage.statements import statements

Row = dict[str, object]
Bucket = Literal["day", "week", "month", "quarter", "year"]


class Reports:
    """The questions people ask, answered for the database's tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def income(self, bucket: Bucket, since: date, until: date, stream: str | None = None) -> list[Row]:
        """Income per period and stream between two days, both included; the period is named by its first day."""
        return self._rows("income", bucket=bucket, since=since, until=until, stream=stream)

    def tenant(self) -> Row:
        """Today's date where the tenant lives, its base currency and time zone."""
        return self._rows("today")[0]

    def rates(self) -> list[Row]:
        """The daily rate of each stream: the mean of what was earned over the last 30 days."""
        return self._rows("rates")

    def states(self) -> list[Row]:
        """How each stream, each group and everything is doing; empty until the study `statistics` was made."""
        return self._rows("states")

    def means(self) -> list[Row]:
        """What a day earned on the mean: scope, name, window (7d, 30d, 90d, 365d), mean."""
        return self._rows("means")

    def resilience(self) -> Row | None:
        """How income would stand a loss; None until the study `statistics` was made."""
        return next(iter(self._rows("resilience")), None)

    def weeks(self, until: date, weeks: int) -> list[Row]:
        """What each stream earned per day in the last `weeks` weeks to `until`: stream, group, weeks_ago, earned."""
        return self._rows("weeks", until=until, weeks=weeks)

    def expected(self, since: date, until: date) -> list[Row]:
        """What was due between two days, by day, with what came of it; empty until the study `expected` was made."""
        return self._rows("expected", since=since, until=until)

    def connections(self) -> list[Row]:
        """How each feed is doing."""
        return self._rows("connections")

    def activity(self, *, connection: str | None = None, after: int = 0, limit: int = 50) -> list[Row]:
        """The newest runs (with a number above `after`), oldest first."""
        return self._rows("activity", connection=connection, after=after, limit=limit)[::-1]

    def missing_rates(self) -> list[Row]:
        """The rates that a number needed and nobody had."""
        return self._rows("missing")

    def in_trouble(self) -> list[Row]:
        """How many receipts of the last 90 days are late, missed or short: stream, state, receipts, newest."""
        return self._rows("in_trouble")

    def drawdowns(self) -> list[Row]:
        """How far connections and the total are below their highest point of 90 days: scope, name, drawdown."""
        return self._rows("drawdowns")

    def goal_chances(self) -> list[Row]:
        """How likely each goal is to be reached in time, where that is known: goal, kind, probability."""
        return self._rows("goal_chances")

    def foretold_rate(self) -> list[Row]:
        """What the next 30 days are foretold to bring per day: base_currency, p10, p50, p90; empty where too old."""
        return self._rows("foretold_rate")

    def returns(self, scope: str) -> list[Row]:
        """What each portfolio of `scope` returned over each window, by name and from short to long."""
        return self._rows("returns", scope=scope)

    def positions(self, method: str) -> list[Row]:
        """How every asset of every account stands by one method, also those of which nothing is left."""
        return self._rows("positions", method=method)

    def gains(self, method: str, since: date | None = None, until: date | None = None) -> list[Row]:
        """What disposals from one day to another gained by one method, per year, asset and holding period."""
        return self._rows("gains", method=method, since=since, until=until)

    def day_returns(self, scope: str, since: date) -> list[Row]:
        """The return of each day of each portfolio of `scope` after `since`: name, day, day_return."""
        return self._rows("day_returns", scope=scope, since=since)

    def rate_disagreements(self) -> list[Row]:
        """Return by how much sources of the same pair differ: base, quote, sources, disagreement."""
        return self._rows("disagreements")

    def balance_gaps(self) -> list[Row]:
        """How many gaps between balances and transactions the last year has: connection, gaps; none is left out."""
        return self._rows("balance_gaps")

    def transfers_proposed(self) -> int:
        """How many pairs may be transfers and wait for their user's word."""
        (row,) = self._rows("transfers_proposed")
        count = row["count"]
        assert isinstance(count, int)
        return count

    def studies(self) -> list[Row]:
        """For which day each study was made last, and whether that is over."""
        return self._rows("studies")

    def waiting(self) -> int:
        """How many notes of change are not derived yet."""
        (row,) = self._rows("waiting")
        count = row["count"]
        assert isinstance(count, int)
        return count

    def _rows(self, name: str, **values: object) -> list[Row]:
        with self._database.transaction() as session, session.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statements("reports")[name], values).fetchall()
