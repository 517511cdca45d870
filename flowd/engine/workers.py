"""The places connectors run in: a bounded number of processes that can be killed, and threads for the harmless."""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from flowd.api import ConnectorType
from flowd.engine.child import Pack, Session
from flowd.engine.clock import Clock
from flowd.engine.confinement import Limits
from flowd.engine.launching import Exit, Launch, Launching
from flowd.engine.outputs import Output, Outputs
from flowd.engine.protocol import Channel, pair
from flowd.engine.telemetry import Telemetry

_log = logging.getLogger(__name__)
#: How long to wait until nothing of a killed process is left.
_BURIAL: Final = 3.0
#: How long a process that hung up may take to end by itself.
_SETTLING: Final = 0.5


class NoPlace(Exception):
    """Every place stayed taken for as long as the caller would wait."""


class Worker(Protocol):
    """A place that serves one connection."""

    @property
    def name(self) -> str:
        """The connection it serves."""

    @property
    def channel(self) -> Channel:
        """The conversation with what runs there."""

    def end(self) -> Exit | None:
        """End what runs there, wait until nothing of it is left, and say how it ended; None if it cannot be ended."""

    def printed(self) -> tuple[int, str]:
        """Return how many bytes were printed there, and the last of them."""


@dataclass(slots=True, eq=False)
class ProcessWorker:
    """A connection's own process."""

    name: str
    channel: Channel
    launch: Launch
    output: Output
    launching: Launching
    comes_often: bool = False
    idle_since: float = 0.0

    def end(self) -> Exit | None:
        """Kill the process and whatever it started."""
        self.launching.kill(self.launch)
        if not self.launch.ended.wait(_BURIAL):
            _log.error("process %s of connection %s could not be ended in %.0f s", self.launch.pid, self.name, _BURIAL)
        self.channel.close()
        return self.launch.exit

    def settle(self) -> None:
        """Give a process that hung up a moment to end by itself, so that its own way of ending is known."""
        self.launch.ended.wait(_SETTLING)

    def printed(self) -> tuple[int, str]:
        """Return how many bytes the process printed, and the last of them."""
        return self.output.total, self.output.tail


@dataclass(slots=True, eq=False)
class ThreadWorker:
    """A thread of the daemon: it can be left alone, not ended."""

    name: str
    channel: Channel
    thread: threading.Thread

    def end(self) -> Exit | None:
        """Hang up: the thread ends with the next thing it sends."""
        self.channel.close()
        self.thread.join(0.2)
        return None

    def printed(self) -> tuple[int, str]:
        """Return nothing: a thread prints where the daemon prints."""
        return 0, ""


@dataclass(slots=True, eq=False)
class _Ticket:
    """Somebody waiting for a place."""

    name: str
    suspect: bool
    ready: threading.Event = field(default_factory=threading.Event)
    warm: ProcessWorker | None = None
    evicted: ProcessWorker | None = None


class Workers:
    """A bounded number of processes, each lent to one connection at a time, first come first served.

    A suspect (a connection whose last run had to be killed) gets a place only while suspects hold under a quarter of
    them: however many connectors hang, the others find places. A process is kept for its connection when that comes
    back more often than every `warm` seconds, and ended as soon as somebody else waits for a place.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        environ: Mapping[str, str],
        size: int = 16,
        warm: float = 15.0,
        limits: Limits | None = None,
        pack: Pack | None = None,
        telemetry: Telemetry | None = None,
    ) -> None:
        self._clock = clock
        self._size = size
        self._suspects_allowed = max(1, size // 4)
        self._warm = warm
        self._limits = limits or Limits()
        self._pack = pack
        self._telemetry = telemetry or Telemetry()
        self._launching = Launching(environ=environ, on_end=self._ended, on_restart=self._telemetry.launcher_restarted)
        self._alive = 0
        self._outputs = Outputs()
        self._lock = threading.Lock()
        self._waiting: deque[_Ticket] = deque()
        self._busy: dict[str, _Ticket] = {}
        self._idle: dict[str, ProcessWorker] = {}
        self._last_lease: dict[str, float] = {}
        self._stuck: dict[str, ThreadWorker] = {}
        self._stop = threading.Event()
        self._came_idle = threading.Event()
        self._recycler = threading.Thread(target=self._recycle, name="flowd-recycler", daemon=True)
        self.started = 0

    def start(self) -> None:
        """Start the launcher and what watches idle processes."""
        self._outputs.start()
        self._launching.open()
        self._recycler.start()

    def stop(self) -> None:
        """End every process; runs under way find their conversation closed."""
        self._stop.set()
        self._came_idle.set()
        with self._lock:
            waiting, self._waiting = list(self._waiting), deque()
            idle, self._idle = list(self._idle.values()), {}
        for ticket in waiting:
            ticket.ready.set()
        self._launching.close()
        for worker in idle:
            worker.channel.close()
        self._recycler.join()
        self._outputs.stop()

    @property
    def restarts(self) -> int:
        """How often the launcher had to be started anew."""
        return self._launching.restarts

    @property
    def launcher_pid(self) -> int | None:
        """The number of the process that starts connectors."""
        return self._launching.pid

    @property
    def kept_warm(self) -> int:
        """How many processes wait for their connection to come back."""
        with self._lock:
            return len(self._idle)

    # --- Places ------------------------------------------------------------------------------------------------------

    def lease(self, name: str, *, suspect: bool, patience: float) -> ProcessWorker:
        """Return a process for the connection `name`; NoPlace when none came free in `patience` seconds."""
        ticket = _Ticket(name, suspect)
        with self._lock:
            self._waiting.append(ticket)
            self._admit()
        self._clock.wait(ticket.ready, patience)
        with self._lock:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                raise NoPlace(f"all {self._size} places for connectors stayed taken for {patience:.0f} s")
            now = self._clock.monotonic()
            often = now - self._last_lease.get(name, -self._warm) < self._warm
            self._last_lease[name] = now
        try:
            if self._stop.is_set():
                raise NoPlace("flowd is stopping")
            if ticket.evicted is not None:
                ticket.evicted.end()
            worker = ticket.warm
            if worker is not None and worker.launch.ended.is_set():
                worker.channel.close()
                worker = None
            worker = worker or self._launch(name)
            worker.comes_often = often
            return worker
        except BaseException:
            self._free(name)
            raise

    def release(self, worker: ProcessWorker, *, reusable: bool) -> Exit | None:
        """Give a place back; a process that is not kept is killed, and how it ended is returned."""
        with self._lock:
            wanted = any(ticket.name == worker.name for ticket in self._waiting)
            keep = reusable and not self._stop.is_set() and (wanted or (worker.comes_often and not self._waiting))
            if keep:
                worker.idle_since = self._clock.monotonic()
                self._idle[worker.name] = worker
                self._came_idle.set()
        exit_ = None if keep else worker.end()
        self._free(worker.name)
        return exit_

    def thread(self, name: str, connector: ConnectorType[Any]) -> ThreadWorker:
        """Return a thread for the connection `name`; NoPlace while an earlier one of it is still at work."""
        if (stuck := self._stuck.get(name)) is not None and stuck.thread.is_alive():
            raise NoPlace("its last run passed its deadline and is still at work: a thread cannot be ended")
        self._stuck.pop(name, None)
        ours, theirs = pair()
        session = Session(theirs, pack=self._packing(), find=lambda _: connector)

        def serve() -> None:
            with suppress(Exception):
                session.run()
            theirs.close()

        thread = threading.Thread(target=serve, name=f"flowd-{name}", daemon=True)
        worker = ThreadWorker(name, ours, thread)
        thread.start()
        return worker

    def release_thread(self, worker: ThreadWorker) -> None:
        """End a thread, or remember that it would not end."""
        worker.end()
        if worker.thread.is_alive():
            self._stuck[worker.name] = worker

    def _ended(self, _: Launch) -> None:
        with self._lock:
            self._alive -= 1
            self._telemetry.children(self._alive)

    # --- Inside ------------------------------------------------------------------------------------------------------

    def _packing(self) -> Pack:
        if self._pack is None:
            from flowd.storage.packing import pack

            self._pack = pack
        return self._pack

    def _launch(self, name: str) -> ProcessWorker:
        ours, theirs = pair()
        written, output = self._outputs.open()
        try:
            launch = self._launching.start(self._limits, theirs.fileno(), written)
        finally:
            theirs.let_go()
            os.close(written)
        with self._lock:
            self.started += 1
            self._alive += not launch.ended.is_set()
            self._telemetry.children(self._alive)
        self._telemetry.child_started()
        return ProcessWorker(name, ours, launch, output, self._launching)

    def _free(self, name: str) -> None:
        with self._lock:
            self._busy.pop(name, None)
            self._admit()

    def _admit(self) -> None:
        """Give places to those who wait, in their order, except suspects beyond their share."""
        suspects = sum(ticket.suspect for ticket in self._busy.values())
        for ticket in list(self._waiting):
            if ticket.suspect and suspects >= self._suspects_allowed:
                continue
            ticket.warm = self._idle.pop(ticket.name, None)
            if ticket.warm is None and len(self._busy) + len(self._idle) >= self._size:
                if not self._idle:
                    continue
                # The one that has been idle longest; whoever takes its place ends it first.
                ticket.evicted = self._idle.pop(next(iter(self._idle)))
            suspects += ticket.suspect
            self._waiting.remove(ticket)
            self._busy[ticket.name] = ticket
            ticket.ready.set()

    def _recycle(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                self._came_idle.clear()
                now = self._clock.monotonic()
                expired = [worker for worker in self._idle.values() if now - worker.idle_since >= self._warm]
                for worker in expired:
                    del self._idle[worker.name]
                oldest = min((worker.idle_since for worker in self._idle.values()), default=None)
            for worker in expired:
                worker.end()
            self._clock.wait(self._came_idle, None if oldest is None else max(0.0, oldest + self._warm - now))
