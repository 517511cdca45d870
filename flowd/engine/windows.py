"""Stretches of days, by name: what changed and has to be derived anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

EARLIEST: Final = date(1900, 1, 1)
LATEST: Final = date(2200, 12, 31)


class Windows:
    """One stretch of days per name, growing with what is added."""

    def __init__(self) -> None:
        self._windows: dict[str, tuple[date, date]] = {}

    def add(self, name: str, since: date | None = None, until: date | None = None) -> None:
        """Include the days from `since` to `until`; None stands for all there are."""
        first, last = since or EARLIEST, until or LATEST
        if name in self._windows:
            known = self._windows[name]
            first, last = min(first, known[0]), max(last, known[1])
        self._windows[name] = (max(first, EARLIEST), min(last, LATEST))

    def __iter__(self) -> Iterator[tuple[str, date, date]]:
        """Yield (name, first day, last day), by name."""
        for name in sorted(self._windows):
            yield name, *self._windows[name]

    def __bool__(self) -> bool:
        return bool(self._windows)

    def __contains__(self, name: str) -> bool:
        return name in self._windows
