"""Stand-ins that a test controls."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta


class FakeClock:
    """A clock that stands still until it is advanced; waiting for it waits for `advance`."""

    def __init__(self, now: datetime = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)) -> None:
        self._now = now
        self._monotonic = 1000.0
        self._changed = threading.Condition()

    def now(self) -> datetime:
        """Return the time it was set to."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds it was advanced by."""
        return self._monotonic

    def wait(self, event: threading.Event, seconds: float | None) -> bool:
        """Wait until `event` is set, or the clock was advanced by `seconds`."""
        until = None if seconds is None else self._monotonic + seconds
        while not event.is_set() and (until is None or self._monotonic < until):
            with self._changed:
                # The event is not ours to be told by, so it is looked at now and then.
                self._changed.wait(0.01)
        return event.is_set()

    def advance(self, by: timedelta) -> None:
        """Let `by` go by, on both clocks."""
        with self._changed:
            self._now += by
            self._monotonic += by.total_seconds()
            self._changed.notify_all()

    def step(self, by: timedelta) -> None:
        """Set the wall clock forward or back; no time goes by."""
        with self._changed:
            self._now += by
            self._changed.notify_all()


class StepClock:
    """The machine's monotonic clock with a wall clock that can be set forward and back."""

    def __init__(self) -> None:
        self._by = timedelta(0)

    def now(self) -> datetime:
        """Return the machine's time and what it was set by."""
        return datetime.now(UTC) + self._by

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float | None) -> bool:
        """Wait as the machine does."""
        return event.wait(seconds)

    def step(self, by: timedelta) -> None:
        """Set the wall clock forward or back."""
        self._by += by
