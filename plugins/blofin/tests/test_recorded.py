"""Every recorded answer of BloFin becomes what ccxt makes of it: the same id, time, asset, amount, fee and sign."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import flowd_blofin
from flowd.api import FlowClass, Rate, Snapshot, Trade, Transaction
from flowd.testing.harness import Harness, Ran
from flowd.testing.replay import Asked, Replay, Reply

pytest_plugins = ("blofin_server",)
DATA = Path(__file__).parents[4] / "shared" / "data" / "exchanges" / "blofin.subset.json"

#: What is recorded and makes no record, because no money of the account moves by it.
NO_RECORD: Mapping[str, str] = {
    r"transfer|withdraw|close.*|create.*|cancel.*|edit.*|set.*|add.*|reduce.*": "an answer to a command, which flowd "
    "never gives; what became of it is read by the ledger, the withdrawals and the fills",
    r"fetch\w*Orders?|fetchOrderTrades": "an order is an intention: the fills it led to are read, with their gain",
    r"fetchPositionsHistory|fetchPositionHistory": "the same gains come from the fills, each at its time",
    r"fetchPositions?(ADLRank)?|fetchADLRank": "an open position's gain is part of the wallet's equity, which is read",
    r"fetch(Leverages?|MarginModes?|PositionMode|DepositAddress\w*|DepositWithdrawFees?|TradingFees?)": "a setting",
    r"fetch(Trades|\w*OHLCV|OrderBook|MarkPrices?|FundingRate\w*|OpenInterest\w*)": "it is about the market",
    r"fetch(Markets|Currencies|Time|Status)": "it is about the exchange",
}

#: Where a record says something else than ccxt, and why.
DIFFERENT: Mapping[str, str] = {
    "fetchLedger": "ccxt says the amount that moved between two own wallets; there is a leg for each, `<id>:out` below "
    "zero and `<id>:in` above it, so that what left one wallet is seen to arrive in the other",
    "fetchTicker": "a price has no id; older than a quarter of an hour it keeps its time, else it has the run's",
    "fetchTickers": "as fetchTicker",
    "fetchBalance": "all digits are kept, ccxt rounds to 17; its `futures` is the cash there, flowd reads the equity",
}

CASES = (
    [
        pytest.param(method, case, id=f"{method}-{number}")
        for method, cases in json.loads(DATA.read_text())["methods"].items()
        for number, case in enumerate(cases)
    ]
    if DATA.exists()
    else [pytest.param("", {}, marks=pytest.mark.skip(reason=f"{DATA.name} is not on this machine"))]
)


def listed(parsed: Any) -> list[dict[str, Any]]:
    return [parsed] if isinstance(parsed, dict) else list(parsed)


def run(blofin: Replay, config: Mapping[str, object], feed: str, at: int, **more: object) -> Ran:
    tick = datetime.fromtimestamp(at / 1000, UTC) + timedelta(hours=1)
    since = (tick - timedelta(days=400)).date()
    ran = Harness(flowd_blofin.CONNECTOR, {**config, "since": since, **more}).sync(feed, tick=tick)
    assert ran.error is None
    return ran


def ms(at: object) -> int:
    assert isinstance(at, datetime)
    return round(at.timestamp() * 1000)


def same(ours: Decimal, theirs: float | int | str | None) -> bool:
    return float(ours) == float(theirs or 0)


def movements(path: str, sign: int) -> Callable[..., None]:
    def compare(blofin: Replay, config: Mapping[str, object], case: Mapping[str, Any]) -> None:
        expected = listed(case["parsedResponse"])
        blofin.on("GET", path, Reply(body=case["httpResponse"]))
        ran = run(blofin, config, "transfers", max(one["timestamp"] for one in expected))
        records = {one.external_id: one for one in ran.of(Transaction)}
        gone = 0
        for one in expected:
            if one["status"] in ("failed", "canceled"):
                assert one["id"] not in records
                gone += 1
                continue
            record = records.pop(one["id"])
            assert (ms(record.booked_at), record.asset) == (one["timestamp"], one["currency"])
            assert same(record.amount * sign, one["amount"])
            assert record.pending is (one["status"] == "pending")
            assert record.kind is (FlowClass.DEPOSIT if sign > 0 else FlowClass.WITHDRAWAL)
            fee = one.get("fee") or {}
            if fee.get("cost"):
                paid = records.pop(f"{one['id']}:fee")
                assert (same(-paid.amount, fee["cost"]), paid.asset, paid.kind) == (
                    True,
                    fee["currency"],
                    FlowClass.FEE,
                )
        assert not records

    return compare


def ledger(blofin: Replay, config: Mapping[str, object], case: Mapping[str, Any]) -> None:
    expected = listed(case["parsedResponse"])
    blofin.on("GET", "/api/v1/asset/bills", Reply(body=case["httpResponse"]))
    ran = run(blofin, config, "transfers", max(one["timestamp"] for one in expected))
    legs = {str(one.external_id): one for one in ran.of(Transaction)}
    for one in expected:
        out, into = legs.pop(f"{one['id']}:out"), legs.pop(f"{one['id']}:in")
        assert (out.account, into.account) == (one["info"]["fromAccount"], one["info"]["toAccount"])
        for leg, sign in ((out, -1), (into, 1)):
            assert (ms(leg.booked_at), leg.asset, leg.kind) == (one["timestamp"], one["currency"], FlowClass.TRANSFER)
            assert same(leg.amount * sign, abs(one["amount"]))
    assert not legs


def my_trades(blofin: Replay, config: Mapping[str, object], case: Mapping[str, Any]) -> None:
    expected = listed(case["parsedResponse"])
    spot = ":" not in expected[0]["symbol"]
    names = {one["info"]["instId"] for one in expected}
    if not spot:
        rows = [
            {
                "instId": name, "baseCurrency": name.split("-")[0], "quoteCurrency": name.split("-")[1],
                "contractValue": "0.001", "instType": "SWAP", "contractType": "linear", "state": "live",
                "settleCurrency": name.split("-")[1],
            }
            for name in names
        ]  # fmt: skip
        blofin.on("GET", "/api/v1/market/instruments", Reply(body={"code": "0", "msg": "", "data": rows}))
    path = "/api/v1/spot/trade/fills-history" if spot else "/api/v1/trade/fills-history"
    blofin.on("GET", path, Reply(body=case["httpResponse"]))
    ran = run(blofin, config, "trades", max(one["timestamp"] for one in expected))
    trades = {one.external_id: one for one in ran.of(Trade)}
    for one in expected:
        trade = trades.pop(one["id"])
        symbol = f"{trade.base}/{trade.quote}" if spot else trade.base
        assert (ms(trade.at), symbol, trade.side.value) == (one["timestamp"], one["symbol"], one["side"])
        assert same(trade.quantity, one["amount"])
        assert same(trade.price, one["price"])
        assert (same(trade.fee, one["fee"]["cost"]), trade.fee_asset) == (True, one["fee"]["currency"])
        assert trade.account == ("spot" if spot else "futures")
    assert not trades


def balance(blofin: Replay, config: Mapping[str, object], case: Mapping[str, Any]) -> None:
    asked = str(((case["input"] or [{}])[0] or {}).get("accountType") or ((case["input"] or [{}])[0] or {}).get("type"))
    at_equity = isinstance(case["httpResponse"]["data"], dict)
    # What ccxt asks for as `futures` has the shape of every other wallet's answer.
    wallet = "futures" if at_equity else asked if asked in ("earn", "spot") else "funding"
    path = "/api/v1/account/balance" if at_equity else "/api/v1/asset/balances"

    def answer(request: Asked) -> Reply:
        assert at_equity or request.query["accountType"] == wallet
        return Reply(body=case["httpResponse"])

    blofin.on("GET", path, answer)
    ran = run(blofin, config, "balances", 1_772_366_400_000, wallets=[wallet])
    held = {one.asset: one.quantity for one in ran.of(Snapshot) if one.account == wallet}
    assert {name: float(value) for name, value in held.items()} == {
        name: float(value) for name, value in case["parsedResponse"]["total"].items() if value
    }
    raw = case["httpResponse"]["data"]
    exact = {
        row["currency"]: row["equity" if at_equity else "balance"] for row in (raw["details"] if at_equity else raw)
    }
    assert held == {name: Decimal(value) for name, value in exact.items() if Decimal(value)}


def ticker(blofin: Replay, config: Mapping[str, object], case: Mapping[str, Any]) -> None:
    parsed = case["parsedResponse"]
    expected = [parsed] if "symbol" in parsed else list(parsed.values())
    names = {one["info"]["instId"]: one for one in expected if one["info"]["instId"].endswith("-USDT")}
    held = [{"currency": name.removesuffix("-USDT"), "balance": "1"} for name in names]
    blofin.on("GET", "/api/v1/asset/balances", Reply(body={"code": "0", "msg": "", "data": held}))
    blofin.on("GET", "/api/v1/spot/market/tickers", Reply(body=case["httpResponse"]))
    newest = max(one["timestamp"] for one in names.values())
    ran = run(blofin, config, "balances", newest, wallets=["funding"])
    rates = {f"{one.base}-{one.quote}": one for one in ran.of(Rate)}
    for name, one in names.items():
        assert (same(rates[name].value, one["last"]), ms(rates[name].at)) == (True, one["timestamp"])


READ: Mapping[str, Callable[..., None]] = {
    "fetchDeposits": movements("/api/v1/asset/deposit-history", 1),
    "fetchDeposit": movements("/api/v1/asset/deposit-history", 1),
    "fetchWithdrawals": movements("/api/v1/asset/withdrawal-history", -1),
    "fetchWithdrawal": movements("/api/v1/asset/withdrawal-history", -1),
    "fetchLedger": ledger,
    "fetchMyTrades": my_trades,
    "fetchBalance": balance,
    "fetchTicker": ticker,
    "fetchTickers": ticker,
}


@pytest.mark.parametrize(("method", "case"), CASES)
def test_a_recorded_answer_becomes_the_same_records(
    method: str, case: Mapping[str, Any], blofin: Replay, config: dict[str, object]
) -> None:
    reasons = [reason for pattern, reason in NO_RECORD.items() if re.fullmatch(pattern, method)]
    if method not in READ and reasons:
        return
    assert method in READ, f"{method} is recorded, and neither read nor listed with a reason"
    READ[method](blofin, config, case)


def test_what_differs_and_what_is_left_out_is_said_in_the_readme() -> None:
    readme = " ".join((Path(__file__).parents[1] / "README.md").read_text().replace("`", "").split())
    recorded = {case.values[0] for case in CASES} - {""}
    for method in {*DIFFERENT, *(recorded - set(READ))}:
        assert str(method) in readme, method
