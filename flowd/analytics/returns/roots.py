"""Finds every rate at which dated flows are worth nothing: for flows that have none, or more than one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.returns.arrays import Days, Floats

#: Growth over the whole span that is looked at: e**-700 to e**700, nearly all that a float holds.
_REACH: Final = 700.0
#: Close to zero growth a step is 1.5 %, far out it is 3 % of the growth itself.
_STEEPNESS: Final = 8.0
_GRID: Final[Floats] = _REACH * np.sinh(np.linspace(-1, 1, 513) * _STEEPNESS) / np.sinh(_STEEPNESS)
_STEPS: Final = 200
#: A step this small is within rounding.
_CLOSE: Final = 1e-14


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A growth over the whole span, as a logarithm, at which the flows are worth nothing."""

    log_growth: float
    #: True where the present value falls as the rate rises, as it does for money that is laid out first and comes back.
    falling: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """Flows by day: one a day, in order, none zero, and the share of the span that has passed at each."""

    share: Floats
    amount: Floats
    #: Days from the first flow to the last.
    span: int


def by_day(days: Days, amounts: Floats) -> Flows:
    """Return the flows summed by day and in order; what cancels within a day is gone, at either end too."""
    order = np.argsort(days, kind="stable")
    if not len(order):
        return Flows(share=np.empty(0), amount=np.empty(0), span=0)
    days, amounts = days[order], amounts[order]
    first = np.concatenate(([True], days[1:] != days[:-1]))
    starts = np.flatnonzero(first)
    days, sums = days[starts], np.add.reduceat(amounts, starts)
    # what cancels within a day leaves dust behind, which is no flow
    kept = np.abs(sums) > 1e-12 * np.add.reduceat(np.abs(amounts), starts)
    days, sums = days[kept], sums[kept]
    span = int(days[-1] - days[0]) if len(days) else 0
    return Flows(share=(days - days[0]) / max(span, 1) if len(days) else np.empty(0), amount=sums, span=span)


def find_roots(flows: Flows) -> list[Root]:
    """Return all growths between e**-700 and e**700 that make `flows` worth nothing, the smallest first.

    A present value is a sum of exponentials: it has at most as many roots as the flows change their sign (Descartes'
    rule in the form of Laguerre, 1883). The curve is walked on a grid; where it turns back towards zero between two of
    its points the turning point is looked at too, so that two roots close together are not stepped over.
    """
    if len(flows.amount) < 2 or np.all(flows.amount > 0) or np.all(flows.amount < 0):
        return []
    values, slopes = _walk(flows)
    # at the edges of the grid a value may vanish altogether: there is nothing to be found then
    signs = np.sign(values)
    turning = (signs[:-1] == signs[1:]) & (values[:-1] * slopes[:-1] < 0) & (values[1:] * slopes[1:] > 0)
    found: list[Root] = []
    for i in np.flatnonzero((signs[:-1] * signs[1:] < 0) | (signs[:-1] == 0) | turning):
        low, high = float(_GRID[i]), float(_GRID[i + 1])
        edges = [low, _solve(flows, low, high, derivative=1), high] if turning[i] else [low, high]
        for start, end in pairwise(edges):
            left, right = present_value(flows, start), present_value(flows, end)
            if left == 0 or left * right < 0:
                at = start if left == 0 else _solve(flows, start, end, derivative=0)
                found.append(Root(log_growth=at, falling=left > right))
    return found


def present_value(flows: Flows, log_growth: float, derivative: int = 0) -> float:
    """Return what `flows` are worth at a growth over the whole span, times a positive number that keeps it finite.

    With `derivative` 1 its slope in the growth, by the same positive number.
    """
    weights = np.exp(-log_growth * flows.share - max(0.0, -log_growth))
    if derivative:
        weights *= (-flows.share) ** derivative
    return float(flows.amount @ weights)


def _walk(flows: Flows) -> tuple[Floats, Floats]:
    values, slopes = np.empty(len(_GRID)), np.empty(len(_GRID))
    # in pieces, because thousands of flows times all points would be a matrix of many megabytes
    step = max(1, 200_000 // len(flows.amount))
    for i in range(0, len(_GRID), step):
        piece = _GRID[i : i + step, None]
        weights: NDArray[np.float64] = np.exp(-piece * flows.share - np.maximum(0.0, -piece))
        values[i : i + step] = weights @ flows.amount
        slopes[i : i + step] = -(weights @ (flows.amount * flows.share))
    return values, slopes


def _solve(flows: Flows, low: float, high: float, *, derivative: int) -> float:
    """Return where the value (or its slope) passes zero between `low` and `high`.

    By Newton's method, and by halving where a step would leave the bracket or shrinks it too slowly.
    """
    amounts = flows.amount * (-flows.share) ** derivative
    slopes = amounts * -flows.share
    rising = present_value(flows, low, derivative) < 0
    at = low + (high - low) / 2
    step = before = high - low
    for _ in range(_STEPS):
        # both by the same positive number, whatever it is
        weights = np.exp(-at * flows.share - max(0.0, -at))
        value, slope = float(amounts @ weights), float(slopes @ weights)
        if value == 0:
            break
        if (value < 0) == rising:
            low = at
        else:
            high = at
        before, step = step, value / slope if slope else np.inf
        if not low < at - step < high or abs(step) > abs(before) / 2:
            step = at - (low + (high - low) / 2)
        if abs(step) <= _CLOSE * max(1.0, abs(at)):
            return at - step
        at -= step
    return at
