"""A folder with a flowd.yaml of its own, and the real `flowd` run in it as a user runs it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FLOWD = [sys.executable, "-m", "flowd.edges.cli"]


@dataclass
class Daemon:
    """A running `flowd run`: what it said, and how to ask it things."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._more:
                self.said.append(line.rstrip())
                self._more.notify_all()
        with self._more:
            self._more.notify_all()

    def wait_for(self, pattern: str, seconds: float = 60) -> re.Match[str]:
        """Return the first match in what it said; fails with all it said when it ends or takes too long."""
        until = time.monotonic() + seconds
        with self._more:
            while True:
                for line in self.said:
                    if found := re.search(pattern, line):
                        return found
                left = until - time.monotonic()
                assert self.process.poll() is None, f"flowd ended with {self.process.poll()}:\n" + "\n".join(self.said)
                assert left > 0, f"not said within {seconds} s: {pattern}\n" + "\n".join(self.said)
                self._more.wait(min(left, 0.5))

    def close(self) -> None:
        """Let go of the pipe, once the process has ended."""
        self._reader.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()

    @property
    def address(self) -> str:
        return self.wait_for(r"(http://127\.0\.0\.1:\d+)/healthz").group(1)

    def get(self, path: str) -> tuple[int, str]:
        """Ask one of its pages."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()

    def stop(self, number: int = signal.SIGTERM, within: float = 10) -> tuple[int, float]:
        """Send a signal; return the exit code and how long it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(within)
        return code, time.monotonic() - began


@dataclass
class Home:
    """A folder with a flowd.yaml."""

    folder: Path
    environ: Mapping[str, str]

    def write(self, text: str) -> None:
        (self.folder / "flowd.yaml").write_text(text)

    @contextlib.contextmanager
    def daemon(self, *arguments: str) -> Iterator[Daemon]:
        """Run the daemon; it is killed at the end if it still runs."""
        process = subprocess.Popen(
            [*FLOWD, "run", *arguments],
            cwd=self.folder,
            env=dict(self.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        daemon = Daemon(process)
        try:
            yield daemon
        finally:
            if process.poll() is None:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(15)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            daemon.close()

    def run(self, *arguments: str, code: int | None = 0) -> str:
        """Run one command to its end and return what it printed; fails on another exit code than `code`."""
        done = subprocess.run(
            [*FLOWD, *arguments],
            cwd=self.folder,
            env=dict(self.environ),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert code is None or done.returncode == code, (
            f"flowd {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        return done.stdout if code == 0 else done.stdout + done.stderr

    def json(self, *arguments: str) -> Any:
        """Run one command with --json and return what it says."""
        return json.loads(self.run(*arguments, "--json"))

    def json_of_failure(self, *arguments: str) -> Any:
        """Run one command with --json that ends with 1 because it has something bad to say, and return what it says."""
        said = self.run(*arguments, "--json", code=1)
        return json.JSONDecoder().raw_decode(said[said.index("{") :])[0]
