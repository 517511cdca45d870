"""Lends transactions on PostgreSQL, each for one tenant, in one role, and never for longer than its deadline."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from types import TracebackType
from typing import Final, Literal, Self

import psycopg
from psycopg import sql
from psycopg.types.json import set_json_dumps, set_json_loads

from flowd.errors import BatchRefused, DatabaseAway, DatabaseUnusable, FlowdError
from flowd.storage.connections import Connections, Session
from flowd.storage.deadline import Deadlines
from flowd.storage.statements import statements

Role = Literal["app", "owner"]
_GRACE: Final = 0.5
_IDLE_IN_TRANSACTION: Final = 60.0


class Database:
    """One database, used for one tenant; safe to use from several threads.

    `deadline` (seconds) is how long a transaction may take by default: the call then ends with DatabaseAway,
    however dead or frozen the server is. `tenant` is the name in ops.tenant; None for work that belongs to no tenant.
    """

    def __init__(
        self,
        dsn: str,
        *,
        tenant: str | None = None,
        pool_size: int = 4,
        deadline: float = 10.0,
        application_name: str = "flowd",
    ) -> None:
        self._dsn = _complete(dsn, application_name)
        self.tenant = tenant
        self.deadline = deadline
        self._deadlines = Deadlines()
        self._connections = Connections(self._connect, pool_size)
        self._probe = Connections(self._connect, 1)  # so that a busy pool does not look like a dead database
        self._tenant_id: int | None = None
        self._version: int | None = None
        self._timescale: bool | None = None

    # --- life ---

    def open(self) -> Self:
        """Make ready for use; the first transaction connects, so a database that is away does not stop the start."""
        return self

    def close(self) -> None:
        """Close the idle connections; one that is lent is closed when it comes back."""
        self._connections.close()
        self._probe.close()
        self._deadlines.close()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- facts ---

    @property
    def dsn(self) -> str:
        """The address, password included: not for logs."""
        return self._dsn

    @property
    def tenant_id(self) -> int:
        """The number of the tenant in ops.tenant; DatabaseUnusable where it has none yet."""
        if self._tenant_id is None:
            with self._lend(self.deadline, "owner", None) as session:
                self._tenant_id = self._find_tenant(session)
        return self._tenant_id

    @property
    def server_version(self) -> int:
        """PostgreSQL's version as a number: 180006 is 18.6."""
        if self._version is None:
            with self.owner():
                pass
        assert self._version is not None
        return self._version

    @property
    def timescale(self) -> bool:
        """Whether the database has the TimescaleDB extension."""
        if self._timescale is None:
            with self.owner():
                pass
        assert self._timescale is not None
        return self._timescale

    def forget_facts(self) -> None:
        """Look up the tenant and the extension again at the next use (after a migration)."""
        self._tenant_id = self._timescale = None
        self._connections.drop_idle()

    def healthy(self, within: float = 2.0) -> bool:
        """Whether the database answers and takes writes, found out in at most `within` seconds (plus one)."""
        try:
            with self._lend(within, "owner", None, self._probe) as session:
                row = session.execute(statements("database")["writable"]).fetchone()
                return row is not None and bool(row[0])
        except FlowdError:
            return False

    # --- work ---

    @contextmanager
    def transaction(
        self, deadline: float | None = None, role: Role = "app", *, statement: float | None = None
    ) -> Iterator[Session]:
        """One transaction as the service (role flowd_app) for the tenant; commits at the end, rolls back on any error.

        `deadline` is in seconds over the whole transaction; `session.prolong(seconds)` starts it anew, for a
        transaction that gets on. `statement` is the longest one statement may run (default: the deadline).

        Raises DatabaseAway (no answer in time, connection lost, server going down, deadlock: try again later; whether a
        commit that broke off took effect is unknown), BatchRefused (a constraint, a policy or a value said no),
        DatabaseUnusable (somebody has to change something).
        """
        allowed = self.deadline if deadline is None else deadline
        if role == "app" and self.tenant is not None and self._tenant_id is None:
            begun = time.monotonic()
            with self._lend(allowed, "owner", None) as session:
                self._tenant_id = self._find_tenant(session)
            allowed = max(0.05, allowed - (time.monotonic() - begun))
        with self._lend(allowed, role, statement) as session:
            yield session

    @contextmanager
    def owner(self, deadline: float | None = None, *, statement: float | None = None) -> Iterator[Session]:
        """One transaction as the login itself, which owns the schema: for migrations and set-up, not for rows."""
        with self._lend(self.deadline if deadline is None else deadline, "owner", statement) as session:
            yield session

    # --- inside ---

    @contextmanager
    def _lend(
        self, allowed: float, role: Role, statement: float | None, pool: Connections | None = None
    ) -> Iterator[Session]:
        pool = pool or self._connections
        until = time.monotonic() + allowed
        reuse = False
        session = self._begin(pool, until, allowed, self._begin_words(allowed, role, statement))
        try:
            try:
                yield session
                if session.closed:
                    raise DatabaseAway("the connection to the database was closed before the transaction was committed")
                session.execute("COMMIT")
                reuse = True
            except BaseException:
                reuse = self._roll_back(session)
                raise
        except psycopg.Error as error:
            guard = session.guard
            if guard is not None and guard.expired:
                pool.drop_idle()  # they go to the same silent server, each would cost a caller its deadline
                raise DatabaseAway(f"the database did not answer within {guard.seconds:.3g} s") from error
            said = _translated(error, allowed if statement is None else statement)
            if said is None:
                raise
            raise said from error
        finally:
            guard, session.guard = session.guard, None
            if guard is not None:
                guard.close()
            pool.give(session, reuse=reuse and (guard is None or not guard.expired))

    def _begin(self, pool: Connections, until: float, allowed: float, words: sql.Composed) -> Session:
        """Take a session and begin on it, in one round trip; a pooled session that turns out dead is replaced once."""
        fresh = False
        while True:
            session, opened = self._take(pool, until, fresh=fresh)
            try:
                # a little more than the server has, so that a server that is alive can say itself what it cancelled
                session.guard = self._deadlines.guard(session.fileno(), max(0.05, until - time.monotonic()) + _GRACE)
                session.execute(words)
                return session
            except BaseException as error:
                guard, session.guard = session.guard, None
                if guard is not None:
                    guard.close()
                pool.give(session, reuse=False)
                if not isinstance(error, psycopg.Error):
                    raise
                if guard is not None and guard.expired:
                    pool.drop_idle()
                    raise DatabaseAway(f"the database did not answer within {allowed:.3g} s") from error
                if isinstance(error, psycopg.OperationalError) and not opened:
                    pool.drop_idle()
                    fresh = True
                    continue
                raise (_translated(error, allowed) or error) from error

    @staticmethod
    def _take(pool: Connections, until: float, *, fresh: bool) -> tuple[Session, bool]:
        try:
            return pool.take(until, fresh=fresh)
        except psycopg.Error as error:
            raise (_translated_connecting(error) or error) from error

    def _begin_words(self, allowed: float, role: Role, statement: float | None) -> sql.Composed:
        longest = allowed if statement is None else statement
        words = sql.SQL(
            "BEGIN; SET LOCAL statement_timeout = {}; SET LOCAL idle_in_transaction_session_timeout = {}"
        ).format(
            sql.Literal(max(1, round(longest * 1000))),
            sql.Literal(round(max(_IDLE_IN_TRANSACTION, allowed + 5) * 1000)),
        )
        if role == "app":
            words += sql.SQL("; SET LOCAL ROLE flowd_app")
            if self._tenant_id is not None:
                words += sql.SQL("; SET LOCAL flowd.tenant = {}").format(sql.Literal(str(self._tenant_id)))
        return words

    @staticmethod
    def _roll_back(session: Session) -> bool:
        """Roll back after an error; True if the session may be used again."""
        if session.closed or (session.guard is not None and session.guard.expired):
            return False
        try:
            session.execute("ROLLBACK")
        except psycopg.Error:
            return False
        return True

    def _connect(self, seconds: float) -> Session:
        return Session.connect_within(self._dsn, max(0.05, seconds), self._deadlines, self._prepare)

    def _prepare(self, session: Session) -> None:
        set_json_dumps(_dump_json, session)
        set_json_loads(_load_json, session)
        session.execute(statements("database")["prepare"])
        row = session.execute(statements("database")["facts"]).fetchone()
        assert row is not None
        self._version, self._timescale = int(row[0]), bool(row[1])

    def _find_tenant(self, session: Session) -> int:
        try:
            row = session.execute(statements("database")["tenant"], (self.tenant,)).fetchone()
        except psycopg.errors.UndefinedTable as error:
            raise DatabaseUnusable("the database has no flowd schema yet: `flowd run` makes it at its start") from error
        if row is None:
            raise DatabaseUnusable(f"the database has no tenant {self.tenant!r} yet: `flowd run` adds it at its start")
        return int(row[0])


def _complete(dsn: str, application_name: str) -> str:
    """Fill in what flowd wants of every connection; what the address says itself wins."""
    try:
        given = psycopg.conninfo.conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:  # its text may hold a piece of the password
        raise DatabaseUnusable(
            "database.url is not an address PostgreSQL understands: write it as "
            "postgresql://user:password@host:5432/name, with %-escapes for special characters"
        ) from None
    wanted: dict[str, str | int] = {
        "application_name": application_name,
        "client_encoding": "UTF8",
        "keepalives": 1,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }
    wanted.update({name: value for name, value in given.items() if value is not None})
    return psycopg.conninfo.make_conninfo("", **wanted)


def _translated(error: psycopg.Error, allowed: float) -> FlowdError | None:
    """What an error of the database means to flowd; None where it is flowd's own mistake (wrong SQL)."""
    text = _first_line(error)
    match error:
        case psycopg.errors.DiskFull():
            return DatabaseAway(f"the database's disk is full: free space there ({text})")
        case psycopg.errors.QueryCanceled():
            return DatabaseAway(f"the database took longer than {allowed:.3g} s: {text}")
        case psycopg.errors.DataCorrupted() | psycopg.errors.IndexCorrupted():
            return DatabaseUnusable(f"the database's files are damaged: restore a backup ({text})")
        case psycopg.errors.ProgramLimitExceeded() | psycopg.IntegrityError() | psycopg.DataError():
            return BatchRefused(f"the database refused a row: {text}")
        case psycopg.errors.WithCheckOptionViolation():
            return BatchRefused(f"the database refused a row of another tenant: {text}")
        case psycopg.errors.InsufficientPrivilege() if error.diag.source_function == "ExecWithCheckOptions":
            return BatchRefused(f"the database refused a row of another tenant: {text}")
        case psycopg.errors.ReadOnlySqlTransaction():
            return DatabaseAway(f"the database takes no writes just now: {text}")
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return DatabaseAway(f"the database is away: {text}")
        case _:
            return None


def _translated_connecting(error: psycopg.Error) -> FlowdError | None:
    text = _first_line(error)
    for sign, fix in _LOGIN_FIXES.items():
        if re.search(sign, text):
            return DatabaseUnusable(f"the database does not let flowd in ({text}): {fix}")
    if isinstance(error, psycopg.OperationalError):
        return DatabaseAway(f"the database is away: {text}")
    return None


_LOGIN_FIXES: Final[Mapping[str, str]] = {
    "password authentication failed": "correct user or password in database.url",
    "no password supplied": "add the password to database.url",
    "no pg_hba.conf entry": "allow this login from this machine in the server's pg_hba.conf",
    'role ".*" (does not exist|is not permitted to log in)': "create that login, or correct database.url",
    'database ".*" does not exist': "create that database, or correct database.url",
}


def _first_line(error: psycopg.Error) -> str:
    primary = error.diag.message_primary
    if primary:
        detail = error.diag.constraint_name
        return f"{primary} [{detail}]" if detail and detail not in primary else primary
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _dump_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain)


def _plain(value: object) -> object:
    """Amounts are strings in JSON, so that no reader turns them into floats."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not kept as JSON")


def _load_json(text: str | bytes) -> object:
    return json.loads(text, parse_float=Decimal)
