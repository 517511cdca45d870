"""Exponential smoothing with a level and a damped trend, every parameter of a grid and many series at once.

Sources: C. C. Holt (1957, reprinted in International Journal of Forecasting 20, 2004); E. S. Gardner and E. McKenzie,
Forecasting trends in time series, Management Science 31 (1985); R. J. Hyndman and G. Athanasopoulos, Forecasting:
Principles and Practice (3rd edition), 8.1 to 8.5. The state at the start is no guess: errors are linear in it, so for
each parameter the state with the least squares is solved for exactly, and the parameter with the least squares taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from flowd.analytics.forecasting.method import Array
from flowd.analytics.forecasting.simple import starts


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Parameters to try, each shape (parameters,): of the level, of the trend, and how the trend dies away."""

    alpha: Array
    beta: Array
    phi: Array
    trended: bool


def grid(alphas: Array, betas: Array, phis: Array, *, trended: bool) -> Grid:
    """Return every combination."""
    cells = np.array(list(product(alphas, betas, phis)))
    return Grid(alpha=cells[:, 0], beta=cells[:, 1], phi=cells[:, 2], trended=trended)


_ALPHAS: Final = np.array([0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1.0])
_BETAS: Final = np.array([0.0, 0.1, 0.3])
_LEVEL: Final = grid(_ALPHAS, np.zeros(1), np.zeros(1), trended=False)
_TREND: Final = grid(_ALPHAS, _BETAS, np.ones(1), trended=True)
_DAMPED: Final = grid(_ALPHAS, _BETAS, np.array([0.8, 0.9, 0.98]), trended=True)


def simple_smoothing(values: Array, _season: int, horizon: int) -> Array:
    """Repeat the smoothed level of each series."""
    return smoothed(values, _LEVEL, horizon)[0]


def holt(values: Array, _season: int, horizon: int) -> Array:
    """Go on from the smoothed level with the smoothed trend."""
    return smoothed(values, _TREND, horizon)[0]


def damped(values: Array, _season: int, horizon: int) -> Array:
    """Go on from the smoothed level with a trend that dies away."""
    return smoothed(values, _DAMPED, horizon)[0]


def smoothed(values: Array, cells: Grid, horizon: int) -> tuple[Array, Array]:
    """Return paths, shape (series, horizon), and the mean squares of the one-step errors, shape (series,).

    `values` has shape (series, n), with NaN before the first value of a series that began later.
    """
    series, length = values.shape
    begin = starts(values)
    response, level_unit, trend_unit = _responses(cells, length)
    zero = np.zeros((series, len(cells.alpha)))
    level, trend = zero.copy(), zero.copy()
    squares, by_level, by_trend = zero.copy(), zero.copy(), zero.copy()
    ragged = bool(begin.any())
    known = np.nan_to_num(values)
    gain = cells.alpha * cells.beta
    for now in range(length):
        foretold = level + cells.phi * trend
        error = known[:, now, None] - foretold
        if ragged:
            age = now - begin
            error *= (age >= 0)[:, None]  # before its first value a series stays at zero
            unit = response[:, np.maximum(age, 0)]
        else:
            unit = response[:, now][:, None]
        squares += error * error
        by_level += error * unit[0]
        by_trend += error * unit[1]
        level = foretold + cells.alpha * error
        trend = cells.phi * trend + gain * error
    ages = length - begin
    at_level, at_trend, least = _start(squares, by_level, by_trend, response, ages, trended=cells.trended)
    level = level + at_level * level_unit[0][ages] + at_trend * level_unit[1][ages]
    trend = trend + at_level * trend_unit[0][ages] + at_trend * trend_unit[1][ages]
    best = np.argmin(least, axis=1)
    row = np.arange(series)
    phi = cells.phi[best]
    steps = np.cumsum(phi[:, None] ** np.arange(1, horizon + 1), axis=1)
    path: Array = level[row, best][:, None] + trend[row, best][:, None] * steps
    return path, least[row, best] / ages


def _responses(cells: Grid, length: int) -> tuple[Array, Array, Array]:
    """What a start of one (in the level; in the trend) does to errors and states at each age, with no data at all."""
    count = len(cells.alpha)
    level = np.zeros((2, length + 1, count))
    trend = np.zeros((2, length + 1, count))
    error = np.zeros((2, length, count))
    level[0, 0], trend[1, 0] = 1.0, 1.0
    for age in range(length):
        foretold = level[:, age] + cells.phi * trend[:, age]
        error[:, age] = -foretold
        level[:, age + 1] = foretold * (1 - cells.alpha)
        trend[:, age + 1] = cells.phi * trend[:, age] - cells.alpha * cells.beta * foretold
    return error, level, trend


def _start(
    squares: Array, by_level: Array, by_trend: Array, response: Array, ages: Array, *, trended: bool
) -> tuple[Array, Array, Array]:
    """Solve for the start with the least squares; returns it (level, trend) and the sum of squares left."""
    upto = np.cumsum(response[0] * response[0], axis=0)[ages - 1]
    if not trended:
        at_level = -by_level / upto
        return at_level, np.zeros_like(at_level), squares + at_level * by_level
    cross = np.cumsum(response[0] * response[1], axis=0)[ages - 1]
    other = np.cumsum(response[1] * response[1], axis=0)[ages - 1]
    # With two values or fewer, or where level and trend cannot be told apart, the trend is left out.
    bound = upto * other - cross * cross
    apart = (bound > 1e-9 * upto * other) & (ages > 2)[:, None]
    bound = np.where(apart, bound, 1.0)
    at_trend = np.where(apart, (cross * by_level - upto * by_trend) / bound, 0.0)
    at_level = -(by_level + cross * at_trend) / upto
    least = squares + at_level * by_level + at_trend * by_trend
    return at_level, at_trend, np.maximum(least, 0.0)
