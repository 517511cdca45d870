"""Bybit against a local server: the unified account, its log in pages, executions, transfers, rights, a wrong clock."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

import flowd_bybit
from flowd.api import AuthError, Covers, FlowClass, PartlyRead, Rate, RetryLater, Snapshot, Trade, Transaction
from flowd.testing.harness import TICK, Harness
from flowd.testing.replay import Asked, Replay, Reply

NOW = round(TICK.timestamp() * 1000)
HOUR = 3_600_000


def good(result: Any) -> Reply:
    return Reply(
        body={"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": round(time.time() * 1000)}
    )


def bad(code: int, message: str) -> Reply:
    return Reply(body={"retCode": code, "retMsg": message, "result": {}, "retExtInfo": {}, "time": NOW})


def coins(**held: str) -> dict[str, Any]:
    rows = [{"coin": name, "equity": total, "walletBalance": "0", "unrealisedPnl": "1"} for name, total in held.items()]
    return {"list": [{"accountType": "UNIFIED", "totalEquity": "0", "coin": rows}]}


def wallet(asked: Asked) -> Reply:
    if asked.query["accountType"] == "UNIFIED":
        return good(coins(USDT="1500.25", BTC="-0.1"))
    return bad(10001, "accountType only support UNIFIED.")


@pytest.fixture
def bybit() -> Iterator[Replay]:
    with Replay() as server:
        server.otherwise(lambda _: good({"list": [], "rows": [], "nextPageCursor": ""}))
        server.on("GET", "/v5/account/wallet-balance", wallet)
        server.on(
            "GET",
            "/v5/asset/transfer/query-account-coins-balance",
            good({"accountType": "FUND", "balance": [{"coin": "EUR", "walletBalance": "20", "transferBalance": "20"}]}),
        )
        server.on(
            "GET", "/v5/earn/position",
            lambda asked: good({"list": [{"coin": "ETH", "amount": "2"}, {"coin": "ETH", "amount": "0.5"}]})
            if asked.query["category"] == "OnChain" else good({"list": []}),
        )  # fmt: skip
        tickers = [
            {"symbol": "BTCUSDT", "lastPrice": "60000"}, {"symbol": "ETHUSDT", "lastPrice": "3000.5"},
            {"symbol": "USDTEUR", "lastPrice": "0.92"}, {"symbol": "ETHEUR", "lastPrice": "2760"},
        ]  # fmt: skip
        server.on("GET", "/v5/market/tickers", good({"category": "spot", "list": tickers}))
        server.on("GET", "/v5/market/time", lambda _: good({"timeSecond": str(int(time.time())),
                                                           "timeNano": str(time.time_ns())}))  # fmt: skip
        server.on("GET", "/v5/market/instruments-info", instruments)
        yield server


def instruments(asked: Asked) -> Reply:
    rows: dict[str, list[dict[str, Any]]] = {
        "spot": [{"symbol": "BTCUSDT", "baseCoin": "BTC", "quoteCoin": "USDT", "status": "Trading",
                  "lotSizeFilter": {"basePrecision": "0.000001"}, "priceFilter": {"tickSize": "0.01"}}],
        "linear": [{"symbol": "BTCUSDT", "contractType": "LinearPerpetual", "status": "Trading", "baseCoin": "BTC",
                    "quoteCoin": "USDT", "settleCoin": "USDT", "launchTime": "1", "deliveryTime": "0",
                    "priceScale": "2", "leverageFilter": {}, "lotSizeFilter": {"qtyStep": "0.001"},
                    "priceFilter": {"tickSize": "0.5"}}],
        "inverse": [{"symbol": "BTCUSD", "contractType": "InversePerpetual", "status": "Trading", "baseCoin": "BTC",
                     "quoteCoin": "USD", "settleCoin": "BTC", "launchTime": "1", "deliveryTime": "0",
                     "priceScale": "2", "leverageFilter": {}, "lotSizeFilter": {"qtyStep": "1"},
                     "priceFilter": {"tickSize": "0.5"}}],
    }  # fmt: skip
    category = asked.query["category"]
    return good({"category": category, "list": rows[category], "nextPageCursor": ""})


def harness(bybit: Replay, **more: object) -> Harness:
    config = {"key": "key-7f3a91c2", "secret": "secret-b18de0", "url": bybit.url, **more}
    return Harness(flowd_bybit.CONNECTOR, config)


def test_wallets_at_their_equity_and_prices_in_what_they_are_traded_in(bybit: Replay) -> None:
    ran = harness(bybit, quote="EUR").sync("balances")
    assert ran.error is None
    assert {(one.account, one.asset): one.quantity for one in ran.of(Snapshot)} == {
        ("unified", "USDT"): Decimal("1500.25"),
        ("unified", "BTC"): Decimal("-0.1"),
        ("funding", "EUR"): Decimal(20),
        ("earn-onchain", "ETH"): Decimal("2.5"),
    }
    assert {(one.base, one.quote): one.value for one in ran.of(Rate)} == {
        ("ETH", "EUR"): Decimal(2760), ("BTC", "USDT"): Decimal(60000), ("USDT", "EUR"): Decimal("0.92"),
    }  # fmt: skip
    # The classic wallets are not there: that is no failure, and the batch does not speak for them.
    assert ran.batches[0].covers is Covers.ITS_ACCOUNTS


def log(number: int, sort: str, **more: str) -> dict[str, str]:
    row = {
        "id": f"l{number}", "symbol": "BTCUSDT", "category": "linear", "side": "Buy", "type": sort, "currency": "USDT",
        "transactionTime": str(NOW - number * HOUR), "funding": "", "fee": "0", "cashFlow": "0", "change": "0",
    }  # fmt: skip
    return {**row, **more}


def test_the_log_becomes_income_by_kind(bybit: Replay) -> None:
    rows = [
        log(1, "TRADE", cashFlow="25", fee="0.5", change="24.5"),
        log(2, "TRADE", fee="0.2", change="-0.2"),
        log(3, "SETTLEMENT", funding="-0.003676", change="-0.003676"),
        log(4, "TRADE", category="spot", cashFlow="-100", fee="0.1", change="-100.1"),
        log(5, "TRANSFER_IN", cashFlow="500", change="500"),
        log(6, "INTEREST", change="-0.7"),
        log(7, "FEE_REFUND", change="0.04"),
        log(8, "SETTLEMENT", funding="1.5", cashFlow="-2", change="-0.5"),
        log(9, "CURRENCY_SELL", change="-5"),
    ]
    bybit.on("GET", "/v5/account/transaction-log", paged("list", rows, "transactionTime"))
    ran = harness(bybit, since="2026-02-20").sync("income")
    assert ran.error is None
    assert {one.external_id: (one.amount, one.kind) for one in ran.of(Transaction)} == {
        "l1:pnl": (Decimal("24.5"), FlowClass.REALISED_PNL),
        "l2:fee": (Decimal("-0.2"), FlowClass.FEE),
        "l3:funding": (Decimal("-0.003676"), FlowClass.FUNDING),
        "l6": (Decimal("-0.7"), FlowClass.INTEREST),
        "l7": (Decimal("0.04"), FlowClass.REBATE),
        "l8:pnl": (Decimal(-2), FlowClass.REALISED_PNL),
        "l8:funding": (Decimal("1.5"), FlowClass.FUNDING),
    }


def paged(name: str, rows: list[dict[str, str]], at: str, size: int = 4) -> Any:
    def answer(asked: Asked) -> Reply:
        begin, end = int(asked.query["startTime"]), int(asked.query["endTime"])
        assert end - begin <= 30 * 24 * HOUR
        found = [row for row in rows if begin <= int(row[at]) <= end]
        first = int(asked.query.get("cursor") or 0)
        after = str(first + size) if first + size < len(found) else ""
        return good({name: found[first : first + size], "nextPageCursor": after})

    return answer


def test_a_log_of_many_pages_and_weeks_is_read_once_and_resumed_anywhere(bybit: Replay) -> None:
    rows = [log(number, "SETTLEMENT", funding="0.1") for number in range(3, 500, 16)]
    bybit.on("GET", "/v5/account/transaction-log", paged("list", rows, "transactionTime"))
    full = harness(bybit, since="2026-02-05").sync("income")
    names = [one.external_id for one in full.of(Transaction)]
    assert len(names) == len(set(names)) == len(rows)
    assert len(full.batches) == 4
    for stop in range(1, len(full.batches)):
        part = harness(bybit, since="2026-02-05").sync("income", batches=stop)
        rest = harness(bybit, since="2026-02-05").sync("income", part.cursor)
        assert [one.external_id for one in [*part.of(Transaction), *rest.of(Transaction)]] == names


def test_a_page_that_names_itself_as_the_next_is_not_followed_for_ever(bybit: Replay) -> None:
    rows = [log(3, "SETTLEMENT", funding="0.1")]
    bybit.on("GET", "/v5/account/transaction-log", good({"list": rows, "nextPageCursor": "again"}))
    error = harness(bybit, since="2026-02-25").sync("income").error
    assert isinstance(error, RetryLater)
    assert "again and again" in str(error)


def execution(name: str, category: str, **more: str) -> dict[str, str]:
    return {"execId": name, "symbol": "BTCUSDT", "side": "Buy", "execPrice": "50000", "execQty": "0.2", "execFee": "3",
            "execType": "Trade", "execTime": str(NOW - HOUR), "feeCurrency": "", **more}  # fmt: skip


def test_executions_are_trades_and_funding_among_them_is_none(bybit: Replay) -> None:
    listed = {
        "spot": [execution("s", "spot", execFee="0.0002"), execution("d", "spot", symbol="GONEUSDT")],
        "linear": [execution("l", "linear"), execution("f", "linear", execType="Funding"),
                   execution("x", "linear", execType="Settle")],
        "inverse": [execution("i", "inverse", symbol="BTCUSD", side="Sell", execQty="100", execFee="0.00001")],
    }  # fmt: skip
    bybit.on("GET", "/v5/execution/list", lambda asked: good({"list": listed[asked.query["category"]]}))
    ran = harness(bybit, since="2026-02-27").sync("trades")
    assert ran.error is None
    assert {
        one.external_id: (one.base, one.quote, one.side.value, one.quantity, one.fee, one.fee_asset)
        for one in ran.of(Trade)
    } == {
        "s": ("BTC", "USDT", "buy", Decimal("0.2"), Decimal("0.0002"), "BTC"),
        "d": ("GONE", "USDT", "buy", Decimal("0.2"), Decimal(3), "GONE"),
        "l": ("BTC/USDT:USDT", "USDT", "buy", Decimal("0.2"), Decimal(3), "USDT"),
        "i": ("BTC/USD:BTC", "USD", "sell", Decimal(100), Decimal("0.00001"), "BTC"),
    }


@pytest.mark.parametrize(
    ("category", "name", "contract", "paid_in"),
    [
        ("linear", "GONEUSDT", "GONE/USDT:USDT", "USDT"),
        ("linear", "GONEPERP", "GONE/USDC:USDC", "USDC"),
        ("linear", "GONE-26DEC25", "GONE/USDC:USDC-26DEC25", "USDC"),
        ("linear", "GONEUSDT-26DEC25", "GONE/USDT:USDT-26DEC25", "USDT"),
        ("inverse", "GONEUSD", "GONE/USD:GONE", "GONE"),
    ],
)
def test_a_contract_that_is_listed_no_more_is_no_coin_either(
    bybit: Replay, category: str, name: str, contract: str, paid_in: str
) -> None:
    row = execution("x", category, symbol=name)
    bybit.on("GET", "/v5/execution/list", lambda asked: good({"list": [row] * (asked.query["category"] == category)}))
    (trade,) = harness(bybit, since="2026-02-27").sync("trades").of(Trade)
    assert (trade.base, trade.quantity, trade.fee_asset) == (contract, Decimal("0.2"), paid_in)


def test_what_came_in_and_went_out_is_never_income(bybit: Replay) -> None:
    at = str(NOW - HOUR)
    deposit = {"coin": "USDT", "chain": "ETH", "amount": "100", "txID": "0xaa", "status": 3, "toAddress": "x",
               "tag": "", "depositFee": "", "successAt": at, "txIndex": "7"}  # fmt: skip
    withdrawal = {"coin": "BTC", "chain": "BTC", "amount": "0.5", "txID": "bb", "status": "success", "toAddress": "y",
                  "withdrawFee": "0.0001", "createTime": at, "updateTime": at, "withdrawId": "w1"}  # fmt: skip
    gift = {"id": "77", "type": 1, "coin": "USDT", "amount": "5", "status": 2, "createdTime": at[:10]}
    moved = {"transferId": "m1", "coin": "USDT", "amount": "40", "fromAccountType": "FUND", "toAccountType": "UNIFIED",
             "timestamp": at, "status": "SUCCESS"}  # fmt: skip
    bybit.on("GET", "/v5/asset/deposit/query-record", good({"rows": [deposit], "nextPageCursor": ""}))
    bybit.on("GET", "/v5/asset/withdraw/query-record", good({"rows": [withdrawal], "nextPageCursor": ""}))
    bybit.on("GET", "/v5/asset/deposit/query-internal-record", good({"rows": [gift], "nextPageCursor": ""}))
    bybit.on("GET", "/v5/asset/transfer/query-inter-transfer-list", good({"list": [moved], "nextPageCursor": ""}))
    ran = harness(bybit, since="2026-02-27").sync("transfers")
    assert ran.error is None
    assert {one.external_id: (one.account, one.amount, one.kind) for one in ran.of(Transaction)} == {
        "0xaa:7:USDT": ("funding", Decimal(100), FlowClass.DEPOSIT),
        "w1": ("funding", Decimal("-0.5"), FlowClass.WITHDRAWAL),
        "w1:fee": ("funding", Decimal("-0.0001"), FlowClass.FEE),
        "received-77": ("funding", Decimal(5), FlowClass.DEPOSIT),
        "m1:out": ("funding", Decimal(-40), FlowClass.TRANSFER),
        "m1:in": ("unified", Decimal(40), FlowClass.TRANSFER),
    }


@pytest.mark.parametrize(("status", "found"), [(3, [False]), (2, [True]), (4, [])])
def test_a_deposit_under_way_is_pending_and_one_that_failed_is_none(
    bybit: Replay, status: int, found: list[bool]
) -> None:
    row = {"coin": "USDT", "chain": "ETH", "amount": "100", "txID": "0xaa", "status": status, "toAddress": "x",
           "tag": "", "depositFee": "", "successAt": str(NOW - HOUR), "txIndex": "7"}  # fmt: skip
    bybit.on("GET", "/v5/asset/deposit/query-record", good({"rows": [row], "nextPageCursor": ""}))
    ran = harness(bybit, since="2026-02-27").sync("transfers")
    assert ran.error is None
    assert [one.pending for one in ran.of(Transaction)] == found


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (bad(10003, "API key is invalid."), AuthError),
        (bad(10005, "Permission denied"), AuthError),
        (bad(33004, "Your api key has expired."), AuthError),
        (bad(10006, "Too many visits. Exceeded the API Rate Limit."), RetryLater),
        (bad(10016, "Internal server error."), RetryLater),
        (Reply(status=403, body="access too frequent"), RetryLater),
        (Reply(status=401, body="no"), AuthError),
        (Reply(body={"result": {}}), RetryLater),
        (Reply(body={"retCode": 0, "result": {"odd": 1}}), RetryLater),
        (Reply(body=[1, 2]), RetryLater),
    ],
)
def test_faults_say_what_happens_next(bybit: Replay, answer: Reply, error: type[Exception]) -> None:
    with bybit.failing(answer):
        for feed in ("balances", "income", "transfers", "trades"):
            ran = harness(bybit, since="2026-02-27").sync(feed)
            assert type(ran.error) is error, (feed, ran.error)
            assert ran.records == []


def test_one_wallet_that_fails_is_partly_read(bybit: Replay) -> None:
    bybit.on("GET", "/v5/earn/position", bad(10005, "Permission denied, please check your API key permissions."))
    ran = harness(bybit).sync("balances")
    assert isinstance(ran.error, PartlyRead)
    assert "earn-flexible" in str(ran.error)
    assert "earn-onchain" in str(ran.error)
    assert {one.account for one in ran.of(Snapshot)} == {"unified", "funding"}


def test_a_wrong_clock_is_set_by_the_exchanges_once(bybit: Replay) -> None:
    from flowd_bybit.profile import BYBIT
    from flowd_ccxt.connector import Exchange

    one = harness(bybit)
    one.connector = Exchange(BYBIT, one.config, now=lambda: time.time() + 500)
    late: list[float] = []

    def strict(asked: Asked) -> Reply:
        late.append(int(asked.headers["x-bapi-timestamp"]) / 1000 - time.time())
        return bad(10002, "invalid request, please check your server timestamp") if abs(late[-1]) > 5 else wallet(asked)

    bybit.on("GET", "/v5/account/wallet-balance", strict)
    assert one.sync("balances").error is None
    assert [abs(by) > 5 for by in late] == [True, *[False] * (len(late) - 1)]
    assert any("500 s ahead" in text or "499 s ahead" in text for text in one.check().warnings)


@pytest.mark.parametrize(
    ("readonly", "rights", "warned"), [(1, {"read"}, False), (0, {"read", "trade spot", "withdraw"}, True)]
)
def test_check_tells_rights_and_end(bybit: Replay, readonly: int, rights: set[str], warned: bool) -> None:
    key: Mapping[str, object] = {
        "readOnly": readonly, "ips": ["10.0.0.1"], "expiredAt": "2030-05-15T03:21:05Z",
        "permissions": {"Spot": ["SpotTrade"], "Wallet": ["Withdraw"], "Options": []},
    }  # fmt: skip
    bybit.on("GET", "/v5/user/query-api", good(key))
    found = harness(bybit).check()
    assert set(found.permissions) == rights
    assert any("may trade" in text and "withdraw" in text for text in found.warnings) is warned
    assert found.expires_at is not None
    assert found.expires_at.year == 2030
    assert [one.split(" ")[0] for one in found.covers] == ["unified", "funding", "earn-flexible", "earn-onchain"]
    assert any(one.startswith("contract: ") for one in found.unread)
