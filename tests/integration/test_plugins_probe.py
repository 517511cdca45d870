"""Trying plugins out in a child: what hangs, exits or crashes at import costs a deadline and nothing else."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from flowd.plugins import Probe, State, candidates, load_plugins

INSTALLED = str(Path(__file__).parents[1] / "plugins" / "installed")


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(INSTALLED)
    yield
    for name in [name for name in sys.modules if name.startswith("flowd_test_")]:
        del sys.modules[name]


def children() -> set[psutil.Process]:
    """What this process has started, but for the sessions of the PostgreSQL of the test run, which come and go."""
    found = set()
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.name() != "postgres":
                found.add(child)
    return found


def test_deadly_plugins_are_broken_lines_and_the_good_one_works(tmp_path: Path) -> None:
    names = ["hangs", "exits-hard", "crashes", "hangs-in-hook", "broken-import", "noisy", "good"]
    probe = Probe(cache=tmp_path / "plugins.json", deadline=1.0)
    before = children()
    began = time.monotonic()
    registry = load_plugins(names, probe=probe, built_in=(), path=[INSTALLED])
    first = time.monotonic() - began
    rows = {row.name: row for row in registry.plugins if row.distribution != "flowd-test-rival"}
    assert {name: rows[name].state for name in names} == {
        **dict.fromkeys(names[:5], State.BROKEN),
        "noisy": State.LOADED,
        "good": State.LOADED,
    }
    assert "not loaded within 1 s" in str(rows["hangs"].error)
    assert "not loaded within 1 s" in str(rows["hangs-in-hook"].error)
    assert "ended the process" in str(rows["exits-hard"].error)
    assert "ended the process" in str(rows["crashes"].error)
    assert "a_module_nobody_has" in str(rows["broken-import"].error)
    assert children() == before
    assert first < 30

    # The second start knows the deadly ones; it tries only the one that may have been mended since.
    began = time.monotonic()
    again = load_plugins(names, probe=probe, built_in=(), path=[INSTALLED])
    assert {row.name: row.error for row in again.plugins} == {row.name: row.error for row in registry.plugins}
    assert time.monotonic() - began < max(2.0, first / 2)


def write_plugin(folder: Path, body: str) -> None:
    info = folder / "flowd_test_changing-1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: flowd-test-changing\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[flowd]\nchanging = flowd_test_changing\n")
    file = folder / "flowd_test_changing.py"
    newer = file.stat().st_mtime_ns + 1_000_000_000 if file.exists() else None
    file.write_text(body)
    if newer is not None:
        os.utime(file, ns=(newer, newer))


def test_a_verdict_holds_until_the_files_change_or_an_hour_has_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    write_plugin(
        tmp_path, "import os, pathlib\npathlib.Path(__file__).with_name('tried').open('a').write('x')\nos._exit(0)\n"
    )
    tried = tmp_path / "tried"
    now = [1000.0]
    probe = Probe(cache=tmp_path / "cache" / "plugins.json", deadline=5.0, clock=lambda: now[0])
    [candidate] = [one for one in candidates([str(tmp_path)]) if one.name == "changing"]

    assert "ended the process" in str(probe([candidate])[candidate])
    assert "ended the process" in str(probe([candidate])[candidate])
    assert tried.read_text() == "x"
    now[0] += 3601
    assert "ended the process" in str(probe([candidate])[candidate])
    assert tried.read_text() == "xx"

    body = "from flowd_test_good import GoodFormat\nfrom flowd.api import hookimpl\n\n\n@hookimpl\n"
    body += "def register_importers(register):\n    register(GoodFormat())\n"
    write_plugin(tmp_path, body)
    assert probe([candidate])[candidate] is None
    # What went well is believed without a child: a cache in a folder that cannot be written is no error either.
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert Probe(cache=blocked / "plugins.json")([candidate])[candidate] is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"changing flowd-test-changing": {"fingerprint": 1, "at": "x"}}'])
def test_a_damaged_cache_is_begun_anew(tmp_path: Path, content: str) -> None:
    cache = tmp_path / "plugins.json"
    cache.write_text(content)
    [candidate] = [one for one in candidates([INSTALLED]) if one.name == "noisy"]
    assert Probe(cache=cache)([candidate]) == {candidate: None}
    assert "noisy" in cache.read_text()
