"""What nobody reads is told by its trades: a depot known from Quicken or a list of deals is part of what one owns."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from flowd.api import AccountInfo, AccountKind, Rate, Side, Snapshot, Trade
from flowd.storage.database import Database
from tests.deriving import Store
from tests.integration.test_positions import Books

DEPOT = AccountInfo(account="depot", name="Depot", kind=AccountKind.BROKER)


def at(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=UTC).replace(hour=12)


def deal(day: str, side: Side, quantity: str, price: str) -> Trade:
    return Trade(
        account="depot", external_id=f"{day}{side.value}", at=at(day), base="FND", quote="EUR", side=side,
        quantity=Decimal(quantity), price=Decimal(price), fee=Decimal(0), fee_asset="EUR",
    )  # fmt: skip


def price(day: str, value: str) -> Rate:
    return Rate(base="FND", quote="EUR", at=at(day), value=Decimal(value))


@pytest.fixture
def store(database: Database) -> Store:
    """A store in which ten shares were bought in January and four sold in March."""
    store = Books(database)
    store.write("broker", DEPOT, deal("2026-01-10", Side.BUY, "10", "20"), deal("2026-03-02", Side.SELL, "4", "24"))
    store.write("broker", price("2026-01-31", "22"), price("2026-02-28", "23"), price("2026-03-20", "25"))
    store.derivation.catch_up()
    return store


WORTH = "SELECT day::text, worth::int, quality, lacking FROM report.net_worth WHERE by = 'total' AND step = 'month' "


def test_a_depot_of_trades_counts_in_net_worth(store: Store) -> None:
    past = store.rows(WORTH + "AND day < '2026-03-31' ORDER BY day")
    assert past == [("2026-01-31", 220, "exact", 0), ("2026-02-28", 230, "exact", 0)]
    ((worth,),) = store.rows(
        "SELECT worth::int FROM report.net_worth WHERE by = 'account' AND step = 'day' AND name = 'broker/depot' "
        "ORDER BY day DESC LIMIT 1"
    )
    assert worth == 150
    listed = "SELECT name, asset, quantity::int, worth::int, began::text FROM report.account"
    assert store.rows(listed) == [("Depot", "FND", 6, 150, "2026-01-10")]
    # charts draw only what has a colour
    painted = store.rows("SELECT scope, name FROM report.account_colour ORDER BY scope")
    assert painted == [("account", "broker/depot"), ("asset", "FND"), ("connection", "broker"), ("kind", "broker")]


def test_what_is_read_counts_and_its_trades_do_not(store: Store) -> None:
    store.write("broker", Snapshot(account="depot", asset="FND", quantity=Decimal(7), at=at("2026-03-20")))
    store.derivation.catch_up()
    assert store.rows("SELECT asset, quantity::int, value_base::int FROM report.account") == [("FND", 7, 175)]
    assert store.rows("SELECT DISTINCT source FROM report.worth") == [("read",)]


def test_a_depot_that_was_sold_is_worth_nothing(store: Store) -> None:
    store.write("broker", deal("2026-03-10", Side.SELL, "6", "24"))
    store.derivation.catch_up()
    ((worth, lacking),) = store.rows(
        "SELECT worth::int, lacking FROM report.net_worth WHERE by = 'total' AND step = 'day' ORDER BY day DESC LIMIT 1"
    )
    assert (worth, lacking) == (0, 0)
