"""An archive of CAMT files, as German banks deliver them: opened within bounds."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import IO, BinaryIO, Final, cast

from flowd.api import FileRefused
from flowd.importers.stated import Notes

_MEMBERS: Final = 2_000
_TOTAL: Final = 1 << 31
#: XML of statements packs to a twentieth; nothing a bank writes packs to this.
_RATIO: Final = 250
_FREE: Final = 10 << 20
_LOCAL: Final = b"PK\x03\x04"
#: What reading a damaged archive may raise.
_DAMAGED: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


def is_zip(head: bytes) -> bool:
    """Say whether `head` begins an archive."""
    return head.startswith(_LOCAL)


def first_of(head: bytes) -> tuple[str, bytes]:
    """Return name and beginning of the first file in an archive that begins with `head`."""
    method, names, extra = (int.from_bytes(head[at : at + 2], "little") for at in (8, 26, 28))
    name = head[30 : 30 + names].decode("utf-8", "replace")
    packed = head[30 + names + extra :]
    if method == 0:
        return name, packed[:8192]
    if method != 8:
        return name, b""
    try:
        return name, zlib.decompressobj(-15).decompress(packed, 8192)
    except zlib.error:
        return name, b""


def members(file: BinaryIO, notes: Notes) -> Iterator[tuple[str, BinaryIO]]:
    """Yield name and content of each XML file in the archive `file`; FileRefused for one that is no bank's."""
    file.seek(0)
    try:
        archive = zipfile.ZipFile(file)
        found = archive.infolist()
    except _DAMAGED as error:
        raise FileRefused(f"the archive cannot be opened ({error}); download it again") from None
    size = file.seek(0, 2)
    if len(found) > _MEMBERS:
        raise FileRefused(f"the archive holds {len(found):,} files, more than {_MEMBERS:,}: import them in parts")
    total = sum(member.file_size for member in found)
    if total > _TOTAL or total > _FREE + _RATIO * size:
        raise FileRefused(f"the archive claims to unpack to {total:,} bytes: no bank's does")
    seen: set[bytes] = set()
    for member in sorted(found, key=lambda member: member.filename):
        name = member.filename[-80:]
        if member.is_dir() or not name.lower().endswith((".xml", ".camt", ".c52", ".c53", ".c54")):
            if not member.is_dir():
                notes.add(f"{name}: left out, as it is no XML file")
            continue
        if member.flag_bits & 1:
            raise FileRefused(f"{name}: the archive is locked by a password; unpack it first")
        with _opened(archive, member, name) as content:
            digest = blake2b(digest_size=16)
            while data := content.read(1 << 20):
                digest.update(data)
        if digest.digest() in seen:
            notes.add(f"{name}: left out, as another file of the archive is the same")
            continue
        seen.add(digest.digest())
        with _opened(archive, member, name) as content:
            yield name, cast("BinaryIO", content)


@contextmanager
def _opened(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> Iterator[IO[bytes]]:
    try:
        with archive.open(member) as content:
            yield content
    except FileRefused:
        raise
    except _DAMAGED as error:
        raise FileRefused(f"{name}: the archive is damaged ({error}); download it again") from None
