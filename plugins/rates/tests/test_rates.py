"""Public rates from local servers that answer as the sources do: failover, history, and nothing made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from flowd.api import PartlyRead, Rate, RateQuery, RetryLater
from flowd.testing.harness import TICK, Harness
from flowd.testing.replay import Asked, Replay, Reply
from flowd_rates import CONNECTOR

DAY = timedelta(days=1)


@pytest.fixture
def site() -> Iterator[Replay]:
    with Replay() as running:
        running.on("GET", "/0/public/Ticker", kraken_ticker)
        running.on("GET", "/0/public/OHLC", kraken_candles)
        running.on(
            "GET", "/products/BTC-EUR/ticker", Reply(body='{"price": "60010.5", "time": "2026-03-01T12:00:00Z"}')
        )
        running.on("GET", "/products/BTC-EUR/candles", coinbase_candles)
        running.on("GET", "/api/v3/ticker/price", binance_ticker)
        running.on("GET", "/api/v3/klines", binance_candles)
        running.on("GET", "/latest", frankfurter_latest)
        running.otherwise(other)
        yield running


def seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def kraken_ticker(asked: Asked) -> Reply:
    if asked.query["pair"] != "XBTEUR":
        return Reply(body={"error": ["EQuery:Unknown asset pair"]})
    return Reply(body={"error": [], "result": {"XXBTZEUR": {"a": ["60001.0"], "c": ["60000.10000", "0.01"]}}})


def kraken_candles(asked: Asked) -> Reply:
    """As Kraken does: what is after `since`, the day under way included."""
    if asked.query["pair"] != "XBTEUR":
        return Reply(body={"error": ["EQuery:Unknown asset pair"]})
    days = [date(2026, 2, 20) + n * DAY for n in range(10)]
    rows = [[seconds(d), "1", "2", "0.5", f"{50000 + d.day}.5", "1", "3.1", 7] for d in days]
    found = [row for row in rows if int(str(row[0])) > int(asked.query["since"])]
    return Reply(body={"error": [], "result": {"XXBTZEUR": found, "last": 1}})


def coinbase_candles(asked: Asked) -> Reply:
    first, last = (date.fromisoformat(asked.query[name][:10]) for name in ("start", "end"))
    assert (last - first).days < 300, "more than one answer may hold"
    days = [first + n * DAY for n in range((last - first).days + 1)]
    # The newest first; one day without a trade has no candle.
    return Reply(body=[[seconds(d), 0.5, 2, 1, 40000 + d.day, 3.5] for d in reversed(days) if d != date(2026, 1, 5)])


def binance_ticker(asked: Asked) -> Reply:
    if asked.query["symbol"] != "EURUSDT":
        return Reply(status=400, body={"code": -1121, "msg": "Invalid symbol."})
    return Reply(body={"symbol": "EURUSDT", "price": "1.08010000"})


def binance_candles(asked: Asked) -> Reply:
    return Reply(status=400, body={"code": -1121, "msg": "Invalid symbol."})


def frankfurter_latest(asked: Asked) -> Reply:
    body = '{"amount":1.0,"base":"EUR","date":"2026-02-27","rates":{"USD":1.0811}}'
    return Reply(body=body.replace("USD", asked.query["symbols"]))


def other(asked: Asked) -> Reply:
    """Frankfurter's ranges; anything else is not known."""
    if ".." not in asked.path:
        return Reply(status=404, body={"message": "not found"})
    if asked.query["symbols"] == "XXX":
        return Reply(status=404, body={"message": "not found"})
    body = '{"amount":1.0,"base":"EUR","start_date":"2026-02-26","end_date":"2026-02-27",'
    body += '"rates":{"2026-02-27":{"USD":1.0812},"2026-02-26":{"USD":1.0799}}}'
    return Reply(body=body.replace("EUR", asked.query["base"]))


def harness(site: Replay, *sources: str, pairs: tuple[str, ...] = ("BTC/EUR",), **urls: str) -> Harness:
    known = dict.fromkeys(("frankfurter", "kraken", "coinbase", "binance"), site.url)
    return Harness(CONNECTOR, {"sources": list(sources), "pairs": list(pairs), "urls": {**known, **urls}})


def ask(one: Harness, base: str, quote: str, first: date, last: date) -> list[Rate]:
    days = [first + n * DAY for n in range((last - first).days + 1)]
    with one.context() as (ctx, *_):
        connector: Any = one.connector
        return list(connector.rates(RateQuery(base=base, quote=quote, days=days), ctx))


def test_a_pair_comes_from_the_first_source_that_has_it(site: Replay) -> None:
    ran = harness(site, "kraken", "binance", pairs=("BTC/EUR", "USDT/EUR")).sync("rates")
    assert ran.error is None
    assert ran.records == [
        Rate(base="BTC", quote="EUR", at=TICK, value=Decimal("60000.10000")),
        # Binance has it the other way round, and so it is kept.
        Rate(base="EUR", quote="USDT", at=TICK, value=Decimal("1.08010000")),
    ]


@pytest.mark.parametrize(
    "fault",
    [
        Reply(status=503),
        Reply(status=429, headers={"retry-after": "30"}),
        Reply(status=403),
        Reply(body=b'{"error": [], "resu'),
        Reply(body={"error": ["EService:Unavailable"]}),
        Reply(body={"error": [], "result": {"XXBTZEUR": {"c": ["NaN"]}}}),
        Reply(body={"error": [], "result": {"XXBTZEUR": {"c": ["-1"]}}}),
        Reply(body={"error": [], "result": {"XXBTZEUR": {"c": []}}}),
        Reply(body=["rubbish"]),
        Reply(drop=True),
    ],
    ids=lambda fault: f"{fault.status} {str(fault.body)[:30]}",
)
def test_the_next_source_stands_in_for_one_that_fails(site: Replay, fault: Reply) -> None:
    site.on("GET", "/0/public/Ticker", fault)
    ran = harness(site, "kraken", "coinbase").sync("rates")
    assert ran.error is None
    assert ran.records == [Rate(base="BTC", quote="EUR", at=TICK, value=Decimal("60010.5"))]
    alone = harness(site, "kraken").sync("rates")
    assert isinstance(alone.error, RetryLater)
    assert alone.records == []


def test_a_pair_that_nobody_has_is_named_and_never_made_up(site: Replay) -> None:
    ran = harness(site, "kraken", "coinbase", "binance", pairs=("BTC/EUR", "SHADY/EUR")).sync("rates")
    assert isinstance(ran.error, PartlyRead)
    assert "SHADY/EUR (no source has it)" in str(ran.error)
    assert [(rate.base, rate.quote) for rate in ran.of(Rate)] == [("BTC", "EUR")]


def test_currencies_come_from_frankfurter_at_their_day(site: Replay) -> None:
    ran = harness(site, "frankfurter", pairs=("EUR/USD", "BTC/EUR")).sync("rates")
    assert ran.records == [
        Rate(base="EUR", quote="USD", at=datetime(2026, 2, 27, 15, tzinfo=UTC), value=Decimal("1.0811"))
    ]
    assert "BTC/EUR" in str(ran.error)
    days = ask(harness(site, "frankfurter"), "EUR", "USD", date(2026, 2, 26), date(2026, 3, 1))
    assert [(rate.at.date().day, rate.value) for rate in days] == [(26, Decimal("1.0799")), (27, Decimal("1.0812"))]
    assert ask(harness(site, "frankfurter"), "EUR", "XXX", date(2026, 2, 26), date(2026, 3, 1)) == []


def test_an_answer_in_another_base_is_refused(site: Replay) -> None:
    site.on("GET", "/latest", Reply(body={"base": "EUR", "date": "2026-02-27", "rates": {"USD": "1.08"}}))
    ran = harness(site, "frankfurter", pairs=("GBP/USD",)).sync("rates")
    assert isinstance(ran.error, RetryLater)
    assert "not in GBP" in str(ran.error)


def test_the_past_is_answered_in_closing_prices_of_days_that_are_over(site: Replay) -> None:
    found = ask(harness(site, "kraken"), "BTC", "EUR", date(2026, 2, 25), date(2026, 3, 1))
    assert [(rate.at, rate.value) for rate in found] == [
        (datetime(2026, 2, day, 12, tzinfo=UTC), Decimal(f"{50000 + day}.5")) for day in (25, 26, 27, 28)
    ]


def test_days_the_first_source_lacks_come_from_the_next(site: Replay) -> None:
    found = ask(harness(site, "kraken", "coinbase"), "BTC", "EUR", date(2026, 1, 4), date(2026, 2, 22))
    by_day = {rate.at.date(): rate.value for rate in found}
    assert by_day[date(2026, 2, 21)] == Decimal("50021.5")
    assert by_day[date(2026, 1, 4)] == Decimal(40004)
    assert date(2026, 1, 5) not in by_day
    assert len(found) == len(by_day) == 49


def test_a_long_past_is_asked_for_in_parts(site: Replay) -> None:
    found = ask(harness(site, "coinbase"), "BTC", "EUR", date(2024, 1, 1), date(2025, 12, 31))
    assert len({rate.at for rate in found}) == 731
    assert site.paths() == ["GET /products/BTC-EUR/candles"] * 3


def test_a_question_turned_round_is_answered_with_the_pair_there_is(site: Replay) -> None:
    found = ask(harness(site, "kraken"), "EUR", "BTC", date(2026, 2, 25), date(2026, 2, 26))
    assert [(rate.base, rate.quote) for rate in found] == [("BTC", "EUR")] * 2


def test_a_source_that_fails_leaves_the_past_to_the_next(site: Replay) -> None:
    site.on("GET", "/0/public/OHLC", Reply(status=500))
    found = ask(harness(site, "kraken", "coinbase"), "BTC", "EUR", date(2026, 2, 25), date(2026, 2, 26))
    assert [rate.value for rate in found] == [Decimal(40025), Decimal(40026)]


def test_check_names_who_answers_and_who_does_not(site: Replay) -> None:
    site.on("GET", "/0/public/Ticker", Reply(status=500))
    check = harness(site, "kraken", "coinbase", "binance").check()
    assert check.covers == ["coinbase"]
    assert [text.split(":")[0] for text in check.unread] == ["kraken", "binance"]
    with pytest.raises(RetryLater):
        harness(site, "kraken").check()


def test_every_request_goes_out_through_flowd(site: Replay) -> None:
    one = harness(site, "kraken", "coinbase", "binance", pairs=("BTC/EUR", "USDT/EUR"))
    one.sync("rates")
    assert len(one.turns) == len(site.asked)


@pytest.mark.parametrize("pairs", [("BTC",), ("BTC/BTC",), ("btc/eur",)])
def test_a_pair_that_is_none_is_refused(site: Replay, pairs: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"pairs"):
        harness(site, "kraken", pairs=pairs)
