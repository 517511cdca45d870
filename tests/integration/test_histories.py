"""A history for studies is what was derived, up to the last whole day: nothing is 0, and what is unknown is NaN."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from flowd.api import About, AccountInfo, AccountKind, FlowClass, Goal, History, Method, Rate
from flowd.domain.goals import OWN_WORD, goal_event, removal_event
from flowd.engine.histories import gather
from flowd.plugins import Registry
from flowd.storage.database import Database
from tests.deriving import NOW, SPOT, Store, reading, schedule, transaction

BANK = AccountInfo(account="main", name="Main", kind=AccountKind.BANK)
UNTIL = date(2026, 3, 19)


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


def history(store: Store, currency: str | None = None) -> History:
    store.derivation.catch_up()
    return gather(store.database, store.settings, Registry(), store.clock, currency=currency)


def usd(day: int, value: str) -> Rate:
    return Rate(base="USD", quote="EUR", at=datetime(2026, 3, day, 12, tzinfo=UTC), value=Decimal(value))


def test_an_empty_store_has_an_empty_history(store: Store) -> None:
    empty = history(store)
    assert (empty.today, empty.until, empty.currency) == (NOW.date(), UNTIL, "EUR")
    assert (list(empty.streams), empty.income, empty.receipts) == ([], {}, {})
    assert (empty.expenses, empty.cash, empty.net_worth) == (None, None, None)
    assert (list(empty.portfolios), list(empty.goals), empty.models) == ([], [], {})


def test_a_day_without_a_row_is_nothing_and_today_is_not_over(store: Store) -> None:
    store.write("bank", BANK, transaction("2026-03-10", "100", kind=FlowClass.PAYOUT, counterparty="Acme"),
                transaction("2026-03-12", "50", kind=FlowClass.PAYOUT, counterparty="Acme"),
                transaction("2026-03-20", "70", kind=FlowClass.PAYOUT, counterparty="Acme"))  # fmt: skip
    found = history(store)
    [info] = found.streams
    assert (info.stream, info.method, info.connection) == ("bank/payout", Method.TRANSACTIONS, "bank")
    assert info.classes == {"payout"}
    series = found.income["bank/payout"].received
    assert (series.first, series.last) == (date(2026, 3, 10), UNTIL)
    assert series.values.tolist() == [100.0, 0.0, 50.0] + [0.0] * 7
    assert [(row.day.day, row.amount, row.payer) for row in found.receipts["bank/payout"]] == [
        (10, Decimal(100), "acme"),
        (12, Decimal(50), "acme"),
    ]


def test_what_has_no_rate_is_not_known_and_in_its_own_currency_it_is(store: Store) -> None:
    store.write("bank", BANK, transaction("2026-03-02", "100", kind=FlowClass.PAYOUT, asset="USD"),
                transaction("2026-03-18", "10", kind=FlowClass.PAYOUT, asset="USD"), usd(17, "0.5"))  # fmt: skip
    received = history(store).income["bank/payout"].received.values
    assert np.isnan(received[0])
    assert received[-2:].tolist() == [5.0, 0.0]
    in_dollars = history(store, "USD").income["bank/payout"].received.values
    assert (in_dollars[0], in_dollars[-2]) == (100.0, 10.0)
    unknown = history(store, "CHF").income["bank/payout"].received.values
    assert np.isnan(unknown[[0, -2]]).all()
    assert unknown[-1] == 0.0


def test_streams_say_what_their_user_says(database: Database) -> None:
    store = Store(database, streams={"rent": {"of": ["bank/rent"], "tax": "25%", "passive": False, "group": "houses"},
                                     "bank/rent": {"every": "month on 1", "passive": True}})  # fmt: skip
    store.write("bank", BANK, transaction("2026-03-10", "100", kind=FlowClass.RENT))
    [info] = history(store).streams
    assert (info.tax, info.passive, info.every, info.group) == (Decimal("0.25"), True, "month on 1", "houses")


def test_expenses_are_above_zero_and_cash_is_by_the_last_readings(store: Store) -> None:
    store.write("bank", BANK, reading("2026-03-10T10:00:00", "1000", account="main"),
                reading("2026-03-18T10:00:00", "900", account="main"),
                reading("2026-03-18T10:00:00", "10", "USD", "main"),
                transaction("2026-03-12", "-100", kind=FlowClass.EXPENSE),
                transaction("2026-03-14", "-20", kind=FlowClass.EXPENSE, asset="USD"), usd(13, "0.5"))  # fmt: skip
    store.write("exchange", SPOT, reading("2026-03-19T10:00:00", "50"))
    found = history(store)
    assert found.expenses is not None
    assert found.expenses.first == date(2026, 3, 12)
    assert found.expenses.values.tolist() == [100.0, 0.0, 10.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert (found.cash, found.net_worth) == (Decimal(905), Decimal(955))
    assert history(store, "USD").cash == Decimal(1810)


def test_cash_is_not_known_by_old_readings_or_without_a_rate(store: Store) -> None:
    store.write("bank", BANK, reading("2026-01-10T10:00:00", "1000", account="main"))
    store.write("exchange", SPOT, reading("2026-03-19T10:00:00", "5", "XYZ"))
    found = history(store)
    assert (found.cash, found.net_worth) == (None, None)


def test_schedules_goals_and_what_was_foretold(store: Store) -> None:
    store.write("salary", schedule("salary"))
    goal = Goal(goal="house", kind="saved", amount=Decimal(5000), currency="EUR", since=date(2026, 1, 1))
    other = Goal(goal="bike", kind="monthly", amount=Decimal(100), currency="EUR", since=date(2026, 1, 1))
    store.write(OWN_WORD, goal_event(goal, NOW), goal_event(other, NOW))
    store.write(OWN_WORD, removal_event("bike", NOW + timedelta(hours=1)))
    with store.database.transaction() as session:
        for made, ends in ((1, 7), (1, 19), (18, 25)):
            session.execute(
                "INSERT INTO app.projection SELECT %s, 'total', '', %s, now(), 'sum', %s, 1, 2, 3, 4, 5, 6, 7, 4,"
                " 'naive', NULL, 'EUR'",
                (store.database.tenant_id, date(2026, 3, made), date(2026, 3, ends)),
            )
    found = history(store)
    assert [term.amount for term in found.terms] == [Decimal(310)]
    assert list(found.goals) == [goal]
    assert found.said is not None
    assert found.said.subjects == [(About.TOTAL, "")]
    assert [date.fromordinal(int(day)).day for day in found.said.for_day] == [7, 19]
    assert found.said.quantiles[:, 0].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    assert history(store, "USD").said is None


def test_a_portfolio_has_every_day_and_adds_up_in_any_currency(store: Store) -> None:
    rows = [("2026-03-16", 100, 100, 0, None), ("2026-03-17", 110, 0, 10, "0.1"), ("2026-03-19", 120, 5, 5, "0.05")]
    with store.database.transaction() as session:
        for day, value, flow, pnl, gained in rows:
            session.execute(
                "INSERT INTO app.performance"
                " VALUES (%s, 'total', '', %s, %s, %s, %s, %s, 0, %s, 0, 0, 0, 'EUR', 'exact')",
                (store.database.tenant_id, day, value, flow, pnl, gained, pnl),
            )
    store.write("bank", usd(15, "0.5"), usd(17, "0.25"))
    store.derivation.catch_up()
    with store.database.transaction() as session:
        # what performance derives of these readings is not what this test is about
        assert session.execute("SELECT count(*) FROM app.performance").fetchone() == (3,)
    [portfolio] = gather(store.database, store.settings, Registry(), store.clock).portfolios
    assert portfolio.first == date(2026, 3, 16)
    assert portfolio.value[[0, 1, 3]].tolist() == [100.0, 110.0, 120.0]
    assert np.isnan(portfolio.value[2])
    assert (portfolio.qualities[2], portfolio.reasons[2]) == ("partial", "nothing was read on this day")
    [dollars] = gather(store.database, store.settings, Registry(), store.clock, currency="USD").portfolios
    assert dollars.value[:2].tolist() == [200.0, 440.0]
    assert (dollars.pnl[1], dollars.price[1], dollars.fx[1]) == (240.0, 40.0, 200.0)
    assert dollars.day_return[1] == pytest.approx(1.1 * 2 - 1)
    assert dollars.pnl[1] == dollars.value[1] - dollars.value[0] - dollars.flow[1]


def test_the_digest_of_a_stream_stands_for_its_history(store: Store) -> None:
    store.write("bank", BANK, transaction("2026-03-10", "100", kind=FlowClass.PAYOUT))
    first = history(store).digests
    assert history(store).digests == first
    store.write("bank", transaction("2026-03-11", "1", kind=FlowClass.PAYOUT))
    assert history(store).digests != first


def test_rates_can_be_asked_for_when_all_is_read(store: Store) -> None:
    store.write("bank", BANK, usd(17, "0.5"))
    rate = history(store).rate
    assert (rate("USD", "EUR", date(2026, 3, 18)), rate("EUR", "USD", UNTIL)) == (Decimal("0.5"), Decimal(2))
    assert rate("USD", "EUR", date(2026, 3, 1)) is None
    assert rate("USD", "USD", date(2026, 3, 1)) == 1
