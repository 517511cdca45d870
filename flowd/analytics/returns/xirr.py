"""The money-weighted return: the yearly rate at which all flows of a portfolio are worth nothing (XIRR, act/365)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from flowd.analytics.returns.arrays import Days, Floats
from flowd.analytics.returns.newton import YEAR, solve
from flowd.analytics.returns.roots import Root, by_day, find_roots

_LOWEST_START: Final = 0.1
_HIGHEST_START: Final = 1.1
#: How much further away a root counts at which the present value rises with the rate.
_RISING: Final = 2.0


class NoRate(IntEnum):
    """Why flows have no rate; FOUND where they have one."""

    FOUND = 0
    NO_FLOWS = 1
    ONE_WAY = 2
    ONE_DAY = 3
    UNKNOWN = 4
    NO_ROOT = 5
    TOO_LARGE = 6

    @property
    def words(self) -> str:
        """The reason in a reader's words; empty where there is a rate."""
        return _WORDS[self]


_WORDS: Final = {
    NoRate.FOUND: "",
    NoRate.NO_FLOWS: "no money was put in or taken out",
    NoRate.ONE_WAY: "money only went one way, so no rate makes up for it",
    NoRate.ONE_DAY: "all on one day, so there is no time to earn a rate",
    NoRate.UNKNOWN: "an amount is not known",
    NoRate.NO_ROOT: "no rate makes these flows worth nothing",
    NoRate.TOO_LARGE: "the rate per year is larger than a number can hold",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyRate:
    """The money-weighted return of one portfolio, or why there is none."""

    #: Per year (0.05 is 5 %); None where there is none.
    rate: float | None
    #: The same over the whole span of the flows, not per year; None where there is none.
    period: float | None
    why: NoRate
    #: Other rates per year that fit the same flows as well.
    others: tuple[float, ...] = ()


def xirr(days: Days, amounts: ArrayLike) -> MoneyRate:
    """Return the rate r per year with sum(amount / (1 + r) ** ((day - first day) / 365)) = 0.

    `days` (n) are counts of days in any order, `amounts` (n) what the investor got (positive) and gave (negative).
    Where several rates fit, it is the one that Newton's method reaches from the money multiple (all got / all given,
    kept within 0.1 and 1.1), as spreadsheets do from a guess; where that ends nowhere it is the root closest to zero
    growth, one at which the present value rises with the rate counting twice as far. The others are in `others`;
    there is none where the invested balance never changes its sign (Soper 1959, "The Marginal Efficiency of Capital:
    A Further Note").

    Source: Microsoft Excel's XIRR for the equation and act/365; for its roots Teichroew, Robichek and Montalbano
    (1965), "An Analysis of Criteria for Investment and Financing Decisions under Certainty", Management Science
    12(3).
    """
    amounts = np.asarray(amounts, dtype=np.float64)
    days = np.asarray(days, dtype=np.int64)
    (found,), (why,) = _solve_all(days, amounts, np.array([0, len(days)], dtype=np.int64))
    if why != NoRate.FOUND and why != NoRate.TOO_LARGE:
        return MoneyRate(rate=None, period=None, why=NoRate(why))
    flows = by_day(days, amounts)
    years = flows.span / YEAR
    others: list[float] = []
    running = np.cumsum(flows.amount * np.exp(-found * years * flows.share - max(0.0, -found * years)))[:-1]
    if not (np.all(running <= 0) or np.all(running >= 0)):
        apart = [root.log_growth / years for root in find_roots(flows)]
        others = [_rate(x) for x in apart if abs(x - found) > 1e-6 * max(1.0, abs(found))]
    with np.errstate(over="ignore"):
        period = float(np.expm1(found * years))
    return MoneyRate(
        rate=_rate(found) if why == NoRate.FOUND else None,
        period=period if np.isfinite(period) else None,
        why=NoRate(why),
        others=tuple(others),
    )


def xirr_batch(days: Days, amounts: Floats, offsets: Days) -> tuple[Floats, NDArray[np.int8]]:
    """Return the rates per year (p) of p portfolios at once, NaN where there is none, and why (p, values of NoRate).

    The flows of portfolio k are `days[offsets[k]:offsets[k + 1]]` and the same of `amounts`, in any order; `offsets`
    (p + 1) begins with 0 and ends with the number of flows. What each rate is: see `xirr`.
    """
    logs, why = _solve_all(days, np.asarray(amounts, dtype=np.float64), offsets)
    with np.errstate(over="ignore"):
        rates = np.expm1(logs)
    rates[why != NoRate.FOUND] = np.nan
    return rates, why


def xnpv(rate: float, days: Days, amounts: Floats) -> float:
    """Return what flows are worth on their first day at `rate` per year: sum(amount / (1 + rate) ** (days / 365)).

    Source: Microsoft Excel's XNPV, but discounted to the earliest day, whatever the order. ValueError for rates of -1
    and below.
    """
    if rate <= -1:
        raise ValueError(f"a rate has to be above -1 (a loss of all), not {rate}")
    return float(amounts @ np.exp(-np.log1p(rate) * (days - days.min()) / YEAR)) if len(days) else 0.0


def _rate(log: float) -> float:
    with np.errstate(over="ignore"):
        return float(np.expm1(log))


def _solve_all(days: Days, amounts: Floats, offsets: Days) -> tuple[Floats, NDArray[np.int8]]:
    """Return log(1 + rate) of each portfolio and whether it is one."""
    if len(offsets) < 1 or offsets[0] != 0 or offsets[-1] != len(days) or len(days) != len(amounts):
        raise ValueError("offsets have to begin with 0 and end with the number of days and amounts")
    count = len(offsets) - 1
    logs = np.full(count, np.nan)
    why = np.full(count, NoRate.NO_FLOWS, dtype=np.int8)
    filled = np.flatnonzero(np.diff(offsets) > 0)
    if not len(filled):
        return logs, why
    starts = offsets[:-1][filled]
    first = np.minimum.reduceat(days, starts)
    last = np.maximum.reduceat(days, starts)
    got = np.add.reduceat(np.maximum(amounts, 0), starts)
    given = -np.add.reduceat(np.minimum(amounts, 0), starts)
    why[filled] = np.select(
        [~np.isfinite(got + given), (got == 0) & (given == 0), (got == 0) | (given == 0), first == last],
        [NoRate.UNKNOWN, NoRate.NO_FLOWS, NoRate.ONE_WAY, NoRate.ONE_DAY],
        NoRate.FOUND,
    )
    solvable = why[filled] == NoRate.FOUND
    chosen = filled[solvable]
    start = np.log(np.clip(got[solvable] / given[solvable], _LOWEST_START, _HIGHEST_START))
    logs[chosen] = solve(days, amounts, starts[solvable], np.diff(offsets)[chosen], first[solvable], start)
    for k in chosen[np.isnan(logs[chosen])]:
        logs[k], why[k] = _search(days[offsets[k] : offsets[k + 1]], amounts[offsets[k] : offsets[k + 1]])
    with np.errstate(over="ignore"):
        why[(why == NoRate.FOUND) & ~np.isfinite(np.expm1(logs))] = NoRate.TOO_LARGE
    return logs, why


def _search(days: Days, amounts: Floats) -> tuple[float, NoRate]:
    flows = by_day(days, amounts)
    if not len(flows.amount):
        return np.nan, NoRate.NO_FLOWS
    roots = find_roots(flows)
    if not roots:
        return np.nan, NoRate.NO_ROOT
    years = flows.span / YEAR

    def distance(root: Root) -> float:
        return abs(root.log_growth) * (1 if root.falling else _RISING)

    best = min(roots, key=distance)
    return best.log_growth / years, NoRate.FOUND
