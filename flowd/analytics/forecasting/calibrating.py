"""Turns the errors of a backtest into bands: how far off the next forecast may be, step by step.

The errors say how wide bands are, with no distribution assumed where there are many of them. Sources: W. H. Williams
and M. L. Goodman, A simple method for the construction of empirical confidence limits for economic forecasts, Journal
of the American Statistical Association 66 (1971); V. Vovk, A. Gammerman and G. Shafer, Algorithmic Learning in a
Random World (2005), for the idea that past errors are exchangeable with the next one, and C. Xu and Y. Xie, Conformal
prediction interval for dynamic time-series, ICML 2021, for its use on series; quantiles of Student's t by M. Abramowitz
and I. A. Stegun, Handbook of Mathematical Functions, 26.7.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.forecasting.method import Array, Bands

#: Independent stretches in a backtest, per stretch as long as the step ahead: errors of overlapping forecasts repeat
#: each other. With 0.75 the central 80 % band holds 80 % of the ends of M3's training series, held out from them.
STRETCHES: Final = 0.75
#: From so many values under test on, the shape of the errors counts for more than the normal distribution's.
TRUSTED: Final = 50
#: Bands widen with the square root of the step (a random walk's) until this much of log-steps says otherwise.
_PRIOR: Final = 20.0
_WIDEST_GROWTH: Final = 1.2
_NORMAL: Final = NormalDist()
#: The standard deviation of a normal distribution over its mean absolute deviation.
_DEVIATION: Final = 1.2533141373155003


def calibrate(errors: Array, horizon: int, levels: Sequence[float], *, span: int | None = None) -> Bands:
    """Return the quantiles `levels` of the error at each of `horizon` steps ahead.

    `errors`, shape (origins, steps), is what came minus what was foretold, NaN where not known; `span` is over how many
    values the backtest went (the number of origins, where not said). Steps share what they know: the spread grows as a
    power of the step, and each error counts in units of its step's spread. Where few stretches are independent, bands
    are as much wider as Student's t is than the normal distribution. Raises ValueError where no error is known.
    """
    known = ~np.isnan(errors)
    if not known.any():
        raise ValueError("no error is known: nothing can be said of how far off a forecast may be")
    spread = _spread(errors, known, horizon)
    if spread is None:
        return Bands(levels=tuple(levels), offsets=np.zeros((len(levels), horizon)), reason="it was never wrong")
    span = len(errors) if span is None else span
    sized = (errors / np.resize(spread, errors.shape[1]))[known]
    alike = _alike(np.where(known, errors / np.resize(spread, errors.shape[1]), 0.0), known)
    free = np.maximum(STRETCHES * span / (1 + alike * np.arange(horizon)), 1.0)
    trust = span / (span + TRUSTED)
    deviation = _DEVIATION * float(np.abs(sized).mean())
    widening = np.sqrt(1 + 1 / free)  # the spread's own centre is not known either
    offsets = np.empty((len(levels), horizon))
    for row, level in enumerate(levels):
        shape = trust * float(np.quantile(sized, level)) + (1 - trust) * deviation * _NORMAL.inv_cdf(level)
        offsets[row] = shape * _student(level, free) * widening * spread
    order = np.argsort(np.argsort(np.asarray(levels)))
    offsets = np.sort(offsets, axis=0)[order]
    return Bands(
        levels=tuple(levels),
        offsets=offsets,
        reason=f"bands from {int(known.sum())} errors of the past, {_count(free[-1])} independent stretches",
    )


def _alike(sized: Array, known: NDArray[np.bool_]) -> float:
    """How far the errors of one origin are the same error again: their mean product over their mean square, 0 to 1."""
    count = known.sum(axis=1)
    squares = (sized * sized).sum(axis=1)
    pairs = (count * (count - 1)).sum()
    if not pairs:
        return 1.0
    products = (sized.sum(axis=1) ** 2 - squares).sum() / pairs
    return float(min(max(products / (squares.sum() / count.sum()), 0.0), 1.0))


def _count(free: float) -> str:
    return f"{free:.0f}" if free >= 2 else "about one or two"


def _spread(errors: Array, known: NDArray[np.bool_], horizon: int) -> Array | None:
    """The mean absolute error at each step, smoothed to a power of the step; None where nothing was ever wrong."""
    rows = known.sum(axis=0)
    steps = np.flatnonzero(rows)
    mean = np.where(known, np.abs(errors), 0.0).sum(axis=0)[steps] / rows[steps]
    if mean.max() <= 0:
        return None
    weight = rows[steps].astype(np.float64)
    at, size = np.log(steps + 1.0), np.log(np.maximum(mean, mean.max() * 1e-6))
    centre, middle = np.average(at, weights=weight), np.average(size, weights=weight)
    apart = (weight * (at - centre) ** 2).sum()
    growth = ((weight * (at - centre) * (size - middle)).sum() + _PRIOR / 2) / (apart + _PRIOR)
    power = min(max(float(growth), 0.0), _WIDEST_GROWTH)
    return np.asarray(np.exp(middle + power * (np.log(np.arange(1.0, horizon + 1)) - centre)))


def _student(level: float, free: Array) -> Array:
    """How many times farther out Student's quantile lies than the normal one, for degrees of freedom `free`."""
    if level == 0.5:
        return np.ones_like(free)
    z = _NORMAL.inv_cdf(max(level, 1 - level))
    first = (z**2 + 1) / 4
    second = (5 * z**4 + 16 * z**2 + 3) / 96
    third = (3 * z**6 + 19 * z**4 + 17 * z**2 - 15) / 384
    return np.asarray(1 + first / free + second / free**2 + third / free**3)
