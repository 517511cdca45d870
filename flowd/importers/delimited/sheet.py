"""The first rows of a file as a sheet: where its header is, which rows are data, and what each column holds."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final, Literal

from flowd.importers.delimited.amounts import is_blank, looks_like_amount
from flowd.importers.delimited.dates import common_formats, formats_of
from flowd.importers.delimited.names import Role, roles_of

DELIMITERS: Final = (";", ",", "\t", "|", "^", "~")
Quote = Literal['"', "'", "none"]
Row = Sequence[str]

if TYPE_CHECKING:
    from _csv import Reader as CsvReader


@dataclass(frozen=True, kw_only=True)
class ColumnSeen:
    """One column: its header, its cells in the data rows, and what they could be."""

    index: int
    name: str
    cells: Sequence[str]
    roles: Sequence[tuple[Role, float]] = ()

    @cached_property
    def filled(self) -> list[str]:
        """The cells that are not blank."""
        return [cell.strip() for cell in self.cells if not is_blank(cell)]

    @cached_property
    def distinct(self) -> tuple[str, ...]:
        """The different non-blank cells, in their order, so that what is said of a file is always the same."""
        return tuple(dict.fromkeys(self.filled))

    @property
    def is_full(self) -> bool:
        """Whether every data row has a value here."""
        return len(self.filled) == len(self.cells) > 0

    @cached_property
    def formats(self) -> list[str]:
        """The date formats that fit every non-blank cell."""
        return common_formats(dict.fromkeys(self.filled))

    @cached_property
    def is_amount(self) -> bool:
        """Whether every non-blank cell could be an amount."""
        return bool(self.filled) and all(looks_like_amount(cell) for cell in self.distinct)

    @cached_property
    def has_decimals(self) -> bool:
        """Whether some cell is written with two decimals, as money is."""
        return any(re.search(r"[.,]\d{2}(?!\d)", cell) for cell in self.distinct)

    @cached_property
    def has_signs(self) -> bool:
        """Whether some cell says which way money went."""
        return any(re.search(r"[-+−–]|\(.*\)|\b[CD]R\b", cell, re.IGNORECASE) for cell in self.distinct)

    def says(self, role: Role) -> float:
        """Return how clearly the header names this column as `role` (0 to 1)."""
        return next((weight for named, weight in self.roles if named is role), 0.0)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A file's first rows, split by one delimiter."""

    delimiter: str
    quote: Quote
    rows: Sequence[Row]
    header_at: int | None
    first_data: int
    width: int
    data: Sequence[Row]
    columns: Sequence[ColumnSeen] = field(default_factory=tuple)

    @property
    def before(self) -> Sequence[Row]:
        """The lines above the table."""
        return self.rows[: self.first_data if self.header_at is None else self.header_at]


def split(lines: Iterable[str], delimiter: str, quote: Quote = '"') -> list[list[str]]:
    """Split `lines` into rows, as far as they can be split."""
    rows: list[list[str]] = []
    try:
        for row in open_rows(lines, delimiter, quote):
            rows.append(row)
    except csv.Error:
        pass
    return rows


def open_rows(lines: Iterable[str], delimiter: str, quote: Quote) -> CsvReader:
    """Return the reader of `lines`; strict, so that a quote out of place or never closed is an error."""
    if quote == "none":
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True)


def explain(error: str) -> str:
    """Return in words what the reader of rows says of a file."""
    if "unexpected end" in error:
        return "the file ends inside a quoted cell: it was cut off, or a quote is missing; download it again"
    if "field limit" in error:
        return (
            f"one cell holds more than {csv.field_size_limit():,} characters: a quote is never closed, or this is "
            "not a bank's file; download it again"
        )
    return f"{error}; if quotes are plain text in this file, say `quote: none` in a profile"


def _kind(cell: str) -> str:
    return _kind_of_short(cell) if len(cell) < 64 else "text" if cell.strip() else "blank"


@lru_cache(maxsize=20_000)
def _kind_of_short(cell: str) -> str:
    bare = cell.strip()
    if is_blank(bare):
        return "blank"
    if formats_of(bare):
        return "date"
    return "amount" if looks_like_amount(bare) else "text"


def _is_data(row: Row) -> bool:
    kinds = Counter(map(_kind, row))
    return kinds["date"] >= 1 and (kinds["amount"] >= 1 or kinds["date"] >= 2) and len(row) >= 3


def look(lines: Sequence[str], delimiters: Sequence[str] = DELIMITERS) -> Sheet | None:
    """Return the sheet that `lines` make with the delimiter that suits them best; None if no table is seen."""
    best: tuple[float, Sheet] | None = None
    for delimiter in delimiters:
        for quote in ('"', "none", "'"):
            if quote == "'" and not any(f"{delimiter}'" in line or line.startswith("'") for line in lines[:20]):
                continue
            sheet, score = _sheet(split(lines, delimiter, quote), delimiter, quote)
            if sheet is None:
                continue
            # Quotes are quotes unless reading them as text alone makes sense of the file.
            score *= {'"': 1.0, "none": 0.8, "'": 0.9}[quote]
            if best is None or score > best[0]:
                best = (score, sheet)
    return None if best is None else best[1]


def _sheet(rows: list[list[str]], delimiter: str, quote: Quote) -> tuple[Sheet | None, float]:
    at = [index for index, row in enumerate(rows) if _is_data(row)]
    if not at:
        return None, 0.0
    # A line above the table may hold a date and a sum too, but not where the rows have their dates.
    dated = Counter(place for index in at for place, cell in enumerate(rows[index]) if _kind(cell) == "date")
    place, often = dated.most_common(1)[0] if dated else (0, 0)
    if often > len(at) / 2:
        at = [index for index in at if place < len(rows[index]) and _kind(rows[index][place]) == "date"]
    usual = width = Counter(len(rows[index]) for index in at).most_common(1)[0][0]
    # A period above the table looks like a row, but is not as wide.
    while len(at) > 1 and not usual - 1 <= len(rows[at[0]]) <= usual + 1:
        at = at[1:]
    header_at = _header(rows[: at[0]], width)
    if header_at is not None:
        width = max(width, _trimmed(rows[header_at]))
    # Some banks write no delimiters for the blank cells at a row's end.
    # A longer row has a delimiter too many in a text; the reader will name it.
    data = [rows[index] for index in at if usual - 1 <= len(rows[index]) <= max(usual, width)]
    if not data:
        return None, 0.0
    names = [cell.strip() for cell in rows[header_at]] if header_at is not None else []
    columns = [
        ColumnSeen(
            index=index,
            name=names[index] if index < len(names) else "",
            cells=[row[index] if index < len(row) else "" for row in data],
            roles=roles_of(names[index]) if index < len(names) else (),
        )
        for index in range(width)
    ]
    sheet = Sheet(
        delimiter=delimiter,
        quote=quote,
        rows=rows,
        header_at=header_at,
        first_data=at[0],
        width=width,
        data=data,
        columns=columns,
    )
    named = sum(1 for column in columns if column.roles)
    dates = sum(1 for column in columns if column.formats)
    same = len(data) / len(rows)
    return sheet, len(data) * (0.5 + same) * (1 + 0.1 * min(width, 10) + 0.2 * named) * (1.0 if dates else 0.2)


def _trimmed(row: Row) -> int:
    width = len(row)
    while width and not row[width - 1].strip():
        width -= 1
    return width


def _header(above: Sequence[Row], width: int) -> int | None:
    """Return which of the rows above the data names its columns: the one that says most, else one just as wide."""
    best, score = None, 1.5
    for index, row in enumerate(above):
        if len(row) < 2 or any(_kind(cell) == "date" for cell in row):
            continue
        roles = [found[0] for cell in row if (found := roles_of(cell))]
        told = {role for role, _ in roles}
        points = sum(weight for _, weight in roles) - 0.4 * abs(_trimmed(row) - width)
        if told & {Role.DATE, Role.VALUE_DATE, Role.AMOUNT, Role.DEBIT, Role.CREDIT}:
            points += 1
        if points > score:
            best, score = index, points
    if best is not None:
        return best
    last = len(above) - 1
    if last >= 0 and abs(_trimmed(above[last]) - width) <= 1 and width > 1:
        kinds = [_kind(cell) for cell in above[last]]
        if kinds.count("text") >= max(2, 0.6 * _trimmed(above[last])) and "date" not in kinds:
            return last
    return None
