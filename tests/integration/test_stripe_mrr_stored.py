"""Recurring revenue of a Stripe account, from its answers through the log to the metrics in the store."""

from __future__ import annotations

from decimal import Decimal

from stripe_server import FakeStripe, at, live_through, written

from flowd.analytics.income import Income
from flowd.engine.derivation import Derivation
from flowd.plugins import Registry
from flowd.storage.database import Database
from flowd.testing.replay import Replay
from flowd_stripe.analytic import StripeMrr
from tests.deriving import Store


def test_the_store_derives_the_example_bit_by_bit_and_all_at_once(database: Database) -> None:
    store = Store(database)
    registry = Registry(analytics={"income": Income(), "stripe_mrr": StripeMrr()})
    store.clock.step(at("2026-01-01") - store.clock.now())
    store.derivation = Derivation(database, registry, store.settings, store.clock)
    with Replay() as replay:
        for end, events in live_through(FakeStripe(replay)):
            store.clock.step(at(end) - store.clock.now())
            store.write("shop", *events)
            store.derivation.catch_up()
    by_month = (
        "SELECT to_char(day, 'YYYY-MM'), replace(name, 'mrr_', ''), value FROM report.metric"
        " WHERE analytic = 'stripe_mrr' AND \"window\" = '1mo' AND subject = 'shop/USD' AND unit = 'USD'"
    )
    months: dict[str, dict[str, Decimal | None]] = {}
    for month, name, value in store.rows(by_month):
        months.setdefault(month, {})[name] = value
    assert months == written()
    everything = store.rows("SELECT m::text FROM derived.metric m ORDER BY 1")
    store.derivation.rebuild()
    assert store.rows("SELECT m::text FROM derived.metric m ORDER BY 1") == everything
