"""The spool keeps batches in order, through restarts, damage and full disks."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flowd.errors import BatchRefused, DatabaseAway, SpoolDamaged
from flowd.storage.spool import Entry, Spool, SpoolFull

TICK = datetime(2026, 3, 1, 12, tzinfo=UTC)


def opened(path: Path, **more: int) -> Spool:
    spool = Spool(path, now=lambda: TICK, **more)
    spool.open()
    return spool


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "spool.sqlite"


def put(spool: Spool, number: int, size: int = 10) -> None:
    frames = [bytes([number % 256]) * size, b"end"]
    spool.put(f"c{number % 3}", "balances", TICK + timedelta(seconds=number), frames, {"n": number})


class Reader:
    def __init__(self) -> None:
        self.got: list[tuple[int, list[bytes]]] = []

    def __call__(self, entry: Entry, frames: Iterator[bytes]) -> None:
        self.got.append((entry.run["n"], list(frames)))


def test_entries_come_out_whole_and_in_order_after_a_restart(path: Path) -> None:
    spool = opened(path)
    for number in range(20):
        put(spool, number)
    spool.close()
    spool = opened(path)
    assert (spool.depth(), spool.size()) == (20, 20 * 13)
    reader = Reader()
    drained = spool.drain(reader)
    assert reader.got == [(number, [bytes([number]) * 10, b"end"]) for number in range(20)]
    assert (drained.written, spool.depth(), spool.size()) == (20, 0, 0)
    spool.close()
    assert opened(path).depth() == 0


def test_a_drain_stops_where_the_database_goes_away_and_goes_on_there(path: Path) -> None:
    spool, reader = opened(path), Reader()
    for number in range(10):
        put(spool, number)

    def away_at_five(entry: Entry, frames: Iterator[bytes]) -> None:
        if entry.run["n"] == 5 and len(reader.got) == 5:
            list(frames)
            raise DatabaseAway("gone")
        reader(entry, frames)

    with pytest.raises(DatabaseAway):
        spool.drain(away_at_five)
    assert spool.depth() == 5
    spool.drain(reader)
    assert [number for number, _ in reader.got] == list(range(10))


def test_what_the_database_refuses_is_kept_apart_and_the_rest_goes_on(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool, reader = opened(path), Reader()
    for number in range(4):
        put(spool, number)

    def refuses_two(entry: Entry, frames: Iterator[bytes]) -> None:
        if entry.run["n"] == 2:
            raise BatchRefused("not a number")
        reader(entry, frames)

    drained = spool.drain(refuses_two)
    assert (drained.written, drained.refused, spool.refused(), spool.depth()) == (3, 1, 1, 0)
    assert "not a number" in caplog.text
    spool.close()
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT connection, reason, frames FROM refused").fetchall() == [("c2", "not a number", 2)]
    db.close()


def test_a_full_spool_refuses_and_drops_nothing(path: Path) -> None:
    spool = opened(path, limit=100)
    put(spool, 1, size=80)
    with pytest.raises(SpoolFull, match="limit"):
        put(spool, 2, size=80)
    assert spool.depth() == 1
    reader = Reader()
    spool.drain(reader)
    put(spool, 3, size=80)
    assert [number for number, _ in reader.got] == [1]


def test_a_batch_that_breaks_off_leaves_nothing(path: Path) -> None:
    spool = opened(path)

    def breaks_off() -> Iterable[bytes]:
        yield b"one"
        raise RuntimeError("gone")

    with pytest.raises(RuntimeError):
        spool.put("c", "f", TICK, breaks_off())
    assert (spool.depth(), spool.size()) == (0, 0)


@pytest.mark.parametrize("seed", range(12))
def test_damage_never_brings_out_anything_that_was_not_put_in(
    path: Path, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(seed)
    spool = opened(path)
    for number in range(50):
        put(spool, number, size=500)
    spool.close()
    whole = bytearray(path.read_bytes())
    at = 0 if seed == 0 else chance.randrange(len(whole))
    whole[at : at + 600] = chance.randbytes(len(whole[at : at + 600]))
    path.write_bytes(whole)
    spool, reader = opened(path), Reader()
    # The file may be found damaged at its start, or in the middle.
    with contextlib.suppress(SpoolDamaged):
        spool.drain(reader)
    for number, frames in reader.got:
        assert frames == [bytes([number]) * 500, b"end"]
    assert [number for number, _ in reader.got] == sorted(number for number, _ in reader.got)
    if len(reader.got) < 50:
        # What is missing is somewhere, and said.
        assert spool.refused() or (spool.damaged is not None and str(spool.damaged) in caplog.text)
    if spool.damaged is not None:
        assert spool.damaged.read_bytes()[:16] == bytes(whole[:16])
        assert spool.damaged.name.startswith("spool.sqlite.damaged-")
    put(spool, 51)
    assert spool.depth() == 1


def test_a_folder_that_cannot_be_used_is_said_and_nothing_is_renamed(tmp_path: Path) -> None:
    (tmp_path / "spool.sqlite").mkdir()
    with pytest.raises(SpoolFull, match="check the folder"):
        opened(tmp_path / "spool.sqlite")
    assert (tmp_path / "spool.sqlite").is_dir()


def test_new_entries_come_in_while_old_ones_are_written(path: Path) -> None:
    spool, reader = opened(path), Reader()
    for number in range(3):
        put(spool, number)
    reading, go = threading.Event(), threading.Event()

    def slow(entry: Entry, frames: Iterator[bytes]) -> None:
        reading.set()
        go.wait(5)
        reader(entry, frames)

    thread = threading.Thread(target=spool.drain, args=(slow,))
    thread.start()
    assert reading.wait(5)
    put(spool, 3)
    go.set()
    thread.join()
    assert [number for number, _ in reader.got] == [0, 1, 2, 3]


def test_the_newest_cursor_that_waits_is_known(path: Path) -> None:
    spool = opened(path)
    for number in range(3):
        spool.put("c", "f", TICK, [b"x"], {"cursor": {"data": number, "version": 1}})
    spool.put("c", "f", TICK, (), {"end": {"outcome": "done"}})
    assert spool.last_cursors() == {("c", "f"): {"data": 2, "version": 1}}
