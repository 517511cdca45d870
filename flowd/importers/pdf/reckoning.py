"""Which of a row's sums is its amount and which its balance, and which way the money went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from flowd.importers.delimited.months import fold
from flowd.importers.pdf.chain import follow
from flowd.importers.pdf.decided import Decided, Evidence, column_sign
from flowd.importers.pdf.direction import direction_of
from flowd.importers.pdf.sums import Sum
from flowd.importers.pdf.table import Entry, Mark, Row, Table, part
from flowd.importers.pdf.unreadable import only_balances, standing_for
from flowd.importers.pdf.vocabulary import Column, Role


@dataclass(slots=True, kw_only=True)
class Reckoning:
    """All rows decided, and what the balances say of them."""

    rows: list[Decided]
    has_balances: bool
    steps: int = 0
    proved: int = 0
    dropped: int = 0
    empty: int = 0
    #: Of these only the balance could be read.
    unreadable: list[Row] = field(default_factory=list)
    #: Whether the balances are what is owed.
    owed: bool = False
    opening_mark: Mark | None = None
    closing_mark: Mark | None = None
    opening: Decimal | None = None
    closing: Decimal | None = None


def reckon(table: Table, *, card: bool, only: int = 0) -> Reckoning:
    """Decide amounts, balances and signs of a table's rows; `only` where totals say that all went one way."""
    balances = _has_balances(table)
    result = Reckoning(rows=[], has_balances=balances)
    rows = table.rows
    standing: dict[int, Mark] = {}
    for at, row in enumerate(rows):
        if balances and not row.maybe and len(row.sums) == 1 and _only_balance(rows, at):
            result.dropped += 1
            standing[id(row)] = standing_for(row)
            continue
        decided = _decide(row, balances)
        if _restates(decided, rows, at):
            result.dropped += 1
        elif decided.amount.value:
            result.rows.append(decided)
        else:
            result.empty += 1
    named = any(column is Column.BALANCE for each in result.rows for column, _ in each.row.heading)
    if (balances or named) and (lacking := only_balances(result.rows, table, standing)):
        result.unreadable = [each.row for each in result.rows if id(each.row) in lacking]
        result.rows = [each for each in result.rows if id(each.row) not in lacking]
        standing.update(lacking)
    _sign(result, table, standing, card=card, only=only)
    for each in reversed(result.rows):
        if each.row.maybe and each.proved:
            part(each.row)
    result.rows = [each for each in result.rows if each.proved or not each.row.maybe]
    return result


def _only_balance(rows: Sequence[Row], at: int) -> bool:
    """Return whether the only sum of a row is its balance: nothing moved, or too little to be printed."""
    value, asset = rows[at].sums[0].signed, rows[at].sums[0].asset
    above = next((row for row in reversed(rows[max(0, at - 40) : at]) if _shows(row, asset)), None)
    below = next((row for row in rows[at + 1 : at + 41] if _shows(row, asset)), None)
    if any(row is not None and _held(row) - row.sums[-2].signed == value for row in (above, below)):
        return True  # from here the next posting leads to its own balance
    before = None if above is None else _held(above)
    after = None if below is None else _held(below)
    if before is not None and after is not None and abs(after - before) == abs(value) != 0:
        return False
    return any(near is not None and abs(near - value) <= 1 for near in (before, after))


def _restates(decided: Decided, rows: Sequence[Row], at: int) -> bool:
    """Return whether a row's amount and balance are both the balance the row before it left."""
    held = decided.balance
    if held is None or decided.amount.value != abs(held.value) or not held.value:
        return False
    near = [row for row in (*rows[max(0, at - 1) : at], *rows[at + 1 : at + 2]) if _shows(row, held.asset)]
    return any(_held(row) == held.signed and row.sums[-2].value != held.value for row in near)


def _shows(row: Row, asset: str | None) -> bool:
    return len(row.sums) > 1 and row.sums[-1].asset == asset and not row.maybe


def _held(row: Row) -> Decimal:
    return row.sums[-1].signed


def _has_balances(table: Table) -> bool:
    rows = [row for row in table.rows if len(row.sums) > 1 and not row.maybe]
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


def _sign(result: Reckoning, table: Table, standing: Mapping[int, Mark], *, card: bool, only: int) -> None:
    rows = result.rows
    first, last = _ends(table, {id(row.row) for row in rows if not row.row.maybe})
    result.opening_mark, result.closing_mark = first, last
    result.opening = first.sums[-1].signed if first is not None else None
    result.closing = last.sums[-1].signed if last is not None else None
    _by_balances(result, [standing.get(id(entry), entry) for entry in table.entries], card=card)
    minus = sum(row.amount.sign < 0 for row in rows)
    plus = sum(row.amount.sign > 0 for row in rows)
    if not minus and not plus:
        minus = sum(money.sign < 0 for row in rows for money in row.others)
    # A card's bill counts what is owed: what is paid back carries the minus, and stands between many without a sign.
    inverted = card and not plus and minus * 2 < len(rows) and (result.opening or 0) >= 0 and _owes(result)
    result.owed = result.owed or inverted
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
            row.sign, row.evidence = column_sign(row), Evidence.COLUMN
        elif row.row.section:
            row.sign, row.evidence = row.row.section, Evidence.SECTION
        elif minus or plus:
            # Where money out carries a minus, what carries nothing is money in; where only money in is marked, out.
            row.sign, row.evidence = (1 if minus else -1), Evidence.WRITTEN
    for row in result.rows:
        if only and not row.sign:
            row.sign, row.evidence = only, Evidence.TOTALS
    _by_words(result, card=card)
    if result.owed:
        result.opening = None if result.opening is None else -result.opening
        result.closing = None if result.closing is None else -result.closing


def _owes(result: Reckoning) -> bool:
    """Return whether the balances, where there are any, grow with the amounts as they are written."""
    if result.opening is None or result.closing is None:
        return True
    total = sum((row.amount.signed for row in result.rows), Decimal(0))
    return result.opening + total == result.closing


def _by_balances(result: Reckoning, entries: Sequence[Entry], *, card: bool) -> None:
    """Sign rows by the running balance, in whichever direction the list goes."""
    by_line = {id(row.row): row for row in result.rows}
    best: tuple[int, int, dict[int, int], dict[int, Sum]] = (0, 0, {}, {})
    for ordered in (entries, entries[::-1]):
        chain = follow(ordered, by_line)
        if chain.hits > best[0]:
            best = (chain.hits, chain.steps, chain.signs, chain.anew)
    hits, steps, signs, read_anew = best
    result.proved, result.steps = hits, steps
    if not hits or hits * 2 < steps:
        return
    written = [by_line[key].amount.sign * sign for key, sign in signs.items() if by_line[key].amount.sign]
    contrary = written.count(-1)
    marked = any(by_line[key].amount.sign < 0 for key in signs)
    if contrary * 2 > len(written) and (card or not marked):
        result.owed = True  # what is marked as paid back lowers the balance
    elif contrary * 2 > len(signs):
        return
    for key, money in read_anew.items():
        by_line[key].amount = money
    for key, sign in signs.items():
        row = by_line[key]
        row.sign, row.evidence, row.proved = -sign if result.owed else sign, Evidence.BALANCE, True


def _ends(table: Table, sure: set[int]) -> tuple[Mark | None, Mark | None]:
    """Return opening and closing balance: by their names, else by standing before the first and after the last row."""
    rows = [at for at, entry in enumerate(table.entries) if id(entry) in sure]
    marks = [(at, entry) for at, entry in enumerate(table.entries) if isinstance(entry, Mark)]
    unnamed = [(at, mark) for at, mark in marks if mark.role in {Role.BALANCE, Role.CARRIED}] if rows else []
    above = next((mark for at, mark in unnamed if at < rows[0]), None)
    below = next((mark for at, mark in unnamed if at > rows[-1]), None)
    if _newest_first([row for row in table.rows if id(row) in sure]):
        above, below = below, above
    opening = next((mark for _, mark in marks if mark.role is Role.OPENING), above)
    closing = next((mark for _, mark in reversed(marks) if mark.role is Role.CLOSING), below)
    return opening, closing


def _newest_first(rows: Sequence[Row]) -> bool:
    days = [(day.year, day.month, day.day) for row in rows for day in row.days[:1] if day.year]
    return len(days) == len(rows) > 0 and days[0] > days[-1]


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
