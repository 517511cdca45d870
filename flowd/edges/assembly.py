"""Puts the parts of flowd together: what the daemon, `run --once`, `sync` and `check` all run on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from flowd import __version__
from flowd.api import RateProvider
from flowd.config.binding import Bound
from flowd.config.models import Settings
from flowd.config.since import moved_back
from flowd.edges.tokens import keeper_of, pool_for
from flowd.engine.access import Access
from flowd.engine.backfilling import Backfills
from flowd.engine.clock import Clock
from flowd.engine.connections import Connection, connections_of
from flowd.engine.consents import Consents
from flowd.engine.keeping import Keeper
from flowd.engine.limits import RateLimits
from flowd.engine.notifying import Notifying
from flowd.engine.quoting import providers
from flowd.engine.running import Runner, RunResult
from flowd.engine.telemetry import Telemetry
from flowd.engine.tokens import TokenKeeper
from flowd.engine.workers import Workers
from flowd.errors import DatabaseAway
from flowd.plugins.registry import Registry
from flowd.storage.backfills import BackfillStore
from flowd.storage.consents import ConsentStore
from flowd.storage.database import Database
from flowd.storage.packing import Frame
from flowd.storage.rawlog import RawLog
from flowd.storage.runs import Runs
from flowd.storage.spool import Spool


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """The parts, wired; `start` before use, `stop` at the end."""

    settings: Settings
    registry: Registry
    bound: Bound
    connections: Mapping[str, Connection]
    database: Database
    telemetry: Telemetry
    runs: Runs
    spool: Spool
    keeper: Keeper
    workers: Workers
    notifying: Notifying
    runner: Runner
    tokens: TokenKeeper
    consents: Consents
    backfills: Backfills
    clock: Clock
    token_pool: Database

    @classmethod
    def of(
        cls,
        settings: Settings,
        registry: Registry,
        bound: Bound,
        database: Database,
        *,
        clock: Clock,
        telemetry: Telemetry | None = None,
        places: int = 16,
    ) -> Self:
        """Wire the parts for these settings; nothing runs yet."""
        telemetry = telemetry or Telemetry()
        telemetry.build(__version__)
        telemetry.broken(plugin.name for plugin in registry.broken)
        runs = Runs(database)
        spool = Spool(settings.state / "spool.sqlite", now=clock.now)
        keeper = Keeper(
            log=RawLog(database),
            runs=runs,
            spool=spool,
            healthy=database.healthy,
            unpack=Frame.from_bytes,
            telemetry=telemetry,
            clock=clock,
        )
        workers = Workers(clock=clock, environ=os.environ, size=places, telemetry=telemetry)
        notifying = Notifying(bound.notifiers.values(), telemetry=telemetry, clock=clock)
        token_pool = pool_for(database, places)
        tokens = keeper_of(settings, token_pool, lambda: keeper.away)
        consents = Consents(
            store=ConsentStore(database),
            telemetry=telemetry,
            clock=clock,
            notify=notifying.tell,
            away=lambda: keeper.away,
        )
        runner = Runner(
            keeper=keeper,
            states=runs,
            workers=workers,
            limits=RateLimits(clock=clock, book=runs, away=lambda: keeper.away),
            telemetry=telemetry,
            clock=clock,
            notify=notifying.tell,
            folder=settings.state,
            access=Access(tokens, consents),
        )
        backfills = Backfills(BackfillStore(database), clock)
        with suppress(DatabaseAway):
            backfills.load()
        return cls(
            settings=settings,
            registry=registry,
            bound=bound,
            connections=_connections(bound, registry, backfills),
            database=database,
            telemetry=telemetry,
            runs=runs,
            spool=spool,
            keeper=keeper,
            workers=workers,
            notifying=notifying,
            runner=runner,
            tokens=tokens,
            consents=consents,
            backfills=backfills,
            clock=clock,
            token_pool=token_pool,
        )

    def start(self, *, alone: bool = True) -> None:
        """Open the spool, start the places connectors run in, and take up where the last flowd stopped.

        With `alone` False another flowd is at work on the same tenant: its runs are left as they are.
        """
        self.spool.open()
        self.telemetry.spool_limit(self.spool.limit)
        self.workers.start()
        self.keeper.start()
        self.notifying.start()
        with suppress(DatabaseAway):
            if alone:
                self.runs.interrupt_runs(self.clock.now())
            states = self.runs.load_states()
            self.runner.remember({(state.connection, state.feed): state for state in states})
        self.tokens.take_up()
        self.consents.load()
        self.runner.configure(self.connections)
        self.runner.misconfigured(self.bound.reasons)

    def connections_for(self, bound: Bound) -> dict[str, Connection]:
        """Return what is run of the connections that settings name, each read since when somebody asked for it."""
        return _connections(bound, self.registry, self.backfills)

    def run_feed(self, connection: str, feed: str, tick: datetime) -> RunResult:
        """Run a feed once; a history that was asked for and is not read yet is taken note of, and gone on with soon."""
        before = self.backfills.unread(connection, feed)
        result = self.runner.run_once(connection, feed, tick)
        return replace(result, pause=self.backfills.after(before, result))

    def look_after(self, connections: Mapping[str, Connection]) -> None:
        """Bring in tokens that waited for the database, and tell whose access ends; call it every few seconds."""
        self.tokens.take_up()
        self.consents.look({name: one.type.links for name, one in connections.items()})

    def providers(self, connections: Mapping[str, Connection] | None = None) -> dict[str, RateProvider]:
        """Return who is asked for rates of the past, in order; of other `connections` than those it began with."""
        asked = self.connections if connections is None else connections
        return providers(self.registry.rate_providers, asked.values(), self.runner)

    def stop(self, within: float = 6.0) -> None:
        """Let runs end with their next batch, then end everything; what waits in the spool waits on."""
        self.runner.stop(within)
        self.workers.stop()
        self.tokens.take_up()
        self.notifying.stop()
        self.keeper.stop()
        self.spool.close()
        self.token_pool.close()


def _connections(bound: Bound, registry: Registry, backfills: Backfills) -> dict[str, Connection]:
    found = connections_of(moved_back(bound, backfills.days).connections, registry)
    backfills.use({name: one.feeds.keys() for name, one in found.items()})
    return found
