"""Days in a zone over daylight saving, and ticks that do not depend on when the daemon started."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowd.domain.time import EPOCH, day_bounds, day_of, day_start, days, tick_at_or_before

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # moves by half an hour
    "America/Santiago",  # skips midnight
    "Africa/Cairo",  # skips midnight
    "Asia/Beirut",
    "America/Havana",  # has midnight twice
    "Pacific/Apia",  # skipped a whole day in 2011
    "Asia/Kolkata",
]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_days_of_berlin_have_their_hours(day: date, hours: int) -> None:
    start, end = day_bounds(day, ZoneInfo("Europe/Berlin"))
    assert end - start == timedelta(hours=hours)


def test_a_day_begins_where_midnight_is_skipped() -> None:
    zone = ZoneInfo("America/Santiago")
    assert day_start(date(2025, 9, 7), zone) == datetime(2025, 9, 7, 4, tzinfo=UTC)


@given(st.dates(date(1990, 1, 1), date(2035, 12, 31)), st.sampled_from(ZONES))
def test_days_tile_the_time_line(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    start, end = day_bounds(day, zone)
    if start == end:  # the day does not exist there, as 30 December 2011 in Apia
        assert day_of(start, zone) > day
        return
    assert day_of(start, zone) == day
    assert day_of(end - timedelta(microseconds=1), zone) == day
    assert day_of(start - timedelta(seconds=1), zone) < day
    assert day_of(end, zone) > day


def test_a_range_of_days_includes_both_ends() -> None:
    assert list(days(date(2026, 2, 27), date(2026, 3, 1))) == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]
    assert list(days(date(2026, 3, 1), date(2026, 2, 1))) == []


@given(
    st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.timedeltas(timedelta(seconds=1), timedelta(days=40)),
    st.timedeltas(timedelta(0), timedelta(hours=1)),
)
def test_a_tick_is_the_last_multiple(at: datetime, every: timedelta, offset: timedelta) -> None:
    tick = tick_at_or_before(at, every, offset)
    assert tick <= at < tick + every
    assert (tick - EPOCH - offset) % every == timedelta(0)


def test_an_interval_must_be_longer_than_nothing() -> None:
    with pytest.raises(ValueError, match="longer than nothing"):
        tick_at_or_before(EPOCH, timedelta(0))
