"""A Binance on loopback: it signs, counts, pages and fails as Binance does."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from flowd.api import (
    Removal,
    Snapshot,
    Trade,
    Transaction,
)
from flowd.testing.harness import TICK, Harness, Ran
from flowd.testing.replay import Asked, Replay, Reply
from flowd_binance import CONNECTOR

SECRET = "the-secret-of-the-key"
KEY = "the-key-itself"
SHARED = Path(__file__).parents[4] / "shared" / "data" / "exchanges"
NOW = int(TICK.timestamp() * 1000)
HOUR, DAY = 3_600_000, 86_400_000
PRICES = {"BTCUSDT": "60000", "EURUSDT": "1.10", "LDOBTC": "0.00002", "BNBUSDT": "600", "LTCUSDT": "80"}
Row = dict[str, Any]


class Exchange:
    """Binance in small: what each path holds, who may ask, and what goes wrong."""

    def __init__(self) -> None:
        #: How far the server's clock is before the caller's, in milliseconds.
        self.ahead = 0
        self.server = Replay()
        self.server.otherwise(self._answer)
        #: What each path answers: a value, or a function of the parameters.
        self.paths: dict[str, Any] = {
            "/api/v3/ticker/price": [{"symbol": name, "price": price} for name, price in PRICES.items()],
            "/api/v3/account": {"balances": []},
            "/sapi/v1/asset/get-funding-asset": [],
            "/sapi/v1/margin/account": {"userAssets": []},
            "/sapi/v1/margin/isolated/account": {"assets": []},
            "/fapi/v3/account": {"assets": []},
            "/dapi/v1/account": {"assets": []},
            "/sapi/v1/simple-earn/flexible/position": {"rows": [], "total": 0},
            "/sapi/v1/simple-earn/locked/position": {"rows": [], "total": 0},
            "/papi/v1/balance": [],
            "/sapi/v1/asset/wallet/balance": [{"activate": True, "balance": "0", "walletName": "Spot"}],
            "/sapi/v1/accountSnapshot": {"code": 200, "msg": "", "snapshotVos": []},
            "/sapi/v1/account/apiRestrictions": {"enableReading": True, "ipRestrict": True},
            "/api/v3/time": lambda _: {"serverTime": int(time.time() * 1000) + self.ahead},
        }
        #: Errors by path, or by the beginning of paths.
        self.faults: dict[str, Reply] = {}
        # A connection that is kept would wait 40 ms for the second half of each small answer (Nagle's algorithm).
        self.headers = {"Connection": "close"}
        self.verify: Callable[[bytes, str], bool] = _hmac

    def _answer(self, asked: Asked) -> Reply:
        params = dict(asked.query) or dict(asked.form)
        fault = next((one for path, one in self.faults.items() if asked.path.startswith(path)), None)
        if fault is not None:
            return fault
        if "signature" in params and (refusal := self._refusal(params, asked)) is not None:
            return refusal
        held = self.paths.get(asked.path)
        if held is None:
            # Histories that a test says nothing of are empty.
            held = [] if asked.path in LISTS else EMPTY
        return Reply(body=held(params) if callable(held) else held, headers=self.headers)

    def _refusal(self, params: Mapping[str, str], asked: Asked) -> Reply | None:
        if asked.headers.get("x-mbx-apikey") != KEY:
            return error(-2014, "API-key format invalid.")
        said = "&".join(f"{name}={value}" for name, value in params.items() if name != "signature")
        if not self.verify(said.encode(), params["signature"]):
            return error(-1022, "Signature for this request is not valid.")
        now, at = int(time.time() * 1000) + self.ahead, int(params["timestamp"])
        if at > now + 1000:
            return error(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
        if now - at > int(params["recvWindow"]):
            return error(-1021, "Timestamp for this request is outside of the recvWindow.")
        return None

    def asked(self, path: str) -> list[Mapping[str, str]]:
        """The parameters of every request of `path`."""
        return [one.query for one in self.server.asked if one.path == path]

    def harness(self, **config: object) -> Harness:
        settings = {"key": KEY, "secret": SECRET, "base_url": self.server.url, "since": "2026-02-15", **config}
        return Harness(CONNECTOR, settings)


LISTS = {
    "/papi/v1/um/userTrades",
    "/papi/v1/cm/userTrades",
    "/papi/v1/margin/myTrades",
    "/fapi/v1/income",
    "/dapi/v1/income",
    "/papi/v1/um/income",
    "/papi/v1/cm/income",
    "/sapi/v1/capital/deposit/hisrec",
    "/sapi/v1/capital/withdraw/history",
    "/sapi/v1/sub-account/transfer/subUserHistory",
    "/api/v3/myTrades",
    "/sapi/v1/margin/myTrades",
    "/fapi/v1/userTrades",
    "/dapi/v1/userTrades",
}
EMPTY: Row = {"data": None, "rows": [], "list": [], "userAssetDribblets": []}


def _hmac(said: bytes, signature: str) -> bool:
    return hmac.compare_digest(hmac.new(SECRET.encode(), said, hashlib.sha256).hexdigest(), signature)


def error(code: int, message: str, status: int = 400, **headers: str) -> Reply:
    return Reply(status=status, body={"code": code, "msg": message}, headers=headers)


def serving() -> Iterator[Exchange]:
    made = Exchange()
    made.paths["/sapi/v1/rebate/taxQuery"] = {"code": "000000", "data": {"data": []}}
    yield made
    made.server.close()


def within(rows: list[Row], time_of: Callable[[Row], int], params: Mapping[str, str]) -> list[Row]:
    begin, end = int(params["startTime"]), int(params["endTime"])
    return [row for row in rows if begin <= time_of(row) <= end]


def holdings(ran: Ran) -> dict[tuple[str, str], Decimal]:
    return {(one.account, one.asset): one.quantity for one in ran.of(Snapshot)}


def fill(exchange: Exchange) -> None:
    """Put something into every wallet."""
    paths = exchange.paths
    paths["/api/v3/account"] = {
        "balances": [
            {"asset": "BTC", "free": "0.5", "locked": "0.25"},
            {"asset": "LDUSDT", "free": "1000", "locked": "0"},
            {"asset": "LDO", "free": "7", "locked": "0"},
            {"asset": "SCAM🎁", "free": "1e-18", "locked": "0"},
        ]
    }
    paths["/sapi/v1/asset/get-funding-asset"] = [
        {"asset": "USDT", "free": "1", "locked": "2", "freeze": "3", "withdrawing": "4"}
    ]
    paths["/sapi/v1/margin/account"] = {
        "userAssets": [{"asset": "USDT", "free": "50", "locked": "0", "borrowed": "20", "interest": "0.1"}]
    }
    paths["/sapi/v1/margin/isolated/account"] = {
        "assets": [
            {
                "baseAsset": {"asset": "LTC", "free": "1", "locked": "0", "borrowed": "0", "interest": "0"},
                "quoteAsset": {"asset": "USDT", "free": "5", "locked": "0", "borrowed": "0", "interest": "0"},
            }
        ]
    }
    paths["/fapi/v3/account"] = {
        "assets": [
            {"asset": "USDT", "walletBalance": "100", "unrealizedProfit": "-5", "marginBalance": "95", "updateTime": 1},
            {"asset": "BNB", "walletBalance": "0", "marginBalance": "0", "availableBalance": "9", "updateTime": 0},
        ]
    }
    paths["/dapi/v1/account"] = {
        "assets": [{"asset": "BTC", "walletBalance": "0.1", "unrealizedProfit": "0.01", "marginBalance": "0.11"}]
    }
    paths["/sapi/v1/simple-earn/flexible/position"] = {"rows": [{"asset": "USDT", "totalAmount": "1000"}], "total": 1}
    paths["/sapi/v1/simple-earn/locked/position"] = {"rows": [{"asset": "BNB", "amount": "2"}], "total": 1}
    paths["/papi/v1/balance"] = []
    paths["/sapi/v1/asset/wallet/balance"] = [
        {"activate": True, "balance": "33.5", "walletName": "Trading Bots"},
        {"activate": False, "balance": "0", "walletName": "Options"},
    ]


ALL = {
    ("spot", "BTC"): Decimal("0.75"),
    ("spot", "LDO"): Decimal(7),
    ("spot", "SCAMU1F381"): Decimal("1e-18"),
    ("funding", "USDT"): Decimal(10),
    ("cross_margin", "USDT"): Decimal(50),
    ("cross_margin:borrowed", "USDT"): Decimal("-20.1"),
    ("isolated_margin", "LTC"): Decimal(1),
    ("isolated_margin", "USDT"): Decimal(5),
    ("futures_usdm", "USDT"): Decimal(95),
    ("futures_coinm", "BTC"): Decimal("0.11"),
    ("earn", "USDT"): Decimal(1000),
    ("earn", "BNB"): Decimal(2),
    ("bots", "USDT"): Decimal("33.5"),
}


def ids(records: list[Any]) -> set[tuple[str, str]]:
    return {(one.account, str(one.external_id)) for one in records if isinstance(one, Transaction | Trade | Removal)}


def taken_up(harness: Harness, feed: str, whole: Ran) -> Iterator[set[tuple[str, str]]]:
    """What is read by a run that ends after each of its first batches in turn, with the run that takes it up."""
    for count in range(1, min(len(whole.batches), 5)):
        first = harness.sync(feed, batches=count)
        rest = harness.sync(feed, first.cursor)
        assert rest.error is None
        yield ids([*first.records, *rest.records])


def futures_history(rows: list[Row], size: int = 1000) -> Callable[[Mapping[str, str]], list[Row]]:
    ordered = sorted(rows, key=lambda row: row["time"])

    def answer(params: Mapping[str, str]) -> list[Row]:
        some = within(ordered, lambda row: int(row["time"]), params)
        some = [row for row in some if params.get("incomeType") in (None, row["incomeType"])]
        page = int(params.get("page", 1)) - 1
        limit = min(int(params["limit"]), size)
        assert int(params["endTime"]) - int(params["startTime"]) < 90 * DAY
        return some[page * limit : (page + 1) * limit]

    return answer


def income_row(number: int, at: int, kind: str = "FUNDING_FEE", amount: str = "-0.5") -> Row:
    return {
        "symbol": "BTCUSDT",
        "incomeType": kind,
        "income": amount,
        "asset": "USDT",
        "time": at,
        "info": kind,
        "tranId": number,
        "tradeId": "",
    }
