"""Who sees what: the service its tenant, Grafana the reports of its tenant, and nobody another's rows by any SQL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql

from flowd.errors import DatabaseUnusable, FlowdError
from flowd.storage.database import Database
from flowd.storage.tenants import ensure_grafana_login, ensure_tenant, grafana_role
from tests.conftest import Server

MARK = "canary_of_another_tenant"
PASSWORD = "only for this test"
GUARDED_BY_VIEW = {"raw.snapshot", "raw.rate", "derived.snapshot_hourly", "derived.snapshot_daily",
                   "derived.income_daily", "derived.metric"}  # fmt: skip


@dataclass
class Two:
    """A database with rows of two tenants, and Grafana's login of the first."""

    url: str
    home: int
    other: int
    grafana: str


def fill(database: Database, tenant: int, word: str) -> None:
    with database.transaction() as session:
        session.execute(
            "INSERT INTO raw.series (tenant_id, connection, account, asset) VALUES (%s, %s, %s, 'EUR')",
            (tenant, word, word),
        )
        session.execute("INSERT INTO app.snapshot SELECT tenant_id, id, now(), 17 FROM raw.series")
        session.execute(
            "INSERT INTO raw.event (tenant_id, subject, version, type, connection, key, data)"
            " VALUES (%s, gen_random_uuid(), 1, 'transaction', %s, gen_random_uuid(),"
            " jsonb_build_object('text', %s::text))",
            (tenant, word, word),
        )
        session.execute(
            "INSERT INTO derived.stream (tenant_id, stream, method, connection, name, grp)"
            " VALUES (%s, %s, 'value', %s, %s, 'g')",
            (tenant, word, word, word),
        )
        session.execute(
            "INSERT INTO app.income_daily (tenant_id, stream, currency, day, received, earned, base_currency, quality)"
            " VALUES (%s, %s, 'EUR', current_date, 1, 1, 'EUR', 'exact')",
            (tenant, word),
        )
        session.execute(
            "INSERT INTO ops.run (tenant_id, connection, feed, tick, started_at, error)"
            " VALUES (%s, %s, 'balances', now(), now(), %s)",
            (tenant, word, word),
        )


@pytest.fixture
def two(server: Server, database_url: str) -> Iterator[Two]:
    with Database(database_url, tenant="home") as home:
        other = ensure_tenant(home, "other", base_currency="EUR", timezone="UTC").id
        fill(home, home.tenant_id, "mine")
        with Database(database_url, tenant="other") as database:
            fill(database, other, MARK)
        with home.owner() as session:
            session.execute("ANALYZE")
            name = session.info.dbname
        role = ensure_grafana_login(home, "home", PASSWORD)
        yield Two(
            url=database_url,
            home=home.tenant_id,
            other=other,
            grafana=server.address(name, user=role, password=PASSWORD),
        )
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def all_relations(session: psycopg.Connection[tuple[object, ...]], *schemas: str) -> list[str]:
    rows = session.execute(
        "SELECT format('%%I.%%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = ANY (%s) AND c.relkind IN ('r', 'v', 'p', 'm') ORDER BY 1",
        (list(schemas),),
    )
    return [str(row[0]) for row in rows]


def test_the_service_sees_its_tenant_in_every_table(two: Two) -> None:
    with Database(two.url, tenant="home") as database:
        with database.owner() as session:
            tables = all_relations(session, "raw", "derived", "app", "ops", "report")
        assert len(tables) > 25
        readable = 0
        for table in tables:
            with contextlib.suppress(psycopg.errors.InsufficientPrivilege), database.transaction() as session:
                rows = session.execute(f"SELECT t::text FROM {table} t").fetchall()
                readable += 1
                if table != "ops.tenant":
                    assert not any(MARK in str(row) for row in rows), table
        assert readable > 20


def test_the_service_without_a_tenant_sees_nothing(server: Server, two: Two) -> None:
    if server.embedded is None:
        pytest.skip("needs the password of flowd_app")
    address = psycopg.conninfo.make_conninfo(two.url, user="flowd_app", password=server.embedded.password("flowd_app"))
    with psycopg.connect(address) as connection:
        for table in ("raw.series", "raw.event", "app.snapshot", "app.income_daily", "derived.stream", "ops.run"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
        connection.execute("SET flowd.tenant = ''")
        assert connection.execute("SELECT count(*) FROM raw.event").fetchone() == (0,)


def test_the_service_cannot_write_for_another_tenant(two: Two) -> None:
    with Database(two.url, tenant="home") as database:
        for words in (
            f"INSERT INTO raw.series (tenant_id, connection, account, asset) VALUES ({two.other}, 'x', 'x', 'x')",
            f"UPDATE raw.series SET tenant_id = {two.other}",
            f"INSERT INTO app.snapshot VALUES ({two.other}, 1, now(), 1)",
            f"UPDATE app.snapshot SET tenant_id = {two.other}",
            f"INSERT INTO app.snapshot VALUES ({two.home}, 1, now(), 1) ON CONFLICT (tenant_id, series_id, at)"
            f" DO UPDATE SET tenant_id = {two.other}; UPDATE app.snapshot SET tenant_id = {two.other}",
            "INSERT INTO raw.snapshot VALUES (1, 1, now(), 1)",
            "DELETE FROM raw.event",
            "TRUNCATE raw.event",
            "INSERT INTO ops.tenant (name, base_currency, timezone) VALUES ('x', 'EUR', 'UTC')",
            "INSERT INTO ops.login VALUES ('flowd_app', 1)",
            "ALTER TABLE raw.series DISABLE ROW LEVEL SECURITY",
            "COPY raw.series TO PROGRAM 'cat'",
        ):
            with pytest.raises((FlowdError, psycopg.Error)), database.transaction() as session:
                session.execute(words)
        with database.transaction() as session:
            session.execute("DELETE FROM app.snapshot")
            session.execute("UPDATE derived.stream SET name = 'renamed'")
    with Database(two.url, tenant="other") as database, database.transaction() as session:
        assert session.execute("SELECT count(*) FROM app.snapshot").fetchone() == (1,)
        assert session.execute("SELECT name FROM derived.stream").fetchone() == (MARK,)


def test_grafana_reads_reports_of_its_tenant_only(two: Two) -> None:
    with psycopg.connect(two.grafana, autocommit=True) as connection:
        reports = all_relations(connection, "report")
        assert "report.income" in reports
        for table in reports:
            rows = connection.execute(f"SELECT r::text FROM {table} r").fetchall()
            assert not any(MARK in str(row) for row in rows), table
        streams = connection.execute("SELECT DISTINCT stream FROM report.income").fetchall()
        assert streams == [("mine",)]


def test_grafana_reads_no_table_and_cannot_talk_its_way_around(two: Two) -> None:
    with Database(two.url) as database, database.owner() as session:
        tables = all_relations(session, "raw", "derived", "ops", "app")
    attempts = [f"SELECT * FROM {table}" for table in tables]
    attempts += [
        "INSERT INTO report.income (stream) VALUES ('x')",
        "CREATE TABLE public.mine (n int)",
        "CREATE TEMPORARY TABLE mine (n int)",
        "CREATE SCHEMA mine",
        "SET ROLE flowd_app",
        "SET ROLE flowd_admin",
        "SET SESSION AUTHORIZATION flowd_app",
        "SET default_transaction_read_only = off; INSERT INTO ops.login VALUES (current_user, 2)",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT * FROM pg_authid",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "COPY (SELECT 1) TO '/tmp/x'",
        "SELECT lo_import('/etc/passwd')",
        "ALTER ROLE CURRENT_USER CREATEROLE",
        "GRANT flowd_admin TO CURRENT_USER",
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SET statement_timeout = 0; ALTER SYSTEM SET fsync = off",
    ]
    with psycopg.connect(two.grafana, autocommit=True) as connection:
        for words in attempts:
            with pytest.raises(psycopg.Error):
                connection.execute(words)
        for setting in (f"SET flowd.tenant = '{two.other}'", "RESET ALL"):
            connection.execute(setting)
            row = connection.execute("SELECT ops.visible_tenants()").fetchone()
            assert row == ([two.home],), setting
            assert connection.execute("SELECT DISTINCT stream FROM report.income").fetchall() == [("mine",)]
        connection.execute("SET row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM report.income")
        for leak in (
            "pg_stats",
            "pg_stats_ext",
            "pg_stat_activity",
            "pg_prepared_statements",
            "pg_largeobject_metadata",
        ):
            rows = connection.execute(f"SELECT t::text FROM {leak} t").fetchall()
            assert not any(MARK in str(row) for row in rows), leak


def test_a_leaky_condition_sees_only_what_the_view_lets_through(two: Two) -> None:
    with psycopg.connect(two.grafana, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT stream FROM report.income"
            " WHERE CASE WHEN stream <> 'mine' THEN 1 / (length(stream) - length(stream)) = 1 ELSE true END"
        ).fetchall()
        assert rows == [("mine",)]
        with pytest.raises(psycopg.Error) as raised:
            connection.execute("SELECT stream::int FROM report.income")
        assert MARK not in str(raised.value)


def test_grafana_is_held_to_its_limits(two: Two) -> None:
    with psycopg.connect(two.grafana, autocommit=True) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("15s",)
        assert connection.execute("SHOW default_transaction_read_only").fetchone() == ("on",)
        row = connection.execute(
            "SELECT rolconnlimit, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles"
            " WHERE rolname = current_user"
        ).fetchone()
        assert row == (12, False, False, False, False)


def test_a_login_is_renewed_and_belongs_to_one_tenant(server: Server, two: Two) -> None:
    with Database(two.url, tenant="home") as database:
        ensure_grafana_login(database, "home", "another")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(two.grafana)
        with psycopg.connect(psycopg.conninfo.make_conninfo(two.grafana, password="another")) as connection:
            assert connection.execute("SELECT ops.visible_tenants()").fetchone() == ([two.home],)
        ensure_tenant(database, "HOME", base_currency="EUR", timezone="UTC")
        assert grafana_role("HOME") == grafana_role("home")
        with pytest.raises(DatabaseUnusable, match=r"belongs to the tenant 'home'"):
            ensure_grafana_login(database, "HOME", "x")


def test_every_table_with_a_tenant_is_guarded(database: Database) -> None:
    with database.owner() as session:
        rows = session.execute(
            "SELECT format('%I.%I', n.nspname, c.relname), c.relrowsecurity, c.relforcerowsecurity,"
            " EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polwithcheck IS NOT NULL AND"
            "   pg_get_expr(p.polqual, p.polrelid) LIKE '%( SELECT ops.visible_tenants()%'),"
            " EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner)"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id'"
            " WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('raw', 'derived', 'ops', 'report', 'app')"
        ).fetchall()
        barriers = session.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'v' AND n.nspname IN ('app', 'report')"
            " AND NOT ('security_barrier=true' = ANY (COALESCE(c.reloptions, '{}')))"
        ).fetchall()
        strong = session.execute(
            "SELECT rolname FROM pg_roles WHERE rolname IN ('flowd_app', 'flowd_report', 'flowd_admin')"
            " AND (rolsuper OR rolbypassrls OR rolcreaterole)"
        ).fetchall()
    assert len(rows) > 15
    for table, enabled, forced, policy, granted in rows:
        if enabled:
            assert (forced, policy) == (True, True), table
        else:
            assert not granted, f"{table} has no row security and is granted to somebody"
            assert table in GUARDED_BY_VIEW | {"ops.login"} or table.startswith(("raw.", "derived."))
    assert barriers == []
    assert strong == []
