"""Dates of six and of four digits, the bookkeepers' 30th of February among them."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Final

from flowd.api import FileRefused
from flowd.importers.stated import Notes

_REMEMBERED: Final = 20_000


class Days:
    """Reads dates; remembers them, because a statement has few and states each of them often."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._known: dict[str, date] = {}
        self._near: dict[tuple[date, str], date] = {}

    def full(self, text: str, line: int) -> date:
        """Read YYMMDD; years from 80 on are of the last century."""
        known = self._known.get(text)
        if known is not None:
            return known
        year = int(text[:2])
        day, exact = self._make(year + (1900 if year >= 80 else 2000), int(text[2:4]), int(text[4:6]), text, line)
        if exact and len(self._known) < _REMEMBERED:
            self._known[text] = day
        return day

    def near(self, text: str, to: date, line: int) -> date:
        """Read MMDD as the day nearest to `to`: around New Year it lies in the year before or after."""
        known = self._near.get((to, text))
        if known is not None:
            return known
        month, number = int(text[:2]), int(text[2:4])
        year = to.year
        if month - to.month > 6:
            year -= 1
        elif to.month - month > 6:
            year += 1
        if (month, number) == (2, 29) and not calendar.isleap(year):
            year = min((y for y in (year - 1, year + 1) if calendar.isleap(y)), default=year)
        day, exact = self._make(year, month, number, text, line)
        if exact and len(self._near) < _REMEMBERED:
            self._near[to, text] = day
        return day

    def _make(self, year: int, month: int, number: int, text: str, line: int) -> tuple[date, bool]:
        try:
            return date(year, month, number), True
        except ValueError:
            if not (1 <= month <= 12 and 29 <= number <= 31):
                raise FileRefused(f"line {line}: there is no day {text!r}") from None
        last = calendar.monthrange(year, month)[1]
        self._notes.add(
            f"line {line}: {text!r} is no day of the calendar, though bookkeepers write it: the month's last is taken"
        )
        return date(year, month, last), False
