"""Decisions as events: what is decided is read back, deciding again is a revision, and what is no decision says why."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from flowd.domain.decisions import (
    AccountDecision,
    BalanceDecision,
    ClassDecision,
    Decision,
    DistinctDecision,
    DuplicateDecision,
    LeftOutDecision,
    Part,
    Said,
    SplitDecision,
    TransactionDecision,
    TransferDecision,
    TransferVerdict,
    data_of,
    decision_event,
    key_of,
    undo_event,
)
from flowd.domain.decisions_read import read_decision
from flowd.domain.flows import AccountKind, FlowClass

ONE, TWO = UUID(int=1), UUID(int=2)
DAY = date(2026, 3, 10)
SAID = Said(flow_class=FlowClass.RENT, stream="flat", category="home", note="März")
DECISIONS: list[Decision] = [
    ClassDecision(of=ONE, said=SAID),
    SplitDecision(of=ONE, parts=[Part(amount=Decimal("1.5"), said=SAID), Part(amount=Decimal(-3))]),
    DuplicateDecision(of=ONE, other=TWO),
    DistinctDecision(of=ONE, other=TWO),
    TransferDecision(of=ONE, other=TWO, verdict=TransferVerdict.REFUSED),
    AccountDecision(connection="bank", account="main", name="Giro", kind=AccountKind.CASH),
    BalanceDecision(connection="bank", account="main", asset="EUR", day=DAY, amount=Decimal("-0.01")),
    TransactionDecision(
        key="k", connection="bank", account="main", day=DAY, amount=Decimal("1e20"), asset="BTC",
        flow_class=FlowClass.DEPOSIT, counterparty="Anna", description="zurück",
    ),
    LeftOutDecision(connection="file", account="4711"),
    LeftOutDecision(connection="file", account="202051", same_as=("bank", "main")),
]  # fmt: skip


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda one: type(one).__name__)
def test_a_decision_is_read_back(decision: Decision) -> None:
    event = decision_event(decision, DAY)
    assert (event.type, event.at) == ("decision", datetime(2026, 3, 10, 12, tzinfo=UTC))
    assert len(event.key) < 200
    assert read_decision(event.data) == (decision, "")
    undone = undo_event(decision, DAY)
    assert (undone.key, undone.data) == (event.key, {"removed": True})


def test_one_matter_has_one_key() -> None:
    again = ClassDecision(of=ONE, said=Said(note="x"))
    assert key_of(again) == key_of(DECISIONS[0])
    assert key_of(DistinctDecision(of=TWO, other=ONE)) == key_of(DECISIONS[3])
    assert len({key_of(one) for one in DECISIONS}) == len(DECISIONS)


def test_what_is_not_said_is_left_out() -> None:
    assert data_of(ClassDecision(of=ONE, said=Said(category="x"))) == {
        "kind": "class",
        "of": str(ONE),
        "category": "x",
    }


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"kind": "wish"}, "'wish' is no kind; there are class, split"),
        ({"kind": None}, "it does not say its kind"),
        ({"of": "me"}, "of is no transaction's key: 'me'"),
        ({"parts": []}, "a split has 2 to 100 parts"),
        ({"parts": [{"amount": "1"}] * 101}, "a split has 2 to 100 parts"),
        ({"parts": [{"amount": "1"}, None]}, "part 2: it does not say its amount"),
        ({"parts": [{"amount": "0"}, {"amount": "1"}]}, "part 1: its amount is zero"),
        ({"parts": [{"amount": "1"}, {"amount": "NaN"}]}, "part 2: amount must be finite, got NaN"),
        ({"parts": [{"amount": "1"}, {"amount": "1", "class": "x"}]}, "part 2: 'x' is no class; there are salary"),
        ({"parts": [{"amount": "1"}, {"amount": "1e40"}]}, "part 2: amount is absurdly large"),
    ],
)
def test_what_is_no_decision_says_why(change: dict[str, Any], problem: str) -> None:
    decision, said = read_decision({**data_of(DECISIONS[1]), **change})
    assert decision is None
    assert said.startswith(problem)


def test_an_account_is_the_same_as_another_one() -> None:
    data = data_of(LeftOutDecision(connection="file", account="4711", same_as=("bank", "main")))
    assert read_decision({**data, "same_connection": None})[1].startswith("it says half of the account")
    assert read_decision({**data, "same_connection": "file", "same_account": "4711"}) == (
        None,
        "it says that an account is the same as itself",
    )


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda one: type(one).__name__)
def test_whatever_lacks_or_is_odd_is_a_value_and_no_error(decision: Decision) -> None:
    data = data_of(decision)
    odds: list[Any] = [None, 5, [], {}, "", " ", "x" * 501, True]
    for name in data:
        for odd in odds:
            found, problem = read_decision({**data, name: odd})
            assert (found is None) == bool(problem), (name, odd)


def test_parts_are_added_up_with_every_digit() -> None:
    tiny = Decimal("1e-30")
    split = SplitDecision(of=ONE, parts=[Part(amount=Decimal("1e29")), Part(amount=tiny)])
    assert split.total() != Decimal("1e29")
