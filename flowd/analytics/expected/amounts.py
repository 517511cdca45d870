"""How much a regular payer pays: always the same, the same in steps, or varying around a middle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from statistics import median
from typing import Final

#: So many of the newest receipts say how much the next one will be.
RECENT: Final = 12
#: Amounts this near to each other (as a share) are the same: rounding, a fee of some cents.
SAME: Final = Decimal("0.005")
#: A steady amount is short when more than this share of it is missing; a varying one is given three deviations.
SHORT: Final = Decimal("0.02")
_DEVIATIONS: Final = Decimal("4.4478")  # 3 standard deviations of a normal distribution, in MADs: 3 * 1.4826
_LEAST: Final = Decimal("0.2")


class Manner(StrEnum):
    """How the amounts of a payer behave."""

    FIXED = "fixed"
    STEPS = "steps"
    VARYING = "varying"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What the next receipt is expected to be: `typical`, and `short` below which it is short.

    `spread` is the median absolute deviation of `recent`, the newest amounts (oldest first), around their median.
    Months in which a payer pays something else each year (a thirteenth salary) are in `special`.
    """

    manner: Manner
    typical: Decimal
    spread: Decimal
    short: Decimal
    recent: tuple[Decimal, ...]
    special: tuple[tuple[int, Decimal], ...] = ()

    def of(self, due: date) -> Decimal:
        """Return the amount expected on `due`."""
        return dict(self.special).get(due.month, self.typical)

    def is_short(self, amount: Decimal, due: date) -> bool:
        """Say whether `amount` is less than what can be put down to the payer's usual ups and downs."""
        if due.month in dict(self.special) and self.manner is not Manner.VARYING:
            return amount < min(self.of(due), self.typical) * (1 - SHORT)
        return amount < self.short


def amounts(paid: Sequence[tuple[date, Decimal]]) -> Amounts:
    """Learn the amounts of receipts (day, amount > 0), by day; ValueError where there is none.

    Fixed: three of four of the newest are the same. Steps: no two neighbours differ but where a new level begins that
    held at least twice. Otherwise the median of the newest counts, and three times 1.4826 times their median absolute
    deviation (at least a fifth of the median) below it is short.
    """
    if not paid:
        raise ValueError("no receipts: there is no amount to learn")
    recent = tuple(amount for _, amount in paid[-RECENT:])
    middle = median(recent)
    spread = median(abs(amount - middle) for amount in recent)
    special = _special(paid)
    level = _level([amount for day, amount in paid if day.month not in dict(special)][-RECENT:])
    if level is None:
        short = max(middle - max(_DEVIATIONS * spread, _LEAST * middle), Decimal(0))
        return Amounts(manner=Manner.VARYING, typical=middle, spread=spread, short=short, recent=recent)
    typical, manner = level
    return Amounts(
        manner=manner,
        typical=typical,
        spread=spread,
        short=typical * (1 - SHORT),
        recent=recent,
        special=special,
    )


def same(one: Decimal, other: Decimal, share: Decimal = SAME) -> bool:
    """Say whether two amounts are the same but for `share` of the larger one."""
    return abs(one - other) <= share * max(abs(one), abs(other))


def _level(values: Sequence[Decimal]) -> tuple[Decimal, Manner] | None:
    """Return the amount that holds now, None where the amounts vary."""
    if not values:
        return None
    if len(values) < 3:
        return (values[-1], Manner.FIXED) if same(values[0], values[-1]) else None
    usual = max(values, key=lambda value: (sum(same(value, other) for other in values), value))
    still_paid = same(usual, values[-1]) or same(usual, values[-2])
    if still_paid and 4 * sum(same(usual, value) for value in values) >= 3 * len(values):
        return usual, Manner.FIXED
    # neighbours that are the same: in a row of steps nearly all are, in a varying one few
    still = [same(before, after) for before, after in pairwise(values)]
    if 3 * sum(still) < 2 * (len(still) - 1):
        return None
    held = max(place for place, unmoved in enumerate(still) if unmoved)
    return values[held + 1], Manner.STEPS


def _special(paid: Sequence[tuple[date, Decimal]]) -> tuple[tuple[int, Decimal], ...]:
    """Find months that were paid alike, and unlike the months around them, in two years or more."""
    shares: dict[int, list[Decimal]] = {}
    for place, (day, amount) in enumerate(paid):
        around = [other for _, other in (*paid[max(place - 3, 0) : place], *paid[place + 1 : place + 4])]
        if len(around) >= 3:
            shares.setdefault(day.month, []).append(amount / median(around))
    if len(shares) < 6:
        return ()
    level = _level([amount for day, amount in paid if not _odd(shares.get(day.month, []))][-RECENT:])
    if level is None:
        return ()
    return tuple(
        (month, (level[0] * median(found)).quantize(level[0])) for month, found in sorted(shares.items()) if _odd(found)
    )


def _odd(found: Sequence[Decimal]) -> bool:
    """Say whether a month's shares of what is usual agree with each other, but not with one."""
    return (
        len(found) >= 2
        and same(min(found), max(found), Decimal("0.1"))
        and not Decimal("0.9") < median(found) < Decimal("1.1")
    )
