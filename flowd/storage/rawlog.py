"""Writes batches into the raw log: each in one transaction, with its cursor, its run and what is now to be derived."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, LiteralString, Protocol

import psycopg
from psycopg.types.json import Jsonb

from flowd.domain.flows import Covers
from flowd.domain.records import Batch, Cursor
from flowd.errors import BatchRefused
from flowd.storage.ahead import Ahead
from flowd.storage.arrays import BOOL, INT4, JSONB, TEXT, TIMESTAMPTZ, UUID, length
from flowd.storage.columns import accept_columns, column
from flowd.storage.connections import Session
from flowd.storage.database import Database
from flowd.storage.frames import Frame, Kind
from flowd.storage.packing import pack
from flowd.storage.projection import projecting
from flowd.storage.statements import statements

#: Series that one batch may touch.
MOST_SERIES: Final = 100_000
_REFUSED: Final = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.errors.DatatypeMismatch,
    psycopg.errors.ProgramLimitExceeded,
    psycopg.errors.ProtocolViolation,  # how PostgreSQL calls a column that is cut off
    psycopg.errors.InvalidBinaryRepresentation,
    psycopg.errors.WithCheckOptionViolation,
)
#: Rows up to which any plan will do.
_FEW: Final = 200
_ZERO_RUN: Final = {"snapshots": 0, "rates": 0, "events": 0, "revised": 0, "unchanged": 0}


class Run(Protocol):
    """The run a batch belongs to, as ops.run has it."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def feed(self) -> str:
        """The feed that ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a batch changed; readings count as new also where they replaced another value for the same moment.

    `snapshots_new` includes `zeros`, the explicit zeros of what vanished. `first_day` and `last_day` bound what
    changed, in the tenant's days; None when nothing did.
    """

    snapshots_new: int = 0
    rates_new: int = 0
    events_new: int = 0
    events_revised: int = 0
    unchanged: int = 0
    zeros: int = 0
    first_day: date | None = None
    last_day: date | None = None


class RawLog:
    """The raw log of the tenant for which `database` was opened; safe to use from several threads."""

    def __init__(self, database: Database, tenant: str | None = None) -> None:
        if tenant is not None and tenant != database.tenant:
            raise ValueError(f"the database was opened for the tenant {database.tenant!r}, not {tenant!r}")
        self._database = database

    def write_batch(
        self,
        connection: str,
        batch: Batch,
        *,
        run: Run | None = None,
        tick: datetime,
        deadline: float | None = None,
        now: datetime | None = None,
    ) -> Written:
        """Pack and write `batch`; see `write`."""
        frames = pack(batch, connection=connection)
        return self.write(connection, frames, run=run, tick=tick, deadline=deadline, now=now)

    def write(
        self,
        connection: str,
        frames: Iterable[Frame],
        *,
        run: Run | None = None,
        tick: datetime,
        deadline: float | None = None,
        now: datetime | None = None,
    ) -> Written:
        """Write one batch for `connection` in one transaction: all of it, or nothing.

        `frames` end with the closing frame and are taken as they come: a long batch is written while it is still being
        packed. `deadline` (seconds) is for each step, so a long batch that gets on is not cut off. The cursor is kept
        with `run`'s feed, so a batch without a run has none. Readings more than five minutes after `now` (the server's
        clock if None) are refused.

        Raises BatchRefused (a value, a constraint, a frame is wrong), DatabaseAway (try again later; whether a commit
        that broke off took effect is unknown, and writing it again is harmless), DatabaseUnusable.
        """
        allowed = self._database.deadline if deadline is None else deadline
        with Ahead(frames, is_last=lambda frame: frame.kind is Kind.CLOSE, size=lambda frame: len(frame.body)) as ahead:
            # a short batch is complete before a connection is taken
            ahead.fill()
            # rows without a name are told apart by counting: over several frames that takes a memory of those before
            counts = not ahead.complete or any(frame.head.get("repeats") is True for frame in ahead.first)
            tenant = self._database.tenant_id
            with self._database.transaction(deadline) as session:
                writing = _Writing(session, tenant, connection, tick, now, counts_rows=counts)
                for frame in ahead.items(idle=lambda: writing.keep_alive(allowed)):
                    session.prolong(allowed)
                    writing.write(frame)
                return writing.finish(run)


@dataclass(slots=True)
class _Touched:
    since: datetime | None = None
    until: datetime | None = None

    def add(self, since: datetime | None, until: datetime | None) -> None:
        if since is not None:
            self.since = since if self.since is None else min(self.since, since)
        if until is not None:
            self.until = until if self.until is None else max(self.until, until)


@dataclass
class _Writing:
    """One batch on its way into one transaction."""

    session: Session
    tenant: int
    connection: str
    tick: datetime
    now: datetime | None
    counts_rows: bool
    counts: dict[str, int] = field(default_factory=lambda: dict(_ZERO_RUN))
    zeros: int = 0
    received: int = 0
    close: Mapping[str, Any] | None = None
    stated: set[int] = field(default_factory=set)
    touched: dict[str, _Touched] = field(default_factory=dict)
    locked: bool = False
    remembers: bool = False

    def __post_init__(self) -> None:
        self.sql = statements("rawlog")
        self.same: dict[str, Any] = {
            "tenant": self.tenant,
            "connection": self.connection,
            "tick": self.tick,
            "now": self.now,
        }
        accept_columns(self.session)

    def keep_alive(self, seconds: float) -> None:
        """Show the server that this transaction is still wanted while the next frame is being made."""
        self.session.prolong(seconds)
        self.session.execute("SELECT 1")

    def write(self, frame: Frame) -> None:
        """Write one frame; the closing one is kept for the end."""
        if self.close is not None:
            raise BatchRefused("a batch that goes on after its closing frame")
        with _refusing(frame.kind):
            if frame.kind is Kind.SNAPSHOTS:
                self._write_readings("snapshots", "snapshot", frame)
            elif frame.kind is Kind.RATES:
                self._write_readings("rates", "rate", frame)
            elif frame.kind is Kind.EVENTS:
                self._write_events(frame)
            else:
                self.close = frame.head

    def _lock(self) -> None:
        if not self.locked:
            self.session.execute(self.sql["lock"], self.same)
            self.locked = True

    def _write_readings(self, name: LiteralString, what: str, frame: Frame) -> None:
        first, second, pair, at, value = frame.columns(5)
        columns = {
            "first": column(TEXT, first),
            "second": column(TEXT, second),
            "pair": column(INT4, pair),
            "at": column(TIMESTAMPTZ, at),
            "value": column(TEXT, value),
        }
        fields = {**self.same, **columns}
        rows = length(INT4, pair)
        statement = self.sql[name]
        if name == "snapshots":
            spread = frame.head.get("spread")
            near = isinstance(spread, int) and spread <= 4 * rows
            statement = statement.replace(
                "/*compared*/", self.sql["snapshots_walked" if near else "snapshots_looked_up"]
            )
        with self.session.pipeline():
            self._lock()
            if name == "snapshots":
                self.session.execute(self.sql["series"], fields, prepare=_prepared(rows))
            answer = self._planned(statement, fields, rows)
        row = answer.fetchone()
        assert row is not None
        changed, since, until, too_late, series = row
        if too_late:
            raise BatchRefused(
                f"a {what} is dated {until:%Y-%m-%d %H:%M} UTC, which is yet to come: "
                "correct the clock of this machine, or the source's"
            )
        self.received += rows
        self._count(name, changed, rows - changed)
        if changed:
            self._touch(what, since, until)
        self.stated.update(series or ())
        if len(self.stated) > MOST_SERIES:
            raise BatchRefused(f"the batch has readings of more than {MOST_SERIES} different assets and accounts")

    def _planned(self, statement: LiteralString, fields: Mapping[str, Any], rows: int) -> psycopg.Cursor[Any]:
        """Run a statement that looks for many rows at once, planned for as many as there are."""
        if rows <= _FEW:
            return self.session.execute(statement, fields)
        # thousands of rows to compare with what is there: estimates of what is there are too low for nested loops
        self.session.execute("SET LOCAL enable_nestloop = off")
        answer = self.session.execute(statement, fields, prepare=False)
        self.session.execute("SET LOCAL enable_nestloop = on")
        return answer

    def _write_events(self, frame: Frame) -> None:
        type_, subject, key, numbered, at, data = frame.columns(6)
        types = frame.head.get("types")
        if not isinstance(types, list) or not all(isinstance(name, str) for name in types):
            raise BatchRefused("a frame of events that does not name their types")
        columns = {
            "type": column(INT4, type_),
            "subject": column(UUID, subject),
            "key": column(UUID, key),
            "numbered": column(BOOL, numbered),
            "at": column(TIMESTAMPTZ, at),
            "data": column(JSONB, data),
        }
        fields = {**self.same, **columns, "types": types}
        repeats, numbered_too = frame.head.get("repeats") is True, frame.head.get("numbered") is True
        distinct = frame.head.get("distinct") is True
        rows = length(INT4, type_)
        with self.session.pipeline():
            self._lock()
            if repeats or (numbered_too and self.counts_rows):
                self._remember(repeats=repeats)
            statement = self._events_statement(types, distinct=distinct, repeats=repeats)
            answer = self.session.execute(statement, fields, prepare=_prepared(rows))
            if repeats:
                self.session.execute(self.sql["remember_repeats"], fields)
        self.received += rows
        for name, new, revised, since, until, foreign in answer.fetchall():
            if foreign:
                raise BatchRefused(f"an event of the type {name} that belongs to another connection")
            self._count("events", new, 0)
            self._count("revised", revised, 0)
            self._touch(name, since, until)
            rows -= new + revised
        self._count("unchanged", rows, 0)

    def _remember(self, *, repeats: bool) -> None:
        if not self.remembers:
            self.session.execute(self.sql["make_repeated"])
            self.session.execute(self.sql["make_matched"])
            self.remembers = True
        if repeats:
            self.session.execute(self.sql["index_matched"])

    def _events_statement(self, types: list[str], *, distinct: bool, repeats: bool) -> LiteralString:
        sql = self.sql
        given = sql["events_mixed"] if repeats or not distinct else sql["events_distinct"]
        if repeats:
            given = given.replace("/*before*/0", sql["events_before"])
        parts = [given, sql["events_added"], *projecting(types, distinct=distinct and not repeats)]
        if self.remembers:
            parts.insert(1, sql["events_matched"])
        together: LiteralString = ",\n".join(parts)
        return f"WITH {together}\n{sql['events_counted']}"

    def finish(self, run: Run | None) -> Written:
        """Write what follows from the batch as a whole."""
        close = self.close
        if close is None:
            raise BatchRefused("a batch that broke off before its closing frame: nothing of it is kept")
        if close.get("records") != self.received:
            raise BatchRefused(
                f"a batch of {close.get('records')} records of which {self.received} came: nothing of it is kept"
            )
        self._write_zeros(close)
        counts = self.counts
        bounds = _Touched()
        for touched in self.touched.values():
            bounds.add(touched.since, touched.until)
        told = None
        with self.session.pipeline():
            cursor = close.get("cursor")
            if run is not None:
                if cursor is not None:
                    self._save_cursor(run, cursor)
                self.session.execute(self.sql["count_run"], {**self.same, **counts, "run": run.id})
            if self.touched:
                pending = {
                    "what": list(self.touched),
                    "since": [touched.since for touched in self.touched.values()],
                    "until": [touched.until for touched in self.touched.values()],
                }
                self.session.execute(self.sql["leave_pending"], {**self.same, **pending})
                days = {"first": bounds.since, "last": bounds.until}
                told = self.session.execute(self.sql["notify"], {**self.same, **days})
        _, first_day, last_day = (told.fetchone() if told is not None else None) or (None, None, None)
        return Written(
            snapshots_new=counts["snapshots"],
            rates_new=counts["rates"],
            events_new=counts["events"],
            events_revised=counts["revised"],
            unchanged=counts["unchanged"],
            zeros=self.zeros,
            first_day=first_day,
            last_day=last_day,
        )

    def _write_zeros(self, close: Mapping[str, Any]) -> None:
        try:
            covers = Covers(str(close.get("covers")))
        except ValueError:
            raise BatchRefused(f"a batch that covers {close.get('covers')!r}") from None
        if covers is Covers.NOTHING:
            return
        accounts = None if covers is Covers.CONNECTION else close.get("accounts")
        with _refusing(Kind.CLOSE), self.session.pipeline():
            self._lock()
            fields = {**self.same, "accounts": accounts, "stated": list(self.stated)}
            answer = self.session.execute(self.sql["zeros"], fields)
        self.zeros = answer.rowcount
        if self.zeros:
            self._count("snapshots", self.zeros, 0)
            self._touch("snapshot", self.tick, self.tick)

    def _save_cursor(self, run: Run, cursor: Any) -> None:
        try:
            kept = Cursor(data=cursor["data"], version=cursor["version"])
        except (TypeError, KeyError, ValueError) as error:
            raise BatchRefused(f"a cursor that cannot be kept: {error}") from None
        fields = {**self.same, "feed": run.feed, "data": Jsonb(kept.data), "version": kept.version}
        self.session.execute(self.sql["save_cursor"], fields)

    def _count(self, name: str, changed: int, unchanged: int) -> None:
        self.counts[name] += changed
        self.counts["unchanged"] += unchanged

    def _touch(self, what: str, since: datetime | None, until: datetime | None) -> None:
        if (touched := self.touched.get(what)) is None:
            touched = self.touched[what] = _Touched()
        touched.add(since, until)


def _prepared(rows: int) -> bool | None:
    """Whether a statement over `rows` rows may run by a plan made for few rows (None: psycopg decides)."""
    return None if rows <= _FEW else False


@contextmanager
def _refusing(kind: Kind) -> Iterator[None]:
    try:
        yield
    except _REFUSED as error:
        said = error.diag.message_primary or str(error).strip().splitlines()[0]
        constraint = error.diag.constraint_name
        where = f" [{constraint}]" if constraint and constraint not in said else ""
        raise BatchRefused(f"the database refused {kind.value} of the batch: {said}{where}") from error
