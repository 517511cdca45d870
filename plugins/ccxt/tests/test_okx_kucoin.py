"""OKX and KuCoin against local servers: their wallets, sub-accounts, pages, limits, clocks, one wallet that fails."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

import flowd_ccxt
from flowd.api import (
    AuthError,
    ConfigError,
    Covers,
    FlowClass,
    PartlyRead,
    Rate,
    RetryLater,
    Snapshot,
    Trade,
    Transaction,
)
from flowd.testing.harness import TICK, Harness
from flowd.testing.replay import Asked, Replay, Reply

NOW = round(TICK.timestamp() * 1000)
HOUR = 3_600_000


def harness(server: Replay, exchange: str, **more: object) -> Harness:
    config = {"exchange": exchange, "key": "key-7f3a91c2", "secret": "secret-b18de0", "password": "phrase-55aa"}
    return Harness(flowd_ccxt.CONNECTOR, {**config, "url": server.url, **more})


def held(ran: Any) -> dict[tuple[str, str], Decimal]:
    return {(one.account, one.asset): one.quantity for one in ran.of(Snapshot)}


# --- OKX -------------------------------------------------------------------------------------------------------------


def okx_good(data: Any) -> Reply:
    return Reply(body={"code": "0", "msg": "", "data": data})


def okx_bad(code: str, message: str, status: int = 200) -> Reply:
    return Reply(status=status, body={"code": code, "msg": message, "data": []})


@pytest.fixture
def okx() -> Iterator[Replay]:
    with Replay() as server:
        server.otherwise(lambda _: okx_good([]))
        server.on("GET", "/api/v5/public/time", lambda _: okx_good([{"ts": str(int(time.time() * 1000))}]))
        details = [{"ccy": "USDT", "eq": "990.5", "cashBal": "1000", "upl": "-9.5"}, {"ccy": "BTC", "eq": "-0.01"}]
        server.on("GET", "/api/v5/account/balance", okx_good([{"totalEq": "1", "details": details}]))
        server.on("GET", "/api/v5/asset/balances", okx_good([{"ccy": "ETH", "bal": "2", "availBal": "2"}]))
        server.on("GET", "/api/v5/finance/savings/balance", okx_good([{"ccy": "USDT", "amt": "50"}]))
        server.on(
            "GET",
            "/api/v5/finance/staking-defi/orders-active",
            okx_good([{"investData": [{"ccy": "SOL", "amt": "3"}]}, {"investData": [{"ccy": "SOL", "amt": "1.5"}]}]),
        )
        server.on(
            "GET", "/api/v5/market/tickers",
            okx_good([{"instId": "BTC-USDT", "last": "60000", "ts": str(NOW)},
                      {"instId": "ETH-USDT", "last": "3000", "ts": str(NOW - 90 * 24 * HOUR)}]),
        )  # fmt: skip
        yield server


def test_okx_wallets_and_the_age_of_a_price_that_stands_still(okx: Replay) -> None:
    ran = harness(okx, "okx").sync("balances")
    assert ran.error is None
    assert held(ran) == {
        ("trading", "USDT"): Decimal("990.5"), ("trading", "BTC"): Decimal("-0.01"), ("funding", "ETH"): Decimal(2),
        ("savings", "USDT"): Decimal(50), ("staking", "SOL"): Decimal("4.5"),
    }  # fmt: skip
    assert ran.batches[0].covers is Covers.CONNECTION
    rates = {one.base: one for one in ran.of(Rate)}
    assert rates["BTC"].at == TICK
    assert rates["ETH"].at == TICK - timedelta(days=90)
    assert "SOL" not in rates
    assert any("SOL" in text and "USDT" in text for text in harness(okx, "okx").check().warnings)


def test_okx_sub_accounts_are_accounts_of_their_own(okx: Replay) -> None:
    def sub(asked: Asked) -> Reply:
        assert asked.query["subAcct"] == "bots"
        return okx_good([{"details": [{"ccy": "USDT", "eq": "7"}]}])

    okx.on("GET", "/api/v5/account/subaccount/balances", sub)
    ran = harness(okx, "okx", subaccounts=["bots"], wallets=["trading"]).sync("balances")
    assert held(ran)[("bots/trading", "USDT")] == Decimal(7)
    with pytest.raises(ConfigError, match="connection of its own"):
        raise harness(okx, "kraken", subaccounts=["x"]).sync("balances").error or AssertionError


def bill(number: int, sort: str, **more: str) -> dict[str, str]:
    return {"billId": str(1000 - number), "ts": str(NOW - number * HOUR), "type": sort, "subType": "1", "ccy": "USDT",
            "instType": "SWAP", "instId": "BTC-USDT-SWAP", "balChg": "0", "pnl": "0", "fee": "0", **more}  # fmt: skip


def okx_bills(rows: list[dict[str, str]], size: int = 100) -> Any:
    def answer(asked: Asked) -> Reply:
        begin, end, after = int(asked.query["begin"]), int(asked.query["end"]), asked.query.get("after")
        found = [
            row for row in rows if begin <= int(row["ts"]) <= end and (not after or int(row["billId"]) < int(after))
        ]
        return okx_good(found[:size])

    return answer


def test_okx_bills_are_income_by_kind(okx: Replay) -> None:
    rows = [
        bill(1, "2", pnl="12", fee="-0.5", balChg="11.5"),
        bill(2, "2", fee="-0.2", balChg="-0.2"),
        bill(3, "8", pnl="-0.03", balChg="-0.03"),
        bill(4, "1", balChg="500"),
        bill(5, "2", instType="SPOT", balChg="-100", fee="-0.1"),
        bill(6, "7", balChg="-0.4"),
        # Block trades: of spot they are no income, and no interest either; of contracts their gain is.
        bill(7, "14", instType="SPOT", balChg="-90000"),
        bill(8, "14", pnl="3", fee="-1", balChg="2"),
    ]
    okx.on("GET", "/api/v5/account/bills-archive", okx_bills(rows))
    income = harness(okx, "okx", since="2026-02-26").sync("income")
    assert income.error is None
    assert {one.external_id: (one.amount, one.kind) for one in income.of(Transaction)} == {
        "999:pnl": (Decimal("11.5"), FlowClass.REALISED_PNL),
        "998:fee": (Decimal("-0.2"), FlowClass.FEE),
        "997": (Decimal("-0.03"), FlowClass.FUNDING),
        "994": (Decimal("-0.4"), FlowClass.INTEREST),
        "992:pnl": (Decimal(2), FlowClass.REALISED_PNL),
    }
    moves = harness(okx, "okx", since="2026-02-26").sync("transfers")
    assert moves.error is None
    assert [(one.external_id, one.amount, one.kind) for one in moves.of(Transaction)] == [
        ("996", Decimal(500), FlowClass.TRANSFER)
    ]


def test_okx_pages_of_bills_end_and_a_repeated_page_is_noticed(okx: Replay) -> None:
    rows = [{**bill(number % 90 + 1, "8", balChg="1"), "billId": str(5000 - number)} for number in range(250)]
    rows.sort(key=lambda row: -int(row["billId"]))
    okx.on("GET", "/api/v5/account/bills-archive", okx_bills(rows))
    ran = harness(okx, "okx", since="2026-02-25").sync("income")
    assert ran.error is None
    assert len({one.external_id for one in ran.of(Transaction)}) == 250
    okx.on("GET", "/api/v5/account/bills-archive", okx_good(rows[:100]))
    stuck = harness(okx, "okx", since="2026-02-25").sync("income")
    assert isinstance(stuck.error, RetryLater)


def test_okx_trades_of_two_markets_with_the_same_number_are_two(okx: Replay) -> None:
    def instruments(asked: Asked) -> Reply:
        rows = [
            {"instId": f"{base}-USDT", "instType": "SPOT", "baseCcy": base, "quoteCcy": "USDT", "state": "live",
             "tickSz": "0.1", "lotSz": "0.001", "minSz": "0.001", "settleCcy": "", "ctVal": "", "lever": ""}
            for base in ("BTC", "ETH")
        ]  # fmt: skip
        swap = {"instId": "BTC-USDT-SWAP", "instType": "SWAP", "baseCcy": "", "quoteCcy": "", "settleCcy": "USDT",
                "ctVal": "0.01", "ctMult": "1", "ctType": "linear", "state": "live", "tickSz": "0.1", "lotSz": "1",
                "minSz": "1", "uly": "BTC-USDT", "instFamily": "BTC-USDT", "lever": "100"}  # fmt: skip
        return okx_good({"SPOT": rows, "SWAP": [swap]}.get(asked.query["instType"], []))

    def fills(asked: Asked) -> Reply:
        def fill(market: str, fee: str, unit: str) -> dict[str, str]:
            return {"instType": asked.query["instType"], "instId": market, "tradeId": "77", "ordId": "1", "billId": "1",
                    "fillPx": "60000", "fillSz": "3", "side": "sell", "ts": str(NOW - HOUR), "fee": fee,
                    "feeCcy": unit, "execType": "T"}  # fmt: skip

        spot = [fill("BTC-USDT", "-1.5", "USDT"), fill("ETH-USDT", "-0.5", "USDT")]
        return okx_good({"SPOT": spot, "SWAP": [fill("BTC-USDT-SWAP", "0.2", "USDT")]}.get(asked.query["instType"], []))

    okx.on("GET", "/api/v5/public/instruments", instruments)
    okx.on("GET", "/api/v5/trade/fills-history", fills)
    ran = harness(okx, "okx", since="2026-02-27").sync("trades")
    assert ran.error is None
    found = {one.external_id: (one.base, one.quantity, one.fee) for one in ran.of(Trade)}
    assert found == {
        "BTC/USDT:77": ("BTC", Decimal(3), Decimal("1.5")),
        "ETH/USDT:77": ("ETH", Decimal(3), Decimal("0.5")),
        # A contract is no coin; the fee below zero is a maker's rebate.
        "BTC/USDT:USDT:77": ("BTC/USDT:USDT", Decimal(3), Decimal("-0.2")),
    }


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (okx_bad("50111", "Invalid OK-ACCESS-KEY", 401), AuthError),
        (okx_bad("50113", "Invalid Sign", 401), AuthError),
        (okx_bad("50120", "This API key doesn't have permission to use this function"), AuthError),
        (okx_bad("50011", "Rate limit reached", 429), RetryLater),
        (okx_bad("50001", "Service temporarily unavailable", 503), RetryLater),
        (okx_bad("59999", "something new"), RetryLater),
        (Reply(body={"code": "0", "msg": ""}), RetryLater),
    ],
)
def test_okx_faults(okx: Replay, answer: Reply, error: type[Exception]) -> None:
    with okx.failing(answer):
        for feed in ("balances", "income", "transfers", "trades"):
            ran = harness(okx, "okx", since="2026-02-27").sync(feed)
            assert type(ran.error) is error, (feed, ran.error)
            assert "phrase-55aa" not in str(ran.error)


def test_okx_heals_a_clock_that_is_wrong(okx: Replay) -> None:
    from flowd_ccxt.connector import Exchange
    from flowd_ccxt.maps.okx import OKX

    one = harness(okx, "okx", wallets=["funding"])
    one.connector = Exchange(OKX, one.config, now=lambda: time.time() - 90)

    def strict(asked: Asked) -> Reply:
        at = datetime.fromisoformat(asked.headers["ok-access-timestamp"]).timestamp()
        if abs(at - time.time()) > 30:
            return okx_bad("50102", "Timestamp request expired", 401)
        return okx_good([{"ccy": "ETH", "bal": "2"}])

    okx.on("GET", "/api/v5/asset/balances", strict)
    ran = one.sync("balances")
    assert ran.error is None
    assert held(ran) == {("funding", "ETH"): Decimal(2)}


def test_okx_check_says_rights(okx: Replay) -> None:
    okx.on("GET", "/api/v5/account/config", okx_good([{"perm": "read_only,withdraw,trade", "ip": ""}]))
    found = harness(okx, "okx").check()
    assert list(found.permissions) == ["read", "withdraw", "trade"]
    assert any("may trade and withdraw" in text for text in found.warnings)
    assert any("bots" in text for text in found.unread)


# --- KuCoin ----------------------------------------------------------------------------------------------------------


def kucoin_good(data: Any) -> Reply:
    return Reply(body={"code": "200000", "data": data})


def kucoin_bad(code: str, message: str, status: int = 200) -> Reply:
    return Reply(status=status, body={"code": code, "msg": message})


def items(rows: list[Any]) -> dict[str, Any]:
    return {"currentPage": 1, "pageSize": 500, "totalNum": len(rows), "totalPage": 1, "items": rows}


@pytest.fixture
def kucoin() -> Iterator[Replay]:
    with Replay() as server:
        server.otherwise(lambda _: kucoin_good({**items([]), "dataList": [], "hasMore": False, "accounts": [],
                                                "assets": [], "ticker": []}))  # fmt: skip
        accounts = [
            {"id": "1", "currency": "USDT", "type": "main", "balance": "10", "available": "10", "holds": "0"},
            {"id": "2", "currency": "KCS", "type": "trade", "balance": "5.5", "available": "5", "holds": "0.5"},
        ]
        # The real one filters by type; one that does not must not be counted twice.
        server.on("GET", "/api/v1/accounts", kucoin_good(accounts))
        server.on(
            "GET", "/api/v1/account-overview",
            lambda asked: kucoin_good({"currency": asked.query["currency"],
                                       "accountEquity": 7.25 if asked.query["currency"] == "USDT" else 0}),
        )  # fmt: skip
        yield server


def test_kucoin_wallets(kucoin: Replay) -> None:
    margin = [{"currency": "BTC", "total": "1", "available": "1", "hold": "0", "liability": "0.25"}]
    kucoin.on("GET", "/api/v3/margin/accounts", kucoin_good({"accounts": margin}))
    kucoin.on("GET", "/api/v1/earn/hold-assets", kucoin_good(items([{"currency": "ETH", "holdAmount": "2"}])))
    ran = harness(kucoin, "kucoin").sync("balances")
    assert ran.error is None
    assert held(ran) == {
        ("funding", "USDT"): Decimal(10), ("spot", "KCS"): Decimal("5.5"), ("margin", "BTC"): Decimal("0.75"),
        ("futures-USDT", "USDT"): Decimal("7.25"), ("earn", "ETH"): Decimal(2),
    }  # fmt: skip


def test_kucoin_one_wallet_fails(kucoin: Replay) -> None:
    kucoin.on("GET", "/api/v1/account-overview", kucoin_bad("429000", "Too many requests", 429))
    ran = harness(kucoin, "kucoin").sync("balances")
    assert isinstance(ran.error, PartlyRead)
    assert "futures-USDT" in str(ran.error)
    assert set(held(ran)) == {("funding", "USDT"), ("spot", "KCS")}
    assert ran.batches[0].covers is Covers.ITS_ACCOUNTS


def test_kucoin_ledger_by_day_with_pages(kucoin: Replay) -> None:
    def line(number: int, said: str, amount: str = "1", direction: str = "in") -> dict[str, Any]:
        return {"id": f"k{number}", "currency": "USDT", "amount": amount, "fee": "0", "accountType": "MAIN",
                "bizType": said, "direction": direction, "createdAt": NOW - number * HOUR, "context": ""}  # fmt: skip

    said = ["KCS Bonus", "Transfer", "Exchange", "Soft Staking Profits", "Deposit", "Referral Bonus", "Sub-transfer"]
    rows = [line(number + 1, word, direction="out" if word == "Transfer" else "in") for number, word in enumerate(said)]

    def answer(asked: Asked) -> Reply:
        begin, end, page = (int(asked.query[name]) for name in ("startAt", "endAt", "currentPage"))
        assert end - begin <= 24 * HOUR
        found = [row for row in rows if begin <= row["createdAt"] <= end]
        return kucoin_good({"items": found[(page - 1) * 3 : page * 3], "totalPage": -(-len(found) // 3)})

    kucoin.on("GET", "/api/v1/accounts/ledgers", answer)
    income = harness(kucoin, "kucoin", since="2026-02-28").sync("income")
    assert income.error is None
    assert {one.external_id: one.kind for one in income.of(Transaction)} == {
        "k1": FlowClass.OTHER, "k4": FlowClass.STAKING, "k6": FlowClass.REBATE,
    }  # fmt: skip
    moves = harness(kucoin, "kucoin", since="2026-02-28").sync("transfers")
    assert moves.error is None
    assert {one.external_id: (one.amount, one.kind) for one in moves.of(Transaction)} == {
        "k2": (Decimal(-1), FlowClass.TRANSFER), "k7": (Decimal(1), FlowClass.TRANSFER),
    }  # fmt: skip


def test_kucoin_gains_are_booked_in_the_wallet_that_has_them(kucoin: Replay) -> None:
    def answer(asked: Asked) -> Reply:
        row: dict[str, Any] = {"time": NOW - HOUR, "type": "RealisedPNL", "amount": "-0.002", "offset": 1,
                               "status": "Completed", "currency": "XBT", "remark": "XBTUSDM"}  # fmt: skip
        begin, end = int(asked.query["startAt"]), int(asked.query["endAt"])
        here = asked.query["currency"] == "XBT" and begin <= row["time"] <= end
        return kucoin_good({"hasMore": False, "dataList": [row] if here else []})

    kucoin.on("GET", "/api/v1/accounts/ledgers", kucoin_good({"items": [], "totalPage": 0}))
    kucoin.on("GET", "/api/v1/transaction-history", answer)
    ran = harness(kucoin, "kucoin", since="2026-02-28").sync("income")
    assert ran.error is None
    assert [(one.account, one.amount, one.asset) for one in ran.of(Transaction)] == [
        ("futures-XBT", Decimal("-0.002"), "BTC")
    ]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (kucoin_bad("400003", "KC-API-KEY not exists", 401), AuthError),
        (kucoin_bad("400005", "Signature error", 401), AuthError),
        (kucoin_bad("400007", "Access denied--> Require more permission", 403), AuthError),
        (kucoin_bad("1015", "cloudflare", 429), RetryLater),
        (kucoin_bad("500000", "Internal server error", 500), RetryLater),
    ],
)
def test_kucoin_faults(kucoin: Replay, answer: Reply, error: type[Exception]) -> None:
    with kucoin.failing(answer):
        for feed in ("balances", "income"):
            ran = harness(kucoin, "kucoin", since="2026-02-28").sync(feed)
            assert type(ran.error) is error, (feed, ran.error)


def test_kucoin_check(kucoin: Replay) -> None:
    key: Mapping[str, object] = {"permission": "General,Spot", "ipWhitelist": "10.0.0.1", "expiredAt": 1897026383085}
    kucoin.on("GET", "/api/v1/user/api-key", kucoin_good(key))
    found = harness(kucoin, "kucoin").check()
    assert list(found.permissions) == ["read", "trade spot"]
    assert found.expires_at is not None
