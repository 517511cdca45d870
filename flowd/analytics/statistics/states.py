"""The state of each stream, each group and the total, as it is kept in derived.stream_state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.rounding import decimal
from flowd.analytics.statistics.coming import every
from flowd.analytics.statistics.figures import all_reserved, volatility
from flowd.analytics.statistics.health import Condition, Health
from flowd.analytics.statistics.months import Floor
from flowd.analytics.statistics.parts import Part, is_passive
from flowd.analytics.statistics.survey import MONTHS, Survey
from flowd.analytics.statistics.trend import Direction, Trend
from flowd.analytics.statistics.upcoming import Upcoming, upcoming
from flowd.api import About, History, Method, StreamInfo, StreamState


def states(history: History, found: Survey) -> Iterator[StreamState]:
    """Yield the state of every stream, those that have nothing to tell included, of every group and of the total."""
    ahead = upcoming(history)
    for name, one in found.parts.items():
        months = one.months(one.income.earned.first, found.as_of)[1]
        yield _state(
            found,
            About.STREAM,
            name,
            [one],
            one.trend,
            one.health,
            months,
            share=found.by_stream.shares.get(name),
            floor=found.floor([name]),
            cadence=_cadence(one),
            ahead=ahead.get(name),
        )
    for info in found.absent:
        yield _absent(found, info, ahead.get(info.stream))
    for name, group in found.groups.items():
        yield _state(
            found,
            About.GROUP,
            name,
            group.parts,
            group.trend,
            group.health,
            group.months(MONTHS)[1],
            share=found.by_group.shares.get(name),
            floor=found.floor([one.info.stream for one in group.parts]),
        )
    total = found.total
    share = 1.0 if found.by_stream.shares else None
    months = total.months(MONTHS)[1]
    yield _state(
        found, About.TOTAL, "", total.parts, total.trend, total.health, months, share=share, floor=found.floor()
    )


def _state(
    found: Survey,
    scope: About,
    name: str,
    parts: Sequence[Part],
    trend: Trend,
    health: Health,
    months: NDArray[np.float64],
    *,
    share: float | None,
    floor: Floor,
    cadence: str | None = None,
    ahead: Upcoming | None = None,
) -> StreamState:
    rates = {one.info.tax for one in parts}
    taxed = any(rate is not None for rate in rates)
    since = found.as_of.replace(month=1, day=1)
    ways = {is_passive(one.info) for one in parts}
    return StreamState(
        scope=scope,
        name=name,
        as_of=found.as_of,
        trend=trend.direction.value,
        trend_reason=trend.reason,
        health=health.condition.value,
        health_reason=health.reason,
        slope=decimal(trend.slope),
        slope_pct=decimal(trend.slope_pct),
        p_value=decimal(trend.p),
        share=decimal(share),
        floor=decimal(floor.amount),
        volatility=decimal(volatility(months)),
        cadence=ahead.words if ahead is not None else cadence,
        next_due=ahead.day if ahead is not None else None,
        next_amount=ahead.amount if ahead is not None else None,
        # of a sum only where all of it is so
        passive=ways.pop() if len(ways) == 1 else None,
        tax_rate=rates.pop() if len(rates) == 1 else None,
        tax_reserve=decimal(all_reserved(parts, since, found.as_of)) if taxed else None,
    )


def _absent(found: Survey, info: StreamInfo, ahead: Upcoming | None) -> StreamState:
    return StreamState(
        scope=About.STREAM,
        name=info.stream,
        as_of=found.as_of,
        trend=Direction.UNKNOWN.value,
        trend_reason="nothing known so far",
        health=Condition.UNKNOWN.value,
        health_reason="nothing known so far",
        cadence=ahead.words if ahead is not None else None,
        next_due=ahead.day if ahead is not None else None,
        next_amount=ahead.amount if ahead is not None else None,
        passive=is_passive(info),
        tax_rate=info.tax,
        tax_reserve=None if info.tax is None else Decimal(0),
    )


def _cadence(one: Part) -> str | None:
    """Return how often a stream comes: as declared, as its payer's rhythm says, else as its pauses were."""
    if one.info.every is not None:
        return one.info.every
    if one.info.method is Method.VALUE:
        return None
    return None if one.coming.usual is None else every(one.coming.usual)
