"""The days that are foretold, in calendar months, and the dice that are thrown for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.projection.subjects import HORIZONS, Paths

#: Blocks of the past are drawn from so many days back, at most.
REACH = 730


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The days of one calendar month within a window: `length` of them from the window's day number `start` on."""

    start: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """`days` days from `made_on` on, where everything before `made_on` is known."""

    made_on: date
    days: int

    @property
    def until(self) -> date:
        """The last day that is known."""
        return self.made_on - timedelta(days=1)

    @property
    def last(self) -> date:
        """The last day foretold."""
        return self.made_on + timedelta(days=self.days - 1)

    @property
    def dates(self) -> Sequence[date]:
        """All days foretold, in order."""
        return _dates(self.made_on, self.days)

    @property
    def blocks(self) -> Sequence[Block]:
        """The calendar months, the first and the last one cut."""
        return _blocks(self.made_on, self.days)

    @property
    def months(self) -> list[date]:
        """The last days of the months that end within."""
        return [day for day in self.dates if (day + timedelta(days=1)).day == 1]

    @property
    def horizons(self) -> list[int]:
        """The horizons of sums that are within; the window's own length in any case."""
        return sorted({horizon for horizon in HORIZONS if horizon <= self.days} | {self.days})


@lru_cache(maxsize=64)
def _dates(first: date, days: int) -> Sequence[date]:
    return tuple(first + timedelta(days=number) for number in range(days))


@lru_cache(maxsize=64)
def _blocks(first: date, days: int) -> Sequence[Block]:
    edges = [number for number, day in enumerate(_dates(first, days)) if number == 0 or day.day == 1]
    return tuple(Block(start=number, length=after - number) for number, after in pairwise([*edges, days]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dice:
    """Random numbers for one window: what is thrown for a name depends on nothing but the seed and that name.

    So a what-if sees the same chance as its base case, and a stream that is new changes nothing of the others.
    """

    seed: int
    window: Window
    paths: int

    def thrower(self, *names: str) -> np.random.Generator:
        """Return the random numbers of one purpose."""
        text = "\0".join((str(self.seed), *names)).encode()
        return np.random.Generator(np.random.SFC64(int.from_bytes(blake2b(text, digest_size=8).digest(), "big")))

    def back(self, days: int) -> NDArray[np.int64]:
        """Return how many of `days` days back each path looks in each block, shape (blocks, paths), each as likely.

        Streams look back equally far wherever their pasts are long enough: whatever they did together in the past they
        so do together in the future.
        """
        return self._back("blocks", len(self.window.blocks), days)

    def again(self, days: int) -> NDArray[np.int64]:
        """Return how many of `days` days back to look to draw the past itself anew, shape (24, paths)."""
        return self._back("past", REACH // 30, days)

    def _back(self, purpose: str, rows: int, days: int) -> NDArray[np.int64]:
        drawn = self.thrower(purpose).integers(0, REACH, size=(rows, self.paths), dtype=np.int64)
        # what does not go evenly into the days is drawn again: else days lately would come up more often
        over = drawn >= REACH // days * days
        if over.any():
            drawn[over] = self.thrower(purpose, str(days)).integers(0, days, size=int(over.sum()), dtype=np.int64)
        return drawn % days

    def wander(self, name: str, first: float, step: float) -> Paths:
        """Return by how much a level is off in each block as the logarithm, shape (blocks, paths): a random walk.

        `first` is the standard deviation of where it stands, `step` of where it goes in 30 days. The mean of
        the factor is 1.
        """
        blocks = self.window.blocks
        draw = self.thrower("level", name)
        # in this order a longer window goes on where a shorter one ends
        start = draw.standard_normal(self.paths, dtype=np.float32)
        steps = draw.standard_normal((len(blocks), self.paths), dtype=np.float32)
        middles = np.array([block.start + block.length / 2 for block in blocks]) / 30
        spans = np.diff(middles, prepend=0.0)
        steps *= (step * np.sqrt(spans))[:, None].astype(np.float32)
        off: Paths = np.add.accumulate(steps, axis=0)
        off += start * np.float32(first)
        off -= ((first**2 + step**2 * middles) / 2)[:, None].astype(np.float32)
        return off


def spread_blocks(window: Window, values: Paths, out: Paths, *, multiply: bool = True) -> None:
    """Multiply (or add to) the days of each block in `out`, shape (days, paths), with its row of `values`."""
    for number, block in enumerate(window.blocks):
        rows = out[block.start : block.start + block.length]
        if multiply:
            rows *= values[number]
        else:
            rows += values[number]


def month_slices(window: Window) -> Sequence[slice]:
    """Return, for each month that ends within the window, its days."""
    return [slice(b.start, b.start + b.length) for b in window.blocks][: len(window.months)]
