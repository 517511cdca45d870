"""Rows that say more than one movement, or say it in columns that depend on the row: taken apart into legs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from flowd.api import FileRefused
from flowd.importers.delimited.months import fold
from flowd.importers.delimited.profile import Column, Direction, Leg
from flowd.importers.delimited.swaps import halves

if TYPE_CHECKING:
    from flowd.importers.delimited.layout import Rowwise

#: The columns that a profile with legs has besides the file's own.
ADDED: Final = ("(amount)", "(fee)", "(currency)", "(counterparty)", "(kind)", "(id)")


class LegRows:
    """A reader of rows that gives each row once for every leg that fits it, with the leg's cells behind its own."""

    def __init__(self, reader: Rowwise, legs: Sequence[Leg]) -> None:
        self._reader = reader
        self._legs = legs
        self._wanted = {_same(column) for leg in legs for column in leg.named() if isinstance(column, str)}
        self._places: dict[str, int] | None = None
        self._width = 0
        self._ready: deque[list[str]] = deque()

    @property
    def line_num(self) -> int:
        """The line that was read last."""
        return self._reader.line_num

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        if self._ready:
            return self._ready.popleft()
        row = next(self._reader)
        if self._places is None:
            places: dict[str, int] = {}
            for index, cell in enumerate(row):
                places.setdefault(_same(cell), index)
            if not self._wanted <= set(places):
                return row
            while row and not row[-1].strip():
                row.pop()
            self._places, self._width = places, len(row)
            return [*row, *ADDED]
        if not any(map(str.strip, row)):
            return row
        if len(row) > self._width and any(cell.strip() for cell in row[self._width :]):
            raise FileRefused(
                f"line {self.line_num}: {len(row)} columns where the header has {self._width}; correct the line, or "
                "export again"
            )
        row = [*row[: self._width], *[""] * (self._width - len(row))]
        fitting = [leg for leg in self._legs if self._fits(row, leg)]
        for leg in fitting:
            self._ready.append([*row, *self._cells(row, leg)])
        return self._ready.popleft() if self._ready else [*row, *[""] * len(ADDED)]

    def _at(self, row: Sequence[str], column: Column | None) -> str:
        if column is None:
            return ""
        assert self._places is not None
        place = self._places[_same(column)] if isinstance(column, str) else column - 1
        return row[place].strip() if place < len(row) else ""

    def _fits(self, row: Sequence[str], leg: Leg) -> bool:
        return all(self._says(row, column, words) for column, words in leg.when.items()) and not any(
            self._says(row, column, words) for column, words in leg.unless.items()
        )

    def _says(self, row: Sequence[str], column: Column, words: Sequence[str]) -> bool:
        cell = fold(self._at(row, column))
        return any(cell == fold(word) for word in words)

    def _currency(self, row: Sequence[str], leg: Leg) -> str:
        cell = self._at(row, leg.currency)
        if leg.half is None:
            return cell
        pair = halves(cell)
        if pair is None:
            raise FileRefused(f"line {self.line_num}: the pair {cell[:40]!r} cannot be taken apart into its two assets")
        return pair[leg.half == "quote"]

    def _cells(self, row: Sequence[str], leg: Leg) -> list[str]:
        identity = self._at(row, leg.id)
        return [
            _turned(self._at(row, leg.amount), leg.direction),
            self._at(row, leg.fee),
            self._currency(row, leg) if leg.asset is None else leg.asset,
            self._at(row, leg.counterparty),
            leg.kind.value if leg.kind is not None else "",
            f"{identity}{leg.tag}" if identity else "",
        ]


def _same(name: str) -> str:
    return " ".join(fold(name.strip().lstrip("\ufeff")).split())


def _turned(text: str, direction: Direction) -> str:
    if direction is Direction.AS_WRITTEN or not text:
        return text
    bare = text.lstrip("+-−– ")
    if direction is Direction.IN:
        return bare
    negative = text[0] in "-−–"
    return bare if direction is Direction.REVERSED and negative else f"-{bare}"
