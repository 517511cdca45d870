"""Sheets of one workbook with the same header, read as the largest is: one of few rows alone tells too little."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from flowd.api import FileRefused, Hints
from flowd.importers.delimited.importer import Reading
from flowd.importers.delimited.profile import Above
from flowd.importers.delimited.rows import Rows
from flowd.importers.sheets.sheets import SheetText, read_rows

#: How far down a sheet its header is looked for.
_ABOVE: Final = 40
#: Rows of a sheet that is read to see whether that works.
_MOST: Final = 100_000


def read_alike(
    readings: Sequence[tuple[SheetText, Reading]], refused: Sequence[tuple[SheetText, str]], hints: Hints
) -> tuple[list[tuple[SheetText, Reading]], list[tuple[SheetText, str]]]:
    """Return `readings`, those of sheets with the largest one's header as that is read, and what stays `refused`."""
    largest, main = max(readings, key=lambda item: item[0].rows)
    header, at = _header(largest, main)
    if not main.guessed or header is None:
        return list(readings), list(refused)
    found = []
    for sheet, own in readings:
        if own is not main and own.guessed and header in _top(sheet):
            said = own.profile
            found.append((sheet, _as(main, sheet, above=said.above, currency=said.currency, hints=hints) or own))
        else:
            found.append((sheet, own))
    still = []
    for sheet, why in refused:
        # What stands above a header may name another account or currency.
        read = None
        if at == 0 and _top(sheet)[:1] == [header]:
            read = _as(main, sheet, above=Above(), currency=main.profile.currency, hints=hints)
        if read is not None:
            found.append((sheet, read))
        else:
            still.append((sheet, why))
    return found, still


def _as(main: Reading, sheet: SheetText, *, above: Above, currency: str | None, hints: Hints) -> Reading | None:
    """Return a sheet as it is read like the largest one; None where it is too long to try that, or does not work."""
    if sheet.rows > _MOST:
        return None
    profile = main.profile.model_copy(update={"above": above, "currency": currency})
    rows = Rows(file=sheet.file, encoding="utf-8", profile=profile, hints=hints, watch=main.rows.watch)
    try:
        deque(rows, maxlen=0)
    except FileRefused:
        return None
    return replace(main, profile=profile, rows=replace(rows, notes=[], left_out=0))


def _top(sheet: SheetText) -> list[list[str]]:
    """Return the first rows of a sheet, without the blank cells at their ends."""
    rows = []
    for row in islice(read_rows(sheet), _ABOVE):
        cells = [cell.strip() for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        rows.append(cells)
    return rows


def _header(sheet: SheetText, reading: Reading) -> tuple[list[str] | None, int]:
    """Return the row of a sheet that names the columns of its reading, and its place."""
    columns = reading.profile.columns
    named = {*columns.date, columns.amount, columns.debit, columns.credit, columns.balance} - {None}
    if not all(isinstance(name, str) for name in named):
        return None, 0
    return next(((row, at) for at, row in enumerate(_top(sheet)) if named <= set(row)), (None, 0))
