"""All statistics as of one day: streams, groups, everything, and how well it would stand a loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.statistics.concentration import Concentration, concentration
from flowd.analytics.statistics.crossover import Crossover, Runway, crossover, runway
from flowd.analytics.statistics.hampel import typical
from flowd.analytics.statistics.months import Floor, month_sums
from flowd.analytics.statistics.parts import Part, is_passive, part
from flowd.analytics.statistics.sums import Sum, earned_sums, floor, proven_months, sum_of
from flowd.api import History, StreamInfo

#: Whole months that typical passive income and expenses, and volatility, are made of.
MONTHS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Survey:
    """What there is to say as of a day; streams and groups by name, in order. `absent` have nothing to tell yet."""

    as_of: date
    parts: Mapping[str, Part]
    groups: Mapping[str, Sum]
    total: Sum
    by_stream: Concentration
    by_group: Concentration
    absent: Sequence[StreamInfo]

    def floor(self, names: Sequence[str] | None = None, *, recurring: bool = False) -> Floor:
        """Return the floor income of the streams `names` (all if None), or of the `recurring` ones among them."""
        chosen = [
            one
            for name, one in self.parts.items()
            if (names is None or name in names) and (one.recurring or not recurring)
        ]
        return floor(chosen, self.by_stream.shares, self.as_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resilience:
    """How income would stand a loss: the floor, what passive income covers, and for how long money lasts.

    Amounts are per month. `bare` is the runway without any income.
    """

    floor: Floor
    recurring: Floor
    crossover: Crossover
    runway: Runway
    bare: Runway


def survey(history: History, as_of: date) -> Survey:
    """Return all statistics of a history as of a day (the last whole one, or one in the past)."""
    found = {info.stream: part(history, info, as_of) for info in sorted(history.streams, key=lambda one: one.stream)}
    parts = {name: one for name, one in found.items() if one is not None}
    members: dict[str, list[Part]] = {}
    for one in parts.values():
        members.setdefault(one.info.group, []).append(one)
    earned = earned_sums(list(parts.values()), as_of)
    grouped = {
        name: sum(earned[one.info.stream] for one in members[name] if one.info.stream in earned)
        for name in sorted(members)
        if any(one.info.stream in earned for one in members[name])
    }
    by_stream, by_group = concentration(earned), concentration(grouped)
    return Survey(
        as_of=as_of,
        parts=parts,
        groups={name: sum_of(history, members[name], by_stream.shares, as_of) for name in sorted(members)},
        total=sum_of(history, list(parts.values()), by_stream.shares, as_of),
        by_stream=by_stream,
        by_group=by_group,
        absent=[info for info in history.streams if found[info.stream] is None],
    )


def resilience(history: History, found: Survey) -> Resilience:
    """Return how the income of a survey would stand a loss; what is in the accounts is known for the last day only."""
    whole = found.floor()
    spent = _expenses(history, found.as_of)
    cash = float(history.cash) if history.cash is not None and found.as_of == history.until else None
    costs = typical(spent)
    return Resilience(
        floor=whole,
        recurring=found.floor(recurring=True),
        crossover=_crossover(found, spent),
        runway=runway(cash, costs, whole.amount),
        bare=runway(cash, costs, None),
    )


def _crossover(found: Survey, spent: NDArray[np.float64]) -> Crossover:
    """Return where the passive streams that still bring something stand against what months cost."""
    chosen = [one for one in found.parts.values() if is_passive(one.info)]
    costs = typical(spent)
    if not chosen and costs is not None and costs > 0:
        return Crossover(passive=0.0, expenses=costs, covered=0.0, reason="no stream is passive")
    passive = proven_months(chosen, found.by_stream.shares, found.as_of, MONTHS)
    return crossover(passive.sums, spent, passive.ends[-1] if passive.ends else found.as_of)


def _expenses(history: History, as_of: date) -> NDArray[np.float64]:
    """Return what the last twelve whole months cost, oldest first; empty where no account tells."""
    if history.expenses is None:
        return np.empty(0)
    return month_sums(history.expenses, history.expenses.first, as_of)[1][-MONTHS:]
