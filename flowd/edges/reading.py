"""Reading sources in this process, where no daemon does: what is run, what follows from it, and how runs are shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from flowd.config import Settings
from flowd.config.binding import Bound
from flowd.edges.assembly import Assembly
from flowd.edges.deriving import derive
from flowd.edges.opening import Store
from flowd.engine.clock import SystemClock
from flowd.engine.derivation import Derivation
from flowd.engine.running import RunResult
from flowd.engine.seeking import RateSeeker
from flowd.engine.studying import Studies
from flowd.plugins import Registry
from flowd.storage.rawlog import RawLog


@contextmanager
def reading_here(
    settings: Settings, registry: Registry, bound: Bound, store: Store, failed: list[str]
) -> Iterator[Assembly]:
    """Run feeds by what is yielded, then derive and study; `failed` gets the studies that could not be made."""
    clock = SystemClock()
    parts = Assembly.of(settings, registry, bound, store.database, clock=clock)
    parts.start()
    try:
        yield parts
        parts.look_after(parts.connections)
        seeker = RateSeeker(parts.providers(), RawLog(store.database), clock)
        derive(Derivation(store.database, registry, settings, clock), seeker)
    finally:
        parts.stop()
    # without a daemon nobody else does, and whoever reads once a day wants to see that day's numbers
    studied = Studies(store.database, registry, settings, clock).run()
    failed += [f"the study {one.study}: {one.reason}" for one in studied if one.reason]


def row_of(result: RunResult) -> dict[str, object]:
    """Return how a run ended, as a row of a table."""
    counts = result.counts
    return {
        "connection": result.connection,
        "feed": result.feed,
        "outcome": result.outcome.value,
        "seconds": round(result.duration / timedelta(seconds=1), 3),
        "new": sum(counts.get(name, 0) for name in ("snapshots", "rates", "events")),
        "revised": counts.get("revised", 0),
        "unchanged": counts.get("unchanged", 0),
        "error": result.message or None,
    }


def row_of_log(run: Mapping[str, object]) -> dict[str, object]:
    """Return a run of the activity log as such a row."""
    return {**run, "new": sum(int(str(run[name])) for name in ("snapshots", "rates", "events"))}
