"""Ends calls to a server that has stopped answering: a thread shuts the socket, so that the waiting call returns.

A frozen server keeps its sockets open, and timeouts it would have to enforce itself never fire. Shutting down this
end of the socket makes the wait inside libpq see the end of the stream at once, whatever it was waiting for.
"""

from __future__ import annotations

import contextlib
import heapq
import os
import socket
import threading
import time
from itertools import count
from types import TracebackType
from typing import Self


class Guard:
    """One deadline over one socket, made by `Deadlines.guard`; `expired` says whether it was the end of it."""

    def __init__(self, owner: Deadlines, descriptor: int, seconds: float) -> None:
        self._owner = owner
        # a copy: the number of a closed descriptor may soon belong to another file, a copy stays this socket's
        self._socket: int | None = os.dup(descriptor)
        self.seconds = seconds
        self.when = time.monotonic() + seconds
        self.expired = False

    def prolong(self, seconds: float) -> None:
        """Start the deadline anew: `seconds` from now."""
        self._owner.move(self, seconds)

    def close(self) -> None:
        """End the guard; the socket is left as it is."""
        self._owner.forget(self)

    def shut(self) -> None:
        """Shut the socket down in both directions (called by the thread, which holds the lock)."""
        if self._socket is not None:
            self.expired = True
            with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self._socket)) as watched:
                watched.shutdown(socket.SHUT_RDWR)

    def drop(self) -> bool:
        """Close the copy; False if that was done before (called under the lock)."""
        descriptor, self._socket = self._socket, None
        if descriptor is None:
            return False
        os.close(descriptor)
        return True

    @property
    def live(self) -> bool:
        """Whether the deadline still counts."""
        return self._socket is not None and not self.expired

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Deadlines:
    """All deadlines of one database and the one thread that keeps them; the thread starts with the first guard."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: list[tuple[float, int, Guard]] = []
        self._numbers = count()
        self._live = 0
        self._thread: threading.Thread | None = None
        self._closed = False

    def guard(self, descriptor: int, seconds: float) -> Guard:
        """Shut down the socket `descriptor` in `seconds`, unless the guard is closed or prolonged before."""
        guard = Guard(self, descriptor, seconds)
        with self._changed:
            if self._closed:
                guard.drop()
                raise RuntimeError("the database was closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep, name="flowd-deadlines", daemon=True)
                self._thread.start()
            self._live += 1
            self._push(guard)
        return guard

    def move(self, guard: Guard, seconds: float) -> None:
        """Set a guard's deadline to `seconds` from now."""
        with self._changed:
            earlier = time.monotonic() + seconds < guard.when
            guard.seconds, guard.when = seconds, time.monotonic() + seconds
            # a later deadline is found out when the old one comes up: moving must cost nothing, it is done per chunk
            if earlier and guard.live:
                self._push(guard)

    def forget(self, guard: Guard) -> None:
        """Drop a guard."""
        with self._changed:
            if guard.drop():
                self._live -= 1
                if len(self._queue) > 2 * self._live + 64:
                    self._queue = [entry for entry in self._queue if entry[2].live]
                    heapq.heapify(self._queue)

    def close(self) -> None:
        """Stop the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join(5.0)

    def _push(self, guard: Guard) -> None:
        first = self._queue[0][0] if self._queue else None
        heapq.heappush(self._queue, (guard.when, next(self._numbers), guard))
        if first is None or guard.when < first:
            self._changed.notify()

    def _keep(self) -> None:
        with self._changed:
            while not self._closed:
                if not self._queue:
                    self._changed.wait()
                    continue
                when, _, guard = self._queue[0]
                now = time.monotonic()
                if not guard.live or guard.when > when:
                    heapq.heappop(self._queue)
                    if guard.live:
                        self._push(guard)
                elif when > now:
                    self._changed.wait(when - now)
                else:
                    heapq.heappop(self._queue)
                    guard.shut()
