"""The part of a stream that comes on due days: when and how much is nearly known; that it may end is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.holidays import Calendar
from flowd.analytics.projection.amounts import Amounts, amounts_of
from flowd.analytics.projection.beats import Rhythm, matched, rhythm
from flowd.analytics.projection.ending import Hazard, alive, ends
from flowd.analytics.projection.payments import Payments
from flowd.analytics.projection.subjects import Array, Paths
from flowd.analytics.projection.window import REACH, Dice, Window

#: How much less the level of amounts that are always the same wanders than that of others.
_FIXED_WANDERS: Final = 0.25
#: By how much of the standard error of a mean the level of other amounts is unsure: the methods follow it closely.
_LEVEL_STRAYS: Final = 0.5
#: How unsure the level of amounts that are always the same is after none of them, and how many settle it.
_NEW_STRAYS: Final = 0.15
_NEW: Final = 3.0
#: Payments that did not come although they were due, before anything was seen: so many of two, where amounts are always
#: the same and where they are not (even pauses may then have been chance).
_SKIPS: Final = {True: 0.05, False: 0.3}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Regular:
    """Receipts of one payer by their rhythm: see `draw`."""

    key: str
    rhythm: Rhythm
    amounts: Amounts
    offsets: NDArray[np.int64]
    skips: float
    hazard: Hazard
    alive: float
    due: NDArray[np.int64]
    months: NDArray[np.int64]
    count: int

    @property
    def per_day(self) -> float:
        """What a day brings, in the mean."""
        return float(self.amounts.levels.mean()) / self.rhythm.period * self.alive

    def draw(self, dice: Dice, name: str, out: Paths, *, wander: float, loss: bool) -> None:
        """Add its receipts to `out`, shape (days, paths).

        Each due payment comes some days off (as those of the past did), or not at all; its amount is the level, which
        wanders, times what one of the past was to the level of its time.
        """
        if not len(self.due) or self.alive <= 0:
            return
        draw = dice.thrower("regular", name, self.key)
        unit = _FIXED_WANDERS if self.amounts.fixed else 1.0
        if self.amounts.fixed:
            # what was the same three times may yet turn out to be the beginning of something else
            stray = _NEW_STRAYS * float(np.exp(-self.count / _NEW))
        else:
            stray = _LEVEL_STRAYS * self.amounts.stray / np.sqrt(max(min(self.count, 6), 1))
        level = np.exp(dice.wander(f"{name}/{self.key}", min(stray, 0.6), wander * unit))
        period = max(int(self.rhythm.period), 1)
        known = min(len(self.amounts.ratios), max(REACH // period, 1))
        back = dice.back(min(known * period, REACH))
        window, everyone = dice.window, np.arange(dice.paths)
        last = np.full(dice.paths, np.inf)
        if loss:
            last = ends(draw, self.hazard, dice.paths)
            last[draw.random(dice.paths) >= self.alive] = -np.inf
        block_of = np.repeat(np.arange(len(window.blocks)), [block.length for block in window.blocks])
        certain = len(set(self.offsets.tolist())) == 1
        for number, (due, month) in enumerate(zip(self.due.tolist(), self.months.tolist(), strict=True)):
            block = int(block_of[min(max(due, 0), window.days - 1)])
            wanted = len(self.amounts.ratios) - 1 - np.minimum(back[block] // period, known - 1)
            amount = self.amounts.sample(draw, wanted, month) * level[block] * np.float32(self.amounts.level(number))
            amount *= (draw.random(dice.paths) >= self.skips) & (max(due, 0) < last)
            if certain:
                day = due + int(self.offsets[0])
                day = max(day, 0) if number == 0 or due <= 0 else day
                if 0 <= day < window.days:
                    out[day] += amount
                continue
            days = due + self.offsets[draw.integers(0, len(self.offsets), dice.paths)]
            # what is overdue may come any day now
            days = np.where(days < 0, draw.integers(0, 4, dice.paths), days)
            inside = days < window.days
            out[days[inside], everyone[inside]] += amount[inside]


def regular(
    payments: Payments,
    window: Window,
    calendar: Calendar,
    *,
    hazard: Hazard,
    every: str | None,
    levels: Array | None,
    closely: bool = False,
) -> Regular | None:
    """Fit the rhythm of a payer as known before the window; None where there is none to believe."""
    found = rhythm(payments, calendar, every, closely=closely)
    if found is None:
        return None
    offsets, missed, after = matched(payments, found)
    dues = list(found.beat.due_days(after, window.last + timedelta(days=found.tolerance)))
    latest = window.made_on - timedelta(days=max(int(offsets.max()), 0) + max(3, round(found.period * 0.1)))
    overdue = sum(day < latest for day in dues)
    count = len(payments.days)
    amounts = amounts_of(payments.days, payments.amounts, levels)
    skips = (missed + _SKIPS[amounts.fixed]) / (missed + count + 2)
    coming = [day for day in dues if day >= latest]
    return Regular(
        key=payments.key,
        rhythm=found,
        amounts=amounts,
        offsets=offsets[-24:],
        skips=skips,
        hazard=hazard,
        alive=alive(hazard, skips, found.period, overdue),
        due=np.array([(day - window.made_on).days for day in coming], dtype=np.int64),
        months=np.array([day.month for day in coming], dtype=np.int64),
        count=count,
    )
