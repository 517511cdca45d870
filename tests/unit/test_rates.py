"""What one asset is worth in another: dated, by the shortest way, never one to one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from flowd.engine.rates import AGE, RateTable

DAY = date(2026, 3, 6)


def table(base_currency: str = "EUR", **pairs: str | dict[date, str]) -> RateTable:
    known = {}
    for name, value in pairs.items():
        base, quote = name.split("_")
        days = {DAY: value} if isinstance(value, str) else value
        known[base, quote] = sorted((day, Decimal(rate)) for day, rate in days.items())

    def closing(base: str, quote: str, since: date, until: date) -> Sequence[tuple[date, Decimal]]:
        return [(day, rate) for day, rate in known[base, quote] if since <= day <= until]

    return RateTable(list(known), closing, base_currency)


def test_an_asset_is_worth_one_of_itself_and_nothing_else_is() -> None:
    assert table().rate("EUR", "EUR", DAY) == 1
    assert table().rate("USDT", "USD", DAY) is None


def test_as_stated_or_turned_round() -> None:
    assert table(EUR_USD="1.25").rate("EUR", "USD", DAY) == Decimal("1.25")
    assert table(EUR_USD="1.25").rate("USD", "EUR", DAY) == Decimal("0.8")
    # what is stated goes before what is turned round
    assert table(EUR_USD="1.25", USD_EUR="0.81").rate("USD", "EUR", DAY) == Decimal("0.81")


def test_over_others_by_the_shortest_way() -> None:
    assert table(EUR_USD="1.25", EUR_CZK="25").rate("USD", "CZK", DAY) == Decimal(20)
    chain = table(BTC_USDT="100000", USDT_USD="0.999", EUR_USD="1.25")
    assert chain.rate("BTC", "EUR", DAY) == Decimal(79920)
    direct = table(BTC_USDT="100000", USDT_USD="0.999", EUR_USD="1.25", BTC_EUR="80000")
    assert direct.rate("BTC", "EUR", DAY) == Decimal(80000)


def test_not_over_just_anything() -> None:
    assert table(BTC_PEPE="10", PEPE_EUR="7").rate("BTC", "EUR", DAY) is None


def test_rates_are_good_for_a_week() -> None:
    rates = table(EUR_USD="1.25")
    for after in range(AGE + 1):
        assert rates.rate("EUR", "USD", DAY + timedelta(days=after)) == Decimal("1.25")
    assert rates.rate("EUR", "USD", DAY + timedelta(days=AGE + 1)) is None
    assert rates.rate("EUR", "USD", DAY - timedelta(days=1)) is None


def test_a_way_that_is_too_old_gives_way_to_a_longer_one() -> None:
    old = DAY - timedelta(days=30)
    assert table(USD_CZK={old: "22"}, EUR_USD="1.25", EUR_CZK="25").rate("USD", "CZK", DAY) == Decimal(20)


def test_what_is_missing_is_remembered_once() -> None:
    rates = table(EUR_USD="1.25")
    for _ in range(2):
        rates.rate("BTC", "EUR", DAY)
    rates.rate("EUR", "USD", DAY)
    assert rates.take_missing() == {("BTC", "EUR", DAY)}
    assert rates.take_missing() == set()


@given(
    known=st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 3, 31)), st.just("1.5")),
    asked=st.lists(st.dates(date(2025, 12, 20), date(2026, 4, 20)), max_size=20),
    window=st.tuples(st.dates(date(2025, 12, 1), date(2026, 4, 30)), st.dates(date(2025, 12, 1), date(2026, 4, 30))),
)
def test_reading_in_pieces_finds_what_reading_all_finds(
    known: dict[date, str], asked: list[date], window: tuple[date, date]
) -> None:
    rates = table(EUR_USD=known)
    rates.prepare(*sorted(window))
    for day in asked:
        expected = any(0 <= (day - one).days <= AGE for one in known)
        assert (rates.rate("EUR", "USD", day) is not None) is expected
