"""Transactions: their tenant and role, their errors, and that a dead or frozen server never holds a caller."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg.types.json import Jsonb

from flowd.errors import BatchRefused, DatabaseAway, DatabaseUnusable
from flowd.storage.connections import Session
from flowd.storage.database import Database
from flowd.storage.embedded import Embedded
from flowd.storage.postgres_process import processes_of

SLACK = 1.0
INSERT = "INSERT INTO raw.series (tenant_id, connection, account, asset) VALUES (%s, 'c', 'a', %s)"


@pytest.fixture(scope="module")
def own() -> Iterator[Embedded]:
    """A server of this file's own, because its tests freeze and kill it."""
    folder = Path(tempfile.mkdtemp(prefix="flowd-d-"))
    folder.chmod(0o711)
    with Embedded(folder / "db", settings={"fsync": "off"}) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def frozen(server: Embedded) -> Iterator[None]:
    """Stop every process of the server in its tracks; its sockets stay open."""
    stopped = processes_of(server.folder / "data")
    assert len(stopped) > 3
    for process in stopped:
        process.suspend()
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


# --- tenant, role, values ---


def test_a_transaction_is_the_service_for_its_tenant(database: Database) -> None:
    with database.transaction() as session:
        row = session.execute("SELECT current_user, ops.visible_tenants(), current_setting('TimeZone')").fetchone()
    assert row == ("flowd_app", [database.tenant_id], "UTC")


def test_nothing_of_a_transaction_stays_on_the_connection(database_url: str) -> None:
    with Database(database_url, tenant="home", pool_size=1) as database:
        with database.transaction() as session:
            first = session.info.backend_pid
        with database.owner() as session:
            row = session.execute(
                "SELECT pg_backend_pid(), current_user = session_user, current_setting('flowd.tenant', true)"
            ).fetchone()
        assert row == (first, True, "")


def test_amounts_and_times_come_back_as_they_went(database: Database) -> None:
    at = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    with database.transaction() as session:
        row = session.execute(
            "SELECT %s::numeric, %s::jsonb, %s::timestamptz, '{\"x\": 0.1}'::jsonb",
            (Decimal("0.10"), Jsonb({"amount": Decimal("1.10")}), at),
        ).fetchone()
    assert row is not None
    assert str(row[0]) == "0.10"
    assert row[1] == {"amount": "1.10"}
    assert (row[2], row[2].utcoffset()) == (at, at.utcoffset())
    assert row[3] == {"x": Decimal("0.1")}


def test_a_block_that_fails_leaves_nothing(database: Database) -> None:
    def write_and_fail() -> None:
        with database.transaction() as session:
            session.execute(INSERT, (database.tenant_id, "EUR"))
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        write_and_fail()
    with database.transaction() as session:
        assert session.execute("SELECT count(*) FROM raw.series").fetchone() == (0,)


def test_savepoints_work_inside(database: Database) -> None:
    with database.transaction() as session:
        session.execute(INSERT, (database.tenant_id, "EUR"))
        with pytest.raises(psycopg.errors.UniqueViolation), session.transaction():
            session.execute(INSERT, (database.tenant_id, "EUR"))
    with database.transaction() as session:
        assert session.execute("SELECT count(*) FROM raw.series").fetchone() == (1,)


def test_what_the_rows_broke_is_said(database: Database) -> None:
    for asset, said in (("", "series_asset_check"), ("nul\x00", "NUL")):
        with pytest.raises(BatchRefused, match=said), database.transaction() as session:
            session.execute(INSERT, (database.tenant_id, asset))
    with pytest.raises(BatchRefused, match="row-level security"), database.transaction() as session:
        session.execute(INSERT, (database.tenant_id + 1, "EUR"))
    with pytest.raises(BatchRefused, match=r"snapshot_quantity_check|check option"), database.transaction() as session:
        session.execute(
            "INSERT INTO app.snapshot (tenant_id, series_id, at, quantity) VALUES (%s, 1, now(), 'NaN')",
            (database.tenant_id,),
        )
    with pytest.raises(BatchRefused, match="another tenant"), database.transaction() as session:
        session.execute(
            "INSERT INTO app.snapshot (tenant_id, series_id, at, quantity) VALUES (%s, 1, now(), 1)",
            (database.tenant_id + 1,),
        )
    with pytest.raises(psycopg.errors.UndefinedTable), database.transaction() as session:
        session.execute("SELECT * FROM raw.nothing")


def test_wrong_addresses_name_the_fix(database_url: str) -> None:
    with pytest.raises(DatabaseUnusable, match=r"not an address .* postgresql://user"):
        Database("postgresql://me:secret%ss@host/x")
    for wrong, said in (
        ({"password": "wrong"}, "correct user or password"),
        ({"dbname": "nowhere"}, "create that database"),
    ):
        with (
            Database(psycopg.conninfo.make_conninfo(database_url, **wrong)) as database,
            pytest.raises(DatabaseUnusable, match=said),
        ):
            ask(database)


def test_an_unknown_tenant_and_an_empty_database_are_told(server: object, database_url: str) -> None:
    with Database(database_url, tenant="stranger") as database:
        with pytest.raises(DatabaseUnusable, match=r"no tenant 'stranger' yet"), database.transaction():
            pass
        with pytest.raises(DatabaseUnusable, match=r"no tenant 'stranger' yet"):
            database.tenant_id  # noqa: B018


def test_a_statement_over_time_is_cancelled_by_the_server(database: Database) -> None:
    begun = time.monotonic()
    with pytest.raises(DatabaseAway, match=r"longer than 0\.\d+ s"), database.transaction(0.3) as session:
        session.execute("SELECT pg_sleep(20)")
    assert time.monotonic() - begun < 0.3 + SLACK
    assert ask(database) == 1


def test_a_transaction_that_gets_on_may_take_longer(database: Database) -> None:
    with database.transaction(0.6, statement=10) as session:
        for _ in range(6):
            session.prolong(0.6)
            session.execute("SELECT pg_sleep(0.3)")

    def gets_on_without_saying_so() -> None:
        with database.transaction(0.6, statement=10) as session:
            for _ in range(6):
                session.execute("SELECT pg_sleep(0.3)")

    ends_within(0.6, gets_on_without_saying_so)


def test_a_busy_pool_says_so(database_url: str) -> None:
    with Database(database_url, pool_size=1) as database, database.owner():
        with pytest.raises(DatabaseAway, match="all 1 connections"):
            ask(database, 0.2)
        assert database.healthy(), "busy is not dead"


def test_sessions_are_lent_again_and_never_to_two(database_url: str) -> None:
    seen: set[int] = set()
    together: list[int] = []
    lock = threading.Lock()

    def work(database: Database) -> None:
        for _ in range(25):
            with database.transaction() as session:
                with lock:
                    assert session.info.backend_pid not in together
                    together.append(session.info.backend_pid)
                    seen.add(session.info.backend_pid)
                session.execute("SELECT 1")
                with lock:
                    together.remove(session.info.backend_pid)

    with Database(database_url, tenant="home", pool_size=3) as database:
        threads = [threading.Thread(target=work, args=(database,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert 1 <= len(seen) <= 3
        assert together == []


def test_facts_of_the_server(database: Database) -> None:
    assert database.server_version >= 150_000
    assert database.healthy()
    assert database.timescale in (True, False)


# --- dead and frozen servers ---


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
