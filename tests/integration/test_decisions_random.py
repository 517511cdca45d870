"""Whatever people decide and undo, in whatever order with what sources say: a rebuild ends in the same rows."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowd.api import AccountInfo, AccountKind, FlowClass, Removal, Snapshot
from flowd.domain.decisions import (
    AccountDecision,
    BalanceDecision,
    ClassDecision,
    Decision,
    DuplicateDecision,
    LeftOutDecision,
    Part,
    Said,
    SplitDecision,
    TransactionDecision,
    TransferDecision,
    TransferVerdict,
    decision_event,
    undo_event,
)
from flowd.domain.goals import OWN_WORD
from flowd.domain.keys import subject_of
from flowd.storage.database import Database
from flowd.storage.tenants import ensure_tenant
from tests.deriving import NOW, Store, transaction

FIRST = date(2026, 1, 5)
PLACES = [("bank", "main"), ("bank", "savings"), ("exchange", "spot")]
AMOUNTS = [Decimal(text) for text in ("100", "-100", "250.5", "-250.5", "-99", "7")]
CLASSES = [FlowClass.SALARY, FlowClass.TRANSFER, FlowClass.EXPENSE, FlowClass.DEPOSIT, FlowClass.LOAN]

numbers = st.integers(0, 7)
days = st.integers(0, 40).map(lambda by: FIRST + timedelta(days=by))
amounts = st.sampled_from(AMOUNTS)
said = st.builds(
    Said,
    flow_class=st.sampled_from([None, *CLASSES]),
    stream=st.sampled_from([None, None, "side", "exchange"]),
    category=st.sampled_from([None, "food"]),
    note=st.just("x"),
)
steps = st.one_of(
    st.tuples(st.just("pay"), numbers, days, amounts, st.sampled_from(["", "Gehalt", "Umbuchung", "refund"])),
    st.tuples(st.just("pay"), numbers, days, amounts, st.just("")),
    st.tuples(st.just("gone"), numbers),
    st.tuples(st.just("held"), days, amounts),
    st.tuples(st.just("class"), numbers, said),
    st.tuples(st.just("split"), numbers, st.lists(st.tuples(amounts, said), min_size=1, max_size=3)),
    st.tuples(st.just("same"), numbers, numbers),
    st.tuples(st.just("transfer"), numbers, numbers, st.sampled_from(list(TransferVerdict))),
    st.tuples(st.just("kind"), st.sampled_from(PLACES), st.sampled_from([None, AccountKind.CARD, AccountKind.BROKER])),
    st.tuples(st.just("balance"), st.sampled_from(PLACES), days, amounts),
    st.tuples(st.just("hand"), numbers, st.sampled_from(PLACES), days, amounts, st.sampled_from([None, *CLASSES])),
    st.tuples(st.just("leave"), st.sampled_from(PLACES), st.sampled_from([None, *PLACES])),
    st.tuples(st.just("undo"), st.integers(0, 30)),
    st.tuples(st.just("undo"), st.integers(0, 30)),
    st.tuples(st.just("derive")),
)


class Story:
    """A household of three accounts in which things happen one after the other."""

    def __init__(self, database: Database) -> None:
        self.store = Store(database)
        self.made: list[tuple[Decision, date]] = []
        self.stated: dict[int, tuple[date, Decimal]] = {}
        kinds = [AccountKind.BANK, AccountKind.BANK, AccountKind.WALLET_SPOT]
        for (connection, account), kind in zip(PLACES, kinds, strict=True):
            self.store.write(connection, AccountInfo(account=account, name=account, kind=kind))

    def happens(self, what: str, *args: Any) -> None:
        if what == "derive":
            self.store.derivation.catch_up()
        elif what == "undo":
            if self.made:
                decision, day = self.made[args[0] % len(self.made)]
                self.store.write(OWN_WORD, undo_event(decision, day))
        else:
            does: Callable[..., None] = getattr(self, f"_{what}")
            does(*args)

    def _place(self, number: int) -> tuple[str, str]:
        return PLACES[number % len(PLACES)]

    def _subject(self, number: int) -> UUID:
        connection, account = self._place(number)
        record = Removal(account=account, external_id=str(number), at=NOW)
        return UUID(bytes=subject_of(connection, record))

    def _decide(self, decision: Decision, day: date) -> None:
        self.made.append((decision, day))
        self.store.write(OWN_WORD, decision_event(decision, day))

    def _day(self, number: int) -> date:
        return self.stated.get(number, (FIRST, Decimal(0)))[0]

    def _pay(self, number: int, day: date, amount: Decimal, text: str) -> None:
        connection, account = self._place(number)
        self.stated[number] = (day, amount)
        paid = transaction(day.isoformat(), str(amount), account=account, external_id=str(number), description=text)
        self.store.write(connection, paid)

    def _gone(self, number: int) -> None:
        connection, account = self._place(number)
        self.store.write(connection, Removal(account=account, external_id=str(number), at=NOW))

    def _held(self, day: date, amount: Decimal) -> None:
        at = NOW.replace(year=day.year, month=day.month, day=day.day)
        self.store.write("exchange", Snapshot(account="spot", asset="EUR", quantity=abs(amount) + 1000, at=at))

    def _class(self, number: int, what: Said) -> None:
        self._decide(ClassDecision(of=self._subject(number), said=what), self._day(number))

    def _split(self, number: int, listed: list[tuple[Decimal, Said]]) -> None:
        parts = [Part(amount=amount, said=what) for amount, what in listed]
        left = self.stated.get(number, (FIRST, Decimal(10)))[1] - sum(part.amount for part in parts)
        parts += [Part(amount=left, said=Said(flow_class=FlowClass.EXPENSE))] if left else []
        self._decide(SplitDecision(of=self._subject(number), parts=parts), self._day(number))

    def _same(self, one: int, other: int) -> None:
        if one != other:
            self._decide(DuplicateDecision(of=self._subject(one), other=self._subject(other)), self._day(one))

    def _transfer(self, one: int, other: int, verdict: TransferVerdict) -> None:
        if one != other:
            legs = {"of": self._subject(one), "other": self._subject(other)}
            self._decide(TransferDecision(**legs, verdict=verdict), self._day(one))

    def _kind(self, place: tuple[str, str], kind: AccountKind | None) -> None:
        connection, account = place
        self._decide(AccountDecision(connection=connection, account=account, name="Named", kind=kind), FIRST)

    def _leave(self, place: tuple[str, str], same: tuple[str, str] | None) -> None:
        connection, account = place
        other = same if same != place else None
        self._decide(LeftOutDecision(connection=connection, account=account, same_as=other), FIRST)

    def _balance(self, place: tuple[str, str], day: date, amount: Decimal) -> None:
        connection, account = place
        self._decide(BalanceDecision(connection=connection, account=account, asset="EUR", day=day, amount=amount), day)

    def _hand(
        self, number: int, place: tuple[str, str], day: date, amount: Decimal, flow_class: FlowClass | None
    ) -> None:
        connection, account = place
        decision = TransactionDecision(
            key=str(number), connection=connection, account=account, day=day, amount=amount, asset="EUR",
            flow_class=flow_class,
        )  # fmt: skip
        self._decide(decision, day)

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every derived row of this tenant, whatever tables there are."""
        named = self.store.rows(
            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'derived'::regnamespace AND c.relkind = 'r'"
        )
        tenant = self.store.database.tenant_id
        return {
            name: self.store.rows(f"SELECT t::text FROM derived.{name} t WHERE tenant_id = {tenant} ORDER BY 1")
            for (name,) in named
        }


tenants = count()


@settings(
    max_examples=int(os.environ.get("FLOWD_EXAMPLES", "4")),
    deadline=None,
    derandomize="FLOWD_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(steps, min_size=12, max_size=25))
def test_step_by_step_equals_a_rebuild(database: Database, database_url: str, listed: list[tuple[Any, ...]]) -> None:
    name = f"t{next(tenants)}"
    ensure_tenant(database, name, base_currency="EUR", timezone="Europe/Berlin")
    with Database(database_url, tenant=name) as own:
        story = Story(own)
        for step in listed:
            story.happens(*step)
        story.store.derivation.catch_up()
        before = story.rows()
        story.store.derivation.rebuild()
        again = story.rows()
        for table, rows in before.items():
            assert rows == again[table], table
        for problem in ("NaN", "Infinity"):
            assert not any(problem in str(row) for row in before["flow"])
        # nothing is lost or counted twice: what is not pending, left out or a duplicate counts once, whole or in parts
        counted = "SELECT coalesce(sum(amount), 0) FROM derived.flow WHERE tenant_id = {0}"
        booked = "SELECT coalesce(sum(amount), 0) FROM report.transaction t WHERE tenant = '{0}' AND {1}"
        counts = "NOT left_out AND duplicate_of IS NULL"
        assert story.store.rows(counted.format(own.tenant_id)) == story.store.rows(booked.format(name, counts))
        left_out = (
            "SELECT count(*) FROM derived.{0} d JOIN derived.account_left_out o USING (tenant_id, connection, account)"
        )
        for table in ("flow", "balance_day", "balance_line", "balance_gap"):
            assert story.store.rows(left_out.format(table)) == [(0,)], table
