"""The daemon: starts everything in order, looks after it, reloads on SIGHUP, and stops cleanly."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Final

from flowd import __version__
from flowd.config import ConfigProblems, Settings, load_settings
from flowd.config.binding import Bound, bind_connections
from flowd.config.changes import diff
from flowd.edges.assembly import Assembly
from flowd.edges.deriving import Deriving
from flowd.edges.http_api import HttpApi, Pages, Readiness
from flowd.edges.logs import set_up_logging
from flowd.edges.opening import load_registry
from flowd.edges.service_manager import ServiceManager
from flowd.edges.studying import Studying
from flowd.edges.summary import summary
from flowd.edges.tokens import take_in
from flowd.engine.clock import Clock, SystemClock
from flowd.engine.connections import Connection
from flowd.engine.derivation import Derivation
from flowd.engine.scheduler import Scheduler, first_run, offset_of
from flowd.engine.seeking import RateSeeker
from flowd.engine.studying import Studies
from flowd.engine.telemetry import Telemetry
from flowd.errors import DatabaseAway, FlowdError
from flowd.storage.database import Database
from flowd.storage.embedded import Embedded
from flowd.storage.listening import Listener
from flowd.storage.migrate import migrate
from flowd.storage.rawlog import RawLog
from flowd.storage.reports import Reports
from flowd.storage.sealing import key_problems, key_warnings, keyring_of
from flowd.storage.tenants import Change, ensure_grafana_login, ensure_tenant
from flowd.storage.views import Views

log = logging.getLogger(__name__)
#: How often the daemon looks whether everything it needs is there.
_LOOK_EVERY: Final = 3.0
#: How long the activity log is kept; what was read is kept for ever.
_RUNS_KEPT: Final = timedelta(days=365)
#: How often old runs are dropped, in seconds.
_TIDY_EVERY: Final = 24 * 3600.0
#: How long the first round of feeds may take before the summary is said without it.
_FIRST_ROUND: Final = 25.0


class Daemon:
    """One running flowd for one flowd.yaml; `say` prints the few lines people read at the start."""

    def __init__(self, path: Path, environ: Mapping[str, str], *, say: Callable[[str], None]) -> None:
        self._path = path
        self._environ = environ
        self._say = say
        self._clock: Clock = SystemClock()
        self._service = ServiceManager(environ)
        self._telemetry = Telemetry()
        self._telemetry.started(self._clock.now())
        self._wake = threading.Event()
        self._stopping = False
        self._reload_wanted = False
        self._backfills_wanted = False
        self._first: set[str] = set()
        self._starting = "flowd is starting"
        self._database_answers = False
        self._said = False
        self._tidy_at = 0.0
        self._began = 0.0
        self._embedded: Embedded | None = None

    # --- life ---

    def run(self) -> None:
        """Run until SIGTERM or SIGINT; errors that stop the start come out as FlowdError."""
        self._settings = load_settings(self._path, self._environ)
        set_up_logging(self._settings.log.format.value, self._settings.log.level.value)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self._began = time.monotonic()
        with ExitStack() as stack:
            pages = Pages(readiness=self._readiness, metrics=self._telemetry.text, version=__version__)
            self._api = HttpApi(self._settings.http.host, self._settings.http.port, pages)
            stack.callback(self._api.stop)
            self._api.start()
            registry = load_registry(self._settings)
            self._registry = registry
            self._bound = bind_connections(self._settings, registry)
            self._complain(self._settings, self._bound)
            database = self._open_database(stack)
            if database is None:
                return
            self._start_parts(stack, database)
            self._starting = ""
            self._service.tell("READY=1", f"STATUS=serving {self._settings.tenant.name}")
            self._look_after(database)
            self._service.tell("STOPPING=1")
            self._say("flowd is stopping")
        self._say("flowd has stopped")

    def _open_database(self, stack: ExitStack) -> Database | None:
        """Start or find the server, bring the schema up to date; None when flowd was stopped while waiting for it."""
        chosen = self._settings.database
        if chosen.embedded is not None:
            self._embedded = Embedded(chosen.embedded, chosen.port)
            stack.callback(self._embedded.stop)
            dsn = self._embedded.start()
        else:
            assert chosen.url is not None
            dsn = chosen.url.get_secret_value()
        tenant = self._settings.tenant
        database = Database(dsn, tenant=tenant.name)
        stack.callback(database.close)
        while not self._stopping:
            try:
                applied = migrate(database)
                known = ensure_tenant(
                    database, tenant.name, base_currency=tenant.base_currency, timezone=tenant.timezone
                )
            except DatabaseAway as problem:
                if not self._starting.startswith("waiting"):
                    log.warning("waiting for the database: %s", problem)
                self._starting = f"waiting for the database: {problem}"
                self._pause(2.0)
                continue
            if applied:
                log.info("the database is now at the schema of flowd %s (%d steps)", __version__, len(applied))
            self._rebuild_first = known.change is Change.CHANGED
            password = chosen.grafana_password.get_secret_value() if chosen.grafana_password else ""
            if self._embedded is not None:
                password = self._embedded.password("grafana")
            if password:
                ensure_grafana_login(database, tenant.name, password)
            self._database_answers = True
            return database
        return None

    def _start_parts(self, stack: ExitStack, database: Database) -> None:
        listener = Listener(database)
        listener.open()
        self._parts = Assembly.of(
            self._settings, self._registry, self._bound, database, clock=self._clock, telemetry=self._telemetry
        )
        self._reports = Reports(database)
        self._seeker = RateSeeker(self._parts.providers(), RawLog(database), self._clock)
        self._studying = Studying(
            self._studies(database), self._telemetry, self._clock, path=self._path, environ=self._environ
        )
        self._deriving = Deriving(
            self._derivation(database),
            self._seeker,
            listener,
            self._reports,
            Views(database),
            self._telemetry,
            self._clock,
            tenant_id=lambda: database.tenant_id,
            asked=self._asked,
            derived=self._derived,
        )
        self._scheduler = Scheduler(
            self._clock,
            on_delay=self._telemetry.delay,
            on_step=lambda _: self._telemetry.clock_step(),
            on_missed=lambda job: self._telemetry.missed(*job.split("/", 1)),
        )
        stack.callback(self._parts.stop)
        self._parts.start()
        stack.callback(self._studying.stop)
        self._studying.start()
        stack.callback(self._deriving.stop)
        if self._rebuild_first:
            log.info("the base currency or the time zone changed: everything derived is computed anew")
            self._deriving.use(self._derivation(database), rebuild=True)
        self._deriving.start()
        stack.callback(self._scheduler.stop)
        last = self._parts.runs.last_success()
        self._connections = self._parts.connections
        self._schedule(self._connections, last)
        self._scheduler.start()

    def _derivation(self, database: Database) -> Derivation:
        return Derivation(database, self._registry, self._settings, self._clock)

    def _studies(self, database: Database) -> Studies:
        return Studies(database, self._registry, self._settings, self._clock)

    def _derived(self) -> None:
        """Have studies made once what every feed has to say is derived."""
        if not self._first or time.monotonic() - self._began > _FIRST_ROUND:
            self._studying.changed()

    # --- feeds ---

    def _schedule(self, connections: Mapping[str, Connection], last: Mapping[tuple[str, str], datetime]) -> None:
        soon = self._clock.now() + timedelta(seconds=_FIRST_ROUND)
        for name, connection in connections.items():
            for feed in connection.feeds.values():
                job = f"{name}/{feed.name}"
                known = None if self._parts.backfills.unread(name, feed.name) else last.get((name, feed.name))
                first = first_run(job, feed.every, now=self._clock.now(), last_success=known)
                if first < soon:
                    self._first.add(job)
                run = self._runs_of(name, feed.name)
                self._scheduler.add(job, feed.every, first, run, offset=offset_of(job, feed.every))

    def _runs_of(self, connection: str, feed: str) -> Callable[[datetime], timedelta | None]:
        def run(tick: datetime) -> timedelta | None:
            try:
                return self._parts.run_feed(connection, feed, tick).pause
            finally:
                self._first.discard(f"{connection}/{feed}")
                if not self._first and not self._said:
                    self._wake.set()
                    self._studying.changed()

        return run

    def _asked(self, wish: Mapping[str, object]) -> None:
        """Do what a command asks: take note of a connection's new access, of other keys, run connections now."""
        take_in(self._parts, wish, lambda: load_settings(self._path, self._environ))
        if wish.get("backfills"):
            # In the thread that reads flowd.yaml again: only one of both may say what is run.
            self._backfills_wanted = True
            self._wake.set()
        names = wish.get("sync")
        if not isinstance(names, list):
            return
        for job in self._scheduler.next_runs():
            if job.split("/", 1)[0] in names:
                self._scheduler.trigger_now(job)

    def _take_up_backfills(self) -> None:
        """Read connections since when somebody asked for now, and begin with it at once."""
        with suppress(DatabaseAway):
            self._parts.backfills.load()
            self._backfills_wanted = False
            self._connections = self._parts.connections_for(self._bound)
            self._parts.runner.configure(self._connections)
            self._seeker.use(self._parts.providers(self._connections))
            for job in self._scheduler.next_runs():
                if self._parts.backfills.unread(*job.split("/", 1)):
                    self._scheduler.trigger_now(job)

    # --- looking after ---

    def _look_after(self, database: Database) -> None:
        while not self._stopping:
            self._wake.clear()
            if self._reload_wanted:
                self._reload_wanted = False
                self._reload(database)
            if self._backfills_wanted:
                self._take_up_backfills()
            if self._embedded is not None and self._embedded.pid is None:
                with suppress(FlowdError):
                    self._embedded.ensure_running()
            self._database_answers = database.healthy(2.0)
            if self._deriving.alive:
                self._service.tell("WATCHDOG=1")
            self._tidy()
            if self._database_answers:
                self._parts.look_after(self._connections)
            if not self._said and (not self._first or time.monotonic() - self._began > _FIRST_ROUND):
                self._say_summary()
            self._pause(_LOOK_EVERY)

    def _tidy(self) -> None:
        """Drop runs that nobody looks at any more, once a day."""
        now = self._clock.monotonic()
        if now >= self._tidy_at and self._database_answers:
            self._tidy_at = now + _TIDY_EVERY
            with suppress(FlowdError):
                self._parts.runs.drop_runs(self._clock.now() - _RUNS_KEPT)

    def _say_summary(self) -> None:
        with suppress(FlowdError):
            if self._reports.waiting() and not self._deriving.trouble:
                self._wake.wait(0.3)
                if self._reports.waiting():
                    return
            for line in summary(self._reports, self._api.address, self._embedded):
                self._say(line)
            self._said = True

    def _readiness(self) -> Readiness:
        parts: dict[str, str] = {}
        if self._starting:
            parts["start"] = self._starting
        else:
            away = not self._database_answers or self._parts.keeper.away
            parts["database"] = "does not answer" if away else "ok"
            parts["derivation"] = self._deriving.trouble or ("ok" if self._deriving.alive else "has stopped")
        return Readiness(ready=all(state == "ok" for state in parts.values()), parts=parts)

    def _pause(self, seconds: float) -> None:
        if not self._stopping:
            self._wake.wait(seconds)

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        if number == signal.SIGHUP:
            self._reload_wanted = True
        elif self._stopping:
            # Asked twice: somebody is in a hurry.
            os._exit(1)
        else:
            self._stopping = True
        self._wake.set()

    # --- reloading ---

    def _reload(self, database: Database) -> None:
        """Read flowd.yaml again; what is wrong leaves everything as it was, what changed is taken up, runs go on."""
        self._service.tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            settings = load_settings(self._path, self._environ)
        except ConfigProblems as problem:
            log.error("flowd.yaml was not taken up, everything goes on as it was: %s", problem)
            self._service.tell("READY=1")
            return
        bound = bind_connections(settings, self._registry)
        self._complain(settings, bound)
        changes = diff(self._settings, settings, before=self._bound, after=bound)
        for section in changes.needs_restart:
            log.warning("flowd.yaml: %s changed, which needs a restart of flowd", section)
        for name in (*changes.removed, *changes.changed):
            for job in [job for job in self._scheduler.next_runs() if job.split("/", 1)[0] == name]:
                self._scheduler.remove(job)
        connections = self._connections = self._parts.connections_for(bound)
        self._parts.runner.configure(connections)
        self._seeker.use(self._parts.providers(connections))
        self._parts.tokens.use(lambda: keyring_of(settings))
        fresh = {*changes.added, *changes.changed}
        self._schedule({name: one for name, one in connections.items() if name in fresh}, {})
        self._parts.runner.misconfigured(bound.reasons)
        before, self._settings, self._bound = self._settings, settings, bound
        set_up_logging(settings.log.format.value, settings.log.level.value)
        if changes.sections or changes.added or changes.changed:
            # studies find out themselves that their settings are others
            computed = [
                {name: one for name, one in said.analytics.items() if name not in self._registry.studies}
                for said in (before, settings)
            ]
            rebuild = bool({"rules", "streams"} & set(changes.sections)) or computed[0] != computed[1]
            self._deriving.use(self._derivation(database), rebuild=rebuild)
            self._studying.use(self._studies(database))
        log.info(
            "flowd.yaml was read again: %s",
            "nothing changed"
            if changes.is_empty
            else f"{len(changes.added)} connections added, {len(changes.removed)} removed, "
            f"{len(changes.changed)} changed",
        )
        self._service.tell("READY=1")

    def _complain(self, settings: Settings, bound: Bound) -> None:
        for warning in [*bound.warnings, *key_warnings(settings)]:
            log.warning("%s", warning)
        for problem in [*bound.all_problems, *key_problems(settings)]:
            log.error("%s", problem)
        for name in settings.analytics.keys() - self._registry.analytics.keys() - self._registry.studies.keys():
            log.warning("%s: analytics.%s: no plugin brings this computation", settings.place("analytics", name), name)
        for name in settings.alerts:
            log.warning("%s: alerts.%s: this flowd has no such alert", settings.place("alerts", name), name)
        for plugin in self._registry.broken:
            log.error("the plugin %s cannot be used: it %s", plugin.name, plugin.error)
