"""A statement read: its postings with signs and full days, its balances, and how sure the reading is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from flowd.api import FileRefused
from flowd.importers.delimited.months import fold
from flowd.importers.pdf.bare import mark_bare_days
from flowd.importers.pdf.days import Day, Order, decide_order, nearest_year
from flowd.importers.pdf.deals import OPEN, Meant, Purpose, read_meaning
from flowd.importers.pdf.decided import Decided, Evidence
from flowd.importers.pdf.direction import only_direction
from flowd.importers.pdf.heading import Period, account_of, currency_of, period_of
from flowd.importers.pdf.lines import Line
from flowd.importers.pdf.reckoning import Reckoning, reckon
from flowd.importers.pdf.settlement import read_settlement
from flowd.importers.pdf.sums import Purse, decide_notation
from flowd.importers.pdf.table import Mark, Table, read_table
from flowd.importers.pdf.vocabulary import Role, speaks_american, speaks_of_card

#: Below this a reading is refused rather than believed.
ENOUGH: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One movement of money on a statement."""

    place: str
    day: date
    value_day: date | None
    amount: Decimal
    asset: str | None
    text: str
    balance: Decimal | None
    #: Whether the statement's own balances prove amount and direction.
    proved: bool = False
    meant: Meant = OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the account held at the end of a day, as the statement says."""

    day: date
    amount: Decimal
    asset: str | None


@dataclass(slots=True, kw_only=True)
class Statement:
    """What a document says, and in `words` how it was understood."""

    postings: Sequence[Posting]
    balances: Sequence[Held]
    account: str | None
    asset: str | None
    card: bool
    sure: float
    words: Sequence[str]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    lines: Sequence[Line]
    order: Order
    order_open: bool
    purse: Purse
    folded: str
    #: Whether the lines are those of one of several accounts.
    several: bool = False


def read_statements(lines: Sequence[Line]) -> list[Statement]:
    """Read a document's lines, whatever bank wrote them: one statement, or one for each of its accounts.

    FileRefused with the reason where no posting can be told.
    """
    folded = fold("\n".join(line.text for line in lines))
    american = speaks_american(folded)
    order, why = decide_order((line.text for line in lines), american)
    purse = Purse(decide_notation(line.text for line in lines))
    context = _Context(lines=lines, order=order, order_open=not why, purse=purse, folded=folded)
    table = read_table(lines, purse, order)
    if not table.rows and purse.notation.decimal == "." and (marked := mark_bare_days(lines)) is not None:
        lines, context = marked, replace(context, lines=marked)
        table = read_table(lines, purse, order)
    if not why and any(day.either for row in table.rows for day in row.days):
        table, context = _ordered(table, context)
    if not table.rows:
        return [_notice(context, american)]
    closing = [day for mark in table.marks if mark.role is Role.CLOSING for day in mark.days]
    period = period_of(lines, context.order, closing)
    ends = _ends_of_accounts(table)
    if not ends:
        return [_table(context, table, period, american)]
    parts = [(part, own) for part in _split(lines, ends) if (own := read_table(part, purse, context.order)).rows]
    found = [_table(replace(context, lines=part, several=True), own, period, american) for part, own in parts]
    for statement in found if len(found) > 1 else ():
        statement.asset = statement.asset or currency_of(lines, american)
        if statement.account is None:
            raise FileRefused(
                f"{statement.postings[0].place}: the document holds {len(found)} accounts one after the other, "
                "and this one does not say its number: split the file"
            )
    return found


def _ends_of_accounts(table: Table) -> list[str]:
    """Return the places of closing balances after which another account opens with another balance."""
    found: list[str] = []
    rows = 0
    closed: Mark | None = None
    for entry in table.entries:
        if not isinstance(entry, Mark):
            rows += not entry.maybe
        elif entry.role is Role.CLOSING and rows:
            closed, rows = entry, 0
        elif entry.role is Role.OPENING and closed is not None:
            if entry.sums[-1].signed != closed.sums[-1].signed:
                found.append(closed.line.place)
            closed = None
    return found


def _split(lines: Sequence[Line], ends: Sequence[str]) -> list[Sequence[Line]]:
    cuts = [at + 1 for at, line in enumerate(lines) if line.place in ends]
    return [lines[start:end] for start, end in zip([0, *cuts], [*cuts, len(lines)], strict=True)]


def _ordered(table: Table, context: _Context) -> tuple[Table, _Context]:
    """Read days like 03/04 the way in which the list goes by them, if it does so only one way."""
    other = Order.DAY_FIRST if context.order is Order.MONTH_FIRST else Order.MONTH_FIRST
    turned = read_table(context.lines, context.purse, other)
    runs, runs_turned = _runs(table), _runs(turned)
    if runs == runs_turned:
        return table, context
    return (
        (table, replace(context, order_open=False))
        if runs
        else (turned, replace(context, order=other, order_open=False))
    )


def _runs(table: Table) -> bool:
    days = [((row.days[0].year or 0), row.days[0].month, row.days[0].day) for row in table.rows if not row.inherited]
    return len(set(days)) > 1 and days in (sorted(days), sorted(days, reverse=True))


def _table(context: _Context, table: Table, period: Period | None, american: bool) -> Statement:
    card = speaks_of_card(context.folded)
    reckoning = reckon(table, card=card, only=only_direction(context.folded.splitlines()))
    notes: list[str] = []
    postings = [_posting(row, period, context.purse.notation.decimal) for row in reckoning.rows]
    if not postings:
        raise FileRefused("no posting is seen: the statement shows balances only, or is laid out in a way not known")
    if _gap(reckoning) == 0:
        # Together they lead from the opening to the closing balance.
        postings = [replace(posting, proved=True) for posting in postings]
    sure, words = _sureness(context, table, reckoning, postings, notes)
    first = table.rows[0].line
    head = next((at for at, line in enumerate(context.lines) if line.place == first.place), 0)
    # Of several accounts, the name right above counts: the first page lists them all.
    account, how = account_of(context.lines[:head][::-1] if context.several else context.lines, head)
    if account is not None:
        words.insert(0, f"account {account} ({how})")
    asset = currency_of(context.lines, american)
    balances = _balances(reckoning, postings, period, asset)
    return Statement(
        postings=postings,
        balances=balances,
        account=account,
        asset=asset,
        card=card,
        sure=sure,
        words=words,
        notes=notes,
    )


def _posting(row: Decided, period: Period | None, decimal: str) -> Posting:
    days = [_full(day, period, row.row.line) for day in row.row.days]
    value = [found for day in row.row.value_days if (found := _maybe(day, period)) is not None]
    value_day = days[1] if len(days) > 1 else value[-1] if value else None
    text = " ".join(" ".join([row.row.text, *_said(row)]).split())[:1000]
    return Posting(
        place=row.row.line.place,
        day=days[0],
        value_day=value_day if value_day != days[0] else None,
        amount=row.value,
        asset=row.amount.asset or row.row.asset,
        text=text,
        balance=row.balance.signed if row.balance is not None else None,
        proved=row.proved,
        meant=read_meaning([row.row.line.text, *_said(row)], row.value, decimal),
    )


def _said(row: Decided) -> list[str]:
    """Return the lines below a posting that belong to its text: those on its own page."""
    return row.row.more[:8]


def _full(day: Day, period: Period | None, line: Line) -> date:
    found = _maybe(day, period)
    if found is None:
        why = "has no year, and none is named in the statement" if day.year is None and period is None else "is none"
        raise FileRefused(f"{line.place}: the day {day.day:02}.{day.month:02}. {why}")
    return found


def _maybe(day: Day, period: Period | None) -> date | None:
    if period is None:
        return day.full(day.year) if day.year is not None else None
    return nearest_year(day, period.end, period.start)


def _sureness(
    context: _Context, table: Table, reckoning: Reckoning, postings: Sequence[Posting], notes: list[str]
) -> tuple[float, list[str]]:
    rows = reckoning.rows
    evidence = Counter(row.evidence for row in rows)
    deals = sum(posting.meant.deal is not None for posting in postings)
    framed = bool(table.headings) or any(mark.role is Role.OPENING for mark in table.marks) or deals * 2 > len(rows)
    # Without a heading or a balance nothing says that the lines are a table at all.
    sure = 0.7 if framed else 0.45 if len(rows) > 2 else 0.42
    words = [f"{len(rows)} postings", f"decimal {'comma' if context.purse.notation.decimal == ',' else 'point'}"]
    proof = reckoning.proved / reckoning.steps if reckoning.steps else 0.0
    gap = _gap(reckoning)
    signed = sum(evidence[what] for what in (Evidence.WRITTEN, Evidence.COLUMN, Evidence.SECTION, Evidence.BALANCE))
    sure += 0.1 * signed / len(rows)
    if proof >= 0.5:
        sure += 0.15 * proof
        words.append(f"{reckoning.proved} of {reckoning.steps} follow from the balances")
    if gap == 0:
        sure = max(sure, 0.95)
        words.append("opening balance and postings give the closing balance")
    elif gap is not None:
        sure -= 0.05
        notes.append(
            f"opening balance {reckoning.opening} and the postings give {(reckoning.closing or 0) - gap}, the "
            f"statement closes with {reckoning.closing}: a gap of {gap}; a posting may be missing or read wrongly"
        )
    words.append("signs: " + ", ".join(f"{number} by {what.value}" for what, number in evidence.most_common()))
    sure -= 0.12 * evidence[Evidence.WORDS] / len(rows) + 0.4 * evidence[Evidence.ASSUMED] / len(rows)
    if evidence[Evidence.ASSUMED]:
        notes.append(
            f"{evidence[Evidence.ASSUMED]} of {len(rows)} postings ASSUMED to be money in: nothing tells which way"
        )
    if context.order_open and any(day.either for row in rows for day in row.row.days):
        sure -= 0.1
        words.append(f"ASSUMED {context.order.value} in days like 03/04, as none tells")
    if table.bare:
        notes.append(f"{table.bare} lines that begin with a day show no amount and were left out")
    if table.left:
        notes.append(f"{table.left} lines of another table, of prices and quantities, were left out")
    if table.deals:
        notes.append(
            f"{table.deals} lines that show units, a price and their product, as trades do, were NOT read: "
            "import the broker's own file for them"
        )
    if reckoning.empty:
        notes.append(f"{reckoning.empty} dated lines with an amount of zero were left out")
    notes += [
        f"{row.line.place}: only the balance can be read, not the amount: {row.text[:60]!r} was left out"
        for row in reckoning.unreadable
    ]
    if reckoning.dropped:
        notes.append(f"{reckoning.dropped} dated lines that show only a balance were left out")
    securities = [posting.meant for posting in postings if posting.meant.purpose is Purpose.SECURITIES]
    if securities:
        known = sum(meant.deal is not None for meant in securities)
        notes.append(
            f"{len(securities)} postings bought or sold securities; {known} of them say how many units, and are kept "
            "as trades as well: a broker's own file or connector that says them too would say them twice"
        )
    if not _in_order(postings):
        words.append("days in no order")
    return max(0.0, min(sure, 0.98)), words


def _gap(reckoning: Reckoning) -> Decimal | None:
    if reckoning.opening is None or reckoning.closing is None:
        return None
    return reckoning.closing - reckoning.opening - sum((row.value for row in reckoning.rows), Decimal(0))


def _in_order(postings: Sequence[Posting]) -> bool:
    days = [posting.day for posting in postings]
    return days in (sorted(days), sorted(days, reverse=True))


def _balances(
    reckoning: Reckoning, postings: Sequence[Posting], period: Period | None, asset: str | None
) -> list[Held]:
    first, last = min(posting.day for posting in postings), max(posting.day for posting in postings)
    if len({posting.asset or asset for posting in postings}) > 1:
        return []
    held = []
    if reckoning.opening is not None:
        stated = _stated(reckoning.opening_mark, period)
        before = first - timedelta(days=1)
        held.append(Held(day=min(stated or before, before), amount=reckoning.opening, asset=asset))
    if reckoning.closing is not None:
        stated = _stated(reckoning.closing_mark, period)
        held.append(Held(day=max(stated or last, last), amount=reckoning.closing, asset=asset))
    return held


def _stated(mark: Mark | None, period: Period | None) -> date | None:
    if mark is None:
        return None
    found = [day for each in mark.days if (day := _maybe(each, period)) is not None]
    return found[-1] if found else None


def _notice(context: _Context, american: bool) -> Statement:
    found = read_settlement(context.lines, context.purse, context.order)
    if isinstance(found, str):
        raise FileRefused(f"no posting is seen: {found}. Import the bank's CSV, MT940, CAMT or OFX file instead")
    day = found.day.full(0) if found.day.year else None
    if day is None:
        raise FileRefused(f"{found.line.place}: the day of payment has no year")
    if not found.sign:
        raise FileRefused(f"{found.line.place}: nothing tells whether {found.amount.value} came in or went out")
    account, how = account_of(context.lines, len(context.lines))
    asset = found.amount.asset or currency_of(context.lines, american)
    posting = Posting(
        place=found.line.place,
        day=day,
        value_day=None,
        amount=found.amount.value * found.sign,
        asset=found.amount.asset,
        text=found.text,
        balance=None,
    )
    words = [f"account {account} ({how})"] if account else []
    words += ["a notice of one posting", f"settled amount from {found.line.place}"]
    return Statement(postings=[posting], balances=[], account=account, asset=asset, card=False, sure=0.6, words=words)
