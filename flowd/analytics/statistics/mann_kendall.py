"""Whether a series goes up or down more than chance explains, also where each value leans on the one before."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.statistics.theil_sen import theil_sen

#: A series that leans on its past more than this says nothing about its trend any more.
_MOST: Final = 0.95
#: Below this many values the normal approximation of S does not hold.
FEWEST: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Kendall:
    """The test's outcome: S, its variance, by how much autocorrelation widens that, and the two-sided p."""

    s: int
    variance: float
    correction: float
    p: float
    n: int


def mann_kendall(values: NDArray[np.float64]) -> Kendall | None:
    """Return the Mann-Kendall test of `values` in time order, corrected for autocorrelation; None for fewer than 8.

    Values that differ by no more than rounding (1e-9 of the largest) are ties. The variance of S is multiplied by the
    n/n* of Yue and Wang for a series that leans on the value before it by r: 1 + 2 sum((1 - k/n) r^k), where r is the
    first autocorrelation of what Theil and Sen's line leaves, of its ranks, so that one bonus does not spoil it, and
    raised by its known bias, (2 + 4r) / n. It is never below 1: a series that alternates shall not look surer than one
    that does not.

    Why not Hamed and Rao (1998): they count only autocorrelations that are significant, and a year of weeks or months
    is too short for that. Measured on 1,000 series without trend whose values lean on the last by 0.5, at p < 5 %:
    false alarms 22 % uncorrected, 23 % with Hamed and Rao, 8 % with this for 24 values; 23 %, 20 % and 8 % for 52
    (bench/accuracy_trend.py).

    Sources: H. B. Mann, Econometrica 13 (1945); M. G. Kendall, Rank Correlation Methods (1975); S. Yue and C. Y. Wang,
    Water Resources Management 18 (2004), equation 20 with an AR(1); G. H. Orcutt and H. S. Winokur, Econometrica 37
    (1969) for the bias with a line taken out.
    """
    values = values[np.isfinite(values)]
    n = len(values)
    if n < FEWEST:
        return None
    whole = _without_rounding(values)
    first, second = np.triu_indices(n, k=1)
    s = int(np.sign(whole[second] - whole[first]).sum())
    _, ties = np.unique(whole, return_counts=True)
    variance = (n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18
    if variance <= 0:
        return Kendall(s=0, variance=0.0, correction=1.0, p=1.0, n=n)
    correction = _correction(values)
    z = (s - np.sign(s)) / math.sqrt(variance * correction)
    return Kendall(s=s, variance=variance, correction=correction, p=math.erfc(abs(z) / math.sqrt(2)), n=n)


def _correction(values: NDArray[np.float64]) -> float:
    """Return n/n*: how much wider S spreads because each value leans on the one before; at least 1."""
    n = len(values)
    times = np.arange(n, dtype=np.float64)
    line = theil_sen(times, values)
    assert line is not None
    ranks = _ranks(_without_rounding(values - line[0] * times))
    ranks -= ranks.mean()
    total = float(ranks @ ranks)
    if total == 0:
        return 1.0
    found = float(ranks[:-1] @ ranks[1:]) / total
    leaning = min(max(found + (2 + 4 * found) / n, 0.0), _MOST)
    lag = np.arange(1, n)
    return 1 + 2 * float(((1 - lag / n) * leaning**lag).sum())


def _without_rounding(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return whole multiples of a billionth of the largest value: what rounding tells apart becomes the same."""
    largest = float(np.abs(values).max())
    return np.round(values / (largest * 1e-9)) if largest > 0 else values


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rank of each value from 1 on; ties share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean: NDArray[np.float64] = (last - (counts - 1) / 2)[inverse]
    return mean
