"""The connector against a server that signs, counts, pages and fails as Binance does."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from flowd.api import (
    AccountInfo,
    AccountKind,
    AuthError,
    BudgetSpent,
    Context,
    Covers,
    Cursor,
    FlowClass,
    PartlyRead,
    Rate,
    Removal,
    RetryLater,
    Snapshot,
    Trade,
    Transaction,
)
from flowd.engine.http import SourceHttp
from flowd.engine.limits import RateLimits
from flowd.testing.harness import TICK, Harness, Ran
from flowd.testing.replay import Asked, Replay, Reply
from flowd_binance import CONNECTOR, endpoints

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


@pytest.fixture
def exchange() -> Iterator[Exchange]:
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


# --- Balances ---------------------------------------------------------------------------------------------------------


def test_every_wallet_is_read_and_money_in_earn_counts_once(exchange: Exchange) -> None:
    fill(exchange)
    ran = exchange.harness().sync("balances")
    assert ran.error is None
    assert holdings(ran) == ALL
    assert ran.batches[0].covers is Covers.CONNECTION
    assert {one.at for one in ran.of(Snapshot)} == {TICK}
    kinds = {one.account: one.kind for one in ran.of(AccountInfo)}
    assert kinds["futures_coinm"] is AccountKind.WALLET_FUTURES
    assert kinds["bots"] is AccountKind.WALLET_BOT
    assert set(kinds) >= {account for account, _ in ALL}


def test_prices_lead_to_money_and_what_has_no_market_stays_unpriced(exchange: Exchange) -> None:
    fill(exchange)
    rates = {(one.base, one.quote): one.value for one in exchange.harness().sync("balances").of(Rate)}
    assert rates[("BTC", "USDT")] == 60000
    assert rates[("EUR", "USDT")] == Decimal("1.10")
    assert rates[("LDO", "BTC")] == Decimal("0.00002")
    assert not [pair for pair in rates if "SCAMU1F381" in pair]


def test_no_digit_is_lost_in_sums(exchange: Exchange) -> None:
    long = "123456789012345.123456789012345678"
    exchange.paths["/api/v3/account"] = {"balances": [{"asset": "LTC", "free": long, "locked": "1"}]}
    exchange.paths["/sapi/v1/margin/account"] = {
        "userAssets": [{"asset": "LTC", "free": "0", "locked": "0", "borrowed": long, "interest": "0"}]
    }
    found = holdings(exchange.harness(wallets=["spot", "cross_margin"]).sync("balances"))
    assert found[("spot", "LTC")] == Decimal("123456789012346.123456789012345678")
    assert found[("cross_margin:borrowed", "LTC")] == Decimal(f"-{long}")


def test_ignored_assets_are_left_out(exchange: Exchange) -> None:
    fill(exchange)
    assert ("spot", "LDO") not in holdings(exchange.harness(ignore=["LDO"]).sync("balances"))


def test_a_wallet_that_fails_leaves_the_others_and_writes_no_zero(exchange: Exchange) -> None:
    fill(exchange)
    exchange.faults["/fapi/"] = Reply(status=503, body="maintenance")
    ran = exchange.harness().sync("balances")
    assert isinstance(ran.error, PartlyRead)
    assert "futures_usdm" in str(ran.error)
    assert holdings(ran) == {key: value for key, value in ALL.items() if key[0] != "futures_usdm"}
    [batch] = ran.batches
    assert batch.covers is Covers.ITS_ACCOUNTS
    assert "futures_usdm" not in {one.account for one in ran.of(AccountInfo)}


def test_a_wallet_that_is_not_open_to_the_key_is_said_and_no_failure(exchange: Exchange) -> None:
    fill(exchange)
    exchange.faults["/fapi/"] = error(-2015, "Invalid API-key, IP, or permissions for action.", 401)
    exchange.faults["/papi/"] = error(-2015, "Invalid API-key, IP, or permissions for action.", 401)
    harness = exchange.harness()
    ran = harness.sync("balances")
    assert ran.error is None
    assert ran.batches[0].covers is Covers.ITS_ACCOUNTS
    assert ("earn", "BNB") in holdings(ran)
    check = harness.check()
    assert [one.partition(":")[0] for one in check.unread] == ["Binance USD-M futures", "Binance portfolio margin"]
    assert "Binance earn" in check.covers


def test_a_wallet_that_was_never_opened_is_not_asked(exchange: Exchange) -> None:
    fill(exchange)
    exchange.paths["/sapi/v1/asset/wallet/balance"] = [
        {"activate": False, "balance": "0", "walletName": "USDⓈ-M Futures"}
    ]
    ran = exchange.harness().sync("balances")
    assert ran.batches[0].covers is Covers.CONNECTION
    assert not exchange.asked("/fapi/v3/account")


def test_without_the_list_of_markets_no_coin_is_taken_for_a_share_in_earn(exchange: Exchange) -> None:
    fill(exchange)
    exchange.paths["/api/v3/account"]["balances"].append({"asset": "LDXYZ", "free": "3", "locked": "0"})
    assert holdings(exchange.harness().sync("balances")) == {**ALL, ("spot", "LDXYZ"): Decimal(3)}
    exchange.faults["/api/v3/ticker/price"] = Reply(status=503, body="")
    ran = exchange.harness().sync("balances")
    assert isinstance(ran.error, PartlyRead)
    assert "prices" in str(ran.error)
    assert "spot" not in {one.account for one in ran.of(AccountInfo)}
    assert ("funding", "USDT") in holdings(ran)
    exchange.paths["/api/v3/account"] = {"balances": [{"asset": "BTC", "free": "1", "locked": "0"}]}
    assert holdings(exchange.harness().sync("balances"))["spot", "BTC"] == 1


def test_when_all_fails_the_first_error_is_raised_and_nothing_written(exchange: Exchange) -> None:
    with exchange.server.failing(Reply(status=500, body="")):
        ran = exchange.harness().sync("balances")
    assert isinstance(ran.error, RetryLater)
    assert not isinstance(ran.error, PartlyRead)
    assert ran.batches == []


def test_portfolio_margin_is_one_account_a_part(exchange: Exchange) -> None:
    exchange.paths["/papi/v1/balance"] = [
        {
            "asset": "USDT",
            "totalWalletBalance": "136",
            "crossMarginBorrowed": "6",
            "crossMarginInterest": "1",
            "umWalletBalance": "100",
            "umUnrealizedPNL": "-3",
            "cmWalletBalance": "0",
            "cmUnrealizedPNL": "0",
        }
    ]
    assert holdings(exchange.harness(wallets=["portfolio_margin"]).sync("balances")) == {
        ("portfolio_margin", "USDT"): Decimal(36),
        ("portfolio_margin:usdm", "USDT"): Decimal(97),
        ("portfolio_margin:borrowed", "USDT"): Decimal(-7),
    }


def day_of(days: int) -> int:
    return NOW - days * DAY - 12 * HOUR


def test_the_first_run_reads_the_days_that_binance_kept(exchange: Exchange) -> None:
    exchange.paths["/api/v3/account"] = {"balances": [{"asset": "BTC", "free": "2", "locked": "0"}]}
    kept = [
        {"type": "spot", "updateTime": day_of(2), "data": {"balances": [{"asset": "LTC", "free": "4", "locked": "0"}]}},
        {"type": "spot", "updateTime": day_of(1), "data": {"balances": [{"asset": "BTC", "free": "1", "locked": "0"}]}},
    ]
    exchange.paths["/sapi/v1/accountSnapshot"] = lambda params: {
        "code": 200,
        "msg": "",
        "snapshotVos": kept if params["type"] == "SPOT" else [],
    }
    exchange.paths["/api/v3/klines"] = lambda params: [[day_of(2), "1", "1", "1", "77", "1", day_of(1) - 1]]
    harness = exchange.harness()
    ran = harness.sync("balances")
    past = [(one.asset, one.quantity) for one in ran.of(Snapshot) if one.at < TICK]
    assert past == [("LTC", Decimal(4)), ("BTC", Decimal(0)), ("LTC", Decimal(0)), ("BTC", Decimal(1))]
    assert {one.value for one in ran.of(Rate) if one.at < TICK} == {Decimal(77)}
    asked = len(exchange.asked("/sapi/v1/accountSnapshot"))
    again = harness.sync("balances", ran.cursor)
    assert not [one for one in again.of(Snapshot) if one.at < TICK]
    assert len(exchange.asked("/sapi/v1/accountSnapshot")) == asked


def test_no_past_is_read_where_it_would_look_like_income(exchange: Exchange) -> None:
    fill(exchange)
    ran = exchange.harness().sync("balances")
    assert not exchange.asked("/sapi/v1/accountSnapshot")
    assert any("no past is read" in line and "earn" in line for line in ran.log)


@pytest.mark.parametrize("amount", ["NaN", "1e30", "1e-31", "much", "", None, [1], "Infinity"])
def test_an_amount_that_is_none_is_no_amount(exchange: Exchange, amount: object) -> None:
    fill(exchange)
    exchange.paths["/sapi/v1/asset/get-funding-asset"] = [{"asset": "USDT", "free": amount}]
    ran = exchange.harness().sync("balances")
    assert isinstance(ran.error, PartlyRead)
    assert "free" in str(ran.error)
    assert "get-funding-asset" in str(ran.error)
    assert ("spot", "BTC") in holdings(ran)


@pytest.mark.parametrize("answer", [{}, [], None, {"balances": 3}, {"balances": [3]}, {"balances": [{"free": "1"}]}])
def test_an_answer_of_another_shape_is_said_by_name(exchange: Exchange, answer: object) -> None:
    exchange.paths["/api/v3/account"] = lambda _: answer
    ran = exchange.harness(wallets=["spot"]).sync("balances")
    assert isinstance(ran.error, RetryLater)
    assert "/api/v3/account" in str(ran.error)


# --- Errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [-2014, -2015, -1022])
def test_a_refused_key_needs_somebody(exchange: Exchange, code: int) -> None:
    exchange.faults["/"] = error(code, "no", 401)
    for feed in ("balances", "income", "transfers"):
        exchange.server.asked.clear()
        ran = exchange.harness().sync(feed)
        assert isinstance(ran.error, AuthError), feed
        assert len(exchange.server.asked) <= 3, "a refused key is not tried at every door"
    with pytest.raises(AuthError):
        exchange.harness().check()


def test_when_no_wallet_may_be_read_somebody_is_needed(exchange: Exchange) -> None:
    exchange.faults["/fapi/"] = error(-2015, "Invalid API-key, IP, or permissions for action.", 401)
    ran = exchange.harness(wallets=["futures_usdm"], testnet=True).sync("balances")
    assert isinstance(ran.error, AuthError)
    assert ran.batches == []


def test_a_request_that_waited_long_for_its_turn_is_signed_again(exchange: Exchange) -> None:
    refusal = error(-1021, "Timestamp for this request is outside of the recvWindow.")
    exchange.server.on("GET", "/api/v3/account", [refusal, Reply(body={"balances": []})])
    exchange.server.on("GET", "/fapi/v3/account", [refusal, Reply(body={"assets": []})])
    ran = exchange.harness(wallets=["spot", "futures_usdm"]).sync("balances")
    assert ran.error is None
    assert not any(line.startswith("WARNING") for line in ran.log)


def test_coins_named_in_chinese_have_a_name_and_a_price(exchange: Exchange) -> None:
    exchange.paths["/api/v3/account"] = {"balances": [{"asset": "币安人生", "free": "3", "locked": "0"}]}
    exchange.paths["/api/v3/ticker/price"] = [{"symbol": "币安人生USDT", "price": "0.2"}]
    ran = exchange.harness(wallets=["spot"]).sync("balances")
    [snapshot] = ran.of(Snapshot)
    assert snapshot.asset == "U5E01U5B89U4EBAU751F"
    assert [(one.base, one.quote, one.value) for one in ran.of(Rate)] == [(snapshot.asset, "USDT", Decimal("0.2"))]


def test_a_wrong_secret_is_refused_by_the_signature(exchange: Exchange) -> None:
    ran = exchange.harness(secret="another").sync("balances")
    assert isinstance(ran.error, AuthError)
    assert "Signature" in str(ran.error)


@pytest.mark.parametrize("status", [418, 429])
def test_a_used_up_limit_ends_the_run_and_says_until_when(exchange: Exchange, status: int) -> None:
    fill(exchange)
    exchange.faults["/sapi/v1/margin/account"] = error(-1003, "Too many requests.", status, **{"Retry-After": "77"})
    ran = exchange.harness().sync("balances")
    assert isinstance(ran.error, RetryLater)
    assert ran.error.after == timedelta(seconds=77)
    assert ("spot", "BTC") in holdings(ran)
    assert ran.batches[0].covers is Covers.ITS_ACCOUNTS
    assert exchange.server.asked[-1].path == "/sapi/v1/margin/account"


def test_nothing_more_is_asked_when_others_have_used_up_the_address(exchange: Exchange) -> None:
    exchange.headers["X-MBX-USED-WEIGHT-1M"] = "5500"
    ran = exchange.harness(wallets=["spot"]).sync("balances")
    assert isinstance(ran.error, RetryLater)
    assert ran.error.after == timedelta(minutes=1)
    assert exchange.server.paths() == ["GET /api/v3/ticker/price", "GET /sapi/v1/asset/wallet/balance"]


@pytest.mark.parametrize("ahead", [-30_000, 90_000])
def test_clocks_that_differ_are_healed_once_and_for_the_run(exchange: Exchange, ahead: int) -> None:
    fill(exchange)
    exchange.ahead = ahead
    ran = exchange.harness().sync("balances")
    assert ran.error is None
    assert holdings(ran) == ALL
    assert len(exchange.asked("/api/v3/time")) == 1
    assert any("clock" in line for line in ran.log)


def test_the_recorded_refusal_of_a_time_heals_or_says_so(exchange: Exchange) -> None:
    file = SHARED / "binance_error_1021.json"
    if not file.exists():
        pytest.skip("no recorded answers beside the project")
    recorded = json.loads(file.read_text())
    refusal = Reply(status=recorded["http_status"], body=recorded["body"])
    exchange.server.on("GET", "/api/v3/account", [refusal, Reply(body={"balances": []})])
    assert exchange.harness(wallets=["spot"]).sync("balances").error is None
    exchange.server.on("GET", "/api/v3/account", refusal)
    ran = exchange.harness(wallets=["spot"]).sync("balances")
    assert isinstance(ran.error, RetryLater)
    assert "clock" in str(ran.error)


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(status=403, body="<html>blocked</html>"), "403"),
        (Reply(status=451, body={"code": 0, "msg": "restricted location"}), "does not serve this place"),
        (Reply(status=200, body='{"balances": [', cut=5), "could not be reached"),
        (Reply(status=200, body="<html>"), "not JSON"),
        (Reply(drop=True), "could not be reached"),
        (error(-1001, "Internal error."), "Internal error"),
    ],
)
def test_what_passes_is_tried_again(exchange: Exchange, reply: Reply, says: str) -> None:
    exchange.faults["/api/v3/account"] = reply
    ran = exchange.harness(wallets=["spot"]).sync("balances")
    assert isinstance(ran.error, RetryLater)
    assert says in str(ran.error)


def test_no_secret_is_shown_anywhere(exchange: Exchange) -> None:
    exchange.faults["/api/v3/account"] = error(-1105, f"Parameter {KEY} and {SECRET} are empty.")
    harness = exchange.harness(wallets=["spot"])
    ran = harness.sync("balances")
    shown = " ".join([*ran.log, str(ran.error), repr(harness.config), repr(harness.connector), repr(ran.cursor)])
    assert KEY not in shown
    assert SECRET not in shown


def test_one_way_to_sign_is_asked_for() -> None:
    for settings in ({"key": "k"}, {"key": "k", "secret": "s", "private_key": "p"}):
        with pytest.raises(ValidationError, match="private_key"):
            Harness(CONNECTOR, settings)


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ed25519 with a password"])
def test_keys_of_every_kind_sign(exchange: Exchange, kind: str) -> None:
    from base64 import b64decode

    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ed25519.Ed25519PrivateKey.generate()
    lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
    config: dict[str, object] = {"secret": None, "wallets": ["spot"]}
    if "password" in kind:
        lock = serialization.BestAvailableEncryption(b"open sesame")
        config["private_key_password"] = "open sesame"
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock).decode()
    public = key.public_key()

    def verify(said: bytes, signature: str) -> bool:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(b64decode(signature), said, padding.PKCS1v15(), hashes.SHA256())
        else:
            public.verify(b64decode(signature), said)
        return True

    exchange.verify = verify
    assert exchange.harness(private_key=pem, **config).sync("balances").error is None


# --- Limits -----------------------------------------------------------------------------------------------------------


def test_every_request_weighs_what_binance_publishes(exchange: Exchange) -> None:
    fill(exchange)
    harness = exchange.harness()
    for feed in ("balances", "income", "transfers", "trades"):
        harness.sync(feed)
    harness.check()
    paths = [one.path for one in exchange.server.asked]
    known = {one.path: one for one in vars(endpoints).values() if isinstance(one, endpoints.Endpoint)}
    assert set(paths) <= set(known)
    assert [weight for weight, _ in harness.turns] == [known[path].counted for path in paths]


def test_within_flowds_limit_every_limit_of_binance_is_kept() -> None:
    [limit] = CONNECTOR.limits
    for endpoint in (one for one in vars(endpoints).values() if isinstance(one, endpoints.Endpoint)):
        in_a_minute = limit.calls / endpoint.counted
        assert in_a_minute * endpoint.weight <= endpoint.family.limit * (1 + 1e-9), endpoint.path


# --- Histories --------------------------------------------------------------------------------------------------------


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


def taken_up(harness: Harness, feed: str, whole: Ran) -> Iterator[set[tuple[str, str]]]:
    """What is read by a run that ends after each of its first batches in turn, with the run that takes it up."""
    for count in range(1, min(len(whole.batches), 5)):
        first = harness.sync(feed, batches=count)
        rest = harness.sync(feed, first.cursor)
        assert rest.error is None
        yield ids([*first.records, *rest.records])


def ids(records: list[Any]) -> set[tuple[str, str]]:
    return {(one.account, str(one.external_id)) for one in records if isinstance(one, Transaction | Trade | Removal)}


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


# --- What the key may do ----------------------------------------------------------------------------------------------


def test_check_tells_rights_expiry_and_the_clock(exchange: Exchange) -> None:
    fill(exchange)
    exchange.ahead = 4_000
    exchange.paths["/sapi/v1/account/apiRestrictions"] = {
        "ipRestrict": False,
        "enableReading": True,
        "enableSpotAndMarginTrading": True,
        "enableWithdrawals": True,
        "enableInternalTransfer": True,
        "tradingAuthorityExpirationTime": 1_785_936_600_545,
    }
    check = exchange.harness().check()
    assert check.permissions == ["read", "trade spot and margin", "withdraw", "transfer to others at Binance"]
    assert check.expires_at == datetime(2026, 8, 5, 13, 30, 0, 545_000, tzinfo=UTC)
    assert any("clock" in one for one in check.warnings)
    assert any("any address" in one for one in check.warnings)
    assert check.unread == []
    assert "Binance spot" in check.covers


def test_a_key_that_only_reads_warns_of_nothing(exchange: Exchange) -> None:
    check = exchange.harness().check()
    assert check.permissions == ["read"]
    assert check.warnings == []


def test_the_test_network_has_spot_and_futures(exchange: Exchange) -> None:
    fill(exchange)
    harness = exchange.harness(testnet=True)
    ran = harness.sync("balances")
    assert {account for account, _ in holdings(ran)} == {"spot", "futures_usdm", "futures_coinm"}
    for feed in ("income", "transfers", "trades"):
        assert harness.sync(feed).error is None
    assert harness.check().covers
    assert not [one for one in exchange.server.paths() if "/sapi/" in one or "/papi/" in one]


@pytest.mark.parametrize("feed", ["income", "transfers", "trades"])
def test_a_run_with_little_time_ends_at_once_and_loses_nothing(exchange: Exchange, feed: str) -> None:
    exchange.paths["/fapi/v1/income"] = futures_history([income_row(1, NOW - DAY, "TRANSFER")])
    ran = exchange.harness().sync(feed, seconds=1)
    assert ran.error is None
    assert len(exchange.server.asked) <= 3
    assert ran.cursor is not None
    assert exchange.harness().sync(feed, ran.cursor).error is None


# --- Within the limits ------------------------------------------------------------------------------------------------


class _Minutes:
    """A clock that only waiting moves, and what was asked when, by Binance's own count."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.counted: list[float] = []
        self._limits = RateLimits(clock=self, book=_NoBook(), away=lambda: False)

    def now(self) -> datetime:
        return TICK + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, event: threading.Event, seconds: float | None) -> bool:
        raise AssertionError("nobody waits for an event here")

    def take(self, weight: float, host: str) -> None:
        [limit] = CONNECTOR.limits
        turn = self._limits.take(host, limit, 290.0, weight)
        if turn.refused is not None:
            raise BudgetSpent(turn.refused, after=timedelta(seconds=turn.after))
        self.seconds += turn.wait
        self.counted.append(self.seconds)

    def run(self, harness: Harness, feed: str, cursor: Cursor | None) -> Cursor | None:
        """Run a feed with this clock, as far as it gets in five minutes."""
        began = self.seconds

        def left() -> timedelta:
            return timedelta(seconds=max(0.0, 300 - (self.seconds - began)))

        http = SourceHttp(take=self.take, time_left=left, agent="flowd/test")
        log = logging.LoggerAdapter(logging.Logger("quiet"))  # noqa: LOG001 - nobody else's
        ctx = Context(connection="test", tick=self.now(), http=http, log=log, time_left=left)
        try:
            for batch in harness.connector.sync(feed, cursor, ctx):
                list(batch.records)
                cursor = batch.cursor or cursor
        finally:
            http.close()
        return cursor


class _NoBook:
    def take_budget(self, credential: str, period: datetime, count: int = 1) -> int:
        return count

    def used_budget(self, credential: str, period: datetime) -> int:
        return 0


def test_an_hour_of_all_feeds_stays_within_every_published_limit(exchange: Exchange) -> None:
    fill(exchange)
    harness = exchange.harness(since="2025-09-01")
    minutes = _Minutes()
    cursors: dict[str, Cursor | None] = {}
    while minutes.seconds < 3600:
        for feed in ("balances", "transfers", "income", "trades"):
            cursors[feed] = minutes.run(harness, feed, cursors.get(feed))
        minutes.seconds += 300
    known = {one.path: one for one in vars(endpoints).values() if isinstance(one, endpoints.Endpoint)}
    shares: dict[str, list[tuple[float, float, int]]] = defaultdict(list)
    assert len(minutes.counted) == len(exchange.server.asked) > 500
    for when, asked in zip(minutes.counted, exchange.server.asked, strict=True):
        endpoint = known[asked.path]
        alone = endpoint.family in (endpoints.Family.SAPI, endpoints.Family.USER)
        shares[endpoint.path if alone else endpoint.family.name].append((when, endpoint.weight, endpoint.family.limit))
    for share, turns in shares.items():
        for start, _, limit in turns:
            used = sum(weight for when, weight, _ in turns if start <= when < start + 60)
            assert used <= limit, f"{share}: {used} of {limit} in the minute from {start}"


def test_a_used_up_limit_of_flowds_own_ends_the_run_where_the_next_goes_on(exchange: Exchange) -> None:
    harness = exchange.harness(since="2026-02-20")
    assert harness.sync("transfers").error is None
    whole = {one.path for one in exchange.server.asked}
    exchange.server.asked.clear()
    cursor: Cursor | None = None
    for _ in range(20):
        cursor = _some(harness, cursor, most=10)
        if isinstance(cursor.data, dict) and cursor.data["at"] is None:
            break
    assert {one.path for one in exchange.server.asked} == whole


def _some(harness: Harness, cursor: Cursor | None, most: int) -> Cursor:
    left = iter(range(most))

    def take(weight: float, host: str) -> None:
        if next(left, None) is None:
            raise BudgetSpent("enough", after=timedelta(minutes=1))

    http = SourceHttp(take=take, time_left=lambda: timedelta(seconds=30), agent="flowd/test")
    log = logging.LoggerAdapter(logging.Logger("quiet"))  # noqa: LOG001 - nobody else's
    ctx = Context(connection="test", tick=TICK, http=http, log=log, time_left=lambda: timedelta(seconds=30))
    last = cursor
    for batch in harness.connector.sync("transfers", cursor, ctx):
        last = batch.cursor or last
    http.close()
    assert last is not None
    return last
