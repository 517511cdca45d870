"""Drawdown, volatility, Sharpe and Sortino by their definitions."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowd.analytics.returns.risk import (
    Drawdown,
    deepest,
    downside,
    drawdowns,
    per_day,
    sharpe,
    sortino,
    volatility,
)

RETURNS = np.array([0.01, -0.02, 0.03, 0.0, -0.01])


def test_the_deepest_fall_and_its_days() -> None:
    index = np.array([1, 1.2, 0.9, 1.0, 1.2, 1.5, 1.3])
    assert drawdowns(index) == pytest.approx([0, 0, -0.25, -1 / 6, 0, 0, -2 / 15])
    assert deepest(index) == Drawdown(depth=0.9 / 1.2 - 1, peak=1, trough=2, recovered=4)


def test_a_fall_that_lasts_is_not_recovered() -> None:
    fall = deepest(np.array([1, 0.5, 0.9]))
    assert fall is not None
    assert (fall.peak, fall.trough, fall.recovered) == (0, 1, None)
    assert deepest(np.array([1, 1, 1.1])) is None


def test_days_that_are_not_known_are_no_falls() -> None:
    index = np.array([1, np.nan, 0.8, np.nan, 1.1])
    assert np.isnan(drawdowns(index)).tolist() == [False, True, False, True, False]
    assert deepest(index) == Drawdown(depth=0.8 - 1, peak=0, trough=2, recovered=4)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=50))
@settings(deadline=None)
def test_drawdown_is_the_worst_of_all_pairs(levels: list[float]) -> None:
    index = np.array(levels)
    worst = min(later / earlier - 1 for i, earlier in enumerate(levels) for later in levels[i:])
    assert drawdowns(index).min() == pytest.approx(worst)


def test_volatility_is_the_sample_standard_deviation() -> None:
    assert volatility(RETURNS) == pytest.approx(statistics.stdev(RETURNS.tolist()))
    assert math.isnan(volatility(RETURNS[:1]))


def test_a_return_over_four_days_varies_as_four_days_do() -> None:
    random = np.random.Generator(np.random.PCG64(3))
    daily = random.normal(0.001, 0.02, 40_000)
    ones, fours = daily[:20_000], daily[20_000:].reshape(-1, 4).sum(axis=1)
    returns = np.concatenate([ones, fours])
    spans = np.concatenate([np.full(20_000, 1), np.full(5_000, 4)])
    assert volatility(returns, spans) == pytest.approx(0.02, rel=0.02)
    assert downside(returns, 0.001, spans) == pytest.approx(0.02 / math.sqrt(2), rel=0.02)


def test_downside_counts_all_days() -> None:
    assert downside(RETURNS) == pytest.approx(math.sqrt((0.02**2 + 0.01**2) / 5))
    assert downside(RETURNS, 0.01) == pytest.approx(math.sqrt((0.03**2 + 0.01**2 + 0.02**2) / 5))


def test_ratios_are_per_year_of_every_day() -> None:
    free = per_day(0.05)
    assert (1 + free) ** 365 == pytest.approx(1.05)
    assert sharpe(RETURNS, 0.05) == pytest.approx((0.002 - free) / statistics.stdev(RETURNS.tolist()) * math.sqrt(365))
    assert sortino(RETURNS, 0.05) == pytest.approx((0.002 - free) / downside(RETURNS, free) * math.sqrt(365))


def test_returns_that_do_not_vary_have_no_ratio() -> None:
    assert math.isnan(sharpe(np.full(30, 0.001)))
    assert math.isnan(sortino(np.full(30, 0.001)))
