"""Balance transactions of a Stripe become transactions net of fees; nothing is lost on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from stripe_server import FakeStripe, samples

from flowd.api import AccountInfo, AccountKind, AuthError, ConfigError, FlowClass, PartlyRead, RetryLater, Transaction
from flowd.testing.harness import TICK, Ran
from flowd.testing.replay import Replay, Reply

FEED = "balance_transactions"


@pytest.fixture
def stripe() -> Iterator[FakeStripe]:
    """An empty account."""
    with Replay() as replay:
        yield FakeStripe(replay)


def transactions(ran: Ran) -> list[Transaction]:
    assert ran.error is None, ran.error
    return ran.of(Transaction)


def one(stripe: FakeStripe, **fields: Any) -> Transaction:
    """The transaction that one balance transaction becomes."""
    stripe.lists[FEED].clear()
    stripe.row(1, **fields)
    (found,) = transactions(stripe.harness().sync(FEED))
    return found


def test_a_charge_is_income_of_what_is_left_after_the_fee(stripe: FakeStripe) -> None:
    charge = {
        "id": "ch_1",
        "object": "charge",
        "amount": 1000,
        "currency": "usd",
        "description": "A poster \U0001f600",
        "billing_details": {"name": "Ada Lovelace", "email": None},
    }
    found = one(stripe, source=charge, fee_details=[{"type": "stripe_fee", "amount": 59, "currency": "usd"}])
    assert (found.amount, found.asset, found.kind) == (Decimal("9.41"), "USD", FlowClass.OTHER)
    assert found.booked_at == TICK - timedelta(days=1)
    assert (found.counterparty, found.description) == ("Ada Lovelace", "A poster \U0001f600")
    assert (found.account, found.external_id, found.pending) == ("balance", "txn_0001", False)
    assert found.raw is not None
    assert (found.raw["gross"], found.raw["fee"], found.raw["available_on"]) == ("10.00", "0.59", "2026-03-02")
    assert found.raw["fees"] == [{"type": "stripe_fee", "amount": "0.59", "currency": "USD", "description": ""}]


def test_the_charge_of_a_subscription_is_recurring_and_so_is_what_takes_it_back(stripe: FakeStripe) -> None:
    invoice = {"id": "in_1", "object": "invoice", "subscription": "sub_1"}
    charge = {"id": "ch_1", "object": "charge", "invoice": invoice}
    assert one(stripe, source=charge).kind is FlowClass.MRR
    refund = {"id": "re_1", "object": "refund", "charge": charge}
    taken = one(stripe, type="refund", amount=-1000, fee=0, source=refund)
    assert (taken.kind, taken.amount) == (FlowClass.MRR, Decimal(-10))
    # the newer way to name it, and an invoice of a single job
    newer = {"id": "in_1", "parent": {"subscription_details": {"subscription": "sub_1"}}}
    assert one(stripe, source={**charge, "invoice": newer}).kind is FlowClass.MRR
    single = {"id": "in_2", "object": "invoice", "subscription": None}
    assert one(stripe, source={**charge, "invoice": single}).kind is FlowClass.OTHER
    # without the right to read charges only Stripe's own words tell
    assert one(stripe, description="Subscription update").kind is FlowClass.MRR
    assert one(stripe, type="refund", description="REFUND FOR CHARGE (Subscription creation)").kind is FlowClass.MRR
    assert one(stripe, description="My subscription to things").kind is FlowClass.OTHER


@pytest.mark.parametrize(
    ("type_", "category", "amount", "fee", "kind", "net"),
    [
        ("payment", "charge", 500, 30, FlowClass.OTHER, "4.7"),
        ("refund", "refund", -1000, 0, FlowClass.OTHER, "-10"),
        ("payment_refund", "refund", -1000, 0, FlowClass.OTHER, "-10"),
        ("refund_failure", "refund_failure", 1000, 0, FlowClass.OTHER, "10"),
        ("payment_failure_refund", "charge_failure", -1000, 0, FlowClass.OTHER, "-10"),
        ("adjustment", "dispute", -1000, 1500, FlowClass.OTHER, "-25"),
        ("adjustment", "dispute_reversal", 1000, -1500, FlowClass.OTHER, "25"),
        ("adjustment", "partial_capture_reversal", -400, 0, FlowClass.OTHER, "-4"),
        ("adjustment", "fee", -25, 0, FlowClass.FEE, "-0.25"),
        ("adjustment", "other_adjustment", -25, 0, None, "-0.25"),
        ("payout_cancel", "payout_reversal", 1100, 0, FlowClass.TRANSFER, "11"),
        ("payout_failure", "payout_reversal", 1100, 0, FlowClass.TRANSFER, "11"),
        ("topup", "topup", 1100, 0, FlowClass.TRANSFER, "11"),
        ("reserve_transaction", "risk_reserved_funds", -1100, 0, FlowClass.TRANSFER, "-11"),
        ("reserved_funds", "connect_reserved_funds", -1100, 0, FlowClass.TRANSFER, "-11"),
        ("payout_minimum_balance_hold", "", -1100, 0, FlowClass.TRANSFER, "-11"),
        ("stripe_fee", "fee", -80, 0, FlowClass.FEE, "-0.8"),
        ("tax_fee", "tax", -80, 0, FlowClass.FEE, "-0.8"),
        ("application_fee", "platform_earning", 100, 0, FlowClass.OTHER, "1"),
        ("application_fee_refund", "platform_earning_refund", -100, 0, FlowClass.OTHER, "-1"),
        ("transfer", "transfer", -1100, 0, FlowClass.OTHER, "-11"),
        ("transfer_refund", "transfer_reversal", 1100, 0, FlowClass.OTHER, "11"),
        ("anticipation_repayment", "anticipation_repayment", -500, 0, FlowClass.LOAN, "-5"),
        ("issuing_transaction", "issuing_transaction", -500, 0, FlowClass.EXPENSE, "-5"),
        ("something_of_next_year", "", 500, 0, None, "5"),
    ],
)
def test_each_kind_of_row_has_its_class_and_the_sign_of_what_it_does_to_the_balance(
    stripe: FakeStripe, type_: str, category: str, amount: int, fee: int, kind: FlowClass | None, net: str
) -> None:
    found = one(stripe, type=type_, reporting_category=category, amount=amount, fee=fee)
    assert (found.kind, found.amount) == (kind, Decimal(net))


def test_a_payout_is_a_transfer_that_the_banks_side_can_be_matched_with(stripe: FakeStripe) -> None:
    payout = {
        "id": "po_1",
        "object": "payout",
        "amount": 1100,
        "arrival_date": 1772496000,
        "destination": "ba_1",
        "trace_id": {"status": "supported", "value": "ABC123"},
    }
    out = {"amount": -1100, "fee": 0, "source": payout, "description": "STRIPE PAYOUT"}
    found = one(stripe, type="payout", reporting_category="payout", **out)
    assert (found.external_id, found.amount, found.asset) == ("po_1", Decimal(-11), "USD")
    assert found.kind is FlowClass.TRANSFER
    assert found.raw is not None
    assert (found.raw["arrival_date"], found.raw["reference"], found.raw["id"]) == ("2026-03-03", "ABC123", "txn_0001")
    # what failed comes back as a row of its own
    stripe.row(2, type="payout_failure", reporting_category="payout_reversal", amount=1100, fee=0, source=payout)
    rows = transactions(stripe.harness().sync(FEED))
    assert sorted(str(row.external_id) for row in rows) == ["po_1", "txn_0002"]
    assert sum(row.amount for row in rows) == 0


def test_the_fee_of_an_instant_payout_stands_beside_what_the_bank_receives(stripe: FakeStripe) -> None:
    stripe.row(1, type="payout", amount=-10000, fee=100, source="po_1")
    moved, fee = transactions(stripe.harness().sync(FEED))
    assert (moved.external_id, moved.amount, moved.kind) == ("po_1", Decimal(-100), FlowClass.TRANSFER)
    assert (fee.external_id, fee.amount, fee.kind) == ("po_1:fee", Decimal(-1), FlowClass.FEE)


@pytest.mark.parametrize(
    ("currency", "minor", "amount"),
    [
        ("usd", 1234, "12.34"),
        ("jpy", 1234, "1234"),
        ("kwd", 5120, "5.12"),
        ("bhd", 1, "0.001"),
        ("isk", 500, "5"),
        ("ugx", 500, "5"),
        ("huf", 1000, "10"),
        ("twd", 80045, "800.45"),
        ("krw", 10**20, "100000000000000000000"),
        ("usd", 12345678901234567890123456, "123456789012345678901234.56"),
    ],
)
def test_amounts_have_as_many_digits_as_stripe_says_of_the_currency(
    stripe: FakeStripe, currency: str, minor: int, amount: str
) -> None:
    found = one(stripe, currency=currency, amount=minor, fee=0)
    assert (found.amount, found.asset) == (Decimal(amount), currency.upper())


def test_a_converted_charge_counts_in_the_currency_of_the_balance(stripe: FakeStripe) -> None:
    charge = {"id": "ch_1", "object": "charge", "amount": 1000, "currency": "jpy"}
    found = one(stripe, amount=622, fee=48, currency="eur", exchange_rate=0.00622, source=charge)
    assert (found.amount, found.asset) == (Decimal("5.74"), "EUR")
    assert found.raw is not None
    assert (found.raw["charged"], found.raw["exchange_rate"]) == ("1000 JPY", "0.00622")


def test_money_that_becomes_available_is_no_new_version(stripe: FakeStripe) -> None:
    before = one(stripe)
    assert one(stripe, status="available") == before


def test_stripes_own_samples_come_out_right(stripe: FakeStripe) -> None:
    given = samples()
    row = given["balance_transaction"]
    trap = {**row, "id": "txn_trap", "amount": 10000, "fee": 320, "net": 9680, "source": given["charge"]}
    payout = {**row, "id": "txn_po", "type": "payout", "amount": -1100, "net": -1100, "source": given["payout"]}
    stripe.lists[FEED] += [row, trap, payout]
    ran = stripe.harness(since="2009-02-01").sync(FEED, tick=datetime(2009, 3, 1, tzinfo=UTC))
    rows = {str(one.external_id): one for one in transactions(ran)}
    plain, netted, paid = rows[row["id"]], rows["txn_trap"], rows[given["payout"]["id"]]
    assert (plain.amount, plain.asset, plain.kind) == (Decimal(1), "USD", FlowClass.OTHER)
    assert plain.booked_at == datetime(2009, 2, 13, 23, 31, 30, tzinfo=UTC)
    assert netted.amount == Decimal("96.80")
    assert netted.counterparty == "Jenny Rosen"
    assert (paid.amount, paid.kind) == (Decimal(-11), FlowClass.TRANSFER)
    assert paid.raw is not None
    assert paid.raw["arrival_date"] == "2009-02-13"


@pytest.mark.parametrize(
    ("name", "type_", "sign", "kind", "amount"),
    [
        ("refund", "refund", -1, FlowClass.OTHER, "-1"),
        ("dispute", "adjustment", -1, FlowClass.OTHER, "-10"),
        ("payout", "payout", -1, FlowClass.TRANSFER, "-11"),
        ("application_fee", "application_fee", 1, FlowClass.OTHER, "1"),
        ("fee_refund", "application_fee_refund", -1, FlowClass.OTHER, "-1"),
        ("transfer", "transfer", -1, FlowClass.OTHER, "-11"),
        ("transfer_reversal", "transfer_refund", 1, FlowClass.OTHER, "11"),
    ],
)
def test_stripes_own_objects_stand_behind_rows_of_every_kind(
    stripe: FakeStripe, name: str, type_: str, sign: int, kind: FlowClass, amount: str
) -> None:
    source = samples()[name]
    category = {"dispute": "dispute"}.get(name, "")
    minor = sign * source["amount"]
    found = one(stripe, type=type_, reporting_category=category, amount=minor, fee=0, source=source)
    assert (found.kind, found.amount, found.asset) == (kind, Decimal(amount), "USD")
    assert found.raw is not None
    assert found.raw["source"] == source["id"]


def test_every_row_of_many_pages_and_months_is_read_once_whatever_interrupts(stripe: FakeStripe) -> None:
    stripe.page = 3
    for number in range(40):
        stripe.row(number, TICK - timedelta(days=number * 2, minutes=number % 3))
    harness = stripe.harness()
    whole = transactions(harness.sync(FEED))
    wanted = sorted(row["id"] for row in stripe.lists[FEED] if row["created"] >= 1767139200)
    assert len(wanted) > 25
    assert sorted({str(one.external_id) for one in whole}) == wanted
    # interrupted after every batch, with new rows coming in at the top all the while
    found: dict[str, Transaction] = {}
    cursor, runs = None, 0
    while runs < 100:
        ran = harness.sync(FEED, cursor, batches=1)
        found |= {str(one.external_id): one for one in transactions(ran)}
        done, cursor = ran.cursor == cursor, ran.cursor
        if runs in (4, 9):
            stripe.row(1000 + runs, TICK)
            wanted.append(f"txn_{1000 + runs}")
        runs += 1
        if done:
            break
    assert runs < 60
    assert sorted(found) == sorted(wanted)
    assert all(found[str(one.external_id)] == one for one in whole)
    assert cursor is not None
    assert len(json.dumps(cursor.data)) < 300


def test_the_next_run_asks_only_for_what_may_be_new(stripe: FakeStripe) -> None:
    stripe.row(1, TICK - timedelta(days=20))
    stripe.row(2, TICK - timedelta(hours=5))
    harness = stripe.harness()
    first = harness.sync(FEED)
    late = stripe.row(3, TICK - timedelta(hours=5, minutes=50))  # turned up a little after its own time
    stripe.row(4, TICK + timedelta(minutes=1))
    stripe.replay.asked.clear()
    second = harness.sync(FEED, first.cursor, tick=TICK + timedelta(minutes=15))
    assert [one.external_id for one in transactions(second)] == [late["id"], "txn_0002", "txn_0004"]
    assert len(stripe.replay.asked) == 1


def test_a_row_to_go_on_after_that_is_gone_starts_the_stretch_again(stripe: FakeStripe) -> None:
    stripe.page = 2
    for number in range(6):
        stripe.row(number)
    harness = stripe.harness()
    first = harness.sync(FEED, batches=3)
    assert first.cursor is not None
    assert isinstance(first.cursor.data, dict)
    stripe.lists[FEED] = [row for row in stripe.lists[FEED] if row["id"] != first.cursor.data["after"]]
    rest = transactions(harness.sync(FEED, first.cursor))
    assert {one.external_id for one in rest} == {row["id"] for row in stripe.lists[FEED]}


def test_an_earlier_beginning_is_filled_in(stripe: FakeStripe) -> None:
    stripe.row(1, datetime(2025, 6, 1, tzinfo=UTC))
    first = stripe.harness().sync(FEED)
    assert transactions(first) == []
    (found,) = transactions(stripe.harness(since="2025-05-01").sync(FEED, first.cursor))
    assert found.external_id == "txn_0001"


def test_a_beginning_that_is_a_day_earlier_is_filled_in_too(stripe: FakeStripe) -> None:
    stripe.row(1, datetime(2025, 6, 1, 12, tzinfo=UTC))
    first = stripe.harness(since="2025-06-03").sync(FEED)
    assert transactions(first) == []
    second = stripe.harness(since="2025-06-02").sync(FEED, first.cursor)
    assert [one.external_id for one in transactions(second)] == ["txn_0001"]
    # Taken back: all is known, and only the last hour is read again.
    assert transactions(stripe.harness().sync(FEED, second.cursor)) == []


def test_a_run_with_little_time_left_stops_at_the_next_page(stripe: FakeStripe) -> None:
    stripe.page = 1
    for number in range(5):
        stripe.row(number)
    ran = stripe.harness().sync(FEED, seconds=5)
    assert ran.error is None
    assert len(ran.batches) == 1


def test_a_list_that_goes_round_in_circles_is_left(stripe: FakeStripe) -> None:
    row = stripe.row(1)
    stripe.replay.on("GET", "/v1/balance_transactions", Reply(body={"data": [row], "has_more": True}))
    ran = stripe.harness(since="2026-02-20").sync(FEED)
    assert isinstance(ran.error, RetryLater)
    assert "the same again" in str(ran.error)
    stripe.replay.on("GET", "/v1/balance_transactions", Reply(body={"data": [], "has_more": True}))
    assert isinstance(stripe.harness().sync(FEED).error, RetryLater)


def test_a_key_that_may_not_read_charges_still_reads_every_amount(stripe: FakeStripe) -> None:
    stripe.row(1, description="Subscription update")
    stripe.denied = {"data.source.charge", "data.source"}
    ran = stripe.harness().sync(FEED)
    assert isinstance(ran.error, PartlyRead)
    assert "rak_balance_transaction_read" in str(ran.error)
    assert [(one.amount, one.kind) for one in ran.of(Transaction)] == [(Decimal("9.41"), FlowClass.MRR)]
    stripe.denied = {FEED}
    ran = stripe.harness().sync(FEED)
    assert isinstance(ran.error, PartlyRead)
    assert ran.records == []


def test_an_expansion_that_stripe_does_not_know_is_left_out(stripe: FakeStripe) -> None:
    stripe.row(1)
    stripe.refused_expansions = {"data.source.invoice"}
    assert [one.amount for one in transactions(stripe.harness().sync(FEED))] == [Decimal("9.41")]


@pytest.mark.parametrize(
    ("reply", "error", "says"),
    [
        (Reply(status=401, body={"error": {"message": "Invalid API Key"}}), AuthError, "refused the credentials"),
        (Reply(status=403, body=b"<html>no</html>"), AuthError, "403"),
        (Reply(status=429, headers={"retry-after": "7"}, body={"error": {"code": "lock_timeout"}}), RetryLater, "429"),
        (Reply(status=503), RetryLater, "503"),
        (Reply(status=400, body={"error": {"message": "Received unknown parameter"}}), RetryLater, "unknown parameter"),
        (Reply(status=404, body=b"nothing"), RetryLater, "404"),
        (Reply(body=b'{"data": ['), RetryLater, "JSON"),
        (Reply(body={"data": None}), RetryLater, "without a list"),
        (Reply(body=[1, 2]), RetryLater, "where Stripe documents an object"),
        (Reply(drop=True), RetryLater, "could not be reached"),
        (
            Reply(status=403, body={"error": {"code": "account_invalid", "message": "no access to account 'acct_1'"}}),
            ConfigError,
            "account",
        ),
    ],
)
def test_faults_say_what_happens_next(stripe: FakeStripe, reply: Reply, error: type[Exception], says: str) -> None:
    stripe.replay.on("GET", "/v1/balance_transactions", reply)
    ran = stripe.harness().sync(FEED)
    assert type(ran.error) is error
    assert says in str(ran.error)
    assert "Secret" not in str(ran.error) + "".join(ran.log)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("amount", "12", "amount is another text"),
        ("amount", None, "amount is missing"),
        ("amount", 10**40, "absurdly large"),
        ("fee", True, "fee is a yes or no"),
        ("currency", "not a currency", "not a currency"),
        ("currency", None, "currency is missing"),
        ("created", 10**15, "created"),
        ("id", "", "id is another text"),
        ("type", 7, "type is a number"),
        ("exchange_rate", "NaN", "exchange_rate"),
    ],
)
def test_a_row_that_is_not_as_documented_is_named_and_nothing_of_the_page_is_kept(
    stripe: FakeStripe, field: str, value: object, says: str
) -> None:
    row = stripe.row(1)
    body = {"data": [{**row, field: value}], "has_more": False}
    stripe.replay.on("GET", "/v1/balance_transactions", Reply(body=body))
    ran = stripe.harness(since="2026-02-20").sync(FEED)
    assert type(ran.error) is RetryLater
    assert says in str(ran.error)
    assert ran.of(Transaction) == []


def test_texts_of_strangers_are_cut_and_cleaned(stripe: FakeStripe) -> None:
    charge = {"id": "ch_1", "object": "charge", "billing_details": {"name": "A\x00da \ud83d \U0001f4b8" + "x" * 9000}}
    found = one(stripe, source=charge)
    assert found.counterparty.startswith("A da ? \U0001f4b8xxx")
    assert len(found.counterparty) == 500


def test_a_connected_account_is_asked_for_by_name_and_the_version_is_pinned(stripe: FakeStripe) -> None:
    stripe.row(1)
    ran = stripe.harness(account="acct_123").sync(FEED)
    assert ran.of(AccountInfo)[0].kind is AccountKind.PAYOUT
    for asked in stripe.replay.asked:
        assert asked.headers["stripe-account"] == "acct_123"
        assert asked.headers["stripe-version"] == "2024-12-18.acacia"
