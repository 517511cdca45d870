"""What came in between two days, for a stream, a group or everything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from flowd.api.studies import History, Said
from flowd.domain.studied import Scope

Array = NDArray[np.float64]


class Came:
    """Sums of income received, by subject; a sum over a day that is not known is NaN, never a part of it."""

    def __init__(self, history: History) -> None:
        self._history = history
        firsts = [one.received.first for one in history.income.values() if len(one.received.values)]
        self._first = min([*firsts, history.today])
        self._days = (history.until - self._first).days + 1

    def sums(self, said: Said) -> Array:
        """Return what came from made_on to for_day, shape (length of said,); NaN where that is not known."""
        found = np.full(len(said.subject), np.nan)
        origin = self._first.toordinal()
        for number, (scope, name) in enumerate(said.subjects):
            rows = np.flatnonzero(said.subject == number)
            daily = self._daily(scope, name)
            if daily is None or not len(rows):
                continue
            known = np.concatenate([[0], np.cumsum(np.isfinite(daily))])
            # longer floats where the machine has them: a difference of two large sums keeps its cents
            total = np.concatenate([[0], np.cumsum(np.nan_to_num(daily), dtype=np.longdouble)])
            since = said.made_on[rows] - origin
            until = said.for_day[rows] - origin + 1
            # before the first day of anything nothing came, and nobody foretold it
            low, high = np.clip(since, 0, len(daily)), np.clip(until, 0, len(daily))
            whole = (known[high] - known[low] == high - low) & (until <= len(daily))
            found[rows[whole]] = total[high[whole]] - total[low[whole]]
        return found

    def _daily(self, scope: Scope, name: str) -> Array | None:
        names = self._streams(scope, name)
        if not names:
            return None
        total = np.zeros(self._days)
        for stream in names:
            total += self._stream(stream)
        return total

    def _streams(self, scope: Scope, name: str) -> Sequence[str]:
        history = self._history
        if scope is Scope.STREAM:
            return [name] if name in history.income else []
        members = [one.stream for one in history.streams if scope is Scope.TOTAL or one.group == name]
        # in one order, whatever the history's: sums of floats depend on it
        return sorted(stream for stream in members if stream in history.income)

    def _stream(self, stream: str) -> Array:
        """Return what came of a stream per day: before its first day and after its last it brought nothing."""
        received = self._history.income[stream].received
        daily = np.zeros(self._days)
        offset = _days(self._first, received.first)
        values = received.values[: max(self._days - offset, 0)]
        daily[offset : offset + len(values)] = values
        return daily


def _days(first: date, day: date) -> int:
    return (day - first).days
