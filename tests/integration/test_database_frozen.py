"""Servers that are dead or frozen hold no caller longer than its deadline."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time

import psutil
import pytest

from flowd.errors import DatabaseAway
from flowd.storage.connections import Session
from flowd.storage.database import Database
from flowd.storage.embedded import Embedded
from tests.freezing import SLACK, ask, ends_within, frozen, own_server

own = pytest.fixture(own_server, scope="module")


@pytest.mark.parametrize("tcp", [False, True], ids=["socket", "tcp"])
def test_a_frozen_server_holds_no_caller(own: Embedded, tcp: bool) -> None:
    with Database(own.url(tcp=tcp), deadline=1.0) as database:
        ask(database)

        def asks_in_the_middle() -> None:
            with database.owner() as session:
                session.execute("SELECT 1")
                with frozen(own):
                    session.execute("SELECT 1")

        ends_within(1.0, asks_in_the_middle)
        assert ask(database, 5) == 1

        def commits() -> None:
            with frozen(own):
                ask_and_commit()

        def ask_and_commit() -> None:
            with database.owner():
                pass

        ends_within(1.0, commits)
        assert ask(database, 5) == 1

        with frozen(own):
            begun = time.monotonic()
            assert not database.healthy(0.5)
            assert time.monotonic() - begun < 0.5 + SLACK
        assert database.healthy()


@pytest.mark.parametrize("tcp", [False, True], ids=["socket", "tcp"])
def test_a_frozen_server_holds_nobody_who_connects(own: Embedded, tcp: bool) -> None:
    with frozen(own), Database(own.url(tcp=tcp), deadline=0.5) as database:
        ends_within(0.5, lambda: ask(database))
        ends_within(0.5, lambda: ask(database))
    with Database(own.url(tcp=tcp)) as database:
        assert ask(database) == 1


def test_a_frozen_server_holds_no_copy(own: Embedded) -> None:
    with Database(own.url(), deadline=1.0) as database:

        def copies() -> None:
            with database.owner() as session:
                session.execute("CREATE TEMPORARY TABLE rows (text text)")
                with frozen(own), session.cursor().copy("COPY rows FROM STDIN") as copy:
                    for _ in range(100_000):
                        copy.write("x" * 1000 + "\n")

        ends_within(1.0, copies)
        assert ask(database, 5) == 1


def test_a_frozen_server_does_not_hide_the_callers_own_error(own: Embedded) -> None:
    with Database(own.url(), deadline=1.0) as database:

        def fails() -> None:
            with frozen(own), database.owner() as session:
                session.execute("SELECT 1")

        def fails_itself() -> None:
            with database.owner():
                stack.enter_context(frozen(own))
                raise KeyError("mine")

        ends_within(1.0, fails)
        begun = time.monotonic()
        with contextlib.ExitStack() as stack, pytest.raises(KeyError, match="mine"):
            fails_itself()
        assert time.monotonic() - begun < 1.0 + SLACK


def test_many_threads_before_a_frozen_server_all_return(own: Embedded) -> None:
    with Database(own.url(), deadline=1.0, pool_size=3) as database:
        ask(database)
        took: list[float] = []

        def call() -> None:
            begun = time.monotonic()
            with contextlib.suppress(DatabaseAway):
                ask(database)
            took.append(time.monotonic() - begun)

        with frozen(own):
            threads = [threading.Thread(target=call) for _ in range(12)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(10)
        assert len(took) == 12
        assert max(took) < 1.0 + SLACK
        assert ask(database, 5) == 1


def test_silent_connections_cost_one_caller_its_deadline_not_four(own: Embedded) -> None:
    """The network dropped the connections without a word: each is frozen alone, the server itself answers."""
    with Database(own.url(), deadline=0.5, pool_size=3) as database:
        with database.owner() as one, database.owner() as two, database.owner() as three:
            silent = [psutil.Process(session.info.backend_pid) for session in (one, two, three)]
        for process in silent:
            process.suspend()
        try:
            ends_within(0.5, lambda: ask(database))
            assert ask(database) == 1
        finally:
            for process in silent:
                process.resume()


def test_the_first_call_after_a_restart_works(own: Embedded) -> None:
    with Database(own.url(), pool_size=3) as database:
        with database.owner(), database.owner(), database.owner():
            pass
        own.stop()
        begun = time.monotonic()
        with pytest.raises(DatabaseAway, match="away"):
            ask(database)
        assert time.monotonic() - begun < 0.5, "a server that is not there is known at once, not at the deadline"
        own.start()
        begun = time.monotonic()
        assert ask(database) == 1
        assert time.monotonic() - begun < 0.5


def test_a_session_ended_by_the_server_is_not_lent_again(own: Embedded) -> None:
    with Database(own.url(), pool_size=1) as database, Database(own.url("postgres")) as other:
        for _ in range(3):
            with database.owner() as session:
                pid = session.info.backend_pid
            with other.owner() as killer:
                killer.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
            assert ask(database) == 1

        def is_ended_in_the_middle() -> None:
            with database.owner() as session, other.owner() as killer:
                killer.execute("SELECT pg_terminate_backend(%s, 5000)", (session.info.backend_pid,))
                session.execute("SELECT 1")

        ends_within(5.0, is_ended_in_the_middle)
        assert ask(database) == 1


def test_a_kill_in_the_middle_loses_the_transaction_and_nothing_else(own: Embedded) -> None:
    with Database(own.url(), deadline=5) as database:
        with database.owner() as session:
            session.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
            session.execute("TRUNCATE kept")
            session.execute("INSERT INTO kept VALUES (1)")

        def insert_and_die(session: Session) -> None:
            session.execute("INSERT INTO kept VALUES (2)")
            assert own.pid is not None
            os.kill(own.pid, signal.SIGKILL)
            session.execute("SELECT pg_sleep(4)")

        with pytest.raises(DatabaseAway), database.owner() as session:
            insert_and_die(session)
        until = time.monotonic() + 10
        while not own.ensure_running():
            assert time.monotonic() < until
        assert ask(database) == 1
        with database.owner() as session:
            assert session.execute("SELECT n FROM kept").fetchall() == [(1,)]


def test_closing_ends_the_threads_and_the_sessions(own: Embedded) -> None:
    before = threading.active_count()
    database = Database(own.url(), application_name="closing")
    ask(database)
    database.close()
    database.close()
    assert threading.active_count() == before
    with Database(own.url("postgres")) as other, other.owner() as session:
        until = time.monotonic() + 5
        query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'closing'"
        while session.execute(query).fetchone() != (0,):
            session.execute("SELECT pg_stat_clear_snapshot()")
            assert time.monotonic() < until
