"""The daemon's side of the launcher: starts it, restarts it should it die, and hears how processes ended."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from flowd.engine.confinement import Limits, environment
from flowd.engine.launcher import MESSAGE_LIMIT

_log = logging.getLogger(__name__)
_PROGRAM: Final = "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
_START: Final = _PROGRAM + "from flowd.engine.launcher import main; main(int(sys.argv[1]))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """How a process ended: its status (negative for a signal), why it was ended, and what was left of it."""

    status: int | None
    why: str | None
    left: int
    peak: int

    def __str__(self) -> str:
        if self.why:
            return self.why
        if self.status is None:
            return "was lost"
        if self.status < 0:
            with suppress(ValueError):
                return f"was ended by {signal.Signals(-self.status).name}"
        return f"ended by itself with status {self.status}"


@dataclass(slots=True, eq=False)
class Launch:
    """One started process; `ended` is set once nothing of it is left."""

    number: int
    pid: int | None = None
    started: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    exit: Exit | None = None


class Launching:
    """Starts and ends processes through one launcher."""

    def __init__(
        self,
        *,
        environ: Mapping[str, str],
        on_end: Callable[[Launch], None] | None = None,
        on_restart: Callable[[], None] | None = None,
    ) -> None:
        self._environ = environment(environ)
        self._on_end = on_end
        self._on_restart = on_restart
        self._lock = threading.Lock()
        self._launches: dict[int, Launch] = {}
        self._number = 0
        self._program: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self.restarts = 0

    def open(self) -> None:
        """Start the launcher, so that the first connector does not have to wait for it."""
        with self._lock:
            self._ensure()

    def start(self, limits: Limits, talk: int, output: int) -> Launch:
        """Start a process that talks over the socket `talk` and whose output goes to `output`."""
        with self._lock:
            control = self._ensure()
            self._number += 1
            launch = Launch(self._number)
            self._launches[launch.number] = launch
            order = {"do": "start", "number": launch.number, "limits": limits.to_dict()}
            try:
                socket.send_fds(control, [json.dumps(order).encode()], [talk, output])
            except OSError as error:
                del self._launches[launch.number]
                launch.exit = Exit(status=None, why=f"could not be started: {error}", left=0, peak=0)
                launch.ended.set()
            return launch

    def kill(self, launch: Launch) -> None:
        """End a process and everything it started; `launch.ended` says when that is done."""
        with self._lock:
            if self._control is not None and not launch.ended.is_set():
                with suppress(OSError):
                    self._control.send(json.dumps({"do": "kill", "number": launch.number}).encode())

    def close(self) -> None:
        """End the launcher and with it every process it started."""
        with self._lock:
            program, control = self._program, self._control
            self._program = self._control = None
        if control is not None:
            with suppress(OSError):
                control.shutdown(socket.SHUT_RDWR)
        if program is not None:
            try:
                program.wait(5)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()

    @property
    def pid(self) -> int | None:
        """The launcher's process number."""
        return None if self._program is None else self._program.pid

    def _ensure(self) -> socket.socket:
        if self._control is not None:
            return self._control
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            path = json.dumps([part or os.getcwd() for part in sys.path])  # noqa: PTH109 - as Python itself reads ''
            self._program = subprocess.Popen(
                [sys.executable, "-c", _START, str(theirs.fileno()), path],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=self._environ,
                # Ctrl-C in the daemon's terminal is for the daemon.
                start_new_session=True,
            )
        self._control = ours
        threading.Thread(target=self._listen, args=(ours, self._program), name="flowd-launcher", daemon=True).start()
        return ours

    def _listen(self, control: socket.socket, program: subprocess.Popen[bytes]) -> None:
        while True:
            try:
                data = control.recv(MESSAGE_LIMIT)
            except OSError:
                data = b""
            if not data:
                break
            self._hear(json.loads(data))
        with self._lock:
            lost = self._control is control
            if lost:
                self._control = None
                self.restarts += 1
            control.close()
            mourned = list(self._launches.values())
            self._launches.clear()
        if lost:
            program.kill()
            program.wait()
            _log.error("the process that starts connectors ended; it is started anew with the next run")
            if self._on_restart is not None:
                self._on_restart()
        for launch in mourned:
            self._finish(launch, Exit(status=None, why="ended with the launcher", left=0, peak=0))

    def _hear(self, message: Mapping[str, Any]) -> None:
        with self._lock:
            if "started" in message:
                if (begun := self._launches.get(message["started"])) is not None:
                    begun.pid = message["pid"]
                    begun.started.set()
                return
            launch = self._launches.pop(message["ended"], None)
        if launch is not None:
            exit_ = Exit(status=message["status"], why=message["why"], left=message["left"], peak=message["peak"])
            self._finish(launch, exit_)

    def _finish(self, launch: Launch, exit_: Exit) -> None:
        launch.exit = exit_
        launch.started.set()
        launch.ended.set()
        if self._on_end is not None:
            self._on_end(launch)
