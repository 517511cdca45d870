"""Which columns money stands in, and which way it went: by name, else by content and by the balance."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from flowd.importers.delimited.amounts import NumberStyle, StyleVotes, is_marked_in, parse_amount
from flowd.importers.delimited.directions import signs_of_two
from flowd.importers.delimited.months import fold
from flowd.importers.delimited.names import Role, plain_name, words
from flowd.importers.delimited.sheet import ColumnSeen, Sheet

#: What a card's statement says where the card was paid off: in another account such a line would be money in.
_PAID_OFF = re.compile(
    r"thank you|^payments?$|auto ?pay|(payment|zahlung|paiement|pago|betaling|pagamento|platba|inbetalning|indbetaling)"
    r" (received|erhalten|re[cç]u|recibido|recebido|efetuado|ontvangen|ricevuto|prijata|mottagen|modtaget)",
    re.IGNORECASE,
)


_GIVEN_BACK = re.compile(
    r"refund|credit|gutschrift|erstattung|remboursement|abono|terugbetaling|rimborso", re.IGNORECASE
)


#: What a column is called whose numbers hold everything.
_TOTAL = re.compile(r"\b(total|net|netto|neto|paid|auszahlung|gesamt)\b")


#: What was charged to the account, beside what was paid in another currency.
_OWN = re.compile(r"\b(billing|billed|booked|charged|settled|account currency|verrechnungsbetrag|buchungsbetrag)\b")
#: What counts pieces or says what one costs, and not what was paid.
_COUNT = re.compile(
    r"\b(quantity|qty|shares|units|stuck|stueck|anzahl|aantal|antal|nominale?|pieces|cantidad|quantita|quantite|"
    r"per share|per unit|share price|unit price|mcc|no of)\b"
)


_CARD = re.compile(r"\b(card|visa|mastercard|amex|kreditkarte|kredietkaart|creditcard|carte|tarjeta)\b", re.IGNORECASE)


@dataclass(kw_only=True)
class Money:
    """The columns money stands in, while they are being chosen."""

    amount: ColumnSeen | None = None
    debit: ColumnSeen | None = None
    credit: ColumnSeen | None = None
    balance: ColumnSeen | None = None
    inverted: bool = False
    by_column: bool = False
    #: Whether a fee was taken off it, as those who sell something have it.
    net: bool = False
    sure: float = 1.0
    words: list[str]


def best_of(columns: Sequence[ColumnSeen], score: Callable[[ColumnSeen], float]) -> ColumnSeen | None:
    """Return the column with the highest score above zero; the leftmost of equals."""
    scored = [(score(column), -column.index, column) for column in columns]
    top = max(scored, key=lambda item: item[:2], default=None)
    return top[2] if top is not None and top[0] > 0 else None


def _value(cell: str, style: NumberStyle) -> Decimal | None:
    return parse_amount(cell, style) if cell.strip() else None


def _style(columns: Sequence[ColumnSeen]) -> NumberStyle:
    votes = StyleVotes()
    for column in columns:
        for cell in column.distinct:
            votes.add(cell)
    return votes.decide(";").style or NumberStyle()


def has_minus(cell: str) -> bool:
    """Say whether the amount `cell` states a direction: below zero, or marked as money in."""
    value = parse_amount(cell, NumberStyle(decimal=",", thousands=".")) or parse_amount(cell, NumberStyle())
    return (value is not None and value < 0) or bool(re.search(r"^\s*\+|\bCR\b", cell))


def marks_money_in(money: Money) -> bool:
    """Say whether some amounts are marked as money in while the others have no sign at all, as card statements do."""
    assert money.amount is not None
    marked = [is_marked_in(cell) for cell in money.amount.filled]
    bare = [not re.search(r"[-−–(]|\bDR\b|DR$", cell, re.IGNORECASE) for cell in money.amount.filled]
    return any(marked) and all(bare) and not all(marked)


def find_money(sheet: Sheet, taken: set[int]) -> Money | str:
    """Return the columns of money among those not `taken`; in words why there are none."""
    numeric = [column for column in sheet.columns if column.index not in taken and column.is_amount]
    money = (Role.AMOUNT, Role.DEBIT, Role.CREDIT, Role.BALANCE)
    numeric = [column for column in numeric if not column.formats or any(map(column.says, money))]
    numeric = [column for column in numeric if not _COUNT.search(plain_name(column.name))] or numeric
    if not numeric:
        return "no column holds amounts"
    named = _named_money(sheet, numeric, taken)
    if named is not None:
        return named
    return _unnamed_money(sheet, numeric)


def _named_money(sheet: Sheet, numeric: list[ColumnSeen], taken: set[int]) -> Money | None:
    balance = best_of(numeric, lambda column: column.says(Role.BALANCE))

    def worth(column: ColumnSeen) -> float:
        # A foreign or partly empty column is not what the account was charged.
        own = 0.1 if _OWN.search(plain_name(column.name)) else 0.0
        full = 0.05 + own if column.is_full else -0.3
        return column.says(Role.AMOUNT) + full + (0.02 if column.has_decimals else 0)

    amounts = [column for column in numeric if column.says(Role.AMOUNT) and column is not balance]
    net = _net(numeric, balance)
    amount = net or best_of(amounts, worth)
    # In a short file one of the two may be blank throughout, so blank columns count by their names.
    either = [
        column for column in sheet.columns if column.index not in taken and (column.is_amount or not column.filled)
    ]
    debit = best_of(either, lambda column: column.says(Role.DEBIT))
    credit = best_of(either, lambda column: column.says(Role.CREDIT))
    if debit is credit:
        credit = None
    if debit is not None and credit is not None and _apart(debit, credit):
        signed = amount is not None and amount.is_full and any(has_minus(cell) for cell in amount.distinct)
        if not signed:
            by_column, inverted, said = signs_of_two(debit, credit)
            return Money(
                debit=debit, credit=credit, balance=balance, by_column=by_column, inverted=inverted, words=[*said]
            )
    if amount is not None and amount.is_full:
        return Money(amount=amount, balance=balance, net=net is not None, words=[])
    paid_out = credit is None and debit is not None and debit is not amount and bool(debit.filled)
    if amount is not None and debit is not None and paid_out and _apart(debit, amount):
        # A platform that states what it took in, and in other rows what it paid out.
        return Money(debit=debit, credit=amount, balance=balance, words=["rows without an amount state money out"])
    if amount is not None and len(amount.filled) >= 0.5 * len(amount.cells):
        return Money(amount=amount, balance=balance, words=["rows without an amount are left out"])
    single = debit or credit
    if single is not None and single.filled and amount is None:
        minus = sum(has_minus(cell) for cell in single.distinct)
        if single is debit and 0 < minus < len(single.distinct):
            if balance is not None and len(single.cells) > 2:
                style = _style([single, balance])
                if chain(single.cells, balance.cells, style) > 0.9:
                    return Money(amount=debit, balance=balance, words=["the balance follows from the amounts"])
            return Money(amount=debit, inverted=True, balance=balance, words=["a minus among money out is money back"])
        found = Money(debit=debit, credit=credit if debit is None else None, balance=balance, words=[])
        if balance is not None and len(single.cells) > 2:
            style = _style([single, balance])
            turned = [f"-{cell.strip()}" for cell in single.cells]
            if not max(chain(single.cells, balance.cells, style), chain(turned, balance.cells, style)):
                found.sure, found.words = 0.4, ["the balance does not follow from it on any row"]
        return found
    return None


def _net(numeric: Sequence[ColumnSeen], balance: ColumnSeen | None) -> ColumnSeen | None:
    """Return the amount that is left after a fee, where gross, fee and net stand side by side."""
    for fee in numeric:
        if (
            not fee.says(Role.FEE)
            or fee.says(Role.AMOUNT)
            or not any(re.search("[1-9]", cell) for cell in fee.distinct)
        ):
            continue
        others = [
            column
            for column in numeric
            if column not in (fee, balance)
            and not (column.says(Role.FOREIGN) or column.says(Role.FEE))
            and (column.says(Role.AMOUNT) or column.has_decimals)
        ]
        for gross in others:
            for net in others:
                style = _style([gross, net])
                rows = [
                    tuple(_value(cell, style) or Decimal() for cell in row)
                    for row in zip(gross.cells, fee.cells, net.cells, strict=True)
                ]
                if gross is not net and net.is_full and all(g - abs(f) == n for g, f, n in rows):
                    total = _TOTAL.search(plain_name(gross.name)) and not _TOTAL.search(plain_name(net.name))
                    return gross if total else net
    return None


def _apart(debit: ColumnSeen, credit: ColumnSeen) -> bool:
    """Say whether each row has one of the two (a zero counts as none)."""

    def blank(cell: str) -> bool:
        return not re.search(r"[1-9]", cell)

    pairs = list(zip(debit.cells, credit.cells, strict=True))
    return sum(blank(one) != blank(two) for one, two in pairs) >= 0.8 * len(pairs)


def _unnamed_money(sheet: Sheet, numeric: list[ColumnSeen]) -> Money | str:
    avoid = (Role.BALANCE, Role.FOREIGN, Role.RATE, Role.ID, Role.ACCOUNT, Role.OTHER_ACCOUNT, Role.FEE, Role.CURRENCY)
    free = [column for column in numeric if not any(column.says(role) for role in avoid)]
    money = [column for column in free if column.has_decimals or column.has_signs]
    if not money:
        money = [column for column in free if max(len(cell) for cell in column.distinct) <= 9]
    if not money:
        return "no column holds amounts of money"
    style = _style(money)
    full = [column for column in money if column.is_full]
    for one, two in ((one, two) for one in full for two in full if one is not two):
        if len(one.cells) > 2 and chain(one.cells, two.cells, style) > 0.9:
            return Money(amount=one, balance=two, sure=0.9, words=["the balance follows from the amounts"])
    halves = [column for column in money if not column.is_full]
    for one, two in pairwise(halves):
        if two.index - one.index == 1 and _apart(one, two):
            return _two_ways(sheet, one, two, full, style)
    if full:
        best = max(full, key=lambda column: (column.has_signs, column.has_decimals, -column.index))
        sure = 0.8 if len(full) == 1 or best.has_signs else 0.4 if sheet.header_at is not None else 0.55
        return Money(amount=best, sure=sure, words=["the amount's column was told by its content"])
    most = max(money, key=lambda column: len(column.filled))
    if len(most.filled) >= 0.5 * len(most.cells):
        return Money(amount=most, sure=0.6, words=["the amount's column was told by its content"])
    return "no column holds an amount in every row"


def _two_ways(sheet: Sheet, one: ColumnSeen, two: ColumnSeen, full: Sequence[ColumnSeen], style: NumberStyle) -> Money:
    for debit, credit in ((one, two), (two, one)):
        net = [
            str((_value(inn, style) or Decimal()) - abs(_value(out, style) or Decimal()))
            for out, inn in zip(debit.cells, credit.cells, strict=True)
        ]
        for balance in full:
            texts = [str(_value(cell, style) or 0) for cell in balance.cells]
            if len(net) > 2 and chain(net, texts, NumberStyle()) > 0.9:
                return Money(
                    debit=debit, credit=credit, balance=balance, sure=0.9, words=["out and in told by the balance"]
                )
    # People pay more often than they are paid.
    debit, credit = (one, two) if len(one.filled) > len(two.filled) else (two, one)
    clear = len(debit.filled) >= 2 * len(credit.filled) and len(sheet.data) >= 10
    return Money(
        debit=debit,
        credit=credit,
        sure=0.65 if clear else 0.4,
        words=[
            f"two columns of amounts without names: ASSUMED that column {debit.index + 1}, the fuller one, is money out"
        ],
    )


def chain(amounts: Sequence[str], balances: Sequence[str], style: NumberStyle) -> float:
    """Return the share of rows whose balance follows from their neighbour's by their amount, read down or up."""
    pairs = [(_value(a, style), _value(b, style)) for a, b in zip(amounts, balances, strict=True)]
    down = up = steps = 0
    for (a1, b1), (a2, b2) in pairwise(pairs):
        if a1 is None or a2 is None or b1 is None or b2 is None:
            continue
        steps += 1
        down += b1 + a2 == b2
        up += b2 + a1 == b1
    return max(down, up) / steps if steps else 0.0


def find_fee(sheet: Sheet, money: Money) -> ColumnSeen | None:
    """Return the column of a fee that is taken off besides the amount, where the balances prove it."""
    if money.amount is None or money.balance is None:
        return None
    for column in sheet.columns:
        if column.says(Role.FEE) < 0.9 or not column.is_amount:
            continue
        style = _style([money.amount, money.balance, column])
        net = [
            str((_value(a, style) or Decimal()) - (_value(f, style) or Decimal()))
            for a, f in zip(money.amount.cells, column.cells, strict=True)
        ]
        texts = [str(_value(cell, style) or 0) for cell in money.balance.cells]
        plain = [str(_value(cell, style) or 0) for cell in money.amount.cells]
        if chain(net, texts, NumberStyle()) > chain(plain, texts, NumberStyle()):
            return column
    return None


def find_sign(sheet: Sheet, taken: set[int]) -> tuple[ColumnSeen, frozenset[str], frozenset[str]] | None:
    """Return the column of words that say which way money went, with its words for in and out."""
    candidates = [column for column in sheet.columns if column.index not in taken and column.is_full]
    candidates.sort(key=lambda column: -column.says(Role.SIGN))
    for column in candidates:
        seen = {fold(cell) for cell in column.distinct}
        if len(seen) > 4:
            continue
        for inn, out in words().signs:
            # One word alone says something only under a name that does; else it would be chance.
            if seen <= inn | out and (column.says(Role.SIGN) or (seen & inn and seen & out)):
                return column, inn, out
    return None


def is_money_out(sheet: Sheet, money: Money) -> tuple[bool, float, str]:
    """Say whether amounts that are all positive are money out, how sure that is, and why."""
    assert money.amount is not None
    if money.balance is not None and len(sheet.data) > 1:
        style = _style([money.amount, money.balance])
        down = [f"-{cell.strip()}" for cell in money.amount.cells]
        # One step alone says nothing of the row before it.
        steps = len(sheet.data) > 2
        if steps and chain(down, money.balance.cells, style) > 0.9:
            return True, 0.9, "amounts are money out: the balance falls by them"
        if chain(money.amount.cells, money.balance.cells, style) > 0.9:
            return False, 0.95 if steps else 0.6, "amounts are money in: the balance grows by them"
        if steps:
            return False, 0.4, "all amounts are positive, but the balance falls as well as grows"
    if money.amount.says(Role.DEBIT):
        return True, 0.9, "amounts are money out, as their header says"
    if money.net:
        return False, 0.7, "ASSUMED that the amounts, all positive and without their fees, are money in"
    card = any(_CARD.search(cell) for row in sheet.rows[:5] for cell in row)
    if card or sheet.header_at is None:
        return False, 0.3, "all amounts are positive and nothing says whether money came in or went out"
    return False, 0.55, "ASSUMED that the amounts, all positive, are money in"


def counts_spending(sheet: Sheet, money: Money) -> bool:
    """Say whether a signed column counts what was spent, as cards do: by the balance, else by what minus rows say."""
    assert money.amount is not None
    signs = [has_minus(cell) for cell in money.amount.cells]
    if not any(signs) or all(signs):
        return False
    if money.balance is not None and len(sheet.data) > 2:
        style = _style([money.amount, money.balance])
        turned = [str(-(_value(cell, style) or Decimal())) for cell in money.amount.cells]
        texts = [str(_value(cell, style) or 0) for cell in money.balance.cells]
        plain = chain(money.amount.cells, money.balance.cells, style)
        if max(plain, chain(turned, texts, NumberStyle())) > 0.6:
            return plain < 0.6
    minus = [row for row, negative in zip(sheet.data, signs, strict=True) if negative]
    paid = [any(_PAID_OFF.search(cell.strip()) for cell in row) for row in minus]
    back = [any(_GIVEN_BACK.search(cell) for cell in row) for row in minus]
    return any(paid) and all(map(max, paid, back)) and len(sheet.data) > 2 * len(minus) - 1
