"""When feeds run: every interval, on instants that do not depend on when flowd started, whatever the clock does."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from hashlib import blake2b
from typing import Final

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobSubmissionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from flowd.domain.time import EPOCH, tick_at_or_before
from flowd.engine.clock import Clock

_log = logging.getLogger(__name__)
#: First runs are spread over this long, so that a start is not a stampede.
SPREAD: Final = timedelta(seconds=10)
#: How often the wall clock is compared with the monotonic one.
_LOOK_EVERY: Final = timedelta(seconds=30)
#: A difference that is a step of the clock, and not its being steered.
_STEP: Final = 1.0
_LOOK: Final = "flowd: look at the clock"

Run = Callable[[datetime], timedelta | None]


def share_of(name: str) -> float:
    """Return a number from 0 up to 1 that is always the same for `name` and evenly spread over names."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest()) / 2**64


def offset_of(name: str, every: timedelta) -> timedelta:
    """Return by how much the ticks of the connection `name` are shifted, so that not all run at the same instant."""
    return timedelta(milliseconds=int(share_of(name) * (every / timedelta(milliseconds=1))))


def first_run(name: str, every: timedelta, *, now: datetime, last_success: datetime | None) -> datetime:
    """Return when the connection `name` runs first: one interval after its last success, but not before now.

    However many runs were missed while flowd was down, one makes up for them; a last success in the future (the clock
    was put back) counts as one that is due. Where the next tick comes about as soon, it is that one's.
    """
    soon = now + share_of(name) * min(SPREAD, every)
    tick = tick_at_or_before(now, every, offset_of(name, every)) + every
    if tick <= soon + SPREAD / 2:
        soon = tick
    if last_success is None or last_success > now:
        return soon
    return max(soon, last_success + every)


class _Steady(tzinfo):
    """The zone the scheduler lives in: its time is the monotonic clock's, so no step of the wall clock can reach it.

    APScheduler asks for the time in one way only, `datetime.now(zone)`, which asks the zone; measured on the wall
    clock it runs nothing for a day after a step back of a day, even when that is undone, and after a step forward it
    walks through every run it missed.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._start = clock.monotonic()

    def at(self, monotonic: float) -> datetime:
        """Return the instant at which the monotonic clock shows `monotonic`."""
        return (EPOCH + timedelta(seconds=monotonic - self._start)).replace(tzinfo=self)

    def fromutc(self, dt: datetime) -> datetime:  # noqa: ARG002 - tzinfo's signature
        """Return now, whatever the wall clock says it is."""
        return self.at(self._clock.monotonic())

    def utcoffset(self, dt: datetime | None) -> timedelta:  # noqa: ARG002
        """Return nothing: instants of this zone are compared as they are."""
        return timedelta(0)

    def dst(self, dt: datetime | None) -> timedelta:  # noqa: ARG002
        """Return nothing: this zone has no summer."""
        return timedelta(0)

    def tzname(self, dt: datetime | None) -> str:  # noqa: ARG002
        """Return the zone's name."""
        return "steady"


@dataclass(slots=True)
class _Job:
    """One thing to run: how often, shifted by what, when next (monotonic), and which tick that is (wall clock)."""

    name: str
    every: timedelta
    offset: timedelta
    run: Run
    due: float
    target: datetime
    fired_for: float = 0.0
    running: bool = False
    #: A tick came while it was running: it is run late, not left out.
    waiting: bool = False

    @property
    def tolerance(self) -> timedelta:
        """How early a tick may be run: a wall clock being steered is not exactly as fast as the monotonic one."""
        return max(self.every / 100, timedelta(milliseconds=20))


class Scheduler:
    """Runs jobs in threads, each at most once at a time, at the ticks of its interval.

    A job's tick is the last multiple of its interval (shifted by its offset) that is not after now, by the wall clock;
    the way there is measured by the monotonic one. So the next tick is never further away than one interval, and a
    clock that jumps over many ticks makes one run, not many. `run` is called with the tick and may return a pause, to
    be run again after that instead of at the next tick.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        threads: int = 64,
        on_missed: Callable[[str], None] | None = None,
        on_delay: Callable[[float], None] | None = None,
        on_step: Callable[[float], None] | None = None,
    ) -> None:
        self._clock = clock
        self._steady = _Steady(clock)
        self._on_missed = on_missed
        self._on_delay = on_delay
        self._on_step = on_step
        self._jobs: dict[str, _Job] = {}
        self._lock = threading.RLock()
        self._apart = self._difference()
        self._scheduler = BackgroundScheduler(
            timezone=self._steady,
            executors={"default": ThreadPoolExecutor(threads, pool_kwargs={"thread_name_prefix": "flowd-run"})},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._scheduler.add_listener(self._missed, EVENT_JOB_MAX_INSTANCES)

    def start(self) -> None:
        """Begin to run what was added."""
        # What it would say (a job was skipped, a job runs) is counted by us, or seen in the activity log.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        trigger = _Every(lambda: self._steady.at(self._clock.monotonic() + _LOOK_EVERY.total_seconds()))
        self._scheduler.add_job(self._look, trigger, id=_LOOK, next_run_time=trigger.get_next_fire_time(None, None))
        self._scheduler.start()

    def stop(self, *, wait: bool = False) -> None:
        """Begin nothing any more; with `wait`, return when what is under way has ended."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=wait)

    def add(
        self,
        name: str,
        every: timedelta,
        first: datetime | None,
        run: Run,
        *,
        offset: timedelta = timedelta(0),
    ) -> None:
        """Run `run` every `every`, first at `first` (wall clock; None or past: now); replaces what has that name."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        wait = timedelta(0) if first is None else max(timedelta(0), first - now)
        job = _Job(name, every, offset, run, due=monotonic + wait.total_seconds(), target=now + wait)
        with self._lock:
            self._jobs[name] = job
            self._scheduler.add_job(
                self._fire,
                _Every(lambda: self._plan(job)),
                args=[job],
                id=name,
                next_run_time=self._steady.at(job.due),
                replace_existing=True,
            )

    def remove(self, name: str) -> bool:
        """Run `name` no more; a run under way ends as it would. Say whether there was such a job."""
        with self._lock:
            if self._jobs.pop(name, None) is None:
                return False
            self._scheduler.remove_job(name)
            return True

    def trigger_now(self, name: str) -> bool:
        """Run `name` as soon as possible; False if there is no such job, or it is at work already."""
        with self._lock:
            job = self._jobs.get(name)
            if job is None or job.running:
                return False
            self._set(job, self._clock.monotonic())
            return True

    def next_runs(self) -> Mapping[str, datetime]:
        """Return when each job runs next, by the wall clock as it is now."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        with self._lock:
            return {name: now + timedelta(seconds=job.due - monotonic) for name, job in self._jobs.items()}

    # --- Inside ------------------------------------------------------------------------------------------------------

    def _fire(self, job: _Job) -> None:
        begun = self._clock.monotonic()
        with self._lock:
            if self._jobs.get(job.name) is not job:
                return
            job.running = True
        if self._on_delay is not None:
            self._on_delay(begun - job.fired_for)
        tick = tick_at_or_before(self._clock.now() + job.tolerance, job.every, job.offset)
        pause: timedelta | None = None
        try:
            pause = job.run(tick)
        except Exception:
            _log.exception("the job %s failed in flowd itself", job.name)
        finally:
            with self._lock:
                job.running = False
                waiting, job.waiting = job.waiting, False
                if pause is None and waiting:
                    pause = timedelta(0)
                if pause is not None and self._jobs.get(job.name) is job:
                    self._set(job, self._clock.monotonic() + pause.total_seconds())

    def _plan(self, job: _Job) -> datetime:
        """Return when `job` runs after this time; called by the scheduler's thread, twice for each run.

        Takes no lock: the scheduler holds its own meanwhile, and the two could wait for each other.
        """
        now, monotonic = self._clock.now(), self._clock.monotonic()
        if job.due <= monotonic:
            job.fired_for = job.due
        job.target = tick_at_or_before(now + job.tolerance, job.every, job.offset) + job.every
        job.due = monotonic + (job.target - now).total_seconds()
        return self._steady.at(job.due)

    def _set(self, job: _Job, due: float) -> None:
        job.target = self._clock.now() + timedelta(seconds=due - self._clock.monotonic())
        job.due = due
        with suppress(JobLookupError):
            self._scheduler.modify_job(job.name, next_run_time=self._steady.at(due))

    def _difference(self) -> float:
        return (self._clock.now() - EPOCH).total_seconds() - self._clock.monotonic()

    def _look(self) -> None:
        """Notice a step of the wall clock, and run what by its new time is due."""
        apart = self._difference()
        step, self._apart = apart - self._apart, apart
        if abs(step) < _STEP:
            return
        _log.warning("the clock was set %s by %.0f s", "forward" if step > 0 else "back", abs(step))
        if self._on_step is not None:
            self._on_step(step)
        now, monotonic = self._clock.now(), self._clock.monotonic()
        with self._lock:
            for job in self._jobs.values():
                if not job.running and job.due > monotonic and job.target <= now:
                    self._set(job, monotonic)

    def _missed(self, event: JobSubmissionEvent) -> None:
        """Take note of a tick that came while its job was running; the second in a row is lost."""
        with self._lock:
            job = self._jobs.get(event.job_id)
            if job is None:
                return
            if not job.running:
                self._set(job, self._clock.monotonic())
                return
            lost, job.waiting = job.waiting, True
        if lost and self._on_missed is not None:
            self._on_missed(job.name)


class _Every(BaseTrigger):  # type: ignore[misc]
    """Asks flowd when a job runs next, and never goes through what was missed."""

    def __init__(self, following: Callable[[], datetime]) -> None:
        self._following = following

    def get_next_fire_time(self, *_: datetime | None) -> datetime:
        """Return the next instant, from now on."""
        return self._following()
