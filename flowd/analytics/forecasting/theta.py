"""Theta: half of the long trend, and a smoothed line for the short run.

Sources: V. Assimakopoulos and K. Nikolopoulos, The theta model: a decomposition approach to forecasting, International
Journal of Forecasting 16 (2000); R. J. Hyndman and B. Billah, Unmasking the Theta method, ibid. 19 (2003);
J. A. Fiorucci, T. R. Pellegrini, F. Louzada, F. Petropoulos and A. B. Koehler, Models for optimising the theta method
and their relationship to state space models, ibid. 32 (2016).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.forecasting.method import Array
from flowd.analytics.forecasting.simple import starts

_ALPHAS = np.array([0.01, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99])


def theta(values: Array, _season: int, horizon: int) -> Array:
    """Return the standard method's paths: the mean of the straight line and of the smoothed line of theta two."""
    return dynamic_theta(values, np.array([2.0]), horizon)


def optimised_theta(values: Array, _season: int, horizon: int) -> Array:
    """Return the paths of the dynamic model whose theta, too, is the one with the least squares."""
    return dynamic_theta(values, np.array([1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0]), horizon)


def dynamic_theta(values: Array, thetas: Array, horizon: int) -> Array:
    """Return the paths of the dynamic theta model with the least one-step squares over `thetas`.

    `values` has shape (series, n), with NaN before the first value of a series that began later. The line is fitted
    anew with every value, as it would have been then; the level at the start is solved for, as in smoothing.
    """
    series, length = values.shape
    begin = starts(values)
    alpha = np.repeat(_ALPHAS, len(thetas))
    weight = 1 - 1 / np.tile(thetas, len(_ALPHAS))
    keep = 1 - alpha
    known = np.nan_to_num(values)
    level = np.zeros((series, len(alpha)))
    squares, by_level = level.copy(), level.copy()
    mean, slope = np.zeros(series), np.zeros(series)
    for now in range(length):
        age = now - begin  # values known so far
        live = age >= 0
        power = keep ** np.maximum(age, 0)[:, None]
        foretold = level + _lines(mean, slope, np.maximum(age, 0), power, alpha, weight)
        error = np.where(live[:, None], known[:, now, None] - foretold, 0.0)
        squares += error * error
        by_level -= error * power * live[:, None]
        level = np.where(live[:, None], alpha * known[:, now, None] + keep * level, level)
        mean, slope = _line(known[:, now], mean, slope, age)
    ages = length - begin
    total = (1 - keep ** (2 * ages[:, None])) / (1 - keep * keep)
    at_start = -by_level / total
    least = squares + at_start * by_level
    best = np.argmin(np.where(np.isfinite(least), least, np.inf), axis=1)
    row = np.arange(series)
    level = (level + at_start * keep ** ages[:, None])[row, best]
    return _ahead(level, mean, slope, ages, alpha[best], weight[best], horizon)


def _ahead(
    level: Array, mean: Array, slope: Array, ages: NDArray[np.intp], alpha: Array, weight: Array, horizon: int
) -> Array:
    """Walk the chosen model on, its own forecasts taken for values."""
    path = np.empty((len(level), horizon))
    for step in range(horizon):
        age = ages + step
        power = (1 - alpha) ** age
        path[:, step] = level + weight * (
            power * (mean - (age + 1) / 2 * slope) + (1 - power * (1 - alpha)) / alpha * slope
        )
        level = alpha * path[:, step] + (1 - alpha) * level
        mean, slope = _line(path[:, step], mean, slope, age)
    return path


def _lines(mean: Array, slope: Array, age: NDArray[np.intp], power: Array, alpha: Array, weight: Array) -> Array:
    """What the line adds to the level, one step after `age` values."""
    intercept = (mean - (age + 1) / 2 * slope)[:, None]
    added: Array = weight * (power * intercept + (1 - power * (1 - alpha)) / alpha * slope[:, None])
    return np.where((age > 0)[:, None], added, 0.0)


def _line(value: Array, mean: Array, slope: Array, age: NDArray[np.intp]) -> tuple[Array, Array]:
    """Fit the line anew with one more value; before the first (age below zero) nothing changes."""
    known = np.maximum(age, 0)
    after = (known * mean + value) / (known + 1)
    steeper = ((known - 1) * slope + 6 * (value - mean) / (known + 1)) / (known + 2)
    live = age >= 0
    return np.where(live, after, mean), np.where(age > 0, steeper, 0.0)
