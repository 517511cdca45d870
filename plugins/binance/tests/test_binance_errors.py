"""Refusals, faults, clocks and limits of Binance, and what a key may do."""

from __future__ import annotations

import json
import logging
import threading
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from binance_server import (
    ALL,
    DAY,
    KEY,
    NOW,
    SECRET,
    SHARED,
    Exchange,
    error,
    fill,
    futures_history,
    holdings,
    income_row,
    serving,
)
from pydantic import ValidationError

from flowd.api import (
    AuthError,
    BudgetSpent,
    Context,
    Covers,
    Cursor,
    Rate,
    RetryLater,
    Snapshot,
)
from flowd.engine.http import SourceHttp
from flowd.engine.limits import RateLimits
from flowd.testing.harness import TICK, Harness
from flowd.testing.replay import Reply
from flowd_binance import CONNECTOR, endpoints

exchange = pytest.fixture(serving)


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
