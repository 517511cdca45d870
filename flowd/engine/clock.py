"""Time as an argument: everything that asks for the time or waits is given a clock."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What time it is, how much time went by, and a way to wait for an event."""

    def now(self) -> datetime:
        """Return the wall clock's time, aware and in UTC; it may jump either way at any moment."""

    def monotonic(self) -> float:
        """Return seconds that only ever grow, whatever is done to the wall clock."""

    def wait(self, event: threading.Event, seconds: float | None) -> bool:
        """Wait until `event` is set or `seconds` of monotonic time are over (None: for ever); say whether it is set."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """Return the wall clock's time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the seconds of the monotonic clock."""
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float | None) -> bool:
        """Wait until `event` is set or `seconds` are over."""
        return event.wait(seconds)
