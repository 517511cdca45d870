"""flowd, its database and its studies run with what systemd/flowd.service takes away from them."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.endtoend.home import FLOWD, Home

UNIT = (Path(__file__).parents[2] / "systemd" / "flowd.service").read_text(encoding="utf-8")

# What becomes of this program afterwards may make no memory executable that was writable, and gains no rights from
# set-uid programs: MemoryDenyWriteExecute= and NoNewPrivileges= of the unit, by the switches of the kernel (prctl(2)).
CONFINED = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(65, 1, 0, 0, 0) or libc.prctl(38, 1, 0, 0, 0):
    sys.exit(77)
os.umask(0o077)
os.execv(sys.argv[1], sys.argv[1:])
"""
PROBE = "import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)"


def confined(*command: str) -> list[str]:
    return [sys.executable, "-c", CONFINED, shutil.which(command[0]) or command[0], *command[1:]]


@pytest.fixture(scope="module")
def denied() -> None:
    """Skip where the kernel has no such switch, and see that it does what it says where it has."""
    assert "MemoryDenyWriteExecute=yes" in UNIT
    assert "NoNewPrivileges=yes" in UNIT
    if ctypes.CDLL(None).prctl(66, 0, 0, 0, 0) < 0:
        pytest.skip("this kernel cannot deny writable code (before 6.3)")
    done = subprocess.run(confined(sys.executable, "-c", PROBE), capture_output=True, text=True, timeout=60)
    assert "PermissionError" in done.stderr


@pytest.mark.usefixtures("denied")
def test_everything_runs_where_no_memory_may_become_code(home: Home) -> None:
    """PostgreSQL, the child processes of connectors, and the studies with their numpy."""
    home.write(
        "tenant: {name: home, base_currency: EUR, timezone: Europe/Berlin}\n"
        "connections: {demo: {type: demo, config: {seed: 1, months: 3}}}\n"
    )
    done = subprocess.run(
        confined(*FLOWD, "run", "--once"),
        cwd=home.folder,
        env=dict(home.environ),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    studies = {study["study"]: study for study in home.json("study")}
    assert {"projection", "statistics"} <= set(studies)
    assert {study["outcome"] for study in studies.values()} == {"unchanged"}, "they were made there and then"
