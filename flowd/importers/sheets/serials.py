"""Days that a sheet shows as numbers, as spreadsheets count them inside, because their cells lost their form."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import islice
from typing import Final

from flowd.importers.delimited.names import Role, roles_of
from flowd.importers.sheets.sheets import SheetText, Writer, read_rows

#: Day 0 of a spreadsheet's calendar, after its 29 February 1900 that never was.
_ZERO: Final = date(1899, 12, 30)
_SERIAL: Final = re.compile(r"([23456]\d{4})(?:\.\d{1,12})?")
_ABOVE: Final = 40


def with_days(sheet: SheetText) -> SheetText | None:
    """Return `sheet` with the numbers below a header such as *Date* as days; None where there is no such column."""
    at, places = _dates(sheet)
    if not places:
        return None
    writer = Writer(sheet.name)
    for number, row in enumerate(read_rows(sheet)):
        if number > at:
            for place in places:
                if place < len(row) and (found := _SERIAL.fullmatch(row[place].strip())):
                    row[place] = (_ZERO + timedelta(days=int(found[1]))).isoformat()
        writer.row(row)
    return writer.done()


def _dates(sheet: SheetText) -> tuple[int, list[int]]:
    """Return the header's row and the columns below it that hold numbers of days, and nothing else."""
    rows = list(islice(read_rows(sheet), 1_000))
    for at, row in enumerate(rows[:_ABOVE]):
        named = [place for place, cell in enumerate(row) if _is_date(cell)]
        found = []
        for place in named:
            below = [other[place].strip() for other in rows[at + 1 :] if place < len(other) and other[place].strip()]
            if below and sum(_SERIAL.fullmatch(cell) is not None for cell in below) * 10 >= len(below) * 9:
                found.append(place)
        if found:
            return at, found
    return 0, []


def _is_date(name: str) -> bool:
    return any(role in {Role.DATE, Role.VALUE_DATE} and weight >= 0.9 for role, weight in roles_of(name))
