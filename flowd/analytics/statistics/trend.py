"""Whether income grows, declines or neither, with the numbers that decided it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.statistics.mann_kendall import FEWEST, mann_kendall
from flowd.analytics.statistics.theil_sen import theil_sen
from flowd.analytics.statistics.wording import counted, number, per_cent

#: A movement counts if chance explains it less often than this ...
CHANCE: Final = 0.05
#: ... and it is at least so much of the level in 30 days (9 % a year): the lengths of months alone make 0.5 %.
LEAST: Final = 0.0075
MONTH: Final = 30


class Direction(StrEnum):
    """Where income is going."""

    GROWING = "growing"
    FLAT = "flat"
    DECLINING = "declining"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The stretches that days are put together to: how long they are, how far back they reach, and their word."""

    days: int
    reach: int
    word: str


WEEKS: Final = Step(days=7, reach=364, word="weeks")
MONTHS: Final = Step(days=30, reach=360, word="months")
QUARTERS: Final = Step(days=91, reach=1092, word="quarters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The label, its reason in words, and what decided, over `n` stretches.

    `slope` is in currency per day per day, `slope_pct` a share of the level per 30 days, `p` that of chance; None where
    unknown.
    """

    direction: Direction
    reason: str
    slope: float | None = None
    slope_pct: float | None = None
    p: float | None = None
    n: int = 0


def step_for(pause: float | None) -> Step:
    """Return the stretches for income that comes every `pause` days: long enough that each has something in it."""
    if pause is None or pause <= 9:
        return WEEKS
    return MONTHS if pause <= 36 else QUARTERS


def stretches(values: NDArray[np.float64], step: Step) -> NDArray[np.float64]:
    """Return the mean per day of each stretch, oldest first, the last one ending with the last of `values`.

    NaN where fewer than half of a stretch's days are known; an incomplete one at the beginning is left out.
    """
    days = values[-step.reach :]
    count = len(days) // step.days
    table = days[len(days) - count * step.days :].reshape(count, step.days)
    known = np.isfinite(table)
    enough = 2 * known.sum(axis=1) >= step.days
    sums = np.where(known, table, 0.0).sum(axis=1)
    means: NDArray[np.float64] = np.where(enough, sums / np.maximum(known.sum(axis=1), 1), np.nan)
    return means


def trend(values: NDArray[np.float64], step: Step, currency: str) -> Trend:
    """Return the trend of `values` (earned per day, NaN where not known), in stretches of `step`.

    The slope is Theil and Sen's over the means of the stretches, the p of chance is Mann and Kendall's, corrected for
    autocorrelation (see theil_sen and mann_kendall). Growing or declining is what has p < 5 % and moves by 0.75 % of
    the level in 30 days; the level is the median size of a stretch (the mean, where that is zero).
    """
    means = stretches(values, step)
    known = np.isfinite(means)
    n = int(known.sum())
    if n < FEWEST:
        had = counted(n, step.word) if n else "nothing"
        reason = f"{had} known so far: {FEWEST} {step.word} ({FEWEST * step.days} days) are needed to tell"
        return Trend(direction=Direction.UNKNOWN, reason=reason, n=n)
    line = theil_sen(np.arange(len(means), dtype=np.float64) * step.days, means)
    test = mann_kendall(means)
    assert line is not None
    assert test is not None
    sizes = np.abs(means[known])
    level = float(np.median(sizes)) or float(sizes.mean())
    slope = line[0]
    if not level:
        return Trend(direction=Direction.FLAT, reason=f"nothing in {n} {step.word}", slope=0.0, p=test.p, n=n)
    share = slope * MONTH / level
    direction, reason = _judge(slope, share, test.p, f"{n} {step.word}", currency)
    return Trend(direction=direction, reason=reason, slope=slope, slope_pct=share, p=test.p, n=n)


def _judge(slope: float, share: float, p: float, over: str, currency: str) -> tuple[Direction, str]:
    """Return the label and the words for it."""
    if p >= CHANCE:
        return Direction.FLAT, f"no direction beyond chance in {over} (p = {p:.2f})"
    moved = f"{per_cent(share, signed=True)} a month"
    if abs(share) < LEAST:
        return Direction.FLAT, f"moves by {moved} in {over}: too little to count"
    direction = Direction.GROWING if slope > 0 else Direction.DECLINING
    odds = f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"
    by = f"{number(slope * MONTH, signed=True)} {currency} a day each month"
    return direction, f"{by} ({moved}) over {over}, {odds}"
