"""Exchanges of which ccxt knows more than flowd: loaded alone, tamed, and read with every digit."""

from __future__ import annotations

import json
import logging
import time
from decimal import Decimal
from typing import Any

import pytest
from guest_server import NOW, Bitstamp, harness, run, serving

import flowd_ccxt
from flowd.api import AuthError, ConfigError, PartlyRead, Rate, RetryLater, Snapshot, Trade, Transaction
from flowd.testing.harness import Harness
from flowd.testing.replay import Asked, Replay, Reply
from flowd_ccxt.config import CcxtConfig
from flowd_ccxt.loading import exchange_class
from flowd_ccxt.maps import PROFILES, profile_of
from flowd_ccxt.venue import Venue

bitstamp = pytest.fixture(serving)


def test_registration_imports_neither_ccxt_nor_requests() -> None:
    code = (
        "import sys, flowd_ccxt\n"
        "flowd_ccxt.CONNECTOR.connect(flowd_ccxt.CONNECTOR.config(exchange='kraken', key='a', secret='b'))\n"
        "print(sorted(one for one in sys.modules if one.split('.')[0] in ('ccxt', 'requests')))"
    )
    assert run(code) == "[]"


def test_one_exchange_is_loaded_without_the_others_and_ccxt_stays_whole_for_others() -> None:
    code = (
        "import sys\n"
        "from flowd_ccxt.loading import exchange_class\n"
        "exchange_class('kraken'); exchange_class('okx')\n"
        "found = [one for one in sys.modules if one.startswith('ccxt.') and one.count('.') == 1]\n"
        "assert 'ccxt.binance' not in found and 'ccxt.kraken' in found, found\n"
        "import ccxt\n"
        "print(len(ccxt.exchanges) > 50, ccxt.kraken is exchange_class('kraken'))"
    )
    assert run(code) == "True True"


@pytest.mark.parametrize("exchange", ["nosuch", "base", "../x", "Kraken", "test"])
def test_an_unknown_exchange_is_a_configuration_error(exchange: str) -> None:
    with pytest.raises(ConfigError, match="kraken"):
        exchange_class(exchange)


@pytest.mark.parametrize("exchange", sorted(PROFILES))
def test_every_call_of_every_map_exists(exchange: str) -> None:
    profile = PROFILES[exchange]
    made = exchange_class(exchange)({})
    calls = [wallet.call for wallet in (*profile.wallets, *profile.subwallets) if wallet.call]
    calls += [profile.tickers.call] if profile.tickers else []
    assert [call for call in calls if not hasattr(made, call)] == []
    names = [wallet.name for wallet in profile.wallets]
    assert len(names) == len(set(names))
    assert all(wallet.call or wallet.read for wallet in profile.wallets)


def test_every_exchange_of_ccxt_can_be_tamed() -> None:
    code = (
        "import ccxt\n"
        "from flowd_ccxt.config import CcxtConfig\n"
        "from flowd_ccxt.maps import profile_of\n"
        "from flowd_ccxt.venue import Venue\n"
        "for name in ccxt.exchanges:\n"
        "    if name == 'dydx': continue  # signs with a wallet's key, and has no nonce\n"
        "    config = CcxtConfig(exchange=name, key='a', secret='b', url='http://127.0.0.1:1')\n"
        "    made = Venue(profile_of(name), config).exchange\n"
        "    assert made.nonce() <= made.nonce(), name\n"
        "    made.throttle(2)\n"
        "    assert made.flowd_weight == 2 * made.rateLimit, name\n"
        "    assert 'http' not in str(made.urls['api']).replace('http://127.0.0.1:1', ''), name\n"
        "print('all')"
    )
    assert run(code) == "all"


# --- An exchange of which nothing better is known ---------------------------------------------------------------------


def test_an_exchange_without_a_map_has_its_main_wallet_with_every_digit(bitstamp: Bitstamp) -> None:
    ran = harness(bitstamp.server, quote="EUR").sync("balances")
    assert ran.error is None
    assert {(one.account, one.asset): one.quantity for one in ran.of(Snapshot)} == {
        ("spot", "BTC"): Decimal("0.100000000000000001"),
        ("spot", "EUR"): Decimal("7.10"),
    }
    assert {(one.base, one.quote): one.value for one in ran.of(Rate)} == {("BTC", "EUR"): Decimal("60000.10")}


def test_ccxt_can_show_nothing_it_should_not(bitstamp: Bitstamp, caplog: Any, capsys: Any) -> None:
    caplog.set_level(logging.DEBUG)
    bitstamp.server.on("POST", "/api/v2/account_balances/", Reply(status=403, body={"code": "API0001", "reason": "no"}))
    ran = harness(bitstamp.server).sync("balances")
    assert isinstance(ran.error, AuthError)
    shown = caplog.text + str(capsys.readouterr()) + str(ran.error)
    for secret in ("key-7f3a91c2", "secret-b18de0", "signature"):
        assert secret not in shown.lower()


def test_what_ccxt_swallows_is_not_taken_for_an_answer() -> None:
    """Bitget's kind of account is found out by asking; an answer that is lost must not decide it."""
    config = CcxtConfig.model_validate(
        {"exchange": "bitget", "key": "k", "secret": "s", "password": "p", "url": "http://127.0.0.1:1"}
    )
    profile = profile_of("bitget")
    venue = Venue(profile, config)
    venue.exchange.options.pop("uta")
    one = Harness(flowd_ccxt.CONNECTOR, {**config.model_dump(mode="json"), "key": "k", "secret": "s", "password": "p"})
    with one.context() as (ctx, _, _), venue.over(ctx.http), pytest.raises(RetryLater, match="could not be reached"):
        venue.call("handle_uta_and_params", {}, "fetchSomething")
    assert "uta" not in venue.exchange.options


def test_an_answer_that_is_no_json_is_never_an_empty_account(bitstamp: Bitstamp) -> None:
    for body in ("", "null", "maintenance", "{", "[1"):
        bitstamp.server.on("POST", "/api/v2/account_balances/", Reply(body=body))
        ran = harness(bitstamp.server).sync("balances")
        assert isinstance(ran.error, RetryLater), body
        assert ran.batches == []


def test_unknown_wallets_and_sandboxes_are_configuration_errors(bitstamp: Bitstamp) -> None:
    with pytest.raises(ConfigError, match="choose from spot"):
        raise harness(bitstamp.server, wallets=["nope"]).sync("balances").error or AssertionError
    with pytest.raises(ConfigError, match="sandbox"):
        raise harness(bitstamp.server, sandbox=True).sync("balances").error or AssertionError


def test_unified_histories(bitstamp: Bitstamp) -> None:
    """Deposits, trades and what they cost, by ccxt's own words."""

    def transactions(asked: Asked) -> Reply:
        assert asked.method == "POST"
        return Reply(body=[
            {"id": 9, "datetime": "2026-02-28 10:00:00", "type": "2", "fee": "1.20", "btc_eur": "60000.00",
             "order_id": 1, "eur": "-600.00", "btc": "0.01000000"},
            {"id": 8, "datetime": "2026-02-28 09:00:00", "type": "0", "fee": "0.00", "eur": "1000.00"},
        ])  # fmt: skip

    bitstamp.server.on("POST", "/api/v2/user_transactions/", transactions)
    ran = harness(bitstamp.server, since="2026-02-20").sync("trades")
    assert ran.error is None
    (trade,) = ran.of(Trade)
    assert (trade.external_id, trade.base, trade.quantity, trade.fee, trade.fee_asset) == (
        "BTC/EUR:9", "BTC", Decimal("0.01"), Decimal("1.20"), "EUR",
    )  # fmt: skip
    assert harness(bitstamp.server, since="2026-02-20").sync("income").of(Transaction) == []


def test_gate_and_bitget_and_coinbase_wallets() -> None:
    """The maps that no other test exercises, on what their documentation shows."""
    with Replay() as server:
        server.otherwise(lambda _: Reply(body={"code": "00000", "msg": "success", "data": []}))
        server.on(
            "GET", "/api/v2/spot/account/assets",
            Reply(body={"code": "00000", "data": [{"coin": "USDT", "available": "1", "frozen": "2", "locked": "0.5"}]}),
        )  # fmt: skip
        server.on(
            "GET", "/api/v2/mix/account/accounts",
            lambda asked: Reply(body={"code": "00000", "data": [{"marginCoin": "USDT", "accountEquity": "9"}]
                                      if asked.query["productType"] == "USDT-FUTURES" else []}),
        )  # fmt: skip
        ran = harness(server, "bitget", password="p").sync("balances")
        assert ran.error is None
        assert {one.account: one.quantity for one in ran.of(Snapshot)} == {
            "spot": Decimal("3.5"), "futures-usdt": Decimal(9),
        }  # fmt: skip
    with Replay() as server:
        server.otherwise(_gate)
        ran = harness(server, "gate").sync("balances")
        assert isinstance(ran.error, PartlyRead)
        assert "delivery-usdt" in str(ran.error)
        assert {one.account: one.quantity for one in ran.of(Snapshot)} == {
            "spot": Decimal("1.5"), "futures-usdt": Decimal("8.5"),
        }  # fmt: skip


def test_bitget_trades_of_what_is_held() -> None:
    asked_for: list[str] = []

    def fills(asked: Asked) -> Reply:
        asked_for.append(asked.query["symbol"])
        row = {"symbol": "BTCUSDT", "tradeId": "9", "orderId": "1", "side": "buy", "priceAvg": "60000", "size": "0.5",
               "amount": "30000", "cTime": str(NOW - 3_600_000),
               "feeDetail": {"feeCoin": "BTC", "totalFee": "-0.0005"}}  # fmt: skip
        return Reply(body={"code": "00000", "msg": "success", "data": [row] if asked_for[-1] == "BTCUSDT" else []})

    def market(base: str) -> dict[str, str]:
        return {"symbol": f"{base}USDT", "baseCoin": base, "quoteCoin": "USDT", "status": "online",
                "pricePrecision": "2", "quantityPrecision": "4", "minTradeUSDT": "1", "minTradeAmount": "0",
                "maxTradeAmount": "10000"}  # fmt: skip

    with Replay() as server:
        server.otherwise(lambda _: Reply(body={"code": "00000", "msg": "success", "data": []}))
        held = [{"coin": "BTC", "available": "1", "frozen": "0", "locked": "0"}]
        server.on("GET", "/api/v2/spot/account/assets", Reply(body={"code": "00000", "data": held}))
        markets = [market("BTC"), market("ETH"), market("SOL")]
        server.on("GET", "/api/v2/spot/public/symbols", Reply(body={"code": "00000", "data": markets}))
        server.on("GET", "/api/v2/spot/trade/fills", fills)
        ran = harness(server, "bitget", password="p", symbols=["ETH/USDT"], since="2026-02-25").sync("trades")
    assert set(asked_for) == {"BTCUSDT", "ETHUSDT"}
    (trade,) = ran.of(Trade)
    assert (trade.external_id, trade.quantity, trade.fee, trade.fee_asset) == (
        "BTC/USDT:9", Decimal("0.5"), Decimal("0.0005"), "BTC",
    )  # fmt: skip


def _gate(asked: Asked) -> Reply:
    answers: dict[str, Reply] = {
        "/api/v4/spot/accounts": Reply(body=[{"currency": "GT", "available": "1", "locked": "0.5"}]),
        "/api/v4/futures/usdt/accounts": Reply(body={"currency": "USDT", "total": "10", "unrealised_pnl": "-1.5"}),
        "/api/v4/futures/btc/accounts": Reply(status=400, body={"label": "USER_NOT_FOUND", "message": "x"}),
        "/api/v4/delivery/usdt/accounts": Reply(status=502, body=""),
    }
    return answers.get(asked.path, Reply(body=[]))


# --- Words and values -------------------------------------------------------------------------------------------------


def test_settings_say_no_secret_and_refuse_unknown_keys() -> None:
    config = CcxtConfig.model_validate({"exchange": "kraken", "key": "key-7f3a91c2", "secret": "secret-b18de0"})
    assert "7f3a91c2" not in repr(config)
    assert "7f3a91c2" not in json.dumps(config.model_dump(mode="json"))
    with pytest.raises(ValueError, match="kee"):
        CcxtConfig.model_validate({"exchange": "kraken", "key": "k", "secret": "s", "kee": 1})


def test_two_connections_share_no_state() -> None:
    config = CcxtConfig.model_validate({"exchange": "kraken", "key": "k", "secret": "s"})
    one, other = (Venue(PROFILES["kraken"], config, now=time.time) for _ in range(2))
    one.exchange.flowd_skew = 5.0
    one.exchange.options["x"] = 1
    assert other.exchange.flowd_skew == 0.0
    assert "x" not in other.exchange.options
