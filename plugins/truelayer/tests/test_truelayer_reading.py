"""What is read from a TrueLayer on loopback that keeps its rules: budgets, and what fails."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from truelayer_server import TODAY, TrueLayerServer, account, connected, keys, listing, refusal, row, serving

from flowd.api import (
    AccountInfo,
    AuthError,
    BudgetSpent,
    Covers,
    PartlyRead,
    RetryLater,
    Snapshot,
    Transaction,
)
from flowd.testing.harness import TICK, MemoryTokens
from flowd.testing.replay import Reply

bank = pytest.fixture(serving)

# --- Reading ----------------------------------------------------------------------------------------------------------


def test_balances_of_accounts_and_cards(bank: TrueLayerServer) -> None:
    bank.cards = [account("c1", partial_card_number="1000")]
    ran = connected(bank).sync("balances")
    assert ran.error is None
    assert {one.account: str(one.quantity) for one in ran.of(Snapshot)} == {"a1": "100.25", "c1": "-100.25"}
    assert {one.at for one in ran.of(Snapshot)} == {TICK}
    assert ran.batches[-1].covers is Covers.CONNECTION
    assert {one.name for one in ran.of(AccountInfo)} == {"Club a1 ••1234", "Club c1 ••1000"}
    assert ran.expires == [datetime.fromisoformat("2026-05-20T10:00:00+00:00")]


@pytest.mark.parametrize("without", ["accounts", "cards"])
def test_a_bank_with_only_one_of_the_two(bank: TrueLayerServer, without: str) -> None:
    bank.cards = [account("c1")]
    setattr(bank, without, None)
    ran = connected(bank).sync("balances")
    assert ran.error is None
    assert len(ran.of(Snapshot)) == 1


def test_a_card_that_is_listed_as_an_account_too_counts_once(bank: TrueLayerServer) -> None:
    bank.cards = [account("a1")]
    assert [str(one.quantity) for one in connected(bank).sync("balances").of(Snapshot)] == ["-100.25"]


def test_transactions_are_read_from_since_and_then_the_last_days_again(bank: TrueLayerServer) -> None:
    bank.rows = {"a1": [row(number, TODAY - timedelta(days=number)) for number in range(40)]}
    harness = connected(bank)
    ran = harness.sync("transactions")
    assert ran.error is None
    assert keys(ran) == {("a1", f"txn-{number}") for number in range(40)}
    assert "/pending" not in "".join(bank.replay.paths())
    again = harness.sync("transactions", ran.cursor, tick=TICK + timedelta(hours=6))
    assert keys(again) == {("a1", f"txn-{number}") for number in range(11)}
    assert bank.replay.asked[-1].query == {"from": "2026-02-19T00:00:00Z", "to": "2026-03-01T18:00:00Z"}


def test_what_is_read_again_is_the_same_though_its_id_changed(bank: TrueLayerServer) -> None:
    twice: dict[str, Any] = {"normalised_provider_transaction_id": None}
    bank.rows = {"a1": [row(1, TODAY, **twice), row(1, TODAY, **twice), row(2, TODAY)]}
    harness = connected(bank)
    first, second = harness.sync("transactions"), harness.sync("transactions")
    assert first.of(Transaction) == second.of(Transaction)
    assert [one.external_id for one in first.of(Transaction)] == [None, None, "txn-2"]


def test_resuming_after_every_batch_gives_the_same(bank: TrueLayerServer) -> None:
    bank.accounts = [account(f"a{number}") for number in range(4)]
    bank.rows = {f"a{number}": [row(one, TODAY - timedelta(days=one * 3)) for one in range(9)] for number in range(4)}
    harness = connected(bank)
    whole = harness.sync("transactions")
    assert len(whole.batches) == 4
    for count in range(1, len(whole.batches)):
        begun = harness.sync("transactions", batches=count)
        rest = harness.sync("transactions", begun.cursor)
        assert keys(begun) | keys(rest) == keys(whole)


def test_a_deadline_stops_at_the_next_account_and_the_next_run_begins_with_it(bank: TrueLayerServer) -> None:
    bank.accounts = [account(f"a{number}") for number in range(3)]
    harness = connected(bank)
    begun = harness.sync("transactions", batches=1)
    assert [one.account for one in begun.of(AccountInfo)] == ["a0"]
    short = harness.sync("transactions", begun.cursor, seconds=4.9)
    assert [one.account for one in short.of(AccountInfo)] == ["a1"]
    rest = harness.sync("transactions", begun.cursor)
    assert [one.account for one in rest.of(AccountInfo)] == ["a1", "a2", "a0"]
    late = harness.sync("balances", seconds=4.9)
    assert [one.account for one in late.of(Snapshot)] == ["a0"]
    assert isinstance(late.error, PartlyRead)


def test_a_bank_that_tells_ninety_days_only_is_asked_for_those(bank: TrueLayerServer) -> None:
    bank.reach = timedelta(days=90)
    bank.rows = {"a1": [row(number, TODAY - timedelta(days=number * 30)) for number in range(5)]}
    ran = connected(bank, since="2025-01-01").sync("transactions")
    assert ran.error is None
    assert keys(ran) == {("a1", "txn-0"), ("a1", "txn-1"), ("a1", "txn-2")}
    assert any("instead of 2025-01-01" in line for line in ran.log)


def test_an_earlier_since_is_filled_in_once(bank: TrueLayerServer) -> None:
    bank.rows = {"a1": [row(number, TODAY - timedelta(days=number * 30)) for number in range(5)]}
    first = connected(bank, since="2026-02-01").sync("transactions")
    assert keys(first) == {("a1", "txn-0")}
    earlier = connected(bank, since="2025-01-01").sync("transactions", first.cursor)
    assert keys(earlier) == {("a1", f"txn-{number}") for number in range(5)}
    again = connected(bank, since="2025-01-01").sync("transactions", earlier.cursor)
    assert keys(again) == {("a1", "txn-0")}


def test_a_bank_that_wants_its_customer_for_everything_asks_for_a_person(bank: TrueLayerServer) -> None:
    bank.reach = timedelta(days=1)
    ran = connected(bank).sync("transactions")
    assert isinstance(ran.error, AuthError)
    assert "flowd link test" in str(ran.error)


# --- The budget -------------------------------------------------------------------------------------------------------


def test_a_bank_is_asked_four_times_a_day_and_no_more(bank: TrueLayerServer) -> None:
    harness = connected(bank)
    cursor = None
    for hours in (0, 1, 2, 3):
        ran = harness.sync("transactions", cursor, tick=TICK + timedelta(hours=hours))
        assert ran.error is None
        cursor = ran.cursor
    asked = len(bank.replay.asked)
    spent = harness.sync("transactions", cursor, tick=TICK + timedelta(hours=4))
    assert isinstance(spent.error, BudgetSpent)
    assert spent.error.after == timedelta(hours=20)
    assert len(bank.replay.asked) == asked
    assert harness.sync("transactions", cursor, tick=TICK + timedelta(hours=24)).error is None


def test_a_new_consent_is_used_at_once(bank: TrueLayerServer) -> None:
    harness = connected(bank, reads_per_day=1)
    ran = harness.sync("transactions")
    # Renewing the tokens makes no new consent.
    bank.access.clear()
    assert isinstance(harness.sync("transactions", ran.cursor, tick=TICK + timedelta(hours=2)).error, BudgetSpent)
    assert isinstance(harness.tokens, MemoryTokens)
    harness.tokens.history.append({**harness.link(bank.visit).tokens, "linked_at": "later"})
    again = harness.sync("transactions", ran.cursor, tick=TICK + timedelta(hours=2))
    assert again.error is None
    assert isinstance(harness.sync("transactions", again.cursor, tick=TICK + timedelta(hours=3)).error, BudgetSpent)


def test_a_read_that_failed_counts_too(bank: TrueLayerServer) -> None:
    harness = connected(bank, reads_per_day=1)
    bank.faults = {"/data/v1/accounts": Reply(status=500)}
    ran = harness.sync("balances")
    assert isinstance(ran.error, RetryLater)
    bank.faults = {}
    assert isinstance(harness.sync("balances", ran.cursor, tick=TICK + timedelta(hours=1)).error, BudgetSpent)


# --- Partial failure and faults ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("feed", ["balances", "transactions"])
@pytest.mark.parametrize(
    "fault",
    [
        refusal(404, "account_not_found"),
        refusal(429, "provider_too_many_requests"),
        refusal(503, "provider_error"),
        Reply(drop=True),
    ],
    ids=["gone", "too often", "away", "broken"],
)
def test_an_account_that_fails_is_named_and_the_others_are_read(bank: TrueLayerServer, feed: str, fault: Reply) -> None:
    bank.accounts = [account("a1"), account("a2")]
    bank.rows = {"a2": [row(1, TODAY)]}
    bank.faults = {"/data/v1/accounts/a1/balance": fault, "/data/v1/accounts/a1/transactions": fault}
    harness = connected(bank)
    ran = harness.sync(feed)
    assert isinstance(ran.error, PartlyRead)
    assert str(ran.error).startswith("Club a1 ••1234: ")
    assert {one.account for one in ran.of(AccountInfo)} == {"a2"}
    assert ran.batches[0].covers is (Covers.ITS_ACCOUNTS if feed == "balances" else Covers.NOTHING)
    bank.faults = {}
    healed = harness.sync(feed, ran.cursor)
    assert healed.error is None
    assert {one.account for one in healed.of(AccountInfo)} == {"a1", "a2"}


def test_a_balance_a_bank_does_not_offer_is_no_failure_and_no_zero(bank: TrueLayerServer) -> None:
    bank.accounts = [account("a1"), account("a2")]
    bank.faults = {"/data/v1/accounts/a1/balance": refusal(501, "endpoint_not_supported")}
    ran = connected(bank).sync("balances")
    assert ran.error is None
    assert [one.account for one in ran.of(Snapshot)] == ["a2"]
    assert ran.batches[-1].covers is Covers.ITS_ACCOUNTS


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (refusal(403, "access_denied"), AuthError),
        (refusal(400, "deprecated_provider"), AuthError),
        (refusal(400, "validation_error"), RetryLater),
        (refusal(501, "endpoint_not_supported"), RetryLater),
        (Reply(status=429, headers={"retry-after": "60"}), RetryLater),
        (refusal(500, "provider_error"), RetryLater),
        (Reply(body=b'{"results": [{"ac'), RetryLater),
        (Reply(body=b"<html>"), RetryLater),
        (Reply(body=[]), RetryLater),
        (Reply(body={"results": [1]}), RetryLater),
        (Reply(body={"results": [{}]}), RetryLater),
        (Reply(body={"results": [{"account_id": "a", "currency": "?"}]}), RetryLater),
    ],
)
def test_a_wrong_answer_stores_nothing(bank: TrueLayerServer, fault: Reply, error: type[Exception]) -> None:
    harness = connected(bank, cards=False)
    bank.faults = {"/data/v1/accounts": fault}
    ran = harness.sync("balances")
    assert isinstance(ran.error, error)
    assert ran.records == []


def test_an_answer_without_a_balance_is_no_zero(bank: TrueLayerServer) -> None:
    bank.faults = {"/data/v1/accounts/a1/balance": listing([])}
    ran = connected(bank).sync("balances")
    assert isinstance(ran.error, RetryLater)
    assert ran.records == []


def test_check_says_what_is_read_and_until_when(bank: TrueLayerServer) -> None:
    check = connected(bank).check()
    assert check.summary == "1 account of Lloyds through TrueLayer"
    assert check.permissions == ["read accounts", "read balance"]
    assert check.covers == ["Club a1 ••1234"]
    assert check.expires_at == datetime.fromisoformat("2026-05-20T10:00:00+00:00")
