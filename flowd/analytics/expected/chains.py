"""Finds receipts that follow each other at even pauses, where nobody said which belong together."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from flowd.analytics.expected.anchors import MONTHS, WEEKS, Step

#: How far a receipt may be from one period after the one before it, in days.
_OFF: Final = {
    Step.WEEKLY: 1, Step.FORTNIGHTLY: 1, Step.FOUR_WEEKLY: 1, Step.MONTHLY: 3, Step.TWO_MONTHLY: 3,
    Step.QUARTERLY: 4, Step.HALF_YEARLY: 5, Step.YEARLY: 5,
}  # fmt: skip
#: What a link is worth by how far the amounts are apart (as a ratio), and by how many days it is off.
_AMOUNTS: Final = ((1.0001, 4.0), (1.005, 3.0), (1.05, 1.5), (1.12, 0.5), (1.35, -0.5), (2.6, -2.0))
_DAYS: Final = (4.0, 1.8, 1.0, 0.5)
_MISSED: Final = -3.0
#: What a link has to be worth to be more than chance, so that a chain does not grow into what is only near.
_CHANCE: Final = -2.5
#: A chain is believed from this many receipts and this worth on; of two receipts anything is a line.
LENGTH: Final = 3
_WORTH: Final = 6.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One amount on one day; `place` is its number in the caller's list."""

    day: date
    amount: Decimal
    place: int


def chains(postings: Sequence[Posting], *, most: int = 40) -> list[list[Posting]]:
    """Return up to `most` chains of three postings or more, the surest first; no posting is in two.

    A chain is the path of greatest worth through postings that lie one period apart (or two, for a price): equal days
    and equal amounts are worth most. Found by dynamic programming for each length of period, again and again on what is
    left.
    """
    left = sorted(postings, key=lambda one: (one.day, one.amount, one.place))
    found: list[list[Posting]] = []
    while len(found) < most and len(left) >= LENGTH:
        best = max((_longest(left, step) for step in _OFF), key=lambda one: one[0])
        if len(best[2]) < LENGTH or best[0] < _WORTH:
            break
        taken = set(best[2])
        taken |= _completed(left, best[2], best[1])
        found.append([left[place] for place in sorted(taken)])
        left = [one for place, one in enumerate(left) if place not in taken]
    return found


def _completed(postings: Sequence[Posting], path: Sequence[int], step: Step) -> set[int]:
    """Find the postings that fill the holes of a path, or stand one period before or after it on the very day.

    A thirteenth salary is no link by its amount: its day and its being a multiple say that it belongs here.
    """
    days = [one.day for one in postings]
    found: set[int] = set()
    for one, other in pairwise(path):
        due = before(days[other], step, 1)
        if (due - days[one]).days > step.days / 2:
            found |= _only(postings, days, due, _OFF[step], postings[other], 3.0, set(path))
    for end, move in ((path[0], 1), (path[-1], -1)):
        here = end
        while True:
            more = _only(postings, days, before(days[here], step, move), 0, postings[end], 1.12, found | set(path))
            if not more:
                break
            found |= more
            here = more.pop()
            more.add(here)
    return found


def _only(
    postings: Sequence[Posting], days: Sequence[date], due: date, off: int, like: Posting, ratio: float, taken: set[int]
) -> set[int]:
    """Return the posting nearest to `due` that may belong to `like`, if it is the only one so near."""
    low, high = bisect_left(days, due - timedelta(days=off)), bisect_right(days, due + timedelta(days=off))
    near = [
        place for place in range(low, high) if place not in taken and _near(like.amount, postings[place].amount, ratio)
    ]
    near.sort(key=lambda place: abs((days[place] - due).days))
    if not near or (len(near) > 1 and days[near[0]] - due == days[near[1]] - due):
        return set()
    return {near[0]}


def _near(usual: Decimal, amount: Decimal, ratio: float) -> bool:
    """Say whether `amount` is near to what is usual, or one and a half times or twice that: a month of holiday pay."""
    share = float(amount) / float(usual)
    return 1 / ratio < share < ratio or any(abs(share - extra) < 0.005 for extra in (1.5, 2.0))


def _longest(postings: Sequence[Posting], step: Step) -> tuple[float, Step, list[int]]:
    """Return the path of greatest worth, and what it is worth."""
    days = [one.day for one in postings]
    worth = [0.0] * len(postings)
    back = [-1] * len(postings)
    length = [1] * len(postings)
    for place, one in enumerate(postings):
        for periods in (1, 2):
            due = before(one.day, step, periods)
            off = timedelta(days=_OFF[step])
            low, high = bisect_left(days, due - off), bisect_right(days, due + off)
            for other in range(low, min(high, place)):
                link = _link(postings[other], one, abs((days[other] - due).days))
                if link is None or link <= 0:
                    continue
                total = worth[other] + link + (_MISSED if periods == 2 else 0.0)
                if total > worth[place]:
                    worth[place], back[place], length[place] = total, other, length[other] + 1
    last = max(range(len(postings)), key=lambda place: (worth[place], -place))
    path = [last]
    while back[path[-1]] >= 0:
        path.append(back[path[-1]])
    return worth[last], step, path[::-1]


def _link(one: Posting, other: Posting, off: int) -> float | None:
    """Return what it is worth to say that `other` follows `one`, `off` days beside the period; None: they do not."""
    small, large = sorted((float(one.amount), float(other.amount)))
    ratio = large / small
    amount = next((value for limit, value in _AMOUNTS if ratio <= limit), None)
    if amount is None:
        return None
    return amount + (_DAYS[off] if off < len(_DAYS) else 0.0) + _CHANCE


def before(day: date, step: Step, periods: int) -> date:
    """Return the day `periods` periods before `day`; the last day of a month stays the last."""
    if step in WEEKS:
        return day - timedelta(days=7 * WEEKS[step] * periods)
    index = day.year * 12 + day.month - 1 - MONTHS[step] * periods
    year, month = index // 12, index % 12 + 1
    length = monthrange(year, month)[1]
    if day.day == monthrange(day.year, day.month)[1]:
        return date(year, month, length)
    return date(year, month, min(day.day, length))
