"""Which receipt paid for which due day: each at most once, in order, together as near as can be."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, timedelta


def pairs(due: Sequence[date], came: Sequence[date], before: int, after: int) -> list[tuple[int, int]]:
    """Return (number in `due`, number in `came`) of what belongs together; both are ascending.

    A receipt may come up to `before` days too early and `after` days too late. As many as can be are paired, and of all
    ways to do so without crossing, the one with the fewest days between. Formula: alignment of two sequences by dynamic
    programming (Needleman and Wunsch 1970).
    """
    unpaired = float(before + after + 1)
    reach: list[tuple[int, int]] = [
        (bisect_left(came, one - timedelta(days=before)), bisect_right(came, one + timedelta(days=after)))
        for one in due
    ]
    # cost[j]: the least cost of the due days so far with the first j receipts
    cost = [unpaired * place for place in range(len(came) + 1)]
    choice: list[list[int]] = []
    for one, (low, high) in zip(due, reach, strict=True):
        new = [cost[0] + unpaired]
        how = [0]
        for place in range(1, len(came) + 1):
            least, kind = cost[place] + unpaired, 0
            if new[place - 1] + unpaired < least:
                least, kind = new[place - 1] + unpaired, 1
            if low < place <= high:
                met = cost[place - 1] + abs((came[place - 1] - one).days)
                if met <= least:
                    least, kind = met, 2
            new.append(least)
            how.append(kind)
        cost = new
        choice.append(how)
    found: list[tuple[int, int]] = []
    row, place = len(due), len(came)
    while row and place:
        kind = choice[row - 1][place]
        if kind == 2:
            found.append((row - 1, place - 1))
            row, place = row - 1, place - 1
        elif kind == 1:
            place -= 1
        else:
            row -= 1
    return found[::-1]
