"""Which column of a sheet is what: its header's word first, then what its cells can be."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flowd.importers.delimited.beyond import beyond_guessing
from flowd.importers.delimited.directions import may_say_it, speaks_of_money_out, told_by_words
from flowd.importers.delimited.money import (
    best_of,
    counts_spending,
    find_fee,
    find_money,
    find_sign,
    has_minus,
    is_money_out,
    marks_money_in,
)
from flowd.importers.delimited.months import fold
from flowd.importers.delimited.names import Role, is_currency, plain_name, words
from flowd.importers.delimited.sheet import ColumnSeen, Sheet

#: The day an account counts by, among the days a row states.
_BOOKED = re.compile(
    r"\b(post|posted|posting|booked|booking|settled|clearing|buchung\w*|boek\w*|comptab\w*|contab\w*|ksiegowania|"
    r"zauctovan\w*|bokfor\w*|bogfor\w*|reskontra\w*|kirjaus\w*|konyvel\w*|knjizenja|completed)\b"
)
_CODE = re.compile(r"[A-Z0-9]*[A-Z][A-Z0-9]*")
_SIDE = re.compile(
    r"^(asset|coin|fiat|crypto|base|quote)\b|\b(asset|coin)$|^(sent|received|buy|sell|from|to) (currency|asset)$"
)
_NUMBERED = re.compile(r"([A-Z]{2}\d|\d)[A-Z0-9 ./*-]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The columns that were chosen, and what has to be said about the choice."""

    date: ColumnSeen
    amount: ColumnSeen | None = None
    debit: ColumnSeen | None = None
    credit: ColumnSeen | None = None
    fee: ColumnSeen | None = None
    sign: ColumnSeen | None = None
    in_words: frozenset[str] = frozenset()
    out_words: frozenset[str] = frozenset()
    inverted: bool = False
    plus: bool = False
    by_column: bool = False
    balance: ColumnSeen | None = None
    currency: ColumnSeen | None = None
    account: ColumnSeen | None = None
    id: ColumnSeen | None = None
    counterparty: Sequence[ColumnSeen] = ()
    description: Sequence[ColumnSeen] = ()
    sure: float = 1.0
    words: Sequence[str] = ()


def choose(sheet: Sheet) -> Chosen | str:
    """Return which column is what; in words what is missing where that cannot be told."""
    date = _date(sheet)
    if date is None:
        return "no column holds a date in every row"
    currency = _currency(sheet)
    if _swaps(sheet):
        return "its rows move one asset for another (an exchange's file); a guess would tell one side of each only"
    beyond = beyond_guessing(sheet, currency)
    if beyond is not None:
        return beyond
    taken = {date.index} | ({currency.index} if currency is not None else set())
    money = find_money(sheet, taken)
    if isinstance(money, str):
        return money
    taken |= {column.index for column in (money.amount, money.debit, money.credit, money.balance) if column}
    if currency is not None and money.amount is not None:
        currency = _beside(sheet, currency, money.amount)
        taken.add(currency.index)
    sign, inverted, fee, plus = None, money.inverted, None, False
    inn: frozenset[str] = frozenset()
    out: frozenset[str] = frozenset()
    sure, said = money.sure, money.words
    if money.amount is not None:
        fee = find_fee(sheet, money)
        plus = marks_money_in(money)
        if plus:
            said.append("only amounts with a plus or CR are money in")
        elif not inverted and counts_spending(sheet, money):
            inverted, sure = True, min(sure, 0.75)
            said.append("ASSUMED money out where amounts are positive, because payments and refunds are negative")
        elif not inverted and not any(has_minus(cell) for cell in money.amount.distinct):
            found = find_sign(sheet, taken)
            words_of = told_by_words(sheet, taken) if found is None else None
            if found is not None:
                sign, inn, out = found
                taken.add(sign.index)
            elif words_of is not None:
                # the column stays a text as well: it says more than which way money went
                sign, inn, out = words_of
                sure = min(sure, 0.7)
                said.append(f"ASSUMED money out in rows of {_some(out)}, money in in those of {_some(inn)}")
            else:
                inverted, certainty, why = is_money_out(sheet, money)
                word = speaks_of_money_out(sheet, taken) if not inverted else None
                if word is not None:
                    certainty = 0.4
                    why = f"all amounts are positive, but some rows speak of money out ({word!r})"
                elif not inverted and 0.5 <= certainty < 0.6 and (other := may_say_it(sheet, taken)) is not None:
                    certainty = 0.4
                    why = (
                        f"all amounts are positive, and {other!r} may say which way money went in words not known here"
                    )
                sure = min(sure, certainty)
                said.append(why)
        elif not inverted and money.balance is None and _mostly_in(money.amount):
            sure = min(sure, 0.7)
            said.append("ASSUMED that a minus marks money out, though most amounts have none")
    account = _account(sheet, taken)
    identity = _id(sheet, taken)
    taken |= {column.index for column in (account, identity, fee) if column is not None}
    counterparty, description = _texts(sheet, taken)
    return Chosen(
        date=date, amount=money.amount, debit=money.debit, credit=money.credit, fee=fee, sign=sign, in_words=inn,
        out_words=out, inverted=inverted, plus=plus, by_column=money.by_column, balance=money.balance,
        currency=currency, account=account, id=identity, counterparty=counterparty, description=description,
        sure=sure, words=said,
    )  # fmt: skip


def _date(sheet: Sheet) -> ColumnSeen | None:
    dates = [column for column in sheet.columns if column.formats and len(column.filled) >= 0.5 * len(column.cells)]
    full = [column for column in dates if column.is_full] or dates

    def score(column: ColumnSeen) -> float:
        named = max(column.says(Role.DATE), 0.5 * column.says(Role.VALUE_DATE))
        booked = 0.15 if column.is_full and _BOOKED.search(plain_name(column.name)) else 0.0
        tight = any(cell.isdigit() for cell in column.distinct)
        other = 0.3 if column.roles and not named else 0.0
        return 0.5 + named + booked - other - (0.2 if tight and not named else 0.0)

    return best_of(full, score)


def _currency(sheet: Sheet) -> ColumnSeen | None:
    codes = [column for column in sheet.columns if column.filled and _names_assets(column)]

    def score(column: ColumnSeen) -> float:
        if column.says(Role.FOREIGN):
            return 0.0
        return 0.4 + column.says(Role.CURRENCY) + (0.2 if column.is_full else 0.0)

    return best_of(codes, score)


def _names_assets(column: ColumnSeen) -> bool:
    """Say whether the cells are currencies; under a name that says so, any short code is one, such as a coin's."""
    if all(is_currency(cell) for cell in column.distinct):
        return True
    return column.says(Role.CURRENCY) >= 0.9 and all(_CODE.fullmatch(cell) for cell in column.distinct)


def _beside(sheet: Sheet, currency: ColumnSeen, amount: ColumnSeen) -> ColumnSeen:
    """Return which of several columns of currencies is that of `amount`: the one that shares its name, or the next."""
    named = [column for column in sheet.columns if column.is_full and _names_assets(column)]
    if currency.is_full and all(column.cells == currency.cells for column in named):
        return currency
    own = set(plain_name(amount.name).split()) - {"amount", "currency"}
    alike = [column for column in named if own & set(plain_name(column.name).split())]
    near = [column for column in named if abs(column.index - amount.index) == 1]
    return alike[0] if len(alike) == 1 else near[0] if len(near) == 1 and not alike else currency


def _swaps(sheet: Sheet) -> bool:
    """Say whether rows name two assets, as those of an exchange do."""
    sides = [
        column
        for column in sheet.columns
        if column.filled and _names_assets(column) and _SIDE.search(plain_name(column.name))
    ]
    return any(one.cells != two.cells for one in sides for two in sides)


def _mostly_in(amount: ColumnSeen) -> bool:
    """Say whether far more amounts are without a minus than with one, as on a card's list of purchases."""
    below = sum(map(has_minus, amount.filled))
    return 0 < 2 * below <= len(amount.filled) - below


def _some(words: Collection[str]) -> str:
    return ", ".join(map(repr, sorted(words)[:4])) + (", …" if len(words) > 4 else "")


def _account(sheet: Sheet, taken: set[int]) -> ColumnSeen | None:
    columns = [column for column in sheet.columns if column.index not in taken and column.is_full]
    few = [
        column
        for column in columns
        if len(column.distinct) <= max(min(2, len(column.cells) - 1), 1, len(column.cells) // 3)
    ]
    return best_of(few, lambda column: column.says(Role.ACCOUNT) - (0.7 if column.says(Role.ACCOUNT) else 0.0))


def _id(sheet: Sheet, taken: set[int]) -> ColumnSeen | None:
    columns = [column for column in sheet.columns if column.index not in taken and column.is_full]
    single = [column for column in columns if len(column.distinct) == len(column.cells)]
    return best_of(single, lambda column: max(0.0, column.says(Role.ID) - 0.7))


def _texts(sheet: Sheet, taken: set[int]) -> tuple[list[ColumnSeen], list[ColumnSeen]]:
    free = [column for column in sheet.columns if column.index not in taken]

    def names_other(column: ColumnSeen) -> float:
        # "Name" alone is often the account's own holder; a longer title says whose name it is.
        plain = 0.3 if plain_name(column.name) in {"name", "naam", "nom", "navn", "namn", "nimi", "customer"} else 0.0
        said = column.says(Role.COUNTERPARTY)
        if column.filled and all(_NUMBERED.match(cell) for cell in column.distinct):
            plain = 0.4
        return said - plain + (0.05 if column.filled else 0.0) if said else 0.0

    who = best_of(free, names_other)
    # Where payer and payee stand side by side, one of them is the account's holder; together they name the other.
    both = [column for column in free if names_other(column) > 0.75]
    people = both if len(both) == 2 and who in both else [who] if who is not None else []
    signs = frozenset().union(*(inn | out for inn, out in words().signs))
    said = [
        column
        for column in free
        if column.says(Role.DESCRIPTION) and not (column.filled and {fold(cell) for cell in column.distinct} <= signs)
    ]
    if said or people:
        return people, said
    wordy = [
        column
        for column in free
        if column.filled
        and not column.is_amount
        and not column.formats
        and not (column.roles and sheet.header_at is not None)
        and any(re.search(r"[^\W\d_]{3}", cell) for cell in column.distinct)
        and not all(is_currency(cell) for cell in column.distinct)
    ]
    return [], [column for column in wordy if plain_name(column.name) or sheet.header_at is None] or wordy
