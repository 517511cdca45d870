"""The days on which regular money is due: every so many weeks or months, on a place in the week or month."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Protocol

from flowd.analytics.holidays import WEEKDAYS, Calendar

_DAY: Final = timedelta(days=1)
_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Step(StrEnum):
    """How often money comes."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    FOUR_WEEKLY = "every four weeks"
    TWICE_A_MONTH = "twice a month"
    MONTHLY = "monthly"
    TWO_MONTHLY = "every two months"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half-yearly"
    YEARLY = "yearly"

    @property
    def days(self) -> float:
        """The mean length of a period in days."""
        weeks = WEEKS.get(self)
        return weeks * 7 if weeks else MONTHS.get(self, 0.5) * 365.2425 / 12


WEEKS: Final = {Step.WEEKLY: 1, Step.FORTNIGHTLY: 2, Step.FOUR_WEEKLY: 4}
MONTHS: Final = {Step.MONTHLY: 1, Step.TWO_MONTHLY: 2, Step.QUARTERLY: 3, Step.HALF_YEARLY: 6, Step.YEARLY: 12}


class Shift(StrEnum):
    """Where a due day goes that is no working day."""

    NONE = "none"
    BEFORE = "before"
    AFTER = "after"
    NEAREST = "nearest"

    def moved(self, day: date, calendar: Calendar) -> date:
        """Return `day`, or the working day that stands in for it."""
        if self is Shift.NONE or calendar.working(day):
            return day
        before = after = day
        while not calendar.working(before):
            before -= _DAY
        while not calendar.working(after):
            after += _DAY
        if self is Shift.NEAREST:
            return before if day - before <= after - day else after
        return before if self is Shift.BEFORE else after


class Place(StrEnum):
    """What a day of the month is counted by."""

    DAY = "day"
    LAST = "last"
    WEEKDAY = "weekday"
    WORKING = "working"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A place in a month: its `n`th day, its last, the `n`th of a weekday or the `n`th working day.

    An `n` below 0 counts from the month's end.
    """

    place: Place
    n: int = 0
    weekday: int = 0
    shift: Shift = Shift.NONE

    def day(self, year: int, month: int, calendar: Calendar) -> date:
        """Return that day of a month; the 31st is the last day of a shorter one."""
        length = monthrange(year, month)[1]
        if self.place is Place.LAST:
            return self.shift.moved(date(year, month, length), calendar)
        if self.place is Place.DAY:
            return self.shift.moved(date(year, month, min(self.n, length)), calendar)
        if self.place is Place.WEEKDAY:
            if self.n < 0:
                last = date(year, month, length)
                return last - timedelta(days=(last.weekday() - self.weekday) % 7)
            first = date(year, month, 1)
            return first + timedelta(days=(self.weekday - first.weekday()) % 7 + 7 * (self.n - 1))
        day, step = (date(year, month, 1), _DAY) if self.n > 0 else (date(year, month, length), -_DAY)
        left = abs(self.n)
        while True:
            left -= calendar.working(day)
            if not left:
                return day
            day += step

    @property
    def words(self) -> str:
        """Say it in words."""
        if self.place is Place.WORKING:
            return f"the {_nth(self.n)} working day" if self.n > 0 else f"the {_last(-self.n)} working day"
        if self.place is Place.WEEKDAY:
            return f"the {_nth(self.n) if self.n > 0 else 'last'} {_NAMES[self.weekday]}"
        if self.place is Place.LAST and self.shift is Shift.BEFORE:
            return "the last working day"
        if self.place is Place.DAY and self.n == 1 and self.shift is Shift.AFTER:
            return "the first working day"
        moved = {Shift.NONE: "", Shift.NEAREST: ", or the nearest working day"}.get(
            self.shift, f", or the working day {self.shift} it"
        )
        return ("the last day" if self.place is Place.LAST else f"the {_nth(self.n)}") + moved


class Beat(Protocol):
    """Days that return: declared ones and detected ones."""

    def due_days(self, first: date, last: date) -> Iterator[date]:
        """Yield, in order, every due day from `first` to `last`, both included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weeks:
    """Every `count` weeks from `origin` on (and before it)."""

    count: int
    origin: date
    shift: Shift = Shift.NONE
    calendar: Calendar = WEEKDAYS

    def due_days(self, first: date, last: date) -> Iterator[date]:
        """Yield, in order, every due day from `first` to `last`, both included."""
        length = 7 * self.count
        begin = first - timedelta(days=length)
        day = begin + timedelta(days=(self.origin - begin).days % length)
        while day <= last + timedelta(days=length):
            due = self.shift.moved(day, self.calendar)
            if first <= due <= last:
                yield due
            day += timedelta(days=length)

    @property
    def words(self) -> str:
        """Say it in words."""
        return _NAMES[self.origin.weekday()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Months:
    """Every `count` months, those whose number (12 * year + month - 1) leaves `phase`, on one anchor or on several."""

    count: int
    anchors: tuple[Anchor, ...]
    phase: int = 0
    calendar: Calendar = WEEKDAYS

    def due_days(self, first: date, last: date) -> Iterator[date]:
        """Yield, in order, every due day from `first` to `last`, both included."""
        index = first.year * 12 + first.month - 2
        until = last.year * 12 + last.month
        while index <= until:
            if index % self.count == self.phase % self.count:
                for anchor in self.anchors:
                    due = anchor.day(index // 12, index % 12 + 1, self.calendar)
                    if first <= due <= last:
                        yield due
            index += 1

    @property
    def words(self) -> str:
        """Say it in words."""
        return " and ".join(anchor.words for anchor in self.anchors)


def _nth(n: int) -> str:
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def _last(n: int) -> str:
    return "last" if n == 1 else f"{_nth(n)} last"
