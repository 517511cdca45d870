"""What a stream, a group or everything earned per day, up to some day: the ground all statistics stand on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.api import IncomeSeries, Method, Series, StreamInfo

#: What a transaction brings is never taken for a rate of its own: such a stream counts as at least so old.
YOUNGEST: Final = 30
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Earning:
    """Earned per day of one stream from `first` to `last`, NaN where not known.

    `last` is earlier than the day asked for where the next payment is awaited: then the last day that is paid for, as
    in the daily rate. `unpriced` are the days on which something came in whose worth is not known.
    """

    stream: str
    first: date
    values: NDArray[np.float64]
    unpriced: Sequence[date] = ()

    @property
    def last(self) -> date:
        """The last day; the day before `first` where there is none."""
        return self.first + timedelta(days=len(self.values) - 1)

    def rate(self) -> float | None:
        """Return the mean of the last 30 days; None where none of them is known."""
        known = self.newest(YOUNGEST)
        known = known[np.isfinite(known)]
        return float(known.mean()) if len(known) else None

    def newest(self, length: int) -> NDArray[np.float64]:
        """Return the last `length` days, fewer where it is younger.

        None of them is known where all that came in is of unknown worth: the days on which nothing came are no zero.
        """
        days = self.values[-length:] if length else self.values[:0]
        since = self.last - timedelta(days=len(days) - 1)
        if any(day >= since for day in self.unpriced) and not np.any(days[np.isfinite(days)]):
            return np.full(len(days), np.nan)
        return days

    def whole(self, step: int, as_of: date) -> Earning:
        """Return it without the stretches of `step` days, the last of which ends on `as_of`, that lack something.

        Of a stretch in which something of unknown worth came, what is known is too little, and would look like less.
        """
        if not self.unpriced:
            return self
        values = self.values.copy()
        for day in self.unpriced:
            end = as_of - (as_of - day).days // step * timedelta(days=step)
            low = max((end - self.first).days + 1 - step, 0)
            values[low : max((end - self.first).days + 1, 0)] = np.nan
        return replace(self, values=values)


def earning(info: StreamInfo, income: IncomeSeries, as_of: date) -> Earning:
    """Return what a stream earned up to `as_of`; see Earning for where it ends.

    A stream made of transactions has zeros before its first day up to an age of 30 days.
    """
    series = income.earned
    count = min(max((as_of - series.first).days + 1, 0), len(series.values))
    values, first = series.values[:count], series.first
    unpriced: Sequence[date] = ()
    if info.method is Method.TRANSACTIONS and count:
        lacking = np.isnan(income.received.between(first, first + (count - 1) * _DAY))
        unpriced = [first + int(place) * _DAY for place in np.flatnonzero(lacking)]
        # what came in is no payment awaited, even if nobody knows what it is worth
        known = np.flatnonzero(np.isfinite(values) | lacking)
        values = values[: known[-1] + 1] if len(known) else values
        if (missing := YOUNGEST - len(values)) > 0:
            values = np.concatenate([np.zeros(missing), values])
            first -= missing * _DAY
    return Earning(stream=info.stream, first=first, values=values, unpriced=unpriced)


def came_in(info: StreamInfo, income: IncomeSeries) -> Series:
    """Return what a stream received per day; 1 where something came in whose worth is not known."""
    received = income.received
    if info.method is not Method.TRANSACTIONS:
        return received
    return Series(first=received.first, values=np.where(np.isnan(received.values), 1.0, received.values))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Window:
    """The days of a window that there are, NaN where not known, and the streams that a sum of it had to leave out."""

    days: NDArray[np.float64]
    left_out: Sequence[str] = ()


def stream_window(earned: Earning, length: int) -> Window:
    """Return the last `length` days of one stream, fewer where it is younger."""
    return Window(days=earned.newest(length))


def sum_window(parts: Sequence[Earning], length: int, as_of: date) -> Window:
    """Return the sum of streams over the last `length` days to `as_of`, fewer where all of them are younger.

    A stream earns 0 before its first day, and its daily rate on days whose payment is awaited. One of which fewer than
    half of the days are known is left out of the sum and named, else a sum would be unknown for as long as one source
    cannot be read; of the others only days count on which all are known.
    """
    parts = [part for part in parts if len(part.values)]
    if not parts:
        return Window(days=np.empty(0))
    length = min(length, (as_of - min(part.first for part in parts)).days + 1)
    rows = [_stretched(part, length, as_of) for part in parts]
    kept = [2 * int(np.isfinite(row).sum()) >= length for row in rows]
    left_out = tuple(part.stream for part, keep in zip(parts, kept, strict=True) if not keep)
    if not any(kept):
        return Window(days=np.full(length, np.nan), left_out=left_out)
    total = np.zeros(length)
    for row, keep in zip(rows, kept, strict=True):
        if keep:
            total = total + row
    return Window(days=total, left_out=left_out)


def _stretched(part: Earning, length: int, as_of: date) -> NDArray[np.float64]:
    """Return the last `length` days to `as_of` of a stream: 0 before it began, its daily rate after its last day."""
    days = np.zeros(length)
    after = (as_of - part.last).days
    if after >= length:
        days[:] = _level(part)
        return days
    values = part.newest(length - after)
    days[length - after - len(values) : length - after] = values
    days[length - after :] = _level(part)
    return days


def _level(part: Earning) -> float:
    rate = part.rate()
    return float("nan") if rate is None else rate
