"""Knows Substack's files by their columns, opens its archive, and hands each table to what reads it."""

from __future__ import annotations

import csv
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BufferedReader, BytesIO, RawIOBase, TextIOWrapper
from typing import IO, TYPE_CHECKING, BinaryIO, Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from flowd.api import Batch, FileRefused, Hints, Record
from flowd_substack import payments, subscribers

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: Makes records of a row, which is given by the names of its columns.
Reader = Callable[[Mapping[str, str]], Iterator[Record]]

_ZIP: Final = b"PK\x03\x04"
_LIST: Final = re.compile(r"(?:[^/]+/)?email_list(?:\.[^/]+)?\.csv")
#: Names in the heads of an archive's entries that nobody else's have.
_ENTRY: Final = re.compile(rb"email_list(?:\.[\w.-]+)?\.csv|posts/\d+(?:\.[\w-]+)?\.(?:delivers|opens)\.csv")
_POSTS: Final = re.compile(rb"posts/\d+\.[\w-]+\.html")
#: A list of a million subscribers has about a hundred MB; an archive that says more is no export.
_LARGEST: Final = 500_000_000
_MOST_ENTRIES: Final = 200_000
#: An entry that becomes a thousand times as large was made to fill a disk or a memory.
_STEEPEST: Final = 1000


class Substack:
    """The format."""

    name = "substack"

    def identify(self, name: str, head: bytes) -> float:  # noqa: ARG002 - people rename files
        """Return how sure it is that a file is Substack's or its Stripe account's: columns or names tell."""
        if head.startswith(_ZIP):
            if _ENTRY.search(head):
                return 0.95
            return 0.9 if b"posts.csv" in head and _POSTS.search(head) else 0.0
        columns = _titles(head)
        if columns is None:
            return 0.0
        return 0.95 if _reader(columns, Hints()) is not None else 0.0

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        """Yield the file as one batch; FileRefused with line and reason."""
        yield Batch(records=_records(file, hints))


def _records(file: BinaryIO, hints: Hints) -> Iterator[Record]:
    head = file.read(len(_ZIP))
    file.seek(0)
    if head != _ZIP:
        yield from _table(file, "", hints)
        return
    try:
        with ZipFile(file) as archive:
            for entry in _lists(archive):
                with archive.open(entry) as inside:
                    yield from _table(inside, f"{entry.filename[:80]}, ", hints)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise FileRefused(f"the archive is damaged or none of Substack's ({error}): download it again") from None


def _lists(archive: ZipFile) -> Sequence[ZipInfo]:
    """Return the entries with subscribers; FileRefused where there is none, or one that cannot be what it says."""
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES:
        raise FileRefused(f"the archive has {len(entries)} files: that is no export of Substack's")
    found = [entry for entry in entries if _LIST.fullmatch(entry.filename)]
    if not found:
        raise FileRefused("the archive has no email_list….csv: export all data in the publication's settings")
    for entry in found:
        if entry.flag_bits & 1:
            raise FileRefused(f"{entry.filename[:80]} is locked with a password, which Substack's are not")
        if entry.file_size > _LARGEST or entry.file_size > _STEEPEST * max(entry.compress_size, 1):
            raise FileRefused(f"{entry.filename[:80]} would be {entry.file_size:,} bytes large: it is not unpacked")
    return found


def _table(file: IO[bytes], where: str, hints: Hints) -> Iterator[Record]:
    text = TextIOWrapper(BufferedReader(_Kept(file)), encoding="utf-8-sig", newline="")
    rows = csv.reader(text, strict=True)
    line = 1
    try:
        columns = [title.strip().lower() for title in next(rows, [])]
        reader = _reader(columns, hints)
        if reader is None:
            raise FileRefused(f"{where}line 1: these are not the columns of a list of Substack's or of Stripe's")
        for cells in rows:
            line = rows.line_num
            if not cells:
                continue
            if len(cells) != len(columns):
                raise ValueError(f"{len(cells)} columns where the header has {len(columns)}")
            if any("\x00" in cell for cell in cells):
                raise ValueError("a NUL byte")
            yield from reader(dict(zip(columns, (cell.strip() for cell in cells), strict=True)))
    except UnicodeDecodeError:
        raise FileRefused(f"{where}line {line} or after it: not utf-8 text") from None
    except (csv.Error, ValueError, TypeError) as error:
        raise FileRefused(f"{where}line {max(line, rows.line_num)}: {error}") from None


def _reader(columns: Sequence[str], hints: Hints) -> Reader | None:
    """Return what reads a table with such columns; None where it is another one's."""
    if len(set(columns)) != len(columns):
        return None
    return subscribers.reader(columns) or payments.reader(columns, hints)


def _titles(head: bytes) -> list[str] | None:
    first, end, _ = head.partition(b"\n")
    if not end:
        return None
    try:
        rows = list(csv.reader(TextIOWrapper(BytesIO(first), encoding="utf-8-sig", newline=""), strict=True))
    except (csv.Error, UnicodeDecodeError):
        return None
    return [title.strip().lower() for title in rows[0]] if rows else None


class _Kept(RawIOBase):
    """A file that stays open when the text made of it is thrown away: whoever opened it closes it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, into: WriteableBuffer) -> int:
        place = memoryview(into).cast("B")
        found = self._file.read(len(place))
        place[: len(found)] = found
        return len(found)
