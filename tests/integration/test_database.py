"""What a transaction is: its tenant, its role, its values, its end, on a real server."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from decimal import Decimal

import psycopg
import pytest
from psycopg.types.json import Jsonb

from flowd.errors import BatchRefused, DatabaseAway, DatabaseUnusable
from flowd.storage.database import Database
from tests.freezing import INSERT, SLACK, ask, ends_within


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
