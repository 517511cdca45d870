"""Embedded servers for tests: one to look at, one of its own, and what they answer."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from flowd.storage.embedded import Embedded

ROOT = os.geteuid() == 0
REPOSITORY = Path(__file__).resolve().parents[1]
FAST = {"fsync": "off"}


def short_path() -> Iterator[Path]:
    """A short path that the server's account can pass (pytest's own temporary folders are closed to it)."""
    folder = Path(tempfile.mkdtemp(prefix="flowd-e-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def a_server() -> Iterator[Embedded]:
    """One for the tests that only look."""
    folder = Path(tempfile.mkdtemp(prefix="flowd-e-"))
    folder.chmod(0o711)
    with Embedded(folder / "db", settings=FAST) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


def one_of_its_own(place: Path) -> Iterator[Embedded]:
    with Embedded(place / "db", settings=FAST) as running:
        yield running


def answer(url: str, query: str = "SELECT current_user::text") -> object:
    with psycopg.connect(url, connect_timeout=5) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]
