"""Five hundred connections at once: are ticks missed, how late do runs begin, what does the daemon weigh?

Each connection's fake source answers after 200 ms and fails one time in twenty; each is read every 60 seconds, for
`--minutes`. Runs go through everything a real one does: scheduler, process, pipe, batch, transaction (an embedded
PostgreSQL in a temporary folder, or, with `--no-database`, a list). With `--every` below 60 the load is compressed: the
figures are then those of a machine that much busier, and the table says so.

    python -m bench.connections --minutes 3
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.fake_source import FAKE
from flowd.api import Cursor, Feed, Isolation
from flowd.engine.clock import SystemClock
from flowd.engine.connections import Connection
from flowd.engine.keeping import Keeper
from flowd.engine.limits import RateLimits
from flowd.engine.running import Runner
from flowd.engine.scheduler import Scheduler, first_run, offset_of
from flowd.engine.target import Target
from flowd.engine.telemetry import Telemetry
from flowd.engine.workers import Workers
from flowd.storage.database import Database
from flowd.storage.embedded import Embedded
from flowd.storage.migrate import migrate
from flowd.storage.packing import Frame
from flowd.storage.rawlog import RawLog
from flowd.storage.runs import Runs
from flowd.storage.spool import Spool
from flowd.storage.tenants import ensure_tenant


class NoDatabase:
    """A store that takes everything and keeps nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: self

    snapshots_new = rates_new = events_new = events_revised = unchanged = 0
    id = 1

    def write(self, connection: str, frames: Any, **more: Any) -> Any:  # noqa: ARG002
        """Read the frames."""
        for _ in frames:
            pass
        return self

    def load_cursor(self, *_: str) -> None:
        """Know nothing."""

    def load_cursors(self) -> dict[tuple[str, str], Cursor]:
        """Know nothing."""
        return {}


@contextlib.contextmanager
def store(folder: Path, *, database: bool) -> Iterator[tuple[Any, Any, Any]]:
    """Lend (activity log, raw log, health)."""
    if not database:
        nothing = NoDatabase()
        yield nothing, nothing, lambda: True
        return
    with Embedded(folder / "db") as server:
        with Database(server.url()) as owner:
            migrate(owner)
            ensure_tenant(owner, "bench", base_currency="EUR", timezone="Europe/Berlin")
        with Database(server.url(), tenant="bench") as opened:
            yield Runs(opened), RawLog(opened), opened.healthy


def memory(pid: int | str) -> tuple[float, float]:
    """Return (resident, proportional) megabytes of a process."""
    found = {"Rss": 0.0, "Pss": 0.0}
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in found:
                found[name] = int(rest.split()[0]) / 1024
    return found["Rss"], found["Pss"]


def main() -> None:
    """Run the load and print what was seen."""
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("--connections", type=int, default=500)
    parse.add_argument("--every", type=float, default=60.0, help="interval in seconds")
    parse.add_argument("--minutes", type=float, default=2.0)
    parse.add_argument("--places", type=int, default=16)
    parse.add_argument("--no-database", action="store_true")
    parse.add_argument("--json", action="store_true")
    given = parse.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="flowd-bench-"))
    folder.chmod(0o711)
    try:
        found = measure(given, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if given.json:
        print(json.dumps(found, indent=2))
        return
    width = max(map(len, found))
    for name, value in found.items():
        print(f"{name:<{width}}  {value}")


def measure(given: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Run the load; return what was seen by name."""
    clock, telemetry = SystemClock(), Telemetry()
    every = timedelta(seconds=given.every)
    feed = Feed(name="balances", every=every, timeout=timedelta(seconds=30))
    names = [f"source-{number:03}" for number in range(given.connections)]
    target = Target("bench.fake_source", "fake")
    delays: list[tuple[float, float]] = []
    missed: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    with store(folder, database=not given.no_database) as (runs, log, healthy):
        spool = Spool(folder / "spool.sqlite", now=clock.now)
        spool.open()
        keeper = Keeper(
            log=log, runs=runs, spool=spool, healthy=healthy, unpack=Frame.from_bytes, telemetry=telemetry, clock=clock
        )
        workers = Workers(clock=clock, environ=os.environ, size=given.places)
        runner = Runner(
            keeper=keeper,
            states=runs,
            workers=workers,
            limits=RateLimits(clock=clock, book=runs, away=lambda: keeper.away),
            telemetry=telemetry,
            clock=clock,
            notify=lambda notice: None,  # noqa: ARG005
            folder=folder,
        )
        begun = time.monotonic()
        scheduler = Scheduler(
            clock,
            on_missed=lambda name: missed.update([name]),
            on_delay=lambda delay: delays.append((time.monotonic() - begun, delay)),
        )
        workers.start()
        keeper.start()
        runner.configure(
            {
                name: Connection(
                    name=name,
                    type=FAKE,
                    target=target,
                    feeds={"balances": feed},
                    isolation=Isolation.PROCESS,
                    settings=b"{}",
                    secrets=[],
                )
                for name in names
            }
        )
        places = PlaceDelays(workers, begun)
        scheduler.start()
        ticks: Counter[tuple[str, datetime]] = Counter()
        for name in names:

            def run(tick: datetime, name: str = name) -> timedelta | None:
                result = runner.run_once(name, "balances", tick)
                outcomes[result.outcome.value] += 1
                ticks[name, tick] += 1
                return result.pause

            first = first_run(name, every, now=datetime.now(UTC), last_success=None)
            scheduler.add(name, every, first, run, offset=offset_of(name, every))
        peak = 0
        idle_cpu = _cpu()
        until = begun + given.minutes * 60
        heaviest = (0.0, 0.0)
        launcher = workers.launcher_pid
        while time.monotonic() < until:
            threading.Event().wait(1)
            peak = max(peak, threading.active_count())
            heaviest = max(heaviest, memory("self"))
        spent = _cpu() - idle_cpu
        launcher_memory = memory(launcher or 0)
        scheduler.stop()
        runner.stop(10)
        workers.stop()
        keeper.stop()
        spool.close()
    # The first runs of all come within ten seconds of the start: that stampede is shown by itself.
    warm_up = min(15.0, given.minutes * 30)
    expected = sum(len({tick for each, tick in ticks if each == name}) for name in names)
    skipped = sum(_gaps(sorted(tick for each, tick in ticks if each == name), every) for name in names)
    return {
        "connections": given.connections,
        "interval": f"{given.every:g} s" + ("" if given.every == 60 else f" (compressed {60 / given.every:g} times)"),
        "store": "none" if given.no_database else "embedded PostgreSQL",
        "runs": sum(outcomes.values()),
        "outcomes": dict(outcomes),
        "ticks run": expected,
        "ticks missed": skipped + sum(missed.values()),
        "late by the scheduler p50 / p99 / max": _quantiles([delay for at, delay in delays if at > warm_up]),
        "late by waiting for a place p50 / p99 / max": _quantiles([wait for at, wait in places.waits if at > warm_up]),
        "the same in the first 15 s": _quantiles([wait for at, wait in places.waits if at <= warm_up]),
        "daemon memory (resident / proportional)": f"{heaviest[0]:.0f} / {heaviest[1]:.0f} MB",
        "launcher memory (resident / proportional)": f"{launcher_memory[0]:.0f} / {launcher_memory[1]:.0f} MB",
        "daemon processor time": f"{100 * spent / (given.minutes * 60):.0f} % of one core",
        "threads at most": peak,
        "processes started": workers.started,
    }


class PlaceDelays:
    """Measures how long runs wait for a place, on top of the scheduler's own delay."""

    def __init__(self, workers: Workers, start: float) -> None:
        self.waits: list[tuple[float, float]] = []
        lease = workers.lease

        def measured(name: str, *, suspect: bool, patience: float) -> Any:
            begun = time.monotonic()
            found = lease(name, suspect=suspect, patience=patience)
            self.waits.append((begun - start, time.monotonic() - begun))
            return found

        workers.lease = measured  # type: ignore[method-assign]


def _gaps(ticks: list[datetime], every: timedelta) -> int:
    return sum(round((later - one) / every) - 1 for one, later in zip(ticks, ticks[1:], strict=False))  # noqa: RUF007


def _quantiles(values: list[float]) -> str:
    if not values:
        return "-"
    values = sorted(values)
    return " / ".join(f"{values[min(len(values) - 1, int(share * len(values)))]:.3f} s" for share in (0.5, 0.99, 1.0))


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
