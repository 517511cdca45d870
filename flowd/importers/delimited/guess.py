"""Guessing a profile from a file's rows: by what its columns are called and by what they hold, said in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from flowd.api import FileRefused, Hints
from flowd.importers.delimited.above import ibans
from flowd.importers.delimited.amounts import POINT, NumberStyle, StyleFound, StyleVotes
from flowd.importers.delimited.columns import Chosen, choose
from flowd.importers.delimited.dateorder import DatesFound, decide_dates
from flowd.importers.delimited.dates import compile_date
from flowd.importers.delimited.months import fold
from flowd.importers.delimited.names import (
    Role,
    currency_in_amount,
    currency_in_header,
    is_currency,
    plain_name,
    words,
)
from flowd.importers.delimited.profile import AUTO, Above, Column, Fields, Numbers, Profile, Sign
from flowd.importers.delimited.sheet import ColumnSeen, Row, Sheet

#: Currencies that are words of headings, too.
_WORDS = {"ALL", "COP", "MAD", "PEN", "TRY"}
#: After so many rows without a date nobody looks on for what dates and amounts are like.
_IDLE = 20_000
#: Below this a guess is not used: the file is refused with the words and a profile to complete.
ENOUGH = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A profile that was guessed, in words what was taken for what, and how sure (0 to 1)."""

    profile: Profile
    words: tuple[str, ...]
    sure: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NoGuess:
    """Why no profile could be guessed."""

    reason: str


def guess(sheet: Sheet, encoding: str, hints: Hints, all_rows: Iterable[Row] | None = None) -> Guess | NoGuess:
    """Return how to read the file that begins as `sheet`; `all_rows` are asked where it leaves doubt."""
    chosen = choose(sheet)
    if isinstance(chosen, str):
        return NoGuess(reason=chosen)
    style, dates, unique = _evidence(sheet, chosen, all_rows, hints)
    if style.style is None:
        return NoGuess(reason=style.why)
    if dates.format is None:
        return NoGuess(reason=dates.why)
    several = _several(chosen)
    if several:
        return NoGuess(reason=f"its amounts are of several currencies in one column ({several})")
    namer = _Namer(sheet)
    currency, currency_why = _currency(sheet, chosen)
    fields = Fields(
        date=(namer(chosen.date),),
        amount=namer.maybe(chosen.amount),
        debit=namer.maybe(chosen.debit),
        credit=namer.maybe(chosen.credit),
        fee=namer.maybe(chosen.fee),
        sign=namer.maybe(chosen.sign),
        currency=namer.maybe(chosen.currency),
        account=namer.maybe(chosen.account),
        id=(namer(chosen.id),) if chosen.id is not None and unique else (),
        counterparty=tuple(map(namer, chosen.counterparty)),
        description=tuple(map(namer, chosen.description)),
        balance=namer.maybe(chosen.balance),
    )
    dead, pending = _status(sheet, namer)
    texts = {fold(cell.strip()) for column in chosen.description for cell in column.distinct}
    if texts & set(words().sums):
        dead |= {namer(column): words().sums for column in chosen.description}
    own = _iban_above(sheet) if chosen.account is None and not hints.insists else None
    profile = Profile(
        name="guessed",
        encoding=encoding,
        delimiter=sheet.delimiter,
        quote=sheet.quote,
        skip=0 if sheet.header_at is not None else sheet.first_data,
        above=Above(account=f"({' ?'.join(own)})") if own is not None else Above(),
        columns=fields,
        dates=(dates.format,),
        numbers=_numbers(style.style),
        sign=_sign(chosen),
        in_words=tuple(sorted(chosen.in_words)),
        out_words=tuple(sorted(chosen.out_words)),
        currency=currency,
        skip_rows=dead,
        pending=pending,
    )
    said = (
        f"{_DELIMITERS.get(sheet.delimiter, repr(sheet.delimiter))} between columns",
        f"header in row {sheet.header_at + 1}" if sheet.header_at is not None else "no header row",
        *_columns_in_words(profile),
        *chosen.words,
        dates.why,
        style.why,
        *([currency_why] if currency_why else []),
        *([f"account {own}, from the lines above the table"] if own is not None else []),
    )
    return Guess(profile=profile, words=said, sure=min(chosen.sure, style.sure, dates.sure))


def settle(
    profile: Profile, sheet: Sheet | None, hints: Hints, all_rows: Callable[[Sheet], Iterable[Row]]
) -> tuple[Profile, str]:
    """Return `profile` with the date format and the decimal sign it leaves to the file, and why; else FileRefused."""
    fields = profile.columns

    def seen(column: Column | None) -> ColumnSeen | None:
        columns = sheet.columns if sheet is not None and column is not None else ()
        return next((one for one in columns if column in (one.name, one.index + 1)), None)

    date = seen(fields.date[0])
    if sheet is None or date is None:
        raise FileRefused(f"the file has no rows with a date in the column {fields.date[0]!r}; nothing to import")
    chosen = Chosen(date=date, amount=seen(fields.amount), debit=seen(fields.debit), credit=seen(fields.credit))
    style, dates, _ = _evidence(sheet, chosen, all_rows(sheet), hints)
    said: list[str] = []
    if AUTO in profile.dates:
        if dates.format is None:
            raise FileRefused(f"{dates.why}; give their format in a profile (`dates:`)")
        profile = profile.model_copy(update={"dates": tuple(dict.fromkeys([dates.format, *profile.dates]))})
        profile = profile.model_copy(update={"dates": tuple(form for form in profile.dates if form != AUTO)})
        said.append(dates.why)
    if profile.numbers.decimal == AUTO:
        if style.style is None:
            raise FileRefused(f"{style.why}; give the decimal sign in a profile (`numbers:`)")
        profile = profile.model_copy(update={"numbers": _numbers(style.style)})
        said.append(style.why)
    return profile, "; ".join(said)


def _sign(chosen: Chosen) -> Sign:
    if chosen.plus:
        return Sign.PLUS_IN
    return Sign.BY_COLUMN if chosen.by_column else Sign.INVERTED if chosen.inverted else Sign.AS_WRITTEN


_DELIMITERS = {";": "semicolons", ",": "commas", "\t": "tabs", "|": "bars"}


class _Namer:
    """Names a column the way a person would: by its header if that is unmistakable, else by its number from 1."""

    def __init__(self, sheet: Sheet) -> None:
        names = [plain_name(column.name) for column in sheet.columns]
        self._names: list[Column] = [
            column.name if name and names.count(name) == 1 and sheet.header_at is not None else column.index + 1
            for column, name in zip(sheet.columns, names, strict=True)
        ]

    def __call__(self, column: ColumnSeen) -> Column:
        return self._names[column.index]

    def maybe(self, column: ColumnSeen | None) -> Column | None:
        return None if column is None else self._names[column.index]


def _numbers(style: NumberStyle) -> Numbers:
    return Numbers() if style == POINT else Numbers(decimal=",")


def _columns_in_words(profile: Profile) -> list[str]:
    fields = profile.columns
    out = []
    for what in ("date", "amount", "debit", "credit", "sign", "balance", "currency", "account", "id"):
        value = getattr(fields, what)
        if value not in (None, ()):
            named = value[0] if isinstance(value, tuple) else value
            out.append(f"{what}: {f'column {named}' if isinstance(named, int) else repr(named)}")
    return out


def _evidence(
    sheet: Sheet, chosen: Chosen, all_rows: Iterable[Row] | None, hints: Hints
) -> tuple[StyleFound, DatesFound, bool]:
    """Decide decimal sign, date order and whether ids are unique: from the sheet, else from every row there is."""
    votes = StyleVotes()
    money = [column for column in (chosen.amount, chosen.debit, chosen.credit) if column is not None]
    for column in money:
        for cell in column.distinct:
            votes.add(cell)
    if votes.open and not votes.settled and chosen.balance is not None:
        for cell in chosen.balance.distinct:
            votes.add(cell)
    formats = list(chosen.date.formats)
    texts = dict.fromkeys(chosen.date.filled)
    ids = set(chosen.id.filled) if chosen.id is not None else set()
    unique = chosen.id is None or len(ids) == len(chosen.id.filled)
    open_style, open_dates, open_id = not votes.settled, len(formats) > 1, chosen.id is not None and unique
    if all_rows is not None and (open_style or open_dates or open_id):
        places, day = [column.index for column in money], chosen.date.index
        seen: set[int] = set()
        dated = compile_date(formats)
        idle = 0
        for row in all_rows:
            # Lines above and below the table have their own dates and sums, which say nothing of its columns.
            if len(row) <= day or dated(row[day]) is None:
                idle += 1
                if idle > _IDLE:
                    break  # the reader will say what is wrong
                continue
            idle = 0
            if open_style:
                for place in places:
                    if place < len(row):
                        votes.add(row[place])
                open_style = not votes.settled
            if open_dates and len(texts) < 50_000 and len(row[day]) < 64:
                texts.setdefault(row[day].strip())
            if open_id and chosen.id is not None and chosen.id.index < len(row):
                # Hashes, not texts: a million of them stay small, and one clash in 10^7 files only costs the ids.
                mark = hash(row[chosen.id.index].strip())
                unique = mark not in seen
                seen.add(mark)
                open_id = unique and len(seen) < 200_000
            if not open_style and not open_id and not open_dates:
                break
    style = votes.decide(sheet.delimiter)
    return style, decide_dates(list(texts), formats, sheet, chosen.date, style, hints), unique


def _several(chosen: Chosen) -> str:
    """Return the currencies that amounts of one column are written with, where they are more than one."""
    for column in (chosen.amount, chosen.debit, chosen.credit):
        codes = {currency_in_amount(cell) for cell in (column.distinct if column is not None else ())} - {None}
        if len(codes) > 1:
            return ", ".join(sorted(map(str, codes)))
    return ""


def _currency(sheet: Sheet, chosen: Chosen) -> tuple[str | None, str]:
    """Return the one currency the file names outside a column, and where it was seen."""
    if chosen.currency is not None:
        return None, ""
    money = [column for column in (chosen.amount, chosen.credit, chosen.debit, chosen.balance) if column is not None]
    for column in money:
        code = currency_in_header(column.name)
        if code:
            return code, f"currency {code}, from the header {column.name!r}"
    for column in money:
        codes = {currency_in_amount(cell) for cell in column.distinct}
        if len(codes) == 1 and (code := codes.pop()):
            return code, f"currency {code}, from the amounts"
    above = {cell.strip().upper() for row in sheet.before for cell in row if is_currency(cell.strip())}
    for cell in (cell[:200] for row in sheet.before[:100] for cell in row):
        above |= {word for word in re.findall(r"\b[A-Z]{3}\b", cell) if is_currency(word)} - _WORDS
    if len(above) == 1:
        code = above.pop()
        return code, f"currency {code}, from the lines above the table"
    return None, ""


def _iban_above(sheet: Sheet) -> str | None:
    """Return the one IBAN that the lines above the table name, compact."""
    found = ibans(sheet.before[:100])
    return found.pop() if len(found) == 1 else None


def _status(sheet: Sheet, namer: _Namer) -> tuple[dict[Column, tuple[str, ...]], dict[Column, tuple[str, ...]]]:
    dead: dict[Column, tuple[str, ...]] = {}
    pending: dict[Column, tuple[str, ...]] = {}
    for column in sheet.columns:
        if column.says(Role.STATUS) < 0.9:
            continue
        if plain_name(column.name) == "storno":
            dead[namer(column)] = ("ano", "ja", "yes", "true", "1", "x", "s", "storno")
        else:
            dead[namer(column)] = words().dead
            pending[namer(column)] = words().pending
    return dead, pending


def file_name(file: object) -> str:
    """Return the name of an open file without its folders; empty if it has none."""
    name = getattr(file, "name", "")
    return PurePath(name).name if isinstance(name, str) else ""


def in_words(words: Sequence[str]) -> str:
    """Join what was guessed into one line."""
    return "; ".join(words)
