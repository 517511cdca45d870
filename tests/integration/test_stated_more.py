"""What a source states beside the texts counts: whose account is on the other side, and where a payment was filed."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from flowd.api import AccountInfo, AccountKind, Json, Transaction
from flowd.domain.decisions import ClassDecision, Said
from flowd.storage.database import Database
from tests.deriving import reading, transaction
from tests.integration.test_decisions import Ledger

SAVINGS = AccountInfo(account="DE89370400440532013000", name="Savings", kind=AccountKind.BANK)


@pytest.fixture
def store(database: Database) -> Ledger:
    return Ledger(database)


def paid(day: str, amount: str, **raw: Json) -> Transaction:
    return replace(transaction(day, amount, counterparty="J. Doe", description="March"), raw=raw)


def test_money_from_an_account_of_ones_own_is_no_income(store: Ledger) -> None:
    own, other = "DE89 3704 0044 0532 0130 00", "GB33BUKB20201555555555"
    store.write("savings", SAVINGS)
    store.write(
        "bank",
        paid("2026-03-03", "500", counterparty_iban=own),
        paid("2026-03-04", "40", counterparty_iban=other),
        paid("2026-03-05", "30", **{"IBAN Zahlungsbeteiligter": own}),
        # the account's own number, not the other side's
        paid("2026-03-06", "20", iban=own),
        paid("2026-03-07", "10"),
    )
    store.derivation.catch_up()
    assert store.rows("SELECT amount::int, flow_class, rule FROM derived.flow ORDER BY day") == [
        (500, "transfer", "own account number"),
        (40, "other", "sign"),
        (30, "transfer", "own account number"),
        (20, "other", "sign"),
        (10, "other", "sign"),
    ]
    assert store.rows("SELECT state, in_amount::int FROM derived.transfer ORDER BY day") == [
        ("open", 500),
        ("open", 30),
    ]
    before = store.everything()
    store.derivation.rebuild()
    assert store.everything() == before


def test_an_account_that_becomes_known_makes_transfers_of_what_came_from_it(store: Ledger) -> None:
    store.write("bank", paid("2026-03-03", "500", counterparty_iban="DE89370400440532013000"))
    store.derivation.catch_up()
    assert store.rows("SELECT flow_class FROM derived.flow") == [("other",)]
    store.write("savings", SAVINGS)
    store.derivation.catch_up()
    assert store.rows("SELECT flow_class FROM derived.flow") == [("transfer",)]


def test_what_a_source_filed_stays_filed_until_somebody_files_it_elsewhere(store: Ledger) -> None:
    store.write(
        "bank", paid("2026-03-03", "-50", category="Food:Groceries"), paid("2026-03-04", "-20", Category="Fuel")
    )
    store.derivation.catch_up()
    filed = "SELECT category, note FROM report.transaction ORDER BY day"
    assert store.rows(filed) == [("Food:Groceries", None), ("Fuel", None)]
    ((first,),) = store.rows("SELECT subject FROM derived.transaction WHERE amount = -50")
    assert isinstance(first, UUID)
    store.decide(ClassDecision(of=first, said=Said(note="for the party")))
    assert store.rows(filed) == [("Food:Groceries", "for the party"), ("Fuel", None)]
    store.decide(ClassDecision(of=first, said=Said(category="party")))
    assert store.rows(filed)[0] == ("party", None)


def test_what_is_pending_where_balances_are_read_is_so_until_its_source_takes_it_back(store: Ledger) -> None:
    hold = replace(transaction("2026-03-03", "-10", description="Hotel"), pending=True)
    store.write("bank", hold, transaction("2026-03-15", "-5"))
    store.derivation.catch_up()
    pending = "SELECT amount::int FROM report.transaction WHERE pending"
    assert store.rows(pending) == []
    store.write("bank", reading("2026-03-15T10:00", "480", account="main"))
    store.derivation.catch_up()
    assert store.rows(pending) == [(-10,)]
