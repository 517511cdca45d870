"""Whole calendar months: what each brought, and the level that most of them reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from flowd.api import Series

_DAY = timedelta(days=1)
#: Of a month that counts, at least so many of its days are known.
KNOWN = 0.75


def month_ends(first: date, until: date) -> list[date]:
    """Return the last day of each calendar month from that of `first` on which ends by `until`."""
    ends = []
    day = first
    while (end := _next_month(day) - _DAY) <= until:
        ends.append(end)
        day = end + _DAY
    return ends


def month_sums(series: Series, since: date, until: date) -> tuple[list[date], NDArray[np.float64]]:
    """Return the whole months between two days, by their last day, and the sum of `series` over each.

    NaN where fewer than three quarters of the days of a month are known; the others count as the mean of those.
    """
    begin = since if since.day == 1 else _next_month(since)
    ends = month_ends(begin, until)
    sums = []
    for end in ends:
        days = series.between(end.replace(day=1), end)
        known = days[np.isfinite(days)]
        sums.append(float(known.mean()) * len(days) if len(known) >= KNOWN * len(days) else np.nan)
    return ends, np.array(sums, dtype=np.float64)


def reached(sums: NDArray[np.float64], share: float = 0.9) -> float | None:
    """Return the largest amount that at least `share` of the known months reached; None for fewer than three months.

    With 24 months and 0.9 that is the third smallest, with fewer than ten the smallest: a conservative quantile, the
    inverse of the empirical distribution function (R. J. Hyndman and Y. Fan, "Sample Quantiles in Statistical
    Packages", American Statistician 50 (1996), definition 1, from above).
    """
    known = np.sort(sums[np.isfinite(sums)])
    if len(known) < 3:
        return None
    # the tolerance keeps 0.1 * 10 from being a little less than one
    return float(known[int((1 - share) * len(known) + 1e-9)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The income of a month that one can count on; `amount` is None where `reason` says why. `months` it rests on."""

    amount: float | None
    months: int
    reason: str = ""
    left_out: Sequence[str] = ()


def floor_of(sums: NDArray[np.float64]) -> Floor:
    """Return the floor over months: what nine of ten of them reached, never below zero."""
    count = int(np.isfinite(sums).sum())
    amount = reached(sums)
    if amount is None:
        had = "no whole month" if not count else f"{count} whole month{'s' if count > 1 else ''}"
        return Floor(amount=None, months=count, reason=f"{had} known so far: 3 are needed")
    return Floor(amount=max(amount, 0.0), months=count)


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
