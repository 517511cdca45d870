"""Tries methods on the past: what each would have said at many moments, against what came.

Source: L. J. Tashman, Out-of-sample tests of forecasting accuracy, International Journal of Forecasting 16 (2000);
R. J. Hyndman and G. Athanasopoulos, Forecasting: Principles and Practice (3rd edition), 5.10.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from flowd.analytics.forecasting.method import Array, Backtest, ManyMethod, Method
from flowd.analytics.forecasting.methods import suited

#: From how many moments of the past a method is tried.
ORIGINS: Final = 24
#: No method is asked before it has seen so many values.
LEAST: Final = 4


def origins_of(length: int, season: int, horizon: int, count: int) -> tuple[int, ...]:
    """Return how many values are known at each origin, rising: the newest 2 x `horizon` values or more are tried on."""
    least = max(LEAST, season + 2 if season > 1 else 0)
    first = max(least, length - max(count, 2 * horizon))
    if first >= length:
        return ()
    return tuple(int(one) for one in np.unique(np.linspace(first, length - 1, min(count, length - first)).round()))


def filled(values: Array, season: int) -> Array:
    """Return `values` with each gap (NaN) filled by the value a season before, or the last one known."""
    found = values.copy()
    for gap in np.flatnonzero(np.isnan(found)):
        before = gap - season if gap >= season else gap - 1
        found[gap] = found[before] if before >= 0 else 0.0
    return found


def backtest(
    values: Array,
    season: int,
    horizon: int,
    methods: Sequence[Method],
    *,
    origins: int = ORIGINS,
    nonnegative: bool = False,
) -> Backtest:
    """Foretell `values`, shape (n,), from many moments of their past with every method that suits such values.

    NaN is a gap: methods see it filled, and nothing is held against what came then. Where `nonnegative`, what a
    method says below zero counts as zero, as it would in a projection.
    """
    values = np.asarray(values, dtype=np.float64)
    whole = filled(values, season)
    known = origins_of(len(values), season, horizon, origins)
    steps = min(horizon, len(values) - known[0]) if known else 0
    came = np.full((len(known), horizon), np.nan)
    for row, origin in enumerate(known):
        future = values[origin : origin + horizon]
        came[row, : len(future)] = future
    errors: dict[str, Array] = {}
    failed: dict[str, str] = {}
    for method in suited(whole, season, methods) if known else ():
        try:
            said = _paths(method, whole, known, season, steps)
        except Exception as error:  # a plugin's method may raise anything, and the others go on
            failed[method.name] = f"{type(error).__name__}: {error}"
            continue
        if not np.isfinite(said).all():
            failed[method.name] = "its path is not finite"
            continue
        if nonnegative:
            said = np.maximum(said, 0.0)
        errors[method.name] = came - np.pad(said, ((0, 0), (0, horizon - steps)), constant_values=np.nan)
    return Backtest(origins=known, errors=errors, scale=_scale(whole, season), failed=failed)


def _paths(method: Method, whole: Array, known: Sequence[int], season: int, steps: int) -> Array:
    """What the method says at every origin, shape (origins, steps)."""
    if isinstance(method, ManyMethod):
        longest = known[-1]
        rows = np.full((len(known), longest), np.nan)
        for row, origin in enumerate(known):
            rows[row, longest - origin :] = whole[:origin]
        return method.forecast_many(rows, season, steps)
    return np.stack([np.asarray(method.forecast(whole[:origin], season, steps), dtype=np.float64) for origin in known])


def _scale(whole: Array, season: int) -> float:
    """The mean absolute change over a season (one step, where there is not a season twice); 1 where nothing changes."""
    lag = season if len(whole) > 2 * season else 1
    change = np.abs(whole[lag:] - whole[:-lag])
    mean = float(change.mean()) if len(change) else 0.0
    return mean if mean > 0 else 1.0
