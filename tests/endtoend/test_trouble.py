"""The running daemon in trouble: its database frozen or killed, its files damaged, its disk closed to it."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.endtoend.home import Daemon, Home

SMALL = """\
tenant: {name: home, base_currency: EUR, timezone: Europe/Berlin}
database: {embedded: ./var/db}
connections:
  salary:
    type: recurring
    config: {amount: 3000, currency: EUR, every: month on L, start: 2025-01-01}
    feeds: {schedule: {every: 1s}}
"""


@pytest.fixture
def small(home: Home) -> Home:
    """A home with one quick feed."""
    home.write(SMALL)
    return home


def wait_until(what: str, seconds: float, done: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < seconds, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.2)
    return time.monotonic() - began


def postmaster_pid(home: Home) -> int | None:
    """What the database's own note says, which may name a dead process, or None while there is none to read."""
    try:
        first = (home.folder / "var" / "db" / "data" / "postmaster.pid").read_text().split("\n")[0]
    except FileNotFoundError:
        return None
    return int(first) if first.isdigit() else None


def server(home: Home) -> list[psutil.Process]:
    """The running postmaster of this home's database and its children."""
    postmaster = psutil.Process(postmaster_pid(home))
    return [postmaster, *postmaster.children(recursive=True)]


def ready(daemon: Daemon) -> bool:
    return daemon.get("/readyz")[0] == 200


def ticks(home: Home) -> int:
    return len([row for row in home.json("activity", "-n", "1000") if row["outcome"] == "done"])


def test_a_frozen_database_is_said_within_fifteen_seconds_and_nothing_is_lost(small: Home) -> None:
    with small.daemon() as daemon:
        daemon.wait_for(r"flowd .* is up", 60)
        wait_until("ready", 15, lambda: ready(daemon))
        frozen = server(small)
        for process in frozen:
            process.suspend()
        try:
            wait_until("/readyz says so", 15, lambda: not ready(daemon))
            assert "does not answer" in daemon.get("/readyz")[1]
            assert daemon.get("/healthz")[0] == 200
            depth = wait_until(
                "runs wait in the spool", 20, lambda: "flowd_spool_batches 0.0" not in daemon.get("/metrics")[1]
            )
            assert depth < 20
        finally:
            for process in frozen:
                process.resume()
        wait_until("ready again", 20, lambda: ready(daemon))
        wait_until("the spool is empty", 20, lambda: "flowd_spool_batches 0.0" in daemon.get("/metrics")[1])
        code, seconds = daemon.stop()
        assert (code, seconds < 10) == (0, True)
    # Ends of runs that waited in the spool are in the activity log, in the order of their ticks.
    rows = [row for row in small.json("activity", "-n", "1000") if row["feed"] == "schedule"]
    numbers = [row["tick"] if "tick" in row else row["started_at"] for row in rows]
    assert numbers == sorted(numbers)
    assert {row["outcome"] for row in rows} <= {"done", "retry"}


def test_a_killed_database_is_started_again(small: Home) -> None:
    with small.daemon() as daemon:
        daemon.wait_for(r"flowd .* is up", 60)
        before = ticks(small)
        postmaster = server(small)[0]
        postmaster.kill()
        wait_until("a new postmaster", 30, lambda: postmaster_pid(small) not in (None, postmaster.pid))
        wait_until("ready again", 30, lambda: ready(daemon))
        wait_until("feeds go on", 20, lambda: ticks(small) > before)


def test_a_daemon_without_its_database_at_the_start_waits_for_it(small: Home, database_url: str) -> None:
    """With a server of one's own that is away, flowd says so, waits, and goes on when it is there."""
    away = re.sub(r"port=\d+|:\d+/", lambda found: "port=1" if "=" in found.group() else ":1/", database_url)
    small.write(SMALL.replace("embedded: ./var/db", f"url: '{away}'"))
    with small.daemon() as daemon:
        daemon.wait_for("waiting for the database", 30)
        process = daemon.process
        assert process.poll() is None
        code, seconds = daemon.stop()
        assert (code, seconds < 10) == (0, True)


def test_a_server_of_ones_own(small: Home, database_url: str) -> None:
    small.write(SMALL.replace("embedded: ./var/db", f"url: '{database_url}'"))
    with small.daemon() as daemon:
        daemon.wait_for(r"you earn +\d", 60)
        assert small.json("status")["daemon"] == "running"
        said = small.run("run", code=1)
        assert "another flowd serves the tenant 'home'" in said


def test_a_damaged_spool_is_set_aside_and_named(small: Home) -> None:
    with small.daemon() as daemon:
        daemon.wait_for(r"flowd .* is up", 60)
    spool = small.folder / "var" / "spool.sqlite"
    assert spool.exists()
    for leftover in spool.parent.glob("spool.sqlite-*"):
        leftover.unlink()
    spool.write_bytes(b"this is no database" * 500)
    with small.daemon() as daemon:
        daemon.wait_for(r"spool.*(set aside|damaged)", 30)
        daemon.wait_for(r"flowd .* is up", 60)
    aside = [path for path in spool.parent.glob("spool.sqlite*") if "damaged" in path.name]
    assert [path.read_bytes()[:19] for path in aside] == [b"this is no database"]
    with sqlite3.connect(spool) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_database_of_a_newer_flowd_is_left_alone(small: Home) -> None:
    small.run("run", "--once")
    newer = "INSERT INTO ops.migration (name, checksum) VALUES ('migrations/9999_later', 'x')"
    small.run("db", "shell", "--", "-c", newer)
    said = small.run("run", code=1)
    assert "newer flowd" in said
    assert "9999_later" in said


def test_a_missing_secret_file_stops_only_its_connection(small: Home) -> None:
    text = SMALL + "  bank:\n    type: files\n    config: {folder: {file: ./secrets/none}}\n"
    small.write(text)
    with small.daemon() as daemon:
        daemon.wait_for(r"flowd\.yaml:\d+:\d+: connections\.bank\.config\.folder.*secrets/none", 30)
        daemon.wait_for(r"you earn +\d", 60)
    states = {row["connection"]: row["state"] for row in small.json_of_failure("status")["feeds"]}
    assert states["salary"] == "healthy"
    assert states["bank"] == "misconfigured"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere: run as a user to see this")
def test_a_folder_that_cannot_be_written_is_named(small: Home) -> None:
    var = small.folder / "var"
    var.mkdir(mode=0o500)
    said = small.run("run", code=1)
    assert str(Path("var") / "db") in said or str(var) in said


def test_a_daemon_in_a_hurry_ends_at_the_second_signal(small: Home) -> None:
    with small.daemon() as daemon:
        daemon.wait_for(r"flowd .* is up", 60)
        for process in server(small):
            process.suspend()
        daemon.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.process.wait(10) in {0, 1}
        for process in server(small):
            process.resume()
    with small.daemon() as daemon:
        daemon.wait_for(r"flowd .* is up", 60)
