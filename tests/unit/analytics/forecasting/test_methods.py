"""Each method foretells what its definition says, for one series and for many at once."""

from __future__ import annotations

import numpy as np
import pytest

from flowd.analytics.forecasting.intermittent import sparse, syntetos_boylan, teunter_syntetos_babai
from flowd.analytics.forecasting.method import Array, ManyMethod, Method
from flowd.analytics.forecasting.methods import DENSE, SPARSE, builtin_methods, suited
from flowd.analytics.forecasting.season import indices
from flowd.analytics.forecasting.simple import window_mean, window_median
from flowd.analytics.forecasting.smoothing import Grid, smoothed
from flowd.analytics.forecasting.theta import dynamic_theta

METHODS = {one.name: one for one in builtin_methods()}


def noisy(seed: int, length: int) -> Array:
    return np.random.Generator(np.random.SFC64(seed)).normal(100, 15, length)


def test_no_two_methods_have_one_name() -> None:
    assert len(METHODS) == len(builtin_methods()) == len({one.name for one in (*DENSE, *SPARSE)})


def test_the_simple_ones() -> None:
    values = np.array([1.0, 2, 3, 5, 8, 13])
    assert METHODS["naive"].forecast(values, 1, 2).tolist() == [13, 13]
    assert METHODS["seasonal-naive"].forecast(values, 3, 4).tolist() == [5, 8, 13, 5]
    assert METHODS["seasonal-naive"].forecast(values, 7, 2).tolist() == [13, 13]
    assert METHODS["drift"].forecast(values, 1, 2) == pytest.approx([15.4, 17.8])
    assert window_mean(3)(values[None], 1, 2).tolist() == [[26 / 3, 26 / 3]]
    assert window_median(3)(values[None], 1, 1).tolist() == [[8]]


@pytest.mark.parametrize("name", sorted(METHODS))
def test_what_never_changed_goes_on(name: str) -> None:
    assert METHODS[name].forecast(np.full(400, 7.5), 7, 5) == pytest.approx([7.5] * 5, rel=0.08)


@pytest.mark.parametrize(("name", "near"), [("drift", 1e-9), ("holt", 1e-9), ("optimised-theta", 1e-2)])
def test_a_straight_line_goes_on(name: str, near: float) -> None:
    line = np.linspace(50, 147.5, 40)
    assert METHODS[name].forecast(line, 1, 3) == pytest.approx([150, 152.5, 155], rel=near)


@pytest.mark.parametrize("name", sorted(METHODS))
def test_many_at_once_are_the_same_as_one_by_one(name: str) -> None:
    method = METHODS[name]
    assert isinstance(method, ManyMethod)
    whole = noisy(1, 90)
    whole[::4] = 0
    lengths = (90, 61, 40, 22, 9, 4, 2, 1)
    rows = np.full((len(lengths), 90), np.nan)
    for row, length in enumerate(lengths):
        rows[row, 90 - length :] = whole[:length]
    together = method.forecast_many(rows, 7, 12)
    for row, length in enumerate(lengths):
        assert together[row] == pytest.approx(method.forecast(whole[:length], 7, 12), rel=1e-9, abs=1e-9), length


def walk(values: Array, level: float, trend: float, parameter: tuple[float, float, float]) -> tuple[float, list[float]]:
    """Smooth in the plainest way; returns the sum of squares and the next two."""
    alpha, beta, phi = parameter
    squares = 0.0
    for value in values:
        foretold = level + phi * trend
        error = value - foretold
        squares += error * error
        level, trend = foretold + alpha * error, phi * trend + alpha * beta * error
    return squares, [level + phi * trend, level + (phi + phi**2) * trend]


@pytest.mark.parametrize("parameter", [(0.3, 0.2, 0.9), (0.7, 0.0, 1.0), (0.05, 0.5, 0.8)])
def test_smoothing_starts_where_its_squares_are_least(parameter: tuple[float, float, float]) -> None:
    values = noisy(2, 25) + 3 * np.arange(25)
    cell = Grid(
        alpha=np.array([parameter[0]]), beta=np.array([parameter[1]]), phi=np.array([parameter[2]]), trended=True
    )
    path, mean_square = smoothed(values[None], cell, 2)

    def residuals(level: float, trend: float) -> Array:
        found = []
        for count in range(1, len(values) + 1):
            found.append(walk(values[:count], level, trend, parameter)[0])
        return np.sqrt(np.diff(np.array([0.0, *found])))

    # errors are linear in the start: three walks give the slopes, least squares the start
    signed = [_signed(values, level, trend, parameter) for level, trend in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))]
    slopes = np.stack([signed[1] - signed[0], signed[2] - signed[0]], axis=1)
    (level, trend), *_ = np.linalg.lstsq(slopes, -signed[0], rcond=None)
    squares, ahead = walk(values, float(level), float(trend), parameter)
    assert residuals(float(level), float(trend)) == pytest.approx(np.abs(_signed(values, level, trend, parameter)))
    assert mean_square[0] * len(values) == pytest.approx(squares, rel=1e-9)
    assert path[0] == pytest.approx(ahead, rel=1e-9)


def _signed(values: Array, level: float, trend: float, parameter: tuple[float, float, float]) -> Array:
    alpha, beta, phi = parameter
    found = []
    for value in values:
        foretold = level + phi * trend
        error = value - foretold
        found.append(error)
        level, trend = foretold + alpha * error, phi * trend + alpha * beta * error
    return np.array(found)


def test_theta_is_smoothing_with_half_the_lines_slope() -> None:
    """Hyndman and Billah: with a line fitted once, the method is simple smoothing with a drift of half its slope."""
    values = noisy(3, 200) + 4 * np.arange(200)
    path = dynamic_theta(values[None], np.array([2.0]), 30)[0]
    slope = np.polyfit(np.arange(200), values, 1)[0]
    assert np.diff(path).mean() == pytest.approx(slope / 2, rel=0.02)


def test_seasons_are_found_and_noise_is_none() -> None:
    shape = np.array([0.5, 1.0, 1.5, 1.2, 0.8])
    found = indices(np.tile(shape, 8)[None] * 40, 5, multiplicative=np.array([True]))[0]
    assert found == pytest.approx(shape, rel=1e-6)
    noise = indices(noisy(4, 365)[None], 7, multiplicative=np.array([True]))[0]
    assert np.abs(noise - 1).max() < 0.03
    assert indices(noisy(4, 20)[None], 7, multiplicative=np.array([False]))[0].tolist() == [0] * 7


def test_days_of_the_week_come_back() -> None:
    week = np.array([100.0, 120, 110, 90, 150, 0, 0])
    assert METHODS["smoothing"].forecast(np.tile(week, 20), 7, 7) == pytest.approx(week, abs=1)


def test_sparse_streams_are_foretold_by_their_rate() -> None:
    values = np.zeros(600)
    values[np.random.Generator(np.random.SFC64(5)).random(600) < 0.2] = 50
    assert sparse(values)
    assert not sparse(np.ones(10))
    assert not sparse(np.zeros(10))
    for method in (syntetos_boylan, teunter_syntetos_babai):
        assert method(values[None], 7, 3)[0] == pytest.approx([values.mean()] * 3, rel=0.35)
    ended = np.concatenate([values, np.zeros(300)])
    assert teunter_syntetos_babai(ended[None], 7, 1)[0, 0] < 0.1 * values.mean()


def test_a_stream_is_offered_the_methods_for_its_kind_and_those_of_plugins() -> None:
    class Own:
        name = "own"

        def forecast(self, values: Array, season: int, horizon: int) -> Array:
            return np.zeros(horizon)

    methods: tuple[Method, ...] = (*builtin_methods(), Own())
    dense = {one.name for one in suited(noisy(1, 50), 7, methods)}
    bare = {one.name for one in suited(np.array([0.0, 0, 9] * 20), 7, methods)}
    assert "own" in dense & bare
    assert "holt" in dense - bare
    assert "croston" in bare - dense
    assert "seasonal-naive" in dense - {one.name for one in suited(noisy(1, 50), 1, methods)}
