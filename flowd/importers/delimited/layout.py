"""Where the columns of a profile stand in one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from flowd.api import FileRefused
from flowd.importers.delimited.months import fold
from flowd.importers.delimited.profile import Column, Profile
from flowd.importers.delimited.sheet import Row

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

_HEADER_WITHIN: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The places (from 0) of a profile's columns in a row of `width` cells; `raw` are the ones only kept."""

    width: int
    names: Sequence[str]
    date: Sequence[int]
    amount: int | None
    debit: int | None
    credit: int | None
    fee: int | None
    sign: int | None
    currency: int | None
    account: int | None
    id: Sequence[int]
    counterparty: Sequence[int]
    description: Sequence[int]
    kind: int | None
    balance: int | None
    skip: Sequence[tuple[int, Sequence[str]]]
    pending: Sequence[tuple[int, Sequence[str]]]
    raw: Sequence[tuple[str, int]]

    @property
    def money(self) -> list[int]:
        """The places amounts are read from."""
        return [place for place in (self.amount, self.debit, self.credit) if place is not None]

    @property
    def needed(self) -> int:
        """How many cells a row needs at least: up to the first date and the amounts."""
        return max(self.date[0], *self.money, self.account or 0, self.currency or 0) + 1


def find_table(reader: CsvReader, profile: Profile) -> tuple[Layout, Row | None]:
    """Read up to the table's first row: the layout, and that row if it is data; else FileRefused."""
    for _ in range(profile.skip):
        next(reader, None)
    if not profile.by_name:
        first = next((row for row in reader if row), None)
        if first is None:
            raise FileRefused(f"line {reader.line_num}: the file has no rows; nothing to import")
        return _layout(profile, [""] * len(first), {}), first
    wanted = {_same(column): column for column in _all(profile) if isinstance(column, str)}
    nearest: tuple[int, list[str]] = (-1, [])
    for row in islice(reader, _HEADER_WITHIN):
        places: dict[str, int] = {}
        for index, cell in enumerate(row):
            places.setdefault(_same(cell), index)
        missing = [column for key, column in wanted.items() if key not in places]
        if not missing:
            while row and not row[-1].strip():
                row.pop()
            return _layout(profile, [cell.strip() for cell in row], places), None
        if len(wanted) - len(missing) > nearest[0]:
            nearest = (len(wanted) - len(missing), missing)
    raise FileRefused(
        f"no line has the header this file should have ({profile.name}): missing {', '.join(map(repr, nearest[1]))}; "
        "choose another profile, or correct the names in yours"
    )


def _same(name: str) -> str:
    return " ".join(fold(name.strip().lstrip("\ufeff")).split())


def _all(profile: Profile) -> list[Column]:
    return [*profile.columns.named(), *profile.skip_rows, *profile.pending]


def _layout(profile: Profile, header: list[str], places: dict[str, int]) -> Layout:
    width = len(header)

    def at(column: Column) -> int:
        if isinstance(column, str):
            return places[_same(column)]
        if column > width:
            raise FileRefused(
                f"the profile {profile.name} names column {column}, but the file has {width}; choose another profile"
            )
        return column - 1

    def maybe(column: Column | None) -> int | None:
        return None if column is None else at(column)

    names: list[str] = []
    for index, name in enumerate(header):
        name = name[:100] or f"column {index + 1}"
        names.append(name if name not in names else f"{name} ({index + 1})")
    fields = profile.columns
    single = (fields.amount, fields.debit, fields.credit, fields.fee, fields.sign, fields.currency, fields.account)
    used = {at(column) for column in (*fields.date, *fields.id, *fields.counterparty, *fields.description)}
    used |= {at(column) for column in single if column is not None}
    return Layout(
        width=width, names=names, date=tuple(map(at, fields.date)), amount=maybe(fields.amount),
        debit=maybe(fields.debit), credit=maybe(fields.credit), fee=maybe(fields.fee), sign=maybe(fields.sign),
        currency=maybe(fields.currency), account=maybe(fields.account), id=tuple(map(at, fields.id)),
        counterparty=tuple(map(at, fields.counterparty)), description=tuple(map(at, fields.description)),
        kind=maybe(fields.kind), balance=maybe(fields.balance),
        skip=[(at(column), words) for column, words in profile.skip_rows.items()],
        pending=[(at(column), words) for column, words in profile.pending.items()],
        raw=[(name, index) for index, name in enumerate(names) if index not in used],
    )  # fmt: skip
