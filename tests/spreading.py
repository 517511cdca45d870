"""How `make test` spreads the tests over several processes: how many, and in what order."""

from __future__ import annotations

import os
from typing import Final

import psutil
import pytest

#: Most tests wait for a child process, a server or a clock: two to a core keep the cores busy.
PER_CORE: Final = 2
#: What a process takes at its worst, with its PostgreSQL, its TimescaleDB and a daemon under test.
MEMORY: Final = 1 << 30
#: More have nothing left to do: a file is never split, and the longest takes a few minutes.
MOST: Final = 12


def workers() -> int | None:
    """How many processes suit this machine; None leaves it to pytest-xdist (PYTEST_XDIST_AUTO_NUM_WORKERS)."""
    if os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS"):
        return None
    if os.environ.get("FLOWD_TEST_DATABASE_URL"):
        return 0  # roles belong to a whole server: tests that make and change them must not meet on one
    cores = len(os.sched_getaffinity(0))
    return max(1, min(cores * PER_CORE, psutil.virtual_memory().available // MEMORY, MOST))


def longest_first(items: list[pytest.Item]) -> None:
    """Put the files with a slow test before the others: begun last, one of them would be waited for alone."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
