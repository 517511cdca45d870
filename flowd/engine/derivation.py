"""Keeps everything derived in step with the raw logs: what changed is computed anew, and no more than that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any, Final

from flowd.config import Settings
from flowd.domain.flows import AccountKind
from flowd.domain.goals import GOAL
from flowd.domain.json import canonical
from flowd.domain.results import Method, Stream
from flowd.domain.time import day_of
from flowd.engine.balances import Balances
from flowd.engine.changes import Changes, read_changes
from flowd.engine.classify import Classifier
from flowd.engine.clock import Clock
from flowd.engine.computing import STEP, Computing
from flowd.engine.counterparties import Counterparties
from flowd.engine.counting import count_anew
from flowd.engine.deciding import Deciding, Rulings
from flowd.engine.facts import read_facts
from flowd.engine.judging import Judge, too_many
from flowd.engine.lines import Lines, freshness
from flowd.engine.performing import Performing
from flowd.engine.positioning import Positioning
from flowd.engine.rates import AGE
from flowd.engine.rolling import Rollups
from flowd.engine.tally import Tally
from flowd.engine.view import StoredView, kind_of, stored_rates
from flowd.engine.windows import LATEST, Windows
from flowd.plugins import Registry
from flowd.storage.connections import Session
from flowd.storage.database import Database
from flowd.storage.projection import project_all
from flowd.storage.statements import statements

#: Raised whenever the same facts lead to other rows than before: stores made by an older number are derived anew.
EDITION: Final = 7
#: The longest rhythm is a year: a stream that was quiet for so many days waits for nothing.
_AWAITED: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What one round did: rows that changed, how long it took, and whether everything was made anew."""

    rows: int = 0
    seconds: float = 0.0
    rebuilt: bool = False


class Derivation:
    """Derives rows for the tenant of `database`; rounds exclude one another, also those of other processes."""

    def __init__(self, database: Database, registry: Registry, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._registry = registry
        self._settings = settings
        self._clock = clock

    def catch_up(self) -> Derived:
        """Derive what is pending, and what a new day makes due, in one transaction.

        Everything is made anew where the store was derived with other rules, time zone or base currency. Raises
        DatabaseAway: nothing was changed then, and what is pending stays so.
        """
        return self._run(rebuild=False)

    def rebuild(self) -> Derived:
        """Throw away everything derived and make it anew from the raw logs: the same rows, byte for byte."""
        return self._run(rebuild=True)

    def missing_rates(self) -> list[tuple[str, str, list[date]]]:
        """Return the rates that numbers lack: (base, quote, days)."""
        with self._database.transaction() as session:
            fields = {"tenant": self._database.tenant_id}
            rows = session.execute(statements("derived")["gap_days"], fields).fetchall()
        return [(base, quote, days) for base, quote, days in rows]

    def _run(self, *, rebuild: bool) -> Derived:
        begun = self._clock.monotonic()
        tenant = self._database.tenant_id
        with self._database.transaction(STEP) as session:
            derived = _Round(session, tenant, self._registry, self._settings, self._clock).run(rebuild=rebuild)
        return Derived(rows=derived.rows, rebuilt=derived.rebuilt, seconds=self._clock.monotonic() - begun)


class _Round:
    """One transaction's worth of derivation."""

    def __init__(self, session: Session, tenant: int, registry: Registry, settings: Settings, clock: Clock) -> None:
        self.session = session
        self.sql = statements("derived")
        self.tenant = {"tenant": tenant}
        self.registry = registry
        self.settings = settings
        session.execute(self.sql["lock"], self.tenant)
        # what flowd.yaml switches off is as if nobody had registered it
        switched = settings.analytics
        self.analytics = [
            analytic for name, analytic in registry.analytics.items() if name not in switched or switched[name].enabled
        ]
        self.facts = read_facts(session, tenant, settings, registry, clock)
        self.fresh = freshness(settings, registry)
        self.deciding = Deciding(session, tenant)
        self.rows = 0
        #: Changes that whole histories, and so studies of them, are made of.
        self.whole = 0

    def run(self, *, rebuild: bool) -> Derived:
        self.session.execute(self.sql["work_tables"])
        pending = self.session.execute(self.sql["pending"], self.tenant).fetchall()
        state = self.session.execute(self.sql["state"], self.tenant).fetchone()
        core, shown = self._settings_key()
        rebuild = rebuild or (state is not None and state[0].partition(".")[0] != core)
        if rebuild:
            self._start_over()
        decided = Windows()
        if rebuild or state is None or any(row[2] in ("decision", "transaction") for row in pending):
            # before accounts are read: people name them, and say of what kind they are
            decided = self.deciding.refresh()
        left_out = self.deciding.left_out()
        accounts = {key: kind for key, kind in self._accounts().items() if key not in left_out}
        accounts_key = _digest(sorted((*key, kind.value) for key, kind in accounts.items()))
        if too_many(accounts):
            accounts_key = "many"
        if left_out:
            accounts_key += f".{_digest([[key, same] for key, same in left_out.items()])}"
        today = self.facts.today
        if state is not None and not rebuild and not pending and state == (f"{core}.{shown}", accounts_key, today):
            return Derived()
        # (id, connection, what, since, until), as the statement names them
        changes = read_changes([(row[0], row[1], row[2], row[3], row[4]) for row in pending], self.facts.zone)
        for connection, first, last in decided:
            changes.transactions.add(connection, first, last)
        everything = rebuild or state is None or state[1] != accounts_key
        # streams that are shown in other groups add up to other totals
        regroup = state is not None and state[0] != f"{core}.{shown}"
        through = None if state is None else state[2]
        count_anew(self.session)
        # an account of theirs that is there a second time is theirs where a text names it
        again = {key[1] for key, same in left_out.items() if same is not None and same not in left_out}
        own = {account for _, account in accounts} | again
        if state is not None and state[1].partition(".")[2] != accounts_key.partition(".")[2]:
            self.whole += 1
        self._derive(changes, accounts, own, everything=everything, regroup=regroup, through=through)
        self._execute("save_state", settings=f"{core}.{shown}", accounts=accounts_key, through=today)
        if self.whole and not rebuild:
            # made anew, histories are the same; what was forgotten says that studies are due
            self._execute("next_revision")
        if changes.ids:
            self.session.execute(self.sql["settle"], {**self.tenant, "ids": changes.ids})
        return Derived(rows=self.rows, rebuilt=rebuild)

    def _start_over(self) -> None:
        self.session.execute(self.sql["hold_writers"])
        for statement in self.sql["forget"].split(";"):
            self.session.execute(statement, self.tenant)
        self.session.prolong(STEP)
        project_all(self.session, self.facts.tenant)
        self.session.prolong(STEP)

    def _derive(
        self,
        changes: Changes,
        accounts: dict[tuple[str, str], AccountKind],
        own: set[str],
        *,
        everything: bool,
        regroup: bool,
        through: date | None,
    ) -> None:
        rollups = Rollups(session=self.session, facts=self.facts)
        lines = Lines(session=self.session, facts=self.facts, settings=self.settings, fresh=self.fresh)
        before = lines.stored()
        if everything:
            self._widen_to_all(changes)
        for connection in changes.accounts:
            changes.transactions.add(connection)
        values = rollups.roll(changes.readings)
        self.session.prolong(STEP)
        due = Windows()
        rulings = self.deciding.rulings()
        judge = self._judge(accounts, own, rulings, [*lines.valued(), *lines.scheduled()])
        for _, first, last in changes.rates:
            # transfers of two assets are found by the rates of their days
            again = judge.transferring().due(first, _later(last, AGE))
            if again is not None:
                changes.transactions.add("", *again)
        booked: list[tuple[date, date]] = []
        if changes.transactions:
            touched = judge.judge(changes.transactions)
            self.whole += touched.whole
            booked = [(first, last) for _, first, last in touched.connections]
            self.session.prolong(STEP)
            for stream, first, last in touched.streams:
                due.add(stream, first, last)
            for connection, first, last in touched.connections:
                due.add(connection, first, last)
        balances = Balances(session=self.session, facts=self.facts, restored=rulings.restored)
        told = balances.keep(changes, everything=everything, through=through)
        self.whole += told.whole
        for connection, first, last in told.windows:
            # what was known last counts until today
            due.add(connection, first, max(last, self.facts.today))
        for connection, first, last in values:
            due.add(connection, first, last)
        streams = lines.store({name for name, _, _ in due})
        holdings = lines.holdings()
        for name in changes.schedules:
            due.add(name)
        for name, line in {**before, **streams}.items():
            if everything or line.connection in changes.accounts or before.get(name) != streams.get(name):
                due.add(name)
        for holding in holdings:
            if everything or holding.connection in changes.accounts:
                due.add(holding.connection)
        prices = Windows()
        for name, first, last in values:
            # an hour that begins on the day before has readings of the first day in some zones
            prices.add(name, _later(first, -1), last)
        for name, first, last in told.windows:
            prices.add(name, first, last)
        dated = [name for name, stream in streams.items() if stream.method is not Method.TRANSACTIONS]
        dated += [holding.connection for holding in holdings if holding.connection not in streams]
        self._add_rates(changes, dated, due, prices)
        self._add_days(through, streams, dated, due)
        rates = stored_rates(self.session, self.facts)
        counterparties = Counterparties(session=self.session, facts=self.facts, rates=rates)
        self.rows += counterparties.keep(booked, [(first, last) for _, first, last in changes.rates])
        self.session.prolong(STEP)
        rollups.price(prices, rates)
        rates.take_missing()
        self.session.prolong(STEP)
        tally = Tally()
        computing = Computing(
            session=self.session, facts=self.facts, analytics=self.analytics, rates=rates, tally=tally
        )
        spans = computing.income(due, {**before, **streams}, streams)
        worth = self._worth_due(due, changes, everything=everything)
        for _, first, last in worth:
            spans.add("", first, max(first, min(last, self.facts.today)))
        if through is not None and through > self.facts.today:
            # the clock went back: nothing is left of the days to come
            spans.add("", self.facts.today, through)
        view = StoredView(self.session, self.facts, rates, list(streams.values()), holdings)
        computing.metrics(spans, self._event_days(changes, through), view)
        computing.connections(worth, holdings)
        performing = Performing(
            session=self.session, facts=self.facts, analytics=self.analytics, rates=rates, tally=tally
        )
        self.rows += computing.rows + performing.run(worth, holdings, regroup=regroup)
        positioning = Positioning(
            session=self.session, facts=self.facts, analytics=self.analytics, rates=rates, accounts=accounts
        )
        self.rows += positioning.run(changes, everything=everything, through=through)
        self.whole += tally.whole + (any(name == GOAL for name, _, _ in changes.events))

    def _worth_due(self, due: Windows, changes: Changes, *, everything: bool) -> Windows:
        """Return the days that are due of connections with readings, also of those that are worth nothing any more."""
        found = Windows()
        connections = {name for (name,) in self._fetch("reading_connections")}
        for name, first, last in due:
            if name in connections:
                found.add(name, first, last)
        for name in connections if everything else connections & changes.accounts:
            found.add(name)
        return found

    def _widen_to_all(self, changes: Changes) -> None:
        for (connection,) in self._fetch("booked_connections"):
            changes.transactions.add(connection)
        for connection, since, until in self._fetch("snapshot_bounds"):
            changes.readings.add(connection, day_of(since, self.facts.zone), day_of(until, self.facts.zone))
        for type_, since, until in self._fetch("event_bounds"):
            changes.events.add(type_, day_of(since, self.facts.zone), day_of(until, self.facts.zone))

    def _judge(
        self, accounts: dict[tuple[str, str], AccountKind], own: set[str], rulings: Rulings, charted: list[str]
    ) -> Judge:
        facts = self.facts
        by_default = [
            name
            for name, kind in facts.kinds.items()
            if kind is AccountKind.MANUAL or facts.methods.by_value(name, None, kind)
        ]
        return Judge(
            session=self.session,
            facts=self.facts,
            classifier=Classifier(self.settings.rules, set() if too_many(accounts) else own),
            accounts=accounts,
            reserved=frozenset([*charted, *by_default]),
            rulings=rulings,
        )

    def _add_rates(self, changes: Changes, dated: Iterable[str], due: Windows, prices: Windows) -> None:
        """A rate counts for its day and the week after it, for everything that is not in base currency."""
        for _, first, last in changes.rates:
            until = min(_later(last, AGE), self.facts.today)
            for (connection,) in self._fetch("reading_connections"):
                prices.add(connection, first, until)
            for name in dated:
                due.add(name, first, until)
            for (name,) in self._fetch("foreign_streams", since=first, until=until, base=self.facts.base_currency):
                due.add(name, first, until)

    def _add_days(self, through: date | None, streams: dict[str, Stream], dated: Iterable[str], due: Windows) -> None:
        """A day that has come makes schedules, missing readings, postdated and awaited payments due."""
        today = self.facts.today
        if through is None or through == today:
            return
        first, last = min(through, today), max(through, today)
        for name, stream in streams.items():
            if stream.every is not None:
                due.add(name, first, last)
        for name in dated:
            due.add(name, first, last)
        for (name,) in self._fetch("streams_due", since=first, until=last):
            due.add(name, first, last)
        # a payment that is waited for is so a day longer, or has become overdue
        for (name,) in self._fetch("streams_alive", since=_later(last, -_AWAITED)):
            due.add(name, first, last)

    def _event_days(self, changes: Changes, through: date | None) -> Windows:
        """Return the days for which what is made of events is due: those of changed ones, and those that have come."""
        today, days = self.facts.today, Windows()
        for _, first, last in changes.events:
            # what is dated ahead counts when its day has come
            days.add("", min(first, today), min(last, today))
        if through is not None and through != today:
            days.add("", min(through, today), max(through, today))
        return days

    def _accounts(self) -> dict[tuple[str, str], AccountKind]:
        return {(connection, account): kind_of(kind) for connection, account, kind in self._fetch("accounts")}

    def _settings_key(self) -> tuple[str, str]:
        """Return two hashes: of all that decides about numbers, and of how streams are shown."""
        settings = self.settings
        streams = {name: stream.model_dump(mode="json") for name, stream in settings.streams.items()}
        core = [
            EDITION,
            self.facts.base_currency,
            str(self.facts.zone),
            [rule.model_dump(mode="json", by_alias=True) for rule in settings.rules],
            {name: stream["every"] for name, stream in streams.items() if stream.get("every")},
            {name: kind.value for name, kind in self.facts.kinds.items()},
            self.facts.methods.key(),
            list(self.facts.sources),
            {name: round(fresh.total_seconds()) for name, fresh in self.fresh.items()},
            sorted(analytic.name for analytic in self.analytics),
        ]
        return _digest(core), _digest(streams)

    def _fetch(self, name: str, **fields: object) -> list[tuple[Any, ...]]:
        return self.session.execute(self.sql[name], {**self.tenant, **fields}).fetchall()

    def _execute(self, name: str, **fields: object) -> int:
        return self.session.execute(self.sql[name], {**self.tenant, **fields}).rowcount


def _later(day: date, by: int) -> date:
    return min(day, LATEST - timedelta(days=by)) + timedelta(days=by)


def _digest(value: object) -> str:
    return blake2b(canonical(value).encode(), digest_size=12).hexdigest()
