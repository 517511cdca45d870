"""An engine for tests: real processes, a real spool, and a store that is a list (or a database, where one is given)."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from flowd.api import ConnectorType, Notice
from flowd.domain.records import Cursor
from flowd.engine.access import Access
from flowd.engine.clock import Clock, SystemClock
from flowd.engine.confinement import Limits
from flowd.engine.connections import Connection
from flowd.engine.keeping import Keeper
from flowd.engine.limits import RateLimits
from flowd.engine.running import Runner
from flowd.engine.target import Target
from flowd.engine.telemetry import Telemetry
from flowd.engine.workers import Workers
from flowd.errors import BatchRefused, DatabaseAway
from flowd.storage.packing import Frame, Kind
from flowd.storage.runs import FeedState, RunKey
from flowd.storage.spool import Spool
from tests.plugins import hostile

TICK = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass
class Written:
    """What the list kept of one batch."""

    connection: str
    feed: str
    tick: datetime
    frames: list[Frame]
    snapshots_new: int = 0
    rates_new: int = 0
    events_new: int = 0
    events_revised: int = 0
    unchanged: int = 0


@dataclass
class ListStore:
    """Stands in for raw log and activity log; `away` and `refuse` make it behave as a database can."""

    batches: list[Written] = field(default_factory=list)
    runs: dict[int, dict[str, Any]] = field(default_factory=dict)
    states: dict[tuple[str, str], FeedState] = field(default_factory=dict)
    budgets: dict[tuple[str, datetime], int] = field(default_factory=dict)
    cursors: dict[tuple[str, str], Cursor] = field(default_factory=dict)
    away: bool = False
    refuse: Callable[[Frame], bool] = lambda frame: False
    lock: threading.Lock = field(default_factory=threading.Lock)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def _answer(self) -> None:
        if self.away:
            raise DatabaseAway("the database is away: as the test wants it")

    def healthy(self) -> bool:
        return not self.away

    def write(
        self, connection: str, frames: Iterable[Frame], *, run: RunKey | None, tick: datetime, deadline: float | None
    ) -> Written:
        self._answer()
        kept = list(frames)
        if any(map(self.refuse, kept)):
            raise BatchRefused("the database refused a row: as the test wants it")
        if not kept or kept[-1].kind is not Kind.CLOSE:
            raise BatchRefused("a batch without its end")
        written = Written(connection, "" if run is None else run.feed, tick, kept)
        written.snapshots_new = sum(int(frame.head["rows"]) for frame in kept if frame.kind is Kind.SNAPSHOTS)
        with self.lock:
            self._answer()
            self.batches.append(written)
            cursor = kept[-1].head.get("cursor")
            if cursor is not None and run is not None:
                told = cursor if isinstance(cursor, dict) else json.loads(str(cursor))
                self.cursors[connection, run.feed] = Cursor(data=told["data"], version=told["version"])
        with self.changed:
            self.changed.notify_all()
        return written

    def open_run(self, connection: str, feed: str, tick: datetime, started_at: datetime) -> RunKey:
        self._answer()
        with self.lock:
            number = len(self.runs) + 1
            self.runs[number] = {"connection": connection, "feed": feed, "tick": tick, "outcome": "running"}
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
        self._answer()
        self.runs[key.id].update(outcome=outcome, error_class=error_class, error=error)
        with self.changed:
            self.changed.notify_all()

    def load_cursor(self, connection: str, feed: str) -> Cursor | None:
        self._answer()
        return self.cursors.get((connection, feed))

    def load_cursors(self) -> dict[tuple[str, str], Cursor]:
        self._answer()
        return dict(self.cursors)

    def save_state(self, state: FeedState, *, every: timedelta) -> None:
        self._answer()
        self.states[state.connection, state.feed] = state

    def forget_state(self, connection: str, feed: str | None = None) -> None:
        self._answer()
        for key in [key for key in self.states if key[0] == connection and feed in (None, key[1])]:
            del self.states[key]

    def take_budget(self, credential: str, period: datetime, count: int = 1) -> int:
        self._answer()
        with self.lock:
            self.budgets[credential, period] = self.budgets.get((credential, period), 0) + count
            return self.budgets[credential, period]

    def used_budget(self, credential: str, period: datetime) -> int:
        self._answer()
        return self.budgets.get((credential, period), 0)

    def wait_for(self, true: Callable[[], bool], within: float = 10.0) -> bool:
        with self.changed:
            return self.changed.wait_for(true, within)

    def outcomes(self) -> list[str]:
        return [str(run["outcome"]) for run in self.runs.values()]


@dataclass
class Rig:
    """All parts of a running engine."""

    store: Any
    spool: Spool
    telemetry: Telemetry
    keeper: Keeper
    workers: Workers
    limits: RateLimits
    runner: Runner
    notices: list[Notice]

    def add(self, *connections: Connection) -> None:
        self.runner.configure({connection.name: connection for connection in connections})

    def launcher(self) -> int:
        pid = self.workers.launcher_pid
        assert pid is not None
        return pid


def connection(
    name: str, kind: ConnectorType[Any], *, timeout: float = 10.0, secret: str | None = None, **config: object
) -> Connection:
    """Return a connection of one of the test plugin's connectors."""
    if secret is not None:
        config["key"] = secret
    (feed,) = kind.feeds
    return Connection(
        name=name,
        type=kind,
        target=Target("tests.plugins.hostile", kind.name),
        feeds={feed.name: replace(feed, timeout=timedelta(seconds=timeout))},
        isolation=kind.isolation,
        settings=json.dumps(config, default=str).encode(),
        secrets=[] if secret is None else [SecretStr(secret)],
    )


def good(name: str = "good", **config: Any) -> Connection:
    return connection(name, hostile.GOOD, **config)


def bad(how: str, name: str = "bad", **config: Any) -> Connection:
    return connection(name, hostile.BAD, how=how, **config)


@contextmanager
def engine(
    folder: Path,
    *,
    store: Any = None,
    log: Any = None,
    healthy: Callable[[], bool] | None = None,
    clock: Clock | None = None,
    size: int = 8,
    warm: float = 15.0,
    limits: Limits | None = None,
    environ: dict[str, str] | None = None,
    spool_limit: int = 1 << 30,
    access: Access | None = None,
) -> Iterator[Rig]:
    """Start an engine over `store` (the raw log is `log` if given) and end it, checking that nothing of it is left."""
    store = ListStore() if store is None else store
    clock = clock or SystemClock()
    spool = Spool(folder / "spool.sqlite", now=clock.now, limit=spool_limit)
    spool.open()
    telemetry = Telemetry()
    keeper = Keeper(
        log=log or store,
        runs=store,
        spool=spool,
        healthy=healthy or store.healthy,
        unpack=Frame.from_bytes,
        telemetry=telemetry,
        clock=clock,
    )
    workers = Workers(clock=clock, environ=environ or dict(os.environ), size=size, warm=warm, limits=limits)
    rates = RateLimits(clock=clock, book=store, away=lambda: keeper.spooling)
    notices: list[Notice] = []
    runner = Runner(
        keeper=keeper,
        states=store,
        workers=workers,
        limits=rates,
        telemetry=telemetry,
        clock=clock,
        notify=notices.append,
        folder=folder,
        access=access,
        chance=lambda: 0.0,
    )
    workers.start()
    keeper.start()
    try:
        yield Rig(store, spool, telemetry, keeper, workers, rates, runner, notices)
    finally:
        runner.stop(within=0.2)
        workers.stop()
        keeper.stop()
        spool.close()
