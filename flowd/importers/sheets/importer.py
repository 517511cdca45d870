"""The `xlsx` importer: the sheets of a workbook, read as tables of text are, by profile or by guess."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Final

from flowd.api import Batch, FileRefused, Hints, Record, Transaction
from flowd.importers.delimited.importer import CsvImporter
from flowd.importers.delimited.importer import Reading as TableReading
from flowd.importers.sheets.alike import read_alike
from flowd.importers.sheets.serials import with_days
from flowd.importers.sheets.sheets import SheetText, read_html, read_rows, read_sheets

_OLD: Final = b"\xd0\xcf\x11\xe0"
_SHEETS: Final = frozenset({".xls", ".xlsx", ".xlsm", ".xlsb", ".ods"})
_TABLE: Final = re.compile(rb"<table\b|urn:schemas-microsoft-com:office:spreadsheet", re.IGNORECASE)
_CHARSET: Final = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?([A-Za-z0-9_-]{3,20})", re.IGNORECASE)
#: Rows by which sheets that show the same are told; longer ones are not compared.
_COMPARED: Final = 100_000
#: The header, and two postings.
_SAME: Final = 2
#: A line with fewer cells is a title.
_CELLS: Final = 3


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a workbook is going to be read: which sheets, and each as a table."""

    kind: str
    sheets: Sequence[tuple[SheetText, TableReading]]
    left_out: Sequence[str]

    @property
    def summary(self) -> str:
        """In words: which sheets are read, and how."""
        names = ", ".join(repr(sheet.name) for sheet, _ in self.sheets[:5])
        return f"{self.kind}, sheet {names}: {self.sheets[0][1].summary}"

    @property
    def label(self) -> str:
        """The profile's name, or `guessed`."""
        return self.sheets[0][1].label

    @property
    def sure(self) -> float:
        """How sure the most doubtful of its sheets is."""
        return min(reading.sure for _, reading in self.sheets)

    @property
    def guessed(self) -> bool:
        """Whether it was guessed rather than known."""
        return self.sheets[0][1].guessed

    @property
    def notes(self) -> Sequence[str]:
        """What has to be said of sheets and rows; a line is a row of its sheet."""
        several = len(self.sheets) > 1
        rows = [
            f"sheet {sheet.name!r}: {note}" if several else note
            for sheet, reading in self.sheets
            for note in reading.notes
        ]
        return [*self.left_out, *rows]

    def batches(self) -> Iterator[Batch]:
        """Yield the whole workbook as one batch."""
        yield Batch(records=self._records())

    def _records(self) -> Iterator[Record]:
        for sheet, reading in self.sheets:
            try:
                for batch in reading.batches():
                    yield from batch.records
            except FileRefused as refused:
                raise FileRefused(f"sheet {sheet.name!r}, {refused}") from None


class SheetsImporter:
    """Reads workbooks of any bank."""

    name = "xlsx"

    def __init__(self, tables: CsvImporter | None = None) -> None:
        self._tables = tables or CsvImporter()

    def identify(self, name: str, head: bytes) -> float:
        """Return how sure it is that the file called `name`, beginning with `head`, is a workbook."""
        named = Path(name).suffix.lower() in _SHEETS
        if head.startswith(b"PK\x03\x04"):
            if b"xl/" in head or b"application/vnd.oasis.opendocument.spreadsheet" in head[:200]:
                return 0.95
            return 0.6 if named else 0.0
        if head.startswith(_OLD):
            return 0.9 if named else 0.4
        if _is_page(head):
            return 0.7 if named or Path(name).suffix.lower() in {".htm", ".html"} else 0.5
        return 0.0

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        """Yield the workbook as one batch; FileRefused with sheet, row and reason."""
        return self.plan(file, hints).batches()

    def plan(self, file: BinaryIO, hints: Hints) -> Reading:
        """Say which sheets of `file` (seekable) are read, and how; FileRefused where none is a table."""
        file.seek(0)
        head = file.read(1 << 16)
        if _is_page(head):
            sheets, kind = read_html(file, _charset(head)), "a page with tables"
        else:
            sheets, kind = read_sheets(file), "a workbook"
        readings: list[tuple[SheetText, TableReading]] = []
        refused: list[tuple[SheetText, str]] = []
        counted: list[str] = []
        for sheet in sheets:
            try:
                readings.append((sheet, self._tables.plan_cells(sheet.file, hints)))
            except FileRefused as reason:
                if (days := self._with_days(sheet, hints)) is None:
                    refused.append((sheet, str(reason)))
                    continue
                readings.append(days)
                counted.append(f"sheet {sheet.name!r} shows days as numbers: ASSUMED to count from 1900")
        if not readings:
            if not refused:
                raise FileRefused("the workbook has no visible cells; nothing to import")
            sheet, why = max(refused, key=lambda item: item[0].rows)
            raise FileRefused(f"sheet {sheet.name!r}: {why}")
        readings, refused = read_alike(readings, refused, hints)
        readings.sort(key=lambda item: next(at for at, sheet in enumerate(sheets) if sheet.name == item[0].name))
        kept, left_out = _choose(readings)
        if hints.insists and len(kept) > 1:
            self._check_one_account([sheet for sheet, _ in kept], hints)
        left_out += [
            f"sheet {sheet.name!r} holds no table of dates and amounts" for sheet, _ in refused if sheet.rows > 1
        ]
        return Reading(kind=kind, sheets=kept, left_out=[*counted, *left_out][:20])

    def _with_days(self, sheet: SheetText, hints: Hints) -> tuple[SheetText, TableReading] | None:
        """Return a sheet whose days are shown as numbers, and how it is read; None where that does not help."""
        days = with_days(sheet)
        try:
            return None if days is None else (days, self._tables.plan_cells(days.file, hints))
        except FileRefused:
            return None

    def _check_one_account(self, sheets: Sequence[SheetText], hints: Hints) -> None:
        """Refuse sheets that name accounts of their own, another each, where the user named one for all."""
        named: dict[str, str] = {}
        for sheet in sheets:
            try:
                batches = self._tables.plan_cells(sheet.file, replace(hints, account=None)).batches()
                first = next((r for batch in batches for r in batch.records if isinstance(r, Transaction)), None)
            except FileRefused:
                continue  # it names none, or says itself what is wrong when it is read
            if first is not None:
                named.setdefault(first.account, sheet.name)
        if len(named) > 1:
            said = ", ".join(f"sheet {sheet!r} is of {account}" for account, sheet in list(named.items())[:5])
            raise FileRefused(f"you named one account ({hints.account}), but {said}; leave the account out")


def _is_page(head: bytes) -> bool:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return start == b"<" and _TABLE.search(head) is not None


def _charset(head: bytes) -> str:
    found = _CHARSET.search(head[:4096])
    try:
        return codecs.lookup(found[1].decode("ascii")).name if found else _plain(head)
    except LookupError:
        return _plain(head)


def _plain(head: bytes) -> str:
    try:
        head[: len(head) - 4].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _choose(
    readings: Sequence[tuple[SheetText, TableReading]],
) -> tuple[list[tuple[SheetText, TableReading]], list[str]]:
    """Return the largest table and those like it, and what is said of the others."""
    main = max(readings, key=lambda item: item[0].rows)
    kept: list[tuple[SheetText, TableReading]] = []
    said: list[str] = []
    seen: list[set[bytes]] = []
    for sheet, reading in sorted(readings, key=lambda item: -item[0].rows):
        if reading.profile.columns != main[1].profile.columns:
            said.append(
                f"sheet {sheet.name!r} has other columns than {main[0].name!r} and was left out: save it by itself"
            )
            continue
        rows = _marks(read_rows(sheet)) if len(readings) > 1 and sheet.rows <= _COMPARED else set()
        # Where much is the same, one line may differ: a sum below.
        if rows and any(len(rows - other) <= (len(rows & other) > _SAME) for other in seen):
            # A month beside the whole year: its rows would count twice.
            said.append(f"sheet {sheet.name!r} shows rows of another sheet and was left out")
            continue
        seen.append(rows)
        kept.append((sheet, reading))
    order = [sheet.name for sheet, _ in readings]
    return sorted(kept, key=lambda item: order.index(item[0].name)), said


def _marks(rows: Iterable[Sequence[str]]) -> set[bytes]:
    told = (row for row in rows if sum(map(bool, row)) >= _CELLS)
    return {blake2b("\0".join(row).encode("utf-8", "replace"), digest_size=8).digest() for row in told}
