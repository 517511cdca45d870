"""Keeps sealed tokens in files until the database has them: a token that a source just renewed exists nowhere else."""

from __future__ import annotations

import base64
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_ENDING: Final = ".sealed"
_LONGEST: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """The tokens of a connection as they are stored: sealed, with the key's name, and how often they were renewed."""

    connection: str
    version: int
    key_id: str
    ciphertext: bytes = field(repr=False)


class Aside:
    """Sealed tokens of one tenant in files of `folder`, which only the user flowd runs as may read."""

    def __init__(self, folder: Path, tenant: str) -> None:
        self._folder = folder
        self._tenant = tenant

    def put(self, sealed: Sealed) -> Path:
        """Write `sealed` to a file of its own and return its path once it is on disk; OSError if it cannot be."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A name nobody else takes: another process may lay aside tokens of the same connection.
        mark = f"{sealed.connection}@{sealed.version}.{secrets.token_hex(4)}"
        part, path = self._folder / f".{mark}.part", self._folder / f"{mark}{_ENDING}"
        text = base64.b64encode(sealed.ciphertext).decode()
        data = {
            "tenant": self._tenant,
            "connection": sealed.connection,
            "version": sealed.version,
            "key_id": sealed.key_id,
            "sealed": text,
        }
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(json.dumps(data).encode())
                file.flush()
                os.fsync(file.fileno())
            part.rename(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        self._sync()
        return path

    def of(self, connection: str) -> list[tuple[Path, Sealed]]:
        """Return what is laid aside for a connection, in the order of its versions."""
        found = []
        with suppress(OSError):
            for path in self._folder.glob(f"{connection}@*{_ENDING}"):
                if (sealed := self._read(path)) is not None:
                    found.append((path, sealed))
        return sorted(found, key=lambda one: one[1].version)

    def connections(self) -> list[str]:
        """Return the connections for which something is laid aside."""
        names: set[str] = set()
        with suppress(OSError):
            names = {path.name.partition("@")[0] for path in self._folder.glob(f"*@*{_ENDING}")}
        return sorted(name for name in names if self.of(name))

    def drop(self, path: Path) -> None:
        """Remove what the database has now."""
        with suppress(OSError):
            path.unlink(missing_ok=True)

    def forget(self, connection: str) -> None:
        """Remove everything laid aside for a connection."""
        for path, _ in self.of(connection):
            self.drop(path)

    def _read(self, path: Path) -> Sealed | None:
        try:
            if path.stat().st_size > _LONGEST:
                return None
            told = json.loads(path.read_bytes())
            sealed = Sealed(
                connection=told["connection"],
                version=int(told["version"]),
                key_id=told["key_id"],
                ciphertext=base64.b64decode(told["sealed"], validate=True),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None
        mine = told["tenant"] == self._tenant and path.name.startswith(f"{sealed.connection}@")
        return sealed if mine else None

    def _sync(self) -> None:
        """Have the folder's own entry on disk, too."""
        handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
