"""The sheets of a workbook as files of text, unpacked by a process of its own that may die of a hostile one."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import IO, BinaryIO, Final

from flowd.api import FileRefused

#: A workbook larger than this is not a bank's: a million rows take about 30 MB.
LARGEST: Final = 64 << 20
_SECONDS: Final = 120.0
_UNPACK: Final = Path(__file__).with_name("unpack.py")
_ROW: Final = frozenset({"tr", "row"})
_CELLS: Final = frozenset({"td", "th", "cell"})
_HTML_SIZE: Final = 16 << 20
#: What a page may leave open (a comment, a tag) before it is no page any more.
_HTML_OPEN: Final = 1 << 20
_HTML_ROWS: Final = 200_000
_HTML_WIDTH: Final = 200
_CELL: Final = 32_000


@dataclass(frozen=True, kw_only=True)
class SheetText:
    """One sheet: its name, its rows as a file of comma-separated text, and how many of them say anything."""

    name: str
    file: BinaryIO
    rows: int


def read_sheets(file: BinaryIO) -> list[SheetText]:
    """Return the sheets of the workbook `file`; FileRefused where it is protected, damaged or hostile."""
    with tempfile.TemporaryFile() as copy:
        _copy(file, copy)
        copy.seek(0)
        with tempfile.TemporaryFile() as rows, tempfile.TemporaryFile() as errors:
            try:
                # Isolated: neither the environment nor the working directory may bring code in.
                done = subprocess.run(
                    [sys.executable, "-I", str(_UNPACK)],
                    stdin=copy, stdout=rows, stderr=errors, timeout=_SECONDS, check=False,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                raise FileRefused(_TOO_MUCH) from None
            errors.seek(0)
            said = errors.read(2000).decode("utf-8", "replace").strip()
            if done.returncode == 1 and said and "Traceback" not in said:
                raise FileRefused(said)
            if done.returncode != 0:
                raise FileRefused(_TOO_MUCH)
            rows.seek(0)
            return _sheets(rows)


def _copy(file: BinaryIO, copy: IO[bytes]) -> None:
    file.seek(0)
    size = 0
    while data := file.read(1 << 20):
        size += len(data)
        if size > LARGEST:
            raise FileRefused(f"the workbook is larger than {LARGEST >> 20} MB; export the account as CSV")
        copy.write(data)


def _sheets(rows: IO[bytes]) -> list[SheetText]:
    found: list[SheetText] = []
    writer: Writer | None = None
    for line in rows:
        if not line.startswith(b"\x1e"):
            assert writer is not None
            writer.row(json.loads(line))
            continue
        if writer is not None:
            found.append(writer.done())
        about = json.loads(line[1:])
        if about is None:
            return found
        writer = Writer(about["name"])
    raise FileRefused(_TOO_MUCH)


class Spool(tempfile.SpooledTemporaryFile[bytes]):
    """A file in memory while it is small, gone with whoever holds it."""

    def __del__(self) -> None:
        self.close()


class Writer:
    """Writes one sheet: one line a row, so that a row's number is its line's."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._file = Spool(max_size=1 << 22)
        self._text = io.StringIO()
        self._writer = csv.writer(self._text, lineterminator="\n")
        self._rows = 0

    def row(self, cells: list[str]) -> None:
        """Write one row; trailing blank cells stay, so that every row is as wide as the sheet."""
        self._writer.writerow(cells)
        self._rows += any(cells)
        if self._text.tell() > 1 << 16:
            self._flush()

    def _flush(self) -> None:
        self._file.write(self._text.getvalue().encode("utf-8"))
        self._text.seek(0)
        self._text.truncate()

    def done(self) -> SheetText:
        """Return the sheet."""
        self._flush()
        self._file.seek(0)
        return SheetText(name=self._name, file=self._file, rows=self._rows)  # type: ignore[arg-type]


def read_html(file: BinaryIO, encoding: str) -> list[SheetText]:
    """Return the tables of an HTML page or of Excel's XML of 2003, which some banks give the name of a workbook."""
    parser = _Tables()
    file.seek(0)
    reader = io.TextIOWrapper(io.BufferedReader(_Bytes(file)), encoding=encoding, errors="replace")
    size = 0
    while text := reader.read(1 << 16):
        size += len(text)
        if size > _HTML_SIZE or len(parser.rawdata) > _HTML_OPEN:
            raise FileRefused("the page is too large for a bank's, or damaged; export the account as CSV")
        if "\0" in text:
            raise FileRefused("the page holds a NUL byte: it is damaged; download it again")
        parser.feed(text)
    parser.close()
    return parser.tables()


class _Bytes(io.RawIOBase):
    """Bytes of a file that stays open."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self._file.read(len(view))
        view[: len(data)] = data
        return len(data)


def _number(text: str | None) -> int:
    return min(int(text), _HTML_WIDTH) if text and text.isdecimal() and len(text) < 9 else 1


class _Tables(HTMLParser):
    """Collects rows of cells; a table inside a cell begins a table of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._done: list[SheetText] = []
        self._writer: Writer | None = None
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._span = 1
        self._rows = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._end_table()
            self._writer = Writer(f"table {len(self._done) + 1}")
        elif tag in _ROW:
            self._end_row()
            self._row = []
        elif tag in _CELLS and self._row is not None:
            self._end_cell()
            self._cell = []
            self._span = _number(dict(attrs).get("colspan"))
            self._row += [""] * (_number(dict(attrs).get("ss:index")) - 1 - len(self._row))
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _CELLS:
            self._end_cell()
        elif tag in _ROW:
            self._end_row()
        elif tag == "table":
            self._end_table()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)
            if sum(map(len, self._cell)) > _CELL:
                raise FileRefused(f"one cell holds more than {_CELL:,} characters; this is no bank's table")

    def _end_cell(self) -> None:
        if self._cell is None or self._row is None:
            return
        # A cell over several columns stands in the first of them, as a spreadsheet shows it.
        text = " ".join("".join(self._cell).split()).removesuffix("T00:00:00.000")
        self._row += [text, *[""] * (self._span - 1)]
        self._cell = None
        if len(self._row) > _HTML_WIDTH:
            raise FileRefused(f"a row has more than {_HTML_WIDTH} columns; this is no bank's table")

    def _end_row(self) -> None:
        self._end_cell()
        if self._row and self._writer is not None:
            self._writer.row(self._row)
            self._rows += 1
            if self._rows > _HTML_ROWS:
                raise FileRefused(f"the page has more than {_HTML_ROWS:,} rows; export the account as CSV")
        self._row = None

    def _end_table(self) -> None:
        self._end_row()
        if self._writer is not None and len(self._done) < 200:
            self._done.append(self._writer.done())
        self._writer = None

    def tables(self) -> list[SheetText]:
        self._end_table()
        return [table for table in self._done if table.rows]


def read_rows(sheet: SheetText) -> Iterator[list[str]]:
    """Yield the rows of a sheet."""
    sheet.file.seek(0)
    yield from csv.reader(io.TextIOWrapper(io.BufferedReader(_Bytes(sheet.file)), encoding="utf-8", newline=""))


_TOO_MUCH: Final = (
    "the workbook takes more memory or time than any bank's does, so it was not read; export the account as CSV"
)
