"""Instants at which feeds run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flowd.domain.time import tick_at_or_before
from flowd.engine.scheduler import first_run, offset_of, share_of

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NAMES = [f"connection-{number}" for number in range(500)]


def test_shares_are_stable_and_evenly_spread() -> None:
    assert share_of("my-blofin") == share_of("my-blofin")
    tenths = [int(share_of(name) * 10) for name in NAMES]
    assert all(25 < tenths.count(tenth) < 80 for tenth in range(10))


def test_offsets_stay_within_the_interval() -> None:
    assert all(timedelta(0) <= offset_of(name, MINUTE) < MINUTE for name in NAMES)


def test_a_first_run_comes_soon_but_not_with_all_others() -> None:
    first = sorted(first_run(name, MINUTE, now=NOW, last_success=None) for name in NAMES)
    assert first[0] >= NOW
    assert first[-1] <= NOW + timedelta(seconds=15)
    assert first[250] - NOW > timedelta(seconds=4)


def test_a_first_run_does_not_get_into_the_way_of_the_first_tick() -> None:
    for name in NAMES:
        first = first_run(name, MINUTE, now=NOW, last_success=None)
        tick = tick_at_or_before(NOW, MINUTE, offset_of(name, MINUTE)) + MINUTE
        assert first == tick or tick - first > timedelta(seconds=5)


def test_a_feed_that_is_not_due_yet_waits_for_its_interval() -> None:
    last = NOW - timedelta(hours=3)
    assert first_run("salary", timedelta(days=1), now=NOW, last_success=last) == last + timedelta(days=1)


def test_many_missed_runs_are_made_up_for_by_one_soon() -> None:
    last = NOW - timedelta(days=30)
    assert NOW <= first_run("salary", MINUTE, now=NOW, last_success=last) <= NOW + timedelta(seconds=15)


def test_a_success_in_the_future_does_not_hold_a_feed_back() -> None:
    last = NOW + timedelta(days=365)
    assert first_run("salary", MINUTE, now=NOW, last_success=last) <= NOW + timedelta(seconds=15)


def test_a_retry_carries_the_tick_of_the_run_it_repeats() -> None:
    offset = offset_of("my-blofin", MINUTE)
    tick = tick_at_or_before(NOW, MINUTE, offset)
    assert tick_at_or_before(tick + timedelta(seconds=59), MINUTE, offset) == tick
