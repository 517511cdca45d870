"""Finds how regularly somebody pays, and the days that each receipt pays for."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from flowd.api import Span

_DAY: Final = timedelta(days=1)
#: A rhythm is believed from this many receipts on, when so much of the pauses between them fit it.
RECEIPTS: Final = 3
SHARE: Final = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """A rhythm: pauses of `shortest` to `longest` days, nominally `days` days or `months` calendar months."""

    name: str
    shortest: int
    longest: int
    days: int = 0
    months: int = 0

    def before(self, day: date) -> date:
        """Return the day one nominal period before `day`; the 31st becomes the last of a shorter month."""
        if not self.months:
            return day - timedelta(days=self.days)
        index = day.year * 12 + day.month - 1 - self.months
        year, month = index // 12, index % 12 + 1
        if day.day == monthrange(day.year, day.month)[1]:
            return date(year, month, monthrange(year, month)[1])
        return date(year, month, min(day.day, monthrange(year, month)[1]))


CADENCES: Final = (
    Cadence(name="weekly", shortest=5, longest=9, days=7),
    Cadence(name="fortnightly", shortest=12, longest=16, days=14),
    Cadence(name="monthly", shortest=25, longest=36, months=1),
    Cadence(name="every two months", shortest=55, longest=67, months=2),
    Cadence(name="quarterly", shortest=83, longest=99, months=3),
    Cadence(name="half-yearly", shortest=172, longest=194, months=6),
    Cadence(name="yearly", shortest=350, longest=380, months=12),
)


def detect(days: Sequence[date]) -> Cadence | None:
    """Return the rhythm of receipts on `days` (ascending, no day twice), None where there is none to believe."""
    if len(days) < RECEIPTS:
        return None
    pauses = [(after - before).days for before, after in pairwise(days)]
    typical = sorted(pauses)[len(pauses) // 2]
    for cadence in CADENCES:
        if cadence.shortest <= typical <= cadence.longest:
            fitting = sum(cadence.shortest <= pause <= cadence.longest for pause in pauses)
            return cadence if fitting >= SHARE * len(pauses) else None
    return None


def spans(days: Sequence[date], cadence: Cadence) -> Iterator[Span]:
    """Yield for each receipt the days it pays for: those since the receipt before it, at most one period.

    A receipt after a pause that is too long pays for one nominal period only, and so does the first: what was missed
    is not made up by it.
    """
    previous: date | None = None
    for day in days:
        since = cadence.before(day)
        if previous is not None and (day - previous).days <= cadence.longest:
            since = previous
        yield Span(first=min(since + _DAY, day), last=day)
        previous = day
