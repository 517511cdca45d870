"""Reads a backup back into an empty store: all of it or nothing, and only what its checksums vouch for."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from flowd.errors import BackupRefused, BatchRefused
from flowd.storage.backup import FORMAT, MANIFEST, Kept, Manifest, Progress, columns_of
from flowd.storage.connections import Session
from flowd.storage.database import Database
from flowd.storage.parts import PARTS, Part
from flowd.storage.statements import statements

_SILENCE: Final = 600.0
_BLOCK: Final = 1 << 18
_LARGEST_MANIFEST: Final = 1 << 20
_BROKEN: Final = "it is damaged or was cut off: take another copy"


def check_backup(path: Path, progress: Progress = lambda _part, _size: None) -> Manifest:
    """Read the whole of a backup without keeping anything; BackupRefused where it is not what its checksums say."""
    with _opened(path) as archive:
        manifest = _manifest(archive, path)
        for kept in manifest.parts:
            for _ in _blocks(archive, kept, path, progress):
                pass
    return manifest


def restore_backup(database: Database, path: Path, progress: Progress = lambda _part, _size: None) -> Manifest:
    """Write a backup into the store of the database's tenant, in one transaction; what is derived is made afterwards.

    Raises BackupRefused where the file is damaged, made by a newer flowd, or the tenant has data already: nothing is
    changed then.
    """
    tenant = database.tenant_id
    words = statements("backup")
    with _opened(path) as archive:
        manifest = _manifest(archive, path)
        with database.owner() as session:
            known = {name for (name,) in session.execute(words["migrations"], {}).fetchall()}
        if newer := sorted(set(manifest.migrations) - known):
            raise BackupRefused(
                f"{path} was made by flowd {manifest.flowd}, which knows {', '.join(newer)}: update flowd first"
            )
        try:
            with database.transaction(_SILENCE) as session:
                session.execute(words["plain_texts"])
                _check_empty(session, tenant)
                parts = {kept.name: kept for kept in manifest.parts}
                highest = {}
                for part in PARTS:
                    if part.name in parts:
                        highest[part] = _restore(session, archive, part, parts[part.name], tenant, path, progress)
                session.execute("RESET ROLE")
                for part, number in highest.items():
                    if number is not None:
                        fields = {"relation": part.name, "column": part.counted, "highest": number}
                        session.execute(words["advance"], fields)
        except BatchRefused as error:
            raise BackupRefused(f"{path}: {error}; nothing of it was written") from None
    return manifest


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except zipfile.BadZipFile:
        raise BackupRefused(f"{path} is no backup of flowd, or {_BROKEN}") from None
    except OSError as error:
        raise BackupRefused(f"{path} cannot be read: {error.strerror or error}") from None


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        if archive.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
            raise BackupRefused(f"{path} is no backup of flowd: its {MANIFEST} is too large")
        told = json.loads(archive.read(MANIFEST))
        if told["format"] > FORMAT:
            raise BackupRefused(f"{path} was made by flowd {told['flowd']}: update flowd first")
        parts = [_kept(one) for one in told["parts"]]
        tenant = told["tenant"]
        return Manifest(
            made_at=datetime.fromisoformat(told["made_at"]),
            flowd=str(told["flowd"]),
            tenant=str(tenant["name"]),
            base_currency=str(tenant["base_currency"]),
            timezone=str(tenant["timezone"]),
            migrations=[str(name) for name in told["migrations"]],
            parts=parts,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BackupRefused(f"{path} is no backup of flowd: its {MANIFEST} cannot be read ({error})") from None


def _kept(told: Mapping[str, Any]) -> Kept:
    return Kept(
        name=str(told["name"]),
        columns=[str(column) for column in told["columns"]],
        rows=int(told["rows"]),
        size=int(told["bytes"]),
        sha256=str(told["sha256"]),
    )


def _check_empty(session: Session, tenant: int) -> None:
    for part in PARTS:
        query = sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE tenant_id = {})")
        filled = session.execute(query.format(sql.Identifier(*part.relation.split(".")), sql.Literal(tenant)))
        if filled.fetchone() == (True,):
            raise BackupRefused(
                f"the store is not empty ({part.name} has rows): restore into a new one, by another folder under "
                f"database: in flowd.yaml, or another database"
            )


def _restore(
    session: Session, archive: zipfile.ZipFile, part: Part, kept: Kept, tenant: int, path: Path, progress: Progress
) -> int | None:
    """Write one part; return the highest number of the column that counts by itself."""
    if unknown := set(kept.columns) - set(columns_of(session, part)):
        raise BackupRefused(f"{path}: {kept.member} has columns nobody knows: {', '.join(sorted(unknown))}")
    target = sql.Identifier(*part.relation.split("."))
    columns = sql.SQL(", ").join(map(sql.Identifier, kept.columns))
    # COPY is refused under row-level security: rows come through a table of this transaction's own
    session.execute("DROP TABLE IF EXISTS pg_temp.incoming")
    session.execute(
        sql.SQL("CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS SELECT {} FROM {} WHERE false").format(
            columns, target
        )
    )
    copying = sql.SQL("COPY pg_temp.incoming ({}) FROM STDIN (FORMAT csv, HEADER true)").format(columns)
    try:
        with session.cursor() as cursor:
            with cursor.copy(copying) as copy:
                for block in _blocks(archive, kept, path, progress):
                    session.prolong(_SILENCE)
                    copy.write(block)
            rows = cursor.rowcount
        session.prolong(_SILENCE)
        own = sql.SQL("OVERRIDING SYSTEM VALUE" if part.counted else "")
        insert = sql.SQL("INSERT INTO {} (tenant_id, {}) {} SELECT {}, {} FROM pg_temp.incoming")
        session.execute(insert.format(target, columns, own, sql.Literal(tenant), columns))
    except psycopg.DataError as error:
        raise BackupRefused(f"{path}: {kept.member}: {error.diag.message_primary}; nothing of it was written") from None
    if rows != kept.rows:
        raise BackupRefused(f"{path}: {kept.member} has {rows} rows instead of {kept.rows}; nothing of it was written")
    if part.counted is None:
        return None
    counted = sql.SQL("SELECT max({}) FROM pg_temp.incoming").format(sql.Identifier(part.counted))
    row = session.execute(counted).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def _blocks(archive: zipfile.ZipFile, kept: Kept, path: Path, progress: Progress) -> Iterator[bytes]:
    """Yield the text of one part; BackupRefused, at its end at the latest, where it is not what the manifest says."""
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(kept.member) as member:
            while block := member.read(_BLOCK):
                size += len(block)
                if size > kept.size:
                    break
                digest.update(block)
                progress(kept.name, size)
                yield block
    except (KeyError, EOFError, zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError) as error:
        raise BackupRefused(f"{path}: {kept.member} cannot be read ({error}): {_BROKEN}") from None
    if size != kept.size or digest.hexdigest() != kept.sha256:
        raise BackupRefused(f"{path}: {kept.member} is not what was written (its checksum differs): {_BROKEN}")
