"""What flowd knows of its own work: runs, cursors, how feeds are doing, and what budgets are used up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from flowd.domain.records import Cursor
from flowd.storage.statements import statements

if TYPE_CHECKING:
    from flowd.storage.database import Database

_LONGEST_ERROR: Final = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RunKey:
    """A run that is recorded: its number, and what was run for which tick."""

    id: int
    connection: str
    feed: str
    tick: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One line of the activity log."""

    id: int
    connection: str
    feed: str
    tick: datetime
    started_at: datetime
    finished_at: datetime | None
    outcome: str
    snapshots: int
    rates: int
    events: int
    revised: int
    unchanged: int
    error_class: str | None
    error: str | None

    @property
    def duration(self) -> timedelta | None:
        """How long it took; None while it runs."""
        return None if self.finished_at is None else self.finished_at - self.started_at


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """How one feed is doing; `state` is new, healthy, partial, failing, needs_reauth or misconfigured."""

    connection: str
    feed: str
    state: str
    since: datetime
    reason: str = ""
    failures: int = 0
    last_success: datetime | None = None
    next_try: datetime | None = None


class Runs:
    """The activity log and what goes with it, of one tenant; DatabaseAway while the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements("runs")

    # --- The activity log --------------------------------------------------------------------------------------------

    def open_run(self, connection: str, feed: str, tick: datetime, started_at: datetime) -> RunKey:
        """Note that a run begins."""
        fields = {"connection": connection, "feed": feed, "tick": tick, "started_at": started_at}
        (number,) = self._one("open_run", fields)
        return RunKey(id=number, connection=connection, feed=feed, tick=tick)

    def close_run(
        self,
        key: RunKey,
        outcome: str,
        finished_at: datetime,
        *,
        error_class: str | None = None,
        error: str | None = None,
    ) -> None:
        """Note how a run ended; `outcome` is one of the words of ops.run."""
        end = {"outcome": outcome, "finished_at": finished_at, "error_class": error_class, "error": _bounded(error)}
        self._do("close_run", {"id": key.id, **end})

    def interrupt_runs(self, now: datetime) -> int:
        """Note that no run is under way any more, at the daemon's start; return how many were cut off."""
        with self._database.transaction() as session:
            return session.execute(self._sql["interrupt_runs"], {"tenant": self._tenant, "now": now}).rowcount

    def list_runs(self, *, connection: str | None = None, after: int | None = None, limit: int = 50) -> list[Run]:
        """Return the newest runs, newest first: of `connection` if given, with numbers above `after` if given."""
        rows = self._all("list_runs", {"connection": connection, "after": after, "limit": limit})
        names = Run.__dataclass_fields__
        return [Run(**dict(zip(names, row, strict=True))) for row in rows]

    def last_success(self) -> dict[tuple[str, str], datetime]:
        """Return the tick of the last successful run by connection and feed, of feeds whose state is noted."""
        return {(connection, feed): tick for connection, feed, tick in self._all("last_success", {})}

    def drop_runs(self, before: datetime) -> int:
        """Forget runs that began before `before`, except each feed's last success; return how many."""
        with self._database.transaction(60.0) as session:
            return session.execute(self._sql["drop_runs"], {"tenant": self._tenant, "before": before}).rowcount

    # --- Cursors and health ------------------------------------------------------------------------------------------

    def load_cursor(self, connection: str, feed: str) -> Cursor | None:
        """Return where a feed has got to; None if it was never read."""
        row = self._one_or_none("load_cursor", {"connection": connection, "feed": feed})
        return None if row is None else Cursor(data=row[0], version=row[1])

    def load_cursors(self) -> dict[tuple[str, str], Cursor]:
        """Return where every feed has got to, by connection and feed."""
        rows = self._all("load_cursors", {})
        return {(connection, feed): Cursor(data=data, version=version) for connection, feed, data, version in rows}

    def save_state(self, state: FeedState, *, every: timedelta) -> None:
        """Note how a feed is doing."""
        fields = {name: getattr(state, name) for name in FeedState.__dataclass_fields__}
        self._do("save_state", {**fields, "reason": _bounded(state.reason) or "", "every_s": every.total_seconds()})

    def load_states(self) -> list[FeedState]:
        """Return how every feed was doing when it was last noted."""
        names = FeedState.__dataclass_fields__
        return [FeedState(**dict(zip(names, row, strict=True))) for row in self._all("load_states", {})]

    def forget_state(self, connection: str, feed: str | None = None) -> None:
        """Forget how a feed, or every feed of a connection, was doing: it is not run any more."""
        self._do("forget_state", {"connection": connection, "feed": feed})

    # --- Budgets -----------------------------------------------------------------------------------------------------

    def take_budget(self, credential: str, period: datetime, count: int = 1) -> int:
        """Count `count` requests of `credential` (a hash) in the period that began at `period`; return the sum."""
        fields = {"credential": credential, "period": period, "count": count}
        with self._database.transaction() as session:
            row = session.execute(self._sql["take_budget"], {"tenant": self._tenant, **fields}).fetchone()
            assert row is not None
            if row[0] == count:
                # The first of a period clears away the ones before, so that the table does not grow.
                session.execute(self._sql["drop_budgets"], {"tenant": self._tenant, **fields})
            return int(row[0])

    def used_budget(self, credential: str, period: datetime) -> int:
        """Return how many requests of `credential` are counted in the period that began at `period`."""
        (used,) = self._one("used_budget", {"credential": credential, "period": period})
        return int(used)

    # --- Inside ------------------------------------------------------------------------------------------------------

    @property
    def _tenant(self) -> int:
        return self._database.tenant_id

    def _do(self, name: str, fields: Mapping[str, Any]) -> None:
        with self._database.transaction() as session:
            session.execute(self._sql[name], {"tenant": self._tenant, **fields})

    def _all(self, name: str, fields: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        with self._database.transaction() as session:
            return session.execute(self._sql[name], {"tenant": self._tenant, **fields}).fetchall()

    def _one_or_none(self, name: str, fields: Mapping[str, Any]) -> tuple[Any, ...] | None:
        rows = self._all(name, fields)
        return rows[0] if rows else None

    def _one(self, name: str, fields: Mapping[str, Any]) -> tuple[Any, ...]:
        (row,) = self._all(name, fields)
        return row


def _bounded(text: str | None) -> str | None:
    # PostgreSQL keeps no NUL, and half a character cannot be sent.
    if text is None:
        return None
    return text[:_LONGEST_ERROR].replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
