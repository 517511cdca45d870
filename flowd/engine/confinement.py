"""What a connector's process does to itself before any of the connector's code runs: limits it cannot take off."""

from __future__ import annotations

import ctypes
import os
import random
import resource
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

_DEATH_SIGNAL: Final = 1
_DUMPABLE: Final = 4
_SUBREAPER: Final = 36
_NO_NEW_PRIVILEGES: Final = 38

#: What of the daemon's environment a connector may see: where to find programs, how to speak, how to reach the network.
SAFE_ENVIRONMENT: Final = frozenset(
    {
        "PATH",
        "HOME",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TZDIR",
        "TMPDIR",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one connector may use: memory and file sizes in bytes, processes, open files, and how far it steps back."""

    memory: int = 1 << 30
    file_size: int = 2 << 30
    processes: int = 64
    open_files: int = 512
    niceness: int = 5

    def to_dict(self) -> dict[str, int]:
        """Return the limits as JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, int]) -> Self:
        """Read what `to_dict` returned."""
        return cls(**data)


def environment(whole: Mapping[str, str]) -> dict[str, str]:
    """Return the part of the environment `whole` that a connector may see: none of anybody's secrets."""
    return {name: value for name, value in whole.items() if name in SAFE_ENVIRONMENT or name.startswith("LC_")}


def adopt_orphans(libc: ctypes.CDLL) -> None:
    """Make this process the parent of whatever its descendants leave behind, so that nothing can slip away."""
    libc.prctl(_SUBREAPER, 1, 0, 0, 0)


def confine(limits: Limits, libc: ctypes.CDLL, *, launcher: int, others: int) -> None:
    """Put this new process into a session of its own, under `limits`, to die with `launcher`, its parent.

    `others` is how many processes and threads the user runs already (see `processes_of_user`).
    """
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.setsid()
    libc.prctl(_DEATH_SIGNAL, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != launcher:
        os._exit(1)
    os.umask(0o077)
    # All of a daemon's connectors start as copies of one process: each needs random numbers of its own.
    random.seed()
    # The daemon and its database come first when the machine is short of time or memory.
    with suppress(OSError):
        os.nice(limits.niceness)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")
    _limit(resource.RLIMIT_CORE, 0)
    # What is written to, heap and stacks; the address space also holds what is merely reserved, so it gets more room.
    _limit(resource.RLIMIT_DATA, limits.memory)
    _limit(resource.RLIMIT_AS, limits.memory * 4)
    _limit(resource.RLIMIT_FSIZE, limits.file_size)
    _limit(resource.RLIMIT_NOFILE, limits.open_files)
    # Counts every process of this user, and does not bind root: the launcher counts a connector's own as well.
    _limit(resource.RLIMIT_NPROC, others + limits.processes)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    # No process of this user may look into the memory of this one: it holds secrets of its connection.
    libc.prctl(_DUMPABLE, 0, 0, 0, 0)


def _limit(what: int, value: int) -> None:
    _, hard = resource.getrlimit(what)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(what, (value, value))


def processes_of_user() -> int:
    """Count the processes and threads of this user: the measure of RLIMIT_NPROC, which does not bind root."""
    user = os.getuid()
    count = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError):
                # Threads count as well.
                count += sum(1 for _ in os.scandir(f"/proc/{entry.name}/task")) if entry.stat().st_uid == user else 0
    return count
