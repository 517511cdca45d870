"""What a bank behind an Enable Banking refuses, allows too seldom, or says otherwise than documented."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from enablebanking_server import TODAY, Bank, account, connected, refusal, row, serving

from flowd.api import (
    AccountInfo,
    AccountKind,
    BudgetSpent,
    PartlyRead,
    RetryLater,
)
from flowd.testing.harness import TICK
from flowd.testing.replay import Reply

bank = pytest.fixture(serving)


def test_a_bank_is_asked_four_times_a_day_and_no_more(bank: Bank) -> None:
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


def test_a_new_consent_is_used_at_once(bank: Bank) -> None:
    harness = connected(bank, reads_per_day=1)
    ran = harness.sync("transactions")
    assert isinstance(harness.sync("transactions", ran.cursor).error, BudgetSpent)
    harness.link(bank.visit)
    again = harness.sync("transactions", ran.cursor)
    assert again.error is None
    assert isinstance(harness.sync("transactions", again.cursor).error, BudgetSpent)


def test_a_read_that_failed_counts_too(bank: Bank) -> None:
    harness = connected(bank, reads_per_day=1)
    bank.faults = {"a1/balances": Reply(status=500)}
    ran = harness.sync("balances")
    assert isinstance(ran.error, RetryLater)
    bank.faults = {}
    assert isinstance(harness.sync("balances", ran.cursor, tick=TICK + timedelta(hours=1)).error, BudgetSpent)


@pytest.mark.parametrize("feed", ["balances", "transactions"])
@pytest.mark.parametrize(
    "fault",
    [
        refusal(429, "ASPSP_RATE_LIMIT_EXCEEDED"),
        refusal(400, "ASPSP_ERROR"),
        refusal(408, "ASPSP_TIMEOUT"),
        refusal(403, "ASPSP_ACCOUNT_NOT_ACCESSIBLE"),
        Reply(status=502),
        Reply(drop=True),
        Reply(body={"balances": None, "transactions": [1]}),
    ],
    ids=["too often", "error", "timeout", "not accessible", "502", "broken", "nonsense"],
)
def test_an_account_that_fails_is_named_and_the_others_are_read(bank: Bank, feed: str, fault: Reply) -> None:
    bank.accounts = [account("a1"), account("a2")]
    bank.rows = {"a2": [row(1, TODAY)]}
    bank.faults = {f"a1/{feed}": fault}
    harness = connected(bank)
    ran = harness.sync(feed)
    assert isinstance(ran.error, PartlyRead)
    assert str(ran.error).startswith("Konto a1 ••0785: ")
    assert {one.account for one in ran.of(AccountInfo)} == {"hash.a2"}
    bank.faults = {}
    healed = harness.sync(feed, ran.cursor)
    assert healed.error is None
    assert {one.account for one in healed.of(AccountInfo)} == {"hash.a1", "hash.a2"}


@pytest.mark.parametrize(
    ("fault", "after"),
    [
        (refusal(429, "ASPSP_RATE_LIMIT_EXCEEDED"), timedelta(hours=6)),
        (refusal(429, "ASPSP_RATE_LIMIT_EXCEEDED", **{"retry-after": "3600"}), timedelta(hours=1)),
    ],
)
def test_a_bank_that_was_asked_too_often_says_when_to_come_back(bank: Bank, fault: Reply, after: timedelta) -> None:
    bank.faults = {"a1/transactions": fault}
    ran = connected(bank).sync("transactions")
    assert isinstance(ran.error, BudgetSpent)
    assert ran.error.after == after


@pytest.mark.parametrize(
    "pages",
    [
        [{"transactions": [row(1, TODAY)], "continuation_key": "k"}],
        [{"transactions": [row(1, TODAY)], "continuation_key": f"k{n}"} for n in range(3)],
        [{"transactions": [], "continuation_key": f"k{n}"} for n in range(20)],
    ],
    ids=["the same key", "the same rows", "always empty"],
)
def test_pages_that_never_end_are_left(bank: Bank, pages: list[dict[str, Any]]) -> None:
    harness = connected(bank)
    (uid,) = bank.uids
    bank.replay.on("GET", f"/accounts/{uid}/transactions", [Reply(body=page) for page in pages])
    ran = harness.sync("transactions")
    assert isinstance(ran.error, RetryLater)
    assert "circles" in str(ran.error)


@pytest.mark.parametrize(
    "wrong",
    [
        {"transaction_amount": None},
        {"transaction_amount": {"currency": "EUR", "amount": "much"}},
        {"transaction_amount": {"currency": "EUR", "amount": "1e30"}},
        {"transaction_amount": {"currency": "€", "amount": "1"}},
        {"credit_debit_indicator": None},
        {"booking_date": "0001-01-01"},
    ],
)
def test_what_is_not_as_documented_is_named(bank: Bank, wrong: dict[str, Any]) -> None:
    harness = connected(bank)
    (uid,) = bank.uids
    page = {"transactions": [{**row(1, TODAY), **wrong}], "continuation_key": None}
    bank.replay.on("GET", f"/accounts/{uid}/transactions", Reply(body=page))
    ran = harness.sync("transactions")
    assert isinstance(ran.error, RetryLater)
    assert "/accounts/{uid}/transactions" in str(ran.error)
    assert "not as documented" in str(ran.error)
    assert ran.records == []


@pytest.mark.parametrize(
    ("more", "name", "kind"),
    [
        ({}, "Konto a1 ••0785", AccountKind.BANK),
        ({"details": "FI21 1234 5600 0007 85"}, "Account ••0785", AccountKind.BANK),
        ({"details": None, "product": "Visa 🦊", "cash_account_type": "CARD"}, "Visa 🦊 ••0785", AccountKind.CARD),
        ({"account_id": {"other": {"identification": "123-456"}}}, "Konto a1 ••-456", AccountKind.BANK),
        ({"account_id": None}, "Konto a1", AccountKind.BANK),
    ],
)
def test_names_and_kinds(bank: Bank, more: dict[str, Any], name: str, kind: AccountKind) -> None:
    bank.accounts = [account("a1", **more)]
    (info,) = connected(bank).sync("balances").of(AccountInfo)
    assert (info.name, info.kind, info.asset) == (name, kind, "EUR")
