"""Draws a row of numbers as one line of block characters, for a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_FLAT: Final = "▄"
_UNKNOWN: Final = " "


def sparkline(values: Sequence[float | Decimal | None], width: int = 60) -> str:
    """Return at most `width` characters that show how `values` go: the lowest as ▁, the highest as █.

    More values than `width` are put together to means of neighbours, so that the whole stretch is seen. What is not
    known (None, NaN, infinite) is a blank and never a low block. Values that are all the same are a flat line at half
    height. ValueError where `width` is below 1.
    """
    if width < 1:
        raise ValueError(f"a sparkline needs a width of 1 or more, not {width}")
    known = [_number(value) for value in values]
    count = min(width, len(known))
    points = [_mean(known[len(known) * i // count : len(known) * (i + 1) // count]) for i in range(count)]
    seen = [point for point in points if point is not None]
    if not seen:
        return _UNKNOWN * count
    low, high = min(seen), max(seen)
    return "".join(_block(point, low, high) for point in points)


def _number(value: float | Decimal | None) -> float | None:
    number = None if value is None else float(value)
    return number if number is not None and math.isfinite(number) else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(value / len(known) for value in known) if known else None


def _block(value: float | None, low: float, high: float) -> str:
    if value is None:
        return _UNKNOWN
    # halves, because the span of two huge numbers of opposite sign may not fit a float
    span = high / 2 - low / 2
    # a difference within rounding is no movement that anybody should see
    if span <= 1e-12 * max(abs(low), abs(high)):
        return _FLAT
    return _BLOCKS[min(int((value / 2 - low / 2) / span * len(_BLOCKS)), len(_BLOCKS) - 1)]
