"""The rows of a statement: which lines are postings, balances and totals, and which lines belong to which posting."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from flowd.importers.pdf.beside import one_below_the_other
from flowd.importers.pdf.broken import close_gaps, join_broken_days
from flowd.importers.pdf.days import Day, Order, far_apart, is_later
from flowd.importers.pdf.direction import section_of
from flowd.importers.pdf.elsewhere import days_first
from flowd.importers.pdf.lines import Line
from flowd.importers.pdf.pieces import (
    Piece,
    currencies_of_parts,
    inner_days,
    shows_deal,
    sign_below,
    take_apart,
    text_between,
    trailing_sums,
)
from flowd.importers.pdf.sums import Purse, Sum
from flowd.importers.pdf.vocabulary import (
    Column,
    Role,
    columns_of,
    continues_heading,
    ends_table,
    is_aside,
    is_heading,
    is_not_booked,
    names_both_ends,
    role_of,
)

_MONEY: Final = re.compile(r"\d[.,]\d\d?(?![\d.,:])|[€£$] ?\d|\d ?[€£$]")
_UNITS: Final = re.compile(r"(?<![.\d])\d{1,7}[.,]\d{3,8}(?![\d.,])")
#: A posting's text is no longer than this; what follows is the page's foot.
_MOST_MORE: Final = 14


@dataclass(slots=True, kw_only=True)
class Row:
    """One posting as its lines say it: days, sums and text, before anything is decided."""

    line: Line
    days: Sequence[Day]
    value_days: Sequence[Day]
    sums: Sequence[Sum]
    text: str
    heading: Sequence[tuple[Column, int]]
    section: int = 0
    #: A sum below a posting, without a day: another posting of that day if the balances say so, else a detail.
    maybe: bool = False
    above: Row | None = None
    above_lines: int = 0
    more: list[str] = field(default_factory=list)
    inherited: bool = False
    #: The currency of the part of a report in which it stands.
    asset: str | None = None


@dataclass(slots=True, kw_only=True)
class Mark:
    """A balance or total between the rows."""

    line: Line
    role: Role
    days: Sequence[Day]
    sums: Sequence[Sum]
    heading: Sequence[tuple[Column, int]]


Entry = Row | Mark


def part(row: Row) -> None:
    """Take the lines of a posting without a day of its own out of the text of the posting above."""
    if row.above is not None:
        row.more = row.above.more[row.above_lines + 1 :]
        del row.above.more[row.above_lines :]


@dataclass(slots=True, kw_only=True)
class Table:
    """What a document's lines say, in their order."""

    entries: list[Entry]
    headings: int
    left: int = 0
    #: Lines that begin with a day and a text, of which no sum could be read.
    bare: int = 0
    #: Lines with a day that show units, a price and their product, and are no rows.
    deals: int = 0

    @property
    def rows(self) -> list[Row]:
        """The postings."""
        return [entry for entry in self.entries if isinstance(entry, Row)]

    @property
    def marks(self) -> list[Mark]:
        """The balances and totals."""
        return [entry for entry in self.entries if isinstance(entry, Mark)]


def read_table(lines: Sequence[Line], purse: Purse, order: Order) -> Table:
    """Return the rows and balances of a statement's `lines`."""
    seen = [take_apart(line, purse, order) for line in join_broken_days(close_gaps(lines))]
    for rearrange in (days_first, one_below_the_other):
        if (moved := rearrange(seen)) is not None:
            seen = [take_apart(line, purse, order) for line in moved]
    opened = any(_opens(item) for item in seen)
    inner = _dated_within(seen)
    table = _walk(seen, inside=not opened, inner=inner)
    if not any(row.sums for row in table.rows) and opened:
        table = _walk(seen, inside=True, inner=inner, always=True)
    table.bare += sum(isinstance(entry, Row) and not entry.sums and bool(entry.text) for entry in table.entries)
    table.entries = [entry for entry in table.entries if isinstance(entry, Mark) or entry.sums]
    assets = currencies_of_parts(seen)
    for row in table.rows:
        row.asset = assets.get(row.line.place)
    places = {entry.line.place for entry in table.entries}
    table.deals = sum(item.line.place not in places and shows_deal(item, purse) for item in seen)
    _leave_other_tables(table)
    return table


def _leave_other_tables(table: Table) -> None:
    """Keep the account's own table, with its balance, where the document lists prices and quantities in another."""
    balances = any(column is Column.BALANCE for row in table.rows for column, _ in row.heading)
    kept = [entry for entry in table.entries if isinstance(entry, Mark) or not _lists_holdings(entry.heading, balances)]
    if any(isinstance(entry, Row) and not entry.maybe for entry in kept):
        table.left = len(table.entries) - len(kept)
        table.entries = kept


def _lists_holdings(heading: Sequence[tuple[Column, int]], balances: bool) -> bool:
    """Return whether a table shows prices and quantities, but no amounts, or not the balance the other one shows."""
    columns = {column for column, _ in heading}
    others = sum(column is Column.OTHER for column, _ in heading)
    if others < 2 or Column.BALANCE in columns:
        return False
    return balances or not columns & {Column.AMOUNT, Column.DEBIT, Column.CREDIT}


def _dated_within(seen: Sequence[Piece]) -> bool:
    """Return whether the bank prints days behind the text: then a line need not begin with one to be a posting."""
    leading = sum(bool(item.lead and item.sums) for item in seen)
    within = sum(not item.lead and bool(inner_days(item)) and role_of(item.rest) is None for item in seen)
    return within > 2 * leading


def _opens(item: Piece) -> bool:
    return is_heading(item.folded) or (role_of(item.rest) is Role.OPENING and bool(item.sums))


def _role(item: Piece) -> Role | None:
    role = role_of(item.rest)
    if role is None or not item.days:
        return role
    if role is Role.CARRIED and item.rest.startswith("ubertrag") and "blatt" not in item.rest:
        return None  # "05.01. Übertrag" is a transfer
    if item.lead and (role is Role.TOTAL or (role is Role.BALANCE and item.lead > 1)):
        return None  # "05.01. Total Tankstelle", "31.12. 31.12. Saldo der Abschlussposten"
    return role


def _walk(seen: Sequence[Piece], *, inside: bool, inner: bool, always: bool = False) -> Table:
    entries: list[Entry] = []
    current: Row | None = None
    heading: Sequence[tuple[Column, int]] = ()
    headings = 0
    rows_here = section = 0
    last_head = -9
    heads: set[str] = set()
    ended = False
    not_booked: Piece | None = None
    at_end: list[Entry] = []
    bare = 0
    for position, item in enumerate(seen):
        if not item.sums and names_both_ends(item.folded):
            summary = _summary(seen[position + 1 : position + 3])
            entries += summary[:1]
            at_end += summary[1:]
        if is_heading(item.folded) and not (item.lead and item.sums):
            if ended and (seen[position - 1] is not_booked or (heads and item.folded not in heads)):
                continue  # another list: of daily balances, of holdings
            heads.add(item.folded)
            ended = False
            # A heading may fill two lines; the second adds to the first.
            columns = columns_of(item.folded)
            heading = [*heading, *columns] if position - last_head == 1 else columns
            last_head = position
            headings += 1
            inside, current = True, None
            continue
        if position - last_head <= 2 and not item.sums and not item.days and continues_heading(item.folded):
            heading = [*heading, *columns_of(item.folded)]
            continue
        role = _role(item)
        if not item.sums and role is Role.TOTAL:
            section = 0
        sums = item.sums
        if (
            role in {Role.OPENING, Role.CLOSING}
            and not sums
            and position + 1 < len(seen)
            and not _UNITS.search(item.rest)
        ):
            below = seen[position + 1]
            if not below.lead and len(below.sums) == 1 and role_of(below.rest) is None:
                sums = below.sums  # the name of a balance stands above it
        if role is not None and sums:
            entries.append(Mark(line=item.line, role=role, days=item.days, sums=sums, heading=heading))
            current = None
            if role is Role.OPENING or (role is Role.CARRIED):
                inside, ended, rows_here = True, False, 0
            elif role is Role.CLOSING and rows_here:
                inside, rows_here = always, 0
            continue
        if role in {Role.TOTAL, Role.CARRIED}:
            current = None
            continue
        if role is Role.OPENING and item.text.rstrip().endswith(":"):
            inside, current = True, None  # of an account that opens with nothing, the sum is left away
            continue
        if ends_table(item.folded) and not always:
            inside, ended, current = False, True, None
            not_booked = item if is_not_booked(item.folded) else None
            continue
        if not inside:
            continue
        if is_aside(item.rest) and not (item.lead and item.sums):
            current = None
            continue
        said = section_of(item.folded) if not item.sums and not item.days else None
        if said is not None and any(_begins_list(below) for below in seen[position + 1 : position + 3]):
            section, current = said, None
            continue
        if current is not None and (signed := sign_below(item, current.sums)) is not None:
            current.sums = signed
            continue
        if current is not None and current.sums and _only_text(item, seen[position + 1 : position + 4]):
            if _is_value_day(item, current, seen[position - 1]):
                current.value_days = item.days[:1]
            bare += _MONEY.search(item.rest) is not None
            current = _continue(current, item)
            continue
        row = _row(item, current, heading, inner=inner)
        if row is not None:
            row.section = section
            entries.append(row)
            current = row
            rows_here += 1
        elif current is not None:
            if current.sums and item.sums and not item.days:
                entries += _perhaps(item, current, heading, section)
            current = _continue(current, item)
    return Table(entries=[*entries, *at_end], headings=headings, bare=bare)


def _perhaps(item: Piece, current: Row, heading: Sequence[tuple[Column, int]], section: int) -> list[Row]:
    sums = trailing_sums(item.text, item.sums, item.days)
    if not sums or len(sums) > 3:
        return []
    text = text_between(item.text, 0, sums, [])
    row = Row(line=item.line, days=current.days, value_days=[], sums=sums, text=text, heading=heading)
    row.section, row.maybe, row.above, row.above_lines = section, True, current, len(current.more)
    return [row]


def _summary(below: Sequence[Piece]) -> list[Mark]:
    """Return the opening and closing balance that stand, first and last, below a line naming both."""
    for item in below:
        if len(item.sums) >= 2:
            # In "230,00 - 230,00 + 91,50 = 91,50" the signs belong to what follows.
            first = replace(item.sums[0], sign=0) if "=" in item.text else item.sums[0]
            ends = ((Role.OPENING, first), (Role.CLOSING, item.sums[-1]))
            return [Mark(line=item.line, role=role, days=[], sums=[money], heading=()) for role, money in ends]
    return []


def _only_text(item: Piece, after: Sequence[Piece]) -> bool:
    """Return whether a line that begins with a day goes on with the posting above: a value day, or a day in its text.

    If a sum without a day of its own follows, the line is a posting whose sum was broken off.
    """
    named = re.match(r"(?:wertstellung|valuta|value date|date valeur)\b", item.folded.strip()) is not None
    if item.sums or not item.days or not (item.lead == 1 or named):
        return False
    for below in after:
        if below.lead or is_heading(below.folded):
            break
        if below.sums:
            return role_of(below.rest) is not None
    return True


def _is_value_day(item: Piece, current: Row, before: Piece) -> bool:
    """Return whether the day is the value day: it stands in the posting's second line, or is called so."""
    if len(current.days) > 1 or current.value_days:
        return False
    return item.lead == 0 or (before.line is current.line and not far_apart(current.days[0], item.days[0]))


def _begins_list(item: Piece) -> bool:
    return item.lead > 0 or is_heading(item.folded)


def _row(item: Piece, current: Row | None, heading: Sequence[tuple[Column, int]], *, inner: bool) -> Row | None:
    between = inner_days(item) if inner and not item.lead else []
    if between:
        sums = trailing_sums(item.text, item.sums, item.days)
        return Row(
            line=item.line,
            days=between,
            value_days=[],
            sums=sums,
            text=text_between(item.text, 0, sums, between),
            heading=heading,
        )
    if item.lead > 1 and far_apart(item.days[0], item.days[1]):
        return None
    trailing = trailing_sums(item.text, item.sums, item.days)
    if item.lead:
        end = item.days[item.lead - 1].end
        sums = trailing or (item.sums if _any_place(item) else [])
        return Row(
            line=item.line,
            days=item.days[: item.lead],
            value_days=[day for day in item.days[item.lead :] if not sums or day.end > sums[0].start - 24],
            sums=sums,
            text=text_between(item.text, end, sums, item.days[item.lead :]),
            heading=heading,
        )
    if not trailing or not item.days:
        return None
    dated = [day for day in item.days if day.end > trailing[0].start - 24 or day.start > trailing[0].end]
    if current is not None and current.sums and current.value_days and dated:
        # The bank prints the booking day once for several postings; each has its own value day.
        # One that lies later belongs to a day of its own.
        own = is_later(dated[-1], current.days[0])
        return Row(
            line=item.line,
            days=dated[-1:] if own else current.days,
            value_days=dated[-1:],
            sums=trailing,
            text=text_between(item.text, 0, trailing, dated),
            heading=heading,
            inherited=True,
        )
    if current is None and heading and item.days[-1].start > trailing[0].end:
        # What follows without a day of its own has its value day too.
        day = item.days[-1]
        return Row(
            line=item.line,
            days=[day],
            value_days=[day],
            sums=trailing,
            text=text_between(item.text, 0, trailing, [day]),
            heading=heading,
            inherited=True,
        )
    return None


def _any_place(item: Piece) -> bool:
    """Return whether sums inside a dated line are its amounts: where they follow the day at once, as US banks print."""
    return bool(item.sums) and item.sums[0].start - item.days[item.lead - 1].end <= 12


def _continue(current: Row, item: Piece) -> Row | None:
    if not current.sums:
        trailing = trailing_sums(item.text, item.sums, item.days)
        if trailing:
            current.sums = trailing
            current.value_days = current.value_days or item.days[-1:]
            current.more.append(text_between(item.text, 0, trailing, item.days))
            return current
    if len(current.more) >= _MOST_MORE:
        return None
    current.more.append(item.text.strip())
    return current
