"""Writes tables as CSV or as JSON lines, one file each."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TextIO

from flowd.domain.json import to_json
from flowd.storage.exporting import Rows

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

Writer = Callable[[TextIO, Rows], int]


def write_csv(file: TextIO, table: Rows) -> int:
    """Write a table as CSV (UTF-8, commas, a header) and return its number of rows.

    Times are ISO 8601 in UTC, numbers have a point and all their digits, what is unknown is empty. A text that a
    spreadsheet would run as a formula gets an apostrophe before it; JSON lines have it as it is.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(table.columns)
    count = 0
    for row in table.rows:
        count += 1
        writer.writerow([_cell(value) for value in row])
    return count


def write_json_lines(file: TextIO, table: Rows) -> int:
    """Write a table as one JSON object per line and return its number of rows; amounts are strings, times ISO 8601."""
    count = 0
    for row in table.rows:
        count += 1
        named = dict(zip(table.columns, map(_plain, row), strict=True))
        file.write(json.dumps(named, ensure_ascii=False, separators=(",", ":")))
        file.write("\n")
    return count


WRITERS: Final[Mapping[str, Writer]] = {"csv": write_csv, "jsonl": write_json_lines}


def _plain(value: object) -> object:
    return to_json(value)


def _cell(value: object) -> object:
    match value:
        case None:
            return ""
        case str():
            return f"'{value}" if value.startswith(_FORMULA) else value
        case Decimal():
            return format(value, "f")
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case dict() | list():
            return json.dumps(to_json(value), ensure_ascii=False)
        case _:
            return value
