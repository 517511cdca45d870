"""The rhythm of a payer is found in the days and amounts of its receipts."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowd.analytics.expected import Manner, next_due, rhythm
from flowd.analytics.expected.amounts import amounts
from flowd.analytics.expected.anchors import Anchor, Beat, Months, Place, Shift, Weeks
from flowd.analytics.holidays import WEEKDAYS, Calendar, calendar

BAVARIA = calendar("DE-BY")


def due(beat: Beat, count: int, start: date = date(2024, 1, 1)) -> list[date]:
    return list(beat.due_days(start, start + timedelta(days=366 * 31)))[:count]


def monthly(anchor: Anchor, count: int = 1, phase: int = 0, bank: Calendar = WEEKDAYS) -> Months:
    return Months(count=count, anchors=(anchor,), phase=phase, calendar=bank)


def day(n: int, shift: Shift = Shift.NONE) -> Anchor:
    return Anchor(place=Place.DAY, n=n, shift=shift)


LAST = Anchor(place=Place.LAST)
BEATS: dict[str, Beat] = {
    "weekly on Friday": Weeks(count=1, origin=date(2024, 1, 5)),
    "every four weeks on Friday": Weeks(count=4, origin=date(2024, 1, 5)),
    "twice a month, on the 15th and the last day": Months(count=1, anchors=(day(15), LAST)),
    "monthly on the 25th": monthly(day(25)),
    "monthly on the 25th, or the working day before it": monthly(day(25, Shift.BEFORE)),
    "monthly on the 15th, or the working day after it": monthly(day(15, Shift.AFTER)),
    "monthly on the last day": monthly(LAST),
    "monthly on the last working day": monthly(Anchor(place=Place.LAST, shift=Shift.BEFORE)),
    "monthly on the first working day": monthly(day(1, Shift.AFTER)),
    "monthly on the 3rd working day": monthly(Anchor(place=Place.WORKING, n=3)),
    "monthly on the 3rd last working day": monthly(Anchor(place=Place.WORKING, n=-3)),
    "monthly on the 3rd Wednesday": monthly(Anchor(place=Place.WEEKDAY, n=3, weekday=2)),
    "monthly on the last Friday": monthly(Anchor(place=Place.WEEKDAY, n=-1, weekday=4)),
    "every two months on the 10th": monthly(day(10), 2, 1),
    "quarterly on the 15th": monthly(day(15), 3, 2),
    "half-yearly on the 20th": monthly(day(20), 6, 4),
    "yearly on the 12th": monthly(day(12), 12, 2),
}


@pytest.mark.parametrize("words", BEATS)
def test_what_pays_on_a_day_is_known_by_its_day(words: str) -> None:
    days = due(BEATS[words], 18)
    known = rhythm([(one, Decimal(100)) for one in days])
    assert known is not None
    assert known.words == words
    assert [one.day for one in next_due(known, days[-1], 5)] == due(BEATS[words], 23)[-5:]


def test_two_weeks_are_told_from_half_a_month() -> None:
    days = due(Weeks(count=2, origin=date(2024, 1, 5)), 20)
    known = rhythm([(one, Decimal(100)) for one in days])
    assert known is not None
    assert known.words == "fortnightly on Friday"


def test_a_holiday_moves_the_day_where_a_calendar_knows_it() -> None:
    days = due(monthly(day(1, Shift.AFTER), bank=BAVARIA), 16)
    assert date(2024, 11, 4) in days  # All Saints' Day is a Friday
    known = rhythm([(one, Decimal(100)) for one in days], BAVARIA)
    assert known is not None
    assert known.words == "monthly on the first working day"
    assert [one.day for one in next_due(known, date(2026, 4, 30), 1)] == [date(2026, 5, 4)]
    without = rhythm([(one, Decimal(100)) for one in days])
    assert without is not None
    assert [one.day for one in next_due(without, date(2026, 4, 30), 1)] == [date(2026, 5, 1)]


def test_two_receipts_are_no_rhythm_and_three_are() -> None:
    paid = [(one, Decimal(100)) for one in due(monthly(day(25)), 3)]
    assert rhythm(paid[:2]) is None
    assert rhythm(paid) is not None


@pytest.mark.parametrize("rate", [0.5, 1, 2, 4])
def test_payments_by_chance_have_no_rhythm(rate: float) -> None:
    for seed in range(40):
        chance = random.Random(seed)
        today, paid = date(2024, 1, 1), []
        while today < date(2026, 6, 1):
            today += timedelta(days=max(1, round(chance.expovariate(rate / 30))))
            paid.append((today, Decimal(chance.randint(100, 3000))))
        assert rhythm(paid) is None


def test_the_window_is_what_the_payer_did() -> None:
    nominal = due(monthly(day(10)), 24)
    known = rhythm([(one + timedelta(days=n % 4), Decimal(100)) for n, one in enumerate(nominal)])
    assert known is not None
    kept = [known.window(one.day) for one in next_due(known, nominal[-1], 1)]
    assert kept[0][0] <= date(2026, 1, 10) <= date(2026, 1, 13) <= kept[0][1]
    assert kept[0][1] - kept[0][0] <= timedelta(days=8)


@given(
    st.integers(1, 28),
    st.integers(3, 20),
    st.dates(date(2015, 1, 1), date(2030, 1, 1)),
    st.randoms(use_true_random=False),
)
def test_the_order_of_receipts_and_their_number_change_nothing(
    n: int, count: int, start: date, chance: random.Random
) -> None:
    paid = [(one, Decimal(100)) for one in due(monthly(day(n)), count, start)]
    known = rhythm(paid)
    chance.shuffle(paid)
    assert rhythm(paid) == known
    assert known is not None
    assert abs((next_due(known, known.last, 1)[0].day - known.last).days - 30) <= 4


# --- amounts ---


def paid(*values: float, first: date = date(2024, 1, 25)) -> list[tuple[date, Decimal]]:
    return [
        (one, Decimal(str(value))) for one, value in zip(due(monthly(day(25)), len(values), first), values, strict=True)
    ]


def test_a_fixed_amount_ignores_one_odd_month() -> None:
    found = amounts(paid(2800, 2800, 2800, 3100, 2800, 2800))
    assert (found.manner, found.typical) == (Manner.FIXED, Decimal(2800))


def test_a_raise_counts_once_it_is_confirmed() -> None:
    assert amounts(paid(*[2800] * 9, 3000)).typical == 2800
    found = amounts(paid(*[2800] * 9, 3000, 3000))
    assert (found.manner, found.typical) == (Manner.STEPS, Decimal(3000))


def test_a_varying_amount_is_its_median_and_short_far_below_it() -> None:
    found = amounts(paid(100, 120, 90, 130, 110, 95, 125))
    assert (found.manner, found.typical, found.spread) == (Manner.VARYING, Decimal(110), Decimal(15))
    assert found.short == Decimal(110) - Decimal("4.4478") * 15
    assert found.is_short(Decimal(40), date(2026, 1, 1))
    assert not found.is_short(Decimal(60), date(2026, 1, 1))


def test_a_thirteenth_salary_is_expected_in_its_month_once_it_came_twice() -> None:
    year = [2000, 2000, 2000, 2000, 2000, 3000, 2000, 2000, 2000, 2000, 2000, 2000]
    found = amounts(paid(*year, *year))
    assert found.of(date(2026, 6, 25)) == 3000
    assert found.of(date(2026, 7, 25)) == 2000
    assert not found.is_short(Decimal(2000), date(2026, 7, 25))


def test_no_receipts_have_no_amount() -> None:
    with pytest.raises(ValueError, match="no receipts"):
        amounts([])
