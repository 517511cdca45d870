"""Finds, signals and waits for the processes of one PostgreSQL data folder, and never touches any other process."""

from __future__ import annotations

import contextlib
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psutil

POLL: Final = 0.01
READY: Final = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class PidFile:
    """What `postmaster.pid` says: the first process of the server and how far its start has come."""

    pid: int
    status: str


def read_pid_file(data: Path) -> PidFile | None:
    """Read `postmaster.pid`; None where there is none or it is half written."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        return PidFile(pid=int(lines[0]), status=lines[7].strip() if len(lines) > 7 else "")
    except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
        return None


def processes_of(data: Path) -> list[psutil.Process]:
    """Every living `postgres` process that stands in this data folder (its working directory), whoever started it."""
    return list(_processes_of(data))


def _processes_of(data: Path) -> Iterator[psutil.Process]:
    import psutil  # only looked at when a server was left behind: the daemon does not carry it else

    try:
        wanted = data.stat()
    except FileNotFoundError:
        return
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if not process.name().startswith("postgres") or process.status() == psutil.STATUS_ZOMBIE:
                continue
            there = Path(process.cwd()).stat()
            if (there.st_dev, there.st_ino) == (wanted.st_dev, wanted.st_ino):
                yield process


def end_all(data: Path, *, patience: float = 20.0) -> bool:
    """End every process of this data folder, politely first; True when none is left.

    The postmaster gets the fast shutdown (SIGINT). Orphans (its children after it was killed) leave by themselves
    as soon as they look up, else they get SIGQUIT and, at the end, SIGKILL: without a postmaster nothing can be
    shut down cleanly, and the next start recovers from the log.
    """
    until = time.monotonic() + patience
    asked: dict[int, int] = {}
    while True:
        left = processes_of(data)
        if not left:
            return True
        remaining = until - time.monotonic()
        if remaining < -5.0:
            return False
        known = read_pid_file(data)
        postmaster = known.pid if known is not None else None
        orphans = all(process.pid != postmaster for process in left)
        for process in left:
            if process.pid == postmaster:
                wanted = signal.SIGINT if remaining > 5.0 else signal.SIGQUIT if remaining > 0.0 else signal.SIGKILL
            elif orphans:
                wanted = signal.SIGQUIT if remaining > patience - 3.0 else signal.SIGKILL
            elif remaining > 0.0:
                continue
            else:
                wanted = signal.SIGKILL
            if asked.get(process.pid) != wanted:
                asked[process.pid] = wanted
                with contextlib.suppress(ProcessLookupError):
                    # psutil compares the start time first, so a pid used again by somebody else is not hit
                    _send(process, wanted)
        time.sleep(POLL * 3)


def _send(process: psutil.Process, number: signal.Signals) -> None:
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)
