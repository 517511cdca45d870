"""What subscriptions are worth per month, and its movements: the worked example of the README, priced and derived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from stripe_server import FakeStripe, at, coupon, event, live_through, samples, subscription, written

from flowd.api import Event, EventRow, Metric, PartlyRead, RetryLater
from flowd.domain.recurring import MOVEMENTS
from flowd.testing.facts import FactsView
from flowd.testing.harness import TICK
from flowd.testing.replay import Replay
from flowd_stripe.analytic import StripeMrr
from flowd_stripe.pricing import worth
from flowd_stripe.reading import Thing
from flowd_stripe.subscriptions import CHANGE, STATE


@pytest.fixture
def stripe() -> Iterator[FakeStripe]:
    """A shop without subscriptions."""
    with Replay() as replay:
        yield FakeStripe(replay)


def brings(thing: dict[str, Any], tiers: list[dict[str, Any]] | None = None) -> Decimal:
    known = None if tiers is None else [Thing(one, "tier") for one in tiers]
    return worth(Thing(thing, "subscription"), lambda _: known, {}).now


@pytest.mark.parametrize(
    ("fields", "monthly"),
    [
        ({}, "10"),
        ({"quantity": 3}, "30"),
        ({"quantity": 0}, "0"),
        ({"interval": "year", "unit": 12000}, "10"),
        ({"every": 3, "unit": 3000}, "10"),
        ({"interval": "week"}, "43.452381"),
        ({"interval": "day", "unit": 100}, "30.416667"),
        ({"unit": 1000, "price": {"currency": "jpy"}, "currency": "jpy"}, "1000"),
        ({"price": {"unit_amount": 1, "unit_amount_decimal": "0.5"}, "quantity": 200}, "1"),
        ({"price": {"transform_quantity": {"divide_by": 10, "round": "up"}}, "quantity": 11}, "20"),
        ({"price": {"transform_quantity": {"divide_by": 10, "round": "down"}}, "quantity": 19}, "10"),
        ({"price": {"recurring": {"interval": "month", "interval_count": 1, "usage_type": "metered"}}}, "0"),
        ({"discounts": [coupon(percent=25)]}, "7.5"),
        ({"discounts": [coupon(off=300)]}, "7"),
        ({"discounts": [coupon(off=3000)]}, "0"),
        ({"discounts": [coupon(percent=100, duration="once")]}, "10"),
        ({"interval": "year", "unit": 12000, "discounts": [coupon(off=2400)]}, "8"),
        ({"discounts": [coupon(percent=50), coupon(off=100)]}, "4"),
        ({"discounts": ["di_1"], "discount": coupon(percent=20)}, "8"),
        ({"discount": coupon(percent=20), "discounts": None}, "8"),
        ({"items": None}, "0"),
    ],
)
def test_a_subscription_is_brought_to_a_month_and_less_its_discounts(fields: dict[str, Any], monthly: str) -> None:
    assert brings(subscription(1, **fields)) == Decimal(monthly)


TIERS: list[dict[str, Any]] = [
    {"up_to": 5, "unit_amount": 700, "flat_amount": None},
    {"up_to": 10, "unit_amount_decimal": "650.5", "flat_amount": 100},
    {"up_to": None, "unit_amount": 500, "flat_amount": 300},
]


@pytest.mark.parametrize(
    ("mode", "quantity", "monthly"),
    [
        ("graduated", 0, "0"),
        ("graduated", 1, "7"),
        ("graduated", 5, "35"),
        ("graduated", 6, "42.505"),
        ("graduated", 12, "81.525"),
        ("volume", 5, "35"),
        ("volume", 6, "40.03"),
        ("volume", 12, "63"),
    ],
)
def test_tiers_are_counted_and_not_approximated(mode: str, quantity: int, monthly: str) -> None:
    price = {"billing_scheme": "tiered", "tiers_mode": mode, "unit_amount": None}
    assert brings(subscription(1, price=price, quantity=quantity), TIERS) == Decimal(monthly)


def test_what_cannot_be_found_out_is_named_and_counts_as_nothing() -> None:
    thing = subscription(1, price={"billing_scheme": "tiered", "unit_amount": None}, discounts=["di_gone"])
    found = worth(Thing(thing, "subscription"), lambda _: None, {})
    assert found.now == 0
    assert list(found.unknown) == ["the price price_1", "the discount di_gone"]


def test_stripes_sample_of_a_subscription_is_twenty_dollars() -> None:
    thing = samples()["subscription"]
    price = thing["items"]["data"][0]["price"] | {"transform_quantity": None}
    assert brings(thing | {"items": {"data": [{"price": price, "quantity": 1}]}}) == Decimal(20)


def view(events: list[Event], today: date) -> FactsView:
    """What the store would answer: the newest version of each."""
    newest: dict[tuple[str, str], EventRow] = {}
    for one in events:
        known = newest.get((one.type, one.key))
        if known is None or known.data != one.data:
            newest[one.type, one.key] = EventRow(connection="shop", key=one.key, at=one.at, data=one.data)
    found: dict[str, list[EventRow]] = {STATE: [], CHANGE: []}
    for (type_, _), row in newest.items():
        found[type_].append(row)
    return FactsView(today=today, all_events=found)


def metrics(events: list[Event], today: date) -> list[Metric]:
    facts = view(events, today)
    first, last = StripeMrr().reach(facts, today, today)
    return list(StripeMrr().compute(facts, first, last))


def table(found: list[Metric]) -> dict[str, dict[str, Decimal | None]]:
    """Return the metrics per month: month → name → value."""
    months: dict[str, dict[str, Decimal | None]] = {}
    for one in found:
        if one.window == "1mo":
            month = (one.at + timedelta(hours=12)).strftime("%Y-%m")
            months.setdefault(month, {})[one.name.removeprefix("mrr_")] = one.value
    return months


def test_the_example_of_the_readme_is_what_comes_out(stripe: FakeStripe) -> None:
    events = [one for _, batch in live_through(stripe) for one in batch]
    found = metrics(events, date(2026, 3, 20))
    assert table(found) == written()
    assert {one.subject for one in found} == {"shop/USD"}
    days = {one.at.astimezone(UTC).date(): one.value for one in found if (one.name, one.window) == ("mrr", "1d")}
    assert len(days) == (date(2026, 3, 20) - date(2026, 1, 5)).days + 1
    customers = [one.value for one in found if one.name == "mrr_customers"]
    assert (customers[0], customers[-1]) == (Decimal(1), Decimal(3))


def test_movements_add_up_to_the_change_of_mrr_on_every_day(stripe: FakeStripe) -> None:
    events = [one for _, batch in live_through(stripe) for one in batch]
    found = [one for one in metrics(events, date(2026, 3, 20)) if one.window == "1d"]
    before = Decimal(0)
    for moment in sorted({one.at for one in found}):
        of_day = {one.name: one.value or Decimal(0) for one in found if one.at == moment}
        assert of_day["mrr"] - before == sum(of_day.get(f"mrr_{name}", Decimal(0)) for name in MOVEMENTS)
        before = of_day["mrr"]


def test_what_began_before_stripes_memory_counts_from_its_start(stripe: FakeStripe) -> None:
    started = datetime(2025, 6, 10, 10, tzinfo=UTC)
    ended = int(datetime(2025, 12, 24, tzinfo=UTC).timestamp())
    stripe.lists["subscriptions"] = [
        subscription(1, start=started),
        subscription(2, start=started, status="canceled", ended_at=ended),
        subscription(3, start=started, status="past_due"),
        subscription(4, start=started, status="unpaid"),
        subscription(5, start=started, status="trialing", trial_end=int(TICK.timestamp()) + 9),
        subscription(6, start=started, pause_collection={"behavior": "void"}),
        subscription(7, start=started, status="incomplete_expired", ended_at=int(started.timestamp())),
    ]
    found = table(metrics(stripe.harness().sync("subscriptions").of(Event), TICK.date()))
    assert (found["2025-06"]["new"], found["2025-06"]["mrr"]) == (Decimal(30), Decimal(30))
    assert found["2025-12"]["churn"] == -10
    assert found["2026-03"]["mrr"] == 20


def test_a_discount_that_ends_is_an_expansion_on_its_day(stripe: FakeStripe) -> None:
    end = int(at("2026-02-15").timestamp())
    half = coupon(percent=50, duration="repeating", end=end)
    stripe.lists["subscriptions"] = [subscription(1, start=at("2026-01-15"), discounts=[half])]
    found = table(metrics(stripe.harness().sync("subscriptions").of(Event), TICK.date()))
    assert (found["2026-01"]["mrr"], found["2026-02"]["expansion"], found["2026-02"]["mrr"]) == (
        Decimal(5),
        Decimal(5),
        Decimal(10),
    )


def test_a_change_that_was_missed_is_dated_to_when_it_was_seen(stripe: FakeStripe) -> None:
    thing = subscription(1, start=at("2026-01-05"))
    stripe.lists["subscriptions"] = [thing]
    stripe.lists["events"] = [event(1, "created", thing, at("2026-01-05"))]
    first = stripe.harness().sync("subscriptions", tick=at("2026-01-06"))
    # for two months flowd was off, and Stripe forgot what happened meanwhile
    stripe.lists["subscriptions"] = [subscription(1, start=at("2026-01-05"), quantity=4)]
    stripe.lists["events"] = []
    second = stripe.harness().sync("subscriptions", first.cursor, tick=at("2026-03-10"))
    found = metrics([*first.of(Event), *second.of(Event)], date(2026, 3, 12))
    (moved,) = [one for one in found if (one.name, one.window) == ("mrr_expansion", "1d")]
    assert (moved.at.astimezone(UTC).date(), moved.value) == (date(2026, 3, 9), Decimal(30))


def test_events_are_read_every_time_and_subscriptions_once_a_day(stripe: FakeStripe) -> None:
    stripe.lists["subscriptions"] = [subscription(1)]
    first = stripe.harness().sync("subscriptions")
    stripe.replay.asked.clear()
    second = stripe.harness().sync("subscriptions", first.cursor, tick=TICK + timedelta(hours=1))
    assert stripe.replay.paths() == ["GET /v1/events"]
    stripe.harness().sync("subscriptions", second.cursor, tick=TICK + timedelta(hours=23))
    assert "GET /v1/subscriptions" in stripe.replay.paths()


def test_a_key_without_the_right_to_events_says_what_is_missing(stripe: FakeStripe) -> None:
    stripe.lists["subscriptions"] = [subscription(1)]
    stripe.denied = {"events"}
    ran = stripe.harness().sync("subscriptions")
    assert isinstance(ran.error, PartlyRead)
    assert "events" in str(ran.error)
    assert [one.type for one in ran.of(Event)] == [STATE]


def test_discounts_that_an_event_only_names_are_looked_up(stripe: FakeStripe) -> None:
    stripe.lists["subscriptions"] = []
    first = stripe.harness().sync("subscriptions")
    two = [coupon(percent=50), {**coupon(off=100), "id": "di_2"}]
    stripe.objects["subscriptions/sub_1"] = subscription(1, discounts=two)
    named = subscription(1, discounts=["di_1", "di_2"])
    stripe.lists["events"] = [event(number, "updated", named, TICK) for number in range(3)]
    stripe.replay.asked.clear()
    second = stripe.harness().sync("subscriptions", first.cursor, tick=TICK + timedelta(hours=1))
    assert {one.data["mrr"] for one in second.of(Event)} == {"4.000000"}
    assert stripe.replay.paths() == ["GET /v1/events", "GET /v1/subscriptions/sub_1"]
    # one that is gone is named, and its discounts count as nothing
    del stripe.objects["subscriptions/sub_1"]
    third = stripe.harness().sync("subscriptions", first.cursor, tick=TICK + timedelta(hours=1))
    assert third.error is None
    assert "the discount di_1" in third.log[0]


def test_tiers_are_looked_up_once_and_missing_rights_are_said(stripe: FakeStripe) -> None:
    tiered = {"billing_scheme": "tiered", "tiers_mode": "volume", "id": "price_t", "unit_amount": None}
    stripe.lists["subscriptions"] = [subscription(number, price=tiered, quantity=6) for number in range(3)]
    stripe.objects["prices/price_t"] = {"id": "price_t", "tiers": TIERS}
    ran = stripe.harness().sync("subscriptions")
    assert [one.data["mrr"] for one in ran.of(Event)] == ["40.030000"] * 3
    assert stripe.replay.paths().count("GET /v1/prices/price_t") == 1
    stripe.denied = {"prices"}
    ran = stripe.harness().sync("subscriptions")
    assert isinstance(ran.error, PartlyRead)
    assert "rak_price_read" in str(ran.error)
    del stripe.objects["prices/price_t"]
    stripe.denied = set()
    ran = stripe.harness().sync("subscriptions")
    assert ran.error is None
    assert "the price price_t" in ran.log[0]


def test_a_subscription_of_more_than_ten_items_is_read_whole(stripe: FakeStripe) -> None:
    thing = subscription(1)
    thing["items"]["has_more"] = True
    stripe.lists["subscriptions"] = [thing]
    item = thing["items"]["data"][0]
    stripe.lists["subscription_items"] = [{**item, "id": f"si_{number}", "created": number} for number in range(12)]
    stripe.page = 5
    (state,) = stripe.harness().sync("subscriptions").of(Event)
    assert state.data["mrr"] == "120.000000"


def test_subscriptions_are_resumed_page_by_page(stripe: FakeStripe) -> None:
    stripe.page = 2
    stripe.lists["subscriptions"] = [subscription(number) for number in range(7)]
    stripe.lists["events"] = [event(number, "updated", subscription(number), TICK) for number in range(5)]
    whole = {(one.type, one.key): one for one in stripe.harness().sync("subscriptions").of(Event)}
    found: dict[tuple[str, str], Event] = {}
    cursor = None
    for _ in range(12):
        ran = stripe.harness().sync("subscriptions", cursor, batches=1)
        found |= {(one.type, one.key): one for one in ran.of(Event)}
        cursor = ran.cursor
    assert found == whole
    assert len(whole) == 12


def test_an_event_that_is_not_as_documented_is_told(stripe: FakeStripe) -> None:
    stripe.lists["events"] = [event(1, "created", {**subscription(1), "status": None}, TICK)]
    ran = stripe.harness().sync("subscriptions")
    assert type(ran.error) is RetryLater
    assert "status is missing" in str(ran.error)
