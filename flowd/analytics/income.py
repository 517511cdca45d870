"""The analytic `income`: what each stream brought in on each day, received and earned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Final

from flowd.analytics.receipts import received
from flowd.analytics.scheduled import scheduled
from flowd.analytics.valued import valued, widen
from flowd.api import IncomeDay, Method, Stream, View

_EARLIEST: Final = date(1900, 1, 1)


class Income:
    """Fills derived.income_daily from classified transactions, readings of valued accounts and declared schedules."""

    name = "income"
    reads: Sequence[str] = ("derived.flow", "derived.snapshot_daily", "derived.schedule_term", "raw.rate")
    writes: Sequence[str] = ("derived.income_daily",)

    def reach(self, view: View, since: date, until: date) -> tuple[date, date]:
        """Return the days to compute anew when facts of the days from `since` to `until` changed.

        A receipt changes the rhythm of its stream, so that reaches everywhere; a value reaches to the known values
        around it; a schedule reaches no further than its own days.
        """
        first, last = since, min(until, view.today)
        for stream in view.streams():
            if stream.method is Method.TRANSACTIONS:
                return _EARLIEST, max(view.today, until)
            if stream.method is Method.VALUE:
                start, end = widen(view, stream, since, min(until, view.today))
                first, last = min(first, start), max(last, end)
        return first, max(last, until)

    def compute(self, view: View, since: date, until: date) -> Iterator[IncomeDay]:
        """Yield the rows of the view's streams for the days from `since` to `until`."""
        for stream in view.streams():
            yield from self._stream(view, stream, since, until)

    def _stream(self, view: View, stream: Stream, since: date, until: date) -> Iterator[IncomeDay]:
        if stream.method is Method.VALUE:
            yield from valued(view, stream, since, until)
        elif stream.method is Method.TRANSACTIONS:
            yield from received(view, stream, since, until)
        else:
            for name, terms in groupby(view.schedules(), key=lambda term: term.stream):
                if name == stream.stream:
                    yield from scheduled(view, name, terms, since, until)
