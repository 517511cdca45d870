"""Sums up a run of days in a few numbers: mean, median, spread, extremes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What days look like: `known` of them had a number, `unknown` had none and are left out of everything else.

    Amounts are per day. `std` is the sample standard deviation (divided by n - 1), None for a single day. `mad` is the
    median distance from the median, as it stands (not times 1.4826). `cv` is std / mean, None unless the mean is
    above zero. `reason` says why all of it is None.
    """

    known: int
    unknown: int
    mean: float | None = None
    median: float | None = None
    std: float | None = None
    mad: float | None = None
    min: float | None = None
    max: float | None = None
    cv: float | None = None
    reason: str = ""


def describe(values: NDArray[np.float64]) -> Description:
    """Return the statistics of `values` (one per day, NaN where a day is not known).

    Source: the usual definitions; NIST/SEMATECH e-Handbook of Statistical Methods, sections 1.3.5.1 (location) and
    1.3.5.6 (scale, median absolute deviation).
    """
    known = values[np.isfinite(values)]
    unknown = len(values) - len(known)
    if not len(known):
        reason = "no day of the window is known" if unknown else "there is no day in the window"
        return Description(known=0, unknown=unknown, reason=reason)
    mean = math.fsum(known) / len(known)
    median = float(np.median(known))
    std = _std(known, mean)
    return Description(
        known=len(known),
        unknown=unknown,
        mean=mean,
        median=median,
        std=std,
        mad=float(np.median(np.abs(known - median))),
        min=float(known.min()),
        max=float(known.max()),
        cv=std / mean if std is not None and mean > 0 else None,
    )


def variation(values: NDArray[np.float64]) -> float | None:
    """Return std / mean of `values`; None for fewer than three known ones, or unless the mean is above zero."""
    known = values[np.isfinite(values)]
    if len(known) < 3:
        return None
    mean = math.fsum(known) / len(known)
    std = _std(known, mean)
    return std / mean if std is not None and mean > 0 else None


def _std(known: NDArray[np.float64], mean: float) -> float | None:
    if len(known) < 2:
        return None
    # days that are all the same have no spread, also where their mean is not exactly one of them
    if known.min() == known.max():
        return 0.0
    return math.sqrt(math.fsum((known - mean) ** 2) / (len(known) - 1))
