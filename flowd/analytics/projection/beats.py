"""The rhythm of a payer: the days on which money is due, found in the days on which it came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.cadence import Cadence, detect
from flowd.analytics.expected.anchors import Anchor, Months, Place, Weeks
from flowd.analytics.expected.rhythm import rhythm as learn
from flowd.analytics.holidays import Calendar
from flowd.analytics.projection.payments import Payments
from flowd.domain.periods import parse_period

_MONTH: Final = 365.2425 / 12


class Beat(Protocol):
    """Days that return."""

    def due_days(self, first: date, last: date) -> Iterator[date]:
        """Yield, in order, every due day from `first` to `last`, both included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """A beat with its name and the mean days between its due days; `declared` by the user or found."""

    name: str
    period: float
    beat: Beat
    declared: bool = False

    @property
    def tolerance(self) -> int:
        """How many days a payment may be away from its due day and still be that payment."""
        return max(2, round(min(self.period * 0.35, 15)))


def rhythm(payments: Payments, calendar: Calendar, every: str | None = None, *, closely: bool = False) -> Rhythm | None:
    """Return the rhythm of a payer's receipts, None where there is none to believe; `every` is a declared one.

    `closely` tries all ways to count working days and weekdays, as what is expected does.
    """
    if every is not None and len(payments.days):
        period = parse_period(every)
        middle = payments.days[-1]
        dues = list(period.due_days(middle - timedelta(days=800), middle + timedelta(days=800)))
        return Rhythm(name=every, period=1600 / max(len(dues), 1), beat=period, declared=True)
    cadence = detect(payments.days)
    if cadence is None:
        return None
    if closely and (learnt := learn([(day, Decimal(1)) for day in payments.days], calendar)) is not None:
        return Rhythm(name=learnt.words, period=learnt.days, beat=learnt.beat)
    if cadence.days:
        weekdays = np.bincount([day.weekday() for day in payments.days], minlength=7)
        last = payments.days[-1]
        origin = last + timedelta(days=(int(weekdays.argmax()) - last.weekday() + 3) % 7 - 3)
        return Rhythm(
            name=cadence.name,
            period=cadence.days,
            beat=Weeks(count=cadence.days // 7, origin=origin, calendar=calendar),
        )
    return Rhythm(name=cadence.name, period=cadence.months * _MONTH, beat=_months(payments, cadence, calendar))


def _months(payments: Payments, cadence: Cadence, calendar: Calendar) -> Months:
    days = payments.days[-24:]
    at_end = sum((day + timedelta(days=1)).day == 1 for day in days)
    if at_end > len(days) / 2:
        anchor = Anchor(place=Place.LAST)
    else:
        # the circular mean: the 1st and the 31st are neighbours
        angles = np.array([day.day for day in days]) * (2 * np.pi / _MONTH)
        mean = np.arctan2(np.sin(angles).mean(), np.cos(angles).mean()) * _MONTH / (2 * np.pi)
        anchor = Anchor(place=Place.DAY, n=int(np.clip(round(mean % _MONTH), 1, 31)))
    last = payments.days[-1]
    phase = (last.year * 12 + last.month - 1) % cadence.months
    return Months(count=cadence.months, anchors=(anchor,), phase=phase, calendar=calendar)


def matched(payments: Payments, found: Rhythm) -> tuple[NDArray[np.int64], int, date]:
    """Match receipts with due days: their offsets in days, how many due days got none, and the first due day to come.

    The latter is the first one after that of the last receipt; due days before the first receipt do not count.
    """
    tolerance = timedelta(days=found.tolerance)
    dues = list(found.beat.due_days(payments.days[0] - tolerance, payments.days[-1] + tolerance))
    if not dues:
        return np.zeros(1, np.int64), 0, payments.days[-1] + timedelta(days=1)
    numbers = np.array([due.toordinal() for due in dues])
    came = np.array([day.toordinal() for day in payments.days])
    nearest = np.abs(came[:, None] - numbers[None, :]).argmin(axis=1)
    offsets = came - numbers[nearest]
    fitting = np.abs(offsets) <= found.tolerance
    missed = int(nearest[-1] - nearest[0] + 1 - len(set(nearest.tolist())))
    return (
        offsets[fitting] if fitting.any() else np.zeros(1, np.int64),
        missed,
        dues[int(nearest[-1])] + timedelta(days=1),
    )
