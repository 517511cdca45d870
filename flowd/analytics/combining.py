"""A day of performance: its return, and the sum of several parts' days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from flowd.domain.flows import Quality, worst
from flowd.domain.shares import EXACT
from flowd.domain.studied import Performance, Scope

_ZERO: Final = Decimal(0)
#: Decimal places of the return of a day.
_UNIT: Final = Decimal(1).scaleb(-15)
#: So many parts are named where some are not known; of more it is said how many.
_NAMED: Final = 3

NOTHING_INVESTED: Final = "nothing was invested, so there is no return"
BELOW_NOTHING: Final = "it was worth less than nothing, so there is no return"


def day_return(opening: Decimal, flow: Decimal, pnl: Decimal) -> tuple[Decimal | None, str]:
    """Return (the return of a day as a share, why there is none) from the value the day before, flow and pnl.

    What came in counts from the start of the day, what left until its end (Modified Dietz with the weight of the whole
    day for what came in and none for what left; several flows of a day are one, their sum):
    (V(end) + out) / (V(start) + in) - 1 = pnl / (V(start) + in). So money that comes or leaves changes no return as
    long as prices stand still. There is none without a base above zero.
    """
    base = EXACT.add(opening, max(flow, _ZERO))
    if base > 0:
        return EXACT.divide(pnl, base).quantize(_UNIT, rounding=ROUND_HALF_EVEN, context=EXACT), ""
    return None, BELOW_NOTHING if base < 0 else NOTHING_INVESTED


def opening_of(row: Performance) -> Decimal | None:
    """Return what a portfolio was worth at the end of the day before: value - flow - pnl."""
    if row.value is None or row.flow is None or row.pnl is None:
        return None
    return EXACT.subtract(EXACT.subtract(row.value, row.flow), row.pnl)


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the exact sum; None where one of `amounts` is."""
    found = _ZERO
    for amount in amounts:
        if amount is None:
            return None
        found = EXACT.add(found, amount)
    return found


def combine(
    scope: Scope,
    name: str,
    day: date,
    rows: Iterable[Performance],
    quality: Quality | None = None,
    reason: str | None = None,
) -> Performance:
    """Return the day of a portfolio from its parts' rows of that day, whatever their order.

    Every amount is the sum, and None where it is not known of one part. Money that went from one part to another is no
    flow of the whole. `quality` and `reason` are the worst and those of the parts, where nothing else is said.
    """
    parts = sorted(rows, key=lambda row: row.name)
    value, flow, pnl = (
        total(row.value for row in parts),
        total(row.flow for row in parts),
        total(row.pnl for row in parts),
    )
    said = _reasons(parts) if reason is None else reason
    gained: Decimal | None = None
    if value is not None and flow is not None and pnl is not None:
        gained, why = day_return(EXACT.subtract(EXACT.subtract(value, flow), pnl), flow, pnl)
        said = "; ".join(one for one in (said, why) if one)
    return Performance(
        scope=scope,
        name=name,
        day=day,
        value=value,
        flow=flow,
        pnl=pnl,
        day_return=gained,
        income=total(row.income for row in parts),
        price=total(row.price for row in parts),
        fx=total(row.fx for row in parts),
        fees=total(row.fees for row in parts),
        other=total(row.other for row in parts),
        quality=worst(*(row.quality for row in parts)) if quality is None else quality,
        reason=said,
    )


def _reasons(parts: Sequence[Performance]) -> str:
    """Return what is not known or not exact of which parts; that an exact one has no return is its own matter."""
    said = [f"{row.name}: {row.reason}" for row in parts if row.reason and (not _whole(row))]
    more = len(said) - _NAMED
    return "; ".join([*said[:_NAMED], f"and {more} more"] if more > 0 else said)


def _whole(row: Performance) -> bool:
    amounts = (row.value, row.flow, row.pnl, row.income, row.fees, row.other)
    return row.quality is Quality.EXACT and not any(amount is None for amount in amounts)
