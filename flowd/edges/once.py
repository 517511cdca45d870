"""Runs feeds once: in this process, or by the daemon that runs already, and shows what came of it."""

from __future__ import annotations

import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import click

from flowd.config import Settings
from flowd.config.binding import bind_connections
from flowd.edges.assembly import Assembly
from flowd.edges.opening import Store, load_registry, open_store
from flowd.edges.reading import reading_here, row_of, row_of_log
from flowd.edges.summary import earning
from flowd.edges.tables import print_json, show
from flowd.engine.connections import Connection
from flowd.engine.running import RunResult
from flowd.errors import AlreadyRunning, ConfigError
from flowd.storage.database import Database
from flowd.storage.listening import ask, daemon_runs
from flowd.storage.reports import Reports

_COLUMNS: Final = ("connection", "feed", "outcome", "seconds", "new", "revised", "unchanged", "error")
#: How long a running daemon is given to do what was asked.
_PATIENCE: Final = 120.0


def run_feeds(settings: Settings, names: Collection[str] | None, *, alone: bool, as_json: bool) -> int:
    """Run every feed of the connections `names` (all if None) and derive; return the exit code.

    With `alone`, a daemon that runs already is an error; without, it is asked to do the work.
    """
    unknown = set(names or ()) - {name for name, one in settings.connections.items() if one.enabled}
    if unknown:
        known = ", ".join(sorted(settings.connections)) or "none"
        raise ConfigError(f"no such connection: {', '.join(sorted(unknown))}. flowd.yaml has: {known}")
    failed: list[str] = []
    with open_store(settings, alone=alone) as store:
        if daemon_runs(store.database):
            if alone:
                raise AlreadyRunning("a daemon serves this tenant already: use `flowd sync`, or stop it first")
            rows = _by_daemon(store.database, names or [n for n, one in settings.connections.items() if one.enabled])
        else:
            rows, failed = _here(settings, store, names)
        for words in failed:
            click.echo(f"failed: {words}", err=True)
        bad = [row for row in rows if row["outcome"] != "done"]
        if as_json:
            print_json(rows)
        else:
            show(rows, _COLUMNS, as_json=False, empty="there is no connection to read: name some in flowd.yaml")
            for line in earning(Reports(store.database)):
                click.echo(line)
            for row in bad:
                how = "read in part" if row["outcome"] == "partial" else "failed"
                click.echo(f"{how}: {row['connection']}/{row['feed']}: {row['error']}", err=True)
    return 1 if bad or failed else 0


def _here(settings: Settings, store: Store, names: Collection[str] | None) -> tuple[list[dict[str, object]], list[str]]:
    """Read, derive and study here; return a row per feed, and in words the studies that could not be made."""
    registry = load_registry(settings)
    bound = bind_connections(settings, registry)
    rows: list[dict[str, object]] = [
        _row(name, "", "config", error="; ".join(str(problem) for problem in problems))
        for name, problems in bound.problems.items()
        if names is None or name in names
    ]
    failed: list[str] = []
    with reading_here(settings, registry, bound, store, failed) as parts:
        wanted = [one for name, one in parts.connections.items() if names is None or name in names]
        with ThreadPoolExecutor(8, thread_name_prefix="flowd-once") as pool:
            for results in pool.map(lambda one: _feeds_of(parts, one), wanted):
                rows += map(row_of, results)
    return rows, failed


def _feeds_of(parts: Assembly, connection: Connection) -> list[RunResult]:
    now = parts.clock.now()
    return [parts.run_feed(connection.name, feed, now) for feed in connection.feeds]


def _by_daemon(database: Database, names: Collection[str]) -> list[dict[str, object]]:
    """Ask the daemon, then wait until each feed that it began has ended and is derived."""
    reports = Reports(database)
    newest = reports.activity(limit=1)
    after = int(str(newest[0]["run"])) if newest else 0
    wanted = {(row["connection"], row["feed"]) for row in reports.connections() if row["connection"] in names}
    ask(database, sync=list(names))
    until = time.monotonic() + _PATIENCE
    while True:
        runs = [row for row in reports.activity(after=after, limit=1000) if row["connection"] in names]
        ended = {(row["connection"], row["feed"]): row for row in runs if row["outcome"] != "running"}
        if wanted <= set(ended) and not reports.waiting():
            break
        if time.monotonic() > until:
            missing = wanted - set(ended)
            return [
                *map(row_of_log, ended.values()),
                *(_row(str(c), str(f), "retry", error="the daemon has not run it yet") for c, f in missing),
            ]
        time.sleep(0.2)
    return [row_of_log(row) for row in ended.values()]


def _row(connection: str, feed: str, outcome: str, *, error: str) -> dict[str, object]:
    empty: dict[str, object] = dict.fromkeys(("seconds", "new", "revised", "unchanged"))
    return {"connection": connection, "feed": feed, "outcome": outcome, **empty, "error": error}
