"""The embedded server comes back after every kind of death, with all that was committed."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from itertools import count
from pathlib import Path

import psutil
import psycopg
import pytest

from flowd.errors import DatabaseAway
from flowd.storage.database import Database
from flowd.storage.embedded import Embedded
from flowd.storage.postgres_process import processes_of, read_pid_file
from tests.embedding import FAST, REPOSITORY, answer, one_of_its_own, short_path

embedded = pytest.fixture(one_of_its_own)
place = pytest.fixture(short_path)


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE  # an orphan waits for init to take note of its end
    except psutil.NoSuchProcess:
        return False


def wait_until_gone(pids: list[int], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while any(lives(pid) for pid in pids):
        assert time.monotonic() < until, "processes are still there"
        time.sleep(0.01)


def restart(embedded: Embedded, seconds: float = 10.0) -> None:
    """What the engine does when the database is away: ask until the death has been noticed."""
    until = time.monotonic() + seconds
    while not embedded.ensure_running():
        assert time.monotonic() < until, "the server was not found dead"
        time.sleep(0.01)


def test_stop_leaves_no_process_and_frees_the_folder(place: Path) -> None:
    running = Embedded(place / "db", settings=FAST)
    running.start()
    pids = [process.pid for process in processes_of(place / "db/data")]
    assert len(pids) > 3
    running.stop()
    wait_until_gone(pids)
    running.stop()
    with Embedded(place / "db", settings=FAST) as again:
        assert answer(again.url()) == "flowd_owner"


def test_a_killed_postmaster_comes_back_with_what_was_committed(embedded: Embedded) -> None:
    with Database(embedded.url(), deadline=5) as database:
        with database.owner() as session:
            session.execute("CREATE TABLE kept (n int)")
            session.execute("INSERT INTO kept VALUES (1)")
        assert embedded.pid is not None
        postmaster = embedded.pid

        def insert_and_kill() -> None:
            with database.owner() as session:
                session.execute("INSERT INTO kept VALUES (2)")
                os.kill(postmaster, signal.SIGKILL)
                session.execute("SELECT pg_sleep(3)")

        with pytest.raises(DatabaseAway):
            insert_and_kill()
        restart(embedded)
        assert not embedded.ensure_running()
        with database.owner() as session:
            assert session.execute("SELECT n FROM kept").fetchall() == [(1,)]


def test_a_storm_of_kills_loses_nothing_that_was_acknowledged(place: Path) -> None:
    chance = random.Random(20261121)
    acknowledged: list[int] = []
    with Embedded(place / "db") as embedded, Database(embedded.url(), deadline=5) as database:
        with database.owner() as session:
            session.execute("CREATE TABLE kept (n int PRIMARY KEY)")
        numbers = count()
        for _ in range(5):
            killer = threading.Timer(chance.uniform(0.02, 0.15), kill_all, (place / "db/data",))
            killer.start()
            with contextlib.suppress(DatabaseAway):
                while True:
                    with database.owner() as session:
                        number = next(numbers)
                        session.execute("INSERT INTO kept VALUES (%s)", (number,))
                    acknowledged.append(number)
            killer.join()
            restart(embedded)
        with database.owner() as session:
            kept = {row[0] for row in session.execute("SELECT n FROM kept")}
    assert len(acknowledged) > 5
    assert set(acknowledged) <= kept


def kill_all(data: Path) -> None:
    for process in processes_of(data):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def test_orphans_that_do_not_leave_are_ended_before_the_restart(embedded: Embedded) -> None:
    assert embedded.pid is not None
    with psycopg.connect(embedded.url()) as connection:
        backend = connection.info.backend_pid
        os.kill(backend, signal.SIGSTOP)  # it cannot notice the death of its postmaster
        os.kill(embedded.pid, signal.SIGKILL)
        restart(embedded)
        wait_until_gone([backend])
        assert answer(embedded.url()) == "flowd_owner"
        connection.close()


def test_a_killed_flowd_is_followed_by_one_that_takes_over(place: Path) -> None:
    script = textwrap.dedent(f"""
        from pathlib import Path
        from flowd.storage.embedded import Embedded
        server = Embedded(Path({str(place / "db")!r}))
        server.start()
        print(server.pid, flush=True)
        input()
    """)
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    ) as first:
        assert first.stdout is not None
        postmaster = int(first.stdout.readline())
        with psycopg.connect(Embedded(place / "db").url()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
        first.kill()
        first.wait()
    assert lives(postmaster)
    begun = time.monotonic()
    with Embedded(place / "db") as second:
        assert second.pid != postmaster
        assert answer(second.url(), "SELECT n FROM kept") == 1
        assert time.monotonic() - begun < 5
    assert not lives(postmaster)


def test_a_stale_pid_file_that_names_a_stranger_harms_nobody(place: Path) -> None:
    with Embedded(place / "db", settings=FAST) as running:
        account = running.account
        assert account is not None
    pid_file = place / "db/data/postmaster.pid"
    stranger = account.popen(["sleep", "60"], cwd=Path("/"))
    try:
        pid_file.write_text(f"{stranger.pid}\n{place / 'db/data'}\n1795221999\n")
        account.own(pid_file)
        with Embedded(place / "db", settings=FAST) as again:
            assert answer(again.url()) == "flowd_owner"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.communicate()


def test_an_interrupted_first_start_is_begun_again(place: Path) -> None:
    (place / "db/data.new/base").mkdir(parents=True)
    with Embedded(place / "db", settings=FAST) as running:
        assert answer(running.url()) == "flowd_owner"
    assert not (place / "db/data.new").exists()


def test_the_pid_file_is_read_with_care(place: Path) -> None:
    assert read_pid_file(place) is None
    (place / "postmaster.pid").write_text("12")
    found = read_pid_file(place)
    assert found is not None
    assert (found.pid, found.status) == (12, "")
    (place / "postmaster.pid").write_text("")
    assert read_pid_file(place) is None
