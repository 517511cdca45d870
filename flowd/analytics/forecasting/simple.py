"""The simplest ways to foretell: the last value, the last season, the line from first to last, a window's middle.

All take `values`, shape (series, n), with NaN before the first value of series that began later, and give paths, shape
(series, horizon). Source: R. J. Hyndman and G. Athanasopoulos, Forecasting: Principles and Practice (3rd edition), 5.2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.forecasting.method import Array


def starts(values: Array) -> NDArray[np.intp]:
    """Return where each series begins, shape (series,)."""
    begin: NDArray[np.intp] = np.argmax(~np.isnan(values), axis=1)
    return begin


def naive(values: Array, _season: int, horizon: int) -> Array:
    """Repeat the last value: tomorrow is like today."""
    return np.repeat(values[:, -1:], horizon, axis=1)


def seasonal_naive(values: Array, season: int, horizon: int) -> Array:
    """Repeat the last season; where less than a season is known, the last value."""
    width = values.shape[1]
    if width < season:
        return naive(values, season, horizon)
    path: Array = values[:, width - season + np.arange(horizon) % season]
    return np.where(starts(values)[:, None] > width - season, values[:, -1:], path)


def drift(values: Array, _season: int, horizon: int) -> Array:
    """Draw the line from the first value through the last one."""
    begin = starts(values)
    steps = np.maximum(values.shape[1] - 1 - begin, 1)
    slope = (values[:, -1] - values[np.arange(len(values)), begin]) / steps
    path: Array = values[:, -1:] + slope[:, None] * np.arange(1, horizon + 1)
    return path


def window_mean(length: int) -> Callable[[Array, int, int], Array]:
    """Return the method that repeats the mean of the last `length` values."""

    def mean(values: Array, _season: int, horizon: int) -> Array:
        return np.repeat(np.nanmean(values[:, -length:], axis=1)[:, None], horizon, axis=1)

    return mean


def window_median(length: int) -> Callable[[Array, int, int], Array]:
    """Return the method that repeats the median of the last `length` values, which one odd payment leaves alone."""

    def median(values: Array, _season: int, horizon: int) -> Array:
        return np.repeat(np.nanmedian(values[:, -length:], axis=1)[:, None], horizon, axis=1)

    return median
