"""Draws amounts as a line of bars that stand on zero, so that a small change does not look like a large one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flowd.edges.sparkline import sparkline


def bars(values: Sequence[Decimal | None], width: int) -> str:
    """Return at most `width` blocks for `values`, the lowest for zero (or for the lowest below it), blanks for None.

    More values than `width` are put together to means of neighbours.
    """
    count = min(width, len(values))
    means = [_mean(values[len(values) * i // count : len(values) * (i + 1) // count]) for i in range(count)]
    if not any(means):
        # nothing but zeros is a line at the bottom, not at half height
        return "".join(" " if mean is None else "▁" for mean in means)
    # zero is drawn in front, to be the lowest there is, and cut off again
    return sparkline([Decimal(0), *means], count + 1)[1:]


def _mean(values: Sequence[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) / len(known) if known else None
