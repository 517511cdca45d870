"""Foretells a series: tries the methods on its past, combines them, and says how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.forecasting.calibrating import calibrate
from flowd.analytics.forecasting.choosing import choose, combined
from flowd.analytics.forecasting.method import LEVELS, Array, Choice, Forecast, Method
from flowd.analytics.forecasting.methods import builtin_methods
from flowd.analytics.forecasting.rolling import backtest, filled

#: A history shorter than this (or than two seasons) is too short to be tested on.
SHORTEST: Final = 8


def forecast(
    values: Array,
    season: int,
    horizon: int,
    methods: Sequence[Method] | None = None,
    levels: Sequence[float] = LEVELS,
    nonnegative: bool = False,
) -> Forecast:
    """Foretell `values`, shape (n,), `horizon` steps ahead; `methods` are the built-in ones where not said.

    NaN is a gap (before the first value: not begun); gaps are filled for the methods as `rolling.filled` says, and
    not tested on. Where `nonnegative`, nothing said is below zero. Works for any n, 0 included. Trends are followed as
    far ahead as the past could test them, from there on the path stays level (or repeats its season). Raises
    ValueError where `horizon` or `season` is below 1 or a value is infinite.
    """
    values = _checked(values, season, horizon)
    size = float(np.nanmax(np.abs(values))) if len(values) else 0.0
    size = size if size > 0 else 1.0
    unit = values / size  # whatever the currency: no overflow, and no method depends on the unit
    found = _tested(unit, season, horizon, tuple(methods or builtin_methods()), levels, nonnegative)
    if found is None:
        found = _guessed(unit, season, horizon, levels)
    quantiles = np.sort(found.quantiles, axis=0)[np.argsort(np.argsort(np.asarray(levels)))]
    points = found.points
    if nonnegative:
        points, quantiles = np.maximum(points, 0.0), np.maximum(quantiles, 0.0)
    return Forecast(
        points=points * size,
        levels=tuple(levels),
        quantiles=quantiles * size,
        errors=found.errors * size,
        origins=found.origins,
        method=found.method,
        reason=found.reason,
        scores=found.scores,
        short=found.short,
    )


def _checked(values: Array, season: int, horizon: int) -> Array:
    """The values from the first one known on."""
    if horizon < 1 or season < 1:
        raise ValueError(f"horizon ({horizon}) and season ({season}) are 1 or more")
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or np.isinf(values).any():
        raise ValueError("values are one row of finite numbers, NaN for a gap")
    known = np.flatnonzero(~np.isnan(values))
    return values[known[0] :] if len(known) else values[:0]


def _tested(
    values: Array, season: int, horizon: int, methods: tuple[Method, ...], levels: Sequence[float], nonnegative: bool
) -> Forecast | None:
    """What the backtest supports; None where the history is too short for one, or every method fails."""
    known = int(np.count_nonzero(~np.isnan(values)))
    if known < max(SHORTEST, 2 * season if season > 1 else 0):
        return None
    whole = filled(values, season)
    tried = backtest(values, season, horizon, methods, nonnegative=nonnegative)
    usable = {name: errors for name, errors in tried.errors.items() if not np.isnan(errors).all()}
    if not usable:
        return None
    choice = choose(tried)
    steps = min(horizon, len(values) - tried.origins[0])
    path = _ahead(whole, season, steps, methods, choice)
    if path is None:
        return None
    points = path[_beyond(steps, season, horizon)]
    errors = combined(tried.errors, choice.weights)
    bands = calibrate(errors, horizon, levels, span=len(values) - tried.origins[0])
    reason = f"{choice.reason}; {bands.reason}"
    if steps < horizon:
        reason += f"; tested {steps} of {horizon} steps ahead only"
    if tried.failed:
        reason += "; failed: " + ", ".join(f"{name} ({why})" for name, why in sorted(tried.failed.items()))
    return Forecast(
        points=points,
        levels=tuple(levels),
        quantiles=points + bands.offsets,
        errors=errors,
        origins=tried.origins,
        method=choice.name,
        reason=reason,
        scores=choice.scores,
        short=4 * steps < horizon,
    )


def _ahead(values: Array, season: int, steps: int, methods: Sequence[Method], choice: Choice) -> Array | None:
    """The weighted mean of what the members say now; one that fails now is left out."""
    path, total = np.zeros(steps), 0.0
    for method in methods:
        weight = choice.weights.get(method.name, 0.0)
        if not weight:
            continue
        said = _said(method, values, season, steps)
        if said is not None:
            path += weight * said
            total += weight
    return path / total if total else None


def _said(method: Method, values: Array, season: int, steps: int) -> Array | None:
    try:
        path = np.asarray(method.forecast(values, season, steps), dtype=np.float64)
    except Exception:  # a plugin's method may raise anything
        return None
    return path if path.shape == (steps,) and np.isfinite(path).all() else None


def _beyond(steps: int, season: int, horizon: int) -> NDArray[np.intp]:
    """Which step of the path each of `horizon` steps takes: beyond the last one, its last season again and again."""
    step = np.arange(horizon)
    period = season if season <= steps else 1
    return np.where(step < steps, step, steps - period + (step - steps) % period)


def _guessed(values: Array, season: int, horizon: int, levels: Sequence[float]) -> Forecast:
    """The mean of what little is known, and wide bands around it."""
    known = values[~np.isnan(values)]
    mean = float(known.mean()) if len(known) else 0.0
    # Alike so far is no promise: at least half the mean either way, and as much again as the scatter seen.
    scatter = float(known.std(ddof=1)) if len(known) > 1 else abs(mean)
    spread = np.array([[scatter, -scatter, abs(mean) / 2, -abs(mean) / 2]])
    bands = calibrate(np.repeat(spread.T, horizon, axis=1), horizon, levels, span=max(len(known), 1))
    points = np.full(horizon, mean)
    wanted = max(SHORTEST, 2 * season if season > 1 else 0)
    return Forecast(
        points=points,
        levels=tuple(levels),
        quantiles=points + bands.offsets,
        errors=np.empty((0, horizon)),
        origins=(),
        method="mean",
        reason=f"too short to be tested on ({len(known)} of at least {wanted} values): the mean so far, wide bands",
        scores={},
        short=True,
    )
