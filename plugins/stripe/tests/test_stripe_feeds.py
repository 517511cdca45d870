"""Balances, what a key may do, and the suite that every connector passes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError
from stripe_server import KEY, FakeStripe, charge, coupon, event, samples, subscription

from flowd.api import AccountInfo, AuthError, Covers, Event, PartlyRead, RetryLater, Snapshot
from flowd.testing.harness import TICK
from flowd.testing.replay import Replay
from flowd.testing.suite_connector import ConnectorSuite
from flowd_stripe import CONNECTOR
from flowd_stripe.config import StripeConfig


@pytest.fixture
def stripe() -> Iterator[FakeStripe]:
    """An empty account."""
    with Replay() as replay:
        yield FakeStripe(replay)


def amounts(currency: str, amount: int) -> dict[str, Any]:
    return {"currency": currency, "amount": amount, "source_types": {"card": amount}}


def held(stripe: FakeStripe) -> dict[tuple[str, str], Decimal]:
    ran = stripe.harness().sync("balances")
    assert ran.error is None
    assert [batch.covers for batch in ran.batches] == [Covers.CONNECTION]
    return {(one.account, one.asset): one.quantity for one in ran.of(Snapshot)}


def test_the_balance_is_what_is_available_and_what_is_still_to_come(stripe: FakeStripe) -> None:
    stripe.objects["balance"] |= {
        "available": [amounts("usd", 1000), amounts("jpy", 500), amounts("eur", -250)],
        "pending": [amounts("usd", 2345), amounts("kwd", 1500)],
        "instant_available": [amounts("usd", 900)],
        "connect_reserved": [amounts("usd", 100)],
        "issuing": {"available": [amounts("usd", 77)]},
        "refund_and_dispute_prefunding": {"available": [amounts("usd", 5)], "pending": [amounts("usd", 6)]},
    }
    assert held(stripe) == {
        ("balance", "USD"): Decimal("33.45"),
        ("balance", "JPY"): Decimal(500),
        ("balance", "EUR"): Decimal("-2.5"),
        ("balance", "KWD"): Decimal("1.5"),
        ("reserved", "USD"): Decimal(1),
        ("issuing", "USD"): Decimal("0.77"),
        ("prefunding", "USD"): Decimal("0.11"),
    }
    infos = stripe.harness().sync("balances").of(AccountInfo)
    assert {one.account for one in infos} == {"balance", "reserved", "issuing", "prefunding"}


def test_stripes_sample_of_a_balance_is_zero_dollars(stripe: FakeStripe) -> None:
    stripe.objects["balance"] = samples()["balance"]
    assert held(stripe) == {("balance", "USD"): Decimal(0), ("reserved", "USD"): Decimal(0)}


@pytest.mark.parametrize("body", [{}, {"available": []}, {"available": [], "pending": None}, {"available": "0"}])
def test_a_balance_that_is_not_whole_is_no_zero(stripe: FakeStripe, body: dict[str, Any]) -> None:
    stripe.objects["balance"] = body
    ran = stripe.harness().sync("balances")
    assert isinstance(ran.error, RetryLater)
    assert ran.batches == []


def test_a_key_that_may_not_read_the_balance_is_told_which_permission_it_lacks(stripe: FakeStripe) -> None:
    stripe.denied = {"balance"}
    ran = stripe.harness().sync("balances")
    assert isinstance(ran.error, PartlyRead)
    assert "rak_balance_read" in str(ran.error)
    assert ran.records == []


def test_check_finds_out_what_a_restricted_key_may_read(stripe: FakeStripe) -> None:
    check = stripe.harness().check()
    assert check.unread == []
    assert check.warnings == []
    assert check.covers == ["balance", "balance transactions", "subscriptions", "events", "prices"]
    stripe.denied = {"events", "prices"}
    check = stripe.harness().check()
    assert check.covers == ["balance", "balance transactions", "subscriptions"]
    assert [one.split(":")[0] for one in check.unread] == ["events", "prices"]
    assert "rak_event_read" in check.unread[0]


def test_check_warns_of_a_key_that_may_write_and_of_test_mode(stripe: FakeStripe) -> None:
    stripe.key = "sk_test_Secret"
    stripe.objects["balance"]["livemode"] = False
    check = stripe.harness(key="sk_test_Secret").check()
    assert any("transfer" in one for one in check.permissions)
    assert "restricted" in check.warnings[0]
    assert "real money" in check.warnings[1]
    assert len(stripe.replay.asked) == 1
    with pytest.raises(AuthError):
        stripe.harness(key="rk_live_another").check()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"key": "pk_live_Secret"}, "publishable"),
        ({"account": "123"}, "pattern"),
        ({"url": "ftp://x"}, "pattern"),
        ({"api_version": "latest"}, "pattern"),
        ({"until": "2026-01-01"}, "Extra inputs"),
    ],
)
def test_what_is_wrong_in_the_settings_is_said_without_the_key(values: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says) as told:
        StripeConfig.model_validate({"key": KEY, **values})
    assert "live_Secret" not in str([error["msg"] for error in told.value.errors()])


class TestStripe(ConnectorSuite):
    """What every connector must do, on a small shop with subscriptions."""

    connector = CONNECTOR
    config: ClassVar[dict[str, object]] = {"since": "2025-11-01"}

    def source(self) -> Replay:
        """A shop of two pages of everything."""
        replay = Replay()
        stripe = FakeStripe(replay)
        stripe.key, stripe.page = None, 3
        for number in range(5):
            stripe.row(number, TICK - timedelta(days=20 * number), source=charge(f"ch_{number}", name="Zoë"))
        stripe.row(9, type="payout", amount=-3000, fee=0, source={"id": "po_1", "object": "payout"})
        stripe.objects["balance"] |= {"available": [amounts("usd", 1000)], "pending": [amounts("usd", 2345)]}
        stripe.objects["prices/price_t"] = {
            "id": "price_t",
            "tiers": [{"up_to": 2, "unit_amount": 500}, {"up_to": None, "unit_amount": 300, "flat_amount": 100}],
        }
        for number in range(4):
            stripe.lists["subscriptions"].append(
                subscription(number, unit=1000 + number, discounts=[coupon(percent=10)] if number == 1 else [])
            )
        tiered = {"billing_scheme": "tiered", "tiers_mode": "graduated", "id": "price_t"}
        stripe.lists["subscriptions"].append(subscription(7, price=tiered))
        for number in range(4):
            stripe.lists["events"].append(event(number, "created", subscription(number), TICK - timedelta(days=number)))
        return replay


def test_the_key_is_nowhere_to_be_read(stripe: FakeStripe) -> None:
    harness = stripe.harness()
    stripe.row(1)
    stripe.lists["subscriptions"].append(subscription(1))
    said = [repr(harness.connector), repr(harness.config), repr(harness.check())]
    for feed in ("balances", "balance_transactions", "subscriptions"):
        ran = harness.sync(feed)
        said += [repr(ran), str(ran.error), *ran.log]
    assert harness.sync("subscriptions").of(Event)
    assert KEY not in "".join(said)
    assert all(KEY not in str(one.query) + one.path for one in stripe.replay.asked)
