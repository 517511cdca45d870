"""Since when connections are to be read, where somebody asked for older history than their first run brought."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from flowd.storage.database import Database
from flowd.storage.statements import statements


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """What was asked for: all of a connection since a day; the feeds that are `through`, and when the last one was."""

    connection: str
    since: date
    asked_at: datetime
    through: frozenset[str] = frozenset()
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What there is of a connection: the oldest day of transactions, trades and rates, and its first run on record."""

    oldest: date | None
    first_run: datetime | None


class BackfillStore:
    """The backfills of one tenant; DatabaseAway while the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements("backfills")

    def load(self) -> list[Backfill]:
        """Return all that were asked for, also those that are done: their days are read since then."""
        with self._database.transaction() as session:
            rows = session.execute(self._sql["load"], {"tenant": self._database.tenant_id}).fetchall()
        return [
            Backfill(connection=name, since=since, asked_at=asked, through=frozenset(through), read_at=read)
            for name, since, asked, through, read in rows
        ]

    def ask(self, connection: str, since: date, at: datetime) -> None:
        """Note that a connection is to be read since a day, from the beginning."""
        self._do("ask", connection=connection, since=since, asked_at=at)

    def note(self, asked: Backfill, feed: str, feeds: Collection[str], now: datetime) -> None:
        """Note that a feed has read all that `asked` asks for; `feeds` are all of its connection."""
        self._do(
            "through",
            connection=asked.connection,
            asked_at=asked.asked_at,
            feed=feed,
            feeds=sorted(feeds),
            now=now,
        )

    def forget(self, connection: str) -> bool:
        """Take back what was asked; False where nothing was."""
        return self._do("forget", connection=connection) > 0

    def known(self, connection: str) -> Known:
        """Return how far back there is something of a connection."""
        with self._database.transaction() as session:
            fields = {"tenant": self._database.tenant_id, "connection": connection}
            row = session.execute(self._sql["oldest"], fields).fetchone()
        return Known(oldest=row[0] if row else None, first_run=row[1] if row else None)

    def _do(self, name: str, **fields: object) -> int:
        with self._database.transaction() as session:
            return session.execute(self._sql[name], {"tenant": self._database.tenant_id, **fields}).rowcount
