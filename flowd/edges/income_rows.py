"""Rows of income for `flowd income`: of days in another currency, put together to periods, drawn as lines."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from flowd.edges.bars import bars
from flowd.storage.reports import Bucket, Row

if TYPE_CHECKING:
    from flowd.api import History

_WORST = ["exact", "estimated", "spread", "partial", "stale"]


def income_days(history: History, since: date, until: date, stream: str | None = None) -> list[Row]:
    """Return a row per stream and day, as Reports.income gives it, in the currency of `history`."""
    from flowd.analytics.rounding import decimal

    rows: list[Row] = []
    for info in history.streams:
        if stream is not None and info.stream != stream:
            continue
        income = history.income[info.stream]
        first = max(since, income.earned.first)
        count = max((min(until, income.earned.last) - first).days + 1, 0)
        offset = (first - income.earned.first).days
        for index in range(count):
            received, earned = (float(one.values[offset + index]) for one in (income.received, income.earned))
            known = math.isfinite(received) and math.isfinite(earned)
            guessed = bool(income.estimated[offset + index])
            if known and not received and not earned and not guessed:
                continue  # a day without a row
            amounts = {"received": decimal(received), "earned": decimal(earned)}
            rows.append(
                {
                    "period": first + timedelta(days=index),
                    "stream": info.stream,
                    "name": info.name,
                    "group": info.group,
                    "currency": history.currency,
                    **amounts,
                    **{f"{name}_base": amount for name, amount in amounts.items()},
                    "base_currency": history.currency,
                    "quality": "partial" if not known else "estimated" if guessed else "exact",
                }
            )
    return sorted(rows, key=lambda row: (cast("date", row["period"]), str(row["stream"])))


def in_periods(days: Sequence[Row], bucket: Bucket) -> list[Row]:
    """Put rows of days together to rows of periods: what is known, and partial where something is not."""
    found: dict[tuple[date, str], list[Row]] = {}
    for row in days:
        found.setdefault((period_of(cast("date", row["period"]), bucket), str(row["stream"])), []).append(row)
    rows: list[Row] = []
    for (period, _), some in sorted(found.items()):
        sums = {name: _sum(some, name) for name in ("received", "earned", "received_base", "earned_base")}
        worst = max((str(row["quality"]) for row in some), key=_WORST.index)
        rows.append({**some[0], "period": period, **sums, "quality": worst})
    return rows


def period_of(day: date, bucket: Bucket) -> date:
    """Return the first day of the period that `day` is in; weeks begin on Monday."""
    if bucket == "day":
        return day
    if bucket == "week":
        return day - timedelta(days=day.weekday())
    month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}[bucket]
    return date(day.year, month, 1)


def with_sparklines(rows: Sequence[Mapping[str, object]], days: Sequence[Row], bucket: Bucket) -> list[Row]:
    """Return `rows` (of a period and a stream or the total) with a line of what its days earned, under `days`."""
    drawn: dict[tuple[object, str], list[Row]] = {}
    for row in days:
        period = period_of(cast("date", row["period"]), bucket)
        for name in (str(row["stream"]), "total"):
            drawn.setdefault((period, name), []).append(row)
    shown: list[Row] = []
    for one in rows:
        period = cast("date", one["period"])
        some = drawn.get((period, str(one.get("stream", "total"))), [])
        last = max((cast("date", day["period"]) for day in days), default=period)
        end = min(_end(period, bucket), max(last, period))
        shown.append({**one, "days": line_of(some, period, end, 31)})
    return shown


def line_of(days: Sequence[Row], first: date, last: date, width: int = 60) -> str:
    """Draw what was earned per day from `first` to `last`; a day without a row is 0, one not known is a blank."""
    return bars(list(_daily(days, first, last)), width)


def _daily(days: Sequence[Row], first: date, last: date) -> Iterator[Decimal | None]:
    sums: dict[date, Decimal | None] = {}
    for row in days:
        day, earned = cast("date", row["period"]), cast("Decimal | None", row["earned_base"])
        before = sums.get(day, Decimal(0))
        sums[day] = None if before is None or earned is None else before + earned
    for index in range((last - first).days + 1):
        yield sums.get(first + timedelta(days=index), Decimal(0))


def _end(period: date, bucket: Bucket) -> date:
    if bucket == "day":
        return period
    if bucket == "week":
        return period + timedelta(days=6)
    months = {"month": 1, "quarter": 3, "year": 12}[bucket]
    index = period.year * 12 + period.month - 1 + months
    return date(index // 12, index % 12 + 1, 1) - timedelta(days=1)


def _sum(rows: Sequence[Row], name: str) -> Decimal | None:
    known = [cast("Decimal", row[name]) for row in rows if row[name] is not None]
    return sum(known, Decimal(0)) if known else None
