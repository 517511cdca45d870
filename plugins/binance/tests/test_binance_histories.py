"""Binance's income and money moved, window by window."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
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
    FlowClass,
    PartlyRead,
    Removal,
    RetryLater,
    Transaction,
)
from flowd.testing.harness import TICK
from flowd.testing.replay import Reply

exchange = pytest.fixture(serving)


# --- Histories --------------------------------------------------------------------------------------------------------


def test_income_is_read_page_by_page_without_gap_or_double(exchange: Exchange) -> None:
    begin = NOW - 50 * DAY
    rows = [income_row(number, begin + number * 1_200_000) for number in range(3500)]
    # More rows of one moment than a page holds, and two that share a number.
    rows += [income_row(10_000 + number, begin + 5 * DAY + 7) for number in range(1500)]
    rows += [income_row(5, begin + 5 * 1_200_000, kind, "1") for kind in ("COMMISSION", "REALIZED_PNL")]
    exchange.paths["/fapi/v1/income"] = futures_history(rows)
    harness = exchange.harness(wallets=["futures_usdm"], since="2025-12-15")
    ran = harness.sync("income")
    assert ran.error is None
    found = ran.of(Transaction)
    assert len(ids(list(found))) == len(rows)
    assert sum(one.amount for one in {one.external_id: one for one in found}.values()) == -2500 + 2
    assert {one.kind for one in found} == {FlowClass.FUNDING, FlowClass.FEE, FlowClass.REALISED_PNL}
    assert all(mine == ids(list(found)) for mine in taken_up(harness, "income", ran))
    again = harness.sync("income", ran.cursor, tick=TICK + timedelta(minutes=15))
    assert len(again.of(Transaction)) < 10
    assert ran.cursor is not None
    assert len(json.dumps(ran.cursor.data)) < 4000


def test_rows_that_repeat_for_ever_end_the_run(exchange: Exchange) -> None:
    same = [income_row(number, NOW - DAY) for number in range(1000)]
    exchange.paths["/fapi/v1/income"] = same
    ran = exchange.harness(wallets=["futures_usdm"]).sync("income")
    assert isinstance(ran.error, RetryLater)
    assert "same page twice" in str(ran.error)


def test_a_part_that_fails_leaves_the_others_and_is_read_from_where_it_was(exchange: Exchange) -> None:
    exchange.paths["/fapi/v1/income"] = futures_history([income_row(1, NOW - DAY)])
    exchange.paths["/dapi/v1/income"] = futures_history([income_row(2, NOW - DAY)])
    exchange.faults["/dapi/"] = Reply(status=502, body="")
    harness = exchange.harness(wallets=["futures_usdm", "futures_coinm"])
    ran = harness.sync("income")
    assert isinstance(ran.error, PartlyRead)
    assert [one.account for one in ran.of(Transaction)] == ["futures_usdm"]
    exchange.faults.clear()
    ran = harness.sync("income", ran.cursor, tick=TICK + timedelta(hours=5))
    assert ran.error is None
    assert "futures_coinm" in {one.account for one in ran.of(Transaction)}


def test_earn_dividends_rebates_and_interest_are_typed(exchange: Exchange) -> None:
    at = NOW - 2 * DAY

    def flexible(params: Mapping[str, str]) -> Row:
        rows = [{"asset": "USDT", "rewards": "0.1", "projectId": "USDT001", "type": "REALTIME", "time": at}]
        here = params["type"] == "REALTIME" and int(params["startTime"]) <= at <= int(params["endTime"])
        return {"rows": rows if here else [], "total": 1}

    def dividends(params: Mapping[str, str]) -> Row:
        rows = [
            {"id": 1, "tranId": 9, "asset": "BHFT", "amount": "10", "divTime": at, "enInfo": "BHFT distribution"},
            {"id": 2, "tranId": 9, "asset": "USDT", "amount": "0.1", "divTime": at, "enInfo": "Flexible"},
        ]
        return {"rows": within(rows, lambda row: int(row["divTime"]), params), "total": 2}

    def interest(params: Mapping[str, str]) -> Row:
        row = {"txId": 77, "interestAccuredTime": at, "asset": "USDT", "interest": "0.02", "type": "PERIODIC"}
        return {"rows": within([row], lambda one: int(one["interestAccuredTime"]), params)}

    def rebates(params: Mapping[str, str]) -> Row:
        assert int(params["endTime"]) - int(params["startTime"]) < 30 * DAY
        rows = [{"asset": "USDT", "type": 1, "amount": "0.3", "updateTime": at}]
        found = within(rows, lambda row: int(row["updateTime"]), params)
        # As documented: nine zeros, and no word of success.
        return {"status": "OK", "type": "GENERAL", "code": "000000000", "data": {"page": 1, "data": found}}

    exchange.paths["/sapi/v1/simple-earn/flexible/history/rewardsRecord"] = flexible
    exchange.paths["/sapi/v1/asset/assetDividend"] = dividends
    exchange.paths["/sapi/v1/margin/interestHistory"] = interest
    exchange.paths["/sapi/v1/rebate/taxQuery"] = rebates
    ran = exchange.harness().sync("income")
    assert ran.error is None
    assert sorted((str(one.kind), one.account, one.asset, str(one.amount)) for one in ran.of(Transaction)) == [
        ("dividend", "spot", "BHFT", "10"),
        ("interest", "cross_margin", "USDT", "-0.02"),
        ("interest", "earn", "USDT", "0.1"),
        ("rebate", "spot", "USDT", "0.3"),
    ]


def deposit(number: int, at: int, status: int = 1, **more: object) -> Row:
    return {
        "id": f"d{number}",
        "amount": "1.5",
        "coin": "LTC",
        "network": "LTC",
        "status": status,
        "insertTime": at,
        "txId": f"0x{number}",
        "walletType": 0,
        **more,
    }


def without_the_rest(exchange: Exchange) -> None:
    """Close what a test says nothing of, so that it is not asked for window by window."""
    for path in ("asset/transfer", "c2c", "sub-account", "pay"):
        exchange.faults[f"/sapi/v1/{path}"] = error(-1105, "not for you")


def test_money_moved_is_never_income_and_fees_stand_alone(exchange: Exchange) -> None:
    at = NOW - 3 * DAY
    exchange.paths["/sapi/v1/capital/deposit/hisrec"] = lambda params: (
        within([deposit(1, at), deposit(2, at, walletType=1)], lambda row: int(row["insertTime"]), params)
        if params["offset"] == "0"
        else []
    )
    exchange.paths["/sapi/v1/capital/withdraw/history"] = [
        {
            "id": "w1",
            "amount": "8.91",
            "transactionFee": "0.004",
            "coin": "USDT",
            "status": 6,
            "applyTime": "2026-02-20 11:12:02",
            "network": "ETH",
        }
    ]
    moves = [
        {"asset": "USDT", "amount": "25", "type": "MAIN_UMFUTURE", "status": "CONFIRMED", "tranId": 43, "timestamp": at}
    ]
    exchange.paths["/sapi/v1/asset/transfer"] = lambda params: {
        "rows": within(moves, lambda row: int(row["timestamp"]), params) if params["type"] == "MAIN_UMFUTURE" else []
    }
    exchange.paths["/fapi/v1/income"] = futures_history([income_row(43, at, "TRANSFER", "25"), income_row(7, at)])
    exchange.paths["/sapi/v1/fiat/orders"] = lambda params: {
        "code": "000000",
        "success": True,
        "data": [
            {
                "orderNo": "f1",
                "fiatCurrency": "EUR",
                "indicatedAmount": "100",
                "amount": "99",
                "totalFee": "1",
                "status": "Successful",
                "createTime": at,
            }
        ]
        if params["transactionType"] == "1"
        else [],
    }
    ran = exchange.harness().sync("transfers")
    assert ran.error is None
    found = {(one.account, one.external_id, one.kind, one.asset, one.amount) for one in ran.of(Transaction)}
    key = f"43:TRANSFER:BTCUSDT:USDT:{at}"
    assert found == {
        ("spot", "d1", FlowClass.DEPOSIT, "LTC", Decimal("1.5")),
        ("funding", "d2", FlowClass.DEPOSIT, "LTC", Decimal("1.5")),
        ("spot", "w1", FlowClass.WITHDRAWAL, "USDT", Decimal("-8.91")),
        ("spot", "w1:fee", FlowClass.FEE, "USDT", Decimal("-0.004")),
        ("spot", "43", FlowClass.TRANSFER, "USDT", Decimal(-25)),
        ("futures_usdm", key, FlowClass.TRANSFER, "USDT", Decimal(25)),
        ("spot", "f1", FlowClass.WITHDRAWAL, "EUR", Decimal(-99)),
        ("spot", "f1:fee", FlowClass.FEE, "EUR", Decimal(-1)),
    }
    assert not [one for one in ran.of(Transaction) if one.kind is not None and one.kind.is_income]


def test_both_feeds_name_a_futures_wallets_side_alike(exchange: Exchange) -> None:
    exchange.paths["/fapi/v1/income"] = futures_history([income_row(43, NOW - DAY, "TRANSFER", "25")])
    harness = exchange.harness(wallets=["futures_usdm"])
    assert ids(list(harness.sync("income").of(Transaction))) == ids(list(harness.sync("transfers").of(Transaction)))


def test_deposits_are_walked_in_windows_that_binance_allows(exchange: Exchange) -> None:
    rows = [deposit(number, NOW - 300 * DAY + number * 3 * HOUR) for number in range(2300)]

    def answer(params: Mapping[str, str]) -> list[Row]:
        assert int(params["endTime"]) - int(params["startTime"]) < 90 * DAY
        some = within(rows, lambda row: int(row["insertTime"]), params)[::-1]
        return some[int(params["offset"]) :][: int(params["limit"])]

    exchange.paths["/sapi/v1/capital/deposit/hisrec"] = answer
    without_the_rest(exchange)
    harness = exchange.harness(wallets=["spot"], since="2025-03-01")
    whole = harness.sync("transfers")
    assert whole.error is None
    assert len(ids(list(whole.of(Transaction)))) == 2300
    assert all(mine == ids(list(whole.of(Transaction))) for mine in taken_up(harness, "transfers", whole))


def test_what_is_pending_is_looked_at_until_it_is_settled(exchange: Exchange) -> None:
    rows = [deposit(1, NOW - HOUR, status=0), deposit(2, NOW - HOUR, status=0)]
    exchange.paths["/sapi/v1/capital/deposit/hisrec"] = lambda params: within(
        rows, lambda row: int(row["insertTime"]), params
    )
    without_the_rest(exchange)
    harness = exchange.harness(wallets=["spot"])
    ran = harness.sync("transfers")
    assert [one.pending for one in ran.of(Transaction)] == [True, True]
    rows[:] = [deposit(1, NOW - HOUR), deposit(2, NOW - HOUR, status=2)]
    later = harness.sync("transfers", ran.cursor, tick=TICK + timedelta(days=9))
    assert [(one.external_id, one.pending) for one in later.of(Transaction)] == [("d1", False)]
    assert [one.external_id for one in later.of(Removal)] == ["d2"]


def test_dear_histories_are_asked_for_seldom(exchange: Exchange) -> None:
    without_the_rest(exchange)
    harness = exchange.harness(wallets=["spot"])
    ran = harness.sync("transfers")
    asked = len(exchange.asked("/sapi/v1/fiat/orders"))
    assert asked == 2
    ran = harness.sync("transfers", ran.cursor, tick=TICK + timedelta(minutes=15))
    assert len(exchange.asked("/sapi/v1/fiat/orders")) == asked
    harness.sync("transfers", ran.cursor, tick=TICK + timedelta(hours=7))
    assert len(exchange.asked("/sapi/v1/fiat/orders")) == asked + 2


def test_a_history_that_is_refused_is_left_alone_for_a_while(exchange: Exchange) -> None:
    exchange.faults["/papi/"] = error(-2015, "Invalid API-key, IP, or permissions for action.", 401)
    harness = exchange.harness()
    ran = harness.sync("income")
    assert ran.error is None
    asked = len(exchange.asked("/papi/v1/um/income"))
    ran = harness.sync("income", ran.cursor, tick=TICK + timedelta(minutes=30))
    assert len(exchange.asked("/papi/v1/um/income")) == asked
    harness.sync("income", ran.cursor, tick=TICK + timedelta(hours=7))
    assert len(exchange.asked("/papi/v1/um/income")) == asked + 1
