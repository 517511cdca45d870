"""Dates as QIF files write them: their order is decided by all dates of a file."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Final

from flowd.importers.delimited.months import MONTHS, fold

_SIGN: Final = r"\s?[-/.' ,]\s?"
_WORD: Final = r"[^\W\d_]{3,10}\.?"
_PARTS: Final = re.compile(
    rf"(\d{{1,4}}|{_WORD}){_SIGN}(\d{{1,2}}|{_WORD}){_SIGN}'?(\d{{1,4}})(?:[T ]+\d\d?:.{{1,20}})?"
).fullmatch
_TIGHT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII).fullmatch
#: So many dates, in the order of the file, tell which order of day and month leaves them sorted.
_KEPT: Final = 20_000
_KNOWN: Final = 1 << 15
#: Two digits below this are of this century.
_TURN: Final = 70


class Order(StrEnum):
    """Which number of a date comes first."""

    MONTH = "month first"
    DAY = "day first"
    YEAR = "year first"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFound:
    """The order of a file's dates (None where they contradict each other), how sure, and why in words."""

    order: Order | None
    sure: float
    why: str


Parts = tuple[int, int, int]


def _take_apart(text: str) -> date | Parts | None:
    """Return the date that `text` is whatever the order, or its three numbers; None for no date."""
    tight = _TIGHT(text)
    if tight is not None:
        return _made(int(tight[1]), int(tight[2]), int(tight[3]))
    found = _PARTS(text)
    if found is None:
        return None
    first, second, third = found[1], found[2], int(found[3])
    if not first.isdigit():
        month = MONTHS.get(fold(first.rstrip(".")))
        return None if month is None or not second.isdigit() else _made(third, month, int(second))
    if not second.isdigit():
        month = MONTHS.get(fold(second.rstrip(".")))
        return None if month is None else _made(third, month, int(first))
    if len(first) > 2:
        return _made(int(first), int(second), third)
    return int(first), int(second), third


def _made(year: int, month: int, day: int) -> date | None:
    if year < 100:
        year += 2000 if year < _TURN else 1900
    elif year < 200:
        # Programs of before 2000 counted on: 100 came after 99.
        year += 1900
    try:
        return date(year, month, day) if 1900 < year < 2200 else None
    except ValueError:
        return None


def _in_order(parts: Parts, order: Order) -> date | None:
    one, two, three = parts
    if order is Order.MONTH:
        return _made(three, one, two)
    if order is Order.DAY:
        return _made(three, two, one)
    return _made(one, two, three)


def _plausible(parts: Parts, order: Order) -> bool:
    """Say whether month and day are some month's and day's; a 30th of February is the reader's to name."""
    one, two, three = parts
    month, day = {Order.MONTH: (one, two), Order.DAY: (two, one), Order.YEAR: (two, three)}[order]
    return 1 <= month <= 12 and 1 <= day <= 31


class DateVotes:
    """Gathers what each date of a file says of their order."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._parts = array("h")
        self._possible = dict.fromkeys(Order, True)
        self._example = dict.fromkeys(Order, "")
        self._dotted = False
        self._any = False

    def add(self, text: str) -> None:
        """Count what `text` says; anything that is no date is left out: the reader will name its line."""
        if text in self._seen and len(self._parts) >= 3 * _KEPT:
            return
        parts = _take_apart(text.strip()) if len(text) < 64 else None
        if not isinstance(parts, tuple):
            return
        self._any = True
        if len(self._parts) < 3 * _KEPT:
            self._parts.extend(part if part < 30_000 else 0 for part in parts)
        if text in self._seen:
            return
        if len(self._seen) < _KNOWN:
            self._seen.add(text)
        self._dotted = self._dotted or "." in text
        for order in Order:
            if self._possible[order] and not _plausible(parts, order):
                self._possible[order] = False
                self._example[order] = text.strip()

    def decide(self, asset: str | None, *, comma: bool, today: date | None = None) -> OrderFound:
        """Return the order all dates agree on; where two do, the likelier one by their sequence or by habit."""
        if not self._any:
            return OrderFound(order=Order.MONTH, sure=1.0, why="")
        left = [order for order in (Order.MONTH, Order.DAY) if self._possible[order]]
        if not left:
            if self._possible[Order.YEAR]:
                return OrderFound(order=Order.YEAR, sure=1.0, why="dates year first")
            examples = " and ".join(repr(self._example[order]) for order in (Order.MONTH, Order.DAY))
            return OrderFound(order=None, sure=0.0, why=f"dates that contradict each other: {examples}")
        if len(left) == 1:
            other = Order.DAY if left[0] is Order.MONTH else Order.MONTH
            return OrderFound(order=left[0], sure=1.0, why=f"dates {left[0]}, as in {self._example[other]!r}")
        ordered = sorted((*self._disorder(order), order) for order in left)
        (best, near, first), (second, far, _) = ordered
        if best + 0.1 < second:
            return OrderFound(order=first, sure=0.9, why=f"dates {first}, because the records are then in order")
        if near * 5 < far:
            return OrderFound(order=first, sure=0.8, why=f"dates {first}, because they then lie close together")
        if self._dotted or comma:
            return OrderFound(order=Order.DAY, sure=0.8, why="dates day first, as is usual where they are written so")
        past = [order for order in left if today is None or self._latest(order) <= today]
        if len(past) == 1:
            return OrderFound(order=past[0], sure=0.7, why=f"dates {past[0]}, because none is then yet to come")
        # The format comes from a program that writes months first, wherever it was sold.
        habit = Order.MONTH if asset in {None, "USD", "CAD"} else Order.DAY
        return OrderFound(order=habit, sure=0.55, why=f"dates {habit}: ASSUMED, as no date tells")

    def _latest(self, order: Order) -> date:
        return max(self._days(order), default=date.min)

    def _days(self, order: Order) -> list[date]:
        numbers = iter(self._parts)
        return [day for parts in zip(numbers, numbers, numbers, strict=True) if (day := _in_order(parts, order))]

    def _disorder(self, order: Order) -> tuple[float, int]:
        """Return the share of steps against the main direction, and the days that are spanned."""
        days = self._days(order)
        if len(days) < 2:
            return 0.0, 0
        ups = sum(one < two for one, two in pairwise(days))
        downs = sum(one > two for one, two in pairwise(days))
        return min(ups, downs) / (len(days) - 1), (max(days) - min(days)).days


def date_reader(order: Order) -> Callable[[str], date | None]:
    """Return a reader of dates whose numbers stand in `order`; it says None for what is no date."""
    known: dict[str, date | None] = {}

    def read(text: str) -> date | None:
        try:
            return known[text]
        except KeyError:
            pass
        parts = _take_apart(text.strip()) if len(text) < 64 else None
        value = _in_order(parts, order) if isinstance(parts, tuple) else parts
        if len(text) < 64 and len(known) < _KNOWN:
            known[text] = value
        return value

    return read
