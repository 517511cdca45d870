"""Backtests look at nothing they could not have known, and the choice follows them."""

from __future__ import annotations

import numpy as np
import pytest

from flowd.analytics.forecasting.choosing import choose, combined, score
from flowd.analytics.forecasting.method import Array, Backtest, Method
from flowd.analytics.forecasting.methods import builtin_methods
from flowd.analytics.forecasting.rolling import LEAST, backtest, filled, origins_of


class Fixed:
    """Says the same whatever came."""

    def __init__(self, name: str, says: float) -> None:
        self.name, self._says = name, says

    def forecast(self, values: Array, season: int, horizon: int) -> Array:
        return np.full(horizon, self._says)


class Broken:
    name = "broken"

    def forecast(self, values: Array, season: int, horizon: int) -> Array:
        raise ZeroDivisionError("by design")


class Endless:
    name = "endless"

    def forecast(self, values: Array, season: int, horizon: int) -> Array:
        return np.full(horizon, np.inf)


def noisy(seed: int, length: int) -> Array:
    return np.random.Generator(np.random.SFC64(seed)).lognormal(3, 0.5, length)


@pytest.mark.parametrize(
    ("length", "season", "horizon"), [(4, 1, 6), (5, 1, 6), (14, 1, 6), (730, 7, 180), (30, 7, 180)]
)
def test_origins_are_moments_within_the_history(length: int, season: int, horizon: int) -> None:
    found = origins_of(length, season, horizon, 24)
    assert list(found) == sorted(set(found))
    assert len(found) <= 24
    if length == LEAST:
        assert found == ()
    else:
        assert found[0] >= LEAST
        assert found[-1] == length - 1


def test_what_comes_later_changes_nothing_said_before() -> None:
    values = noisy(1, 120)
    other = values.copy()
    other[100:] += 1000
    one, two = backtest(values, 7, 20, builtin_methods()), backtest(other, 7, 20, builtin_methods())
    assert one.failed == two.failed == {}
    for name, errors in one.errors.items():
        for row, origin in enumerate(one.origins):
            if origin <= 100:
                came = values[origin : origin + 20]
                also = other[origin : origin + 20]
                assert came - errors[row, : len(came)] == pytest.approx(also - two.errors[name][row, : len(also)])


def test_errors_end_where_the_history_does() -> None:
    found = backtest(noisy(2, 40), 1, 10, [Fixed("five", 5.0)])
    errors = found.errors["five"]
    for row, origin in enumerate(found.origins):
        assert np.isnan(errors[row]).tolist() == [origin + step >= 40 for step in range(10)]


def test_gaps_are_filled_and_not_held_against_anyone() -> None:
    values = np.array([1.0, 2, 3, np.nan, 5, np.nan, np.nan, 8, 9, 10])
    assert filled(values, 3).tolist() == [1, 2, 3, 1, 5, 3, 1, 8, 9, 10]
    assert filled(values, 1).tolist() == [1, 2, 3, 3, 5, 5, 5, 8, 9, 10]
    found = backtest(values, 1, 2, [Fixed("five", 5.0)])
    errors = found.errors["five"][list(found.origins).index(4)]
    assert errors[0] == 0.0
    assert np.isnan(errors[1])


def test_a_method_that_fails_is_named_and_the_others_go_on() -> None:
    found = backtest(noisy(3, 50), 1, 5, [Broken(), Endless(), Fixed("twenty", 20.0)])
    assert set(found.errors) == {"twenty"}
    assert found.failed == {"broken": "ZeroDivisionError: by design", "endless": "its path is not finite"}
    assert choose(found).weights == {"twenty": 1.0}


def test_below_zero_counts_as_zero_where_it_cannot_be() -> None:
    found = backtest(np.zeros(20), 1, 3, [Fixed("minus", -5.0)], nonnegative=True)
    assert np.nanmax(np.abs(found.errors["minus"])) == 0


def test_totals_count_not_days() -> None:
    """A stream that pays every tenth day: never anything is right on nine days of ten, and worth nothing."""
    values = np.zeros(400)
    values[::10] = 100
    found = backtest(values, 1, 30, [Fixed("nothing", 0.0), Fixed("rate", 10.0)])
    daily = {name: np.nanmean(np.abs(errors)) for name, errors in found.errors.items()}
    assert daily["nothing"] < daily["rate"]
    assert choose(found).weights["rate"] > 0.8


def test_weights_are_the_inverse_squares_of_the_errors() -> None:
    errors = {"good": np.full((3, 2), 1.0), "half": np.full((3, 2), -2.0), "hopeless": np.full((3, 2), 10.0)}
    found = choose(Backtest(origins=(4, 5, 6), errors=errors, scale=2.0, failed={}))
    assert found.weights == pytest.approx({"good": 0.8, "half": 0.2})
    assert found.scores == pytest.approx({"good": 0.5, "half": 1.0, "hopeless": 5.0, "combination": 0.2})
    assert combined(errors, found.weights) == pytest.approx(np.full((3, 2), 0.4))
    assert "good (80%)" in found.reason


def test_one_that_is_never_wrong_is_taken_alone() -> None:
    methods: list[Method] = [Fixed("seven", 7.0), Fixed("eight", 8.0)]
    assert choose(backtest(np.full(30, 7.0), 1, 5, methods)).weights == {"seven": 1.0}


def test_without_any_backtest_there_is_no_choice() -> None:
    with pytest.raises(ValueError, match="no method was tried"):
        choose(backtest(np.ones(3), 1, 5, [Fixed("one", 1.0)]))


def test_the_score_is_of_the_mean_so_far() -> None:
    assert score(np.array([[2.0, -2.0], [4.0, np.nan]])) == pytest.approx((3.0 + 0.0) / 2)
