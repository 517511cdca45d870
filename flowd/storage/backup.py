"""Writes everything of one tenant that cannot be derived into one file, as it was at one moment, while flowd runs."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from psycopg import sql

from flowd.errors import BackupRefused
from flowd.storage.connections import Session
from flowd.storage.database import Database
from flowd.storage.parts import PARTS, Part
from flowd.storage.statements import statements

MANIFEST: Final = "manifest.json"
#: Goes up when an older flowd could not read what is written.
FORMAT: Final = 1
#: Seconds without a byte from the database after which it counts as gone.
_SILENCE: Final = 600.0

#: Called with the part's name and the bytes written of it so far.
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One table in a backup: its columns, rows, and size and SHA-256 of its text."""

    name: str
    columns: Sequence[str]
    rows: int
    size: int
    sha256: str

    @property
    def member(self) -> str:
        """The name of its file in the archive."""
        return f"{self.name}.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself."""

    made_at: datetime
    flowd: str
    tenant: str
    base_currency: str
    timezone: str
    migrations: Sequence[str]
    parts: Sequence[Kept]

    @property
    def rows(self) -> int:
        """All rows in it."""
        return sum(part.rows for part in self.parts)

    def to_json(self) -> str:
        """Return it as JSON that people can read too."""
        parts = [
            {"name": p.name, "columns": list(p.columns), "rows": p.rows, "bytes": p.size, "sha256": p.sha256}
            for p in self.parts
        ]
        tenant = {"name": self.tenant, "base_currency": self.base_currency, "timezone": self.timezone}
        told = {"format": FORMAT, "flowd": self.flowd, "made_at": self.made_at.isoformat(), "tenant": tenant}
        return json.dumps({**told, "migrations": list(self.migrations), "parts": parts}, indent=1)


def write_backup(
    database: Database,
    path: Path,
    *,
    made_at: datetime,
    version: str,
    progress: Progress = lambda _part, _size: None,
) -> Manifest:
    """Write the backup of the database's tenant to `path`, readable by nobody else; there is no half file under it.

    Everything is as it was at one moment. Raises BackupRefused where the file exists or cannot be written,
    DatabaseAway where the database does not answer: nothing is left behind then.
    """
    if path.exists():
        raise BackupRefused(f"{path} exists already: a backup never overwrites; name another file")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            number = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(number, "wb") as file:
                with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                    manifest = _write(database, archive, made_at, version, progress)
                file.flush()
                os.fsync(file.fileno())
            # a link is refused where the name was taken meanwhile; a rename would overwrite
            os.link(unfinished, path)
            _sync_folder(path.parent)
        except FileExistsError:
            raise BackupRefused(f"{path} exists already: a backup never overwrites; name another file") from None
        except OSError as error:
            raise BackupRefused(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            unfinished.unlink()
    return manifest


def _write(
    database: Database, archive: zipfile.ZipFile, made_at: datetime, version: str, progress: Progress
) -> Manifest:
    words = statements("backup")
    tenant = database.tenant_id
    with database.transaction(_SILENCE) as session:
        session.execute(words["one_view"])
        session.execute(words["plain_texts"])
        whose = session.execute(words["tenant"], {"tenant": tenant}).fetchone()
        assert whose is not None
        kept = [_write_part(session, archive, part, tenant, progress) for part in PARTS]
    with database.owner() as session:
        migrations = [name for (name,) in session.execute(words["migrations"], {}).fetchall()]
    manifest = Manifest(
        made_at=made_at,
        flowd=version,
        tenant=whose[0],
        base_currency=whose[1],
        timezone=whose[2],
        migrations=migrations,
        parts=kept,
    )
    archive.writestr(MANIFEST, manifest.to_json())
    return manifest


def _write_part(session: Session, archive: zipfile.ZipFile, part: Part, tenant: int, progress: Progress) -> Kept:
    columns = columns_of(session, part)
    query = sql.SQL("COPY (SELECT {} FROM {} WHERE tenant_id = {} ORDER BY {}) TO STDOUT (FORMAT csv, HEADER true)")
    copying = query.format(
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.Identifier(*part.relation.split(".")),
        sql.Literal(tenant),
        sql.SQL(part.order),
    )
    digest, size = hashlib.sha256(), 0
    with archive.open(f"{part.name}.csv", "w", force_zip64=True) as member, session.cursor() as cursor:
        session.prolong(_SILENCE)
        with cursor.copy(copying) as copy:
            for block in copy:
                digest.update(block)
                member.write(block)
                size += len(block)
                session.prolong(_SILENCE)
                progress(part.name, size)
        rows = cursor.rowcount
    return Kept(name=part.name, columns=columns, rows=rows, size=size, sha256=digest.hexdigest())


def columns_of(session: Session, part: Part) -> list[str]:
    """Return the columns of a table, but for the tenant's number."""
    found: list[tuple[Any, ...]] = session.execute(
        statements("backup")["columns"], {"relation": part.relation}
    ).fetchall()
    return [str(name) for (name,) in found]


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
