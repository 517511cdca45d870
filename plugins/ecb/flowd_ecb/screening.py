"""Holds back rates that cannot be believed yet: a jump by more than half counts once the next day confirms it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from flowd_ecb.publishing import DayRates

_MOST: Final = Decimal("1.5")


@dataclass(slots=True)
class Screened:
    """The days that can be stored, the last value known of each currency after them, and what was found odd."""

    days: list[DayRates] = field(default_factory=list)
    known: dict[str, Decimal] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)


def screen(days: Sequence[DayRates], known: Mapping[str, Decimal]) -> Screened:
    """Go through `days`, the oldest first, after those whose last values are `known`.

    A value far from the one before is kept if the day after is near it, and left out if not. If there is no day after
    yet, its whole day waits for it, so that the next run sees both.
    """
    result = Screened(known=dict(known))
    for index, one in enumerate(days):
        values: dict[str, Decimal] = {}
        for currency, value in one.values.items():
            before = result.known.get(currency)
            if before is not None and not _near(before, value):
                after = next((day.values[currency] for day in days[index + 1 :] if currency in day.values), None)
                said = f"{one.day} {currency}: {value}, after {before}"
                if after is None:
                    result.odd.append(f"{said}; the day waits for the next one to confirm it")
                    return result
                if not _near(value, after):
                    result.odd.append(f"{said} and before {after}; left out")
                    continue
            values[currency] = value
        result.known.update(values)
        result.days.append(DayRates(day=one.day, values=values))
    return result


def _near(one: Decimal, other: Decimal) -> bool:
    return max(one, other) <= _MOST * min(one, other)
