"""Starts the TimescaleDB of the test run, where there is a Node to start it with."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.timescale.pglite import HERE, Pglite, build

_FILES = ("package.json", "package-lock.json", ".npmrc", "driver.mjs")


def _installed() -> Path:
    """A folder with the npm package in it: outside the repository, one per lock file, made once and kept."""
    text = b"".join((HERE / name).read_bytes() for name in _FILES)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flowd" / "timescale"
    folder = cache / hashlib.sha256(text).hexdigest()[:16]
    if (folder / "node_modules").is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=cache))
    try:
        for name in _FILES:
            shutil.copy(HERE / name, making / name)
        done = subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund"], cwd=making, capture_output=True, text=True, timeout=240
        )
        if done.returncode != 0:
            pytest.skip(f"npm could not install TimescaleDB's WebAssembly build: {done.stderr.strip()[-300:]}")
        try:
            making.rename(folder)
        except OSError:  # another test run was quicker
            if not (folder / "node_modules").is_dir():
                raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return folder


@pytest.fixture(scope="session")
def pglite() -> Iterator[Pglite]:
    """A TimescaleDB 2.23 on PostgreSQL 17 with flowd's schema; wrap a test in `undone()` to leave it as it was."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(
                f"there is no {program} on this machine: TimescaleDB's WebAssembly build needs Node 20 or newer"
            )
    try:
        folder = _installed()
    except (OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"TimescaleDB's WebAssembly build cannot be installed: {error}")
    server = Pglite(folder)
    try:
        build(server)
        yield server
    finally:
        server.stop()
