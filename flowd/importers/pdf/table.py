"""The rows of a statement: which lines are postings, balances and totals, and which lines belong to which posting."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from flowd.importers.delimited.months import MONTHS, fold
from flowd.importers.pdf.days import Day, Order, find_days
from flowd.importers.pdf.lines import Line
from flowd.importers.pdf.sums import Purse, Sum
from flowd.importers.pdf.vocabulary import (
    Column,
    Role,
    columns_of,
    ends_table,
    is_aside,
    is_heading,
    names_both_ends,
    role_of,
    section_of,
)

#: A posting's text is no longer than this; what follows is the page's foot.
_MOST_MORE: Final = 14
_PREFIX: Final = re.compile(r"[^\w+-]*(?:\d{1,6}[^\w+-]+)?")
_BETWEEN_DAYS: Final = re.compile(r"[\s,|]*(?:\d\d?[:.]\d\d(?::\d\d)?[\s,|]*)?(?:Uhr\b)?\s*")
_TIME: Final = re.compile(r"\s*,?\s*(\d{1,2}:\d\d(?::\d\d)?)(?!\d)")
_RANGE: Final = re.compile(r"\s*(?:-|bis|to|until|through|au|al|a|t/m|tot|do|til)\s*$", re.IGNORECASE)
_GAP: Final = re.compile(r"[\s|/()*;:€$£\d.,%+A-Z'-]*")
_TAIL: Final = re.compile(r"[\s|/()*;:€$£A-Za-z0-9+-]{0,6}")


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
    more: list[str] = field(default_factory=list)
    inner: Sequence[Sum] = ()
    inherited: bool = False


@dataclass(slots=True, kw_only=True)
class Mark:
    """A balance or total between the rows."""

    line: Line
    role: Role
    days: Sequence[Day]
    sums: Sequence[Sum]
    heading: Sequence[tuple[Column, int]]


Entry = Row | Mark


@dataclass(slots=True, kw_only=True)
class Table:
    """What a document's lines say, in their order."""

    entries: list[Entry]
    headings: int

    @property
    def rows(self) -> list[Row]:
        """The postings."""
        return [entry for entry in self.entries if isinstance(entry, Row)]

    @property
    def marks(self) -> list[Mark]:
        """The balances and totals."""
        return [entry for entry in self.entries if isinstance(entry, Mark)]


@dataclass(slots=True, kw_only=True)
class _Seen:
    """One line, taken apart."""

    line: Line
    text: str
    folded: str
    days: list[Day]
    sums: list[Sum]
    lead: int  # how many of the days begin the line
    rest: str  # the folded text after them


def read_table(lines: Sequence[Line], purse: Purse, order: Order) -> Table:
    """Return the rows and balances of a statement's `lines`."""
    seen = [_take_apart(line, purse, order) for line in join_broken_days(lines)]
    opened = any(_opens(item) for item in seen)
    table = _walk(seen, inside=not opened)
    if not any(row.sums for row in table.rows) and opened:
        table = _walk(seen, inside=True, always=True)
    table.entries = [entry for entry in table.entries if isinstance(entry, Mark) or entry.sums]
    _leave_other_tables(table)
    return table


def _leave_other_tables(table: Table) -> None:
    """Keep the account's own table, with its balance, where the document lists prices and quantities in another."""
    if not any(column is Column.BALANCE for row in table.rows for column, _ in row.heading):
        return
    table.entries = [entry for entry in table.entries if isinstance(entry, Mark) or not _lists_holdings(entry.heading)]


def _lists_holdings(heading: Sequence[tuple[Column, int]]) -> bool:
    columns = {column for column, _ in heading}
    return Column.OTHER in columns and Column.BALANCE not in columns


def _take_apart(line: Line, purse: Purse, order: Order) -> _Seen:
    text = line.text
    days = find_days(text, order, bare=purse.notation.decimal == ",")
    blank = text
    for day in days:
        blank = blank[: day.start] + " " * (day.end - day.start) + blank[day.end :]
    sums = purse.find(blank)
    lead = _leading(text, days)
    after = days[lead - 1].end if lead else 0
    return _Seen(
        line=line, text=text, folded=fold(text), days=days, sums=sums, lead=lead, rest=fold(text[after:]).strip()
    )


def _leading(text: str, days: Sequence[Day]) -> int:
    if not days or not _PREFIX.fullmatch(text[: days[0].start]):
        return 0
    lead = 1
    while lead < len(days):
        between = text[days[lead - 1].end : days[lead].start]
        if _RANGE.fullmatch(between):
            return 0  # a period, not a posting
        if not _BETWEEN_DAYS.fullmatch(between):
            break
        lead += 1
    return lead


def _opens(item: _Seen) -> bool:
    return is_heading(item.folded) or (role_of(item.rest) is Role.OPENING and bool(item.sums))


def _role(item: _Seen) -> Role | None:
    role = role_of(item.rest)
    if role is None or not item.days:
        return role
    if role is Role.CARRIED and item.rest.startswith("ubertrag") and "blatt" not in item.rest:
        return None  # "05.01. Übertrag" is a transfer
    return None if role is Role.TOTAL and item.lead else role  # "05.01. Total Tankstelle"


def _walk(seen: Sequence[_Seen], *, inside: bool, always: bool = False) -> Table:
    entries: list[Entry] = []
    current: Row | None = None
    heading: Sequence[tuple[Column, int]] = ()
    headings = 0
    rows_here = section = 0
    last_head = -9
    for position, item in enumerate(seen):
        if not item.sums and names_both_ends(item.folded):
            entries += _summary(seen[position + 1 : position + 3])
        if is_heading(item.folded) and not (item.lead and item.sums):
            # A heading may fill two lines; the second adds to the first.
            columns = columns_of(item.folded)
            heading = [*heading, *columns] if position - last_head == 1 else columns or heading
            last_head = position
            headings += 1
            inside, current = True, None
            continue
        role = _role(item)
        if not item.sums and role is Role.TOTAL:
            section = 0
        if role is not None and item.sums:
            entries.append(Mark(line=item.line, role=role, days=item.days, sums=item.sums, heading=heading))
            current = None
            if role is Role.OPENING or (role is Role.CARRIED):
                inside, rows_here = True, 0
            elif role is Role.CLOSING and rows_here:
                inside, rows_here = always, 0
            continue
        if role in {Role.TOTAL, Role.CARRIED}:
            current = None
            continue
        if ends_table(item.folded) and not always:
            inside, current = False, None
            continue
        if not inside:
            continue
        if is_aside(item.rest) and not (item.lead and item.sums):
            current = None
            continue
        said = section_of(item.folded) if not item.sums and not item.days else None
        if said is not None:
            section, current = said, None
            continue
        row = _row(item, current, heading)
        if row is not None:
            row.section = section
            entries.append(row)
            current = row
            rows_here += 1
        elif current is not None:
            current = _continue(current, item)
    return Table(entries=entries, headings=headings)


def _summary(below: Sequence[_Seen]) -> list[Mark]:
    """Return the opening and closing balance that stand, first and last, below a line naming both."""
    for item in below:
        if len(item.sums) >= 2:
            ends = ((Role.OPENING, item.sums[0]), (Role.CLOSING, item.sums[-1]))
            return [Mark(line=item.line, role=role, days=[], sums=[money], heading=()) for role, money in ends]
    return []


def _row(item: _Seen, current: Row | None, heading: Sequence[tuple[Column, int]]) -> Row | None:
    trailing = trailing_sums(item.text, item.sums, item.days)
    if item.lead:
        end = item.days[item.lead - 1].end
        sums = trailing or (item.sums if _any_place(item) else [])
        inner = [money for money in item.sums if money not in sums]
        return Row(
            line=item.line,
            days=item.days[: item.lead],
            value_days=[day for day in item.days[item.lead :] if not sums or day.end > sums[0].start - 24],
            sums=sums,
            inner=inner,
            text=_text(item.text, end, sums, item.days[item.lead :]),
            heading=heading,
        )
    if not trailing or not item.days:
        return None
    dated = [day for day in item.days if day.end > trailing[0].start - 24 or day.start > trailing[0].end]
    if current is not None and current.sums and current.value_days and dated:
        # The bank prints the booking day once for several postings; each has its own value day.
        # One that lies later belongs to a day of its own.
        own = _later(dated[-1], current.days[0])
        return Row(
            line=item.line,
            days=dated[-1:] if own else current.days,
            value_days=dated[-1:],
            sums=trailing,
            text=_text(item.text, 0, trailing, dated),
            heading=heading,
            inherited=True,
        )
    if current is None and heading and dated:
        day = item.days[-1]
        return Row(
            line=item.line,
            days=[day],
            value_days=[],
            sums=trailing,
            text=_text(item.text, 0, trailing, [day]),
            heading=heading,
        )
    return None


def _later(day: Day, other: Day) -> bool:
    return day.year == other.year and (day.month, day.day) > (other.month, other.day)


def _any_place(item: _Seen) -> bool:
    """Return whether sums inside a dated line are its amounts: where they follow the day at once, as US banks print."""
    return bool(item.sums) and item.sums[0].start - item.days[item.lead - 1].end <= 12


def _continue(current: Row, item: _Seen) -> Row | None:
    if not current.sums:
        trailing = trailing_sums(item.text, item.sums, item.days)
        if trailing:
            current.sums = trailing
            current.value_days = current.value_days or item.days[-1:]
            current.more.append(_text(item.text, 0, trailing, item.days))
            return current
    if len(current.more) >= _MOST_MORE:
        return None
    current.more.append(item.text.strip())
    return current


def trailing_sums(text: str, sums: Sequence[Sum], days: Sequence[Day]) -> list[Sum]:
    """Return the sums that end the line, with nothing but days, currencies and numbers between them."""
    if not sums:
        return []
    blank = text
    for day in days:
        blank = blank[: day.start] + " " * (day.end - day.start) + blank[day.end :]
    if not _TAIL.fullmatch(blank[sums[-1].end :].strip()):
        return []
    first = len(sums) - 1
    while first > 0 and _GAP.fullmatch(blank[sums[first - 1].end : sums[first].start]):
        first -= 1
    return list(sums[first:])


def _text(text: str, start: int, sums: Sequence[Sum], days: Sequence[Day]) -> str:
    spans = sorted([(money.start, money.end) for money in sums] + [(day.start, day.end) for day in days])
    kept, at = [], start
    for begin, end in spans:
        if begin >= at:
            kept.append(text[at:begin])
            at = end
    kept.append(text[at:])
    return " ".join(" ".join(kept).split()).strip(" |;,")


_DAY_ALONE: Final = re.compile(r"\s*(\d{1,2})\.?\s*$")
_DAY_MONTH: Final = re.compile(r"\s*(\d{1,2})\.?\s+([A-Za-zÀ-ž]{3,10})\.?(?=\s|$)")
_MONTH: Final = re.compile(r"\s*([A-Za-zÀ-ž]{3,10})\.?(?=\s|$)")
_YEAR: Final = re.compile(r"\s*((?:19|20)\d\d)(?=\s|$)")


def join_broken_days(lines: Sequence[Line]) -> list[Line]:
    """Put days together that a narrow column broke over lines: "20", "Sept. text", "2024 text"."""
    found: list[Line] = []
    skip: dict[int, str] = {}
    for at, line in enumerate(lines):
        text = skip.pop(at, line.text)
        alone = _DAY_ALONE.match(text)
        whole = _DAY_MONTH.match(text)
        start: str | None = None
        year_from = at + 1
        if alone and 1 <= int(alone[1]) <= 31:
            for later in range(at + 1, min(at + 4, len(lines))):
                month = _MONTH.match(lines[later].text)
                if month and fold(month[1]) in MONTHS:
                    start = f"{alone[1]}. {month[1]}"
                    skip[later] = lines[later].text[month.end() :]
                    year_from = later + 1
                    break
                if find_days(lines[later].text[:14], Order.DAY_FIRST):
                    break
        elif whole and fold(whole[2]) in MONTHS and not _YEAR.match(text[whole.end() :]):
            start = f"{whole[1]}. {whole[2]}"
            text = text[whole.end() :]
        if start is not None:
            for later in range(year_from, min(year_from + 3, len(lines))):
                year = _YEAR.match(lines[later].text)
                if year:
                    start += f" {year[1]}"
                    skip[later] = lines[later].text[year.end() :]
                    break
                if _DAY_ALONE.match(lines[later].text) or _DAY_MONTH.match(lines[later].text):
                    break
            if alone and not whole:
                text = ""
            text = f"{start} {text.strip()}"
        if text.strip():
            found.append(Line(page=line.page, number=line.number, text=text))
    return found
