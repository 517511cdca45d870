"""Days in a line of a statement: every notation banks use, with or without the year."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

from flowd.importers.delimited.months import MONTHS, fold


class Order(Enum):
    """Which number of 03/04 is the day."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day as a line states it, from character `start` to `end`; `year` is None where the line leaves it open.

    `either` says that day and month could be meant the other way round.
    """

    start: int
    end: int
    day: int
    month: int
    year: int | None
    either: bool = False

    def full(self, year: int) -> date | None:
        """Return the day in its own year, else in `year`; None where there is no such day."""
        try:
            return date(self.year or year, self.month, self.day)
        except ValueError:
            return None


# Names are longer than two letters, and stand alone or between a day and a year.
_NAME: Final = r"[A-Za-zÀ-ž]{3,11}"
_NUMERIC: Final = re.compile(
    r"(?<![\d.,/:'-])(?:"
    r"(?P<iy>(?:19|20)\d\d)(?P<is>[-/.])(?P<im>\d{1,2})(?P=is)(?P<id>\d{1,2})(?![\d/-]|[.,]\d)"
    r"|(?P<a>\d{1,2})(?P<s>[./-])(?P<b>\d{1,2})(?P=s)(?P<y>(?:19|20)\d\d|\d\d)(?![\d/]|[.,:-]\d)"
    r"|(?P<sa>\d{2}|\d(?=\.))(?P<ss>[./-])(?P<sb>\d{2}|\d(?=\.))(?P<dot>\.?)(?![\d/'%]|[.,:-]\d|-[A-Za-z])"
    # Without zeros only where a column begins: "2/1" may be a page or a house.
    r"|(?:^|(?<=  ))(?P<ua>\d{1,2})/(?P<ub>\d{1,2})(?=\s)"
    r")"
)
_NAMED: Final = re.compile(
    r"(?<![\d.,/:'-])(?:"
    rf"(?P<d>\d{{1,2}})(?:\.|st|nd|rd|th)?[ -]?(?P<m>{_NAME})\.?,?"
    r"(?:[ -]?(?P<y>(?:19|20)\d\d)(?!\d)|(?:-|(?<=[A-Za-z]))(?P<yy>\d\d)(?!\d))?"
    rf"|(?<![A-Za-zÀ-ž])(?P<m2>{_NAME})\.? ?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?![\d.:/])"
    r"(?:,? ?(?P<y2>(?:19|20)\d\d)(?!\d))?"
    r")"
)


_MAYBE_NAMED: Final = re.compile(r"\d[-. ]{0,2}[A-Za-zÀ-ž]{3}|[A-Za-zÀ-ž]{3}\.? ?\d")


def find_days(text: str, order: Order, *, bare: bool = True) -> list[Day]:
    """Return the days stated in `text`, from left to right.

    A `bare` 16.12 without another dot is a day, unless the document writes sums with a decimal point.

    >>> [(d.day, d.month, d.year) for d in find_days("02.01. 03.01.24 4 Mar 2024 x", Order.DAY_FIRST)]
    [(2, 1, None), (3, 1, 2024), (4, 3, 2024)]
    """
    found = [day for match in _NUMERIC.finditer(text) if (day := _numeric(match, order, bare)) is not None]
    if _MAYBE_NAMED.search(text):
        taken = [(day.start, day.end) for day in found]
        at = 0
        while (named := _NAMED.search(text, at)) is not None:
            day = _named(named)
            if day is not None and all(day.end <= start or day.start >= end for start, end in taken):
                found.append(day)
            # A word that is no month may stand right before one: "DATUM 01 Nov. 2025".
            at = named.end() if day is not None else max(named.start("d"), named.start("d2"), named.start() + 1)
        found.sort(key=lambda day: day.start)
    return found


def _numeric(match: re.Match[str], order: Order, bare: bool) -> Day | None:
    year: int | None
    if match["iy"]:
        separator = match["is"]
        year, month, day = int(match["iy"]), int(match["im"]), int(match["id"])
    else:
        short = match["y"] is None
        kind = "s" if match["sa"] is not None else "u" if match["ua"] is not None else ""
        first, second = int(match[kind + "a"]), int(match[kind + "b"])
        separator = match["ss"] or match["s"] or "/"
        if short and separator == "." and not match["dot"] and not bare:
            return None
        day, month = (second, first) if order is Order.MONTH_FIRST and separator != "." else (first, second)
        if month > 12 and separator != ".":
            day, month = month, day
        year = None if short else _century(match["y"])
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    either = not match["iy"] and separator != "." and day <= 12
    return Day(start=match.start(), end=match.end(), day=day, month=month, year=year, either=either)


def _named(match: re.Match[str]) -> Day | None:
    name = match["m"] or match["m2"]
    month = MONTHS.get(fold(name))
    day = int(match["d"] or match["d2"])
    if month is None or not 1 <= day <= 31:
        return None
    year = match["y"] or match["y2"]
    return Day(
        start=match.start(),
        end=match.end(),
        day=day,
        month=month,
        year=int(year) if year else _century(match["yy"]) if match["yy"] else None,
    )


def _century(text: str) -> int:
    number = int(text)
    return number if number > 99 else 2000 + number if number < 80 else 1900 + number


_SLASHED: Final = re.compile(r"(?<![\d/.-])(\d{1,2})[/-](\d{1,2})(?:[/-](?:\d{4}|\d{2}))?(?![\d/-])")


def decide_order(texts: Iterable[str], american: bool) -> tuple[Order, str]:
    """Return whether 03/04 is day first, by every number that can only be a day; and what decided it, if anything."""
    first = second = seen = 0
    for text in texts:
        for match in _SLASHED.finditer(text):
            a, b = int(match[1]), int(match[2])
            seen += 1
            first += 12 < a <= 31 and 1 <= b <= 12
            second += 12 < b <= 31 and 1 <= a <= 12
    if second > first:
        return Order.MONTH_FIRST, "a second number beyond 12"
    if first:
        return Order.DAY_FIRST, "a first number beyond 12"
    if seen and american:
        return Order.MONTH_FIRST, ""
    return Order.DAY_FIRST, "" if seen else "no number is open"


def nearest_year(day: Day, end: date, start: date | None = None) -> date | None:
    """Return the day in the year in which it lies within the statement, or else last before its end.

    A value day may lie some days behind the statement's end.
    """
    if day.year is not None:
        return day.full(day.year)
    candidates = [found for year in (end.year + 1, end.year, end.year - 1) if (found := day.full(year)) is not None]
    if not candidates:
        return None
    if start is not None:
        for found in candidates:
            if start <= found <= end:
                return found
    return min(candidates, key=lambda found: _distance(found, end))


def _distance(found: date, end: date) -> int:
    days = (end - found).days
    return days if days >= 0 else -days if days >= -31 else 1000 - days


def far_apart(first: Day, second: Day) -> bool:
    """Return whether two days at the beginning are a period: booking and value day are weeks apart at most."""
    if first.year is None or second.year is None:
        return False
    return abs((second.year - first.year) * 372 + (second.month - first.month) * 31 + second.day - first.day) > 62


def is_later(day: Day, other: Day) -> bool:
    """Return whether `day` lies behind `other` in the same year."""
    return day.year == other.year and (day.month, day.day) > (other.month, other.day)
