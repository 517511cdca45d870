"""Which of a row's sums is its amount and which its balance, and which way the money went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from itertools import pairwise
from typing import Final

from flowd.importers.delimited.months import fold
from flowd.importers.pdf.sums import Sum
from flowd.importers.pdf.table import Entry, Mark, Row, Table
from flowd.importers.pdf.vocabulary import Column, Role, direction_of


class Evidence(Enum):
    """What says which way a posting's money went."""

    WRITTEN = "a sign, S/H or CR/DR beside the amount"
    BALANCE = "the running balance"
    COLUMN = "separate columns for money in and out"
    SECTION = "lists of money in and out"
    WORDS = "the posting's words"
    CARD = "a card's statement prints spending as positive"
    ASSUMED = "ASSUMED"


@dataclass(slots=True, kw_only=True)
class Decided:
    """A row with its amount, its balance (if it has one) and its direction."""

    row: Row
    amount: Sum
    balance: Sum | None
    others: Sequence[Sum] = ()
    column: Column | None = None
    sign: int = 0
    evidence: Evidence = Evidence.ASSUMED
    proved: bool = False

    @property
    def value(self) -> Decimal:
        """The signed amount."""
        return -self.amount.value if self.sign < 0 else self.amount.value


@dataclass(slots=True, kw_only=True)
class Reckoning:
    """All rows decided, and what the balances say of them."""

    rows: list[Decided]
    has_balances: bool
    steps: int = 0
    proved: int = 0
    dropped: int = 0
    empty: int = 0
    inverted: bool = False
    opening: Decimal | None = None
    closing: Decimal | None = None
    notes: list[str] = field(default_factory=list)


_MOST_SOLVED: Final = 16


def reckon(table: Table, *, card: bool) -> Reckoning:
    """Decide amounts, balances and signs of a table's rows."""
    balances = _has_balances(table)
    result = Reckoning(rows=[], has_balances=balances)
    rows = table.rows
    for at, row in enumerate(rows):
        if balances and len(row.sums) == 1 and _only_balance(rows, at):
            result.dropped += 1
            continue
        decided = _decide(row, balances)
        if decided.amount.value:
            result.rows.append(decided)
        else:
            result.empty += 1
    _sign(result, table, card=card)
    return result


def _only_balance(rows: Sequence[Row], at: int) -> bool:
    """Return whether the only sum of a row is its balance: nothing moved, or too little to be printed."""
    value, asset = rows[at].sums[0].signed, rows[at].sums[0].asset
    before = next((_held(row) for row in reversed(rows[max(0, at - 40) : at]) if _shows(row, asset)), None)
    after = next((_held(row) for row in rows[at + 1 : at + 41] if _shows(row, asset)), None)
    if before is not None and after is not None and abs(after - before) == abs(value) != 0:
        return False
    return any(near is not None and abs(near - value) <= 1 for near in (before, after))


def _shows(row: Row, asset: str | None) -> bool:
    return len(row.sums) > 1 and row.sums[-1].asset == asset


def _held(row: Row) -> Decimal:
    return row.sums[-1].signed


def _has_balances(table: Table) -> bool:
    rows = [row for row in table.rows if len(row.sums) > 1]
    if not rows:
        return False
    named = [row for row in rows if any(column is Column.BALANCE for column, _ in row.heading)]
    if len(named) * 2 >= len(rows):
        return True
    hits, steps = _chained(rows, -2)
    return steps > 0 and hits * 2 >= steps


def _chained(rows: Sequence[Row], at: int) -> tuple[int, int]:
    down = up = steps = 0
    for first, second in pairwise(rows):
        if len(first.sums) < -at or len(second.sums) < -at:
            continue
        steps += 1
        before, after = first.sums[-1].signed, second.sums[-1].signed
        down += abs(after - before) == second.sums[at].value
        up += abs(before - after) == first.sums[at].value
    return max(down, up), steps


def _decide(row: Row, balances: bool) -> Decided:
    sums = list(row.sums)
    columns = [column for column, _ in row.heading]
    balance: Sum | None = None
    if balances and len(sums) > 1:
        first = Column.BALANCE in columns and columns[0] is Column.BALANCE and len(columns) > 1
        balance = sums.pop(0 if first else -1)
        columns = [column for column in columns if column is not Column.BALANCE]
    amount, column = sums[-1], None
    split = Column.DEBIT in columns and Column.CREDIT in columns
    if len(sums) > 1:
        if split:
            filled = [money for money in sums if money.value]
            amount = filled[-1] if filled else sums[-1]
            if len(sums) == len(columns):
                column = columns[sums.index(amount)]
        elif len(columns) == len(sums) and Column.AMOUNT in columns:
            at = len(columns) - 1 - columns[::-1].index(Column.AMOUNT)
            amount = sums[at]
        elif len(columns) > 1 and columns[0] is Column.AMOUNT and Column.AMOUNT not in columns[1:]:
            amount = sums[0]
    if split and column is None:
        column = _column_by_place(row, amount)
    return Decided(row=row, amount=amount, balance=balance, others=[m for m in sums if m is not amount], column=column)


def _column_by_place(row: Row, amount: Sum) -> Column | None:
    """Return the column under whose heading the amount ends, where the text keeps the page's layout."""
    before = row.line.text[: amount.start]
    if len(before) - len(before.rstrip()) < 3:
        return None
    places = [(abs(end - amount.end), column) for column, end in row.heading]
    return min(places, key=lambda place: place[0])[1] if places else None


def _sign(result: Reckoning, table: Table, *, card: bool) -> None:
    rows = result.rows
    result.opening, result.closing = _ends(table)
    _by_balances(result, table)
    minus = sum(row.amount.sign < 0 for row in rows)
    plus = sum(row.amount.sign > 0 for row in rows)
    if not minus and not plus:
        minus = sum(money.sign < 0 for row in rows for money in row.others)
    # A card's bill counts what is owed: what is paid back carries the minus, and stands between many without a sign.
    inverted = card and not plus and minus * 2 < len(rows) and (result.opening or 0) >= 0 and _owes(result)
    result.inverted = inverted
    for row in rows:
        if inverted:
            row.sign = -1 if row.amount.sign >= 0 else 1
            row.evidence = Evidence.CARD
            continue
        if row.sign:
            continue
        if row.amount.sign:
            row.sign, row.evidence = row.amount.sign, Evidence.WRITTEN
        elif row.column in {Column.DEBIT, Column.CREDIT}:
            row.sign, row.evidence = _column_sign(row), Evidence.COLUMN
        elif row.row.section:
            row.sign, row.evidence = row.row.section, Evidence.SECTION
        elif minus or plus:
            # Where money out carries a minus, what carries nothing is money in; where only money in is marked, out.
            row.sign, row.evidence = (1 if minus else -1), Evidence.WRITTEN
    _by_words(result, card=card)
    if inverted:
        result.opening = None if result.opening is None else -result.opening
        result.closing = None if result.closing is None else -result.closing


def _owes(result: Reckoning) -> bool:
    """Return whether the balances, where there are any, grow with the amounts as they are written."""
    if result.opening is None or result.closing is None:
        return True
    total = sum((row.amount.signed for row in result.rows), Decimal(0))
    return result.opening + total == result.closing


def _by_balances(result: Reckoning, table: Table) -> None:
    """Sign rows by the running balance, in whichever direction the list goes."""
    by_line = {id(row.row): row for row in result.rows}
    best: tuple[int, int, dict[int, int]] = (0, 0, {})
    for entries in (table.entries, table.entries[::-1]):
        hits, steps, signs = _follow(entries, by_line)
        if hits > best[0]:
            best = (hits, steps, signs)
    hits, steps, signs = best
    result.proved, result.steps = hits, steps
    if not hits or hits * 2 < steps:
        return
    contrary = [key for key, sign in signs.items() if by_line[key].amount.sign and by_line[key].amount.sign != sign]
    if len(contrary) * 2 > len(signs):
        return  # a card's balance is a debt: its signs are another matter
    for key, sign in signs.items():
        row = by_line[key]
        row.sign, row.evidence, row.proved = sign, Evidence.BALANCE, True


def _follow(entries: Sequence[Entry], by_line: dict[int, Decided]) -> tuple[int, int, dict[int, int]]:
    signs: dict[int, int] = {}
    hits = steps = 0
    last: dict[str | None, Decimal] = {}
    waiting: dict[str | None, list[Decided]] = {}
    for entry in entries:
        if isinstance(entry, Mark):
            if entry.role is Role.TOTAL or len(entry.sums) > 2:
                continue
            balance = entry.sums[-1].signed
            asset = entry.sums[-1].asset
            if asset not in last and last:
                asset = next(iter(last))
            group = waiting.pop(asset, [])
            if asset in last and group:
                found = _solve(group, balance - last[asset])
                steps += len(group)
                if found:
                    hits += len(group)
                    signs.update({id(row.row): sign for row, sign in zip(group, found, strict=True)})
            last[asset] = balance
            continue
        row = by_line.get(id(entry))
        if row is None:
            continue
        asset = row.balance.asset if row.balance is not None else row.amount.asset
        if asset not in last and len(last) == 1 and None in (asset, next(iter(last))):
            asset = next(iter(last))
        group = waiting.setdefault(asset, [])
        group.append(row)
        if row.balance is None:
            continue
        balance = row.balance.signed
        if asset in last:
            found = _solve(group, balance - last[asset])
            steps += len(group)
            if found:
                hits += len(group)
                signs.update({id(each.row): sign for each, sign in zip(group, found, strict=True)})
        last[asset] = balance
        waiting[asset] = []
    return hits, steps, signs


def _solve(rows: Sequence[Decided], delta: Decimal) -> list[int] | None:
    """Return signs with which the rows' amounts add up to `delta`: the ones words speak for, if several do."""
    if len(rows) == 1:
        if rows[0].amount.value == abs(delta):
            return [1 if delta >= 0 else -1]
        return None
    cents = [int(row.amount.value * 100) for row in rows]
    target = int(delta * 100)
    priors = [
        row.amount.sign or _column_sign(row) or row.row.section or direction_of(fold(row.row.text)) for row in rows
    ]
    fixed = [row.amount.sign for row in rows]
    if all(fixed):
        return list(fixed) if sum(c * s for c, s in zip(cents, fixed, strict=True)) == target else None
    if len(rows) > _MOST_SOLVED:
        guess = [prior or 1 for prior in priors]
        return guess if sum(c * s for c, s in zip(cents, guess, strict=True)) == target else None
    best: tuple[int, list[int]] | None = None
    for bits in range(1 << len(rows)):
        signs = [-1 if bits >> at & 1 else 1 for at in range(len(rows))]
        if sum(c * s for c, s in zip(cents, signs, strict=True)) != target:
            continue
        agreed = sum(prior == sign for prior, sign in zip(priors, signs, strict=True))
        if best is None or agreed > best[0]:
            best = (agreed, signs)
    return best[1] if best else None


def _column_sign(row: Decided) -> int:
    return -1 if row.column is Column.DEBIT else 1 if row.column is Column.CREDIT else 0


def _ends(table: Table) -> tuple[Decimal | None, Decimal | None]:
    opening = next((m.sums[-1].signed for m in table.marks if m.role is Role.OPENING), None)
    closing = next((m.sums[-1].signed for m in reversed(table.marks) if m.role is Role.CLOSING), None)
    return opening, closing


def _by_words(result: Reckoning, *, card: bool) -> None:
    for row in result.rows:
        if row.sign:
            continue
        said = direction_of(fold(row.row.text)) or direction_of(fold(" ".join(row.row.more[:2])))
        if said:
            row.sign, row.evidence = said, Evidence.WORDS
        elif card:
            row.sign, row.evidence = -1, Evidence.CARD
        else:
            row.sign, row.evidence = 1, Evidence.ASSUMED
