"""How well projections turned out, per subject, horizon and month in which their last day fell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.scoring.losses import Array, crps, inside, pinball, share_off, within


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """Sums foretold whose days are over and known, as columns of one length; days are ordinals, losses (7, length)."""

    subject: NDArray[np.int64]
    made_on: NDArray[np.int64]
    for_day: NDArray[np.int64]
    said: Array
    actual: Array
    losses: Array

    @property
    def horizon(self) -> NDArray[np.int64]:
        """Over how many days each was said."""
        days: NDArray[np.int64] = self.for_day - self.made_on + 1
        return days

    def inside(self, low: int, high: int) -> NDArray[np.bool_]:
        """Whether what came is between two of the seven quantiles, by their numbers."""
        return inside(self.said[low], self.said[high], self.actual)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How the `scored` projections of a subject (its number) over `horizon` days turned out in a month.

    Shares are of 1; `crps` is in base currency. NaN where a number is not available.
    """

    subject: int
    horizon: int
    month: date
    scored: int
    coverage_50: float
    coverage_80: float
    coverage_90: float
    within_20: float
    mape: float
    median_ape: float
    bias: float
    crps: float
    skill: float


def scored(
    *,
    subject: NDArray[np.int64],
    made_on: NDArray[np.int64],
    for_day: NDArray[np.int64],
    quantiles: Array,
    actual: Array,
) -> Scored:
    """Score what was said against what came; what is not known (NaN) is left out."""
    known = np.isfinite(actual) & np.isfinite(quantiles).all(axis=0)
    return Scored(
        subject=subject[known],
        made_on=made_on[known],
        for_day=for_day[known],
        said=quantiles[:, known],
        actual=actual[known],
        losses=pinball(quantiles[:, known], actual[known]),
    )


def accuracy(scores: Scored) -> Iterator[Accuracy]:
    """Yield one row per subject, horizon and month that something was scored in, in this order.

    coverage_80: the share within p10 to p90, and so on. mape and median_ape: the mean and the median of
    |came - p50| / |came|, where something came. bias: sum(came - p50) / sum(|came|). crps: see `losses.crps`.
    skill: 1 - crps / mean |came - p50|, what the bands add to a bare number.
    """
    if not len(scores.actual):
        return
    middle = scores.said[3]
    measures = {
        "coverage_50": scores.inside(2, 4),
        "coverage_80": scores.inside(1, 5),
        "coverage_90": scores.inside(0, 6),
        "within_20": within(scores.actual, middle),
    }
    apes, whole, errors = share_off(scores.actual, middle), crps(scores.losses), scores.actual - middle
    horizon = scores.horizon
    ordinals, place = np.unique(scores.for_day, return_inverse=True)
    months = np.array([date.fromordinal(int(day)).year * 12 + date.fromordinal(int(day)).month - 1 for day in ordinals])
    month = months[place.reshape(-1)]
    order = np.lexsort((month, horizon, scores.subject))
    keys = np.stack([scores.subject, horizon, month])[:, order]
    edges = np.flatnonzero(np.any(keys[:, 1:] != keys[:, :-1], axis=0)) + 1
    for rows in np.split(order, edges):
        first = rows[0]
        ape = apes[rows]
        ape = ape[np.isfinite(ape)]
        came, error, score = np.abs(scores.actual[rows]).sum(), errors[rows], float(whole[rows].mean())
        off = float(np.abs(error).mean())
        year, number = divmod(int(month[first]), 12)
        yield Accuracy(
            subject=int(scores.subject[first]),
            horizon=int(horizon[first]),
            month=date(year, number + 1, 1),
            scored=len(rows),
            mape=float(ape.mean()) if len(ape) else np.nan,
            median_ape=float(np.median(ape)) if len(ape) else np.nan,
            bias=float(error.sum() / came) if came > 0 else np.nan,
            crps=score,
            skill=1 - score / off if off > 0 else np.nan,
            **{name: float(flags[rows].mean()) for name, flags in measures.items()},
        )
