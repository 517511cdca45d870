"""Running a feed once: the only place connectors are called from, and where all that follows is decided."""

from __future__ import annotations

import logging
import random
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from flowd.api import Check, Isolation, Notice, Scope
from flowd.domain.records import Cursor
from flowd.engine.access import Access
from flowd.engine.clock import Clock
from flowd.engine.connections import Connection
from flowd.engine.conversation import Conversation, CutShort, Ears, Ending
from flowd.engine.health import HealthBook, States
from flowd.engine.keeping import Keeper, Ticket
from flowd.engine.limits import BudgetLeft, RateLimits, Turn, counted
from flowd.engine.parcel import Parcel
from flowd.engine.retry import READ, Health, Outcome, pause_after, step
from flowd.engine.telemetry import Telemetry
from flowd.engine.workers import NoPlace, ProcessWorker, ThreadWorker, Workers
from flowd.errors import AuthError, ConfigError, FlowdError, PartlyRead, RetryLater
from flowd.secrets import redact
from flowd.storage.runs import FeedState

_log = logging.getLogger(__name__)
#: How long a feed waits for a place to run in before it is put off.
_PATIENCE: Final = 60.0
#: The same for a connection whose last run had to be killed: it must not hold up what is scheduled behind it.
_SUSPECT_PATIENCE: Final = 1.0
#: When a feed that found no place, or its connection at work, is tried again.
_PUT_OFF: Final = timedelta(seconds=5)
_CHECK_TIMEOUT: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """How one run ended, what it brought, and after which pause to run again (None: at the feed's next tick)."""

    connection: str
    feed: str
    tick: datetime
    outcome: Outcome
    error_class: str | None = None
    message: str = ""
    duration: timedelta = timedelta(0)
    counts: Mapping[str, int] = field(default_factory=dict)
    spooled: int = 0
    pause: timedelta | None = None
    skipped: bool = False
    cut: CutShort = CutShort.NO


class Runner:
    """Runs feeds: at most one run per connection at a time, whatever its connector does."""

    def __init__(
        self,
        *,
        keeper: Keeper,
        states: States,
        workers: Workers,
        limits: RateLimits,
        telemetry: Telemetry,
        clock: Clock,
        notify: Callable[[Notice], None],
        folder: Path | None = None,
        access: Access | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._access = access or Access()
        self._keeper = keeper
        self._workers = workers
        self._limits = limits
        self._telemetry = telemetry
        self._clock = clock
        self._folder = folder
        self._chance = chance
        self._health = HealthBook(
            states=states, telemetry=telemetry, clock=clock, notify=notify, away=lambda: keeper.spooling
        )
        self._connections: dict[str, Connection] = {}
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._suspects: set[str] = set()
        self._paused: dict[str, float] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._idle = threading.Condition()
        self._running = 0
        self._threads: set[ThreadWorker] = set()

    # --- What there is to run ----------------------------------------------------------------------------------------

    def configure(self, connections: Mapping[str, Connection]) -> None:
        """Take these connections from now on; a run under way ends with the ones it began with.

        A connection whose settings changed is tried again at once, whatever state it was in.
        """
        with self._lock:
            for name in self._connections.keys() - connections.keys():
                self._telemetry.forget(name)
            for name, connection in connections.items():
                known = self._connections.get(name)
                if known is None or known.settings != connection.settings:
                    self._paused.pop(name, None)
                    self._suspects.discard(name)
                for gone in known.feeds.keys() - connection.feeds.keys() if known is not None else ():
                    self._telemetry.forget(name, gone)
                for feed in connection.feeds.values():
                    self._telemetry.feed(name, feed.name, feed.every)
                    self._health.show(name, feed.name)
            self._connections = dict(connections)

    def remember(self, states: Mapping[tuple[str, str], FeedState]) -> None:
        """Take up how feeds were doing before flowd was restarted, so that old news is not told again."""
        self._health.remember(states)

    def health(self, connection: str, feed: str) -> Health:
        """Return how a feed is doing."""
        return self._health.of(connection, feed)

    def misconfigured(self, reasons: Mapping[str, str]) -> None:
        """Note which connections cannot run as they are configured, and why; call it after `configure`."""
        self._health.misconfigured(reasons)

    # --- Running -----------------------------------------------------------------------------------------------------

    def run_once(self, connection: str, feed: str, tick: datetime) -> RunResult:
        """Run `feed` of `connection` for `tick`; never raises for what the connector or the database does."""
        begun = self._clock.monotonic()
        nothing = RunResult(
            connection=connection, feed=feed, tick=tick, outcome=Outcome.INTERRUPTED, skipped=True, pause=_PUT_OFF
        )
        known = self._connections.get(connection)
        if known is None or feed not in known.feeds:
            return replace(nothing, message=f"{connection}/{feed} is not configured", pause=None)
        if (rest := self._paused.get(connection, 0.0) - begun) > 0:
            return replace(nothing, message="its connection is paused", pause=timedelta(seconds=rest))
        with self._counted(), self._turn(connection, known.feeds[feed].timeout) as mine:
            if self._stopping.is_set():
                return replace(nothing, message="flowd is stopping", pause=None)
            if not mine:
                return replace(nothing, message="another feed of its connection is at work")
            try:
                return self._run(known, feed, tick)
            except NoPlace as error:
                return replace(nothing, message=str(error))
            except Exception as error:
                # Flowd's own mistake: it costs this run, not the daemon.
                _log.exception("a run of %s/%s failed in flowd itself", connection, feed)
                ending = Ending(outcome=Outcome.FAILED, error_class=type(error).__name__, text=f"flowd: {error}")
                return self._conclude(known, feed, tick, ending, None, begun)

    def check(self, connection: str) -> Check:
        """Make the connector's one cheap authenticated call; raises what it raised, as one of flowd's errors."""
        told = self.ask(connection, "check", _CHECK_TIMEOUT)
        expires = None if told.get("expires_at") is None else datetime.fromisoformat(str(told["expires_at"]))
        self._access.expires(connection, expires)
        secrets = self._access.secrets(self._connections[connection])

        def lines(name: str) -> tuple[str, ...]:
            return tuple(redact(str(line), secrets) for line in told.get(name) or ())

        return Check(
            summary=redact(str(told.get("summary", "")), secrets),
            permissions=lines("permissions"),
            expires_at=expires,
            warnings=lines("warnings"),
            covers=lines("covers"),
            unread=lines("unread"),
        )

    def ask(self, connection: str, what: str, allowed: timedelta, **more: object) -> Mapping[str, Any]:
        """Give an order that is no run and return its answer, secrets and all; raises what it raised, without them."""
        known = self._connections.get(connection)
        if known is None:
            raise ConfigError(f"there is no connection {connection!r}")
        with self._counted(), self._turn(connection, allowed) as mine:
            if not mine:
                raise RetryLater(f"{connection} is at work: try again in a while")
            try:
                ending = self._hold(known, what, what, self._clock.now(), None, None, allowed, **more)
            except NoPlace as error:
                raise RetryLater(str(error)) from None
        if ending.outcome is not Outcome.DONE or ending.answer is None:
            kinds = {
                Outcome.AUTH: AuthError,
                Outcome.CONFIG: ConfigError,
                Outcome.RETRY: RetryLater,
                Outcome.PARTIAL: PartlyRead,
            }
            raise kinds.get(ending.outcome, FlowdError)(redact(ending.text, self._access.secrets(known)))
        return ending.answer

    def resume(self, connection: str) -> None:
        """Try a connection again at its feeds' next runs, though it was refused: somebody linked it anew."""
        self._paused.pop(connection, None)

    def budget_left(self, connection: str) -> BudgetLeft | None:
        """Return what is left of a connection's budget of requests, spending nothing; None where it has none.

        A budget that all who ask a host share is not looked at. Raises DatabaseAway.
        """
        known = self._connections[connection]
        limits = counted(known.type.name, known.credential, known.type.limits, "")
        return self._limits.left([(name, limit) for name, limit in limits if limit.scope is Scope.CREDENTIAL])

    def stop(self, within: float) -> bool:
        """Let no run begin; those under way end with their next batch. Say whether all ended `within` seconds."""
        self._stopping.set()
        until = self._clock.monotonic() + within
        with self._idle:
            while self._running and (left := until - self._clock.monotonic()) > 0:
                self._idle.wait(left)
            ended = not self._running
        for worker in list(self._threads):
            worker.channel.close()
        return ended

    # --- Inside ------------------------------------------------------------------------------------------------------

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._idle:
            self._running += 1
        try:
            yield
        finally:
            with self._idle:
                self._running -= 1
                self._idle.notify_all()

    @contextmanager
    def _turn(self, connection: str, longest: timedelta) -> Iterator[bool]:
        turn = self._turns[connection]
        mine = turn.acquire(timeout=longest.total_seconds() + _PATIENCE)
        try:
            yield mine
        finally:
            if mine:
                turn.release()

    def _run(self, connection: Connection, feed: str, tick: datetime) -> RunResult:
        begun = self._clock.monotonic()
        ticket: Ticket | None = None
        try:
            ticket, cursor = self._keeper.begin(connection.name, feed, tick, self._clock.now())
            ending = self._hold(connection, "sync", feed, tick, cursor, ticket, connection.feeds[feed].timeout)
        except RetryLater as error:
            ending = Ending(outcome=Outcome.RETRY, error_class=type(error).__name__, text=str(error))
        except NoPlace as error:
            if ticket is not None:
                self._keeper.finish(ticket, Outcome.INTERRUPTED, error=str(error))
            raise
        return self._conclude(connection, feed, tick, ending, ticket, begun)

    def _hold(
        self,
        connection: Connection,
        what: str,
        feed: str,
        tick: datetime,
        cursor: Cursor | None,
        ticket: Ticket | None,
        allowed: timedelta,
        **more: object,
    ) -> Ending:
        name = connection.name

        def keep(parcel: Parcel, after: Cursor | None) -> None:
            if ticket is not None:
                self._keeper.keep(ticket, parcel, after)

        def take(left: float, weight: float, host: str) -> Turn:
            limits = connection.type.limits
            if not limits:
                return Turn()
            turn = self._limits.take_all(
                counted(connection.type.name, connection.credential, limits, host), left, weight
            )
            if turn.budget_left is not None:
                self._telemetry.budget_left(name, turn.budget_left, turn.budget)
            return turn

        def write(level: int, text: str) -> None:
            clean = redact(text, self._access.secrets(connection))
            _log.log(level, "%s/%s: %s", name, feed, clean, extra={"connection": name, "feed": feed})

        def expires(at: datetime) -> None:
            self._access.expires(name, at)

        desk, stopping = self._access.desk(name), self._stopping.is_set
        ears = Ears(keep=keep, take=take, write=write, stopping=stopping, expires=expires, tokens=desk)
        order = {
            **more,
            "target": [connection.target.place, connection.target.name],
            "connection": name,
            "feed": feed,
            "tick": tick.isoformat(),
            "cursor": None if cursor is None else {"data": cursor.data, "version": cursor.version},
        }

        def converse(worker: ProcessWorker | ThreadWorker) -> Ending:
            talk = Conversation(worker.channel, allowed=allowed, clock=self._clock, ears=ears, folder=self._folder)
            return talk.hold(what, order, connection.settings)

        if connection.isolation is Isolation.THREAD:
            return self._in_thread(connection, converse)
        return self._in_process(connection, converse)

    def _in_process(self, connection: Connection, converse: Callable[[ProcessWorker], Ending]) -> Ending:
        name = connection.name
        suspect = name in self._suspects
        worker = self._workers.lease(name, suspect=suspect, patience=_SUSPECT_PATIENCE if suspect else _PATIENCE)
        printed_before = worker.printed()[0]
        ending: Ending | None = None
        try:
            ending = converse(worker)
            if ending.crashed:
                worker.settle()
        finally:
            exit_ = self._workers.release(worker, reusable=ending is not None and ending.sound)
            printed, tail = worker.printed()
            self._telemetry.printed(name, printed - printed_before)
        killed = ending.outcome is Outcome.OVER_TIME or (ending.crashed and ending.outcome is not Outcome.INTERRUPTED)
        if killed:
            self._telemetry.child_killed(name, "crashed" if ending.crashed else "over_time")
            self._suspects.add(name)
        elif ending.outcome in READ:
            self._suspects.discard(name)
        if ending.crashed:
            said = f"; the last it printed: {tail[-500:]}" if tail else ""
            return replace(ending, text=f"its process {exit_ or 'was lost'}{said}")
        return ending

    def _in_thread(self, connection: Connection, converse: Callable[[ThreadWorker], Ending]) -> Ending:
        worker = self._workers.thread(connection.name, connection.type)
        self._threads.add(worker)
        try:
            ending = converse(worker)
        finally:
            self._threads.discard(worker)
            self._workers.release_thread(worker)
        return replace(ending, text="its thread ended") if ending.crashed else ending

    # --- What follows ------------------------------------------------------------------------------------------------

    def _conclude(
        self, connection: Connection, feed: str, tick: datetime, ending: Ending, ticket: Ticket | None, begun: float
    ) -> RunResult:
        name, secrets = connection.name, self._access.secrets(connection)
        message = redact(ending.text, secrets)
        outcome = ending.outcome
        if ticket is not None:
            self._keeper.finish(ticket, outcome, error_class=ending.error_class, error=message or None)
        seconds = self._clock.monotonic() - begun
        self._telemetry.ended(name, feed, connection.type.name, outcome.value, seconds)
        before = self.health(name, feed)
        after = step(before, outcome, at=self._clock.now(), reason=message)
        pause = pause_after(outcome, after.health.failures, after=ending.after, chance=self._chance())
        if ending.traceback and after.health.reason != before.reason:
            # Once per kind of failure: a feed that fails every ten seconds must not fill a disk.
            _log.error(
                "%s/%s: the connector %s failed:\n%s",
                name,
                feed,
                connection.type.name,
                redact(ending.traceback, secrets),
            )
        every = connection.feeds[feed].every
        self._health.note(name, feed, after, every=every, pause=pause)
        if outcome in READ:
            self._telemetry.succeeded(name, feed, self._clock.now())
        if outcome in (Outcome.AUTH, Outcome.CONFIG) and pause is not None:
            # The other feeds use the same key and settings.
            self._paused[name] = self._clock.monotonic() + pause.total_seconds()
        else:
            self._paused.pop(name, None)
        return RunResult(
            connection=name,
            feed=feed,
            tick=tick,
            outcome=outcome,
            error_class=ending.error_class,
            message=message,
            duration=timedelta(seconds=seconds),
            counts=dict(ticket.counts) if ticket is not None else {},
            spooled=ticket.spooled if ticket is not None else 0,
            pause=pause,
            cut=ending.cut,
        )
