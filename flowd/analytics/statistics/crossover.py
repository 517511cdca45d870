"""When income that needs no work pays for what a month costs, and for how long money lasts without the rest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.statistics.hampel import hampel, typical
from flowd.analytics.statistics.theil_sen import theil_sen

#: Months that a trend needs, and how far ahead it is drawn at most (fifty years).
_TREND: Final = 6
_FAR: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossover:
    """Typical passive income and expenses of a month, the share covered, and the month in which the one pays the other.

    `month` is the first day of that month, None where `reason` says why. All None where too little is known.
    """

    passive: float | None = None
    expenses: float | None = None
    covered: float | None = None
    month: date | None = None
    reason: str = ""


def crossover(passive: NDArray[np.float64], expenses: NDArray[np.float64], last: date) -> Crossover:
    """Return where passive income stands against expenses; both by whole month, the last of which ends on `last`.

    Typical is the median of the months that Hampel's identifier keeps (3 scaled MAD), as in Actual Budget's crossover
    report, which does so for expenses; here for both sides. The month is where Theil and Sen's lines through the kept
    months meet, if passive income gains on the expenses.
    """
    income, spent = typical(passive), typical(expenses)
    if spent is None:
        return Crossover(passive=income, reason="expenses of three whole months are needed")
    if income is None:
        return Crossover(expenses=spent, reason="passive income of three whole months is needed")
    if spent <= 0:
        return Crossover(passive=income, expenses=spent, reason="there are no expenses to cover")
    if income >= spent:
        month: date | None = last.replace(day=1)
        reason = "passive income covers the expenses"
    else:
        month, reason = _meeting(passive, expenses, income, spent, last)
    return Crossover(passive=income, expenses=spent, covered=income / spent, month=month, reason=reason)


def _meeting(
    passive: NDArray[np.float64], expenses: NDArray[np.float64], income: float, spent: float, last: date
) -> tuple[date | None, str]:
    """Return the month in which the lines meet, else why they do not."""
    lines = []
    for values in (passive, expenses):
        kept = hampel(values)
        if int(kept.sum()) < _TREND:
            return None, f"{_TREND} whole months are needed for a trend"
        # time 0 is the last month
        times = np.arange(len(values), dtype=np.float64) - (len(values) - 1)
        line = theil_sen(times[kept], values[kept])
        assert line is not None
        lines.append(line)
    (rising, income_now), (costing, spent_now) = lines
    gain = rising - costing
    if gain <= 1e-9 * max(abs(income), abs(spent)):
        return None, "passive income does not gain on the expenses"
    # where the lines have met already although the typical months have not, the next month is the first there is
    ahead = max(math.ceil((spent_now - income_now) / gain), 1)
    if ahead > _FAR:
        return None, "at this pace it takes more than fifty years"
    index = last.year * 12 + last.month - 1 + ahead
    return date(index // 12, index % 12 + 1, 1), ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runway:
    """For how many months money lasts; None where `reason` says why: it does for ever, or something is not known."""

    months: float | None
    reason: str = ""


def runway(cash: float | None, expenses: float | None, floor: float | None) -> Runway:
    """Return how many months `cash` lasts when each costs `expenses` and brings `floor`.

    cash / (expenses - floor): the usual definition of a runway, with the floor for income, because the months that a
    runway is needed for are not the good ones. An unknown floor counts as no income.
    """
    if cash is None:
        return Runway(months=None, reason="no balance of a bank, card or cash account is known")
    if expenses is None:
        return Runway(months=None, reason="expenses of three whole months are needed")
    if cash <= 0:
        return Runway(months=0.0, reason="there is no money left")
    lost = expenses - (floor or 0.0)
    if lost <= 0:
        return Runway(months=None, reason="floor income covers the expenses: it lasts for ever")
    return Runway(months=cash / lost)
