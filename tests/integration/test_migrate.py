"""Migrations: applied once, in order, by one flowd at a time, and refused where they would do harm."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from flowd.errors import BatchRefused, DatabaseUnusable, SchemaTooNew
from flowd.storage.database import Database
from flowd.storage.migrate import migrate, migrations_folder
from flowd.storage.schema_dump import schema_text
from flowd.storage.tenants import Change, ensure_tenant
from tests.conftest import Server

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def empty(server: Server) -> Iterator[Database]:
    name = server.create()
    with Database(server.address(name)) as database:
        yield database
    server.drop(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small schema of the test's own."""
    for kind in ("migrations", "timescaledb", "views"):
        (tmp_path / kind).mkdir()
    shutil.copy(migrations_folder() / "roles.sql", tmp_path)
    (tmp_path / "migrations/0001_begin.sql").write_text("CREATE SCHEMA report; CREATE TABLE ops.one (n int);")
    (tmp_path / "views/one.sql").write_text("CREATE OR REPLACE VIEW report.one AS SELECT n FROM ops.one;")
    return tmp_path


def names(database: Database, schema: str) -> set[str]:
    with database.owner() as session:
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"
        return {row[0] for row in session.execute(query, (schema,))}


def test_everything_is_applied_once_and_in_order(empty: Database) -> None:
    applied = migrate(empty)
    assert applied[0] == "roles"
    assert applied[1] == "migrations/0001_begin"
    assert applied[-1] == "views"
    assert migrate(empty) == []
    assert {"raw", "derived", "ops", "app", "report"} <= schemas(empty)


def schemas(database: Database) -> set[str]:
    with database.owner() as session:
        return {row[0] for row in session.execute("SELECT nspname FROM pg_namespace")}


def test_the_checked_in_schema_is_what_the_migrations_make(server: Server, database_url: str) -> None:
    if server.embedded is None:
        pytest.skip("pg_dump of the package may be older than the given server")
    made = schema_text(database_url, server.embedded.program("pg_dump"))
    assert made == (migrations_folder() / "schema.sql").read_text(encoding="utf-8"), "run `make schema`"


def test_the_next_migration_is_applied_and_views_follow_their_text(empty: Database, folder: Path) -> None:
    assert migrate(empty, folder) == ["roles", "migrations/0001_begin", "views"]
    (folder / "migrations/0002_more.sql").write_text("ALTER TABLE ops.one ADD m int;")
    (folder / "views/one.sql").write_text("CREATE OR REPLACE VIEW report.one AS SELECT n, m FROM ops.one;")
    assert migrate(empty, folder) == ["migrations/0002_more", "views"]
    (folder / "views/two.sql").write_text("CREATE OR REPLACE VIEW report.two AS SELECT 2 AS two;")
    assert migrate(empty, folder) == ["views"]
    assert migrate(empty, folder) == []
    assert names(empty, "report") == {"one", "two"}


def test_views_that_a_migration_dropped_come_back(empty: Database, folder: Path) -> None:
    migrate(empty, folder)
    (folder / "migrations/0002_reshape.sql").write_text("DROP VIEW report.one; ALTER TABLE ops.one RENAME n TO number;")
    (folder / "views/one.sql").write_text("CREATE OR REPLACE VIEW report.one AS SELECT number FROM ops.one;")
    assert migrate(empty, folder) == ["migrations/0002_reshape", "views"]
    assert "one" in names(empty, "report")


def test_a_failed_migration_leaves_nothing_of_itself(empty: Database, folder: Path) -> None:
    migrate(empty, folder)
    broken = folder / "migrations/0002_broken.sql"
    broken.write_text("CREATE TABLE ops.two (n int); SELECT 1 / 0;")
    with pytest.raises(DatabaseUnusable, match=r"migrations/0002_broken failed: .*division by zero"):
        migrate(empty, folder)
    assert "two" not in names(empty, "ops")
    broken.write_text("CREATE TABLE ops.two (n int);")
    assert migrate(empty, folder) == ["migrations/0002_broken", "views"]


def test_a_changed_migration_is_refused(empty: Database, folder: Path) -> None:
    migrate(empty, folder)
    (folder / "migrations/0001_begin.sql").write_text("CREATE SCHEMA report; CREATE TABLE ops.other (n int);")
    with pytest.raises(DatabaseUnusable, match=r"migrations/0001_begin\.sql was changed .* the next migration"):
        migrate(empty, folder)


def test_a_newer_schema_is_left_untouched(empty: Database, folder: Path) -> None:
    newer = folder / "migrations/0009_later.sql"
    newer.write_text("CREATE TABLE ops.later (n int);")
    migrate(empty, folder)
    newer.unlink()
    (folder / "migrations/0002_more.sql").write_text("CREATE TABLE ops.more (n int);")
    with pytest.raises(SchemaTooNew, match=r"newer flowd .*migrations/0009_later.*Nothing was changed"):
        migrate(empty, folder)
    assert "more" not in names(empty, "ops")


def test_a_misnamed_file_is_found(empty: Database, folder: Path) -> None:
    (folder / "migrations/two.sql").write_text("SELECT 1;")
    with pytest.raises(ValueError, match="NNNN_what_it_does"):
        migrate(empty, folder)


def test_two_daemons_at_once_migrate_once(empty: Database, folder: Path) -> None:
    (folder / "migrations/0002_slow.sql").write_text("CREATE TABLE ops.slow (n int); SELECT pg_sleep(0.3);")
    done: list[list[str]] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            with Database(empty.dsn) as own:
                done.append(migrate(own, folder))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert sorted(name for names in done for name in names if name.startswith("mig")) == [
        "migrations/0001_begin",
        "migrations/0002_slow",
    ]


def test_roles_made_by_two_databases_at_once_do_not_collide(server: Server, folder: Path) -> None:
    created = [server.create() for _ in range(3)]
    errors: list[BaseException] = []

    def run(name: str) -> None:
        try:
            with Database(server.address(name)) as own:
                migrate(own, folder)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(name,)) for name in created]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for name in created:
        server.drop(name)
    assert errors == []


def test_a_login_that_may_not_make_roles_is_told_the_sql(server: Server, tmp_path: Path) -> None:
    if server.embedded is None:
        pytest.skip("needs a superuser to make a weak login")
    name, login = server.create(), "weak_login"
    superuser = server.embedded.url("postgres", database=name)
    address = server.address(name, user=login, password="weak")
    (tmp_path / "roles.sql").write_text("CREATE ROLE flowd_never_made;")
    try:
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {login} LOGIN PASSWORD 'weak'")
            connection.execute(
                sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(name), sql.Identifier(login))
            )
        with Database(address) as database:
            with pytest.raises(DatabaseUnusable, match=r"(?s)may not make the roles.*CREATE ROLE flowd_app"):
                migrate(database, tmp_path)
            with pytest.raises(DatabaseUnusable, match=r"(?s)GRANT flowd_app TO"):
                migrate(database)
            with psycopg.connect(superuser, autocommit=True) as connection:
                connection.execute(f"GRANT flowd_app TO {login}")
                connection.execute(f"GRANT flowd_report TO {login} WITH ADMIN OPTION")
            assert "views" in migrate(database)
            ensure_tenant(database, "home", base_currency="EUR", timezone="UTC")
        with Database(address, tenant="home") as database, database.transaction() as session:
            assert session.execute("SELECT ops.visible_tenants()").fetchone() == ([database.tenant_id],)
    finally:
        with psycopg.connect(server.embedded.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            connection.execute(f"DROP ROLE IF EXISTS {login}")


def test_a_tenant_is_added_changed_and_kept(database: Database) -> None:
    first = ensure_tenant(database, "company", base_currency="EUR", timezone="Europe/Berlin")
    same = ensure_tenant(database, "company", base_currency="EUR", timezone="Europe/Berlin")
    moved = ensure_tenant(database, "company", base_currency="USD", timezone="Europe/Berlin")
    assert [first.change, same.change, moved.change] == [Change.ADDED, Change.NONE, Change.CHANGED]
    assert first.id == same.id == moved.id != database.tenant_id
    assert moved.base_currency == "USD"


def test_events_cannot_be_changed_even_by_the_owner(database: Database) -> None:
    with database.transaction() as session:
        session.execute(
            "INSERT INTO raw.event (tenant_id, subject, version, type, connection, key, data)"
            " VALUES (%s, gen_random_uuid(), 1, 'test', 'c', gen_random_uuid(), '{}')",
            (database.tenant_id,),
        )

    def change(words: str) -> None:
        with database.owner() as session:
            session.execute(f"SET LOCAL flowd.tenant = '{database.tenant_id}'")
            session.execute(words)

    for words in ("UPDATE raw.event SET type = 'x'", "DELETE FROM raw.event", "TRUNCATE raw.event"):
        with pytest.raises(BatchRefused, match="append-only"):
            change(words)


def test_the_wheel_carries_the_sql(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name in ("flowd", "timescale"):
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(REPOSITORY / name, source / name, symlinks=True, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, source)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", tmp_path, source],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    wheel = next(tmp_path.glob("flowd_daemon-*.whl"))
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("flowd/_timescale/")}
    wanted = {f"flowd/_timescale/{path.relative_to(REPOSITORY / 'timescale')}"
              for path in (REPOSITORY / "timescale").rglob("*.sql")}  # fmt: skip
    assert packed == wanted
    unpacked = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as file:
        file.extractall(unpacked)
    script = "from flowd.storage.migrate import migrations_folder; print(migrations_folder())"
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=unpacked, capture_output=True, text=True, timeout=60, check=True
    ).stdout
    assert said.strip() == str(unpacked / "flowd/_timescale")
