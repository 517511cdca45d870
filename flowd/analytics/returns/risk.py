"""How bumpy the way was: drawdown, volatility, and what was earned for it (Sharpe, Sortino)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.returns.arrays import Floats

#: Income and coins know no weekend: every day of the year counts.
DAYS_A_YEAR: Final = 365
#: Fewer returns than these say nothing about how they vary.
FEWEST: Final = 20
#: A standard deviation below this is the rounding of returns that are all the same.
_NOTHING: Final = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawdown:
    """The deepest fall from a peak, as places in the index; `depth` is 0 or below, `recovered` None while it lasts."""

    depth: float
    peak: int
    trough: int
    recovered: int | None


def drawdowns(index: Floats) -> Floats:
    """Return how far each day (n) is below the highest one up to then: index / peak - 1, so 0 or below.

    NaN where the index is not known. Source: M. Magdon-Ismail and A. F. Atiya, "Maximum Drawdown", Risk 17(10), 2004.
    """
    peaks = np.fmax.accumulate(index)
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = np.divide(index, peaks, out=peaks)
    result -= 1
    return result


def deepest(index: Floats) -> Drawdown | None:
    """Return the deepest drawdown of an index (n); the first of equals, None where it never fell.

    Source: as `drawdowns`; it is recovered on the first day that is as high as its peak was.
    """
    falls = drawdowns(index)
    if not np.any(falls < 0):
        return None
    trough = int(np.nanargmin(falls))
    peak = int(np.nanargmax(index[: trough + 1]))
    after = np.flatnonzero(index[trough:] >= index[peak])
    return Drawdown(
        depth=float(falls[trough]),
        peak=peak,
        trough=trough,
        recovered=trough + int(after[0]) if len(after) else None,
    )


def volatility(returns: Floats, spans: NDArray[np.int64] | None = None) -> float:
    """Return the standard deviation of n returns of a day each, n - 1 in the divisor; NaN for fewer than two.

    A return over several days (`spans`, 1 by default) counts with the variance of as many days: the estimator sum((r
    - mean * span) ** 2 / span) / (n - 1) with mean = sum(r) / sum(span), which is the usual one where all spans are
    1. Times sqrt(365) it is a year's.

    Source: C. R. Bacon, "Practical Portfolio Performance Measurement and Attribution" (2nd ed. 2008), chapter 4, for
    the measure; the unequal spans follow from the independent increments that scaling by sqrt(time) supposes anyway.
    """
    if len(returns) < 2:
        return np.nan
    days = np.ones(len(returns)) if spans is None else spans.astype(np.float64)
    off = returns - mean(returns, spans) * days
    return math.sqrt(float(np.sum(off * off / days)) / (len(returns) - 1))


def downside(returns: Floats, target: float = 0.0, spans: NDArray[np.int64] | None = None) -> float:
    """Return the downside deviation of n returns of a day each: sqrt(sum(min(r - target, 0) ** 2) / n).

    Days above the target count in n, with 0. `target` is per day. NaN for none.

    Source: F. A. Sortino and R. van der Meer, "Downside Risk", Journal of Portfolio Management 17(4), 1991.
    """
    if not len(returns):
        return np.nan
    days = np.ones(len(returns)) if spans is None else spans.astype(np.float64)
    short = np.minimum(returns - target * days, 0.0)
    return math.sqrt(float(np.sum(short * short / days)) / len(returns))


def mean(returns: Floats, spans: NDArray[np.int64] | None = None) -> float:
    """Return the mean return per day: the sum of the returns over the sum of their days."""
    return float(np.sum(returns)) / (len(returns) if spans is None else float(np.sum(spans)))


def sharpe(returns: Floats, risk_free: float = 0.0, spans: NDArray[np.int64] | None = None) -> float:
    """Return the Sharpe ratio of daily returns, per year: (mean - risk free) / standard deviation * sqrt(365).

    `risk_free` is per year and turned into (1 + risk_free) ** (1 / 365) - 1 a day. NaN where the returns do not vary.

    Source: W. F. Sharpe, "The Sharpe Ratio", Journal of Portfolio Management 21(1), 1994, scaled by the root of time as
    there.
    """
    return _ratio(mean(returns, spans) - per_day(risk_free), volatility(returns, spans))


def sortino(returns: Floats, target: float = 0.0, spans: NDArray[np.int64] | None = None) -> float:
    """Return the Sortino ratio of daily returns, per year: (mean - target) / downside deviation * sqrt(365).

    `target` is per year and turned into a day's as for `sharpe`. NaN where no return fell short of it.

    Source: F. A. Sortino and L. N. Price, "Performance Measurement in a Downside Risk Framework", Journal of Investing
    3(3), 1994.
    """
    daily = per_day(target)
    return _ratio(mean(returns, spans) - daily, downside(returns, daily, spans))


def per_day(rate: float) -> float:
    """Return the rate of a day that makes `rate` in a year of 365: (1 + rate) ** (1 / 365) - 1."""
    return math.expm1(math.log1p(rate) / DAYS_A_YEAR)


def _ratio(excess: float, deviation: float) -> float:
    return excess / deviation * math.sqrt(DAYS_A_YEAR) if deviation > _NOTHING else np.nan
