"""Has studies made by a process of their own when they are due: the daemon never loads what they compute with."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from flowd.engine.clock import Clock
from flowd.engine.studying import WHOLE, Studies
from flowd.engine.telemetry import Telemetry
from flowd.errors import FlowdError

log = logging.getLogger(__name__)
#: Corrections come in rows: so many seconds lie between two rounds at least, except when a day is over. The shorter
#: pause is for those who have little to be computed: studies shall not take more than a twentieth of the time.
APART: Final = (60.0, 300.0)
_SHARE: Final = 20
#: Nothing may have been derived for so many seconds before studies begin, unless they have waited for long already.
_QUIET: Final = 1.0
_PATIENCE: Final = 15.0
#: How often is looked whether studies are due, when nobody says that anything was derived.
_LOOK_EVERY: Final = 30.0
#: How often one is tried again whose facts are the same as when it failed.
_AGAIN: Final = 3600.0
#: What a process that is to end gets to end in.
_GRACE: Final = 5.0


class Studying:
    """A thread that starts `flowd study` when studies are due; `changed` tells it that something was derived."""

    def __init__(
        self,
        studies: Studies,
        telemetry: Telemetry,
        clock: Clock,
        *,
        path: Path,
        environ: Mapping[str, str],
        apart: tuple[float, float] = APART,
    ) -> None:
        self._studies = studies
        self._telemetry = telemetry
        self._clock = clock
        self._path = path
        # one thread of arithmetic: studies are to be done in the background, not soon
        self._environ = {**environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._apart = apart
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._derived = False
        self._next = 0.0
        self._tried: dict[str, tuple[str, float]] = {}
        self._reasons: dict[str, str] = {}
        self._thread = threading.Thread(target=self._run, name="flowd-study", daemon=True)
        #: What is wrong with making studies now; empty when nothing is.
        self.trouble = ""

    def start(self) -> None:
        """Begin; nothing is made before `changed` was called once."""
        self._thread.start()

    def stop(self, within: float = 2 * _GRACE) -> None:
        """End the process under way, if there is one, and stop."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(within)

    def changed(self) -> None:
        """Take note that what is derived is up to date: studies may be due."""
        self._derived = True
        self._wake.set()

    def use(self, studies: Studies) -> None:
        """Go by new settings from now on."""
        self._studies = studies
        self._next = 0.0
        self._wake.set()

    def _run(self) -> None:
        day = ""
        while not self._stop.is_set():
            try:
                wanted, today = self._due() if self._derived else ({}, day)
                begun = self._clock.monotonic()
                if wanted and (begun >= self._next or today != day):
                    day = today
                    self._make(wanted)
                    ended = self._clock.monotonic()
                    self._next = ended + min(max(self._apart[0], _SHARE * (ended - begun)), self._apart[1])
                self._tell("")
            except FlowdError as problem:
                # the database is away: what is due stays so
                self._tell(str(problem))
            except Exception as problem:
                if str(problem) != self.trouble:
                    log.exception("making studies failed in flowd itself")
                self._tell(f"{type(problem).__name__}: {problem}")
            self._rest()

    def _rest(self) -> None:
        """Wait until something was derived and nothing more is, or for a while."""
        if not self._wake.wait(_LOOK_EVERY):
            return
        until = self._clock.monotonic() + _PATIENCE
        while self._wake.is_set() and not self._stop.is_set() and self._clock.monotonic() < until:
            self._wake.clear()
            self._wake.wait(_QUIET)
        self._wake.clear()

    def _due(self) -> tuple[dict[str, str], str]:
        """Return the studies that are due, with what they are due for, and the day; without those just tried."""
        due, today = self._studies.due_for()
        now = self._clock.monotonic()
        for name in self._studies.names:
            if name not in due:
                self._telemetry.studied(name, self._clock.now())
        wanted = {
            name: what
            for name, what in due.items()
            if name not in self._tried or self._tried[name][0] != what or now > self._tried[name][1] + _AGAIN
        }
        return wanted, today

    def _make(self, wanted: Mapping[str, str]) -> None:
        """Run `flowd study`, which makes what is due, and take note of what became of these."""
        command = [sys.executable, "-m", "flowd.edges.cli", "-c", str(self._path)]
        command += ["study", "--background", "--json"]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=self._environ, start_new_session=True
            )
            try:
                ended = self._wait(process)
            finally:
                _end(process)
            if self._stop.is_set():
                return
            rows = _rows(out)
            why = "" if ended else f"they took longer than {WHOLE:g} s and were ended"
            if not rows:
                why = why or _last_line(err) or f"the process ended with {process.returncode}"
        now = self._clock.monotonic()
        self._note("studies", "" if rows else why)
        for name, what in wanted.items():
            if rows and name not in rows:
                # it is gone, and its rows are now
                self._telemetry.forget_study(name)
                continue
            row = rows.get(name)
            reason = why if row is None else str(row.get("reason") or "")
            if not reason:
                self._tried.pop(name, None)
                seconds = row.get("seconds") if row is not None else None
                self._telemetry.studied(name, self._clock.now(), float(str(seconds or 0)))
            else:
                self._tried[name] = (what, now)
                self._telemetry.study_failed(name)
            if rows:
                self._note(f"the study {name}", reason)

    def _wait(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait until the process ends; False when its time is over, or flowd stops, before."""
        until = self._clock.monotonic() + WHOLE
        while process.poll() is None:
            if self._stop.wait(0.1) or self._clock.monotonic() > until:
                return False
        return True

    def _note(self, name: str, reason: str) -> None:
        """Log when a study begins to fail, fails for another reason, or is well again."""
        before = self._reasons.get(name, "")
        self._reasons[name] = reason
        if reason and reason != before:
            log.error("%s could not be made, numbers stay as they were: %s", name, reason)
        elif before and not reason:
            log.info("%s could be made again", name)

    def _tell(self, trouble: str) -> None:
        self.trouble = trouble


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that may have ended."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
    if process.poll() is None:
        process.kill()
        process.wait(_GRACE)


def _rows(out: IO[bytes]) -> dict[str, dict[str, object]]:
    out.seek(0)
    try:
        found = json.loads(out.read())
        return {str(row["study"]): row for row in found}
    except (ValueError, TypeError, KeyError):
        return {}


def _last_line(err: IO[bytes]) -> str:
    err.seek(0)
    lines = err.read().decode(errors="replace").strip().splitlines()
    return lines[-1][:500] if lines else ""
