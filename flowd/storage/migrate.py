"""Brings a database to the schema of this flowd: roles, numbered migrations, TimescaleDB's additions, views."""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import psycopg

from flowd.errors import BatchRefused, DatabaseUnusable, SchemaTooNew
from flowd.storage.connections import Session
from flowd.storage.database import Database
from flowd.storage.statements import statements

log = logging.getLogger(__name__)

DEADLINE: Final = 600.0
OLDEST_SERVER: Final = 150_000
_LOCK: Final = 7_310_112_001  # in every database this number means: a flowd is changing the schema
_NUMBERED: Final = re.compile(r"^\d{4}_[a-z0-9_]+$")
_ROLES: Final = "roles"
_VIEWS: Final = "views"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is applied and recorded under one name (`migrations/0001_begin`, `roles`, `views`)."""

    name: str
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrations_folder() -> Path:
    """The folder `timescale`: inside the installed package, or in the repository for an editable install."""
    shipped = find_spec("flowd._timescale")
    places = [Path(place) for place in (shipped.submodule_search_locations or ())] if shipped is not None else []
    places.append(Path(__file__).resolve().parents[2] / "timescale")
    for place in places:
        if (place / "roles.sql").is_file():
            return place
    raise DatabaseUnusable(f"the SQL files of flowd are missing ({places[-1]}): reinstall flowd")


def migrate(database: Database, folder: Path | None = None) -> list[str]:
    """Apply what the database lacks; gives the names of what was applied, in order.

    Each migration is one transaction under a lock, so a second flowd waits and then finds it done. Roles and views are
    applied again when their text changed. Raises SchemaTooNew when the database knows migrations that this flowd
    does not have (nothing is touched then), DatabaseUnusable when an applied migration was changed since, when the
    server is too old, or when the login may not do what is needed (with the SQL that somebody else can run).
    """
    where = folder if folder is not None else migrations_folder()
    if database.server_version < OLDEST_SERVER:
        raise DatabaseUnusable(
            f"the server is PostgreSQL {database.server_version // 10_000}, flowd needs {OLDEST_SERVER // 10_000} "
            f"or newer"
        )
    roles = Step(name=_ROLES, text=(where / "roles.sql").read_text(encoding="utf-8"))
    plain, timescale = _numbered(where, "migrations"), _numbered(where, "timescaledb")
    views = Step(name=_VIEWS, text=_views_text(where))
    _check_recorded(database, [*plain, *timescale])
    applied = [step.name for step in (roles, *plain) if _apply(database, step)]
    if _with_timescale(database):
        applied += [step.name for step in timescale if _apply(database, step)]
    # a migration may have dropped a view to change its shape: after one, every view is put back
    applied += [views.name] if _apply(database, views, anyway=bool(applied)) else []
    database.forget_facts()
    return applied


def _numbered(where: Path, kind: str) -> list[Step]:
    found = sorted((where / kind).glob("*.sql"))
    for path in found:
        if not _NUMBERED.match(path.stem):
            raise ValueError(f"{path} is not named NNNN_what_it_does.sql")
    return [Step(name=f"{kind}/{path.stem}", text=path.read_text(encoding="utf-8")) for path in found]


def _views_text(where: Path) -> str:
    files = sorted((where / _VIEWS).glob("*.sql"))
    return "".join(f"-- {path.name}\n{path.read_text(encoding='utf-8')}\n" for path in files)


def _check_recorded(database: Database, steps: list[Step]) -> None:
    """Refuse a database that a newer flowd wrote, before anything is changed in it."""
    with database.owner(DEADLINE) as session:
        session.execute(statements("migrate")["lock"], (_LOCK,))
        if not _has_record(session):
            return
        recorded = _recorded(session)
    newer = sorted(set(recorded) - {step.name for step in steps} - {_ROLES, _VIEWS})
    if newer:
        raise SchemaTooNew(
            f"the database was written by a newer flowd (it knows {', '.join(newer)}): install that version again, or "
            f"restore a backup made by this one. Nothing was changed."
        )
    for step in steps:
        if recorded.get(step.name, step.checksum) != step.checksum:
            raise DatabaseUnusable(
                f"{step.name}.sql was changed after it had been applied to this database: put the file back as it "
                f"was, and "
                f"write the change as the next migration."
            )


def _apply(database: Database, step: Step, *, anyway: bool = False) -> bool:
    """Apply one step in one transaction, unless it is recorded as it is; True if it was applied."""
    try:
        with database.owner(DEADLINE) as session:
            session.execute(statements("migrate")["lock"], (_LOCK,))
            if step.name == _ROLES:
                if _has_record(session) and _recorded(session).get(_ROLES) == step.checksum:
                    return False
                session.execute(step.text)
                session.execute(statements("migrate")["begin_record"])
                _check_membership(session)
            elif not anyway and _recorded(session).get(step.name) == step.checksum:
                return False
            elif step.text.strip():
                session.execute(step.text)
            session.execute(statements("migrate")["record"], (step.name, step.checksum))
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseUnusable(_not_allowed(database, step, error)) from error
    except (psycopg.Error, BatchRefused) as error:
        if step.name == _ROLES and "concurrently updated" in str(error):
            return _apply(
                database, step
            )  # roles belong to the server: another database's flowd granted the same just now
        raise DatabaseUnusable(f"the SQL of {step.name} failed: {str(error).strip()}") from error
    log.debug("applied %s to the database", step.name)
    return True


def _with_timescale(database: Database) -> bool:
    """Whether the database has TimescaleDB, after trying to add it where the server offers it."""
    with database.owner(DEADLINE) as session:
        row = session.execute(statements("migrate")["timescale"]).fetchone()
    assert row is not None
    present, offered = row
    if present or not offered:
        return bool(present)
    try:
        with database.owner(DEADLINE) as session:
            session.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
    except psycopg.Error as error:
        log.warning(
            "TimescaleDB is installed on the server but cannot be added to the database: plain tables are used. "
            "Let an administrator run CREATE EXTENSION timescaledb",
            extra={"reason": str(error).strip()},
        )
        return False
    return True


def _check_membership(session: Session) -> None:
    row = session.execute(statements("migrate")["may_be_service"]).fetchone()
    assert row is not None
    if not row[0]:
        raise DatabaseUnusable(
            f"the login {row[1]!r} may not act as flowd_app: let an administrator run  GRANT flowd_app TO {row[1]};"
        )


def _has_record(session: Session) -> bool:
    row = session.execute("SELECT to_regclass('ops.migration') IS NOT NULL").fetchone()
    assert row is not None
    return bool(row[0])


def _recorded(session: Session) -> dict[str, str]:
    return dict(session.execute("SELECT name, checksum FROM ops.migration").fetchall())


def _not_allowed(database: Database, step: Step, error: psycopg.Error) -> str:
    login = psycopg.conninfo.conninfo_to_dict(database.dsn).get("user", "flowd_owner")
    reason = error.diag.message_primary or str(error).strip()
    if step.name == _ROLES:
        return (
            f"the login {login!r} may not make the roles flowd needs ({reason}). Let an administrator run, once:\n"
            f"  CREATE ROLE flowd_app NOLOGIN; CREATE ROLE flowd_report NOLOGIN; CREATE ROLE flowd_admin NOLOGIN;\n"
            f'  GRANT flowd_app TO "{login}"; GRANT flowd_report TO "{login}" WITH ADMIN OPTION;'
        )
    return (
        f"the SQL of {step.name} is not allowed to the login {login!r} ({reason}). Let an administrator run, once:\n"
        f'  ALTER DATABASE <this one> OWNER TO "{login}";'
    )
