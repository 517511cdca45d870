"""Adds up amounts that are spread over days, at a cost that does not grow with the number of days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from flowd.api import Span
from flowd.domain.shares import EXACT, share

_DAY = timedelta(days=1)
_ZERO = Decimal(0)


class Spread:
    """A sum per day of amounts that each belong to a span of days, in units of `places` decimals."""

    def __init__(self, places: int) -> None:
        self._places = places
        # what a day has more than the day before, and what it has for itself alone
        self._steps: dict[date, Decimal] = {}
        self._alone: dict[date, Decimal] = {}

    def add(self, span: Span, amount: Decimal) -> None:
        """Spread `amount` over the days of `span`; the remainder falls on the last."""
        if span.first == span.last:
            self._alone[span.last] = EXACT.add(self._alone.get(span.last, _ZERO), amount)
            return
        each, last = share(amount, span.days, self._places)
        if each:
            self._step(span.first, each)
            self._step(span.last + _DAY, -each)
        rest = EXACT.subtract(last, each)
        self._alone[span.last] = EXACT.add(self._alone.get(span.last, _ZERO), rest)

    def _step(self, day: date, amount: Decimal) -> None:
        self._steps[day] = EXACT.add(self._steps.get(day, _ZERO), amount)

    def daily(self) -> Iterator[tuple[date, Decimal]]:
        """Yield, in order, each day from the first to the last that has something, with its sum (which may be zero)."""
        marks = sorted(self._steps.keys() | self._alone.keys())
        level = _ZERO
        for index, mark in enumerate(marks):
            level = EXACT.add(level, self._steps.get(mark, _ZERO))
            yield mark, EXACT.add(level, self._alone.get(mark, _ZERO))
            if level and index + 1 < len(marks):
                day = mark + _DAY
                while day < marks[index + 1]:
                    yield day, level
                    day += _DAY
