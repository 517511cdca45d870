"""What people decide is applied to what is derived, may be taken back, and a rebuild ends in the same rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from flowd.api import AccountInfo, AccountKind, Event, FlowClass, Removal
from flowd.domain.decisions import (
    AccountDecision,
    ClassDecision,
    Decision,
    DuplicateDecision,
    Part,
    Said,
    SplitDecision,
    TransactionDecision,
    decision_event,
    undo_event,
)
from flowd.domain.goals import OWN_WORD
from flowd.domain.keys import subject_of
from flowd.storage.database import Database
from flowd.storage.exporting import one_moment
from tests.deriving import SPOT, Store, reading, transaction

DAY = date(2026, 3, 10)
AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
MAIN = AccountInfo(account="main", name="Giro", kind=AccountKind.BANK, asset="EUR")
SAVINGS = AccountInfo(account="savings", name="Tagesgeld", kind=AccountKind.BANK, asset="EUR")


class Ledger(Store):
    """A store in which somebody decides."""

    def decide(self, decision: Decision, day: date = DAY) -> UUID:
        event = decision_event(decision, day)
        self.write(OWN_WORD, event)
        self.derivation.catch_up()
        return UUID(bytes=subject_of(OWN_WORD, event))

    def undo(self, decision: Decision) -> None:
        self.write(OWN_WORD, undo_event(decision, DAY))
        self.derivation.catch_up()

    def pay(self, amount: str, day: str = "2026-03-10", connection: str = "bank", **more: Any) -> UUID:
        record = transaction(day, amount, **more)
        self.write(connection, record)
        self.derivation.catch_up()
        return UUID(bytes=subject_of(connection, record))

    def flows(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "SELECT day::text, amount::text, flow_class, stream, rule, category FROM derived.flow"
            " ORDER BY day, abs(amount) DESC, amount"
        )

    def problems(self) -> list[str]:
        return [text for (text,) in self.rows("SELECT problem FROM report.decision WHERE problem <> '' ORDER BY 1")]

    def check(self) -> None:
        before = self.whole()
        assert self.derivation.rebuild().rebuilt
        assert self.whole() == before

    def whole(self) -> dict[str, list[tuple[Any, ...]]]:
        own = ("decision", "decided", "account_word")
        kept = {table: self.rows(f"SELECT t::text FROM derived.{table} t ORDER BY 1") for table in own}
        return {**self.everything(), **kept}


@pytest.fixture
def store(database: Database) -> Ledger:
    return Ledger(database)


def test_a_class_is_said_revised_and_taken_back(store: Ledger) -> None:
    paid = store.pay("800", description="Anna, Wohnung")
    found = [("2026-03-10", "800", "other", "bank/other", "sign", None)]
    assert store.flows() == found
    rent = ClassDecision(of=paid, said=Said(flow_class=FlowClass.RENT, category="flat"))
    store.decide(rent)
    assert store.flows() == [("2026-03-10", "800", "rent", "bank/rent", "you", "flat")]
    assert list(store.income("bank/rent")) == ["2026-03-10"]
    store.check()
    store.decide(ClassDecision(of=paid, said=Said(flow_class=FlowClass.REFUND, note="deposit back")))
    assert store.flows() == [("2026-03-10", "800", "refund", None, "you", None)]
    assert store.rows("SELECT note, rule FROM report.transaction") == [("deposit back", "you")]
    store.check()
    store.undo(rent)
    assert store.flows() == found
    store.check()
    store.decide(rent)
    assert store.flows()[0][2] == "rent"
    assert store.rows("SELECT version FROM report.decision") == [(4,)]


def test_a_stream_alone_and_a_category_alone_leave_the_class(store: Ledger) -> None:
    paid = store.pay("100", description="Honorar an wen auch immer")
    spent = store.pay("-20", description="Bäcker")
    store.decide(ClassDecision(of=paid, said=Said(stream="workshops")))
    store.decide(ClassDecision(of=spent, said=Said(category="food")))
    (first, second) = store.flows()
    assert first[3:5] == ("workshops", f"{first[4].split(',')[0]}, stream by you")
    assert second[2:] == ("expense", None, "sign", "food")
    store.check()


def test_a_persons_word_stands_above_a_rule_and_above_a_counter_entry(store: Ledger) -> None:
    store.set(rules=[{"match": {"text": "umbuchung"}, "class": "expense"}])
    store.write("bank", MAIN, SAVINGS)
    out = store.pay("-300", description="Umbuchung")
    gone = store.pay("-500", description="weg")
    came = store.pay("500", day="2026-03-11", account="savings", description="da")
    assert [row[4] for row in store.flows()] == ["both legs known", "rule 1", "both legs known"]
    store.decide(ClassDecision(of=out, said=Said(flow_class=FlowClass.LOAN)))
    lent = ClassDecision(of=came, said=Said(flow_class=FlowClass.SALARY))
    store.decide(lent)
    assert [(row[1], row[2], row[4]) for row in store.flows()] == [
        ("-500", "expense", "sign"),
        ("-300", "loan", "you"),
        ("500", "salary", "you"),
    ]
    store.check()
    # one leg that somebody calls a transfer is still the other's counter-entry
    store.undo(lent)
    store.decide(ClassDecision(of=gone, said=Said(flow_class=FlowClass.TRANSFER)))
    assert [(row[1], row[2], row[4]) for row in store.flows()] == [
        ("-500", "transfer", "you"),
        ("-300", "loan", "you"),
        ("500", "transfer", "both legs known"),
    ]
    store.check()


def test_a_split_keeps_the_sum_and_shows_in_every_part(store: Ledger) -> None:
    paid = store.pay("3000", description="Gehalt", counterparty="ACME")
    split = SplitDecision(
        of=paid,
        parts=[
            Part(amount=Decimal("4000"), said=Said(category="gross")),
            Part(amount=Decimal("-1200.50"), said=Said(flow_class=FlowClass.EXPENSE, category="tax")),
            Part(amount=Decimal("200.50"), said=Said(flow_class=FlowClass.REFUND, note="travel")),
        ],
    )
    store.decide(split)
    assert [row[1:] for row in store.flows()] == [
        ("4000", "salary", "bank/salary", "word gehalt", "gross"),
        ("-1200.5", "expense", None, "you", "tax"),
        ("200.5", "refund", None, "you", None),
    ]
    assert store.income("bank/salary") == {"2026-03-10": "4000"}
    seen = store.rows(
        "SELECT sum(amount), count(*), count(DISTINCT subject), min(part_of::text) FROM report.transaction"
    )
    assert seen == [(Decimal(3000), 3, 3, str(paid))]
    with one_moment(store.database, "Europe/Berlin") as whole:
        assert sorted(row[4] for row in whole.rows("transactions")) == [
            Decimal("-1200.5"),
            Decimal("200.5"),
            Decimal(4000),
        ]
        assert {row[7] for row in whole.rows("ledger_flows")} == {"ACME"}
    store.check()
    store.decide(SplitDecision(of=paid, parts=[Part(amount=Decimal(1000)), Part(amount=Decimal(2000))]))
    assert [row[1:3] for row in store.flows()] == [("2000", "salary"), ("1000", "salary")]
    store.check()
    store.undo(split)
    assert [row[1:] for row in store.flows()] == [("3000", "salary", "bank/salary", "word gehalt", None)]
    store.check()


def test_a_split_that_does_not_add_up_is_left_alone_and_said(store: Ledger) -> None:
    paid = store.pay("-90", external_id="1")
    before = store.flows()
    store.decide(SplitDecision(of=paid, parts=[Part(amount=Decimal(-50)), Part(amount=Decimal(-30))]))
    assert store.flows() == before
    assert store.problems() == ["its parts add up to -80, the transaction is -90"]
    ((what, fix),) = store.rows("SELECT what, fix FROM report.warning WHERE subject LIKE 'A decision%'")
    assert what == "does not apply: its parts add up to -80, the transaction is -90"
    assert fix.startswith("Decide again, or take it back: flowd undo ")
    # when its source corrects the amount, it holds
    store.pay("-80", external_id="1")
    assert [row[1] for row in store.flows()] == ["-50", "-30"]
    assert store.problems() == []
    store.check()


def test_a_part_that_is_a_transfer_has_its_own_counter_entry(store: Ledger) -> None:
    store.write("bank", MAIN, SAVINGS)
    paid = store.pay("-1000", description="Dauerauftrag")
    store.pay("300", account="savings", description="Sparen")
    store.decide(
        SplitDecision(
            of=paid,
            parts=[
                Part(amount=Decimal(-700), said=Said(flow_class=FlowClass.EXPENSE)),
                Part(amount=Decimal(-300), said=Said(flow_class=FlowClass.TRANSFER)),
            ],
        )
    )
    assert [(row[1], row[2]) for row in store.flows()] == [
        ("-700", "expense"),
        ("-300", "transfer"),
        ("300", "transfer"),
    ]
    store.check()


def test_a_duplicate_does_not_count_until_that_is_taken_back(store: Ledger) -> None:
    one = store.pay("50", description="Zinsen", external_id="a")
    two = store.pay("50", day="2026-03-11", description="ZINSEN 2026", external_id="b")
    same = DuplicateDecision(of=two, other=one)
    store.decide(same)
    assert [row[:2] for row in store.flows()] == [("2026-03-10", "50")]
    assert store.income("bank/interest") == {"2026-03-10": "50"}
    seen = store.rows("SELECT flow_class, duplicate_of FROM report.transaction ORDER BY day")
    assert seen == [("interest", None), (None, one)]
    store.check()
    # what it was the same as is taken back by its source: nothing of it counts, and that is said
    store.write("bank", Removal(account="main", external_id="a", at=AT))
    store.derivation.catch_up()
    assert store.flows() == []
    assert store.problems() == ["the other transaction it is about is not there, or not any more"]
    store.undo(same)
    assert [row[:2] for row in store.flows()] == [("2026-03-11", "50")]
    store.check()


def test_money_moved_by_hand_is_a_transaction_of_its_account(store: Ledger) -> None:
    store.pay("10", description="interest")
    by_hand = TransactionDecision(
        key="x", connection="bank", account="main", day=DAY, amount=Decimal("250.50"), asset="EUR",
        flow_class=FlowClass.RENT, counterparty="Anna", description="in cash",
    )  # fmt: skip
    store.decide(by_hand)
    assert [row[1:5] for row in store.flows()] == [
        ("250.5", "rent", "bank/rent", "source"),
        ("10", "interest", "bank/interest", "word interest"),
    ]
    store.check()
    # what was said by hand may be decided about like all else
    subject = UUID(bytes=subject_of(OWN_WORD, decision_event(by_hand, DAY)))
    store.decide(ClassDecision(of=subject, said=Said(flow_class=FlowClass.LOAN)))
    assert store.flows()[0][2:5] == ("loan", None, "you")
    store.check()
    store.undo(by_hand)
    assert [row[1] for row in store.flows()] == ["10"]
    assert store.problems() == ["the transaction it is about is not there, or not any more"]
    store.check()


def test_the_last_of_a_connection_may_be_taken_back(store: Ledger) -> None:
    spent = TransactionDecision(
        key="y", connection=OWN_WORD, account="purse", day=DAY, amount=Decimal(-5), asset="EUR", description="coffee"
    )
    store.decide(spent)
    assert store.flows() == [("2026-03-10", "-5", "expense", None, "sign", None)]
    store.undo(spent)
    assert store.flows() == []
    store.check()


def test_a_top_up_by_hand_is_neither_income_nor_return(store: Ledger) -> None:
    store.write(
        "exchange",
        SPOT,
        reading("2026-03-08T20:00:00", "1000"),
        reading("2026-03-09T20:00:00", "1010"),
        reading("2026-03-10T20:00:00", "1515"),
        reading("2026-03-11T20:00:00", "1515"),
    )
    store.derivation.catch_up()
    assert store.income("exchange")["2026-03-10"] == "505"
    top_up = TransactionDecision(
        key="z", connection="exchange", account="spot", day=DAY, amount=Decimal(500), asset="EUR",
        flow_class=FlowClass.DEPOSIT,
    )  # fmt: skip
    store.decide(top_up)
    assert store.income("exchange")["2026-03-10"] == "5"
    ((flow, pnl, day_return),) = store.rows(
        "SELECT flow::text, pnl::text, day_return::float8 FROM report.performance"
        " WHERE scope = 'total' AND day = '2026-03-10'"
    )
    assert (flow, pnl) == ("500", "5")
    # 5 on what was there, with the money of the day weighed by its part of it
    assert 0.003 < day_return < 0.005
    store.check()
    store.undo(top_up)
    assert store.income("exchange")["2026-03-10"] == "505"
    store.check()


def test_an_account_is_called_and_counted_as_people_say(store: Ledger) -> None:
    store.write("bank", MAIN, SAVINGS)
    store.pay("70", description="irgendwas")
    store.decide(AccountDecision(connection="bank", account="main", name="Household", kind=AccountKind.CARD))
    # what comes in on a card settles it
    assert store.flows()[0][2:] == ("transfer", None, "card settled or credited", None)
    shown = "SELECT name, kind FROM report.account WHERE account = 'main'"
    assert store.rows(shown) == [("Household", "card")]
    assert store.rows("SELECT name, kind FROM derived.account WHERE account = 'main'") == [("Giro", "bank")]
    store.check()
    named = AccountDecision(connection="bank", account="main", name="Joint")
    store.decide(named)
    assert store.rows(shown) == [("Joint", "bank")]
    store.write("bank", AccountInfo(account="main", name="Girokonto", kind=AccountKind.BANK, asset="EUR"))
    store.derivation.catch_up()
    assert store.rows(shown) == [("Joint", "bank")]
    store.check()
    store.undo(named)
    assert store.rows(shown) == [("Girokonto", "bank")]
    assert store.flows()[0][2] == "other"
    store.check()


ODD: list[tuple[dict[str, Any], str]] = [
    ({"kind": "wish", "of": str(uuid4())}, "'wish' is no kind; there are class, "),
    ({"kind": "class", "of": str(uuid4())}, "it says neither class nor stream, category or note"),
    ({"kind": "class", "of": str(uuid4()), "class": "rent"}, "the transaction it is about is not there, or not any"),
    ({"kind": "class", "class": "rent"}, "it does not say its of"),
    ({"kind": "split", "of": str(uuid4()), "parts": [{"amount": "1"}]}, "a split has 2 to 100 parts"),
    ({"kind": "account", "connection": 5, "account": [], "name": {}}, "name is no text of 1 to 500 characters"),
    ({"kind": "balance", "connection": "bank"}, "it does not say its account"),
]


def test_what_decides_nothing_harms_nothing(store: Ledger) -> None:
    store.pay("10", description="interest")
    before = store.flows()
    for number, (data, _) in enumerate(ODD):
        store.write(OWN_WORD, Event(type="decision", key=str(number), at=AT, data=data))
    store.derivation.catch_up()
    assert store.flows() == before
    said = store.problems()
    assert len(said) == len(ODD)
    for _, problem in ODD:
        assert [text for text in said if text.startswith(problem)], problem
    store.check()


def test_no_source_decides(store: Ledger) -> None:
    paid = store.pay("10", description="interest")
    event = decision_event(ClassDecision(of=paid, said=Said(flow_class=FlowClass.RENT)), DAY)
    store.write("bank", event, Event(type="decision", key="x", at=AT, data={"of": "what?"}))
    store.derivation.catch_up()
    assert store.flows()[0][2] == "interest"
    store.check()
