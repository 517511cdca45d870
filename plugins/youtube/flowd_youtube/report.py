"""Reads a report of YouTube Analytics: columns by name, one row per day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from flowd.api import RetryLater
from flowd.reading import day, decimal

#: What is asked for: the revenue after YouTube's share, its parts, and the ads' sum before that share.
METRICS: Final = ("estimatedRevenue", "estimatedAdRevenue", "estimatedRedPartnerRevenue", "grossRevenue")
_WHERE: Final = "YouTube's report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What one day earned: `revenue` is the creator's, `parts` what else was said of it."""

    day: date
    revenue: Decimal
    parts: Mapping[str, str]


def days(told: object) -> Iterator[Day]:
    """Yield the days of a report, in its order; RetryLater where it is not as documented."""
    if not isinstance(told, dict):
        raise RetryLater(f"{_WHERE} is not an object")
    headers = told.get("columnHeaders")
    if not isinstance(headers, list):
        raise RetryLater(f"{_WHERE} has no columnHeaders")
    names = [str(one.get("name")) if isinstance(one, dict) else "" for one in headers]
    for needed in ("day", METRICS[0]):
        if needed not in names:
            raise RetryLater(f"{_WHERE} has no column {needed}")
    # A channel without views has no rows at all.
    rows = told.get("rows") or []
    if not isinstance(rows, list):
        raise RetryLater(f"{_WHERE} has rows that are no list")
    for row in rows:
        if not isinstance(row, list) or len(row) != len(names):
            raise RetryLater(f"{_WHERE} has a row that does not fit its columns")
        cells = dict(zip(names, row, strict=True))
        yield Day(
            day=day(str(cells["day"]), _WHERE),
            revenue=decimal(cells[METRICS[0]], _WHERE),
            parts={name: str(decimal(cells[name], _WHERE)) for name in METRICS[1:] if cells.get(name) is not None},
        )
