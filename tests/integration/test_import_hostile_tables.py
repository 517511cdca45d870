"""Tables that no bank writes: refused in bounded time and memory, with the line and what to do."""

from __future__ import annotations

import io
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from flowd.api import FileRefused, Hints
from flowd.importers.delimited.catalogue import built_in
from flowd.importers.delimited.importer import CsvImporter

IMPORTER = CsvImporter(built_in())
HINTS = Hints(account="main", asset="EUR")
MB = 1 << 20


class Endless(io.RawIOBase):
    """A file of two gigabytes, or `size`, that says the same all the way, behind `head`."""

    def __init__(self, head: bytes, same: bytes, size: int = 2 << 30) -> None:
        self._head, self._same, self._size, self._at, self.given = head, same, size, 0, 0

    def read(self, size: int = -1) -> bytes:
        size = min(size if size >= 0 else MB, max(0, self._size - self._at))
        start = self._at
        self._at += size
        self.given += size
        if start < len(self._head):
            return (self._head[start:] + self._same * (size // len(self._same) + 1))[:size]
        offset = (start - len(self._head)) % len(self._same)
        return (self._same * (size // len(self._same) + 2))[offset : offset + size]

    def seek(self, offset: int, whence: int = 0) -> int:
        assert whence == 0
        self._at = offset
        return offset

    def tell(self) -> int:
        return self._at


def sparse(folder: Path) -> io.BufferedReader:
    path = folder / "hole.csv"
    with path.open("wb") as file:
        file.write(b"date,text,amount\n2023-01-30,Shop,-20.00\n")
        file.truncate(2 << 30)
    return path.open("rb")


HEAD = b"date,text,amount\n2023-01-30,Shop,-20.00\n"
CASES: dict[str, tuple[Callable[[Path], object], str]] = {
    "digits": (lambda _: Endless(b"", b"1234567890"), "line 1: .*longer than|no table"),
    "digits-in-a-table": (lambda _: Endless(HEAD + b"2023-01-30,x,", b"1234567890"), "line 3: longer than"),
    "sparse": (sparse, "line 3: a NUL byte"),
    "columns": (lambda _: io.BytesIO((b"a;" * 1_000_000 + b"\n") * 3), "no table|longer than|characters"),
    "columns-of-dates": (
        lambda _: io.BytesIO(b"date;" + b"amount;" * 200_000 + b"\n" + b"2023-01-30;" + b"1.00;" * 200_000 + b"\n"),
        "columns|longer than|characters",
    ),
    "an-endless-quote": (lambda _: Endless(HEAD + b'2023-01-31,"', b"text\n", 128 * MB), "one cell holds more than"),
    "a-billion-digits": (lambda _: io.BytesIO(HEAD + b"2023-01-30,x," + b"9" * 100_000 + b"\n"), "line 3: the amount"),
    "a-date-of-digits": (lambda _: io.BytesIO(HEAD + b"2023-" + b"0" * 100_000 + b"1-01,x,1\n"), "line 3: the date"),
}


def read(file: object) -> None:
    for batch in IMPORTER.plan(file, HINTS).batches():  # type: ignore[arg-type]
        for _ in batch.records:
            pass


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_soon_and_in_little_memory(name: str, tmp_path: Path) -> None:
    make, says = CASES[name]
    file = make(tmp_path)
    begun = time.monotonic()
    tracemalloc.start()
    try:
        with pytest.raises(FileRefused, match=says):
            read(file)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        file.close()  # type: ignore[attr-defined]
    assert peak < 250 * MB
    assert time.monotonic() - begun < 60
    if isinstance(file, Endless):
        assert file.given < 64 * MB or name == "an-endless-quote"
