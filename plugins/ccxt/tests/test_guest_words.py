"""Words, values and pages of exchanges that ccxt translates."""

from __future__ import annotations

import sys
from datetime import timedelta
from decimal import Decimal

import pytest
from guest_server import NOW_S, Bitstamp, harness, serving

import flowd_ccxt
from flowd.api import AuthError, FlowClass, RetryLater, Transaction
from flowd.testing.harness import TICK, Harness
from flowd.testing.replay import Replay, Reply
from flowd_ccxt.config import CcxtConfig
from flowd_ccxt.faults import Unreadable, retry_after, told, translate
from flowd_ccxt.history import backward, either_way, sync_histories
from flowd_ccxt.loading import exchange_class
from flowd_ccxt.making import is_trade
from flowd_ccxt.maps import profile_of
from flowd_ccxt.prices import _pairs
from flowd_ccxt.profile import Entry, History
from flowd_ccxt.venue import Venue
from flowd_ccxt.wording import as_signed, classify

bitstamp = pytest.fixture(serving)

# --- Paging -----------------------------------------------------------------------------------------------------------


def lines(count: int) -> list[Entry]:
    return [Entry(id=str(number), at=1_000 + number * 7, info={}) for number in range(count)]


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("size", [2, 7, 1000])
def test_a_window_is_read_whole_whichever_end_comes_first(newest_first: bool, size: int) -> None:
    asked: list[tuple[int, int]] = []

    def page(since: int, until: int) -> list[Entry]:
        asked.append((since, until))
        found = [one for one in lines(100) if since <= one.at <= until]
        return found[-size:] if newest_first else found[:size]

    assert {one.id for one in either_way(page, 0, 10_000)} == {one.id for one in lines(100)}
    assert len(asked) < 320 / size + 8
    if newest_first:
        assert {one.id for one in backward(page, 0, 10_000, full=size)} == {one.id for one in lines(100)}


def test_a_source_that_ignores_what_it_is_asked_for_comes_to_an_end() -> None:
    for found in (lines(100), lines(1), []):
        assert len(list(either_way(lambda *_, found=found: found, 0, 5_000))) == len(found)
        assert len(list(backward(lambda *_, found=found: found, 0, 5_000, full=100))) == len(found)


def test_a_window_that_is_too_long_for_an_exchange_is_made_shorter(bitstamp: Bitstamp) -> None:
    """Many exchanges answer for a week at most, and call anything longer a wrong request."""
    spans: list[timedelta] = []

    def read(_: Venue, since: int, until: int) -> list[Entry]:
        spans.append(timedelta(milliseconds=until - since))
        if spans[-1] > timedelta(days=7):
            raise Unreadable("the range is too long")
        return []

    history = History(name="h", read=read, records=lambda *_: iter(()), window=timedelta(days=30))
    one = harness(bitstamp.server, since="2026-01-20")
    config = CcxtConfig.model_validate(one.config.model_dump(mode="json") | {"key": "k", "secret": "s"})
    venue = Venue(profile_of("bitstamp"), config)
    with one.context() as (ctx, _, _), venue.over(ctx.http):
        batches = list(sync_histories(venue, [history], None, ctx))
    assert spans[0] > timedelta(days=29)
    assert all(span <= timedelta(days=7) for span in spans[2:])
    assert sum(spans[2:], timedelta()) >= timedelta(days=40)
    assert len(batches) == len(spans[2:])


# --- Words and values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Soft Staking Profits", "staking"), ("contract_settle_fee", "funding"), ("Referral Bonus", "rebate"),
        ("Refunded Fees", "rebate"), ("KCS Pay Fees", "fee"), ("Lending Interest", "interest"), ("Deposit", "deposit"),
        ("close_long", "realised_pnl"), ("Exchange", None), ("trans_from_exchange", "transfer"), ("fund", None),
        ("Savings Redemption", "transfer"), ("Airdrop", "other"), ("", None),
        # One's own money that is staked or lent is no income, and none when it comes back.
        ("Staking", "transfer"), ("Lendings", "transfer"), ("Staking Redemption", "transfer"),
        ("Staking Profits", "staking"), ("Voting Earnings", "staking"), ("staking_reward", "staking"),
        ("Staking payments", "staking"), ("Lending income", "interest"), ("Liquidation Fees", "fee"),
    ],
)  # fmt: skip
def test_words_of_ledgers(words: str, kind: str | None) -> None:
    found = classify(words)
    assert (found.value if found else None) == kind


@pytest.mark.parametrize(("quantity", "kind"), [("0.5", FlowClass.REBATE), ("-0.5", FlowClass.FEE)])
def test_a_commission_that_goes_out_is_a_fee(quantity: str, kind: FlowClass) -> None:
    assert as_signed(classify("commission"), Decimal(quantity)) is kind


def test_funding_in_gates_book_is_funding_whichever_way_it_goes() -> None:
    said = [("fund", "-0.4"), ("fund", "0.3"), ("fee", "-0.1"), ("pnl", "5"), ("refr", "0.02"), ("dnw", "100")]
    with Replay() as server:
        rows = [
            {"time": NOW_S - 3600 * (place + 1), "change": change, "balance": "1", "text": "BTC_USDT:1", "type": word,
             "contract": "BTC_USDT", "id": str(place)}
            for place, (word, change) in enumerate(said)
        ]  # fmt: skip
        server.otherwise(lambda _: Reply(body=[]))
        server.on("GET", "/api/v4/futures/usdt/account_book", Reply(body=rows))
        config = {"exchange": "gate", "key": "k", "secret": "s", "url": server.url, "since": "2026-02-26"}
        ran = Harness(flowd_ccxt.CONNECTOR, config).sync("income")
    assert ran.error is None
    assert {str(one.amount): str(one.kind) for one in ran.of(Transaction) if one.asset == "USDT"} == {
        "-0.4": "funding", "0.3": "funding", "-0.1": "fee", "5": "realised_pnl", "0.02": "rebate",
    }  # fmt: skip


def test_executions_that_are_no_trades() -> None:
    assert not is_trade({"execType": "Funding"})
    assert not is_trade({"execType": "Settle"})
    assert is_trade({"execType": "AdlTrade"})
    assert is_trade({"type": "limit"})


def test_routes_never_price_a_thing_in_itself() -> None:
    order = ["EUR", "USDT", "USDC", "USD", "BTC"]
    for asset in ("BTC", "USDT", "EUR", "DOGE"):
        assert all(base != quote for base, quote in _pairs(asset, order))
    assert _pairs("DOGE", order)[0] == ("DOGE", "EUR")


def test_errors_are_translated_by_family_and_stripped() -> None:
    exchange_class("kraken")
    errors = sys.modules["ccxt.base.errors"]
    text = 'kraken GET https://x.test/0/private?key=SECRETKEY&sign=1 {"error":"SECRETKEY is wrong"}'

    def into(error: Exception) -> Exception:
        return translate(error, place="kraken", secrets=["SECRETKEY"], after=timedelta(seconds=3))

    for kind, expected in (
        (errors.AuthenticationError, AuthError), (errors.PermissionDenied, AuthError),
        (errors.NotSupported, Unreadable),
        (errors.AccountSuspended, AuthError), (errors.RateLimitExceeded, RetryLater), (errors.BadSymbol, Unreadable),
        (errors.DDoSProtection, RetryLater), (errors.OnMaintenance, RetryLater), (errors.RequestTimeout, RetryLater),
        (errors.ExchangeError, RetryLater), (errors.AccountNotEnabled, Unreadable),
    ):  # fmt: skip
        error = into(kind(text))
        assert type(error) is expected
        assert "SECRETKEY" not in str(error)
    limited = into(errors.RateLimitExceeded("x"))
    assert isinstance(limited, RetryLater)
    assert limited.after == timedelta(seconds=3)
    assert len(told("x" * 5000, [])) < 400
    assert retry_after("77", now=TICK) == timedelta(seconds=77)
    assert retry_after("Sun, 01 Mar 2026 12:00:09 GMT", now=TICK) == timedelta(seconds=9)
    assert retry_after("soon", now=TICK) is None


def test_an_exchange_is_quoted_in_its_words_not_in_its_json() -> None:
    body = '{"retCode":10001,"retMsg":"accountType only support UNIFIED.","result":{},"time":1}'
    assert told(f"bybit {body}", []) == "bybit accountType only support UNIFIED. (10001)"
    assert (
        told('kraken {"error":["EGeneral:Permission denied"]}', []) == 'kraken {"error":["EGeneral:Permission denied"]}'
    )
    assert told("okx {not json", []) == "okx {not json"
    assert "a-secret" not in told('x {"msg":"the key a-secret is wrong"}', ["a-secret"])
