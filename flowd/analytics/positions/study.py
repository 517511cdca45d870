"""The analytic `positions`: what every holding cost, is worth and has gained, first-in-first-out and on average."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import localcontext
from heapq import merge
from itertools import islice
from typing import Any, Final

from flowd.analytics.positions.amounts import BOOKS, rounded
from flowd.analytics.positions.books import Books
from flowd.analytics.positions.closing import lots_of, positions_of
from flowd.analytics.positions.marks import awaiting, pack, unpack
from flowd.api import IncomeDay, Metric, Performance, View
from flowd.api.ledgers import Ledger
from flowd.domain.positions import BookRow, Mark, MoveFact, TradeFact, UnitFact

#: So many facts are booked before what they gave is handed on.
_PIECE: Final = 2000
#: With more open lots than that no mark is made: it would be larger than what it saves.
_MARKED_LOTS: Final = 20_000


class Positions:
    """Keeps the books of all units; its rows are stored by the engine, which asks `book` for them."""

    name = "positions"
    reads: Sequence[str] = ("derived.trade", "derived.transaction", "raw.event", "raw.rate")
    writes: Sequence[str] = ("derived.position",)

    def reach(self, view: View, since: date, until: date) -> tuple[date, date]:  # noqa: ARG002
        """Return the days as they are: books are kept on from a mark before the first."""
        return since, until

    def compute(self, view: View, since: date, until: date) -> Iterable[IncomeDay | Metric | Performance]:  # noqa: ARG002
        """Return nothing: books are no rows of single days."""
        return ()

    def continues(self, ledger: Ledger, mark: Mark) -> bool:
        """Say whether what was held without a trade at `mark` is quoted in what was thought then."""
        before = awaiting(mark.data)
        if before is None:
            return False
        quotes = ledger.quotes(mark.day)
        return all(quotes.get(key) == quote for key, quote in before.items())

    def book(self, ledger: Ledger, mark: Mark | None) -> Iterator[BookRow]:
        """Yield the rows of all days after `mark`, marks at the ends of months, and how everything stands today."""
        after = None if mark is None else mark.day
        books = _Marking(ledger, ledger.quotes(after), ledger.departures())
        if mark is not None:
            unpack(mark.data, books, mark.day + timedelta(days=1))
        kinds: list[Iterable[UnitFact]] = [ledger.splits(after), ledger.moves(after), ledger.trades(after)]
        facts = merge(*kinds, key=_order)
        while chunk := list(islice(facts, _PIECE)):
            with localcontext(BOOKS):
                books.feed(chunk)
            yield from books.take()
        with localcontext(BOOKS):
            books.end(ledger.today)
            _add_dividends(books, ledger)
            books.prices.turn(ledger.today)
        yield from books.take()
        for key in sorted(books.books):
            with localcontext(BOOKS):
                book = books.books[key]
                rows: list[BookRow] = [
                    *positions_of(book, books.prices, ledger.base_currency, ledger.today),
                    *lots_of(book),
                ]
            yield from rows


class _Marking(Books):
    """Books that make a mark whenever a month is over."""

    def month_over(self, day: date) -> None:
        """Make a mark."""
        if day < self.ledger.today and sum(len(book.fifo.lots) for book in self.books.values()) <= _MARKED_LOTS:
            self.rows.append(Mark(day=day, data=pack(self)))

    def end(self, today: date) -> None:
        """Close all days up to today, and the month that ends today."""
        if self.prices.day != date.min:
            self.turn(today + timedelta(days=1))

    def take(self) -> list[BookRow]:
        """Return the rows that came together, and begin anew."""
        rows, self.rows = self.rows, []
        return rows


def _add_dividends(books: Books, ledger: Ledger) -> None:
    for paid in ledger.dividends():
        book = books.books.get((paid.connection, paid.account, paid.asset))
        if book is not None:
            if books.prices.day != paid.day:
                books.prices.turn(paid.day)
            rate = books.prices.rate(paid.currency, books.base_currency)
            if rate.is_nan():
                book.no_rate = f"no rate from {paid.currency} to {books.base_currency} on {paid.day}"
            book.earn("dividend", rounded(paid.amount * rate))


def _order(fact: UnitFact) -> tuple[Any, ...]:
    """Order by time; at one time splits come first, then what comes in, what is bought, what is sold, what leaves."""
    if isinstance(fact, TradeFact):
        return fact.at, 2 if fact.side == "buy" else 3, fact.connection, fact.account, fact.id
    if isinstance(fact, MoveFact):
        return fact.at, 1 if fact.amount > 0 else 4, fact.connection, fact.account, fact.id
    return fact.at, 0, fact.connection, fact.account, fact.id
