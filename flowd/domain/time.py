"""Instants, days and ticks: aware UTC inside, and the tenant's zone decides what a day is."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def check_aware(value: object, what: str) -> datetime:
    """Return `value` in UTC if it is an aware datetime, else raise with the fix."""
    if not isinstance(value, datetime):
        raise TypeError(f"{what} must be a datetime, got {type(value).__name__}")
    if value.tzinfo is None or value.utcoffset() is None:
        raise ValueError(f"{what} has no time zone: {value.isoformat()} (give tzinfo, for instance datetime.UTC)")
    if value.year < 1900 or value.year > 2200:
        raise ValueError(f"{what} is out of range: {value.isoformat()} (years 1900 to 2200 are kept)")
    return value.astimezone(UTC)


def check_moment(value: object, what: str) -> datetime | date:
    """Return `value` if it is an aware datetime (in UTC) or a date, else raise with the fix."""
    if isinstance(value, date) and not isinstance(value, datetime):
        if not 1900 <= value.year <= 2200:
            raise ValueError(f"{what} is out of range: {value.isoformat()} (years 1900 to 2200 are kept)")
        return value
    return check_aware(value, what)


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """Return the day on which the instant `at` falls in `zone`."""
    return at.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which `day` begins in `zone`.

    Where the clock skips midnight the day begins at the first instant that exists; where midnight comes twice, at
    the first of the two.
    """
    start = datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)
    # A skipped midnight maps to an instant that still shows the day before: the day then starts at the jump.
    if start.astimezone(zone).date() < day:
        low, high = start, start + timedelta(hours=3)
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) / 2
            low, high = (low, middle) if middle.astimezone(zone).date() >= day else (middle, high)
        start = high.replace(microsecond=0)
    elif (start - timedelta(microseconds=1)).astimezone(zone).date() >= day:
        # A clock put back across midnight shows the first minutes of `day` before this instant already.
        probe = start - timedelta(hours=3)
        while probe.astimezone(zone).date() < day and probe < start:
            probe += timedelta(minutes=15)
        start = probe
    return start


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the UTC instants [start, end) of `day` in `zone`: 23, 24 or 25 hours apart, rarely something else."""
    return day_start(day, zone), day_start(day + timedelta(days=1), zone)


def month_end(day: date) -> date:
    """Return the last day of the month of `day`.

    >>> month_end(date(2024, 2, 1))
    datetime.date(2024, 2, 29)
    """
    return day.replace(day=monthrange(day.year, day.month)[1])


def days(first: date, last: date) -> Iterator[date]:
    """Yield every day from `first` to `last`, both included; nothing when `last` comes before."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def tick_at_or_before(at: datetime, every: timedelta, offset: timedelta = timedelta(0)) -> datetime:
    """Return the last multiple of `every` since 1970 (shifted by `offset`) that is not after `at`.

    Ticks do not depend on when the daemon started, so a retry after a restart carries the same timestamp.
    """
    if every <= timedelta(0):
        raise ValueError(f"an interval must be longer than nothing, got {every}")
    return at - ((at - EPOCH - offset) % every)
