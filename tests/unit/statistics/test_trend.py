"""The trend: slope and test against figures of other programs, and the labels on income as people have it."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from flowd.analytics.cadence import detect, spans
from flowd.analytics.spread import Spread
from flowd.analytics.statistics.mann_kendall import mann_kendall
from flowd.analytics.statistics.theil_sen import theil_sen
from flowd.analytics.statistics.trend import MONTHS, QUARTERS, WEEKS, Direction, step_for, stretches, trend

TIED = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3]
BONUS = [100, 103.5, 101, 250, 107, 109, 108.5, 111, 115, 113, 118, 121]
NAN = float("nan")


def array(values: list[float]) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)


def noise(count: int, seed: int = 1) -> NDArray[np.float64]:
    return np.random.Generator(np.random.PCG64(seed)).standard_normal(count)


@pytest.mark.parametrize(
    ("values", "slope", "s", "variance"),
    # scipy 1.17 (theilslopes) and pymannkendall 1.4 (original_test) on the same numbers
    [(TIED, 0.4, 48, 481.3333333333333), (BONUS, 1.775, 44, 212.66666666666666)],
)
def test_the_same_as_others_compute(values: list[float], slope: float, s: int, variance: float) -> None:
    line = theil_sen(np.arange(len(values), dtype=np.float64), array(values))
    test = mann_kendall(array(values))
    assert line is not None
    assert test is not None
    assert line[0] == pytest.approx(slope, rel=1e-12)
    assert test.s == s
    assert test.variance == pytest.approx(variance, rel=1e-12)


def test_p_without_correction_is_that_of_others() -> None:
    """What alternates is not made surer: p is pymannkendall's for the same numbers."""
    alternating = [float(value + (4 if index % 2 else 0)) for index, value in enumerate(range(16))]
    test = mann_kendall(array(alternating))
    assert test is not None
    assert test.correction == 1
    assert test.p == pytest.approx(2.8254873904787203e-05, rel=1e-9)


def test_a_line_is_found_whatever_outliers_say() -> None:
    times = np.arange(30, dtype=np.float64)
    values = 5 + 2 * times
    values[3], values[17] = 9000, -5000
    assert theil_sen(times, values) == (2, 5)


def test_unknown_points_are_left_out() -> None:
    assert theil_sen(array([0, 1, 2, 3]), array([1, NAN, 5, 7])) == (2, 1)
    assert theil_sen(array([0, 1]), array([NAN, 1])) is None
    assert theil_sen(array([4, 4]), array([1, 2])) is None


@settings(deadline=None)
@given(st.lists(st.integers(-1000, 1000), min_size=8, max_size=40), st.integers(-50, 50), st.integers(1, 100))
def test_slope_and_test_move_as_they_must(values: list[int], shift: int, scale: int) -> None:
    times = np.arange(len(values), dtype=np.float64)
    one, two = array([*values]), array([scale * value + shift for value in values])
    first, second = theil_sen(times, one), theil_sen(times, two)
    assert first is not None
    assert second is not None
    assert second[0] == pytest.approx(scale * first[0], rel=1e-9, abs=1e-9)
    before, after, reverse = mann_kendall(one), mann_kendall(two), mann_kendall(-one)
    assert before is not None
    assert after is not None
    assert reverse is not None
    assert (before.s, before.variance) == (after.s, after.variance)
    assert reverse.s == -before.s
    assert before.correction >= 1


def test_false_alarms_are_as_rare_as_promised() -> None:
    """Series without trend whose values lean on the one before by 0.5: 5 % is promised; uncorrected it is 20 %."""
    random = np.random.Generator(np.random.PCG64(7))
    wrong = plain = 0
    for _ in range(300):
        values = np.zeros(102)
        for index, shock in enumerate(random.standard_normal(101), 1):
            values[index] = 0.5 * values[index - 1] + shock
        test = mann_kendall(values[50:])
        assert test is not None
        wrong += test.p < 0.05
        z = (abs(test.s) - 1) / test.variance**0.5
        plain += z > 1.96
    assert wrong <= 0.12 * 300
    assert plain >= 0.15 * 300


def paid(day: int, amount: str, months: int = 36) -> NDArray[np.float64]:
    """A salary as it is earned: paid on a day of the month (before, on a weekend), spread over the days it pays for."""
    days = []
    for index in range(months):
        year, month = 2023 + index // 12, index % 12 + 1
        on = date(year, month, min(day, monthrange(year, month)[1]))
        days.append(on - timedelta(days=max(on.weekday() - 4, 0)))
    cadence = detect(days)
    assert cadence is not None
    spread = Spread(2)
    for span in spans(days, cadence):
        spread.add(span, Decimal(amount))
    return array([float(amount) for _, amount in spread.daily()])


@pytest.mark.parametrize("day", [1, 15, 25, 31])
def test_a_salary_is_flat_whenever_one_looks(day: int) -> None:
    earned = paid(day, "2800")
    for end in range(400, len(earned), 23):
        found = trend(earned[:end], MONTHS, "EUR")
        assert found.direction is Direction.FLAT, (end, found)


def test_what_is_the_same_every_day_is_flat() -> None:
    found = trend(np.full(400, 140.0), MONTHS, "EUR")
    assert (found.direction, found.slope, found.p) == (Direction.FLAT, 0, 1)


def test_nothing_at_all_is_flat() -> None:
    found = trend(np.zeros(100), WEEKS, "EUR")
    assert (found.direction, found.reason) == (Direction.FLAT, "nothing in 14 weeks")


def test_growth_is_found_with_the_numbers_that_decided() -> None:
    found = trend(50 + 0.1 * np.arange(365) + 5 * noise(365), WEEKS, "EUR")
    assert found.direction is Direction.GROWING
    assert found.slope == pytest.approx(0.1, abs=0.02)
    assert found.slope_pct == pytest.approx(0.1 * 30 / 68, abs=0.01)
    assert found.n == 52
    assert found.p is not None
    assert found.p < 0.001
    assert found.reason.startswith("+3.")
    assert "EUR a day each month" in found.reason
    assert "p < 0.001" in found.reason
    assert trend(90 - 0.1 * np.arange(365) + noise(365), WEEKS, "EUR").direction is Direction.DECLINING


def test_sure_but_tiny_is_flat() -> None:
    found = trend(np.linspace(100, 104, 365), WEEKS, "EUR")
    assert found.direction is Direction.FLAT
    assert "too little to count" in found.reason


def test_too_short_is_unknown_and_says_what_is_needed() -> None:
    found = trend(np.arange(55, dtype=np.float64), WEEKS, "EUR")
    assert (found.direction, found.slope, found.n) == (Direction.UNKNOWN, None, 7)
    assert found.reason == "7 weeks known so far: 8 weeks (56 days) are needed to tell"
    assert trend(array([]), WEEKS, "EUR").reason.startswith("nothing known so far")


def test_now_and_then_a_growing_invoice_grows() -> None:
    """Most days are zero: day by day the median slope is zero, in months it is not."""
    earned = np.zeros(360)
    for month in range(12):
        earned[30 * month + 7] = 1000 + 100 * month
    assert trend(earned, MONTHS, "EUR").direction is Direction.GROWING


@pytest.mark.parametrize(("pause", "step"), [(None, WEEKS), (1, WEEKS), (7, WEEKS), (30.5, MONTHS), (91, QUARTERS)])
def test_stretches_are_as_long_as_the_pauses(pause: float | None, step: object) -> None:
    assert step_for(pause) is step


def test_a_stretch_counts_when_half_of_it_is_known() -> None:
    days = array([9, 9, *[1, NAN, 1, NAN, 1, NAN, 1], *[2, 2, 2, NAN, NAN, NAN, NAN]])
    means = stretches(days, WEEKS)
    assert means[0] == 1
    assert np.isnan(means[1])
    assert len(means) == 2
