"""What connectors print: read so that nobody is held up by it, counted, and all but the last of it dropped."""

from __future__ import annotations

import os
import select
import threading
from contextlib import suppress
from typing import Final

#: How much of the end of what a process printed is kept.
KEPT: Final = 4096
_PART: Final = 1 << 18


class Output:
    """What one process printed: how many bytes in all, and the last of them."""

    def __init__(self) -> None:
        self.total = 0
        self._tail = b""

    def add(self, data: bytes) -> None:
        """Take note of `data`."""
        self.total += len(data)
        self._tail = (self._tail + data[-KEPT:])[-KEPT:]

    @property
    def tail(self) -> str:
        """The last of what was printed."""
        return self._tail.decode("utf-8", "replace").strip()


class Outputs:
    """One thread that reads the output of every connector's process."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._outputs: dict[int, Output] = {}
        self._lock = threading.Lock()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._poll.register(self._wake_read, select.POLLIN)
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to read."""
        self._thread = threading.Thread(target=self._read, name="flowd-output", daemon=True)
        self._thread.start()

    def open(self) -> tuple[int, Output]:
        """Return the end of a new pipe for a process (close it here afterwards), and what comes out of it."""
        ours, theirs = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(ours, False)
        output = Output()
        with self._lock:
            self._outputs[ours] = output
            self._poll.register(ours, select.POLLIN)
        self._wake()
        return theirs, output

    def stop(self) -> None:
        """Stop reading; what is still printed gets lost."""
        self._stopping = True
        self._wake()
        if self._thread is not None:
            self._thread.join()
        with self._lock:
            for number in (*self._outputs, self._wake_read, self._wake_write):
                os.close(number)
            self._outputs.clear()

    def _wake(self) -> None:
        with suppress(BlockingIOError, OSError):
            os.write(self._wake_write, b"x")

    def _read(self) -> None:
        while not self._stopping:
            for number, _ in self._poll.poll():
                if number == self._wake_read:
                    with suppress(BlockingIOError):
                        os.read(number, 4096)
                    continue
                with suppress(BlockingIOError):
                    data = os.read(number, _PART)
                    if data:
                        self._outputs[number].add(data)
                        continue
                    with self._lock:
                        self._poll.unregister(number)
                        del self._outputs[number]
                        os.close(number)
