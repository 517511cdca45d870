"""What is read from a Tink on loopback that keeps Tink's rules: pages, consents, and what fails."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from tink_server import TODAY, TinkServer, account, keys, linked, refusal, row, serving

from flowd.api import (
    AccountInfo,
    AuthError,
    Covers,
    Cursor,
    FlowClass,
    PartlyRead,
    Removal,
    RetryLater,
    Snapshot,
    Transaction,
)
from flowd.testing.harness import TICK
from flowd.testing.replay import Asked, Reply

tink = pytest.fixture(serving)

# --- Reading ----------------------------------------------------------------------------------------------------------


def test_balances_are_the_whole_truth(tink: TinkServer) -> None:
    tink.accounts.append(account("a2", ("19", "-3"), type="SAVINGS"))
    ran = linked(tink).sync("balances")
    assert ran.error is None
    assert {one.account: str(one.quantity.normalize()) for one in ran.of(Snapshot)} == {"a1": "100.5", "a2": "1.9E+4"}
    assert {one.at for one in ran.of(Snapshot)} == {TICK}
    assert [batch.covers for batch in ran.batches] == [Covers.CONNECTION]
    assert {one.name for one in ran.of(AccountInfo)} == {"Konto a1 ••7466", "Konto a2 ••7466"}


def test_an_account_without_a_balance_is_not_taken_for_empty(tink: TinkServer) -> None:
    tink.accounts.append(account("a2", balances={}))
    ran = linked(tink).sync("balances")
    assert [one.account for one in ran.of(Snapshot)] == ["a1"]
    assert [batch.covers for batch in ran.batches] == [Covers.ITS_ACCOUNTS]


def test_transactions_come_page_by_page_and_only_new_days_after_that(tink: TinkServer) -> None:
    tink.days(40, TODAY)
    harness = linked(tink)
    ran = harness.sync("transactions")
    assert ran.error is None
    assert len(ran.batches) == 14
    assert keys(ran) == {("a1", f"bank-{number}") for number in range(40)}
    assert ran.cursor == Cursor(data={"from": "2026-01-01", "since": "2026-02-19"})
    asked = len(tink.replay.asked)
    again = harness.sync("transactions", ran.cursor, tick=TICK + timedelta(hours=6))
    assert keys(again) == {("a1", f"bank-{number}") for number in range(11)}
    # The token, the accounts, their consents, and eleven days in pages of three.
    assert len(tink.replay.asked) - asked == 1 + 1 + 1 + 4


def test_resuming_after_every_batch_gives_the_same(tink: TinkServer) -> None:
    tink.days(10, TODAY)
    harness = linked(tink)
    whole = harness.sync("transactions")
    for count in range(1, len(whole.batches)):
        begun = harness.sync("transactions", batches=count)
        rest = harness.sync("transactions", begun.cursor)
        assert keys(begun) | keys(rest) == keys(whole)
        assert rest.cursor == whole.cursor


def test_a_broken_off_read_that_tink_forgot_begins_anew(tink: TinkServer) -> None:
    tink.days(10, TODAY)
    harness = linked(tink)
    begun = harness.sync("transactions", batches=1)
    forgotten = [True]

    def forget(asked: Asked) -> Reply:
        if asked.query.get("pageToken") == "p3" and forgotten and forgotten.pop():
            return refusal(400, "page.unknown")
        return tink._transactions(asked)

    tink.replay.on("GET", "/data/v2/transactions", forget)
    rest = harness.sync("transactions", begun.cursor)
    assert rest.error is None
    assert len(keys(rest)) == 10


def test_a_deadline_stops_at_the_next_page(tink: TinkServer) -> None:
    tink.days(40, TODAY)
    harness = linked(tink)
    ran = harness.sync("transactions", seconds=4.9)
    assert ran.error is None
    assert len(ran.batches) == 1
    assert keys(harness.sync("transactions", ran.cursor)) | keys(ran) == {("a1", f"bank-{n}") for n in range(40)}


def test_reading_further_back_is_asked_for_by_since(tink: TinkServer) -> None:
    tink.days(40, TODAY)
    first = linked(tink, since="2026-02-25").sync("transactions")
    assert len(keys(first)) == 5
    assert len(keys(linked(tink, since="2026-02-01").sync("transactions", first.cursor))) == 29
    assert len(keys(linked(tink, since=None).sync("transactions"))) == 40


def test_what_is_reserved_is_still_watched_after_an_earlier_since(tink: TinkServer) -> None:
    tink.rows = [row(1, TODAY, status="PENDING"), row(2, TODAY)]
    first = linked(tink, since="2026-02-25").sync("transactions")
    tink.rows = [row(2, TODAY)]
    earlier = linked(tink, since="2026-02-01").sync("transactions", first.cursor)
    assert [one.external_id for one in earlier.of(Removal)] == ["bank-1"]


def test_what_is_booked_takes_the_place_of_what_was_reserved(tink: TinkServer) -> None:
    tink.rows = [row(1, TODAY, status="PENDING"), row(2, TODAY, status="PENDING", identifiers={})]
    harness = linked(tink)
    before = harness.sync("transactions")
    assert [(one.external_id, one.pending) for one in before.of(Transaction)] == [("bank-1", True)]
    tink.rows = [row(3, TODAY, identifiers={"providerTransactionId": "bank-1"}), row(4, TODAY, identifiers={})]
    after = harness.sync("transactions", before.cursor)
    assert {(one.external_id, one.pending) for one in after.of(Transaction)} == {("bank-1", False), ("tink-4", False)}


def test_a_reservation_that_is_never_booked_is_taken_back(tink: TinkServer) -> None:
    day = TODAY - timedelta(days=9)
    tink.rows = [row(1, day, status="PENDING"), row(2, day, status="PENDING"), row(3, TODAY)]
    harness = linked(tink)
    first = harness.sync("transactions")
    # Those that are open are read again until they are settled, longer than the usual days.
    later = harness.sync("transactions", first.cursor, tick=TICK + timedelta(days=7))
    assert later.of(Removal) == []
    assert keys(later) == {("a1", "bank-1"), ("a1", "bank-2"), ("a1", "bank-3")}
    tink.rows = [row(1, day), row(3, TODAY)]
    settled = harness.sync("transactions", later.cursor, tick=TICK + timedelta(days=8))
    assert [(one.account, one.external_id) for one in settled.of(Removal)] == [("a1", "bank-2")]
    assert [one.pending for one in settled.of(Transaction) if one.external_id == "bank-1"] == [False]
    again = harness.sync("transactions", settled.cursor, tick=TICK + timedelta(days=9))
    assert again.of(Removal) == []
    assert again.cursor == Cursor(data={"from": "2026-01-01", "since": "2026-02-28"})


def test_a_read_that_began_in_the_middle_takes_nothing_back(tink: TinkServer) -> None:
    tink.days(8, TODAY)
    tink.rows[0]["status"] = "PENDING"
    harness = linked(tink)
    known = harness.sync("transactions").cursor
    begun = harness.sync("transactions", known, batches=1)
    rest = harness.sync("transactions", begun.cursor)
    assert rest.error is None
    assert rest.of(Removal) == []
    tink.rows = []
    assert [one.external_id for one in harness.sync("transactions", rest.cursor).of(Removal)] == ["bank-0"]


def test_what_comes_into_a_loan_pays_it_off(tink: TinkServer) -> None:
    tink.accounts.append(account("a2", ("-1000000", "2"), type="MORTGAGE"))
    tink.rows = [row(1, TODAY, "90000"), row(2, TODAY, "90000", accountId="a2")]
    kinds = {one.account: one.kind for one in linked(tink).sync("transactions").of(Transaction)}
    assert kinds == {"a1": None, "a2": FlowClass.LOAN}


# --- Consents and partial failure -------------------------------------------------------------------------------------


def consent(status: str, *accounts: str, end: object = "2026-05-01T00:00:00Z") -> dict[str, Any]:
    return {"credentialsId": "login-1", "accountIds": list(accounts), "status": status, "sessionExpiryDate": end}


def test_the_end_of_the_first_consent_is_told(tink: TinkServer) -> None:
    tink.consents = [consent("UPDATED", "a1"), consent("UPDATED", "a2", end=1774310400000), {"status": "UPDATED"}]
    ran = linked(tink).sync("balances")
    assert ran.expires == [datetime.fromisoformat("2026-03-24T00:00:00+00:00")]


def test_a_bank_that_left_is_named_and_the_others_are_read(tink: TinkServer) -> None:
    tink.accounts.append(account("a2"))
    tink.rows = [row(1, TODAY)]
    tink.consents = [consent("UPDATED", "a1"), consent("SESSION_EXPIRED", "a2")]
    harness = linked(tink)
    ran = harness.sync("balances")
    assert [one.account for one in ran.of(Snapshot)] == ["a1"]
    assert [batch.covers for batch in ran.batches] == [Covers.ITS_ACCOUNTS]
    assert isinstance(ran.error, PartlyRead)
    assert str(ran.error) == "Konto a2 ••7466: the bank's consent has ended"
    ran = harness.sync("transactions")
    assert len(keys(ran)) == 1
    assert isinstance(ran.error, PartlyRead)
    check = harness.check()
    assert check.covers == ["Konto a1 ••7466"]
    assert check.unread == ["Konto a2 ••7466: the bank's consent has ended"]


@pytest.mark.parametrize(("status", "error"), [("SESSION_EXPIRED", AuthError), ("TEMPORARY_ERROR", RetryLater)])
def test_no_bank_left_is_an_error_of_its_own(tink: TinkServer, status: str, error: type[Exception]) -> None:
    tink.consents = [consent(status, "a1")]
    ran = linked(tink).sync("balances")
    assert ran.batches == []
    assert isinstance(ran.error, error)


def test_consents_that_may_not_be_asked_for_are_done_without(tink: TinkServer) -> None:
    tink.consents = None
    harness = linked(tink)
    assert harness.sync("balances").error is None
    check = harness.check()
    assert check.summary == "1 account through Tink"
    assert check.expires_at is None


# --- Faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Reply(status=403, body={"errorCode": "scope.missing"}), AuthError),
        (Reply(status=429, headers={"retry-after": "60"}), RetryLater),
        (Reply(status=500), RetryLater),
        (Reply(status=400, body={"errorCode": "bad"}), RetryLater),
        (Reply(body=b'{"accounts": [{"id'), RetryLater),
        (Reply(body=b"<html>"), RetryLater),
        (Reply(body=[]), RetryLater),
        (Reply(body={"accounts": {}}), RetryLater),
        (Reply(body={"accounts": [1]}), RetryLater),
        (Reply(body={"accounts": [{}]}), RetryLater),
        (Reply(body={"accounts": [{"id": "a", "balances": {"booked": {"amount": {"value": 1}}}}]}), RetryLater),
        (Reply(body={"accounts": [], "nextPageToken": "same"}), RetryLater),
        (Reply(drop=True), RetryLater),
    ],
)
def test_a_wrong_answer_stores_nothing(tink: TinkServer, fault: Reply, error: type[Exception]) -> None:
    harness = linked(tink)
    tink.replay.on("GET", "/data/v2/accounts", fault)
    ran = harness.sync("balances")
    assert isinstance(ran.error, error)
    assert ran.batches == []
    if isinstance(ran.error, RetryLater) and fault.status == 429:
        assert ran.error.after == timedelta(seconds=60)


@pytest.mark.parametrize(
    "pages",
    [
        [{"transactions": [row(1, TODAY)], "nextPageToken": "p"}],
        [{"transactions": [row(1, TODAY)], "nextPageToken": f"p{n}"} for n in range(3)],
        [{"transactions": [], "nextPageToken": f"p{n}"} for n in range(20)],
    ],
    ids=["the same next page", "the same rows", "always empty"],
)
def test_pages_that_never_end_are_left(tink: TinkServer, pages: list[dict[str, Any]]) -> None:
    harness = linked(tink)
    tink.replay.on("GET", "/data/v2/transactions", [Reply(body=page) for page in pages])
    ran = harness.sync("transactions")
    assert isinstance(ran.error, RetryLater)
    assert "circles" in str(ran.error)


def test_an_empty_page_in_the_middle_hides_nothing(tink: TinkServer) -> None:
    harness = linked(tink)
    pages = [([row(1, TODAY)], "p1"), ([], "p2"), ([row(2, TODAY)], "")]
    replies = [Reply(body={"transactions": rows, "nextPageToken": following}) for rows, following in pages]
    tink.replay.on("GET", "/data/v2/transactions", replies)
    ran = harness.sync("transactions")
    assert ran.error is None
    assert keys(ran) == {("a1", "bank-1"), ("a1", "bank-2")}
