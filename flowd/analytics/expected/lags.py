"""How far receipts are from the days they were due on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from statistics import median
from typing import Final

#: How many of the newest receipts decide on a rhythm: payers change their habits.
NEWEST: Final = 24
#: A receipt counts this much of the one after it, so that a changed habit is soon seen.
_FADING: Final = 0.93


def lags(days: Sequence[date], due: Sequence[date]) -> list[int]:
    """Return how many days after (below 0: before) the nearest of `due` (ascending, not empty) each of `days` is."""
    found = []
    for day in days:
        place = bisect_left(due, day)
        near = due[max(place - 1, 0) : place + 1]
        found.append(min(((day - one).days for one in near), key=abs))
    return found


def misfit(days: Sequence[date], due: Sequence[date], cap: int) -> float:
    """Say how badly `due` explains `days`: the mean distance in days (at most `cap`), newer receipts counting more.

    Two receipts at one due day and due days without receipt cost half of `cap` each.
    """
    found = lags(days, due)
    total = weights = 0.0
    weight = 1.0
    for lag in reversed(found):
        total += weight * min(abs(lag), cap)
        weights += weight
        weight *= _FADING
    met = {day.toordinal() - lag for day, lag in zip(days, found, strict=True)}
    within = sum(min(met) <= one.toordinal() <= max(met) for one in due)
    return total / weights + cap / 2 * ((len(days) - len(met)) + (within - len(met))) / len(days)


def window(found: Sequence[int], days: float) -> tuple[int, int]:
    """Return how early and how late (0 or more, in days) receipts of a period of so many `days` come.

    That is what the newest of them did, one of eight odd ones left out, and some more where few are known.
    """
    newest = sorted(found[-NEWEST:])
    odd = len(newest) // 8
    middle = median(newest)
    for _ in range(odd):
        newest.remove(max(newest, key=lambda lag: (abs(lag - middle), lag)))
    slack = max(1, round(days * (0.03 if len(found) < 6 else 0.015)))
    most = max(int(days * 0.45), 1)
    return min(max(-newest[0], 0) + slack, most), min(max(newest[-1], 0) + slack + 1, most)
