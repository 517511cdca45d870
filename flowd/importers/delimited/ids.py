"""The ids of rows: one column or several joined, checked to be each another's within a file."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import NoReturn

from flowd.api import FileRefused
from flowd.importers.delimited.making import NAME_LIMIT
from flowd.importers.delimited.sheet import Row


class Ids:
    """Reads ids and remembers eight bytes of each, in parts, so that a million of them are no million texts."""

    def __init__(self, refuse: Callable[[str], NoReturn]) -> None:
        self._refuse = refuse
        self._marks: list[array[int]] = []

    def check(self) -> None:
        """Refuse the file if an id stood in several rows."""
        for mark in self._marks:
            if len(set(mark)) != len(mark):
                raise FileRefused(
                    "the same id stands in several rows, so they would count as one; take more columns for `id:` in a "
                    "profile, or none"
                )

    def reader(self, places: Sequence[int]) -> Callable[[Row, str], str | None]:
        """Return a function that gives a row's id in an account; None where it has none."""
        self._marks = [array("q") for _ in range(64)] if places else []
        marks = self._marks
        only = places[0] if len(places) == 1 else None
        ends = [part.append for part in marks]

        def single(row: Row, account: str) -> str | None:
            text = row[only].strip() if only is not None else ""
            if len(text) > NAME_LIMIT or not text:
                return identity(row, account)
            mark = hash((account, text))
            ends[mark & 63](mark)
            return text

        def identity(row: Row, account: str) -> str | None:
            parts = [row[place].strip() for place in places]
            if not all(parts):
                return None
            text = parts[0] if len(parts) == 1 else ":".join(parts)
            if len(text) > NAME_LIMIT:
                self._refuse(f"the id {text[:40]!r}… is longer than {NAME_LIMIT} characters")
            mark = hash((account, text))
            marks[mark & 63].append(mark)
            return text

        if not places:
            return lambda _row, _account: None
        return identity if only is None else single
