"""Periods tile the time line, each with one due day, and shares of an amount sum exactly."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowd.domain.periods import UNDERSTOOD, Period, Span, parse_period
from flowd.domain.shares import places_of, share

TEXTS = [
    "day",
    "week on fri",
    "week on monday",
    "2 weeks on fri from 2026-01-02",
    "every 14 days from 2026-01-02",
    "month on 25",
    "month on 31",
    "month on L",
    "month on LW",
    "month on 15W",
    "month on 1W",
    "2 months on 1 from 2026-01-01",
    "5 months on 31 from 2025-11-30",
    "quarter on 1",
    "quarter on L",
    "year on 03-31",
    "year on 02-29",
    "year on L",
    "3 years on 12-24 from 2026-06-01",
]
periods = st.sampled_from(TEXTS).map(parse_period)
days = st.dates(date(1950, 1, 1), date(2150, 12, 31))


def due(text: str, first: str, last: str) -> list[str]:
    return [str(day) for day in parse_period(text).due_days(date.fromisoformat(first), date.fromisoformat(last))]


@pytest.mark.parametrize(
    ("text", "first", "last", "expected"),
    [
        ("month on 25", "2026-01-01", "2026-03-24", ["2026-01-25", "2026-02-25"]),
        ("month on 31", "2026-01-01", "2026-04-30", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("month on 30", "2024-02-01", "2024-02-29", ["2024-02-29"]),
        ("Monthly on L", "2024-02-01", "2024-03-31", ["2024-02-29", "2024-03-31"]),
        # 15 August 2026 is a Saturday, 15 November 2026 a Sunday.
        ("month on 15W", "2026-08-01", "2026-11-30", ["2026-08-14", "2026-09-15", "2026-10-15", "2026-11-16"]),
        # 1 August 2026 is a Saturday: the nearest working day within the month is Monday the 3rd.
        ("month on 1W", "2026-08-01", "2026-08-31", ["2026-08-03"]),
        # 31 May 2026 is a Sunday: within the month, Friday the 29th.
        ("month on LW", "2026-05-01", "2026-05-31", ["2026-05-29"]),
        ("week on fri", "2026-01-01", "2026-01-16", ["2026-01-02", "2026-01-09", "2026-01-16"]),
        ("every 14 days from 2026-01-02", "2025-12-10", "2026-01-20", ["2025-12-19", "2026-01-02", "2026-01-16"]),
        ("2 weeks on fri from 2026-01-02", "2026-01-01", "2026-01-31", ["2026-01-02", "2026-01-16", "2026-01-30"]),
        ("2 months on 1 from 2026-01-01", "2026-01-01", "2026-06-30", ["2026-01-01", "2026-03-01", "2026-05-01"]),
        ("quarter on 1", "2026-01-01", "2026-12-31", ["2026-01-01", "2026-04-01", "2026-07-01", "2026-10-01"]),
        ("quarter on 31", "2026-04-01", "2026-06-30", ["2026-04-30"]),
        ("quarter on L", "2026-01-01", "2026-06-30", ["2026-03-31", "2026-06-30"]),
        ("year on 03-31", "2025-01-01", "2026-12-31", ["2025-03-31", "2026-03-31"]),
        ("year on 02-29", "2023-01-01", "2024-12-31", ["2023-02-28", "2024-02-29"]),
        ("day", "2026-01-01", "2026-01-03", ["2026-01-01", "2026-01-02", "2026-01-03"]),
    ],
)  # fmt: skip
def test_due_days(text: str, first: str, last: str, expected: list[str]) -> None:
    assert due(text, first, last) == expected


@pytest.mark.parametrize(
    ("text", "day", "first", "last"),
    [
        ("month on 25", "2026-02-25", "2026-02-01", "2026-02-28"),
        ("month on L", "2026-03-02", "2026-02-01", "2026-02-28"),
        ("month on 1", "2026-02-27", "2026-03-01", "2026-03-31"),
        ("week on fri", "2026-01-03", "2025-12-29", "2026-01-04"),
        ("every 14 days from 2026-01-02", "2026-01-16", "2026-01-16", "2026-01-29"),
    ],
)
def test_money_pays_for_the_period_whose_due_day_is_nearest(text: str, day: str, first: str, last: str) -> None:
    expected = Span(first=date.fromisoformat(first), last=date.fromisoformat(last))
    assert parse_period(text).paid_by(date.fromisoformat(day)) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "unit"),
        ("month", "due day is missing, such as 'on 25'"),
        ("month on", "nothing follows 'on'"),
        ("month on 32", "at character 10 ('32')"),
        ("month on 0", "1 to 31"),
        ("month at 3", "at character 7 ('at')"),
        ("fortnight", "not a unit"),
        ("14 days", "from 2026-01-02"),
        ("0 days from 2026-01-02", "1 to 3660"),
        ("2 months on 1 from yesterday", "not a day such as"),
        ("week on 3", "not a day of the week"),
        ("week on fr", "not a day of the week"),
        ("year on 13-01", "no such month and day"),
        ("year on 25", "MM-DD"),
        ("day on 3", "days have no 'on'"),
        ("month on 25 please", "at character 13 ('please')"),
    ],
)
def test_what_is_not_understood_is_named_and_the_rest_listed(text: str, says: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_period(text)
    assert says in str(caught.value)
    assert UNDERSTOOD in str(caught.value)


def test_every_example_in_the_message_is_understood() -> None:
    for example in UNDERSTOOD.split(" · "):
        parse_period(example.split(" (")[0])


@given(period=periods, day=days)
def test_periods_tile_the_time_line(period: Period, day: date) -> None:
    span = period.span(day)
    assert day in span
    assert period.span(span.first) == period.span(span.last) == span
    after = period.span(span.last + timedelta(days=1))
    assert after.first == span.last + timedelta(days=1)
    assert period.due(span) in span


@given(period=periods, first=days, length=st.integers(0, 900))
def test_due_days_are_one_per_period(period: Period, first: date, length: int) -> None:
    last = first + timedelta(days=length)
    expected = [period.due(span) for span in period.spans(first, last) if first <= period.due(span) <= last]
    assert list(period.due_days(first, last)) == sorted(set(expected))


@given(period=periods, day=days)
def test_paid_on_the_due_day_pays_for_its_own_period(period: Period, day: date) -> None:
    span = period.span(day)
    assert period.paid_by(period.due(span)) == span


@given(
    amount=st.decimals(Decimal("-1e12"), Decimal("1e12"), allow_nan=False, places=4),
    days=st.integers(1, 4000),
    places=st.sampled_from([0, 2, 3, 8]),
)
def test_shares_sum_exactly(amount: Decimal, days: int, places: int) -> None:
    each, last = share(amount, days, places)
    assert each * (days - 1) + last == amount
    assert abs(each) * days <= abs(amount)


def test_shares_are_whole_units_of_the_currency() -> None:
    assert share(Decimal(4200), 31, places_of("EUR")) == (Decimal("135.48"), Decimal("135.60"))
    assert share(Decimal(1000), 7, places_of("JPY")) == (Decimal(142), Decimal(148))
    assert share(Decimal("0.10"), 3, places_of("KWD")) == (Decimal("0.033"), Decimal("0.034"))
    assert places_of("BTC") == 8
    with pytest.raises(ValueError, match="one day or more"):
        share(Decimal(1), 0, 2)
