"""Finding and ending every process a connector started, however it hid them; Linux's /proc says who belongs to whom."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def children(pid: int) -> list[int]:
    """Return the children of `pid` that live now, or are dead and not yet buried."""
    found: list[int] = []
    try:
        for task in os.scandir(f"/proc/{pid}/task"):
            # A child belongs to the thread that made it.
            found += map(int, Path(task.path, "children").read_bytes().split())
    except (FileNotFoundError, ProcessLookupError):
        if not _CHILDREN_LISTED:
            return _children_by_parent(pid)
    return found


def _children_by_parent(pid: int) -> list[int]:
    numbers = (entry.name for entry in os.scandir("/proc") if entry.name.isdigit())
    return [other for other in map(int, numbers) if parent(other) == pid]


def parent(pid: int) -> int | None:
    """Return the parent of `pid`; None where there is no such process."""
    with suppress(OSError, ValueError, IndexError):
        # The name in parentheses may hold anything, so reading starts behind the last one.
        return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[1])
    return None


def descendants(pid: int) -> Iterator[int]:
    """Yield the children of `pid`, their children and so on."""
    seen = {pid}
    waiting = [pid]
    while waiting:
        for child in children(waiting.pop()):
            if child not in seen:
                seen.add(child)
                waiting.append(child)
                yield child


def resident(pid: int) -> int:
    """Return how many bytes of memory `pid` holds, 0 where there is no such process."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * _PAGE
    return 0


def end(pid: int, *, of: int) -> None:
    """Kill `pid` if it is (still) a process below `of`; another process that got its number is left alone."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return
    try:
        # The handle pins the process: whose child it is, asked afterwards, is asked of the one that will be killed.
        above: int | None = pid
        while above is not None and above > 1:
            above = parent(above)
            if above == of:
                with suppress(OSError):
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
                return
    finally:
        os.close(handle)


_CHILDREN_LISTED: Final = Path("/proc/thread-self/children").exists()
