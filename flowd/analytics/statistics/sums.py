"""Groups and everything: the same questions asked of sums of streams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.statistics.coming import coming
from flowd.analytics.statistics.earning import Window, came_in, sum_window
from flowd.analytics.statistics.health import Health, Signs, health, together
from flowd.analytics.statistics.months import Floor, floor_of, month_sums
from flowd.analytics.statistics.parts import FLOOR_MONTHS, Part
from flowd.analytics.statistics.trend import MONTHS, QUARTERS, WEEKS, Step, Trend, trend
from flowd.api import History, Series
from flowd.domain.time import day_start

#: A stream from this share on decides how long the stretches of a trend are, and since when a floor is looked for.
WEIGHTY: Final = 0.1
#: Days over which shares are formed.
SHARES: Final = 90
_YEAR: Final = 400


def earned_sums(parts: Sequence[Part], as_of: date) -> dict[str, float]:
    """Return what each stream earned over the 90 days to `as_of`; unknown days count as the mean of the known ones.

    Streams of which no day is known are left out: nobody knows their share.
    """
    sums = {}
    for one in parts:
        days = sum_window([one.earned], SHARES, as_of).days
        known = days[np.isfinite(days)]
        if len(known):
            sums[one.info.stream] = float(known.mean()) * len(days)
    return sums


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sum:
    """Several streams as one, as of a day."""

    parts: Sequence[Part]
    as_of: date
    trend: Trend
    health: Health

    def window(self, length: int) -> Window:
        """Return the last `length` days."""
        return sum_window([one.earned for one in self.parts], length, self.as_of)

    def months(self, count: int) -> tuple[list[date], NDArray[np.float64]]:
        """Return the last `count` (at most twelve) whole months, and what each brought."""
        days = self.window(_YEAR).days
        first = self.as_of - timedelta(days=len(days) - 1)
        # days before the first receipt are none of a stream's, whatever its daily rate is made of
        began = max(first, min((one.income.earned.first for one in self.parts), default=first))
        ends, sums = month_sums(Series(first=first, values=days), began, self.as_of)
        return ends[-count:], sums[-count:]


def sum_of(history: History, parts: Sequence[Part], shares: Mapping[str, float], as_of: date) -> Sum:
    """Return `parts` as one; `shares` are those of each stream within whatever they are a share of."""
    step = _step(parts, shares)
    window = sum_window([one.earned.whole(step.days, as_of) for one in parts], step.reach, as_of)
    moving = trend(window.days, step, history.currency)
    if window.left_out:
        without = f"{moving.reason} (without {', '.join(window.left_out)}, not known for half of the time)"
        moving = Trend(
            direction=moving.direction,
            reason=without,
            slope=moving.slope,
            slope_pct=moving.slope_pct,
            p=moving.p,
            n=moving.n,
        )
    signs = Signs(
        as_of=as_of,
        now=day_start(as_of + timedelta(days=1), history.zone),
        currency=history.currency,
        days=window.days,
        step=step,
        trend=moving,
        coming=coming(_received(parts, as_of), as_of),
    )
    own = health(signs)
    return Sum(parts=parts, as_of=as_of, trend=moving, health=together([one.health for one in parts], own))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Months:
    """Whole months by their last day, and what some streams brought in each; those that proved nothing are left out."""

    ends: Sequence[date]
    sums: NDArray[np.float64]
    left_out: Sequence[str]


def proven_months(parts: Sequence[Part], shares: Mapping[str, float], as_of: date, count: int) -> Months:
    """Return at most `count` whole months of the streams that still bring something.

    Streams that are stalled or stale, or were there for fewer than three whole months, prove nothing and are left out.
    Months count since the youngest of the others began that brings a tenth of them or more.
    """
    limit = _months_back(as_of, count)
    proven: list[tuple[str, dict[date, float]]] = []
    left_out = []
    for one in parts:
        ends, sums = one.months(limit, as_of)
        if one.alive and int(np.isfinite(sums).sum()) >= 3:
            proven.append((one.info.stream, dict(zip(ends, sums, strict=True))))
        else:
            left_out.append(one.info.stream)
    whole = sum(shares.get(name, 0.0) for name, _ in proven)
    weighty = [months for name, months in proven if shares.get(name, 0.0) >= max(WEIGHTY * whole, 1e-12)]
    since = max((min(months) for months in weighty or [months for _, months in proven]), default=as_of)
    every = sorted({end for _, months in proven for end in months if end >= since})[-count:]
    # a stream that is not weighty brought nothing before it began
    sums = np.array([sum(months.get(end, 0.0) for _, months in proven) for end in every], dtype=np.float64)
    return Months(ends=every, sums=sums, left_out=tuple(left_out))


def floor(parts: Sequence[Part], shares: Mapping[str, float], as_of: date) -> Floor:
    """Return the income of a month that nine of ten past months reached, of at most 24; see proven_months."""
    months = proven_months(parts, shares, as_of, FLOOR_MONTHS)
    if not months.ends:
        reason = "no stream that still brings something was there for 3 whole months"
        return Floor(amount=None, months=0, reason=reason, left_out=months.left_out)
    found = floor_of(months.sums)
    return Floor(amount=found.amount, months=found.months, reason=found.reason, left_out=months.left_out)


def _months_back(as_of: date, count: int) -> date:
    index = as_of.year * 12 + as_of.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)


def _step(parts: Sequence[Part], shares: Mapping[str, float]) -> Step:
    """Return the longest stretches that a weighty stream needs."""
    whole = sum(shares.get(one.info.stream, 0.0) for one in parts)
    needed = [one.step for one in parts if whole and shares.get(one.info.stream, 0.0) >= WEIGHTY * whole]
    return max(needed, key=(WEEKS, MONTHS, QUARTERS).index, default=WEEKS)


def _received(parts: Sequence[Part], as_of: date) -> Series:
    """Return what all of them received per day: above zero also where its worth is not known."""
    first = min((one.income.received.first for one in parts), default=as_of)
    total = np.zeros(max((as_of - first).days + 1, 0))
    for one in parts:
        days = came_in(one.info, one.income).between(first, as_of)
        total += np.where(np.isfinite(days), days, 0.0)
    return Series(first=first, values=total)
