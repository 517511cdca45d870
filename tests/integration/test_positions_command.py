"""`flowd positions` and `flowd gains` show the books, for people and for programs."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flowd.analytics.positions.study import Positions
from flowd.api import Rate, Side, Trade
from flowd.engine.derivation import Derivation
from flowd.plugins import Registry
from flowd.storage.database import Database
from tests.commanding import CommandHome
from tests.deriving import SPOT


class Home(CommandHome):
    """A wallet that bought BTC and ETH for dollars two years ago, and sold some of it since."""

    command = "positions"

    def fill(self) -> None:
        registry = Registry(analytics={"positions": Positions()})
        self.store.derivation = Derivation(self.store.database, registry, self.store.settings, self.store.clock)
        noon = self.now.replace(hour=12, minute=0, second=0, microsecond=0)
        records: list[Any] = [SPOT]
        for number, (age, side, base, quantity, price) in enumerate(
            [
                (700, "buy", "BTC", "2", "20000"),
                (100, "buy", "BTC", "1", "40000"),
                (50, "sell", "BTC", "2.5", "50000"),
                (50, "buy", "ETH", "3", "0.05"),
                (40, "sell", "ETH", "3", "1000"),
                (30, "sell", "SOL", "1", "100"),
            ]
        ):
            at = noon - timedelta(days=age)
            records.append(
                Trade(
                    account="spot",
                    external_id=str(number),
                    at=at,
                    base=base,
                    quote="USD",
                    side=Side(side),
                    quantity=Decimal(quantity),
                    price=Decimal(price),
                    fee=Decimal(0),
                    fee_asset="USD",
                )
            )
            records.append(Rate(base="USD", quote="EUR", at=at, value=Decimal("0.8")))
            records.append(Rate(base="USD", quote="CHF", at=at, value=Decimal("0.9")))
        records.append(Rate(base="BTC", quote="USD", at=noon - timedelta(days=1), value=Decimal(60000)))
        records.append(Rate(base="USD", quote="EUR", at=noon - timedelta(days=1), value=Decimal("0.75")))
        records.append(Rate(base="USD", quote="CHF", at=noon - timedelta(days=1), value=Decimal("0.9")))
        self.store.write("exchange", *records)


@pytest.fixture
def home(database: Database, database_url: str, tmp_path: Path) -> Home:
    return Home(database, database_url, tmp_path)


def test_what_is_held(home: Home) -> None:
    (btc,) = home.rows()
    assert (btc["asset"], btc["quantity"], btc["average_price"], btc["price"]) == ("BTC", "0.5", "40000", "60000")
    assert (btc["value_base"], btc["unrealised_base"]) == ("22500", "6500")
    assert (btc["unrealised_price"], btc["unrealised_fx"], btc["quality"]) == ("7500", "-1000", "exact")
    assert {row["asset"] for row in home.rows("--closed")} == {"BTC", "ETH", "SOL"}
    assert home.rows("--account", "SPOT") == [btc]
    assert home.rows("--account", "exchange/spot") == [btc]
    (average,) = home.rows("--method", "average")
    assert Decimal(average["cost"]) == Decimal("13333.333333333333")
    shown = home.run("--closed")
    assert "worth 22,500.00 in EUR" in shown
    assert "exchange/spot SOL: sold more than was ever bought here" in shown


def test_in_another_currency(home: Home) -> None:
    (franc,) = home.rows("--currency", "CHF")
    assert (franc["base_currency"], franc["cost_base"], franc["value_base"]) == ("CHF", "18000", "27000")
    assert set(franc) == set(home.rows()[0])


def gains_of(home: Home, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(home.flowd("gains", "--json", *options))
    return found


def test_what_was_realised(home: Home) -> None:
    rows = gains_of(home)
    found = {(row["asset"], row["held"]): row for row in rows}
    long, short = found["BTC", "over a year"], found["BTC", "up to a year"]
    assert (long["quantity"], long["gain"], long["cost"]) == ("2", "48000", "32000")
    assert (short["quantity"], short["gain"]) == ("0.5", "4000")
    assert (found["SOL", "unknown"]["gain"], found["SOL", "unknown"]["unknown"]) == (None, 1)
    years = {row["year"] for row in rows}
    assert gains_of(home, "--year", str(min(years) - 1)) == []
    (average,) = (row for row in gains_of(home, "--method", "average") if row["asset"] == "BTC")
    assert average["held"] == "unknown"
    shown = home.flowd("gains")
    assert "This is no tax advice" in shown
    assert "sold more than was ever bought here" in shown
