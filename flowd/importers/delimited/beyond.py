"""Tables that a guess would read wrongly: rows told twice, trades in two rows, money that came from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from flowd.importers.delimited.money import has_minus
from flowd.importers.delimited.names import Role, plain_name
from flowd.importers.delimited.sheet import ColumnSeen, Sheet

#: Columns that say from where a payment was made, if not from what the account holds.
_FUNDING: Final = frozenset({"funding source", "funding account", "source of funds", "funded by", "funding"})
_OTHERS: Final = (Role.TIME, Role.ACCOUNT, Role.OTHER_ACCOUNT, Role.COUNTERPARTY)
_OWN: Final = ("balance", "none", "guthaben", "saldo", "solde")


def beyond_guessing(sheet: Sheet, currency: ColumnSeen | None) -> str | None:
    """Return in words why no guess can read `sheet` rightly, or None; `currency` is its column of assets."""
    return _paid_elsewhere(sheet) or _told_twice(sheet) or (_in_two_rows(sheet, currency) if currency else None)


def _paid_elsewhere(sheet: Sheet) -> str | None:
    for column in sheet.columns:
        if plain_name(column.name) not in _FUNDING:
            continue
        others = {cell for cell in column.distinct if not any(word in cell.lower() for word in _OWN)}
        if others:
            return (
                f"by {column.name!r} some payments were made from elsewhere ({sorted(others)[0][:40]!r}), and no guess "
                "can tell which of them the account itself paid"
            )
    return None


def _told_twice(sheet: Sheet) -> str | None:
    """Find rows without an id that are the same as others with one: a payment before and after it was booked."""
    for column in sheet.columns:
        if column.says(Role.ID) < 0.9 or column.is_full or len(column.distinct) != len(column.filled) < 2:
            continue
        rest = [other for other in sheet.columns if not (other is column or other.formats or _is_balance(other))]
        rows = [tuple(cells) for cells in zip(*(other.cells for other in rest), strict=True)]
        named = {row for row, cell in zip(rows, column.cells, strict=True) if cell.strip()}
        if any(row in named for row, cell in zip(rows, column.cells, strict=True) if not cell.strip()):
            return f"rows without {column.name!r} repeat rows that have one, and no guess can tell which of them count"
    return None


def _in_two_rows(sheet: Sheet, currency: ColumnSeen) -> str | None:
    """Find references that a row of an asset going and a row of another one coming share, as trades do."""
    when = [column.cells for column in sheet.columns if column.formats and column.is_full]
    if len(currency.distinct) < 2 or not when:
        return None
    moments = list(zip(*when, strict=True))
    for reference in _references(sheet, currency):
        for amount in sheet.columns:
            if not amount.is_amount or not any(map(has_minus, amount.filled)):
                continue
            first: dict[object, tuple[str, bool]] = {}
            for moment, name, asset, cell in zip(moments, reference.cells, currency.cells, amount.cells, strict=True):
                if not name.strip() or not cell.strip():
                    continue
                here = (asset, has_minus(cell))
                there = first.setdefault((moment, name), here)
                if there[0] != here[0] and there[1] != here[1]:
                    return (
                        f"its rows move one asset for another: two of them share {reference.name!r} {name[:40]!r}, and "
                        "a guess would take both for payments"
                    )
    return None


def _references(sheet: Sheet, currency: ColumnSeen) -> Iterator[ColumnSeen]:
    """Yield columns of names, no words and nobody's account, that at most a few rows share."""
    for column in sheet.columns:
        plain = column is not currency and not column.formats and not column.is_amount
        plain = plain and not any(column.says(role) for role in _OTHERS)
        plain = plain and all(re.fullmatch(r"(?=.*\d)[\w./-]{2,80}", cell) for cell in column.distinct)
        if plain and column.filled and len(column.distinct) * 2 >= len(column.filled) > len(column.distinct):
            yield column


def _is_balance(column: ColumnSeen) -> bool:
    return column.says(Role.BALANCE) > 0.5
