"""The part of a stream that comes in lumps, on no due days, or goes up and down: drawn in blocks from its own past.

Source: D. N. Politis and J. P. Romano, A circular block-resampling procedure for stationary data (1992): blocks of the
past, a calendar month long, which go round from the last day to the first. All streams take the same blocks, so what
moved together keeps moving together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.holidays import WEEKDAYS, Calendar
from flowd.analytics.projection.ending import Hazard, alive, ends
from flowd.analytics.projection.subjects import Array, Paths
from flowd.analytics.projection.window import REACH, Block, Dice, Window

_LONGEST_BLOCK: Final = 31
_MONTH: Final = 30.4375
#: So many receipts on working days only say that no others come.
_BOOKED: Final = 12


class Pattern(StrEnum):
    """What the days on which something comes have in common."""

    NONE = "no pattern"
    WEEKDAY = "days of the week"
    MONTHDAY = "days of the month"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Irregular:
    """Days of the past (`past`, shape (n,), the last one the day before the window) and what they lead to.

    `level` is what a day is to bring in each block of the window, shape (blocks,); `mean` what it brought in the past,
    `sure` the standard error of that mean. A `steady` one may go below zero and its level adds; one of lumps cannot,
    and its level multiplies, so days without anything stay so.
    """

    key: str
    past: Array
    pattern: Pattern
    level: Array
    mean: float
    sure: float
    steady: bool
    hazard: Hazard
    alive: float
    moved: Sequence[tuple[int, int]] = ()

    @property
    def per_day(self) -> float:
        """What a day brings, in the mean."""
        return float(self.level.mean()) * self.alive if len(self.level) else 0.0

    def draw(self, dice: Dice, name: str, out: Paths, *, wander: float, loss: bool) -> None:
        """Add what comes to `out`, shape (days, paths)."""
        n = len(self.past)
        if not n or not self.past.any():
            return
        window, back = dice.window, dice.back(n)
        own = np.tile(self.past, -(-(n + _LONGEST_BLOCK) // n))[: n + _LONGEST_BLOCK].astype(np.float32)
        if self.steady:
            own -= np.float32(self.mean)
            levels = self.level[:, None] + _mean_off(self.past, dice)[None, :] * (self.sure * wander)
        else:
            unsure = min(self.sure / self.mean, 1.0) if self.mean > 0 else 0.0
            levels = np.exp(dice.wander(f"{name}/{self.key}", unsure, wander))
            levels *= (self.level / self.mean if self.mean > 0 else self.level * 0)[:, None].astype(np.float32)
        last = None
        if loss:
            draw = dice.thrower("end", name, self.key)
            last = ends(draw, self.hazard, dice.paths)
            last[draw.random(dice.paths) >= self.alive] = -1.0
        drawn = np.empty((_LONGEST_BLOCK, dice.paths), dtype=np.float32)
        whole = np.empty_like(out) if self.moved else out
        for number, block in enumerate(window.blocks):
            begin = aligned(self.pattern, n, window, block)[n - 1 - back[number]]
            rows = drawn[: block.length]
            for day in range(block.length):
                np.take(own, begin + day, out=rows[day], mode="clip")
            if self.steady:
                rows += levels[number].astype(np.float32)
            else:
                rows *= levels[number]
            if last is not None:
                ended = np.flatnonzero(last < block.start + block.length)
                if len(ended):
                    days = np.arange(block.start, block.start + block.length)
                    rows[:, ended] *= days[:, None] < last[ended][None, :]
            if self.moved:
                whole[block.start : block.start + block.length] = rows
            else:
                out[block.start : block.start + block.length] += rows
        if self.moved:
            for holiday, later in self.moved:
                whole[later] += whole[holiday]
                whole[holiday] = 0
            out += whole


def _mean_off(past: Array, dice: Dice) -> Array:
    """Return by how many standard errors the mean is off in each path, shape (paths,): means of blocks drawn anew.

    The same blocks for all streams: where they moved together, their means are off together.
    """
    n = len(past)
    length = _mean_block(n)
    count = min(max(n // length, 1), REACH // 30)
    summed = np.concatenate(([0.0], np.cumsum(np.tile(past, 1 + -(-length // n))[: n + length])))
    means = (summed[length : n + length] - summed[:n]) / length
    spread = float(means.std()) / np.sqrt(count)
    if spread <= 0:
        return np.zeros(dice.paths)
    drawn: Array = means[n - 1 - dice.again(n)[:count]].mean(axis=0)
    off: Array = (drawn - float(past.mean())) / spread
    return off


def _mean_block(n: int) -> int:
    """How many days are one block where means of blocks are compared."""
    return 30 if n >= 180 else 7 if n >= 28 else 1


def aligned(pattern: Pattern, n: int, window: Window, block: Block) -> NDArray[np.int64]:
    """Return, for each of `n` days of the past, the day next to it on which a block may begin, shape (n,).

    That is one with the same weekday, or the same day of the month, as the block itself begins on.
    """
    starts = np.arange(n)
    begins = window.made_on + timedelta(days=block.start)
    if pattern is Pattern.WEEKDAY and n >= 14:
        first = window.made_on - timedelta(days=n)
        ahead = (begins.weekday() - first.weekday() - starts) % 7
        moved = starts + np.where(ahead > 3, ahead - 7, ahead)
        return np.where(moved < 0, moved + 7, np.where(moved >= n, moved - 7, moved))
    if pattern is Pattern.MONTHDAY and n >= 62:
        days = [(window.made_on - timedelta(days=n - at)).day for at in range(n)]
        wanted = np.flatnonzero(np.array(days) == min(begins.day, 28))
        if len(wanted):
            nearest: NDArray[np.int64] = wanted[np.abs(starts[:, None] - wanted[None, :]).argmin(axis=1)]
            return nearest
    return starts


def pattern_of(past: Array, window: Window) -> Pattern:
    """Say what the days on which something came have in common.

    Days of the week by Pearson's chi-squared test at one per cent, days of the month by Rayleigh's test of a circle
    (z above 4.6, also one per cent: N. I. Fisher, Statistical Analysis of Circular Data, 4.3).
    """
    n = len(past)
    came = np.flatnonzero(past != 0)
    if n < 28 or len(came) < 8:
        return Pattern.NONE
    first = window.made_on - timedelta(days=n)
    weekdays = np.bincount((first.weekday() + came) % 7, minlength=7)
    possible = np.bincount((first.weekday() + np.arange(n)) % 7, minlength=7) * (len(came) / n)
    if ((weekdays - possible) ** 2 / possible).sum() > 16.81:
        return Pattern.WEEKDAY
    angles = np.array([(first + timedelta(days=int(at))).day for at in came]) * (2 * np.pi / _MONTH)
    centre = np.hypot(np.cos(angles).mean(), np.sin(angles).mean())
    return Pattern.MONTHDAY if len(came) * centre**2 > 4.6 else Pattern.NONE


def standard_error(past: Array) -> float:
    """Return how unsure the mean of a day is, by the means of blocks of 30 days (7 where there are few)."""
    n = len(past)
    length = _mean_block(n)
    blocks = past[n % length :].reshape(-1, length).mean(axis=1)
    if len(blocks) < 2:
        return float(abs(past.mean()))
    # few blocks say little about their own spread: as wide as Student's t would have it
    few = 1 + 0.7 / (len(blocks) - 1)
    return float(blocks.std(ddof=1) / np.sqrt(len(blocks)) * few)


def irregular(
    key: str,
    daily: Array,
    window: Window,
    *,
    hazard: Hazard,
    steady: bool,
    level: Array | None = None,
    calendar: Calendar = WEEKDAYS,
) -> Irregular | None:
    """Fit what came per day, shape (n,), up to the day before the window; None where nothing ever came.

    `level` is what a method foretells per day for each block, where one was chosen; else the mean goes on. A day that
    is not known (NaN) counts as the mean.
    """
    if not len(daily) or not np.nan_to_num(daily).any():
        return None
    past = daily[-REACH:]
    known = ~np.isnan(past)
    if not known.any():
        return None
    past = np.where(known, past, past[known].mean())
    blocks = len(window.blocks)
    came = np.flatnonzero(past)
    pause = (len(past) - came[0]) / len(came) if len(came) else float(len(past))
    quiet = len(past) - 1 - came[-1] if len(came) else len(past)
    # a pause of an irregular payer is told from an end by how long its pauses are: each further one of the usual length
    # is as likely as exp(-1), were they exponential
    running = alive(hazard, float(np.exp(-1.0)), pause, quiet / pause - 1) if not steady else 1.0
    mean = float(past.mean())
    return Irregular(
        key=key,
        past=past,
        pattern=Pattern.NONE if steady else pattern_of(past, window),
        level=np.full(blocks, mean) if level is None else np.asarray(level, dtype=np.float64),
        mean=mean,
        sure=standard_error(past),
        steady=steady,
        hazard=hazard,
        alive=running,
        moved=() if steady else moved(past, window, calendar),
    )


def moved(past: Array, window: Window, calendar: Calendar) -> Sequence[tuple[int, int]]:
    """Return pairs of days of the window: a holiday, and the next working day, which gets what would come on it.

    Only where nothing ever came on a day that was no working day, and enough did come to say so.
    """
    came = np.flatnonzero(past)
    if not calendar.name or len(came) < _BOOKED:
        return ()
    first = window.made_on - timedelta(days=len(past))
    if not all(calendar.working(first + timedelta(days=int(at))) for at in came):
        return ()
    pairs: list[tuple[int, int]] = []
    for number, day in enumerate(window.dates):
        if day.weekday() < 5 and not calendar.working(day):
            later = next((at for at in range(number, window.days) if calendar.working(window.dates[at])), None)
            if later is not None:
                pairs.append((number, later))
    return pairs
