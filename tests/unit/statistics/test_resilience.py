"""Concentration, floor, tax, crossover and runway, by hand and by what must hold for any numbers."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from flowd.analytics.statistics.concentration import concentration
from flowd.analytics.statistics.crossover import crossover, runway
from flowd.analytics.statistics.hampel import hampel, typical
from flowd.analytics.statistics.months import floor_of, month_ends, month_sums, reached
from flowd.analytics.statistics.tax import received_sum, reserve
from flowd.api import Series

NAN = float("nan")
LAST = date(2026, 2, 28)


def array(*values: float) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)


def test_concentration_by_hand() -> None:
    found = concentration({"salary": 6000, "shop": 3000, "rent": 1000})
    assert found.hhi == pytest.approx(0.46)
    assert found.effective == pytest.approx(1 / 0.46)
    assert (found.largest, found.largest_share) == ("salary", 0.6)


def test_a_loss_has_no_share_and_nothing_is_no_concentration() -> None:
    found = concentration({"salary": 100, "wallet": -900})
    assert (found.hhi, found.largest, found.shares["wallet"]) == (1, "salary", 0)
    nothing = concentration({"wallet": -1.0})
    assert (nothing.hhi, nothing.largest, nothing.reason) == (None, None, "nothing was earned")
    assert concentration({}).hhi is None


@given(st.dictionaries(st.text(max_size=5), st.floats(0.01, 1e9), min_size=1, max_size=20), st.floats(0.01, 1e3))
def test_concentration_lies_between_even_and_one_and_has_no_currency(earned: dict[str, float], rate: float) -> None:
    found = concentration(earned)
    assert found.hhi is not None
    assert 1 / len(earned) - 1e-9 <= found.hhi <= 1 + 1e-9
    assert sum(found.shares.values()) == pytest.approx(1)
    assert concentration({name: amount * rate for name, amount in earned.items()}).hhi == pytest.approx(found.hhi)


def test_equal_streams_count_as_many_as_they_are() -> None:
    assert concentration({"a": 5, "b": 5, "c": 5, "d": 5}).effective == pytest.approx(4)


def test_the_floor_was_reached_in_nine_of_ten_months() -> None:
    months = array(*range(1, 25))
    assert reached(months) == 3  # the third smallest: 22 of 24 months reached it
    assert reached(array(*range(1, 11))) == 2
    assert reached(array(*range(1, 10))) == 1
    assert reached(array(5, NAN, 4, 6)) == 4
    assert reached(array(5, NAN, 4)) is None


@given(st.lists(st.integers(-1000, 1000), min_size=3, max_size=30))
def test_the_floor_keeps_its_promise_and_could_not_be_higher(values: list[int]) -> None:
    found = reached(array(*values))
    assert found is not None
    assert sum(value >= found for value in values) >= 0.9 * len(values)
    above = [value for value in values if value > found]
    assert not above or sum(value >= min(above) for value in values) < 0.9 * len(values)


def test_a_floor_is_never_below_zero_and_says_why_it_is_not_there() -> None:
    assert floor_of(array(-5, 2, 3)).amount == 0
    assert floor_of(array(1, 2)).reason == "2 whole months known so far: 3 are needed"
    assert floor_of(array()).reason == "no whole month known so far: 3 are needed"


def test_only_whole_months_count() -> None:
    assert month_ends(date(2026, 1, 15), date(2026, 3, 30)) == [date(2026, 1, 31), date(2026, 2, 28)]
    series = Series(first=date(2025, 12, 10), values=np.ones(120))
    ends, sums = month_sums(series, date(2025, 12, 10), date(2026, 3, 30))
    assert ends == [date(2026, 1, 31), date(2026, 2, 28)]
    assert list(sums) == [31, 28]


def test_a_month_counts_when_three_quarters_are_known() -> None:
    days = np.ones(59)
    days[:7] = NAN
    days[31:39] = NAN
    sums = month_sums(Series(first=date(2026, 1, 1), values=days), date(2026, 1, 1), LAST)[1]
    assert sums[0] == 31
    assert np.isnan(sums[1])


def test_tax_of_what_came_in() -> None:
    received = Series(first=date(2026, 1, 1), values=array(100, NAN, -20, 50))
    assert received_sum(received, date(2026, 1, 1), date(2026, 1, 3)) == 80
    assert reserve(80, 0.3) == 24
    assert reserve(-80, 0.3) == 0


def test_hampel_leaves_the_new_car_out() -> None:
    spent = array(2000, 2100, 1900, 2050, 22000, 1950, NAN)
    assert list(hampel(spent)) == [True, True, True, True, False, True, False]
    assert typical(spent) == 2000
    assert typical(array(5, 5, 5, 5, 9)) == 5
    assert typical(array(1, 2, NAN)) is None


@given(st.lists(st.integers(-1000, 1000), min_size=3, max_size=30), st.integers(-100, 100), st.integers(1, 100))
def test_hampel_moves_with_shift_and_scale(values: list[int], shift: int, scale: int) -> None:
    before, after = hampel(array(*values)), hampel(array(*(scale * value + shift for value in values)))
    assert before.any()
    assert list(before) == list(after)


def test_crossover_where_the_lines_meet() -> None:
    """Passive income grows by 20 a month from 320 (median 430), expenses stand at 1000: 27 months after the last."""
    passive = 320 + 20 * np.arange(12, dtype=np.float64)
    found = crossover(passive, np.full(12, 1000.0), LAST)
    assert (found.passive, found.expenses, found.covered) == (430, 1000, 0.43)
    # 540 in February 2026, 460 lack, at 20 a month: 23 months
    assert found.month == date(2028, 1, 1)


@pytest.mark.parametrize(
    ("passive", "expenses", "reason"),
    [
        (np.full(12, 300.0), np.full(12, 1000.0), "passive income does not gain on the expenses"),
        (np.full(12, 300.0), np.empty(0), "expenses of three whole months are needed"),
        (np.full(2, 300.0), np.full(12, 1000.0), "passive income of three whole months is needed"),
        (np.arange(4, dtype=np.float64), np.full(12, 1000.0), "6 whole months are needed for a trend"),
        (np.arange(12) * 0.1, np.full(12, 1000.0), "at this pace it takes more than fifty years"),
        (np.full(12, 300.0), np.zeros(12), "there are no expenses to cover"),
    ],
)
def test_no_crossover_says_why(passive: NDArray[np.float64], expenses: NDArray[np.float64], reason: str) -> None:
    found = crossover(passive, expenses, LAST)
    assert (found.month, found.reason) == (None, reason)


def test_what_is_covered_already() -> None:
    found = crossover(np.full(12, 1100.0), np.full(12, 1000.0), LAST)
    assert (found.covered, found.month, found.reason) == (1.1, date(2026, 2, 1), "passive income covers the expenses")


def test_runway() -> None:
    assert runway(12000, 2000, 500).months == 8
    assert runway(12000, 2000, None).months == 6
    assert runway(12000, 2000, 2000).reason == "floor income covers the expenses: it lasts for ever"
    assert runway(None, 2000, 500).reason == "no balance of a bank, card or cash account is known"
    assert runway(12000, None, 500).reason == "expenses of three whole months are needed"
    assert (runway(-5, 2000, 0).months, runway(-5, 2000, 0).reason) == (0, "there is no money left")


def test_month_ends_of_a_year() -> None:
    ends = month_ends(date(2023, 12, 31), date(2024, 3, 1))
    assert ends == [date(2023, 12, 31), date(2024, 1, 31), date(2024, 2, 29)]
    assert all((end + timedelta(days=1)).day == 1 for end in ends)
