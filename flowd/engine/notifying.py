"""Telling people what needs their attention: each notifier in a line of its own, tried again, in nobody's way."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from flowd.api import Notice, Severity
from flowd.config.binding import BoundNotifier
from flowd.engine.clock import Clock
from flowd.engine.context import Deadline
from flowd.engine.http import SourceHttp
from flowd.engine.telemetry import Telemetry
from flowd.errors import RetryLater
from flowd.secrets import redact

_log = logging.getLogger(__name__)
_ORDER: Final = (Severity.INFO, Severity.WARNING, Severity.ERROR)
#: How many notices may wait for one notifier; more are dropped, counted and said in the log.
_WAITING: Final = 100
#: Pauses before a notice is tried again; after the last one it is given up.
PAUSES: Final = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5), timedelta(minutes=30))
#: How long one delivery may take.
_DEADLINE: Final = 30.0


class Notifying:
    """Hands every notice to every notifier that wants its severity, in order; one that hangs holds up only itself."""

    def __init__(
        self,
        notifiers: Iterable[BoundNotifier],
        *,
        telemetry: Telemetry,
        clock: Clock,
        pauses: tuple[timedelta, ...] = PAUSES,
    ) -> None:
        self._lines = [_Line(bound, telemetry, clock, pauses) for bound in notifiers]

    def start(self) -> None:
        """Begin to deliver."""
        for line in self._lines:
            line.thread.start()

    def tell(self, notice: Notice) -> None:
        """Have `notice` delivered; returns at once."""
        for line in self._lines:
            line.add(notice)

    def stop(self, within: float = 2.0) -> None:
        """Deliver what can be delivered `within` seconds, then give up."""
        for line in self._lines:
            line.end()
        for line in self._lines:
            if line.thread.is_alive():
                line.thread.join(within)


class _Line:
    """The notices that wait for one notifier."""

    def __init__(self, bound: BoundNotifier, telemetry: Telemetry, clock: Clock, pauses: tuple[timedelta, ...]) -> None:
        self._bound = bound
        self._telemetry = telemetry
        telemetry.notifier(bound.name)
        self._clock = clock
        self._pauses = pauses
        self._queue: queue.Queue[Notice | None] = queue.Queue(_WAITING)
        self._stop = threading.Event()
        self._deadline = Deadline()
        self._http = SourceHttp(take=lambda _weight, _host: None, time_left=self._deadline.left, agent="flowd")
        # A daemon thread: a notifier that hangs must not hold up the end of flowd.
        self.thread = threading.Thread(target=self._deliver, name=f"flowd-notify-{bound.name}", daemon=True)

    def add(self, notice: Notice) -> None:
        if _ORDER.index(notice.severity) < _ORDER.index(self._bound.severity):
            return
        try:
            self._queue.put_nowait(notice)
        except queue.Full:
            self._telemetry.notice(self._bound.name, "dropped")
            _log.error("%d notices wait for %s: dropped %r", _WAITING, self._bound.name, notice.title)

    def end(self) -> None:
        self._stop.set()
        try:
            self._queue.put_nowait(None)
        except queue.Full:
            return

    def _deliver(self) -> None:
        while (notice := self._queue.get()) is not None:
            for pause in (*self._pauses, None):
                problem, again = self._try(notice)
                if problem is None:
                    self._telemetry.notice(self._bound.name, "sent")
                    break
                if not again or pause is None:
                    self._telemetry.notice(self._bound.name, "failed")
                    _log.error("%s could not tell %r: %s", self._bound.name, notice.title, problem)
                    break
                if self._clock.wait(self._stop, pause.total_seconds()):
                    break
        self._http.close()

    def _try(self, notice: Notice) -> tuple[str | None, bool]:
        """Deliver once; return what went wrong, if anything, and whether it may work later."""
        self._deadline.set(_DEADLINE)
        try:
            self._bound.notifier.send(notice, self._bound.config, self._http)
        except RetryLater as error:
            return redact(str(error), self._bound.secrets), True
        except Exception as error:
            return redact(f"{type(error).__name__}: {error}", self._bound.secrets), False
        return None, False
