"""A server that may be frozen and killed, and how long a call to it may take."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from flowd.errors import DatabaseAway
from flowd.storage.database import Database
from flowd.storage.embedded import Embedded
from flowd.storage.postgres_process import processes_of

SLACK = 1.0
INSERT = "INSERT INTO raw.series (tenant_id, connection, account, asset) VALUES (%s, 'c', 'a', %s)"


def own_server() -> Iterator[Embedded]:
    """A server of this file's own, because its tests freeze and kill it."""
    folder = Path(tempfile.mkdtemp(prefix="flowd-d-"))
    folder.chmod(0o711)
    with Embedded(folder / "db", settings={"fsync": "off"}) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def frozen(server: Embedded) -> Iterator[None]:
    """Stop every process of the server in its tracks; its sockets stay open."""
    stopped = []
    for process in processes_of(server.folder / "data"):
        # one that has just done its work ends by itself
        with contextlib.suppress(psutil.NoSuchProcess):
            process.suspend()
            stopped.append(process)
    assert len(stopped) > 3
    try:
        yield
    finally:
        for process in stopped:
            with contextlib.suppress(Exception):
                process.resume()


def ends_within(seconds: float, call: Callable[[], object]) -> None:
    """The call raises DatabaseAway, not later than a second after its deadline."""
    begun = time.monotonic()
    with pytest.raises(DatabaseAway):
        call()
    assert time.monotonic() - begun < seconds + SLACK


def ask(database: Database, deadline: float | None = None) -> int:
    with database.owner(deadline) as session:
        row = session.execute("SELECT 1").fetchone()
    assert row is not None
    return int(row[0])
