"""From an outlook to the rows that are kept of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from flowd.analytics.projection.subjects import Outlook, Spread, SubjectOutlook
from flowd.analytics.rounding import decimal
from flowd.domain.studied import Projected

#: Amounts that are foretold are kept to so many places.
PLACES: Final = 4
_ZERO: Final = Decimal(0)


def projected(outlook: Outlook) -> Iterator[Projected]:
    """Yield the rows of every subject: one for each day, each month that ends within, each horizon of sums."""
    horizons = [outlook.horizon_day(horizon) for horizon in outlook.horizons]
    for one in outlook.subjects.values():
        yield from _rows(outlook, one, "day", outlook.days, one.daily)
        yield from _rows(outlook, one, "month", outlook.months, one.monthly)
        yield from _rows(outlook, one, "sum", horizons, one.sums)


def _rows(
    outlook: Outlook, one: SubjectOutlook, span: str, days: Sequence[date], spread: Spread
) -> Iterator[Projected]:
    confidence = decimal(one.confidence, 4)
    # a method in words may be long: what is kept beside each number says the first of it
    method = one.method if len(one.method) <= 200 else f"{one.method[:199]}…"
    for place, day in enumerate(days):
        p05, p10, p25, p50, p75, p90, p95 = (_amount(value) for value in spread.quantiles[:, place])
        yield Projected(
            scope=one.scope,
            name=one.name,
            made_on=outlook.made_on,
            span=span,
            for_day=day,
            p05=p05,
            p10=p10,
            p25=p25,
            p50=p50,
            p75=p75,
            p90=p90,
            p95=p95,
            mean=_amount(float(spread.mean[place])),
            method=method,
            confidence=confidence,
        )


def _amount(value: float) -> Decimal:
    return decimal(float(value), PLACES) or _ZERO
