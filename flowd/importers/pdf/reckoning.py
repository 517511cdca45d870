"""Which of a row's sums is its amount and which its balance, and which way the money went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from itertools import pairwise
from typing import Final

from flowd.importers.delimited.months import fold
from flowd.importers.pdf.sums import Sum
from flowd.importers.pdf.table import Entry, Mark, Row, Table, part
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
    opening_mark: Mark | None = None
    closing_mark: Mark | None = None
    opening: Decimal | None = None
    closing: Decimal | None = None


_MOST_SOLVED: Final = 16


def reckon(table: Table, *, card: bool) -> Reckoning:
    """Decide amounts, balances and signs of a table's rows."""
    balances = _has_balances(table)
    result = Reckoning(rows=[], has_balances=balances)
    rows = table.rows
    standing: dict[int, Mark] = {}
    for at, row in enumerate(rows):
        if balances and not row.maybe and len(row.sums) == 1 and _only_balance(rows, at):
            result.dropped += 1
            standing[id(row)] = Mark(line=row.line, role=Role.BALANCE, days=row.days, sums=row.sums, heading=())
            continue
        decided = _decide(row, balances)
        if decided.amount.value:
            result.rows.append(decided)
        else:
            result.empty += 1
    _sign(result, table, standing, card=card)
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


def _sign(result: Reckoning, table: Table, standing: Mapping[int, Mark], *, card: bool) -> None:
    rows = result.rows
    first, last = _ends(table, {id(row.row) for row in rows if not row.row.maybe})
    result.opening_mark, result.closing_mark = first, last
    result.opening = first.sums[-1].signed if first is not None else None
    result.closing = last.sums[-1].signed if last is not None else None
    _by_balances(result, [standing.get(id(entry), entry) for entry in table.entries])
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


def _by_balances(result: Reckoning, entries: Sequence[Entry]) -> None:
    """Sign rows by the running balance, in whichever direction the list goes."""
    by_line = {id(row.row): row for row in result.rows}
    best: tuple[int, int, dict[int, int]] = (0, 0, {})
    for ordered in (entries, entries[::-1]):
        hits, steps, signs = _follow(ordered, by_line)
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
    chain = _Chain()
    for entry in entries:
        if isinstance(entry, Mark):
            if entry.role is Role.TOTAL or len(entry.sums) > 2:
                continue
            asset = chain.place(entry.sums[-1].asset)
            if entry.role is Role.CLOSING and not chain.waiting.get(asset):
                continue  # told before the postings that lead to it
            chain.reach(asset, entry.sums[-1].signed)
            continue
        row = by_line.get(id(entry))
        if row is None:
            continue
        asset = chain.place(row.balance.asset if row.balance is not None else row.amount.asset)
        chain.waiting.setdefault(asset, []).append(row)
        if row.balance is not None:
            chain.reach(asset, row.balance.signed, perhaps=row.row.maybe)
    return chain.hits, chain.steps, chain.signs


class _Chain:
    """Goes from balance to balance, and signs the postings between so that they lead from one to the other."""

    def __init__(self) -> None:
        self.signs: dict[int, int] = {}
        self.hits = self.steps = 0
        self.waiting: dict[str | None, list[Decided]] = {}
        self._last: dict[str | None, Decimal] = {}

    def place(self, asset: str | None) -> str | None:
        """Return the currency whose chain goes on: a balance often leaves its own away."""
        if asset not in self._last and len(self._last) == 1 and None in (asset, next(iter(self._last))):
            return next(iter(self._last))
        return asset

    def reach(self, asset: str | None, balance: Decimal, *, perhaps: bool = False) -> None:
        """Arrive at a balance; `perhaps` if the line that shows it may be no posting."""
        group = self.waiting.get(asset, [])
        sure = [row for row in group if not row.row.maybe]
        if asset in self._last:
            delta = balance - self._last[asset]
            used, found = sure, None if perhaps else _solve(sure, delta)
            if found is None and len(sure) < len(group) and delta:
                used, found = group, _solve(group, delta)
            if perhaps and found is None:
                return
            self.steps += len(used)
            if found is not None:
                self.hits += len(used)
                self.signs.update({id(row.row): sign for row, sign in zip(used, found, strict=True)})
        elif perhaps:
            return
        elif len(sure) == 1 and sure[0].balance is not None and sure[0].amount.value == abs(balance) != 0:
            # The account began with nothing.
            self.steps += 1
            self.hits += 1
            self.signs[id(sure[0].row)] = 1 if balance > 0 else -1
        self._last[asset] = balance
        self.waiting[asset] = []


def _solve(rows: Sequence[Decided], delta: Decimal) -> list[int] | None:
    """Return signs with which the rows' amounts add up to `delta`: the ones words speak for, if several do."""
    if not rows:
        return None
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
        return _mend(cents, priors, fixed, target)
    best: tuple[int, list[int]] | None = None
    tied = False
    for bits in range(1 << len(rows)):
        signs = [-1 if bits >> at & 1 else 1 for at in range(len(rows))]
        if sum(c * s for c, s in zip(cents, signs, strict=True)) != target:
            continue
        agreed = sum(prior == sign for prior, sign in zip(priors, signs, strict=True))
        if best is None or agreed > best[0]:
            best, tied = (agreed, signs), False
        elif agreed == best[0]:
            tied = True  # two ways fit, and no word speaks for one of them
    return best[1] if best is not None and not tied else None


def _mend(cents: Sequence[int], priors: Sequence[int], fixed: Sequence[int], target: int) -> list[int] | None:
    """Return the signs words speak for, with up to two of them turned, if they then add up to `target`.

    Only one way of turning may do: with many rows several fit by chance.
    """
    signs = [prior or 1 for prior in priors]
    over = sum(c * s for c, s in zip(cents, signs, strict=True)) - target
    if over == 0:
        return signs
    free = [at for at in range(len(cents)) if not fixed[at]][:400]
    ways: list[tuple[int, ...]] = [(at,) for at in free if 2 * cents[at] * signs[at] == over]
    if not ways:
        seen: dict[int, list[int]] = {}
        for at in free:
            turned = 2 * cents[at] * signs[at]
            ways += [(other, at) for other in seen.get(over - turned, [])[:2]]
            seen.setdefault(turned, []).append(at)
    if len(ways) != 1:
        return None
    return [-sign if at in ways[0] else sign for at, sign in enumerate(signs)]


def _column_sign(row: Decided) -> int:
    return -1 if row.column is Column.DEBIT else 1 if row.column is Column.CREDIT else 0


def _ends(table: Table, sure: set[int]) -> tuple[Mark | None, Mark | None]:
    """Return opening and closing balance: by their names, else by standing before the first and after the last row."""
    rows = [at for at, entry in enumerate(table.entries) if id(entry) in sure]
    opening: Mark | None = None
    closing: Mark | None = None
    for at, entry in enumerate(table.entries):
        if not isinstance(entry, Mark):
            continue
        if entry.role is Role.OPENING and opening is None:
            opening = entry
        elif entry.role is Role.CLOSING:
            closing = entry
        elif entry.role in {Role.BALANCE, Role.CARRIED} and rows and at < rows[0] and opening is None:
            opening = entry
        elif entry.role in {Role.BALANCE, Role.CARRIED} and rows and at > rows[-1] and closing is None:
            closing = entry
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
