"""The scheduler on a wall clock that is set forward and back, against the real monotonic one."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from flowd.domain.time import tick_at_or_before
from flowd.engine.scheduler import Scheduler
from flowd.testing.fakes import StepClock

#: What is measured are tenths of a second.
pytestmark = pytest.mark.serial
EVERY = timedelta(seconds=0.4)
OFFSET = timedelta(seconds=0.1)
SLACK = 0.35
STEPS = [
    sign * step
    for step in (timedelta(seconds=1), timedelta(hours=1), timedelta(days=1), timedelta(days=365))
    for sign in (1, -1)
]


class Record:
    """The runs of some jobs: when, by the monotonic clock, and for which tick."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, float, datetime]] = []
        self.changed = threading.Condition()

    def job(self, name: str, pause: timedelta | None = None) -> Callable[[datetime], timedelta | None]:
        def run(tick: datetime) -> timedelta | None:
            with self.changed:
                self.runs.append((name, time.monotonic(), tick))
                self.changed.notify_all()
            return pause

        return run

    def of(self, name: str, since: float = 0.0) -> list[float]:
        return [at for job, at, _ in self.runs if job == name and at >= since]

    def wait_for(self, name: str, count: int, since: float = 0.0, within: float = 5.0) -> list[float]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.of(name, since)) >= count, within), self.runs
        return self.of(name, since)


@contextmanager
def scheduler(clock: StepClock, **more: object) -> Iterator[Scheduler]:
    running = Scheduler(clock, **more)  # type: ignore[arg-type]
    running.start()
    try:
        yield running
    finally:
        running.stop(wait=True)


@pytest.mark.parametrize("by", STEPS, ids=str)
def test_after_a_step_every_job_runs_within_one_interval_and_at_most_once_more(by: timedelta) -> None:
    clock, record = StepClock(), Record()
    jobs = [f"job-{number}" for number in range(5)]
    with scheduler(clock) as running:
        for name in jobs:
            running.add(name, EVERY, None, record.job(name), offset=OFFSET)
        running.add("daily", timedelta(days=1), clock.now() + timedelta(hours=3), record.job("daily"))
        for name in jobs:
            record.wait_for(name, 2)
        stepped, cpu = time.monotonic(), _cpu()
        clock.step(by)
        for name in jobs:
            after = record.wait_for(name, 3, stepped)
            assert after[0] - stepped < EVERY.total_seconds() + SLACK
            # From then on at the interval again: nothing is made up for run by run.
            assert all(0.1 < later - one < 0.75 for one, later in pairwise(after[1:]))
        spent = time.monotonic() - stepped
        assert len([run for run in record.runs if run[1] >= stepped]) <= len(jobs) * (spent / 0.4 + 2)
        assert _cpu() - cpu < 0.5 * spent
        for _, _, tick in record.runs:
            assert tick == tick_at_or_before(tick, EVERY, OFFSET)
    # The last ticks are those of the clock as it is now.
    latest = max(record.runs, key=lambda run: run[1])[2]
    assert abs(latest - clock.now()) < timedelta(seconds=5)


def test_a_step_back_that_is_undone_changes_nothing() -> None:
    clock, record = StepClock(), Record()
    with scheduler(clock) as running:
        running.add("job", EVERY, None, record.job("job"))
        record.wait_for("job", 1)
        clock.step(-timedelta(days=1))
        record.wait_for("job", 3)
        clock.step(timedelta(days=1))
        undone = time.monotonic()
        assert record.wait_for("job", 1, undone)[0] - undone < EVERY.total_seconds() + SLACK


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25)], ids=["spring", "autumn"])
def test_summer_time_comes_and_goes_without_a_tick_lost_or_doubled(day: tuple[int, int, int]) -> None:
    clock, record = StepClock(), Record()
    # 01:00 UTC is when Europe changes.
    clock.step(datetime(*day, 0, 59, 59, tzinfo=UTC) - clock.now())
    with scheduler(clock) as running:
        running.add("job", EVERY, None, record.job("job"))
        record.wait_for("job", 6)
    ticks = [tick for _, _, tick in record.runs]
    assert len(set(ticks)) == len(ticks)
    assert {later - one for one, later in pairwise(ticks)} == {EVERY}


def test_a_clock_set_past_a_far_tick_runs_it_once_it_is_noticed() -> None:
    clock, record = StepClock(), Record()
    steps: list[float] = []
    with scheduler(clock, on_step=steps.append) as running:
        running.add("daily", timedelta(days=1), clock.now() + timedelta(hours=3), record.job("daily"))
        clock.step(timedelta(hours=5))
        running._look()
        record.wait_for("daily", 1)
        running._look()
        assert running.next_runs()["daily"] > clock.now()
    assert len(record.of("daily")) == 1
    assert [round(step) for step in steps] == [5 * 3600]


def test_a_pause_replaces_the_next_tick_whether_it_is_shorter_or_longer() -> None:
    clock, record = StepClock(), Record()
    with scheduler(clock) as running:
        running.add("soon", timedelta(hours=1), None, record.job("soon", timedelta(seconds=0.1)))
        running.add("late", EVERY, None, record.job("late", timedelta(hours=1)))
        record.wait_for("soon", 4)
        assert len(record.of("late")) == 1
        assert running.next_runs()["late"] - clock.now() > timedelta(minutes=59)


def test_a_run_that_takes_longer_than_its_interval_skips_ticks_and_says_so() -> None:
    clock, go = StepClock(), threading.Event()
    missed: list[str] = []
    done = threading.Event()

    def slow(tick: datetime) -> None:
        go.wait(5)
        done.set()

    with scheduler(clock, on_missed=missed.append) as running:
        running.add("slow", EVERY, None, slow)
        while len(missed) < 2:
            assert not done.wait(0.05)
        assert not running.trigger_now("slow")
        go.set()
        assert done.wait(5)
    assert set(missed) == {"slow"}


def test_a_tick_that_comes_during_a_run_is_run_late() -> None:
    clock, record = StepClock(), Record()
    slow = threading.Event()
    run = record.job("job")

    def first_is_slow(tick: datetime) -> None:
        run(tick)
        if len(record.runs) == 1:
            # Beyond the next tick, but not beyond the one after it.
            slow.wait(0.5)

    missed: list[str] = []
    with scheduler(clock, on_missed=missed.append) as running:
        running.add("job", EVERY, tick_at_or_before(clock.now(), EVERY) + EVERY, first_is_slow)
        record.wait_for("job", 4)
    ticks = [tick for _, _, tick in record.runs]
    assert {later - one for one, later in pairwise(ticks)} == {EVERY}
    assert missed == []


def test_a_job_can_be_run_now_and_removed() -> None:
    clock, record = StepClock(), Record()
    with scheduler(clock) as running:
        running.add("job", timedelta(hours=1), clock.now() + timedelta(hours=1), record.job("job"))
        assert running.trigger_now("job")
        record.wait_for("job", 1)
        assert running.remove("job")
        assert not running.remove("job")
        assert not running.trigger_now("job")
        assert running.next_runs() == {}


def test_waiting_costs_nothing() -> None:
    clock, record = StepClock(), Record()
    with scheduler(clock) as running:
        for number in range(100):
            first = clock.now() + timedelta(hours=1)
            running.add(f"job-{number}", timedelta(hours=1), first, record.job("job"))
        before = _cpu()
        threading.Event().wait(2)
        assert _cpu() - before < 0.02
    assert record.runs == []


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
