"""A Stripe account from its answers through the log to what is shown: income net of fees, recurring revenue."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from stripe_server import FakeStripe, at, charge, live_through, written

from flowd.analytics.income import Income
from flowd.api import AccountInfo, AccountKind, Transaction
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


def test_what_is_left_of_payments_is_income_and_a_payout_is_none_on_either_side(database: Database) -> None:
    store = Store(database)
    day = date(2026, 3, 10)
    with Replay() as replay:
        stripe = FakeStripe(replay)
        noon = at(day.isoformat())
        stripe.row(1, noon, amount=10000, fee=320, source=charge("ch_1", name="Ada"))
        stripe.row(2, noon, amount=5000, fee=175, description="Subscription update", source="ch_2")
        refund = {"id": "re_1", "object": "refund", "charge": charge("ch_1")}
        stripe.row(3, noon + timedelta(days=1), type="refund", amount=-10000, fee=0, source=refund)
        dispute = {"type": "adjustment", "reporting_category": "dispute", "amount": -2000, "fee": 1500}
        stripe.row(4, noon + timedelta(days=2), **dispute, source={"id": "dp_1", "object": "dispute", "charge": "ch_9"})
        stripe.row(5, noon + timedelta(days=2), type="stripe_fee", amount=-80, fee=0, source=None)
        payout = {"id": "po_1", "object": "payout", "arrival_date": int((noon + timedelta(days=4)).timestamp())}
        stripe.row(6, noon + timedelta(days=3), type="payout", amount=-4825, fee=0, source=payout)
        ran = stripe.harness().sync("balance_transactions", tick=store.clock.now())
        assert ran.error is None
        store.write("shop", *ran.records)
    store.write(
        "bank",
        AccountInfo(account="giro", name="Giro", kind=AccountKind.BANK),
        Transaction(
            account="giro",
            external_id="b-1",
            booked_at=day + timedelta(days=5),
            amount=Decimal("48.25"),
            asset="USD",
            counterparty="STRIPE PAYMENTS",
        ),
    )
    store.derivation.catch_up()
    assert store.income("shop/other", "received") == {
        "2026-03-10": "96.8",
        "2026-03-11": "-100",
        "2026-03-12": "-35",
    }
    assert store.income("shop/mrr", "received") == {"2026-03-10": "48.25"}
    classes = dict(store.rows("SELECT flow_class, sum(amount)::text FROM derived.flow GROUP BY 1 ORDER BY 1"))
    # both sides of the payout are transfers, and sum to nothing
    assert classes == {"fee": "-0.8", "mrr": "48.25", "other": "-38.2", "transfer": "0.00"}
