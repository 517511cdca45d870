"""Turns a spreadsheet on standard input into rows of text on standard output; a process of its own, under limits.

A sheet that claims a million by sixteen thousand cells takes all memory there is: here it ends this process alone.
Run by its path, so that nothing of flowd is loaded. Each sheet is one line of JSON behind a record separator, then its
rows as JSON lists; a last line says that nothing is missing.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from decimal import Decimal

MEMORY = 768 << 20
SECONDS = 60
OUTPUT = 256 << 20
#: Unpacked bytes of a whole workbook, and how much smaller its zip may be: real ones stay below forty.
UNPACKED = 512 << 20
RATIO = 400
ENTRIES = 5_000
ROWS = 1_100_000
WIDTH = 1_000
CELL = 32_000
SHEETS = 200

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


class Refused(Exception):
    """What is wrong with the file, in words for its user."""


def text_of(cell: object) -> str:
    """Return a cell as it is shown: dates in ISO, numbers with at most 15 digits, as spreadsheets keep them.

    >>> text_of(0.1 + 0.2), text_of(-1234.5), text_of(2500.0)
    ('0.3', '-1234.5', '2500')
    """
    if isinstance(cell, str):
        if len(cell) > CELL:
            raise Refused(f"one cell holds more than {CELL:,} characters; this is no bank's table")
        return _CONTROL.sub(" ", cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        return number(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat("seconds")
    if isinstance(cell, timedelta):
        return str(cell)
    return "" if cell is None else str(cell)


def number(value: float) -> str:
    """Return `value` without the noise of binary fractions."""
    if value != value or abs(value) >= 1e30:
        return ""
    text = f"{Decimal(f'{value:.15g}'):f}"
    # "1.234" alone could be read as thousands.
    return f"{text}0" if len(text.partition(".")[2]) == 3 else text


def check_zip(data: bytes) -> None:
    """Refuse what would unpack to far more than it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise Refused(f"the file is damaged ({error}); download it again") from None
    size = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > ENTRIES or size > UNPACKED or (size > 1 << 24 and size > RATIO * max(packed, 1)):
        raise Refused(
            f"the file unpacks to {size:,} bytes from {packed:,} in {len(entries):,} parts: this is no bank's "
            "workbook; export the account as CSV"
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("the file is protected by a password; open it, save it without one, and import that")


def unpack(data: bytes, out: io.TextIOBase) -> None:
    """Write every visible sheet of `data`."""
    import python_calamine as calamine

    if data.startswith(b"PK"):
        check_zip(data)
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except calamine.PasswordError:
        raise Refused("the file is protected by a password; open it, save it without one, and import that") from None
    except (calamine.CalamineError, calamine.ZipError, calamine.XmlError) as error:
        if "password" in str(error).lower() or b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in data:
            raise Refused(
                "the file is protected by a password; open it, save it without one, and import that"
            ) from None
        raise Refused(f"this is no workbook that can be read ({error}); export the account as CSV") from None
    visible = calamine.SheetVisibleEnum.Visible
    names = [sheet.name for sheet in book.sheets_metadata if sheet.visible == visible]
    if len(names) > SHEETS:
        raise Refused(f"the file has {len(names):,} sheets; this is no bank's workbook")
    for name in names:
        try:
            sheet = book.get_sheet_by_name(name)
        except (calamine.CalamineError, calamine.ZipError, calamine.XmlError, calamine.WorksheetNotFound) as error:
            raise Refused(f"the sheet {name!r} cannot be read ({error}); export the account as CSV") from None
        if sheet.start is None:
            continue
        if sheet.total_width > WIDTH or sheet.total_height > ROWS:
            raise Refused(
                f"the sheet {name!r} claims {sheet.total_width:,} columns and {sheet.total_height:,} rows; this is no "
                "bank's table: remove what lies beside it, or export the account as CSV"
            )
        out.write(f"\x1e{json.dumps({'name': name})}\n")
        for row in sheet.iter_rows():
            out.write(json.dumps([text_of(cell) for cell in row], ensure_ascii=False))
            out.write("\n")


def limit(what: int, most: int) -> None:
    """Set a limit of this process, or leave a tighter one that it was started with."""
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def main() -> int:
    """Read standard input, write standard output; 1 with a reason on standard error where it is refused."""
    limit(resource.RLIMIT_AS, MEMORY)
    limit(resource.RLIMIT_CPU, SECONDS)
    limit(resource.RLIMIT_FSIZE, OUTPUT)
    limit(resource.RLIMIT_CORE, 0)
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="replace", newline="\n")
    try:
        unpack(sys.stdin.buffer.read(), out)
        out.write("\x1enull\n")
        out.flush()
    except Refused as reason:
        sys.stderr.write(str(reason))
        return 1
    except MemoryError:
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
