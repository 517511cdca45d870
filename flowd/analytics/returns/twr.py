"""The time-weighted return: what a unit of money would have returned, whatever came in or went out meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.returns.arrays import Floats
from flowd.analytics.returns.dietz import Timing, modified_dietz, weights


class Link(IntEnum):
    """What a day is in the chain of returns."""

    #: Its value is known, and that of the day before.
    LINKED = 0
    #: Its value is known, those before it were not: its return is that of all days since the last known one.
    BRIDGED = 1
    #: Nothing was there at its start, at its end and in between: no return, and no break.
    IDLE = 2
    #: The first known value: the chain begins at its end.
    OPENING = 3
    #: Its value is not known.
    UNKNOWN = 4
    #: Its return cannot be told, because there was no capital above zero to earn it: the chain ends.
    NO_BASE = 5
    #: Its return cannot be told, because a flow is not known: the chain ends.
    NO_FLOW = 6


BROKEN: Final = (Link.NO_BASE, Link.NO_FLOW)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chain:
    """The returns of the days of a portfolio (n each), ready to be linked."""

    #: The return of the day, or of the days it closes; NaN where there is none.
    returns: Floats
    #: How many days each return is over: 1, more where it closes a gap, 0 where there is no return.
    spans: NDArray[np.int64]
    #: What each day is, as values of Link.
    links: NDArray[np.int8]

    @property
    def broken(self) -> int | None:
        """The place of the first day whose return cannot be told; None where the chain holds."""
        places = np.flatnonzero(self.links >= Link.NO_BASE)
        return int(places[0]) if len(places) else None

    @property
    def total(self) -> float:
        """The return over all days, linked: the product of (1 + return), less 1; NaN where the chain is broken."""
        if self.broken is not None or not np.any(self.links == Link.OPENING):
            return np.nan
        return float(np.prod(1 + self.returns[self.spans > 0])) - 1

    def index(self) -> Floats:
        """Return what 1 at the opening became by the end of each day (n): NaN where not known, and after a break."""
        grown = np.where(self.spans > 0, self.returns, 0.0)
        index: Floats = np.cumprod(np.add(grown, 1.0, out=grown), out=grown)
        if self.links[0] != Link.OPENING or np.any(self.links >= Link.UNKNOWN):
            index[self.links == Link.UNKNOWN] = np.nan
            openings = np.flatnonzero(self.links == Link.OPENING)
            index[: openings[0] if len(openings) else None] = np.nan
            if self.broken is not None:
                index[self.broken :] = np.nan
        return index


def chain(value: Floats, flow: Floats, timing: Timing = Timing.BY_SIGN) -> Chain:
    """Return the returns of n days in a row from their values at the end of each day and the flows of each day.

    Each day is a sub-period of its own, and its return is Modified Dietz with the weights of `timing`: by default
    money that comes in earns from the start of its day, money that leaves until its end. So a deposit of any size
    changes nothing on a day without a move in prices, an account filled from zero has a base, and one emptied has it
    too. Where values are not known (NaN) one longer sub-period leads from the last known value to the next, its flows
    weighted by day. The flow of the opening day is in the opening value.

    Source: Bank Administration Institute, "Measuring the Investment Performance of Pension Funds" (1968), for linking
    sub-periods between valuations; the timing by sign is that of Portfolio Performance's True Time-Weighted Rate of
    Return.
    """
    if value.shape != flow.shape:
        raise ValueError(f"{len(value)} values and {len(flow)} flows: one of each per day is needed")
    known = np.isfinite(value)
    if known.all() and len(value):
        returns, links = _each_day(value, flow, timing)
        spans = (links == Link.LINKED).astype(np.int64)
        return _ended(Chain(returns=returns, spans=spans, links=links))
    returns = np.full(len(value), np.nan)
    links = np.full(len(value), Link.UNKNOWN, dtype=np.int8)
    spans = np.zeros(len(value), dtype=np.int64)
    at = np.flatnonzero(known)
    if len(at):
        links[at[0]] = Link.OPENING
    if len(at) > 1:
        lengths = np.diff(at)
        inside = slice(at[0] + 1, at[-1] + 1)
        moved = flow[inside]
        starts = at[:-1] - at[0]
        day = np.arange(1, len(moved) + 1) - np.repeat(starts, lengths)
        weighted = moved * weights(day.astype(np.float64), np.repeat(lengths, lengths), moved, timing)
        found, kinds = _sub_periods(
            value[at], np.add.reduceat(moved, starts), np.add.reduceat(weighted, starts), bridged=lengths > 1
        )
        returns[at[1:]], links[at[1:]] = found, kinds
        spans[at[1:]] = np.where(kinds <= Link.BRIDGED, lengths, 0)
    return _ended(Chain(returns=returns, spans=spans, links=links))


def _ended(found: Chain) -> Chain:
    """Break the chain behind a loss of more than everything: what is owed has no return, whatever comes later."""
    owed = np.flatnonzero(found.returns < -1)
    if len(owed):
        behind = slice(owed[0] + 1, None)
        later = np.flatnonzero((found.spans[behind] > 0) | (found.links[behind] >= Link.NO_BASE))
        if len(later) and found.spans[owed[0] + 1 + later[0]]:
            place = owed[0] + 1 + later[0]
            found.returns[place], found.spans[place], found.links[place] = np.nan, 0, Link.NO_BASE
    return found


def _each_day(value: Floats, flow: Floats, timing: Timing) -> tuple[Floats, NDArray[np.int8]]:
    returns = np.empty(len(value))
    links = np.empty(len(value), dtype=np.int8)
    moved = flow[1:]
    # the weight of one whole day, without the arrays that longer sub-periods need
    match timing:
        case Timing.BY_SIGN:
            weighted = np.maximum(moved, 0)
        case Timing.START:
            weighted = moved
        case Timing.MIDDLE:
            weighted = moved / 2
        case Timing.END:
            weighted = np.where(np.isnan(moved), moved, 0.0)
    returns[0], links[0] = np.nan, Link.OPENING
    returns[1:], links[1:] = _sub_periods(value, moved, weighted, bridged=None)
    return returns, links


def _sub_periods(
    value: Floats, flow: Floats, weighted: Floats, *, bridged: NDArray[np.bool_] | None
) -> tuple[Floats, NDArray[np.int8]]:
    """Return the return of each sub-period between `value`s (n + 1), and what it is."""
    opening, closing = value[:-1], value[1:]
    base = opening + weighted
    gain = closing - opening
    gain -= flow
    links = np.zeros(len(flow), dtype=np.int8) if bridged is None else bridged.astype(np.int8)
    # almost always all is well, and then one look is enough
    if len(base) and base.min() > 0:
        return np.divide(gain, base, out=gain), links
    returns = modified_dietz(opening, closing, flow, weighted)
    links[(base == 0) & (gain == 0)] = Link.IDLE
    links[np.isnan(returns)] = Link.NO_BASE
    links[np.isnan(flow)] = Link.NO_FLOW
    returns[links >= Link.IDLE] = np.nan
    return returns, links


def time_weighted(times: Floats, values: Floats, flow_times: Floats, flows: Floats) -> Floats:
    """Return the returns (n - 1) of the sub-periods between n valuations at `times`, each by Modified Dietz.

    A flow at the very instant of a valuation is in that value, so it belongs to the sub-period that ends there, with
    weight 0; any other is weighted by the share of its sub-period that is left. Flows at the first valuation or before
    it are in it already. NaN where the base is not above zero. `times` are in any unit, ascending; ValueError where
    they are not, or where a flow comes after the last one.

    Source: as `chain`; DESIGN's "a flow at a valuation's instant is inside it".
    """
    if np.any(np.diff(times) <= 0):
        raise ValueError("valuations have to be in order, one at a time")
    if len(flow_times) and flow_times.max() > times[-1]:
        raise ValueError("a flow comes after the last valuation")
    ends = np.searchsorted(times, flow_times, side="left")
    inside = ends > 0
    ends, when, money = ends[inside], flow_times[inside], flows[inside]
    share = (times[ends] - when) / (times[ends] - times[ends - 1])
    count = len(times) - 1
    moved = np.bincount(ends - 1, weights=money, minlength=count).astype(np.float64)
    weighted = np.bincount(ends - 1, weights=money * share, minlength=count).astype(np.float64)
    return modified_dietz(values[:-1], values[1:], moved, weighted)
