"""When the ECB publishes, and which moment its rates are kept under."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from flowd.api import Rate

#: The ECB publishes on working days at about 16:00 of its own time.
_PUBLISHED: Final = time(16, 0)
_ZONE: Final = "Europe/Berlin"
#: The moment a day's rates are kept under. From Honolulu (UTC-10) to Auckland in summer (UTC+13) it falls on that day,
#: so a rate counts for the day that the ECB prints on it; the hour of publication would be the next day in Auckland.
_MOMENT: Final = time(10, 0, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRates:
    """What one euro was worth on `day`, by currency."""

    day: date
    values: Mapping[str, Decimal]


def rate(day: date, currency: str, value: Decimal) -> Rate:
    """Return what one euro was worth in `currency` on `day` as a record."""
    return Rate(base="EUR", quote=currency, at=datetime.combine(day, _MOMENT), value=value)


def newest_expected(now: datetime) -> date:
    """Return the last day whose rates should be out at `now`, were there no bank holidays."""
    local = now.astimezone(ZoneInfo(_ZONE))
    day = local.date() if local.time() >= _PUBLISHED else local.date() - _DAY
    while day.weekday() >= _SATURDAY:
        day -= _DAY
    return day


def working_days_between(first: date, last: date) -> int:
    """Count the days after `first` and before `last` that are not on a weekend."""
    days = ((first + _DAY * n) for n in range(1, (last - first).days))
    return sum(day.weekday() < _SATURDAY for day in days)
