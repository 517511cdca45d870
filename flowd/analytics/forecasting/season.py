"""Seasons: how strong they are, and methods made to work on what is left without them.

Sources: classical decomposition, R. J. Hyndman and G. Athanasopoulos, Forecasting: Principles and Practice (3rd
edition), 3.4; its shrinkage, D. M. Miller and D. Williams, Shrinkage estimators of time series seasonal factors and
their effect on forecasting accuracy, International Journal of Forecasting 19 (2003), after James and Stein.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.forecasting.method import Array


def indices(values: Array, season: int, *, multiplicative: NDArray[np.bool_]) -> Array:
    """Return each series' seasonal indices, shape (series, season), the last column being that of the last value.

    Classical decomposition: the mean ratio (or difference) to the centred moving average, phase by phase. It is then
    shrunk towards no season by what of its spread chance alone would give, so that no test has to say yes or no.
    A series of fewer than three seasons has none.
    """
    series, length = values.shape
    neutral = np.where(multiplicative, 1.0, 0.0)[:, None]
    if season < 2 or length < 3 * season:
        return np.repeat(neutral, season, axis=1)
    trend = _centred(values, season)
    usable = ~np.isnan(trend)
    usable &= ~multiplicative[:, None] | (trend > 0)
    safe = np.where(usable & multiplicative[:, None], trend, 1.0)
    ratio = np.where(usable, np.where(multiplicative[:, None], values / safe, values - safe), 0.0)
    mean, doubt = np.empty((series, season)), np.empty((series, season))
    enough = np.ones(series, dtype=np.bool_)
    for phase in range(season):
        part, known = ratio[:, length - 1 - phase :: -season], usable[:, length - 1 - phase :: -season]
        count = known.sum(axis=1)
        enough &= count >= 2
        mean[:, season - 1 - phase] = part.sum(axis=1) / np.maximum(count, 1)
        off = np.where(known, part - mean[:, season - 1 - phase, None], 0.0)
        doubt[:, season - 1 - phase] = (off * off).sum(axis=1) / np.maximum(count - 1, 1) / np.maximum(count, 1)
    middle = mean.mean(axis=1, keepdims=True)
    shape = np.where(multiplicative[:, None], mean / np.where(middle == 0, 1.0, middle) - 1, mean - middle)
    spread = (shape * shape).sum(axis=1)
    noise = max(season - 3, 1) * doubt.mean(axis=1)
    keep = np.where(enough & (spread > noise), 1 - noise / np.where(spread > 0, spread, 1.0), 0.0)
    found: Array = neutral + keep[:, None] * shape
    return found


def _centred(values: Array, season: int) -> Array:
    """The centred moving average over one season, NaN at both ends."""
    length = values.shape[1]
    weights = np.full(season + 1, 1 / season) if season % 2 == 0 else np.full(season, 1 / season)
    if season % 2 == 0:
        weights[[0, -1]] /= 2
    half = len(weights) // 2
    found = np.full_like(values, np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(values, len(weights), axis=1)
    found[:, half : length - half] = windows @ weights
    return found


def without_season(many: Callable[[Array, int, int], Array]) -> Callable[[Array, int, int], Array]:
    """Return the method that takes seasons out first and puts them back into its paths."""

    def forecast_many(values: Array, season: int, horizon: int) -> Array:
        length = values.shape[1]
        if season < 2 or length < 3 * season:
            return many(values, season, horizon)
        positive = np.nanmin(values, axis=1) > 0
        index = indices(values, season, multiplicative=positive)
        back = index[:, (np.arange(length) - length) % season]
        ahead = index[:, np.arange(horizon) % season]
        plain = np.where(positive[:, None], values / np.where(positive[:, None], back, 1.0), values - back)
        path = many(plain, season, horizon)
        return np.where(positive[:, None], path * ahead, path + ahead)

    return forecast_many
