"""Where the columns of a profile stand in one file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

from flowd.api import FileRefused
from flowd.importers.delimited.legs import ADDED
from flowd.importers.delimited.months import fold
from flowd.importers.delimited.profile import Column, Profile
from flowd.importers.delimited.sheet import Row


class Rowwise(Protocol):
    """Gives rows, and says which line of the file was read last."""

    @property
    def line_num(self) -> int:
        """The line that was read last."""

    def __iter__(self) -> Iterator[list[str]]:
        """Give the rows."""

    def __next__(self) -> list[str]:
        """Give the next row."""


_HEADER_WITHIN: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The places (from 0) of a profile's columns in a row of `width` cells; `raw` are the ones only kept.

    `whole` counts the columns without a name at the header's end, too, which hold nothing that is read.
    """

    width: int
    whole: int
    names: Sequence[str]
    date: Sequence[int]
    amount: int | None
    debit: int | None
    credit: int | None
    fee: int | None
    sign: int | None
    currency: int | None
    account: int | None
    part: int | None
    id: Sequence[int]
    counterparty: Sequence[int]
    description: Sequence[int]
    kind: int | None
    balance: int | None
    trades: Sequence[int]
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


def find_table(reader: Rowwise, profile: Profile) -> tuple[Layout, Row | None, list[Row]]:
    """Read up to the table's first row: the layout, that row if it is data, the rows above; else FileRefused."""
    above: list[Row] = [row for _ in range(profile.skip) if (row := next(reader, None)) is not None]
    if not profile.by_name:
        first = next((row for row in reader if row), None)
        if first is None:
            raise FileRefused(f"line {reader.line_num}: the file has no rows; nothing to import")
        return _layout(profile, [""] * len(first), {}), first, above
    spare = {_same(column) for column in profile.optional}
    named = {_same(column): column for column in _all(profile) if isinstance(column, str)}
    wanted = {key: column for key, column in named.items() if key not in spare}
    nearest: tuple[int, list[str]] = (-1, [])
    for row in islice(reader, _HEADER_WITHIN):
        places: dict[str, int] = {}
        for index, cell in enumerate(row):
            places.setdefault(_same(cell), index)
        missing = [column for key, column in wanted.items() if key not in places]
        if not missing:
            whole = len(row)
            while row and not row[-1].strip() and not profile.unnamed:
                row.pop()
            return _layout(profile, [cell.strip() for cell in row], places, whole), None, above
        above.append(row)
        if len(wanted) - len(missing) > nearest[0]:
            nearest = (len(wanted) - len(missing), missing)
    raise FileRefused(
        f"no line has the header this file should have ({profile.name}): missing {', '.join(map(repr, nearest[1]))}; "
        "choose another profile, or correct the names in yours"
    )


def _same(name: str) -> str:
    return " ".join(fold(name.strip().lstrip("\ufeff")).split())


def _all(profile: Profile) -> list[Column]:
    return [*profile.columns.named(), *profile.skip_rows, *profile.pending, *profile.trades]


def _layout(profile: Profile, header: list[str], places: dict[str, int], whole: int = 0) -> Layout:
    width = len(header)

    def at(column: Column) -> int:
        if isinstance(column, str):
            return places[_same(column)]
        if column > width:
            raise FileRefused(
                f"the profile {profile.name} names column {column}, but the file has {width}; choose another profile"
            )
        return column - 1

    spare = {_same(column) for column in profile.optional}

    def there(column: Column) -> bool:
        return not isinstance(column, str) or _same(column) in places or _same(column) not in spare

    def maybe(column: Column | None) -> int | None:
        return at(column) if column is not None and there(column) else None

    def those(columns: Sequence[Column]) -> tuple[int, ...]:
        return tuple(at(column) for column in columns if there(column))

    names: list[str] = []
    for index, name in enumerate(header):
        name = name[:100] or f"column {index + 1}"
        names.append(name if name not in names else f"{name} ({index + 1})")
    fields = profile.columns
    if not those(fields.date) or not any(
        maybe(column) is not None for column in (fields.amount, fields.debit, fields.credit)
    ):
        raise FileRefused(
            f"the header lacks the column of the date or of the amount the profile {profile.name} names; correct it"
        )
    single = (fields.amount, fields.debit, fields.credit, fields.fee, fields.sign, fields.currency, fields.account)
    used = set(those((*fields.date, *fields.id, *fields.counterparty, *fields.description)))
    used |= {place for column in single if (place := maybe(column)) is not None}
    return Layout(
        width=width, whole=max(width, whole), names=names, date=those(fields.date), amount=maybe(fields.amount),
        debit=maybe(fields.debit), credit=maybe(fields.credit), fee=maybe(fields.fee), sign=maybe(fields.sign),
        currency=maybe(fields.currency), account=maybe(fields.account), part=maybe(fields.part), id=those(fields.id),
        counterparty=those(fields.counterparty), description=those(fields.description),
        kind=maybe(fields.kind), balance=maybe(fields.balance),
        trades=those(profile.trades),
        skip=[(at(column), words) for column, words in profile.skip_rows.items() if there(column)],
        pending=[(at(column), words) for column, words in profile.pending.items() if there(column)],
        raw=[(name, index) for index, name in enumerate(names) if index not in used and name not in ADDED],
    )  # fmt: skip
