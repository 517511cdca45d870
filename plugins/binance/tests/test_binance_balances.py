"""What Binance's wallets hold, from a server that signs, counts, pages and fails as Binance does."""

from __future__ import annotations

from decimal import Decimal

import pytest
from binance_server import ALL, DAY, HOUR, NOW, Exchange, error, fill, holdings, serving

from flowd.api import (
    AccountInfo,
    AccountKind,
    Covers,
    PartlyRead,
    Rate,
    RetryLater,
    Snapshot,
)
from flowd.testing.harness import TICK
from flowd.testing.replay import Reply

exchange = pytest.fixture(serving)


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
