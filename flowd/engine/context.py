"""What a run gets in its own process: the time it has left, a log that reaches the daemon, and limits to keep to."""

from __future__ import annotations

import logging
import time
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from flowd.engine.protocol import Channel, Closed, ProtocolBroken, TimeUp
from flowd.errors import BudgetSpent, OverTime, RetryLater

_LONGEST_LINE: Final = 4_000


class Deadline:
    """How much of a run's time is left; the daemon's own work between two batches does not count."""

    def __init__(self) -> None:
        self._until = 0.0

    def set(self, seconds: float) -> None:
        """Count down from `seconds`, from now."""
        self._until = time.monotonic() + seconds

    def left(self) -> timedelta:
        """Return the time left, nothing if it is over."""
        return timedelta(seconds=max(0.0, self._until - time.monotonic()))


class Lines(logging.Handler):
    """Sends log lines to the daemon, which redacts and writes them."""

    def __init__(self, channel: Channel) -> None:
        super().__init__()
        self._channel = channel

    def emit(self, record: logging.LogRecord) -> None:
        """Send one line; a line that cannot be written is no reason to fail."""
        try:
            text = record.getMessage()
            if record.exc_info and record.exc_info[1] is not None:
                text = f"{text}: {type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
        except Exception:
            text = f"a line that cannot be formatted: {record.msg!r:.200}"
        with suppress(Closed, TimeUp, ProtocolBroken):
            self._channel.send("log", {"level": record.levelno, "text": text[:_LONGEST_LINE]})


class Line(logging.LoggerAdapter[logging.Logger]):
    """The log of one run: keyword arguments are the standard library's."""

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        """Leave the line as it is: the daemon adds connection and feed."""
        return msg, kwargs


def run_log(channel: Channel) -> Line:
    """Return a log whose lines go to the daemon and nowhere else."""
    # Not from the registry of loggers: no plugin's set-up of logging can take it away.
    logger = logging.Logger("flowd.connector", logging.INFO)  # noqa: LOG001
    logger.propagate = False
    logger.addHandler(Lines(channel))
    return Line(logger, {})


class Turnstile:
    """Asks the daemon, which counts for all runs of a credential, before each request."""

    def __init__(self, channel: Channel, deadline: Deadline) -> None:
        self._channel = channel
        self._deadline = deadline

    def pass_one(self, weight: float, host: str) -> None:
        """Wait for one request's turn; RetryLater if it comes after the run's end, BudgetSpent if there is none."""
        try:
            grant = self._channel.ask("take", {"weight": weight, "host": host}).fields
        except Closed:
            raise OverTime("the run was ended") from None
        if "refused" in grant:
            raise BudgetSpent(str(grant["refused"]), after=timedelta(seconds=float(grant["after"])))
        wait = float(grant["wait"])
        if wait > self._deadline.left().total_seconds():
            raise RetryLater("the declared limit leaves no turn in this run", after=timedelta(seconds=wait))
        if wait > 0:
            time.sleep(wait)
