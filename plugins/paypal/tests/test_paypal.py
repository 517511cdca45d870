"""PayPal's reports from a local server: windows, pages, what is pending, what is no income, refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from flowd.api import AuthError, Covers, FlowClass, RetryLater, Snapshot, Transaction
from flowd.testing import ConnectorSuite
from flowd.testing.harness import TICK, Harness
from flowd.testing.replay import Asked, Replay, Reply
from flowd_paypal import CONNECTOR
from flowd_paypal.codes import class_of


class TestPayPal(ConnectorSuite):
    """The conformance suite over the recorded answers."""

    connector = CONNECTOR


class Account:
    """An account with a payment every 12 hours, reported as PayPal reports: pages, a lag, and a bound on rows."""

    def __init__(self, site: Replay, page: int = 20, most: int = 10_000) -> None:
        self.site, self.page, self.most = site, page, most
        self.pending: set[str] = set()
        self.refreshed = TICK - timedelta(hours=1)
        token = {"access_token": "a-bearer", "expires_in": 32400, "scope": "https://uri.paypal.com/services/payments/x"}
        site.on("POST", "/v1/oauth2/token", Reply(body=token))
        site.on("GET", "/v1/reporting/transactions", self.report)

    def report(self, asked: Asked) -> Reply:
        first, last = (datetime.fromisoformat(asked.query[name]) for name in ("start_date", "end_date"))
        assert last - first <= timedelta(days=31), "PayPal refuses more than 31 days"
        at, rows = datetime(2025, 1, 1, tzinfo=UTC), []
        while at <= min(last, self.refreshed):
            if at >= first:
                rows.append(at)
            at += timedelta(hours=12)
        if len(rows) > self.most:
            return Reply(status=400, body={"name": "RESULTSET_TOO_LARGE", "message": "Result set size is over 10000."})
        number = int(asked.query["page"])
        shown = rows[(number - 1) * self.page : number * self.page]
        body = {
            "transaction_details": [self.row(one) for one in shown],
            "last_refreshed_datetime": self.refreshed.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "page": number,
            "total_pages": -(-len(rows) // self.page),
        }
        return Reply(body=body)

    def row(self, at: datetime) -> dict[str, object]:
        name = f"P{at:%Y%m%d%H}"
        info = {
            "transaction_id": name,
            "transaction_event_code": "T0006",
            "transaction_initiation_date": at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "transaction_amount": {"currency_code": "EUR", "value": "10.00"},
            "fee_amount": {"currency_code": "EUR", "value": "-0.60"},
            "transaction_status": "P" if name in self.pending else "S",
        }
        return {"transaction_info": info}


@pytest.fixture
def site() -> Iterator[Replay]:
    with Replay() as running:
        yield running


def harness(site: Replay, **config: object) -> Harness:
    settings = {"client_id": "an-app", "client_secret": "a-secret", "since": "2025-10-01", "url": site.url}
    return Harness(CONNECTOR, {**settings, **config})


def keys(found: list[Transaction]) -> set[str]:
    return {str(one.external_id) for one in found}


def test_half_a_year_in_windows_and_pages_without_a_gap(site: Replay) -> None:
    Account(site)
    found = harness(site).sync("transactions").of(Transaction)
    # A window begins where the one before ended: what stands there comes twice, under one key.
    assert len(found) >= len(keys(found)) == 303
    assert {one.amount for one in found} == {Decimal("9.40")}
    assert found[0].raw == {"code": "T0006", "status": "S", "gross": "10.00", "fee": "-0.60"}


def test_any_batch_may_be_the_last(site: Replay) -> None:
    Account(site)
    whole = keys(harness(site).sync("transactions").of(Transaction))
    for stop in (1, 4):
        first = harness(site).sync("transactions", batches=stop)
        rest = harness(site).sync("transactions", first.cursor)
        assert keys(first.of(Transaction)) | keys(rest.of(Transaction)) == whole


def test_what_was_pending_is_read_again_until_it_is_booked(site: Replay) -> None:
    account = Account(site)
    account.pending = {"P2026022812"}
    first = harness(site).sync("transactions")
    assert [one.external_id for one in first.of(Transaction) if one.pending] == ["P2026022812:T0006"]
    account.pending.clear()
    later = TICK + timedelta(days=3)
    account.refreshed = later
    again = harness(site).sync("transactions", first.cursor, tick=later)
    assert "P2026022812:T0006" in keys(again.of(Transaction))
    assert not any(one.pending for one in again.of(Transaction))


def test_what_paypal_has_not_reported_yet_is_not_passed_over(site: Replay) -> None:
    account = Account(site)
    account.refreshed = TICK - timedelta(days=20)
    first = harness(site).sync("transactions")
    account.refreshed = TICK
    again = harness(site).sync("transactions", first.cursor)
    both = keys(first.of(Transaction)) | keys(again.of(Transaction))
    assert len(both) == 304


def test_an_earlier_since_is_filled_in_once(site: Replay) -> None:
    Account(site)
    first = harness(site, since="2026-02-01").sync("transactions")
    earlier = harness(site, since="2025-12-01").sync("transactions", first.cursor)
    whole = harness(site, since="2025-12-01").sync("transactions")
    assert keys(earlier.of(Transaction)) == keys(whole.of(Transaction)) > keys(first.of(Transaction))
    asked = len(site.asked)
    again = harness(site, since="2025-12-01").sync("transactions", earlier.cursor)
    assert len(site.asked) == asked + 2
    assert len(keys(again.of(Transaction))) < 60


def test_a_window_with_too_many_is_halved(site: Replay) -> None:
    Account(site, most=15)
    found = harness(site, since="2026-01-01").sync("transactions")
    assert found.error is None
    assert len(keys(found.of(Transaction))) == 119
    Account(site, most=0)
    stuck = harness(site, since="2026-02-28").sync("transactions")
    assert isinstance(stuck.error, RetryLater)


def test_a_withdrawn_token_is_fetched_anew(site: Replay) -> None:
    account = Account(site)
    refused = [Reply(status=401, body={"name": "UNAUTHORIZED"})]
    site.on("GET", "/v1/reporting/transactions", lambda asked: refused.pop() if refused else account.report(asked))
    assert harness(site).sync("transactions").error is None
    assert site.paths().count("POST /v1/oauth2/token") == 2


@pytest.mark.parametrize(
    ("reply", "raised", "says"),
    [
        (Reply(status=403, body={"name": "NOT_AUTHORIZED"}), AuthError, "Transaction Search"),
        (Reply(status=400, body={"name": "INVALID_REQUEST"}), RetryLater, "INVALID_REQUEST"),
        (Reply(body={"total_pages": 1}), RetryLater, "transaction_details"),
        (Reply(body={"total_pages": 10**9, "transaction_details": []}), RetryLater, "number of pages"),
        (Reply(body={"total_pages": 2, "transaction_details": []}), RetryLater, "is empty"),
        (Reply(body={"total_pages": 1, "transaction_details": [{}]}), RetryLater, "transaction_info"),
    ],
)
def test_refusals_and_rubbish_are_named_and_nothing_is_kept(
    site: Replay, reply: Reply, raised: type, says: str
) -> None:
    Account(site)
    site.on("GET", "/v1/reporting/transactions", reply)
    ran = harness(site).sync("transactions")
    assert type(ran.error) is raised
    assert says in str(ran.error)
    assert ran.records == []


def test_a_refused_app_is_told_apart_and_its_secret_never_shown(site: Replay) -> None:
    site.on("POST", "/v1/oauth2/token", Reply(status=401, body={"error": "invalid_client"}))
    ran = harness(site).sync("balances")
    assert isinstance(ran.error, AuthError)
    assert "check client_id" in str(ran.error)
    assert "a-secret" not in str(ran.error)


def test_balances_are_whole_and_nothing_is_zero_when_they_fail(site: Replay) -> None:
    Account(site)
    told = {"balances": [{"currency": "EUR", "total_balance": {"currency_code": "EUR", "value": "12.30"}}]}
    site.on("GET", "/v1/reporting/balances", [Reply(body=told), Reply(body={})])
    ran = harness(site).sync("balances")
    assert ran.of(Snapshot) == [Snapshot(account="paypal", asset="EUR", quantity=Decimal("12.30"), at=TICK)]
    assert ran.batches[0].covers is Covers.CONNECTION
    failed = harness(site).sync("balances")
    assert isinstance(failed.error, RetryLater)
    assert failed.records == []


def test_check_says_what_the_app_may_do(site: Replay) -> None:
    Account(site)
    told = {"balances": [{"currency": "EUR", "total_balance": {"currency_code": "EUR", "value": "12.30"}}]}
    site.on("GET", "/v1/reporting/balances", Reply(body=json.dumps(told)))
    check = harness(site).check()
    assert check.summary == "balances in EUR"
    assert check.permissions == ["read reports", "write: payments/x"]


@pytest.mark.parametrize(
    ("code", "comes_in", "expected"),
    [
        ("T0006", True, FlowClass.OTHER),
        ("T0002", True, FlowClass.MRR),
        ("T0001", False, FlowClass.EXPENSE),
        ("T1107", False, FlowClass.OTHER),  # a seller's refund takes income back
        ("T1107", True, FlowClass.REFUND),  # a buyer's is no income
        ("T0400", False, FlowClass.TRANSFER),
        ("T0300", True, FlowClass.TRANSFER),
        ("T0200", True, FlowClass.FX),
        ("T0106", False, FlowClass.FEE),
        ("T1108", True, FlowClass.FEE),
        ("T1503", False, FlowClass.TRANSFER),
        ("T1105", True, FlowClass.TRANSFER),
        ("T1900", True, None),
    ],
)
def test_what_a_code_says(code: str, comes_in: bool, expected: FlowClass | None) -> None:
    assert class_of(code, comes_in=comes_in) is expected
