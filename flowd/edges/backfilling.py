"""Reads older history of one connection, as `flowd backfill` asks for it: by the running daemon, or here."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from pydantic import ValidationError

from flowd.api import Past
from flowd.config import Settings
from flowd.config.binding import Bound, BoundConnection, bind_connections
from flowd.config.since import read_since, reads_all, since_of, takes_since
from flowd.edges.assembly import Assembly
from flowd.edges.opening import Store
from flowd.edges.reading import reading_here, row_of, row_of_log
from flowd.edges.tables import Row, many
from flowd.engine.clock import SystemClock
from flowd.engine.conversation import CutShort
from flowd.engine.retry import READ, Outcome
from flowd.errors import ConfigError
from flowd.plugins import Registry
from flowd.storage.backfills import Backfill, BackfillStore, Known
from flowd.storage.listening import ask, daemon_runs
from flowd.storage.reports import Reports

#: How long a limit on requests is waited for.
_WAIT: Final = timedelta(minutes=2)
#: How long a running daemon is watched; it goes on after that.
_PATIENCE: Final = 120.0
#: Outcomes after which somebody has to do something.
_HELPLESS: Final = frozenset({"auth", "config"})
#: What to do instead, by the type of connection; and for all others.
_INSTEAD: Final = {
    "files": "put older files into its folder, or read them with `flowd import FILE`",
    "recurring": "write an earlier day as `start` of its config",
}
_OTHERWISE: Final = "it reads whatever its source tells; older statements may come in with `flowd import FILE`"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A connection of which older history may be asked for, and what is known of it."""

    one: BoundConnection
    asked: Backfill | None
    known: Known

    @property
    def name(self) -> str:
        """The connection's name."""
        return self.one.name

    @property
    def since(self) -> date | None:
        """Since when it is read; None where its connector decides that."""
        said = since_of(self.one)
        if self.asked is None or reads_all(self.one):
            return said
        return self.asked.since if said is None else min(said, self.asked.since)

    @property
    def is_open(self) -> bool:
        """Whether it is still to be read what was asked for before."""
        return self.asked is not None and self.asked.read_at is None and self.asked.since == self.since

    def why_not(self, day: date) -> str | None:
        """Say why nothing is to be done to read it since `day`; None where something is."""
        if reads_all(self.one):
            return f"{self.name} reads all that its source tells anyhow: nothing is to be done"
        if self.since is not None:
            done = day >= self.since and not self.is_open
            return f"{self.name} is read since {self.since} already: nothing is to be done" if done else None
        first = None if self.one.type.past is None else self.one.type.past.first
        if first is None or self.known.first_run is None:
            return None
        begun = (self.known.first_run - first).date()
        return None if day < begun else f"{self.name} is read since {begun} already: nothing is to be done"

    def notes(self, day: date, today: date) -> list[str]:
        """Say what there is to know before older history is waited for."""
        past = self.one.type.past or Past()
        oldest = None if past.most is None else today - past.most
        words = [] if oldest is None or day >= oldest else [f"its source tells of nothing before {oldest}"]
        return [*words, *([past.words] if past.words else [])]

    def row(self, **more: object) -> dict[str, object]:
        """Return how it stands, for a table or a program."""
        asked = self.asked
        unread = sorted(set(self.one.feeds) - asked.through) if asked is not None and asked.read_at is None else []
        return {
            "connection": self.name,
            "since": self.since,
            "asked_at": None if asked is None else asked.asked_at,
            "state": "not asked" if asked is None else "reading" if asked.read_at is None else "read",
            "unread": unread,
            "read_at": None if asked is None else asked.read_at,
            "oldest": self.known.oldest,
            **more,
        }


def wish(bound: Bound, store: BackfillStore, name: str) -> Wish:
    """Return what is known of the connection `name`; ConfigError where no older history of it can be asked for."""
    if name in bound.problems:
        raise ConfigError("; ".join(str(problem) for problem in bound.problems[name]))
    one = bound.connections.get(name)
    if one is None:
        known = ", ".join(found for found, one in bound.connections.items() if takes_since(one.type)) or "none"
        raise ConfigError(f"no such connection, or it is switched off: {name}. Older history can be had of: {known}")
    if not takes_since(one.type):
        kind = one.type.name
        raise ConfigError(f"{name} is of the type {kind}, which has no `since`: {_INSTEAD.get(kind, _OTHERWISE)}")
    asked = next((found for found in store.load() if found.connection == name), None)
    return Wish(one=one, asked=asked, known=store.known(name))


def look(bound: Bound, store: BackfillStore) -> list[Row]:
    """Return how everything stands that was asked for, also of connections that cannot be read now."""
    rows: list[Row] = []
    for asked in store.load():
        one, known = bound.connections.get(asked.connection), store.known(asked.connection)
        if one is not None and takes_since(one.type):
            rows.append(Wish(one=one, asked=asked, known=known).row())
            continue
        told = {"connection": asked.connection, "since": asked.since, "asked_at": asked.asked_at}
        rows.append({**told, "state": "cannot be read", "unread": [], "read_at": asked.read_at, "oldest": known.oldest})
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came of it: a row for each run, how many records were new, and what failed, in words."""

    runs: list[Row]
    failed: list[str]

    @property
    def new(self) -> int:
        """How many records are new."""
        return sum(int(str(run["new"] or 0)) for run in self.runs)


def read_older(settings: Settings, registry: Registry, opened: Store, wanted: Wish, day: date, say: Say) -> Came:
    """Ask for all since `day`, and have it read: by the daemon if one runs, else here.

    What was asked for before and is not read yet is gone on with; an earlier day is asked for anew.
    """
    store, database = BackfillStore(opened.database), opened.database
    try:
        read_since(wanted.one, day)
    except ValidationError as problem:
        told = "; ".join(str(one["msg"]) for one in problem.errors(include_input=False, include_url=False))
        raise ConfigError(f"{wanted.name} cannot be read since {day}: {told}") from None
    if not wanted.is_open or wanted.since is None or day < wanted.since:
        store.ask(wanted.name, day, SystemClock().now())
    if not daemon_runs(database):
        return _here(settings, registry, opened, wanted, say)
    return _by_daemon(opened, store, wanted, say)


def _here(settings: Settings, registry: Registry, opened: Store, wanted: Wish, say: Say) -> Came:
    came = Came(runs=[], failed=[])
    with reading_here(settings, registry, bind_connections(settings, registry), opened, came.failed) as parts:
        for feed in wanted.one.feeds:
            _feed_to_its_end(parts, wanted.name, feed, came, say)
    return came


def _feed_to_its_end(parts: Assembly, name: str, feed: str, came: Came, say: Say) -> None:
    """Run a feed again and again until it is through, or has to wait for something."""
    while True:
        result = parts.run_feed(name, feed, parts.clock.now())
        unread = parts.backfills.unread(name, feed) is not None
        came.runs.append(row_of(result))
        # A limit on requests is waited for, where that is not for long; other feeds wait for nothing here.
        wait = result.pause if result.cut is CutShort.BUDGET else timedelta(0)
        goes_on = unread and result.outcome in READ and result.pause is not None and wait is not None and wait < _WAIT
        say(_line(came.runs[-1], goes_on))
        if goes_on:
            assert wait is not None
            time.sleep(wait / timedelta(seconds=1))
            continue
        if result.outcome not in READ or result.outcome is Outcome.PARTIAL:
            came.failed.append(f"{name}/{feed}: {result.message or result.outcome.value}")
        return


def _by_daemon(opened: Store, store: BackfillStore, wanted: Wish, say: Say) -> Came:
    """Ask the daemon, then watch its runs until everything is read and derived, something fails, or it takes long."""
    reports, name = Reports(opened.database), wanted.name
    came = Came(runs=[], failed=[])
    newest = reports.activity(limit=1)
    after = int(str(newest[0]["run"])) if newest else 0
    ask(opened.database, backfills=True)
    if not any(row["connection"] == name for row in reports.connections()):
        came.failed.append(f"the running daemon does not know {name} yet: reload it (SIGHUP)")
        return came
    until, shown = time.monotonic() + _PATIENCE, set[object]()
    while time.monotonic() < until:
        runs = reports.activity(connection=name, after=after, limit=1000)
        asked = next((one for one in store.load() if one.connection == name), None)
        for run in runs:
            if run["outcome"] == "running" or run["run"] in shown:
                continue
            shown.add(run["run"])
            came.runs.append(row_of_log(run))
            unread = asked is not None and asked.read_at is None and run["feed"] not in asked.through
            say(_line(came.runs[-1], unread and run["outcome"] == "done"))
            if run["outcome"] in _HELPLESS:
                came.failed.append(f"{name}/{run['feed']}: {run['error']}")
        if came.failed or asked is None or (asked.read_at is not None and not reports.waiting()):
            return came
        if not daemon_runs(opened.database):
            came.failed.append("the daemon has ended: the next one, or `flowd sync`, goes on")
            return came
        time.sleep(0.2)
    last = {run["feed"]: run for run in came.runs}
    came.failed.extend(f"{name}/{feed}: {run['error']}" for feed, run in last.items() if run["outcome"] != "done")
    return came


def _line(run: Row, goes_on: bool) -> str:
    seconds = float(str(run["seconds"] or 0))
    how = ("" if run["outcome"] == "done" else f", {run['outcome']}") + (f": {run['error']}" if run["error"] else "")
    known = f", {run['unchanged']} known before," if run["unchanged"] else ""
    rest = "; it goes on" if goes_on else ""
    return f"  {run['feed']}: {many(run['new'], 'new record')}{known} in {seconds:.1f} s{how}{rest}"
