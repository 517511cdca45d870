"""Rows to transactions by a profile: streaming, in constant memory, each refusal with its line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from typing import BinaryIO, Final, NoReturn

from flowd.api import AccountInfo, Balance, FileRefused, FlowClass, Hints, Record, Trade, Transaction
from flowd.importers.delimited.above import ibans, joiner, said_above
from flowd.importers.delimited.amountcells import AmountCells
from flowd.importers.delimited.amounts import compile_amount, is_blank
from flowd.importers.delimited.balances import Balances
from flowd.importers.delimited.dates import compile_date
from flowd.importers.delimited.ids import Ids
from flowd.importers.delimited.kinds import Kinds
from flowd.importers.delimited.layout import Layout, Rowwise, find_table
from flowd.importers.delimited.legs import LegRows
from flowd.importers.delimited.lines import Lines
from flowd.importers.delimited.making import TEXT_LIMIT, make_transaction
from flowd.importers.delimited.months import fold
from flowd.importers.delimited.names import words
from flowd.importers.delimited.profile import BalanceCheck, Profile
from flowd.importers.delimited.sheet import Row, explain, open_rows
from flowd.importers.delimited.swaps import Swaps, columns_of
from flowd.importers.stated import iban

_DATELIKE: Final = re.compile(r"\s*(\d+\s*[-./]\s*\d|\d{6,8}\s*$|\d{1,2}\.?\s[A-Za-z]{3})")
_NOTES: Final = 20
#: So many lines in a row that say nothing are not what a bank writes around its table.
_IDLE: Final = 10_000
#: So many lines that say nothing, three times as many as the others, are no bank's words around a table.
_MANY: Final = 12
_STRAY: Final = " \t\"'"


@dataclass(kw_only=True)
class Rows:
    """The transactions of one file, read by `profile`; `notes` fills with what has to be said while they are read."""

    file: BinaryIO
    encoding: str
    profile: Profile
    hints: Hints
    #: An own-account column that was guessed while the user named the account: it may hold one account only.
    watch: int | None = None
    notes: list[str] = field(default_factory=list)
    left_out: int = 0

    def note(self, text: str) -> None:
        """Keep a remark for the result; after twenty only the last one says that there are more."""
        if len(self.notes) < _NOTES:
            self.notes.append(text)
        elif len(self.notes) == _NOTES:
            self.notes.append("… and more of this kind")

    def __iter__(self) -> Iterator[Record]:
        lines = Lines(self.file, self.encoding)
        reader: Rowwise = open_rows(lines, self.profile.delimiter, self.profile.quote)
        if self.profile.legs:
            reader = LegRows(reader, self.profile.legs)
        try:
            layout, first, above = find_table(reader, self.profile)
            table = _Table(self, lines, reader, layout, above)
            yield from table.transactions(first)
            yield from table.balances()
            yield from table.accounts()
        except csv.Error as error:
            raise FileRefused(f"line {reader.line_num}: {explain(str(error))}") from None


class _Table:
    """One pass over a table's rows."""

    def __init__(self, owner: Rows, lines: Lines, reader: Rowwise, layout: Layout, above: Sequence[Row]) -> None:
        profile = owner.profile
        self._owner, self._lines, self._reader, self._layout = owner, lines, reader, layout
        self._read_date = compile_date(profile.dates)
        self._read_amount = compile_amount(profile.numbers.style())
        self._dead = [(place, {fold(word) for word in words}) for place, words in layout.skip]
        self._pending = [(place, {fold(word) for word in words}) for place, words in layout.pending]
        self._kinds = Kinds(profile.kinds)
        self._places: dict[tuple[str, str, str], tuple[str, str]] = {}
        self._renamed = owner.hints.options.get("accounts")
        self._held: tuple[int, str] | None = None
        self._watched: str | None = None
        self._below = 0
        self._short = 0
        self._long = 0
        self._unread = 0
        self._ids = Ids(self._refuse)
        self._above = said_above(profile, above)
        self._own, self._between = ibans(above[:100]), set[str]()
        self._chain: Balances | None = None
        if layout.balance is not None and profile.balances is BalanceCheck.ROWS:
            self._chain = Balances(self._read_amount, profile.rounding or Decimal())

    def accounts(self) -> Iterator[AccountInfo]:
        """Yield the file's accounts, where the profile knows what they are."""
        kind = self._owner.profile.account_kind
        if kind is not None:
            for name in dict.fromkeys(name for name, _ in self._places.values()):
                yield AccountInfo(account=name, name=name, kind=kind)

    def balances(self) -> Iterator[Balance]:
        """Yield what the balance column proves, once the transactions were read."""
        if self._chain is not None:
            yield from self._chain.records()

    # --- the loop: everything that is the same for each row is a local name

    def transactions(self, first: Row | None) -> Iterator[Transaction | Trade]:
        layout, reader, profile = self._layout, self._reader, self._owner.profile
        width, on, needed = layout.width, layout.date[0], layout.needed
        other_dates = layout.date[1:]
        read_date, amount_of = self._read_date, AmountCells(profile, layout, self._read_amount, self._refuse).reader()
        at_account, at_currency = layout.account, layout.currency
        at_kind, kinds = layout.kind, self._kinds
        identity = self._ids.reader(layout.id)
        counterparty, description = joiner(layout.counterparty), joiner(layout.description)
        raw_columns = layout.raw
        date_name = layout.names[on]
        places = self._places
        at_part = layout.part
        fixed = self._place("", "") if at_account is None and at_currency is None and at_part is None else None
        where = fixed or ("", "")
        held, balance = self._chain, layout.balance
        filters = bool(self._dead or self._pending)
        watch = self._owner.watch
        swaps = Swaps(profile.dates, self._owner.note) if layout.trades else None
        count = 0
        before: Row = ()
        for row in chain([list(first)] if first is not None else [], reader):
            if len(row) != width:
                if not row or not any(map(str.strip, row)):
                    continue
                fitted = self._fit(row, width, needed)
                if fitted is None:
                    continue
                row = fitted
            cell = row[on]
            moment = read_date(cell)
            if moment is None:
                for place in other_dates:
                    cell = row[place]
                    moment = read_date(cell)
                    if moment is not None:
                        break
                else:
                    if not (filters and self._is_dead(row)):
                        self._undated(row)
                    continue
            if not 1900 <= moment.year <= 2200:
                self._refuse(f"the date {cell.strip()[:60]!r} is out of range (years 1900 to 2200 are kept)")
            pending = False
            if filters:
                if self._is_dead(row):
                    continue
                pending = self._is_pending(row)
            amount = amount_of(row)
            if amount is None:
                self._skip("it has a date but no amount")
                self._unread += 1
                continue
            if self._lines.unterminated and self._may_be_cut(row, before):
                self._refuse(_CUT_AMOUNT)
            before, self._below = row, 0
            if self._held is not None:
                line, text = self._held
                raise FileRefused(f"line {line}: {text}")
            if watch is not None:
                self._one_account(row[watch].strip(_STRAY))
            if fixed is None:
                named = (
                    "" if at_account is None else row[at_account],
                    "" if at_currency is None else row[at_currency],
                    "" if at_part is None else row[at_part],
                )
                where = places.get(named) or self._place(*named)
            raw = {name: text for name, index in raw_columns if (text := row[index].strip())}
            if ":" in cell and type(moment) is date:
                raw[date_name] = cell.strip()
            who, what = counterparty(row), description(row)
            if len(who) > TEXT_LIMIT or len(what) > TEXT_LIMIT:
                who, what = self._shorten(row, who, what, raw)
            kind: FlowClass | None = None
            if at_kind is not None:
                kind = kinds.get(row[at_kind].strip())
            if held is not None and balance is not None and not pending:
                if type(moment) is not date:
                    held.no_days()
                    held.add(where, moment.date(), amount, row[balance], reader.line_num)  # type: ignore[attr-defined]
                else:
                    held.add(where, moment, amount, row[balance], reader.line_num)
            count += 1
            record = make_transaction(
                where[0], identity(row, where[0]), moment, amount, where[1], kind, who, what, pending, raw
            )
            if swaps is None:
                yield record
            else:
                fee = self._read_amount(row[layout.fee]) if layout.fee is not None else None
                yield from swaps.take(record, columns_of(row, layout.trades), fee, cell)
        if swaps is not None:
            yield from swaps.rest()
        if not count:
            raise FileRefused(
                f"line {reader.line_num}: the file has no row with a date and an amount; nothing to import"
            )
        self._last_word(count)

    def _last_word(self, count: int) -> None:
        owner = self._owner
        if owner.profile.account_kind is not None and owner.profile.account_kind.value.startswith("wallet"):
            owner.note("if a connection reads this exchange too, what both tell counts twice: keep to one of them")
        if self._unread > count:
            first = owner.notes[0] if owner.notes else ""
            most = f"{self._unread:,} lines were not understood, and only {count:,} were ({first})"
            if self._unread >= _MANY and self._unread > 3 * count:
                raise FileRefused(f"{most}; this is no table that is known: write a profile for it, or export another")
            owner.notes.insert(0, f"LOOK: {most}")
        if self._held is not None:
            owner.note(f"line {self._held[0]} at the end was taken for a summary and left out")
        if self._lines.unterminated:
            owner.note("the file ends without a line end; if it was cut off, its last line may be incomplete")
        if self._chain is not None:
            self._chain.finish()
            for said in self._chain.notes():
                owner.note(said)
        self._ids.check()

    # --- what a row can be besides a transaction -------------------------------------------------------------------

    def _refuse(self, reason: str) -> NoReturn:
        raise FileRefused(f"line {self._reader.line_num}: {reason}")

    def _fit(self, row: list[str], width: int, needed: int) -> list[str] | None:
        """Return `row` with as many cells as the header has; None for a line that is no transaction."""
        if len(row) > width:
            dated = self._read_date(row[self._layout.date[0]]) is not None
            # Where banks end each row with blank cells, a shifted one is longer than the others.
            self._long = self._long or (len(row) if dated else 0)
            extra = [cell for cell in row[max(width, self._layout.whole) :] if cell.strip()]
            if dated and (extra or len(row) > max(self._long, self._layout.whole)):
                usual = f"the header has {width}" if extra else f"other rows have {self._long}"
                self._refuse(
                    f"{len(row)} columns where {usual}: a {self._owner.profile.delimiter!r} inside a text needs "
                    "quotes; correct the line, or export again"
                )
            return row[:width]
        if self._read_date(row[self._layout.date[0]] if self._layout.date[0] < len(row) else "") is None:
            # A cut first cell looks like a summary's, unless rows begin with their date or a summary began before.
            summary = self._layout.date[0] == 0 and not row[0][:1].isdigit()
            if self._lines.unterminated and len(row) < width and not summary and not self._below:
                self._refuse(_CUT)
            self._undated([*row, *[""] * (width - len(row))])
            return None
        if self._lines.unterminated and len(row) != self._short:
            self._refuse(_CUT)
        # A bank that leaves out blank cells at the end of rows does so in all of them.
        self._short = len(row)
        if len(row) < needed:
            self._refuse(f"only {len(row)} columns where {needed} are needed; correct the line, or export again")
        return [*row, *[""] * (width - len(row))]

    def _may_be_cut(self, row: Row, before: Row) -> bool:
        """Say whether the last line, which has no line end, could have lost the end of its last cell.

        A text that lost its end is only said in a note; an amount that did would be another amount.
        """
        if self._lines.end == self._owner.profile.quote:
            return False
        cell, other = row[-1].strip(), before[-1].strip() if before else ""
        if len(row) - 1 not in self._layout.money and len(row) - 1 != self._layout.balance:
            return False
        if not cell:
            return bool(other) and len(row) - 1 == self._layout.amount
        mark = self._owner.profile.numbers.decimal
        places = len(cell.partition(mark)[2])
        return places != len(other.partition(mark)[2]) if other else places < 2

    def _undated(self, row: Row) -> None:
        cell = row[self._layout.date[0]]
        if _DATELIKE.match(cell):
            formats = " or ".join(self._owner.profile.dates)
            self._refuse(f"the date {cell.strip()[:60]!r} cannot be read (expected {formats})")
        if fold(cell.strip()) in words().pending:
            self._skip(f"it is not booked yet and has no day ({cell.strip()!r})")
            return
        amount = next((row[place] for place in self._layout.money if not is_blank(row[place])), "")
        if amount and self._read_amount(amount) is not None:
            # Below the last transaction this is a total; above one it is a row without its date.
            if self._held is None:
                self._held = (
                    self._reader.line_num,
                    f"an amount ({amount.strip()}) without a date ({cell.strip()[:40]!r}); correct or remove the line",
                )
            return
        self._section(row)
        self._skip("it has neither date nor amount")
        self._below += 1
        self._unread += 1
        if self._below > _IDLE:
            self._refuse(
                f"the last {_IDLE:,} lines have neither date nor amount: is a quote never closed? Download it again"
            )

    def _section(self, row: Row) -> None:
        """Refuse the file where the table of another account begins, for its rows would count as this one's."""
        if [cell.strip() for cell in row][: self._layout.width] == list(self._layout.names) and self._between:
            self._refuse(
                f"here begins the table of another account ({', '.join(sorted(self._between))}, after "
                f"{', '.join(sorted(self._own)) or 'one that is not named'}); split the file, an account each"
            )
        self._between |= ibans([row]) - self._own

    def _skip(self, why: str) -> None:
        self._owner.left_out += 1
        self._owner.note(f"line {self._reader.line_num} was left out: {why}")

    def _is_dead(self, row: Row) -> bool:
        for place, said in self._dead:
            if fold(row[place].strip()) in said:
                self._skip(f"{self._layout.names[place]} is {row[place].strip()!r}")
                return True
        return False

    def _is_pending(self, row: Row) -> bool:
        return any(fold(row[place].strip()) in words for place, words in self._pending)

    def _one_account(self, text: str) -> None:
        if self._watched is None:
            self._watched = text
        elif text != self._watched:
            self._refuse(
                f"the file holds several accounts ({self._watched}, {text}), but you named one; leave the account out "
                "to use the file's own, or write a profile"
            )

    # --- readers of one thing in a row -----------------------------------------------------------------------------

    def _place(self, account: str, currency: str, part: str = "") -> tuple[str, str]:
        """Return account and asset of a row whose cells say `account` and `currency`, and which part of the account."""
        key = (account, currency, part)
        found = self._places.get(key)
        if found is not None:
            return found
        hints = self._owner.hints
        # A stray quote is a slip of the bank's, not another account.
        name = account.strip(_STRAY) or self._above.account
        if hints.insists:
            if name:
                self._one_account(iban(name) or name)
            name = hints.account
        if name := name or hints.account:
            name = iban(name) or name
            if part.strip() and fold(part.strip()) not in map(fold, self._owner.profile.main_part):
                name = f"{name} {part.strip()}"
        if not name:
            raise FileRefused(
                f"line {self._reader.line_num}: the file does not say which account it is of; name it (`--account`, "
                "or `account:` of the connection)"
            )
        if isinstance(self._renamed, Mapping):
            name = str(self._renamed.get(name, name))
        stated = currency.strip().upper() or self._above.currency
        stated = self._owner.profile.assets.get(stated or "", stated)
        asset = stated or self._owner.profile.currency or hints.asset
        if not asset:
            raise FileRefused(
                f"line {self._reader.line_num}: the file does not say its currency; give it (`--currency`, or "
                "`currency: EUR` in the connection or the profile)"
            )
        try:
            Transaction(account=name, external_id=None, booked_at=_SOME_DAY, amount=Decimal(), asset=asset)
        except ValueError as error:
            raise FileRefused(f"line {self._reader.line_num}: {error}") from None
        if len(self._places) < 100_000:
            self._places[key] = (name, asset)
        return name, asset

    def _shorten(self, row: Row, who: str, what: str, raw: dict[str, str]) -> tuple[str, str]:
        for place in (*self._layout.counterparty, *self._layout.description):
            if len(row[place]) > TEXT_LIMIT:
                raw[self._layout.names[place]] = row[place].strip()
        return who[:TEXT_LIMIT], what[:TEXT_LIMIT]


_SOME_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)
_CUT_AMOUNT: Final = (
    "the file ends without a line end, and its last amount is not written like the others: it was cut off; download it "
    "again, or end the line if it is right"
)
_CUT: Final = "the file ends in the middle of this line: it was cut off; download it again, or remove the line"
