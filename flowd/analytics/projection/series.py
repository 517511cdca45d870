"""Divides what one payer paid: regular series, each on its own due days, and the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import numpy as np

from flowd.analytics.cadence import detect
from flowd.analytics.expected.chains import Posting, chains
from flowd.analytics.projection.payments import Payments
from flowd.analytics.projection.subjects import Array

#: Fewer receipts are no series.
LEAST: Final = 3
#: More receipts than this a month are not looked through one by one.
_OFTEN: Final = 8
#: Only the newest receipts are looked through: so many, and of so many days where there are more than a few.
_MOST: Final = 150
_LONG: Final = timedelta(days=800)
_RARE: Final = 24
#: A receipt that fills a hole of a series, or continues it, may be so many times as much or as little.
_ALIKE: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Divided:
    """The series that a payer's receipts make, and what is left of them."""

    series: Sequence[Payments]
    rest: Payments | None


def divided(payments: Payments) -> Divided:
    """Divide one payer's receipts: chains at even pauses first, then whatever of the rest has a rhythm as a whole.

    A chain that goes on where another one stopped (after a raise) belongs to it. Payers that took money back, and those
    that pay more than twice a week, are left as they are.
    """
    payments = _newest(payments)
    count = len(payments.days)
    span = (payments.days[-1] - payments.days[0]).days + 1 if count else 0
    if count < LEAST or payments.amounts.min() <= 0 or count * 30 > span * _OFTEN:
        return Divided(series=(), rest=payments)
    postings = [
        Posting(day=day, amount=Decimal(str(round(float(amount), 4))), place=place)
        for place, (day, amount) in enumerate(zip(payments.days, payments.amounts, strict=True))
    ]
    found = [[one.place for one in chain] for chain in chains([one for one in postings if one.amount > 0])]
    taken = {place for chain in found for place in chain}
    left = [place for place in range(count) if place not in taken]
    found = _continued(payments, found, left)
    if len(left) >= max(LEAST, 0.4 * count) and detect([payments.days[place] for place in left]) is not None:
        found.append(left)
        left = []
    return Divided(
        series=[
            Payments(key=f"{payments.key}#{number}", days=days, amounts=amounts)
            for number, (days, amounts) in enumerate(_picked(payments, chain) for chain in found)
        ],
        rest=None if not left else Payments(key=payments.key, days=(of := _picked(payments, left))[0], amounts=of[1]),
    )


def _newest(payments: Payments) -> Payments:
    """Leave out what is too old to say when something is due."""
    if not len(payments.days):
        return payments
    first = max(0, len(payments.days) - _MOST)
    since = payments.days[-1] - _LONG
    while payments.days[first] < since and len(payments.days) - first > _RARE:
        first += 1
    return Payments(key=payments.key, days=payments.days[first:], amounts=payments.amounts[first:])


def _picked(payments: Payments, places: Iterable[int]) -> tuple[list[date], Array]:
    ordered = sorted(places)
    return [payments.days[place] for place in ordered], payments.amounts[ordered]


def _continued(payments: Payments, found: Sequence[Sequence[int]], left: list[int]) -> list[list[int]]:
    """Join chains that follow each other, and give them what is left on their next days; `left` loses those."""
    joined: list[list[int]] = []
    for chain in sorted(found, key=lambda one: one[0]):
        for earlier in joined:
            _adopt(payments, earlier, left)
            cadence = detect([payments.days[place] for place in earlier])
            pause = (payments.days[chain[0]] - payments.days[earlier[-1]]).days
            if cadence is not None and cadence.shortest <= pause <= cadence.longest:
                earlier += chain
                break
        else:
            joined.append(list(chain))
    for chain in joined:
        _adopt(payments, chain, left)
    return joined


def _adopt(payments: Payments, chain: list[int], left: list[int]) -> None:
    """Let a chain go on with the receipts after its end that come on its days, whatever they amount to."""
    cadence = detect([payments.days[place] for place in chain])
    if cadence is None:
        return
    while True:
        last = chain[-1]
        usual = float(np.median(payments.amounts[chain]))
        near = [
            place
            for place in left
            if place > last
            and cadence.shortest <= (payments.days[place] - payments.days[last]).days <= cadence.longest
            and abs(payments.days[place].day - payments.days[last].day) in {0, 1, 2, 27, 28, 29, 30}
            and usual / _ALIKE < payments.amounts[place] < usual * _ALIKE
        ]
        if len(near) != 1:
            return
        chain.append(near[0])
        left.remove(near[0])
