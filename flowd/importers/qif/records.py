"""The second pass over a QIF file: what its records say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import BinaryIO, Final

from flowd.api import AccountInfo, Balance, FileRefused, Hints, Rate, Record, Trade, Transaction
from flowd.domain.money import check_asset
from flowd.importers.qif.days import date_reader
from flowd.importers.qif.entries import Entries, Entry, Holds, Section
from flowd.importers.qif.postings import Postings, read_fields
from flowd.importers.qif.survey import Survey, is_opening, price_of
from flowd.importers.qif.trading import Trading, read_deal
from flowd.importers.qif.values import number_reader, security_code
from flowd.importers.tradeids import TradeIds

_NOTES: Final = 20


@dataclass(kw_only=True)
class Records:
    """The records of one file; `notes` fills with what has to be said while they are read."""

    file: BinaryIO
    survey: Survey
    hints: Hints
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Keep a remark for the result; after twenty only that there are more."""
        if len(self.notes) < _NOTES:
            self.notes.append(text)
        elif len(self.notes) == _NOTES:
            self.notes.append("… and more of this kind")

    def account(self, section: Section) -> tuple[str, str]:
        """Return the account of a section's records, and what the file calls it."""
        named = self.survey.accounts.get(section.number, "")
        alone = self.survey.named
        if not named and len(alone) == 1:
            named = alone[0]
        name = self.hints.account if self.hints.insists else named or self.hints.account
        if not name:
            raise FileRefused(
                "the file does not say which account it is of; name it (`--account`, or `account:` of the connection)"
            )
        renamed = self.hints.options.get("accounts")
        return (str(renamed.get(name, name)) if isinstance(renamed, Mapping) else name), named

    def prepare(self) -> None:
        """Refuse the file where it cannot be known of which account or currency it is."""
        if self.hints.insists and len(self.survey.named) > 1:
            raise FileRefused(
                f"the file holds several accounts ({', '.join(self.survey.named[:5])}), but you named one; leave the "
                "account out to use the file's own"
            )
        if not self.survey.records and not self.survey.prices:
            raise FileRefused("the file holds no record of any account; nothing to import")
        if not self.hints.asset:
            raise FileRefused(
                "the file does not say its currency, as no QIF file does; give it (`currency: EUR` of the connection, "
                "or `--currency`)"
            )
        try:
            check_asset(self.hints.asset, "the currency")
        except ValueError as error:
            raise FileRefused(str(error)) from None

    def __iter__(self) -> Iterator[Record]:
        entries = Entries(self.file, self.survey.encoding, self.note)
        told: set[str] = set()
        readers: dict[int, _Reader] = {}
        dates, numbers = date_reader(self.survey.order), number_reader(self.survey.style)
        trades = TradeIds()
        accounts: dict[str, _Account] = {}
        left_out: dict[str, int] = {}
        for entry in entries:
            section = entry.section
            if section.holds is Holds.POSTINGS or section.holds is Holds.TRADES:
                reader = readers.get(section.number)
                if reader is None:
                    name, named = self.account(section)
                    assert self.hints.asset is not None
                    if name not in told:
                        told.add(name)
                        title = section.described or name
                        yield AccountInfo(account=name, name=title, kind=section.kind, asset=self.hints.asset)
                    postings = Postings(
                        account=name,
                        asset=self.hints.asset,
                        named=named,
                        read_date=dates,
                        read_number=numbers,
                        refuse=entries.refuse,
                        note=lambda text: self.note(f"line {entries.line}: {text}"),
                    )
                    trading = Trading(postings=postings, symbols=self.survey.symbols, ids=trades)
                    # Sections come one after the other: only the one at hand needs its reader.
                    readers = {
                        section.number: (reader := _Reader(postings, trading, accounts.setdefault(name, _Account())))
                    }
                yield from reader.records(entry)
            elif section.holds is Holds.PRICES:
                yield from self._prices(entries, entry, dates, numbers)
            elif section.holds is Holds.LISTS and len(left_out) < 100:
                left_out[section.title] = left_out.get(section.title, 0) + 1
        for name, account in accounts.items():
            yield from account.balance(name, self.hints.asset or "")
        if left_out:
            self.note("lists were left out: " + ", ".join(f"{title} ({count})" for title, count in left_out.items()))

    def _prices(
        self,
        entries: Entries,
        entry: Entry,
        dates: Callable[[str], date | None],
        numbers: Callable[[str], Decimal | None],
    ) -> Iterator[Rate]:
        asset = self.hints.asset or ""
        for line in entry.lines:
            price = price_of(line)
            if price is None:
                self.note(f"line {entry.line}: {line[:40]!r} in the list of prices was left out")
                continue
            symbol, text, on = price
            value, day = numbers(text) if text else None, dates(on)
            if day is None:
                entries.refuse(f"the date {on[:40]!r} cannot be read as the others of this file")
            if text and value is None:
                entries.refuse(f"{text[:40]!r} is not a price")
            if value:
                at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
                yield Rate(base=security_code(symbol, self.survey.symbols, asset), quote=asset, at=at, value=value)


class _Account:
    """What is gathered of one account over its sections."""

    def __init__(self) -> None:
        self.first: date | None = None
        self.opened: tuple[date, Decimal] | None = None

    def balance(self, name: str, asset: str) -> Iterator[Balance]:
        """Yield the balance the account began with: at the end of the day before its first posting, or of its own."""
        if self.opened is None:
            return
        day, amount = self.opened
        if self.first is not None:
            day = min(day, self.first - timedelta(days=1))
        yield Balance(account=name, asset=asset, day=day, amount=amount)


class _Reader:
    """Reads the records of one section."""

    def __init__(self, postings: Postings, trading: Trading, account: _Account) -> None:
        self._postings, self._trading, self._account = postings, trading, account

    def records(self, entry: Entry) -> Iterator[Record]:
        """Yield what `entry` states."""
        if entry.section.holds is Holds.TRADES:
            deal = read_deal(entry.lines)
            if deal.action.lower() in {"cash", "xin", ""} and self._opened(deal.payee, deal.date, deal.total):
                return
            for record in self._trading.records(deal):
                if isinstance(record, Transaction | Trade):
                    moment = record.booked_at if isinstance(record, Transaction) else record.at
                    self._count(moment.date() if isinstance(moment, datetime) else moment)
                yield record
            return
        found = read_fields(entry.lines)
        if self._postings.opening(found) and self._opened(found.payee, found.date, found.amount or found.other_amount):
            return
        posting = self._postings.transaction(found)
        if posting is not None:
            assert isinstance(posting.booked_at, date)
            self._count(posting.booked_at)
            yield posting

    def _count(self, day: date) -> None:
        if self._account.first is None or day < self._account.first:
            self._account.first = day

    def _opened(self, payee: str, on: str, amount: str) -> bool:
        if not is_opening(payee) or not amount or self._account.opened is not None:
            return False
        self._account.opened = self._postings.day(on), self._postings.amount(amount)
        return True
