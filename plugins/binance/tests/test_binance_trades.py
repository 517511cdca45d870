"""Binance's trades, market by market."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from binance_server import (
    DAY,
    HOUR,
    NOW,
    Exchange,
    Row,
    error,
    futures_history,
    ids,
    income_row,
    serving,
    taken_up,
    within,
)

from flowd.api import (
    Trade,
)
from flowd.testing.harness import TICK

exchange = pytest.fixture(serving)


# --- Trades -----------------------------------------------------------------------------------------------------------


def spot_row(number: int, at: int, symbol: str = "LTCUSDT") -> Row:
    return {
        "symbol": symbol,
        "id": number,
        "orderId": 1,
        "price": "80",
        "qty": "0.5",
        "quoteQty": "40",
        "commission": "0.0001",
        "commissionAsset": "BNB",
        "time": at,
        "isBuyer": number % 2 == 0,
        "isMaker": False,
    }


def future_row(number: int, at: int) -> Row:
    return {
        "symbol": "BTCUSDT",
        "id": number,
        "side": "BUY",
        "price": "60000",
        "qty": "0.01",
        "marginAsset": "USDT",
        "commission": "0.2",
        "commissionAsset": "USDT",
        "time": at,
    }


def test_trades_are_read_by_number_and_by_window(exchange: Exchange) -> None:
    spot = [spot_row(100 + number * 3, NOW - 60 * DAY + number * 1_800_000) for number in range(2500)]
    futures = [future_row(500 + number, NOW - 6 * DAY + number * 60_000) for number in range(2200)]
    exchange.paths["/api/v3/account"] = {"balances": [{"asset": "LTC", "free": "2", "locked": "0"}]}
    exchange.paths["/fapi/v1/income"] = futures_history(
        [income_row(row["id"], row["time"], "COMMISSION") for row in futures]
    )

    def spot_trades(params: Mapping[str, str]) -> list[Row]:
        some = [row for row in spot if row["symbol"] == params["symbol"] and row["id"] >= int(params["fromId"])]
        return some[: int(params["limit"])]

    def future_trades(params: Mapping[str, str]) -> list[Row]:
        if "fromId" in params:
            assert "startTime" not in params
            some = [row for row in futures if row["id"] >= int(params["fromId"])]
        else:
            assert int(params["endTime"]) - int(params["startTime"]) < 7 * DAY
            some = within(futures, lambda row: int(row["time"]), params)
        return some[: int(params["limit"])]

    exchange.paths["/api/v3/myTrades"] = spot_trades
    exchange.paths["/fapi/v1/userTrades"] = future_trades
    harness = exchange.harness(since="2026-02-01", wallets=["spot", "futures_usdm"])
    whole = harness.sync("trades")
    assert whole.error is None
    by_account: dict[str, set[str]] = defaultdict(set)
    for trade in whole.of(Trade):
        by_account[trade.account].add(trade.external_id)
    first = datetime(2026, 2, 1, tzinfo=UTC).timestamp() * 1000
    assert len(by_account["spot"]) == len([row for row in spot if row["time"] >= first]) > 900
    assert len(by_account["futures_usdm"]) == 2200
    assert all(mine == ids(list(whole.of(Trade))) for mine in taken_up(harness, "trades", whole))
    exchange.paths["/api/v3/account"] = {"balances": []}
    spot.append(spot_row(99_999, NOW + 60_000))
    later = harness.sync("trades", whole.cursor, tick=TICK + timedelta(hours=1))
    assert "LTCUSDT:99999" in {one.external_id for one in later.of(Trade)}


def test_an_earlier_since_is_filled_in_once(exchange: Exchange) -> None:
    spot = [spot_row(100 + number, NOW - (200 - number) * DAY) for number in range(199)]
    exchange.paths["/api/v3/account"] = {"balances": [{"asset": "LTC", "free": "2", "locked": "0"}]}
    asked: list[int] = []

    def spot_trades(params: Mapping[str, str]) -> list[Row]:
        if params["symbol"] == "LTCUSDT":
            asked.append(int(params["fromId"]))
        some = [row for row in spot if row["symbol"] == params["symbol"] and row["id"] >= int(params["fromId"])]
        return some[: int(params["limit"])]

    exchange.paths["/api/v3/myTrades"] = spot_trades
    first = exchange.harness(since="2026-02-01", wallets=["spot"]).sync("trades")
    assert len(first.of(Trade)) == 27
    # Coins that are not held any more are still known by their markets.
    exchange.paths["/api/v3/account"] = {"balances": []}
    earlier = exchange.harness(since="2025-09-01", wallets=["spot"])
    whole = earlier.sync("trades", first.cursor)
    assert len(whole.of(Trade)) == 180
    for count in range(1, len(whole.batches)):
        part = earlier.sync("trades", first.cursor, batches=count)
        assert ids([*part.records, *earlier.sync("trades", part.cursor).records]) == ids(list(whole.of(Trade)))
    asked.clear()
    again = earlier.sync("trades", whole.cursor, tick=TICK + timedelta(hours=1))
    back = exchange.harness(wallets=["spot"]).sync("trades", again.cursor, tick=TICK + timedelta(hours=2))
    assert (again.of(Trade), back.of(Trade), asked) == ([], [], [298, 298])


def test_trades_in_portfolio_margin_belong_to_its_parts(exchange: Exchange) -> None:
    at = NOW - DAY
    inverse = {
        "symbol": "ETHUSD_PERP",
        "id": 701907838,
        "pair": "ETHUSD",
        "side": "SELL",
        "price": "2498.15",
        "qty": "1",
        "marginAsset": "ETH",
        "baseQty": "0.00400296",
        "commission": "0.00000160",
        "commissionAsset": "ETH",
        "time": at,
    }
    exchange.paths["/papi/v1/balance"] = [{"asset": "LTC", "totalWalletBalance": "1"}]
    exchange.paths["/papi/v1/cm/income"] = futures_history(
        [income_row(1, at, "COMMISSION") | {"symbol": "ETHUSD_PERP"}]
    )
    exchange.paths["/papi/v1/cm/userTrades"] = lambda params: within([inverse], lambda row: int(row["time"]), params)
    exchange.paths["/papi/v1/margin/myTrades"] = lambda params: (
        [spot_row(8, at)] if params["symbol"] == "LTCUSDT" else []
    )
    ran = exchange.harness(wallets=["portfolio_margin"]).sync("trades")
    assert ran.error is None
    assert [(one.account, one.base, one.quantity, one.fee_asset) for one in ran.of(Trade)] == [
        ("portfolio_margin:coinm", "ETH/USD:ETH", Decimal(1), "ETH"),
        ("portfolio_margin", "LTC", Decimal("0.5"), "BNB"),
    ]
    # What is not held any more was traded here before: its market is asked for all the same.
    exchange.paths["/papi/v1/balance"] = []
    exchange.paths["/papi/v1/margin/myTrades"] = lambda params: (
        [spot_row(8, at), spot_row(9, NOW + HOUR)] if params["symbol"] == "LTCUSDT" else []
    )
    later = exchange.harness(wallets=["portfolio_margin"]).sync("trades", ran.cursor, tick=TICK + timedelta(hours=2))
    assert "LTCUSDT:9" in {one.external_id for one in later.of(Trade)}


def test_a_market_that_is_gone_is_passed_over(exchange: Exchange) -> None:
    exchange.paths["/api/v3/account"] = {"balances": [{"asset": "LTC", "free": "2", "locked": "0"}]}
    exchange.paths["/api/v3/myTrades"] = lambda params: (
        [spot_row(1, NOW - DAY)] if params["symbol"] == "LTCUSDT" else []
    )
    exchange.server.on("GET", "/sapi/v1/margin/myTrades", error(-1121, "Invalid symbol."))
    ran = exchange.harness(symbols=["OLD/USDT"]).sync("trades")
    assert ran.error is None
    assert [one.external_id for one in ran.of(Trade)] == ["LTCUSDT:1"]
    assert "OLDUSDT" in {one["symbol"] for one in exchange.asked("/api/v3/myTrades")}


def test_conversions_and_dust_are_trades(exchange: Exchange) -> None:
    at = NOW - DAY
    exchange.paths["/sapi/v1/convert/tradeFlow"] = lambda params: {
        "list": within(
            [
                {
                    "quoteId": "q",
                    "orderId": 940708407462087195,
                    "orderStatus": "SUCCESS",
                    "fromAsset": "USDT",
                    "fromAmount": "20",
                    "toAsset": "BNB",
                    "toAmount": "0.06154036",
                    "createTime": at,
                }
            ],
            lambda row: int(row["createTime"]),
            params,
        )
    }
    exchange.paths["/sapi/v1/asset/dribblet"] = lambda params: {
        "userAssetDribblets": within(
            [
                {
                    "operateTime": at,
                    "transId": 7,
                    "userAssetDribbletDetails": [
                        {
                            "fromAsset": "LTC",
                            "amount": "0.000006",
                            "transferedAmount": "0.00000267",
                            "serviceChargeAmount": "0.00000005",
                            "operateTime": at,
                            "transId": 7,
                        }
                    ],
                }
            ],
            lambda row: int(row["operateTime"]),
            params,
        )
    }
    ran = exchange.harness().sync("trades")
    assert ran.error is None
    conversion, dust = ran.of(Trade)
    assert (conversion.base, conversion.quote, conversion.quantity) == ("USDT", "BNB", Decimal(20))
    assert (dust.base, dust.quote, dust.fee, dust.fee_asset) == ("LTC", "BNB", Decimal("0.00000005"), "BNB")
