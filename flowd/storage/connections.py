"""Keeps a few open connections for reuse, and opens new ones, never waiting longer than the caller allows.

Not `psycopg_pool`: its workers reconnect with growing pauses (the first call after an outage would wait for the
pause), its waiting callers learn of a refused login only as a timeout, and its check of a pooled connection waits
for a frozen server. Here the caller connects itself, so it gets the reason at once, and the first call after an
outage is the one that reconnects.
"""

from __future__ import annotations

import contextlib
import math
import select
import threading
import time
from collections.abc import Callable
from typing import Any, Final, Self

import psycopg
from psycopg.pq import ConnStatus, TransactionStatus
from psycopg.rows import TupleRow

from flowd.errors import DatabaseAway
from flowd.storage.deadline import Deadlines, Guard

_IDLE_SECONDS: Final = 300.0
_LIFE_SECONDS: Final = 3600.0


class Session(psycopg.Connection[TupleRow]):
    """A connection that flowd lends for one transaction; `prolong` gives a long transaction that gets on more time."""

    guard: Guard | None = None
    opened_at: float = 0.0
    returned_at: float = 0.0

    def prolong(self, seconds: float) -> None:
        """Start the transaction's deadline anew: the server has `seconds` from now. Costs no round trip."""
        if self.guard is not None:
            self.guard.prolong(seconds)

    @classmethod
    def connect_within(cls, dsn: str, seconds: float, deadlines: Deadlines, prepare: Callable[[Self], None]) -> Self:
        """Connect and prepare the session in at most `seconds`.

        Looking up a host name and libpq's own waits (two seconds at least) cannot be cut short, so they happen in
        a thread that is left behind when time is up; it ends by itself, at the latest with libpq's connect_timeout.
        """
        begun = time.monotonic()
        made: list[Self | BaseException] = []
        decided = threading.Lock()
        finished = threading.Event()
        given_up = False

        def work() -> None:
            outcome: Self | BaseException
            try:
                outcome = cls.connect(dsn, autocommit=True, connect_timeout=max(2, math.ceil(seconds)))
            except BaseException as error:
                outcome = error
            with decided:
                if given_up and isinstance(outcome, Session):
                    outcome.close()
                made.append(outcome)
            finished.set()

        threading.Thread(target=work, name="flowd-connect", daemon=True).start()
        finished.wait(max(0.0, seconds))
        with decided:
            given_up = not made
        if not made:
            raise DatabaseAway(f"the database did not take a connection within {seconds:g} s")
        outcome = made[0]
        if isinstance(outcome, BaseException):
            raise outcome
        outcome.opened_at = outcome.returned_at = time.monotonic()
        left = max(0.05, seconds - (time.monotonic() - begun))
        try:
            with deadlines.guard(outcome.fileno(), left) as guard:
                try:
                    prepare(outcome)
                except psycopg.OperationalError:
                    if guard.expired:
                        raise DatabaseAway(
                            f"the database took a connection and then fell silent for {left:.1f} s"
                        ) from None
                    raise
        except BaseException:
            outcome.close()
            raise
        return outcome

    def usable(self) -> bool:
        """Whether a connection that lay idle is still there; looks only at what has arrived, never waits."""
        if self.closed or time.monotonic() - self.opened_at > _LIFE_SECONDS:
            return False
        try:
            poll = select.poll()
            poll.register(self.fileno(), select.POLLIN)
            if poll.poll(0):
                # word from the server between transactions: a changed setting, or its farewell
                self.pgconn.consume_input()
                # libpq reports the end of the stream only at the next look
                if poll.poll(0):
                    self.pgconn.consume_input()
            return self.pgconn.status == ConnStatus.OK and self.pgconn.transaction_status == TransactionStatus.IDLE
        except (psycopg.Error, OSError, ValueError):
            return False


class Connections:
    """At most `size` sessions at a time; the last returned is lent first, the idle are closed after five minutes."""

    def __init__(self, connect: Callable[[float], Session], size: int) -> None:
        self._connect = connect
        self._size = size
        self._free = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._idle: list[Session] = []
        self._closed = False

    def take(self, until: float, *, fresh: bool = False) -> tuple[Session, bool]:
        """A session, and whether it was just opened; `until` is on the monotonic clock, `fresh` asks for a new one.

        Raises DatabaseAway when all are lent until then, and whatever connecting raises.
        """
        begun = time.monotonic()
        if not self._free.acquire(timeout=max(0.0, until - begun)):
            raise DatabaseAway(f"all {self._size} connections to the database were in use for {until - begun:.1f} s")
        try:
            if not fresh:
                while (session := self._pop()) is not None:
                    if session.usable():
                        return session, False
                    close_quietly(session)
            return self._connect(until - time.monotonic()), True
        except BaseException:
            self._free.release()
            raise

    def give(self, session: Session, *, reuse: bool) -> None:
        """Take a session back; one that is broken, or in the middle of something, is closed."""
        stale: list[Session] = []
        try:
            whole = not session.closed and session.pgconn.transaction_status == TransactionStatus.IDLE
            now = session.returned_at = time.monotonic()
            with self._lock:
                if reuse and whole and not self._closed:
                    self._idle.append(session)
                else:
                    stale.append(session)
                while self._idle and now - self._idle[0].returned_at > _IDLE_SECONDS:
                    stale.append(self._idle.pop(0))
            for old in stale:
                close_quietly(old)
        finally:
            self._free.release()

    def close(self) -> None:
        """Close the idle sessions; those lent are closed when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for session in idle:
            close_quietly(session)

    def drop_idle(self) -> None:
        """Close the idle sessions, as they are known to be dead."""
        with self._lock:
            idle, self._idle = self._idle, []
        for session in idle:
            close_quietly(session)

    def _pop(self) -> Session | None:
        with self._lock:
            return self._idle.pop() if self._idle else None


def close_quietly(session: psycopg.Connection[Any]) -> None:
    """Close a connection that may be broken."""
    with contextlib.suppress(psycopg.Error, OSError):
        session.close()
