"""What is read from an Enable Banking on loopback that keeps its rules: balances, pages, ends of lists."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from enablebanking_server import TODAY, Bank, account, connected, keys, refs, refusal, row, serving

from flowd.api import (
    AccountInfo,
    Covers,
    Cursor,
    PartlyRead,
    Snapshot,
    Transaction,
)
from flowd.testing.harness import TICK

bank = pytest.fixture(serving)

# --- Balances ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("balances", "is_"),
    [
        ([("CLAV", "120.00"), ("CLBD", "100.25")], "100.25"),
        ([("CLBD", "100.25"), ("ITBD", "-99.10")], "-99.10"),
        ([("ITAV", "7")], "7"),
        ([("XPCD", "5.00"), ("ITAV", "7")], "5.00"),
    ],
)
def test_one_balance_of_several_is_taken(bank: Bank, balances: list[tuple[str, str]], is_: str) -> None:
    bank.balances = {"a1": balances}
    ran = connected(bank).sync("balances")
    assert ran.error is None
    assert [str(one.quantity) for one in ran.of(Snapshot)] == [is_]
    assert [batch.covers for batch in ran.batches] == [Covers.ITS_ACCOUNTS]


@pytest.mark.parametrize("balances", [[], [("FWAV", "1")]])
def test_without_a_balance_there_is_no_zero(bank: Bank, balances: list[tuple[str, str]]) -> None:
    bank.accounts.append(account("a2"))
    bank.balances = {"a2": balances}
    ran = connected(bank).sync("balances")
    assert [one.account for one in ran.of(Snapshot)] == ["hash.a1"]
    assert isinstance(ran.error, PartlyRead)
    assert str(ran.error) == "Konto a2 ••0785: the bank sent no balance"


def test_one_number_in_two_currencies_is_one_account_with_two_assets(bank: Bank) -> None:
    bank.accounts = [account("a1"), account("a1", currency="USD")]
    bank.rows = {"a1": [row(1, TODAY)], "a1:USD": [row(2, TODAY)]}
    harness = connected(bank)
    ran = harness.sync("balances")
    assert {(one.account, one.asset) for one in ran.of(Snapshot)} == {("hash.a1", "EUR"), ("hash.a1", "USD")}
    assert {one.asset for one in ran.of(AccountInfo)} == {None}
    assert keys(harness.sync("transactions")) == refs(1, 2)
    # One of them fails: the other is read, but is not the whole account.
    bank.faults = {"a1:USD/balances": refusal(400, "ASPSP_ERROR")}
    ran = harness.sync("balances")
    assert {(one.account, one.asset) for one in ran.of(Snapshot)} == {("hash.a1", "EUR")}
    assert {batch.covers for batch in ran.batches} == {Covers.NOTHING}
    assert isinstance(ran.error, PartlyRead)


# --- Transactions -----------------------------------------------------------------------------------------------------


def test_transactions_come_page_by_page_and_then_the_last_days_again(bank: Bank) -> None:
    bank.rows = {"a1": [row(number, TODAY - timedelta(days=number)) for number in range(20)]}
    harness = connected(bank)
    ran = harness.sync("transactions")
    assert ran.error is None
    assert len(ran.batches) == 7
    assert keys(ran) == refs(*range(20))
    first = next(one for one in bank.replay.asked if one.path.endswith("/transactions"))
    assert first.query == {"date_from": "2026-01-01", "strategy": "longest"}
    asked = len(bank.replay.asked)
    again = harness.sync("transactions", ran.cursor, tick=TICK + timedelta(hours=6))
    assert keys(again) == refs(*range(11))
    assert bank.replay.asked[asked].query == {"date_from": "2026-02-19"}


def test_the_indicator_says_the_direction_whatever_the_sign(bank: Bank) -> None:
    bank.rows = {
        "a1": [
            row(1, TODAY, "49.90"),
            row(2, TODAY, "-49.90"),
            row(3, TODAY, "2450.00", "CRDT", bank_transaction_code={"code": "RCDT", "sub_code": "SALA"}),
        ]
    }
    made = connected(bank).sync("transactions").of(Transaction)
    assert [str(one.amount) for one in made] == ["-49.90", "-49.90", "2450.00"]
    assert [one.counterparty for one in made] == ["Shop 1", "Shop 2", "Payer 3"]
    assert made[0].description == "Bill 1 thank you"
    assert [one.kind for one in made] == [None, None, "salary"]
    assert made[0].external_id == f"ref-1/{TODAY}/-49.9 EUR"


def test_only_what_is_booked_is_read(bank: Bank) -> None:
    statuses = ("BOOK", "PDNG", "HOLD", "SCHD", "CNCL", "RJCT", "OTHR")
    bank.rows = {"a1": [row(number, TODAY, status=status) for number, status in enumerate(statuses)]}
    assert keys(connected(bank).sync("transactions")) == refs(0, 6)


def test_one_reference_for_several_rows_loses_none(bank: Bank) -> None:
    same = {"entry_reference": "NOTPROVIDED"}
    rows = [
        row(1, TODAY, "1.00", **same),
        row(2, TODAY, "2.00", **same),
        row(3, TODAY - timedelta(days=9), "1.00", **same),
    ]
    bank.rows = {"a1": rows}
    harness = connected(bank)
    ran = harness.sync("transactions")
    assert len({one.external_id for one in ran.of(Transaction)}) == 3
    assert harness.sync("transactions", ran.cursor).of(Transaction) == ran.of(Transaction)


@pytest.mark.parametrize("named", [True, False], ids=["named", "without a name"])
def test_resuming_after_every_batch_gives_the_same(bank: Bank, named: bool) -> None:
    without: dict[str, Any] = {} if named else {"entry_reference": None}
    rows = [row(number // 2, TODAY - timedelta(days=number // 4), **without) for number in range(10)]
    bank.accounts = [account("a1"), account("a2")]
    bank.rows = {"a1": rows, "a2": rows[:2]}
    harness = connected(bank)
    whole = harness.sync("transactions")
    assert len(whole.batches) == 5
    for count in range(1, len(whole.batches)):
        begun = harness.sync("transactions", batches=count)
        rest = harness.sync("transactions", begun.cursor)
        assert rest.error is None
        assert keys(begun) | keys(rest) == keys(whole)
        if not named:
            # What has no name is told apart within one batch only: all of it in the last one of its account.
            last = [batch for batch in (*begun.batches, *rest.batches) if len(list(batch.records)) > 5]
            assert len(last) >= 1


def test_what_has_no_name_comes_in_one_batch(bank: Bank) -> None:
    rows = [row(1, TODAY, entry_reference=None, transaction_id=f"volatile-{number}") for number in range(7)]
    bank.rows = {"a1": [*rows, row(2, TODAY)]}
    ran = connected(bank).sync("transactions")
    sizes = [
        sum(isinstance(one, Transaction) and one.external_id is None for one in batch.records) for batch in ran.batches
    ]
    assert sizes == [0, 0, 7]
    # Until then the place stays where the first of them stood.
    data: list[Any] = [batch.cursor and batch.cursor.data for batch in ran.batches]
    assert ["page" in one for one in data] == [False, False, False]
    assert ["hash.a1|EUR" in one["since"] for one in data] == [False, False, True]


def test_a_list_that_was_broken_off_goes_on_in_the_same_session_only(bank: Bank) -> None:
    bank.rows = {"a1": [row(number, TODAY) for number in range(8)]}
    harness = connected(bank)
    begun = harness.sync("transactions", batches=1)
    assert keys(harness.sync("transactions", begun.cursor)) == refs(*range(3, 8))
    harness.link(bank.visit)
    assert keys(harness.sync("transactions", begun.cursor)) == refs(*range(8))


def test_a_place_the_bank_forgot_begins_anew(bank: Bank) -> None:
    bank.rows = {"a1": [row(number, TODAY) for number in range(8)]}
    harness = connected(bank)
    begun = harness.sync("transactions", batches=1)
    data: Any = begun.cursor and begun.cursor.data
    lost = Cursor(data={**data, "page": {**data["page"], "key": "another-session|3"}})
    ran = harness.sync("transactions", lost)
    assert ran.error is None
    assert keys(ran) == refs(*range(8))


def test_a_deadline_stops_at_the_next_page_and_account(bank: Bank) -> None:
    bank.accounts = [account("a1"), account("a2")]
    bank.rows = {"a1": [row(number, TODAY) for number in range(8)], "a2": [row(9, TODAY)]}
    harness = connected(bank)
    ran = harness.sync("transactions", seconds=4.9)
    assert ran.error is None
    assert keys(ran) == refs(0, 1, 2)
    rest = harness.sync("transactions", ran.cursor)
    assert keys(rest) == refs(*range(3, 8)) | refs(9, name="a2")
    late = harness.sync("balances", seconds=4.9)
    assert [one.account for one in late.of(Snapshot)] == ["hash.a1"]
    assert isinstance(late.error, PartlyRead)


def test_an_earlier_since_is_filled_in_once(bank: Bank) -> None:
    bank.rows = {"a1": [row(number, TODAY - timedelta(days=number * 30)) for number in range(5)]}
    first = connected(bank, since="2026-02-01").sync("transactions")
    assert keys(first) == refs(0)
    earlier = connected(bank, since="2025-01-01").sync("transactions", first.cursor)
    assert keys(earlier) == refs(*range(5))
    assert keys(connected(bank, since="2025-01-01").sync("transactions", earlier.cursor)) == refs(0)


def test_a_bank_that_tells_ninety_days_only_is_asked_for_those(bank: Bank) -> None:
    bank.reach = timedelta(days=90)
    bank.rows = {"a1": [row(number, TODAY - timedelta(days=number * 30)) for number in range(3)]}
    ran = connected(bank, since="2025-01-01").sync("transactions")
    assert ran.error is None
    assert keys(ran) == refs(0, 1, 2)
    assert any("instead of 2025-01-01" in line for line in ran.log)
