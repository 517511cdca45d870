"""Starts the TimescaleDB of the test run, where there is a Node to start it with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.node_packages import Unavailable, installed
from tests.timescale.pglite import HERE, Pglite, build


@pytest.fixture(scope="session")
def pglite() -> Iterator[Pglite]:
    """A TimescaleDB 2.23 on PostgreSQL 17 with flowd's schema; wrap a test in `undone()` to leave it as it was."""
    try:
        folder = installed(HERE, "timescale", "driver.mjs")
    except (OSError, Unavailable) as error:
        pytest.skip(f"TimescaleDB's WebAssembly build cannot be installed: {error}")
    server = Pglite(folder)
    try:
        build(server)
        yield server
    finally:
        server.stop()
