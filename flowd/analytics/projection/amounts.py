"""The amounts of regular receipts: what the next ones will be, and how far they stray."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.projection.subjects import Array

#: Amounts are fixed if so large a share of them is within so little of the usual amount of their time.
_FIXED_SHARE: Final = 0.6
_FIXED_WITHIN: Final = 0.015
#: How often an odd payment (a 13th salary) returns in its month, where the others are fixed.
_RETURNS: Final = 0.75


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Amounts:
    """What receipts amount to: `levels` of those to come (the last one goes on), and what past ones were like.

    `ratios` are those of past receipts to the level of their time, `months` the calendar months they came in.
    """

    levels: Array
    fixed: bool
    ratios: Array
    months: NDArray[np.int64]

    def level(self, number: int) -> float:
        """Return the level of the due payment `number`, counted from 0."""
        return float(self.levels[min(number, len(self.levels) - 1)])

    @property
    def stray(self) -> float:
        """The standard deviation of the ratios."""
        return float(self.ratios.std(ddof=1)) if len(self.ratios) > 1 else 0.5

    def sample(self, draw: np.random.Generator, wanted: NDArray[np.int64], month: int) -> NDArray[np.float32]:
        """Return ratios for one due day in `month`: the past one at place `wanted` (one entry per path).

        Where amounts are fixed, an odd payment of the same month of an earlier year mostly returns: there the past of
        that month is asked rather than any other.
        """
        chosen = self.ratios[wanted]
        if self.fixed:
            same = np.flatnonzero(self.months == month)
            if len(same):
                again = draw.random(len(wanted)) < _RETURNS
                chosen = np.where(again, self.ratios[same[wanted % len(same)]], chosen)
        return chosen.astype(np.float32)


def amounts_of(days: Sequence[date], amounts: Array, levels: Array | None = None) -> Amounts:
    """Fit amounts, shape (receipts,), oldest first; `levels` is what methods foretell, where some were chosen."""
    near = np.array([np.median(amounts[max(0, at - 2) : at + 3]) for at in range(len(amounts))])
    months = np.array([day.month for day in days], dtype=np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(near != 0, amounts / near, 1.0)
    if len(amounts) >= 3 and (np.abs(ratios - 1) <= _FIXED_WITHIN).mean() >= _FIXED_SHARE:
        last = amounts[-3:]
        # a raise is believed when it was paid twice
        usual = float(last[-1]) if abs(last[-1] - last[-2]) <= _FIXED_WITHIN * abs(last[-2]) else float(np.median(last))
        return Amounts(levels=np.array([usual]), fixed=True, ratios=ratios, months=months)
    recent = amounts[-24:]
    mean = float(recent.mean())
    shape = recent / mean if mean else np.ones(len(recent))
    count = len(shape)
    if count > 1:
        # deviations from a mean of the same few are too small
        shape = 1 + (shape - 1) * np.sqrt(count / (count - 1))
        shape = np.maximum(shape, min(shape.min(), 0.0) if (recent < 0).any() else 0.0)
        shape = shape / shape.mean() if shape.mean() > 0 else shape
    if levels is None or not len(levels):
        levels = np.array([amounts[-6:].mean()])
    return Amounts(levels=levels, fixed=False, ratios=shape, months=months[-24:])
