"""A TimescaleDB in a Node process of its own: takes SQL, gives rows, as psycopg would."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from flowd.storage.migrate import _numbered, _views_text, migrations_folder
from flowd.storage.statements import statements

HERE: Final = Path(__file__).parent
OWNER: Final = "flowd_owner"
SUPERUSER: Final = "postgres"

_READERS: Final[dict[int, Callable[[str], Any]]] = {
    16: lambda text: text == "t",
    20: int,
    21: int,
    23: int,
    700: float,
    701: float,
    1082: date.fromisoformat,
    1114: datetime.fromisoformat,
    1184: datetime.fromisoformat,
    1700: Decimal,
}


class Refused(Exception):
    """The server refused a statement; `code` is its SQLSTATE."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The rows of one statement, with the names and type numbers of its columns."""

    columns: tuple[str, ...]
    types: tuple[int, ...]
    rows: list[tuple[Any, ...]]
    affected: int


class Pglite:
    """A running TimescaleDB; not for threads."""

    def __init__(self, folder: Path) -> None:
        """Start it from `folder`, where the npm package is installed."""
        self._process = subprocess.Popen(
            ["node", "driver.mjs"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._depth = 0
        self._read()
        self.script("SET TIME ZONE 'UTC'")

    def query(self, statement: str, *params: object) -> Answer:
        """Run one statement; parameters are $1, $2, …"""
        texts = [None if value is None else str(value) for value in params]
        answer = self._ask({"sql": statement, "params": texts})
        types = tuple(number for _, number in answer["columns"])
        readers = [_READERS.get(number, str) for number in types]
        return Answer(
            columns=tuple(name for name, _ in answer["columns"]),
            types=types,
            rows=[
                tuple(None if text is None else read(text) for text, read in zip(row, readers, strict=True))
                for row in answer["rows"]
            ],
            affected=answer["affected"],
        )

    def script(self, statements: str) -> None:
        """Run any number of statements."""
        self._ask({"sql": statements, "script": True})

    @contextmanager
    def login(self, role: str) -> Iterator[None]:
        """Be another login for a while: session_user changes, as after connecting as it."""
        self.script(f'SET SESSION AUTHORIZATION "{role}"')
        try:
            yield
        finally:
            # RESET SESSION AUTHORIZATION is without effect in this build
            self.script(f"SET SESSION AUTHORIZATION {SUPERUSER}; RESET ROLE")

    @contextmanager
    def undone(self) -> Iterator[None]:
        """A transaction that is rolled back at the end, so that the next test finds nothing of it; may be nested."""
        self._depth += 1
        begin, end = (
            ("BEGIN", "ROLLBACK") if self._depth == 1 else (f"SAVEPOINT d{self._depth}", f"ROLLBACK TO d{self._depth}")
        )
        self.script(begin)
        try:
            yield
        finally:
            self.script(end)
            self._depth -= 1

    def stop(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _ask(self, question: dict[str, object]) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._read()
        if "error" in answer:
            raise Refused(answer["error"]["message"], answer["error"]["code"])
        return answer

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the TimescaleDB process ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def build(server: Pglite) -> None:
    """Bring an empty server to flowd's schema, with the same files in the same order as `migrate`.

    The owner is no superuser, as on a server by URL: nothing may work only because row-level security does not
    bind a superuser. The roles are made here: roles.sql also changes the rights on the database three times over,
    and this build can change a row of pg_database only once ("tuple concurrently deleted").
    """
    server.script("CREATE EXTENSION IF NOT EXISTS timescaledb")
    database = server.query("SELECT current_database()").rows[0][0]
    server.script(f"CREATE ROLE {OWNER} LOGIN CREATEROLE; ALTER DATABASE {database} OWNER TO {OWNER}")
    server.script("CREATE ROLE flowd_app NOLOGIN; CREATE ROLE flowd_report NOLOGIN; CREATE ROLE flowd_admin NOLOGIN")
    server.script(f"GRANT flowd_app, flowd_report TO {OWNER} WITH ADMIN OPTION")
    folder = migrations_folder()
    record = statements("migrate")
    with server.login(OWNER):
        server.script(record["begin_record"])
        for step in [*_numbered(folder, "migrations"), *_numbered(folder, "timescaledb")]:
            server.script(step.text)
        server.script(_views_text(folder))
