"""Draws bands of numbers in a terminal: what is likely as a line, what is most likely as a mark on it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

_OUTER: Final = "─"
_INNER: Final = "━"
_MARK: Final = "●"
WIDTH: Final = 30


def fans(bands: Sequence[Sequence[Decimal]], width: int = WIDTH) -> list[str]:
    """Return one line of `width` characters per band (low, lower middle, middle, upper middle, high), on one scale.

    The thin line goes from low to high, the thick one between the middles; ● stands at the middle. The scale begins at
    zero where nothing is below, so that lengths compare.
    """
    if not bands:
        return []
    low = min(Decimal(0), *(band[0] for band in bands))
    high = max(Decimal(0), *(band[-1] for band in bands))
    span = high - low

    def place(value: Decimal) -> int:
        return 0 if span <= 0 else min(int((value - low) / span * width), width - 1)

    return [_fan([place(value) for value in band], width) for band in bands]


def _fan(places: Sequence[int], width: int) -> str:
    first, inner, middle, outer, last = places
    row = [" "] * width
    row[first : last + 1] = _OUTER * (last + 1 - first)
    row[inner : outer + 1] = _INNER * (outer + 1 - inner)
    row[middle] = _MARK
    return "".join(row)


def progress(share: Decimal | None, width: int = 20) -> str:
    """Return how much of something is done as a bar; blank where nobody knows."""
    if share is None:
        return " " * width
    done = int(max(min(share, Decimal(1)), Decimal(0)) * width)
    return "█" * done + "░" * (width - done)
