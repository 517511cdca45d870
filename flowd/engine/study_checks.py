"""Checks what a study gives before anything of it is stored: right tables, sane numbers, each key once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from flowd.api import Study
from flowd.domain.money import check_amount
from flowd.domain.results import Metric
from flowd.domain.studied import Projected, StudyRow
from flowd.storage.study_rows import TABLES, Row, key_of

if TYPE_CHECKING:
    from flowd.api import History

#: Rows that one study may give: more fill the disk, not a screen.
MOST: Final = 2_000_000
_FAR: Final = (date(1900, 1, 1), date(2500, 1, 1))


class BadRow(Exception):
    """A study gives what cannot be kept; the text says what, and names the row."""


def sorted_rows(study: Study, given: Iterable[StudyRow | Metric], history: History) -> dict[str, list[Row]]:
    """Return the rows a study gives by table, in the order of their keys; BadRow where one cannot be kept."""
    by_type = {table.row: table for table in TABLES}
    found: dict[str, dict[tuple[object, ...], Row]] = {}
    for count, row in enumerate(given, 1):
        table = by_type.get(type(row))
        if table is None:
            raise BadRow(f"gives a {type(row).__name__}, which is no row that a study may give")
        if table.name not in study.writes:
            raise BadRow(f"gives a {type(row).__name__} and does not name {table.name} in `writes`")
        if isinstance(row, Projected) and row.made_on != history.today:
            raise BadRow(f"gives a projection made on {row.made_on}; it is {history.today}")
        key = key_of(table, row)
        try:
            _check(row)
        except (TypeError, ValueError) as error:
            raise BadRow(f"gives a {type(row).__name__} {_shown(key)} that cannot be kept: {error}") from None
        rows = found.setdefault(table.name, {})
        if key in rows:
            raise BadRow(f"gives two {type(row).__name__} {_shown(key)}")
        rows[key] = row
        if count > MOST:
            raise BadRow(f"gives more than {MOST:,} rows")
    return {name: [rows[key] for key in sorted(rows, key=_order)] for name, rows in found.items()}


def _check(row: object) -> None:
    """Check every field of a row, and of what is in it."""
    assert is_dataclass(row)
    for field in fields(row):
        value = getattr(row, field.name)
        if isinstance(value, Decimal):
            check_amount(value, field.name)
        elif isinstance(value, float):
            raise TypeError(f"{field.name} is a float: give a Decimal (flowd.analytics.rounding.decimal)")
        elif isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError(f"{field.name} has no time zone")
        elif isinstance(value, date):
            if not _FAR[0] <= value <= _FAR[1]:
                raise ValueError(f"{field.name} is {value}")
        elif isinstance(value, str):
            if "\0" in value:
                raise ValueError(f"{field.name} has a NUL in it")
        elif isinstance(value, Mapping):
            _check_json(value, field.name)
        elif is_dataclass(value):
            _check(value)


def _check_json(value: object, where: str) -> None:
    if isinstance(value, Mapping):
        for name, one in value.items():
            if not isinstance(name, str):
                raise TypeError(f"{where} has a key that is no text: {name!r}")
            _check_json(one, f"{where}.{name}")
    elif isinstance(value, list | tuple):
        for one in value:
            _check_json(one, where)
    elif type(value) is float:
        if not math.isfinite(value):
            raise ValueError(f"{where} is {value}, which JSON does not know")
    elif not isinstance(value, str | bool | None) and type(value) is not int:
        raise TypeError(f"{where} is a {type(value).__name__}: JSON knows texts, numbers, lists, objects, true, false")


def _order(key: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(str(part) for part in key)


def _shown(key: tuple[object, ...]) -> str:
    return "(" + ", ".join(str(part)[:80] for part in key) + ")"
