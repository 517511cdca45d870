"""A profile: everything needed to read one bank's files, written by people in YAML or by guessing."""

from __future__ import annotations

import codecs
import fnmatch
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from flowd.api import AccountKind, FlowClass
from flowd.importers.delimited.amounts import NumberStyle
from flowd.importers.delimited.dates import check_format
from flowd.importers.delimited.names import plain_name


def _listed(value: object) -> object:
    return [value] if isinstance(value, str | int) and not isinstance(value, bool) else value


def _words(value: object) -> object:
    """Let YAML's bare numbers and yes/no stand for the text they were written as in the file."""
    if isinstance(value, list):
        return [_words(item) for item in value]
    if isinstance(value, bool):
        raise ValueError(  # noqa: TRY004 - pydantic collects ValueErrors
            "put the word in quotes: YAML reads yes, no, on and off as true and false"
        )
    return str(value) if isinstance(value, int) else value


#: A column by its name in the header, or by its number counted from 1.
Column = Annotated[str | int, Field(union_mode="left_to_right")]
Columns = Annotated[tuple[Column, ...], BeforeValidator(_listed)]
Words = Annotated[tuple[str, ...], BeforeValidator(lambda value: _words(_listed(value)))]


#: Instead of date formats: the file's own dates decide, as they do in guessing.
AUTO = "auto"


_ASSET: Final = r"^[A-Z0-9][A-Z0-9._:/-]{0,39}$"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sign(StrEnum):
    """What the sign of an amount says."""

    AS_WRITTEN = "as_written"
    INVERTED = "inverted"
    #: Only what is marked (+ or CR) is money in.
    PLUS_IN = "plus_in"
    #: Of two columns, the one that is filled says it, whatever sign stands in it.
    BY_COLUMN = "by_column"


class BalanceCheck(StrEnum):
    """Whether the balance at each day's end must follow from the amounts."""

    ROWS = "rows"
    NONE = "none"


class Direction(StrEnum):
    """Which way the amount of a leg went."""

    AS_WRITTEN = "as_written"
    IN = "in"
    OUT = "out"
    REVERSED = "reversed"


class Leg(_Strict):
    """One movement that a row states, where `when` holds and nothing of `unless` does."""

    when: Mapping[Column, Words] = Field(default_factory=dict)
    unless: Mapping[Column, Words] = Field(default_factory=dict)
    amount: Column
    direction: Direction = Direction.AS_WRITTEN
    fee: Column | None = None
    currency: Column | None = None
    asset: Annotated[str, Field(pattern=_ASSET)] | None = None
    half: Literal["base", "quote"] | None = None
    counterparty: Column | None = None
    kind: FlowClass | None = None
    id: Column | None = None
    tag: Annotated[str, Field(max_length=20)] = ""

    def named(self) -> list[Column]:
        """Return every column that is used."""
        single = (self.amount, self.fee, self.currency, self.counterparty, self.id)
        return [*self.when, *self.unless, *(column for column in single if column is not None)]


class Above(_Strict):
    """What the lines above the table say, each by a regular expression with one group."""

    account: str | None = None
    currency: str | None = None

    @field_validator("account", "currency")
    @classmethod
    def _group(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                groups = re.compile(value).groups
            except re.error as error:
                raise ValueError(f"{value!r} is not a regular expression: {error}") from None
            if groups != 1:
                raise ValueError(f"{value!r} needs one group in brackets: what is taken")
        return value


class Match(_Strict):
    """By what a file is known to be of this profile; everything that is given must hold."""

    file: str | None = None
    header: Words | None = None
    header_has: Words | None = None
    first_row: Words | None = None

    @field_validator("first_row")
    @classmethod
    def _patterns(cls, value: Sequence[str] | None) -> Sequence[str] | None:
        for pattern in value or ():
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
        return value

    def fits(self, name: str, rows: Sequence[Sequence[str]]) -> bool:
        """Say whether a file called `name` whose first rows are `rows` is meant."""
        if self.header is None and self.header_has is None and self.first_row is None:
            return False
        if self.file is not None and not fnmatch.fnmatch(name.lower(), self.file.lower()):
            return False
        if self.header is not None:
            wanted = [plain_name(cell) for cell in self.header]
            if not any(_trimmed([plain_name(cell) for cell in row]) == _trimmed(wanted) for row in rows[:30]):
                return False
        if self.header_has is not None:
            names = {plain_name(cell) for cell in self.header_has}
            if not any(names <= {plain_name(cell) for cell in row} for row in rows[:30]):
                return False
        if self.first_row is not None:
            row = next((row for row in rows if row), [])
            if len(row) != len(self.first_row):
                return False
            return all(re.fullmatch(pattern, cell.strip()) for pattern, cell in zip(self.first_row, row, strict=True))
        return True


def _trimmed(names: list[str]) -> list[str]:
    """Return `names` without the blank ones that a delimiter at the line's end makes."""
    while names and not names[-1]:
        names.pop()
    return names


class Numbers(_Strict):
    """How numbers are written; spaces, apostrophes and currency signs are always allowed between and around digits."""

    decimal: Literal[".", ",", "auto"] = "."
    thousands: Literal[".", ",", ""] | None = None

    @model_validator(mode="after")
    def _differ(self) -> Numbers:
        if self.thousands == self.decimal:
            raise ValueError(f"decimal and thousands are both {self.decimal!r}; they must differ")
        return self

    def style(self) -> NumberStyle:
        """Return the style; without a word on thousands, they use the sign that decimals do not."""
        other = "." if self.decimal == "," else ","
        return NumberStyle(decimal=self.decimal, thousands=other if self.thousands is None else self.thousands)


class Fields(_Strict):
    """Which column is what. `date` and either `amount` or `debit`/`credit` are needed; the rest as the file has it."""

    date: Columns
    amount: Column | None = None
    debit: Column | None = None
    credit: Column | None = None
    fee: Column | None = None
    sign: Column | None = None
    currency: Column | None = None
    account: Column | None = None
    part: Column | None = None
    id: Columns = ()
    counterparty: Columns = ()
    description: Columns = ()
    kind: Column | None = None
    balance: Column | None = None

    @model_validator(mode="after")
    def _enough(self) -> Fields:
        if self.amount is None and self.debit is None and self.credit is None:
            raise ValueError("name the column of the amount (`amount:`), or those of `debit:` and `credit:`")
        if self.amount is not None and (self.debit is not None or self.credit is not None):
            raise ValueError("give either `amount:` or `debit:` and `credit:`, not both")
        if self.sign is not None and self.amount is None:
            raise ValueError("`sign:` says which way an `amount:` went; with `debit:` and `credit:` it has no use")
        if not self.date:
            raise ValueError("name the column of the date")
        numbers = [column for column in self.named() if isinstance(column, int)]
        if any(number < 1 for number in numbers):
            raise ValueError("columns given by number are counted from 1")
        return self

    def named(self) -> list[Column]:
        """Return every column that is used."""
        single = (
            self.amount,
            self.debit,
            self.credit,
            self.fee,
            self.sign,
            self.currency,
            self.account,
            self.part,
            self.kind,
        )
        columns = [*self.date, *self.id, *self.counterparty, *self.description]
        return columns + [column for column in (*single, self.balance) if column is not None]


class Profile(_Strict):
    """How to read one bank's files."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,60}$")]
    summary: str = ""
    match: Match | None = None
    encoding: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    quote: Literal['"', "'", "none"] = '"'
    skip: Annotated[int, Field(ge=0, le=1000)] = 0
    above: Above = Above()
    legs: tuple[Leg, ...] = ()
    columns: Fields
    optional: Words = ()
    unnamed: bool = False
    dates: Words
    numbers: Numbers = Numbers()
    sign: Sign = Sign.AS_WRITTEN
    in_words: Words = ()
    out_words: Words = ()
    currency: Annotated[str, Field(pattern=_ASSET)] | None = None
    assets: Mapping[str, Annotated[str, Field(pattern=_ASSET)]] = Field(default_factory=dict)
    kinds: Mapping[str, FlowClass] = Field(default_factory=dict)
    skip_rows: Mapping[Column, Words] = Field(default_factory=dict)
    pending: Mapping[Column, Words] = Field(default_factory=dict)
    balances: BalanceCheck = BalanceCheck.ROWS
    account_kind: AccountKind | None = None
    main_part: Words = ()
    #: What the sides of one trade share; they become a trade.
    trades: Columns = ()
    rounding: Annotated[Decimal, Field(ge=0, lt=1000)] | None = None

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                codecs.lookup(value)
            except LookupError:
                raise ValueError(f"{value!r} is not an encoding Python knows; try utf-8, cp1252 or cp1250") from None
        return value

    @field_validator("dates")
    @classmethod
    def _dates(cls, value: Sequence[str]) -> Sequence[str]:
        if not value:
            raise ValueError('give at least one date format, such as "%d.%m.%Y"')
        if tuple(value) == (AUTO,):
            return value
        for text in value:
            check_format(text)
        return value

    @model_validator(mode="after")
    def _together(self) -> Profile:
        if (self.columns.sign is None) != (not self.in_words and not self.out_words):
            raise ValueError("`columns: {sign: …}` and `in_words`/`out_words` belong together; give both or neither")
        if self.trades and self.columns.kind is None:
            raise ValueError("`trades` needs `columns: {kind: …}`, and `kinds` that say which rows are fx or fees")
        if self.kinds and self.columns.kind is None:
            raise ValueError("`kinds` needs `columns: {kind: …}`: the column whose values it maps")
        return self

    @property
    def by_name(self) -> bool:
        """Say whether columns are found by a header row; without one every column is given by its number."""
        others = [*self.skip_rows, *self.pending, *(column for leg in self.legs for column in leg.named())]
        return any(isinstance(column, str) for column in (*self.columns.named(), *others))
