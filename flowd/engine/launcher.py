"""The process that connectors' processes are copied from: small, without threads, with flowd's own parts loaded.

It starts them, counts what they start in turn, kills them with all they left behind, and buries them. It runs none of
their code itself, and ends, with all of them, when the daemon is gone, however that happened.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from flowd.engine import processes
from flowd.engine.confinement import Limits, adopt_orphans, confine, processes_of_user

#: How often what a connector has started is counted, while one runs.
_LOOK_EVERY: Final = 0.25
#: How often the dying are looked after.
_BURY_EVERY: Final = 0.002
#: When an end is reported although something is left (a process in the kernel's hands cannot be killed).
_PATIENCE: Final = 2.0
_COUNT_EVERY: Final = 10.0
MESSAGE_LIMIT: Final = 65536


@dataclass(slots=True)
class _Process:
    """A connector's process, from its start to its burial."""

    number: int
    pid: int
    limits: Limits
    why: str | None = None
    killed_at: float | None = None
    status: int | None = None
    peak: int = 0


class Launcher:
    """Starts, watches and ends connectors' processes as the daemon says over `control`."""

    def __init__(self, control: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        self._control = control
        self._serve = serve
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._processes: dict[int, _Process] = {}
        self._others = (0.0, 0)
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def run(self) -> None:
        """Work until the daemon hangs up, then end everything."""
        adopt_orphans(self._libc)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(self._wake_read, select.POLLIN)
        last_look = 0.0
        while True:
            ready = dict(poll.poll(self._patience()))
            if self._wake_read in ready:
                with suppress(BlockingIOError):
                    os.read(self._wake_read, 4096)
            if self._control.fileno() in ready and not self._obey():
                break
            now = time.monotonic()
            if self._processes and now - last_look >= _LOOK_EVERY:
                last_look = now
                self._look()
            self._tidy()
        for process in self._processes.values():
            self._kill(process, None)
        until = time.monotonic() + _PATIENCE
        while self._processes and time.monotonic() < until:
            self._tidy(silent=True)
            time.sleep(_BURY_EVERY)

    def _patience(self) -> float | None:
        """Return how many milliseconds may be slept: for ever when no connector runs."""
        if any(process.killed_at is not None or process.status is not None for process in self._processes.values()):
            return _BURY_EVERY * 1000
        return _LOOK_EVERY * 1000 if self._processes else None

    # --- What the daemon says ----------------------------------------------------------------------------------------

    def _obey(self) -> bool:
        try:
            data, handles, _, _ = socket.recv_fds(self._control, MESSAGE_LIMIT, 2)
        except OSError:
            return False
        if not data:
            return False
        order: Mapping[str, Any] = json.loads(data)
        number = int(order["number"])
        if order["do"] == "start":
            self._start(number, Limits.from_dict(order["limits"]), handles)
        elif number in self._processes:
            self._kill(self._processes[number], None)
        return True

    def _start(self, number: int, limits: Limits, handles: Sequence[int]) -> None:
        others = self._count_others()
        launcher = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            self._say({"ended": number, "status": None, "why": f"could not be started: {error}", "left": 0, "peak": 0})
        else:
            if pid == 0:
                self._become_connector(limits, handles, launcher, others)
            self._processes[number] = _Process(number=number, pid=pid, limits=limits)
            self._say({"started": number, "pid": pid})
        finally:
            for handle in handles:
                os.close(handle)

    def _become_connector(self, limits: Limits, handles: Sequence[int], launcher: int, others: int) -> None:
        code = 70
        try:
            confine(limits, self._libc, launcher=launcher, others=others)
            talk, output = handles
            os.dup2(output, 1)
            os.dup2(output, 2)
            nothing = os.open(os.devnull, os.O_RDONLY)
            os.dup2(nothing, 0)
            os.dup2(talk, 3, inheritable=False)
            os.closerange(4, max(limits.open_files, 4096))
            # Whatever is printed is kept for the log only; half a character in it must not be a failure.
            sys.stdout = open(1, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
            sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
            self._serve(socket.socket(fileno=3))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            # Nothing of the launcher's own (handlers, stacks of callers) may run in the copy.
            os._exit(code)

    def _count_others(self) -> int:
        at, count = self._others
        if os.getuid() != 0 and (not at or time.monotonic() - at > _COUNT_EVERY):
            count = processes_of_user()
            self._others = (time.monotonic(), count)
        return count

    # --- Watching and ending -----------------------------------------------------------------------------------------

    def _look(self) -> None:
        """End every connector that has started too many processes, or whose processes hold too much together."""
        for process in self._processes.values():
            if process.killed_at is not None or process.status is not None:
                continue
            started = list(processes.descendants(process.pid))
            if len(started) > process.limits.processes:
                self._kill(process, "started too many processes")
            elif started:
                held = sum(map(processes.resident, [process.pid, *started]))
                if held > process.limits.memory:
                    self._kill(process, "its processes held too much memory")

    def _kill(self, process: _Process, why: str | None) -> None:
        if process.killed_at is None:
            process.killed_at = time.monotonic()
            process.why = why
        if process.status is not None:
            return
        below = list(processes.descendants(process.pid))
        # The group in one go: a fork under way in it is undone by the kernel. Then those who left the group.
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        with suppress(OSError):
            os.kill(process.pid, signal.SIGKILL)
        for pid in below:
            processes.end(pid, of=os.getpid())

    def _tidy(self, *, silent: bool = False) -> None:
        """Bury the dead, end what they left behind, and report whose end is complete."""
        self._bury()
        now = time.monotonic()
        ending = []
        for process in self._processes.values():
            if process.killed_at is not None and process.status is None:
                self._kill(process, None)
            elif process.status is not None:
                process.killed_at = process.killed_at or now
                ending.append(process)
        if not ending:
            return
        left = self._end_orphans()
        for process in ending:
            assert process.killed_at is not None
            if not left or now - process.killed_at > _PATIENCE:
                del self._processes[process.number]
                if not silent:
                    self._say(
                        {
                            "ended": process.number,
                            "status": process.status,
                            "why": process.why,
                            "left": left,
                            "peak": process.peak,
                        }
                    )

    def _bury(self) -> None:
        by_pid = {process.pid: process for process in self._processes.values()}
        while True:
            try:
                dead = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if dead is None:
                return
            process = by_pid.get(dead.si_pid)
            if process is not None:
                # Not buried yet, so its number, which is also its group's, cannot be anybody else's.
                with suppress(OSError):
                    os.killpg(process.pid, signal.SIGKILL)
            _, status, usage = os.wait4(dead.si_pid, 0)
            if process is not None:
                process.status = os.waitstatus_to_exitcode(status)
                process.peak = usage.ru_maxrss * 1024

    def _end_orphans(self) -> int:
        """Kill what lost its parent and so became ours: connectors have no business there. Return how many."""
        own = {process.pid for process in self._processes.values() if process.status is None}
        orphans = [pid for pid in processes.children(os.getpid()) if pid not in own]
        for pid in orphans:
            for below in processes.descendants(pid):
                processes.end(below, of=os.getpid())
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        return len(orphans)

    def _say(self, message: Mapping[str, Any]) -> None:
        with suppress(OSError):
            self._control.send(json.dumps(message).encode())


def main(handle: int) -> None:
    """Load what every connector needs, then launch connectors as told over the socket `handle`."""
    control = socket.socket(fileno=handle)
    control.set_inheritable(False)
    from flowd.engine.child import main as serve
    from flowd.engine.child import preload

    preload()
    # What is loaded here is shared by all copies for as long as nobody writes to it: the collector would.
    gc.collect()
    gc.freeze()
    Launcher(control, serve).run()
