"""The analytic `portfolios`: performance of groups of connections and of everything, from that of the connections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from flowd.analytics.combining import combine
from flowd.api import About, Performance, View

_DAY: Final = timedelta(days=1)


class Portfolios:
    """Adds connections up to groups and to the total: every amount exactly, NULL where it is not known of one.

    Money on its way between two connections, or between accounts of one, has left the one and not arrived in the other:
    it is a flow of the whole for as long as that takes, and no loss.
    """

    name = "portfolios"
    reads: Sequence[str] = ("derived.performance",)
    writes: Sequence[str] = ("derived.performance",)

    def reach(self, view: View, since: date, until: date) -> tuple[date, date]:
        """Return the same days: a sum reaches no further than what it is made of."""
        return since, min(until, view.today)

    def compute(self, view: View, since: date, until: date) -> Iterator[Performance]:
        """Yield the rows of every group and of the total, by day; none for a day that is not yet told of all parts."""
        groups = {stream.connection: stream.group for stream in view.worth().streams()}
        before: frozenset[str] = frozenset()
        rows = view.performance(About.CONNECTION, since - _DAY, min(until, view.today))
        for day, found in groupby(rows, key=lambda row: row.day):
            parts = [row for row in found if row.name in groups]
            names = frozenset(row.name for row in parts)
            missing = before - names
            before = names
            if day < since:
                continue
            if not missing:
                yield combine(About.TOTAL, "", day, parts)
            for group in sorted({groups[name] for name in names} - {groups[name] for name in missing}):
                yield combine(About.GROUP, group, day, [row for row in parts if groups[row.name] == group])
