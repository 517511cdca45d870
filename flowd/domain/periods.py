"""Periods in plain words ("month on 25", "week on fri"): when money is due, and which days it pays for."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

UNDERSTOOD: Final = (
    "day · week on fri · 2 weeks on fri from 2026-01-02 · every 14 days from 2026-01-02 · month on 25 · "
    "month on L (last day) · month on 15W (nearest working day) · month on LW · 2 months on 1 from 2026-01-01 · "
    "quarter on 1 · quarter on L · year on 03-31"
)

_DAY: Final = timedelta(days=1)
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONDAY: Final = date(1970, 1, 5)
_UNITS: Final = {
    "day": "day", "days": "day", "daily": "day",
    "week": "week", "weeks": "week", "weekly": "week",
    "month": "month", "months": "month", "monthly": "month",
    "quarter": "quarter", "quarters": "quarter", "quarterly": "quarter",
    "year": "year", "years": "year", "yearly": "year", "annually": "year",
}  # fmt: skip
_MONTH_DAY: Final = re.compile(r"(\d{1,2})-(\d{1,2})")
_NTH: Final = re.compile(r"(\d{1,2}|l)(w?)")


class Unit(StrEnum):
    """What a period is counted in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Span:
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A repeating stretch of days that tiles the time line, each with exactly one due day in it.

    A week runs from Monday to Sunday, a month, quarter or year as in the calendar; several of them, or a number of
    days, are counted from `anchor`. `on` is the due day's place: a weekday (0 is Monday), a day of the (first) month,
    or None for the last day; of a year also `month`. `working` moves it to the nearest Monday to Friday within.
    """

    text: str
    unit: Unit
    count: int
    anchor: date
    on: int | None
    month: int | None = None
    working: bool = False

    def span(self, day: date) -> Span:
        """Return the period that `day` belongs to."""
        if self.unit in {Unit.DAY, Unit.WEEK}:
            length = self.count * (7 if self.unit is Unit.WEEK else 1)
            first = day - timedelta(days=(day - self.anchor).days % length)
            return Span(first=first, last=first + timedelta(days=length - 1))
        length = self.count * {Unit.MONTH: 1, Unit.QUARTER: 3}.get(self.unit, 12)
        index = _month_index(day)
        start = index - (index - _month_index(self.anchor)) % length
        return Span(first=_month_first(start), last=_month_first(start + length) - _DAY)

    def due(self, span: Span) -> date:
        """Return the day on which the period `span` is paid."""
        if self.on is None:
            day = span.last
        elif self.unit is Unit.DAY:
            day = span.first
        elif self.unit is Unit.WEEK:
            day = span.first + timedelta(days=self.on)
        else:
            year, month = span.first.year, self.month or span.first.month
            day = date(year, month, min(self.on, monthrange(year, month)[1]))
        return _nearest_working(day, span) if self.working else day

    def spans(self, first: date, last: date) -> Iterator[Span]:
        """Yield, in order, every period that has a day from `first` to `last`, both included."""
        day = first
        while day <= last:
            span = self.span(day)
            yield span
            day = span.last + _DAY

    def due_days(self, first: date, last: date) -> Iterator[date]:
        """Yield, in order, every due day from `first` to `last`, both included."""
        for span in self.spans(first, last):
            day = self.due(span)
            if first <= day <= last:
                yield day

    def paid_by(self, day: date) -> Span:
        """Return the period that money received on `day` pays for: the one due nearest to it, else the earlier."""
        here = self.span(day)
        near = (self.span(here.first - _DAY), here, self.span(here.last + _DAY))
        return min(near, key=lambda span: (abs((self.due(span) - day).days), span.first))


def parse_period(text: str) -> Period:
    """Read a period written in words; ValueError names the place that was not understood and lists what is."""
    words = [(match.group().lower(), match.start() + 1) for match in re.finditer(r"\S+", text)]
    if words and words[0][0] == "every":
        del words[0]
    count = 1
    if words and words[0][0].isdecimal():
        count = int(words[0][0])
        if not 1 <= count <= 3660:
            raise _refuse(text, words[0], "the count must be 1 to 3660")
        del words[0]
    if not words:
        raise _refuse(text, None, "a unit (day, week, month, quarter or year) is missing")
    if words[0][0] not in _UNITS:
        raise _refuse(text, words[0], "this is not a unit (day, week, month, quarter or year)")
    unit = Unit(_UNITS[words.pop(0)[0]])
    on, since = _take(text, words, "on"), _take(text, words, "from")
    if words:
        raise _refuse(text, words[0], "this does not belong here")
    if count > 1 and since is None:
        raise _refuse(text, None, f"{count} {unit}s need a day to count from, such as 'from 2026-01-02'")
    anchor = _anchor(text, unit, since)
    if unit is Unit.DAY:
        if on is not None:
            raise _refuse(text, on, "days have no 'on': say the first day with 'from'")
        return Period(text=text, unit=unit, count=count, anchor=anchor, on=1)
    if on is None:
        example = {Unit.WEEK: "on fri", Unit.YEAR: "on 03-31"}.get(unit, "on 25")
        raise _refuse(text, None, f"the due day is missing, such as '{example}'")
    place, month, working = _place(text, unit, on)
    return Period(text=text, unit=unit, count=count, anchor=anchor, on=place, month=month, working=working)


def _take(text: str, words: list[tuple[str, int]], name: str) -> tuple[str, int] | None:
    if not words or words[0][0] != name:
        return None
    head = words.pop(0)
    if not words:
        raise _refuse(text, head, f"nothing follows '{name}'")
    return words.pop(0)


def _anchor(text: str, unit: Unit, since: tuple[str, int] | None) -> date:
    if since is None:
        return _MONDAY if unit is Unit.WEEK else date(1970, 1, 1)
    try:
        day = date.fromisoformat(since[0])
    except ValueError:
        raise _refuse(text, since, "this is not a day such as 2026-01-02") from None
    if not 1900 <= day.year <= 2200:
        raise _refuse(text, since, "years 1900 to 2200 are understood")
    if unit is Unit.WEEK:
        return day - timedelta(days=day.weekday())
    return day


def _place(text: str, unit: Unit, word: tuple[str, int]) -> tuple[int | None, int | None, bool]:
    """Return (day or None for the last, month of a year or None, nearest working day)."""
    if unit is Unit.WEEK:
        for number, name in enumerate(_WEEKDAYS):
            if len(word[0]) >= 3 and name.startswith(word[0]):
                return number, None, False
        raise _refuse(text, word, "this is not a day of the week such as fri")
    if unit is Unit.YEAR and (match := _MONTH_DAY.fullmatch(word[0])):
        month, day = int(match[1]), int(match[2])
        if 1 <= month <= 12 and 1 <= day <= monthrange(2024, month)[1]:
            return day, month, False
        raise _refuse(text, word, "there is no such month and day")
    if (match := _NTH.fullmatch(word[0])) and (match[1] == "l" or (unit is not Unit.YEAR and 1 <= int(match[1]) <= 31)):
        return (None if match[1] == "l" else int(match[1])), None, bool(match[2])
    expected = (
        "MM-DD such as 03-31, or L" if unit is Unit.YEAR else "1 to 31 or L (the last day), with W for working days"
    )
    raise _refuse(text, word, f"the due day of a {unit} is {expected}")


def _refuse(text: str, word: tuple[str, int] | None, why: str) -> ValueError:
    place = f" at character {word[1]} ({word[0]!r})" if word else ""
    return ValueError(f"period {text!r}{place}: {why}. Understood are: {UNDERSTOOD}")


def _nearest_working(day: date, span: Span) -> date:
    if day.weekday() < 5:
        return day
    before, after = day - timedelta(days=day.weekday() - 4), day + timedelta(days=7 - day.weekday())
    first, second = (before, after) if day.weekday() == 5 else (after, before)
    return first if first in span else second


def _month_index(day: date) -> int:
    return day.year * 12 + day.month - 1


def _month_first(index: int) -> date:
    return date(index // 12, index % 12 + 1, 1)
