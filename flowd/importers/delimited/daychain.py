"""One account's balance over its days: which day ends follow from each other, and where something is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from flowd.domain.time import month_end

_DAY: Final = timedelta(days=1)
#: Rows of one day whose balances are compared; with more, the day is only passed through.
_ROWS: Final = 10_000
#: Readings of a chain that are kept side by side until one day decides between them.
_READINGS: Final = 64
_GAPS: Final = 20

#: A day, and what was held at its end.
End = tuple[date, Decimal]


@dataclass(slots=True, kw_only=True)
class Room:
    """How many day ends and month ends a file may still have kept, so that memory stays flat whatever its length."""

    days: int
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Between the ends of two days the balance changed by `missing` more than the rows between them say."""

    first: date
    last: date
    missing: Decimal | None
    line: int


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One way to read a chain: what it began with, what it has come to, and the day ends on the way."""

    start: Decimal
    value: Decimal
    ends: list[End] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Segment:
    """Days that follow from each other. `before` is where the chain broke: its last day and what it had come to."""

    first: date
    readings: list[_Reading]
    line: int
    proven: bool = False
    before: tuple[date, Decimal | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    """The rows of one day: their sum, and what the balance may be after them (None where no row says)."""

    day: date
    total: Decimal
    closes: Sequence[Decimal] | None
    stated: frozenset[Decimal]
    proven: bool
    line: int
    rows: int


class PlaceChain:
    """Follows one account in one currency; days may come in either order, and rows of a day in any."""

    def __init__(self, slack: Decimal, room: Room) -> None:
        self._slack = slack
        self._room = room
        self._day: date | None = None
        self._total = Decimal()
        self._rows: list[tuple[Decimal, Decimal]] = []
        self._blank = False
        self._line = 0
        self._waiting: _Day | None = None
        self._last: date | None = None
        self._way = 0
        self._segment: _Segment | None = None
        self._told: list[End] = []
        #: Ends of the last segment where nothing but a single row speaks for it, and by how much it broke off before.
        self._doubted: tuple[list[End], Decimal | None] = [], None
        self._unproven: list[End] = []
        self.links = 0
        self.gaps = 0
        self.found: list[Gap] = []
        self.unordered = False

    def add(self, day: date, amount: Decimal, balance: Decimal | None, line: int) -> None:
        """Take one row."""
        if day != self._day:
            self._close()
            self._day, self._line = day, line
        self._total += amount
        if balance is None or len(self._rows) >= _ROWS:
            self._blank = True
        else:
            self._rows.append((amount, balance))

    def finish(self) -> None:
        """End the last day and the last segment."""
        self._close()
        if self._waiting is not None:
            self._link(self._waiting)
            self._waiting = None
        self._end(last=True)

    def certain(self) -> Iterator[End]:
        """Yield the day ends that are sure, the earliest first; nothing where days came in no order."""
        if self.unordered:
            return
        # Where days follow from each other, a row that stands alone beyond a gap is to be believed too.
        told = [*self._unproven, *self._told] if self._told else []
        yield from sorted(dict(told).items())

    # --- days ---------------------------------------------------------------------------------------------------

    def _close(self) -> None:
        day, self._day = self._day, None
        if day is None or self.unordered:
            self._forget()
            return
        rows = self._rows
        closes: Sequence[Decimal] | None = None
        stated: frozenset[Decimal] = frozenset()
        proven = False
        straight = None if self._blank or not rows else _straight(rows, self._total)
        if straight is not None:
            # The usual case: rows in the order of booking, or just the other way round.
            closes, stated = (straight,), frozenset((straight,))
            proven = len(rows) > 1 and bool(self._total)
        elif rows:
            afters = [balance for _, balance in rows]
            closes, stated = list(dict.fromkeys(afters)), frozenset(afters)
            if not self._blank:
                # Each row leads from one balance to another; where the way ends, it arrives once more than it leaves.
                ends = list(Counter(afters) - Counter(balance - amount for amount, balance in rows))
                closes = ends or closes
                proven = len(ends) == 1 and len(afters) > 1 and bool(self._total)
        done = _Day(
            day=day,
            total=self._total,
            closes=closes,
            stated=stated,
            proven=proven,
            line=self._line,
            rows=len(rows),
        )
        self._forget()
        if self._last is None:
            self._waiting = done
        else:
            way = 1 if day > self._last else -1
            if self._way and way != self._way:
                self.unordered = True
                self._told, self._unproven, self._segment, self.found = [], [], None, []
                self.links = self.gaps = 0
                return
            self._way = way
            if self._waiting is not None:
                self._link(self._waiting)
                self._waiting = None
            self._link(done)
        self._last = day

    def _forget(self) -> None:
        self._total, self._rows, self._blank = Decimal(), [], False

    # --- the chain ----------------------------------------------------------------------------------------------

    def _link(self, day: _Day) -> None:
        segment = self._segment
        if segment is None:
            self._begin(day, None)
            return
        self.links += 1
        left = [reading for reading in segment.readings if self._follow(reading, day)]
        if not left:
            self.gaps += 1
            one = segment.readings[0] if len(segment.readings) == 1 else None
            before = (self._last or day.day, one.value if one is not None else None)
            self._end(last=False)
            self._begin(day, before)
            return
        segment.readings = left
        if day.closes is not None and (day.total or day.proven):
            segment.proven = True

    def _begin(self, day: _Day, before: tuple[date, Decimal | None] | None) -> None:
        readings = []
        for close in (day.closes or ())[:_READINGS]:
            opening = close - day.total
            ends: list[End] = []
            if self._way >= 0:
                # What was held before the first row of all; within a file a break makes that unsure.
                ends = [(day.day - _DAY, opening)] if before is None else []
                readings.append(_Reading(start=opening, value=close, ends=ends))
            else:
                readings.append(_Reading(start=close, value=opening, ends=[(day.day, close)]))
        self._segment = None
        if readings:
            self._segment = _Segment(first=day.day, readings=readings, line=day.line, before=before, proven=day.proven)

    def _follow(self, reading: _Reading, day: _Day) -> bool:
        """Take `reading` over one more day; False where the day does not follow from it."""
        expected = reading.value + day.total if self._way >= 0 else reading.value
        close = self._hit(expected, day)
        if close is None:
            return False
        held = reading.value if self._way >= 0 else close
        earlier, later = (self._last or day.day, day.day) if self._way >= 0 else (day.day, self._last or day.day)
        room = self._room
        if room.days > 0:
            room.days -= 1
            reading.ends.append((earlier, held))
        if (earlier.year, earlier.month) != (later.year, later.month) and room.months > 0:
            room.months -= 1
            reading.ends.append((month_end(earlier), held))
        reading.value = close if self._way >= 0 else close - day.total
        return True

    def _hit(self, expected: Decimal, day: _Day) -> Decimal | None:
        if day.closes is None or expected in day.closes or expected in day.stated:
            return expected
        if not self._slack:
            return None
        near = min(day.stated, key=lambda stated: (abs(stated - expected), stated))
        # Every row may be rounded by as much.
        return near if abs(near - expected) <= self._slack * day.rows else None

    def _end(self, *, last: bool) -> None:
        segment, self._segment = self._segment, None
        if segment is None:
            return
        one = segment.readings[0] if len(segment.readings) == 1 else None
        missing = self._missing(segment, one)
        if segment.before is not None:
            self._gap(segment, segment.before, missing)
        (doubted, by), self._doubted = self._doubted, ([], None)
        # A single row between two breaks that take each other back was wrong itself: the days around it follow.
        if by is None or missing is None or by + missing:
            self._unproven += doubted
        if one is None:
            return
        ends = one.ends
        if self._last is not None and self._way >= 0:
            ends.append((self._last, one.value))
        elif self._last is not None and last:
            ends.append((self._last - _DAY, one.value))
        if segment.proven:
            self._told += ends
        elif last and segment.before is None and not self._told:
            # A single row says what was held after it, and nothing that could be checked besides.
            closing = (self._last or segment.first, one.value) if self._way >= 0 else (segment.first, one.start)
            self._told.append(closing)
        elif last:
            self._unproven += ends
        else:
            self._doubted = ends, missing

    def _missing(self, segment: _Segment, one: _Reading | None) -> Decimal | None:
        """Return by how much `segment` begins off from where the one before it ended."""
        value = segment.before[1] if segment.before is not None else None
        if one is None or value is None:
            return None
        return one.start - value if self._way >= 0 else value - one.start

    def _gap(self, segment: _Segment, before: tuple[date, Decimal | None], missing: Decimal | None) -> None:
        if len(self.found) >= _GAPS:
            return
        first, last = sorted((before[0], segment.first))
        self.found.append(Gap(first=first, last=last, missing=missing, line=segment.line))


def _straight(rows: Sequence[tuple[Decimal, Decimal]], total: Decimal) -> Decimal | None:
    """Return the last balance of a day of `total` if its rows stand in the order of booking, or the reverse."""
    if len(rows) == 1:
        return rows[0][1]
    if not total:
        return None  # the way ends where it began: which balance that is has to be told by other days
    if all(before[1] + row[0] == row[1] for before, row in pairwise(rows)):
        return rows[-1][1]
    if all(row[1] - row[0] == earlier[1] for row, earlier in pairwise(rows)):
        return rows[0][1]
    return None
