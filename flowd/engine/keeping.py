"""Where batches go: into the database, or to the spool while it is away; in order, and durable before more is asked."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from flowd.domain.records import Cursor
from flowd.engine.clock import Clock
from flowd.engine.retry import Outcome
from flowd.engine.telemetry import Telemetry
from flowd.errors import BatchRefused, DatabaseAway, DatabaseUnusable, RetryLater, SpoolDamaged
from flowd.storage.runs import RunKey
from flowd.storage.spool import Entry, Spool

_log = logging.getLogger(__name__)
#: How often a database that is away is looked for.
_LOOK_EVERY: Final = 1.0
#: The longest pause where the database is there but what waits cannot be written.
_LONGEST_PAUSE: Final = 30.0
#: How long a batch from the spool may take; it is tried again, so a stuck one must not hold the queue for ever.
_DRAIN_DEADLINE: Final = 120.0


class Written(Protocol):
    """What a batch changed in the store."""

    @property
    def snapshots_new(self) -> int:
        """Readings of balances that are new or different."""

    @property
    def rates_new(self) -> int:
        """Readings of prices that are new or different."""

    @property
    def events_new(self) -> int:
        """Events seen for the first time."""

    @property
    def events_revised(self) -> int:
        """New versions of known events."""

    @property
    def unchanged(self) -> int:
        """Records that said nothing new."""


class Log(Protocol):
    """The raw log, as the engine writes it."""

    def write(
        self, connection: str, frames: Iterable[Any], *, run: RunKey | None, tick: datetime, deadline: float | None
    ) -> Written:
        """Write one batch in one transaction."""


class RunLog(Protocol):
    """The activity log, as the engine writes it."""

    def open_run(self, connection: str, feed: str, tick: datetime, started_at: datetime) -> RunKey:
        """Note that a run begins."""

    def close_run(
        self,
        key: RunKey,
        outcome: str,
        finished_at: datetime,
        *,
        error_class: str | None = None,
        error: str | None = None,
    ) -> None:
        """Note how a run ended."""

    def load_cursor(self, connection: str, feed: str) -> Cursor | None:
        """Return where a feed has got to."""

    def load_cursors(self) -> Mapping[tuple[str, str], Cursor]:
        """Return where every feed has got to."""


@dataclass(slots=True, kw_only=True)
class Ticket:
    """A run that is being kept: its number in the activity log, if the database was there to give one."""

    connection: str
    feed: str
    tick: datetime
    started_at: datetime
    token: str
    key: RunKey | None = None
    counts: dict[str, int] = field(default_factory=dict)
    spooled: int = 0

    def told(self, **more: Any) -> dict[str, Any]:
        """Return what the spool notes of the run with each entry."""
        number = None if self.key is None else self.key.id
        return {"token": self.token, "id": number, "started_at": self.started_at.isoformat(), **more}


class Keeper:
    """Keeps batches, in the order in which they came from each connection.

    While the database is away, or older batches still wait in the spool, batches go to the spool: so nothing overtakes.
    A thread looks for the database and then writes what waits. A commit whose answer got lost is written again from the
    spool: the keys of its rows make that change nothing.
    """

    def __init__(
        self,
        *,
        log: Log,
        runs: RunLog,
        spool: Spool,
        healthy: Callable[[], bool],
        unpack: Callable[[bytes], Any],
        telemetry: Telemetry,
        clock: Clock,
    ) -> None:
        self._log = log
        self._runs = runs
        self._spool = spool
        self._healthy = healthy
        self._unpack = unpack
        self._telemetry = telemetry
        self._clock = clock
        self._order = threading.Lock()
        self._spooling = False
        self._since: datetime | None = None
        self._cursors: dict[tuple[str, str], Cursor | None] = {}
        self._cursors_known = False
        self._keys: dict[str, RunKey] = {}
        self._token = 0
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._look_after, name="flowd-keeper", daemon=True)
        self._away = False

    def start(self) -> None:
        """Begin; what waited in the spool since the last time is written first."""
        self._load_cursors()
        if self._spool.depth():
            self._spooling = True
            self._wake.set()
        self._measure()
        self._telemetry.database_up(not self._away)
        self._thread.start()

    def stop(self) -> None:
        """Stop looking after the spool; what waits there waits for the next start."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def away(self) -> bool:
        """Whether the database did not answer when it was last asked."""
        return self._away

    @property
    def away_since(self) -> datetime | None:
        """Since when the database has been away; None while it is there."""
        return self._since

    @property
    def spooling(self) -> bool:
        """Whether batches go to the spool: the database is away, or what came before is still being written."""
        return self._spooling

    def _must_wait(self) -> bool:
        return self._spooling

    # --- A run -------------------------------------------------------------------------------------------------------

    def begin(self, connection: str, feed: str, tick: datetime, started_at: datetime) -> tuple[Ticket, Cursor | None]:
        """Note that a run begins and return where its feed has got to; RetryLater if nobody can say that now."""
        with self._order:
            self._token += 1
            token = f"{started_at.isoformat()} {self._token}"
        ticket = Ticket(connection=connection, feed=feed, tick=tick, started_at=started_at, token=token)
        if not self._spooling:
            try:
                ticket.key = self._runs.open_run(connection, feed, tick, started_at)
                # The database's word, not memory's: `flowd sync` in another process moves cursors too.
                cursor = self._runs.load_cursor(connection, feed)
                self._cursors[connection, feed] = cursor
                return ticket, cursor
            except (DatabaseAway, DatabaseUnusable) as error:
                self._go_away(error)
        if not self._cursors_known and (connection, feed) not in self._cursors:
            # Starting from nothing would read everything again.
            raise RetryLater("where this feed has got to is in the database, which is away")
        return ticket, self._cursors.get((connection, feed))

    def keep(self, ticket: Ticket, frames: Iterable[bytes], cursor: Cursor | None) -> None:
        """Make a batch durable; BatchRefused if a rule of the store forbids it, SpoolFull if there is no room."""
        while True:
            if not self._must_wait():
                if (key := self._entered(ticket)) is None:
                    continue
                try:
                    written = self._write(ticket.connection, frames, key, ticket.tick, None)
                except (DatabaseAway, DatabaseUnusable) as error:
                    self._go_away(error)
                    continue
                self._count(ticket.connection, ticket.tick, written, ticket.counts)
                break
            with self._order:
                if not self._must_wait():
                    continue
                noted = None if cursor is None else {"data": cursor.data, "version": cursor.version}
                try:
                    self._spool.put(
                        ticket.connection, ticket.feed, ticket.tick, frames, ticket.told(cursor=noted, batch=True)
                    )
                except RetryLater:
                    self._telemetry.spool_refused()
                    raise
            ticket.spooled += 1
            self._measure()
            break
        if cursor is not None:
            self._cursors[ticket.connection, ticket.feed] = cursor

    def finish(
        self, ticket: Ticket, outcome: Outcome, *, error_class: str | None = None, error: str | None = None
    ) -> None:
        """Note how a run ended, in the database or, for later, in the spool."""
        at = self._clock.now()
        while True:
            if not self._must_wait():
                if (key := self._entered(ticket)) is None:
                    continue
                try:
                    self._runs.close_run(key, outcome.value, at, error_class=error_class, error=error)
                    return
                except BatchRefused:
                    _log.exception("the end of a run of %s/%s could not be noted", ticket.connection, ticket.feed)
                    return
                except (DatabaseAway, DatabaseUnusable) as away:
                    self._go_away(away)
                    continue
            with self._order:
                if not self._must_wait():
                    continue
                ended = {"outcome": outcome.value, "at": at.isoformat(), "class": error_class, "error": error}
                try:
                    self._spool.put(ticket.connection, ticket.feed, ticket.tick, (), ticket.told(end=ended))
                except RetryLater:
                    # A line of the activity log is not worth a failure: the batches are what counts.
                    self._telemetry.spool_refused()
            self._measure()
            return

    def _entered(self, ticket: Ticket) -> RunKey | None:
        """Return the run's entry in the activity log, which counts what it brings and keeps its cursor.

        One that began while the database was away is entered now, if the spool has not; None: it is away again.
        """
        if ticket.key is None:
            ticket.key = self._keys.pop(ticket.token, None) or self._quietly_open(ticket)
        return ticket.key

    def _quietly_open(self, ticket: Ticket) -> RunKey | None:
        try:
            return self._runs.open_run(ticket.connection, ticket.feed, ticket.tick, ticket.started_at)
        except (DatabaseAway, DatabaseUnusable) as error:
            self._go_away(error)
            return None

    # --- The spool ---------------------------------------------------------------------------------------------------

    def _go_away(self, error: Exception) -> None:
        with self._order:
            news = not self._away
            self._spooling = self._away = True
            if news:
                self._since = self._clock.now()
        if news:
            self._telemetry.database_up(False)
            _log.warning("the database is away (%s): readings go to the spool", error)
        self._wake.set()

    def _load_cursors(self) -> None:
        """Learn where every feed has got to, so that runs go on from there while the database is away."""
        try:
            self._cursors = dict(self._runs.load_cursors())
            self._cursors_known = True
        except (DatabaseAway, DatabaseUnusable) as error:
            self._go_away(error)
        for (connection, feed), cursor in self._spool.last_cursors().items():
            # What waits is newer than what the database has.
            self._cursors[connection, feed] = Cursor(data=cursor["data"], version=int(cursor["version"]))

    def _look_after(self) -> None:
        pause, failures = 0.0, 0
        while not self._stop.is_set():
            if not self._spooling:
                self._clock.wait(self._wake, None)
                self._wake.clear()
                continue
            if pause and self._clock.wait(self._stop, pause):
                return
            pause = _LOOK_EVERY
            if not self._healthy():
                continue
            self._come_back()
            if not self._cursors_known:
                self._load_cursors()
            try:
                self._spool.drain(self._write_entry)
            except (DatabaseAway, DatabaseUnusable) as error:
                if not self._stop.is_set():
                    self._go_away(error)
                failures += 1
                pause = min(_LOOK_EVERY * 2**failures, _LONGEST_PAUSE)
                continue
            except SpoolDamaged:
                # Said, and set aside. What it held is read again: the database's cursors stand before it.
                self._load_cursors()
            except RetryLater as error:
                _log.error("%s", error)
            finally:
                self._measure()
            with self._order:
                if not self._spool.depth():
                    self._spooling = False
                    pause, failures = 0.0, 0

    def _come_back(self) -> None:
        with self._order:
            news, self._away, self._since = self._away, False, None
        if news:
            self._telemetry.database_up(True)
            _log.info("the database is back: %d batches wait in the spool", self._spool.depth())

    def _write_entry(self, entry: Entry, frames: Iterator[bytes]) -> None:
        if self._stop.is_set():
            raise DatabaseAway("flowd is stopping")
        run = entry.run
        key = self._key_of(entry)
        if entry.frames:
            written = self._write(entry.connection, frames, key, entry.tick, _DRAIN_DEADLINE)
            self._count(entry.connection, entry.tick, written, {})
        if (end := run.get("end")) is not None:
            at = datetime.fromisoformat(end["at"])
            self._runs.close_run(key, end["outcome"], at, error_class=end["class"], error=end["error"])
            self._keys.pop(run["token"], None)

    def _key_of(self, entry: Entry) -> RunKey:
        """Return the run an entry belongs to; one that began while the database was away is entered now."""
        run = entry.run
        if run.get("id") is not None:
            return RunKey(id=run["id"], connection=entry.connection, feed=entry.feed, tick=entry.tick)
        key = self._keys.get(run["token"])
        if key is None:
            started_at = datetime.fromisoformat(run["started_at"])
            key = self._keys[run["token"]] = self._runs.open_run(entry.connection, entry.feed, entry.tick, started_at)
        return key

    def _write(
        self, connection: str, frames: Iterable[bytes], key: RunKey | None, tick: datetime, deadline: float | None
    ) -> Written:
        return self._log.write(connection, map(self._unpack, frames), run=key, tick=tick, deadline=deadline)

    def _count(self, connection: str, tick: datetime, written: Written, counts: dict[str, int]) -> None:
        new: Mapping[str, int] = {
            "snapshots": written.snapshots_new,
            "rates": written.rates_new,
            "events": written.events_new,
            "revised": written.events_revised,
            "unchanged": written.unchanged,
        }
        for kind, count in new.items():
            counts[kind] = counts.get(kind, 0) + count
        self._telemetry.rows(connection, new)
        if new["snapshots"] or new["rates"]:
            self._telemetry.reading(connection, tick)

    def _measure(self) -> None:
        self._telemetry.spool(self._spool.depth(), self._spool.size())
