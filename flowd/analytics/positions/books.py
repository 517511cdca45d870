"""All books of a tenant, kept by going through what happened in the order in which it did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from flowd.analytics.positions.amounts import ONE, UNKNOWN, ZERO, portion, rounded
from flowd.analytics.positions.book import Book
from flowd.analytics.positions.closing import days_of, gains_of
from flowd.analytics.positions.lots import Piece
from flowd.analytics.positions.pricing import Prices
from flowd.api.ledgers import Ledger
from flowd.domain.flows import INCOME, AccountKind, FlowClass
from flowd.domain.positions import Basis, BookRow, MoveFact, SplitFact, TradeFact, UnitFact
from flowd.domain.shares import is_currency

_DAY: Final = timedelta(days=1)
#: Paying with units gives them away for what they are worth; so does changing them into something else.
_SPENT: Final = INCOME | {FlowClass.EXPENSE, FlowClass.FX}
#: What comes so was earned (or given back), and costs what it was worth on the day.
_EARNED: Final = INCOME | {FlowClass.REFUND}

_MOST: Final = Decimal("1e40")

Key = tuple[str, str, str]


class Transit(NamedTuple):
    """Units between two own accounts, with what they cost where they came from."""

    pieces: dict[Basis, list[Piece]]
    size: Decimal
    quote: str


def is_contract(asset: str) -> bool:
    """Say whether `asset` is a contract, such as BTC/USDT:USDT: who trades it gets no coin."""
    return "/" in asset and ":" in asset


class Books:
    """The books after everything up to `day`; rows of days that are over gather in `rows`."""

    def __init__(self, ledger: Ledger, quotes: Mapping[Key, str], departures: frozenset[str]) -> None:
        self.ledger = ledger
        self.base_currency = ledger.base_currency
        self.prices = Prices(ledger)
        self.books: dict[Key, Book] = {}
        self.transit: dict[str, Transit] = {}
        self.rows: list[BookRow] = []
        self.months: list[date] = []
        self._quotes = quotes
        self._departures = departures
        self._touched: list[Book] = []

    @property
    def day(self) -> date:
        """The day whose facts are being booked."""
        return self.prices.day

    def feed(self, facts: Iterable[UnitFact]) -> None:
        """Book facts that come in their order; to be called where `BOOKS` is the context."""
        for fact in facts:
            if fact.day != self.prices.day:
                self.turn(fact.day)
            if isinstance(fact, TradeFact):
                self._trade(fact)
            elif isinstance(fact, MoveFact):
                self._move(fact)
            else:
                self._split(fact)

    def turn(self, day: date) -> None:
        """Close the day that was, and the months that ended since."""
        begun = self.prices.day
        if begun != date.min:
            self._close(self._touched, days_too=True)
            self._touched = []
            end = month_end(begun)
            while end < day:
                if end != begun:
                    self.prices.turn(end)
                    self._show([book for book in self._by_key() if book.quantity])
                else:
                    self._show([book for book in self._by_key() if book.quantity and book.changed != end])
                self.months.append(end)
                self.month_over(end)
                end = month_end(end + _DAY)
        self.prices.turn(day)

    def month_over(self, day: date) -> None:
        """Be told that a month is over and everything of it is booked; nothing happens unless somebody wants that."""

    def book(self, connection: str, account: str, asset: str) -> Book:
        """Return the book of an asset, opened where there is none yet."""
        key = connection, account, asset
        found = self.books.get(key)
        if found is None:
            quote = self._quotes.get(key)
            kind = self.ledger.kind(connection, account)
            found = self.books[key] = Book(
                key,
                quote or self.base_currency,
                quoted=quote is not None,
                # what is sold there without being there was borrowed
                shorts=kind is AccountKind.WALLET_MARGIN,
                # what is traded there is a contract; the money behind it is not
                contract=is_contract(asset) or (kind is AccountKind.WALLET_FUTURES and quote is not None),
            )
        return found

    def _by_key(self) -> list[Book]:
        return [self.books[key] for key in sorted(self.books)]

    def _close(self, books: Iterable[Book], *, days_too: bool) -> None:
        for book in sorted(books, key=lambda one: one.key):
            if book.rows:
                self.rows.extend(gains_of(book, self.prices, self.base_currency))
            if days_too:
                self.rows.extend(days_of(book, self.prices, self.base_currency))
            book.touched = False

    def _show(self, books: Iterable[Book]) -> None:
        for book in books:
            self.rows.extend(days_of(book, self.prices, self.base_currency))

    def _mark(self, book: Book) -> None:
        if not book.touched:
            book.touched = True
            self._touched.append(book)

    def _rate(self, book: Book, base: str, quote: str) -> Decimal:
        rate = self.prices.rate(base, quote)
        if rate.is_nan():
            book.no_rate = f"no rate from {base} to {quote} on {self.prices.day}"
        return rate

    def _trade(self, fact: TradeFact) -> None:
        _, day, connection, account, _, base, quote, side, quantity, price, fee, fee_asset = fact
        buys = side == "buy"
        value = rounded(quantity * price)
        currency_base, currency_quote = is_currency(base), is_currency(quote)
        if currency_base and currency_quote and is_currency(fee_asset):
            return
        book = None if currency_base else self.book(connection, account, base)
        contract = book is not None and book.contract
        value_base, guessed = self._worth(book, value, quantity, base, quote)
        units, paid, paid_base, in_units = quantity, ZERO, ZERO, ZERO
        if fee:
            if fee_asset == base:
                units = quantity - fee if buys else quantity + fee
                if buys and fee > 0:
                    in_units = portion(value, fee, quantity)
                if book is not None:
                    book.pay(portion(value_base, fee, quantity))
            elif fee_asset == quote:
                paid, paid_base = fee, rounded(value_base * fee / value) if value else ZERO
            elif book is not None:
                paid = rounded(fee * self._rate(book, fee_asset, book.quote))
                paid_base = rounded(fee * self._rate(book, fee_asset, self.base_currency))
        if book is not None:
            self._mark(book)
            if book.quote == quote:
                mine, my_fee = value, paid
            else:
                rate = self._rate(book, quote, book.quote)
                mine = rounded(value * rate)
                my_fee = rounded(paid * rate) if fee_asset == quote else paid
                in_units = rounded(in_units * rate)
            book.trades += 1
            book.last_price, book.price_day = (mine / quantity if book.quote != quote else price), day
            book.pay(paid_base)
            book.move(
                day, units if buys else -units, mine, value_base, my_fee, paid_base, fees_in=in_units, guessed=guessed
            )
        if contract:
            return
        if not currency_quote:
            size = value + (fee if buys else -fee) if fee_asset == quote else value
            worth = value_base + (paid_base if buys else -paid_base) if fee_asset == quote else value_base
            if book is None and fee_asset == base and fee:
                # money bought or sold with units, less a fee in that money
                worth -= portion(value_base, fee if buys else -fee, quantity)
            self._give(connection, account, quote, -size if buys else size, worth, guessed=guessed)
        if fee and fee_asset not in (base, quote) and not is_currency(fee_asset):
            worth = paid_base if book is not None else rounded(fee * self.prices.rate(fee_asset, self.base_currency))
            self._give(connection, account, fee_asset, -fee, abs(worth), guessed=False)

    def _worth(
        self, book: Book | None, value: Decimal, quantity: Decimal, base: str, quote: str
    ) -> tuple[Decimal, bool]:
        """Return what a trade moved in base currency, and whether that is a guess by the price of what was traded."""
        if base == self.base_currency:
            return quantity, False
        rate = self.prices.rate(quote, self.base_currency)
        if not rate.is_nan():
            return (value if rate is ONE else rounded(value * rate)), False
        other = self.prices.rate(base, self.base_currency)
        if not other.is_nan():
            return rounded(quantity * other), True
        if book is not None:
            book.no_rate = f"no rate from {quote} to {self.base_currency} on {self.prices.day}"
        return UNKNOWN, False

    def _give(
        self, connection: str, account: str, asset: str, units: Decimal, worth: Decimal, *, guessed: bool
    ) -> None:
        """Book the other side of a trade, or a fee: units that were money here, for what they were worth."""
        book = self.book(connection, account, asset)
        self._mark(book)
        value = worth
        if book.quote != self.base_currency:
            value = rounded(abs(units) * self._rate(book, asset, book.quote))
        if worth.is_nan():
            book.no_rate = f"no rate from {asset} to {self.base_currency} on {self.prices.day}"
        book.move(self.prices.day, units, value, worth, guessed=guessed)

    def _move(self, fact: MoveFact) -> None:
        book = self.book(fact.connection, fact.account, fact.asset)
        self._mark(book)
        size, kind, day = abs(fact.amount), fact.flow_class, fact.day
        if fact.amount > 0:
            came = None if fact.origin is None else self.transit.pop(fact.origin, None)
            if came is not None and book.quantity >= 0:
                rate = ONE if came.quote == book.quote else self._rate(book, came.quote, book.quote)
                carried = sum((piece.quantity for piece in came.pieces[Basis.AVERAGE]), ZERO)
                if carried:
                    # what left without having been there arrives without a known cost
                    share = min(size, portion(size, carried, came.size) if carried != came.size else size)
                    book.receive(day, dict(came.pieces), share, rate)
                    size -= share
                if not size:
                    return
            self._arrive(book, day, size, kind if came is None else FlowClass.TRANSFER)
        elif kind in _SPENT:
            value, worth = self._value(book, size)
            if kind.is_income:
                book.earn(kind.value, -worth)
            book.move(day, -size, value, worth, guessed=True)
        elif kind is FlowClass.FEE:
            book.pay(rounded(size * self.prices.price(fact.asset, self.base_currency)))
            book.move(day, -size, ZERO, ZERO)
        else:
            pieces = book.leave(day, size)
            if fact.id in self._departures:
                self.transit[fact.id] = Transit(pieces, size, book.quote)

    def _arrive(self, book: Book, day: date, size: Decimal, kind: FlowClass) -> None:
        value, worth = self._value(book, size)
        if kind.is_income:
            book.earn(kind.value, worth)
        book.move(day, size, value, worth, guessed=kind not in _EARNED)

    def _value(self, book: Book, size: Decimal) -> tuple[Decimal, Decimal]:
        """Return what `size` units were worth on the day, in the book's quote and in base currency."""
        asset = book.key[2]
        worth = rounded(size * self._rate(book, asset, self.base_currency))
        if book.quote == self.base_currency:
            return worth, worth
        return rounded(size * self._rate(book, asset, book.quote)), worth

    def _split(self, fact: SplitFact) -> None:
        for key in sorted(self.books):
            connection, account, asset = key
            if asset == fact.asset and fact.connection in ("", connection) and fact.account in ("", account):
                book = self.books[key]
                # a number that no split makes in earnest would only grow until nothing can be reckoned with it
                if book.quantity and abs(book.quantity) * fact.numerator / fact.denominator < _MOST:
                    self._mark(book)
                    book.split(fact.day, fact.numerator, fact.denominator)


def month_end(day: date) -> date:
    """Return the last day of the month of `day`."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - _DAY
