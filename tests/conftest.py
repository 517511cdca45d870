"""A PostgreSQL for each process of the test run, and for each test a database of its own: a copy of a migrated one."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from flowd.storage.database import Database
from flowd.storage.embedded import Embedded
from flowd.storage.migrate import migrate
from flowd.storage.postgres_process import end_all
from flowd.storage.tenants import ensure_tenant
from tests.prometheus import Tools, Unavailable, tools
from tests.spreading import longest_first, workers

# what a test run may lose: nothing waits for the disk
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "60"}
_PREFIX = "flowd-test-"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """How many processes `-n auto` means."""
    return workers()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where tests are handed out to several processes, let the long ones come first."""
    if hasattr(config, "workerinput"):
        longest_first(items)


@dataclass
class Server:
    """The server of one process: makes and drops databases; `embedded` is None for FLOWD_TEST_DATABASE_URL."""

    dsn: str
    embedded: Embedded | None
    numbers: Iterator[int] = field(default_factory=count)

    def address(self, name: str, **others: str) -> str:
        """The owner's address of one database; `others` are libpq keywords to put over it (user=…, password=…)."""
        return make_conninfo(self.dsn, dbname=name, **others)

    def create(self, template: str | None = None) -> str:
        """Make a database, empty or as a copy of another; gives its name."""
        name = f"flowd_test_{os.getpid()}_{next(self.numbers)}"
        # copying files is four times as quick as logging them, and here nothing has to survive a crash
        words = sql.SQL("CREATE DATABASE {} STRATEGY FILE_COPY").format(sql.Identifier(name))
        if template is not None:
            words += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        self._run(words)
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected to it."""
        words = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        for left in reversed(range(50)):
            try:
                self._run(words)
                return
            except psycopg.errors.InsufficientPrivilege:
                # An autovacuum worker is in there, which the owner may not end; it leaves by itself.
                if not left:
                    raise
                time.sleep(0.2)

    def keep_out(self, name: str) -> None:
        """Let nobody connect to a template: TimescaleDB's workers would, and a database in use cannot be copied."""
        self._run(sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
        left = sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}")
        with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
            self._run(left.format(sql.Literal(name)))

    def _run(self, words: sql.Composed) -> None:
        with psycopg.connect(self.dsn, autocommit=True, connect_timeout=10) as connection:
            connection.execute(words)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The PostgreSQL of the test run."""
    address = os.environ.get("FLOWD_TEST_DATABASE_URL")
    if address:
        yield Server(dsn=address, embedded=None)
        return
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    folder.chmod(0o711)  # as root the server runs as another account, which has to pass through
    try:
        with Embedded(folder / "db", settings=FAST) as embedded:
            yield Server(dsn=embedded.url(), embedded=embedded)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(server: Server) -> Iterator[str]:
    """The name of a database with flowd's schema and the tenant `home`, to be copied."""
    name = server.create()
    try:
        with Database(server.address(name)) as database:
            migrate(database)
            ensure_tenant(database, "home", base_currency="EUR", timezone="Europe/Berlin")
        server.keep_out(name)
        yield name
    finally:
        server.drop(name)


@pytest.fixture
def database_url(server: Server, template: str) -> Iterator[str]:
    """The owner's address of a fresh database with flowd's schema and the tenant `home`."""
    name = server.create(template)
    try:
        yield server.address(name)
    finally:
        server.drop(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database, opened for the tenant `home` (EUR, Europe/Berlin)."""
    with Database(database_url, tenant="home") as opened:
        yield opened


@pytest.fixture(scope="session")
def prometheus_tools() -> Tools:
    """Debian's own prometheus, promtool and amtool; fetched with apt where they are not installed."""
    try:
        return tools()
    except Unavailable as why:
        pytest.skip(str(why))


def sweep() -> None:
    """End servers that a killed test run left behind: their folders are old and nobody holds their lock."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid != os.geteuid() or time.time() - folder.stat().st_mtime < 120:
                continue
            lock = folder / "db" / "lock"
            if lock.exists():
                with lock.open() as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    end_all(folder / "db" / "data")
            shutil.rmtree(folder, ignore_errors=True)
