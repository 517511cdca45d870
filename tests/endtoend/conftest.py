"""A home for a flowd of its own, on a free port, in a temporary folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.endtoend.home import Home

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A folder with the sample flowd.yaml, whose daemon takes a free port."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLOWD", "NOTIFY", "WATCHDOG"))}
    shutil.copy(ROOT / "flowd.yaml", tmp_path / "flowd.yaml")
    (tmp_path / "inbox").mkdir()
    # As root, the database runs as an account of its own, which has to get into pytest's private folders.
    return Home(tmp_path, {**kept, "FLOWD__HTTP__LISTEN": "127.0.0.1:0", "PYTHONWARNINGS": "error"})
