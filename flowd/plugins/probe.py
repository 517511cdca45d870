"""Trying plugins out in a child process first, so that one that hangs or exits at import takes nobody along."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from flowd.plugins.discovery import Candidate

_CHILD: Final = "import sys; from flowd.plugins.probe import child; child(int(sys.argv[1]))"
_START_SECONDS: Final = 30.0
_LINE_LIMIT: Final = 64 * 1024
_REMEMBER_HANG_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Imports plugins in a child process, each within `deadline` seconds, and remembers in `cache` which went well.

    What went well is remembered until the plugin's files or version change; one that hung or ended the process is
    tried again after an hour; one that only raised is tried every time, because installing what it misses mends it.
    """

    cache: Path | None = None
    deadline: float = 10.0
    clock: Callable[[], float] = time.time

    def __call__(self, candidates: Sequence[Candidate]) -> Mapping[Candidate, str | None]:
        """Return for each candidate why it must not be imported, or None where it may be."""
        remembered = self._remembered()
        prints = {one: f"{sys.version} {one.fingerprint()}" for one in candidates}
        verdicts: dict[Candidate, str | None] = {}
        for one in candidates:
            note = remembered.get(f"{one.name} {one.distribution}")
            if isinstance(note, dict) and note.get("fingerprint") == prints[one]:
                error = note.get("error")
                if error is None:
                    verdicts[one] = None
                elif isinstance(error, str) and 0 <= self.clock() - float(note.get("at", 0)) < _REMEMBER_HANG_SECONDS:
                    verdicts[one] = error
        open_ones = [one for one in candidates if one not in verdicts]
        fresh: dict[Candidate, str | None] = {}
        fatal: set[Candidate] = set()
        while remaining := [one for one in open_ones if one not in fresh]:
            fatal |= self._run(remaining, fresh)
        verdicts |= fresh
        for one, error in fresh.items():
            key = f"{one.name} {one.distribution}"
            remembered.pop(key, None)
            if error is None or one in fatal:
                remembered[key] = {"fingerprint": prints[one], "error": error, "at": self.clock()}
        if fresh:
            self._remember(remembered)
        return verdicts

    def _run(self, candidates: Sequence[Candidate], verdicts: dict[Candidate, str | None]) -> set[Candidate]:
        """Try `candidates` in one child until all are done or one ends it; at least one verdict is added."""
        ours, theirs = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(theirs)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs,),
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        os.close(theirs)
        lines = _Lines(ours)
        current = candidates[0]
        try:
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
                pipe.write(json.dumps([asdict(one) for one in candidates]).encode())
            if lines.next(_START_SECONDS) is None:
                verdicts[current] = "could not be tried out: no child process could be started"
                return set()
            for current in candidates:
                answer = lines.next(self.deadline)
                if answer is None:
                    verdicts[current] = (
                        "ended the process while it was loaded"
                        if lines.ended
                        else f"was not loaded within {self.deadline:g} s: do nothing slow at import"
                    )
                    return {current}
                error = answer.get("error")
                verdicts[current] = error if isinstance(error, str) else None
            return set()
        finally:
            os.close(ours)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _remembered(self) -> dict[str, object]:
        if self.cache is None:
            return {}
        try:
            data = json.loads(self.cache.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}

    def _remember(self, data: Mapping[str, object]) -> None:
        if self.cache is None:
            return
        # A folder that cannot be written costs a second at every start, nothing else.
        with contextlib.suppress(OSError):
            self.cache.parent.mkdir(parents=True, exist_ok=True)
            draft = self.cache.with_name(f"{self.cache.name}.{os.getpid()}")
            draft.write_text(json.dumps(data, indent=1), encoding="utf-8")
            draft.replace(self.cache)


class _Lines:
    """JSON objects, one a line, from a pipe, each awaited for so many seconds."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rest = b""
        self.ended = False

    def next(self, seconds: float) -> dict[str, object] | None:
        end = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._descriptor, selectors.EVENT_READ)
            while b"\n" not in self._rest:
                if not selector.select(max(0.0, end - time.monotonic())) or len(self._rest) > _LINE_LIMIT:
                    return None
                chunk = os.read(self._descriptor, 8192)
                if not chunk:
                    self.ended = True
                    return None
                self._rest += chunk
        line, self._rest = self._rest.split(b"\n", 1)
        try:
            data = json.loads(line)
        except ValueError:
            return None
        return data if isinstance(data, dict) else None


def child(descriptor: int) -> None:
    """Load the candidates named on standard input one after the other and write one JSON line for each."""
    from flowd.plugins.intake import ask
    from flowd.plugins.loading import describe

    def say(answer: Mapping[str, object]) -> None:
        os.write(descriptor, json.dumps(answer).encode() + b"\n")

    wanted = [Candidate(**one) for one in json.load(sys.stdin)]
    say({"ready": True})
    for one in wanted:
        try:
            ask(one.load(), one.name)
        except BaseException as error:
            say({"error": describe(error)})
        else:
            say({"error": None})
    # Threads that a plugin left behind must not keep the child alive.
    os._exit(0)
