"""The analytic `attribution`: what the change in value of a connection's accounts came from, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from flowd.analytics.valued import Moves, ValuedDay, valued_days, widen
from flowd.api import Flow, FlowClass, Metric, Stream, View
from flowd.domain.shares import EXACT
from flowd.domain.time import day_start

_DAY: Final = timedelta(days=1)
_ZERO: Final = Decimal(0)
#: What the ledger's classes are shown as; those not named here are `other`.
_PARTS: Final = {
    FlowClass.REALISED_PNL: "realised_pnl",
    FlowClass.FUNDING: "funding",
    FlowClass.FEE: "fees",
    FlowClass.REBATE: "rebates",
    FlowClass.STAKING: "staking",
}
PARTS: Final = (*_PARTS.values(), "other")


class Attribution:
    """Says for accounts that are worth something where each day's change in value came from.

    For every connection and day: change = outside + realised_pnl + funding + fees + rebates + staking + other +
    unexplained, exactly. It is the same whichever of the two the income is made from: value or ledger.
    """

    name = "attribution"
    reads: Sequence[str] = ("derived.flow", "derived.snapshot_daily", "raw.rate")
    writes: Sequence[str] = ("derived.metric",)
    by_connection = True

    def reach(self, view: View, since: date, until: date) -> tuple[date, date]:
        """Return the days to compute anew: a value reaches to the known values around it."""
        worth = view.worth()
        first, last = since, until
        for stream in worth.streams():
            start, end = widen(worth, stream, since, min(until, view.today))
            first, last = min(first, start), max(last, end)
        return first, last

    def compute(self, view: View, since: date, until: date) -> Iterator[Metric]:
        """Yield the change in value, and its parts, of each connection and day from `since` to `until`."""
        worth = view.worth()
        for stream in worth.streams():
            yield from _connection(worth, stream, since, min(until, view.today))


def _connection(view: View, stream: Stream, since: date, until: date) -> Iterator[Metric]:
    days, values = valued_days(view, stream, since, until)
    if not days:
        return
    booked: defaultdict[str, list[Flow]] = defaultdict(list)
    # one booked after the last reading of the day before the first is in the value of the first
    for flow in view.gains(stream.connection, days[0].day - _DAY, days[-1].day):
        booked[_PARTS.get(flow.flow_class, "other")].append(flow)
    moves = {part: Moves(view, values, booked[part]) for part in PARTS}
    for day in days:
        parts = {part: _of_day(moves[part], day) for part in PARTS}
        numbers = {"change": day.change, "outside": day.outside, **parts, "unexplained": _rest(day, parts)}
        at = day_start(day.day, view.zone)
        for name, value in numbers.items():
            yield Metric(subject=stream.connection, name=name, window="1d", at=at, value=value, unit=view.base_currency)


def _of_day(moves: Moves, day: ValuedDay) -> Decimal | None:
    """Return what was booked on a day; on the first, what was booked after it was first looked."""
    return moves.between(day.day, day.day) if day.opened is None else moves.after(day.opened, day.day)


def _rest(day: ValuedDay, parts: dict[str, Decimal | None]) -> Decimal | None:
    rest = day.gain
    for part in parts.values():
        if rest is None or part is None:
            return None
        rest = EXACT.subtract(rest, part)
    return rest
