"""The amounts of regular receipts: what the next ones will be, and how far they stray."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.projection.subjects import Array

#: Amounts are fixed if so large a share of so many of them is the same as one near to it, within so little.
_FIXED_SHARE: Final = 0.6
#: Of fewer than so many, nearly all have to be.
_SETTLED: Final = 6
_NEW_SHARE: Final = 0.8
_WITHIN: Final = 0.005
LEAST: Final = 3
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
    months = np.array([day.month for day in days], dtype=np.int64)
    if len(amounts) >= LEAST and _same(amounts).mean() >= (_FIXED_SHARE if len(amounts) >= _SETTLED else _NEW_SHARE):
        near = np.array([np.median(amounts[max(0, at - 2) : at + 3]) for at in range(len(amounts))])
        ratios = np.divide(amounts, near, out=np.ones(len(amounts)), where=near != 0)
        last = amounts[-3:]
        # a raise is believed when it was paid twice
        usual = float(last[-1]) if abs(last[-1] - last[-2]) <= _WITHIN * abs(last[-2]) else float(np.median(last))
        return Amounts(levels=np.array([usual]), fixed=True, ratios=ratios, months=months)
    if levels is None or not len(levels):
        levels = np.array([amounts[-6:].mean()])
    return Amounts(levels=levels, fixed=False, ratios=_shape(amounts[-24:]), months=months[-24:])


def _same(amounts: Array) -> NDArray[np.bool_]:
    """Say of each amount whether another one of the two before and after it is the same."""
    found = np.zeros(len(amounts), dtype=bool)
    for distance in (1, 2):
        if len(amounts) > distance:
            alike = np.abs(amounts[distance:] - amounts[:-distance]) <= _WITHIN * np.abs(amounts[distance:])
            found[distance:] |= alike
            found[:-distance] |= alike
    return found


def _shape(amounts: Array) -> Array:
    """Return amounts as ratios to the mean of the nine around each, with a mean of 1.

    Deviations from a mean that an amount is itself part of are too small, by the square root of (n - 1) / n.
    """
    count = len(amounts)
    lows = np.clip(np.arange(count) - 4, 0, None)
    highs = np.minimum(np.arange(count) + 5, count)
    running = np.concatenate(([0.0], np.cumsum(amounts)))
    near = (running[highs] - running[lows]) / (highs - lows)
    ratios = np.divide(amounts, near, out=np.ones(count), where=near > 0)
    if count > 1:
        ratios = np.maximum(1 + (ratios - 1) * np.sqrt((highs - lows) / np.maximum(highs - lows - 1, 1)), 0.0)
    mean = float(ratios.mean())
    return ratios / mean if mean > 0 else np.ones(count)
