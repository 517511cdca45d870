"""Books as text, so that they can be kept on from the end of a month: JSON with every amount as it stands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flowd.analytics.positions.amounts import ZERO
from flowd.analytics.positions.book import Book, Gains
from flowd.analytics.positions.books import Books, Transit
from flowd.analytics.positions.lots import Fifo, Piece
from flowd.domain.positions import Basis

#: Raised when the text means something else: older marks are then not read.
VERSION = 1


def pack(books: Books) -> str:
    """Return all books as text."""
    return json.dumps(
        {
            "version": VERSION,
            "day": str(books.day),
            "books": [_book(books.books[key]) for key in sorted(books.books)],
            "transit": {name: _transit(books.transit[name]) for name in sorted(books.transit)},
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def awaiting(text: str) -> Mapping[tuple[str, str, str], str | None] | None:
    """Return what a later trade was to say of books without one: its quote, None where no trade was known.

    None stands for a text of another version.
    """
    told = json.loads(text)
    if told["version"] != VERSION:
        return None
    return {
        tuple(book["key"]): book["quote"] if book["quoted"] else None for book in told["books"] if not book["trades"]
    }


def unpack(text: str, books: Books, day: date) -> None:
    """Put the books of `text` in place, as they were at the end of `day`."""
    told = json.loads(text)
    for said in told["books"]:
        book = _read_book(said)
        books.books[book.key] = book
    for name, said in told["transit"].items():
        pieces = {Basis(basis): [_read_piece(one) for one in ones] for basis, ones in said["pieces"].items()}
        books.transit[name] = Transit(pieces, Decimal(said["size"]), said["quote"])
    books.prices.turn(day)


def _book(book: Book) -> dict[str, Any]:
    average = book.average.totals()
    return {
        "key": book.key,
        "quote": book.quote,
        "quoted": book.quoted,
        "shorts": book.shorts,
        "contract": book.contract,
        "quantity": str(book.quantity),
        "unexplained": str(book.unexplained),
        "fees_base": str(book.fees_base),
        "lots": [_piece(lot) for lot in book.fifo.lots],
        "average": _piece(average),
        "gains": {basis.value: _gains(gains) for basis, gains in book.gains.items()},
        "incomes": {kind: str(amount) for kind, amount in sorted(book.incomes.items())},
        "last_price": None if book.last_price is None else str(book.last_price),
        "price_day": str(book.price_day),
        "changed": str(book.changed),
        "trades": book.trades,
        "no_rate": book.no_rate,
    }


def _read_book(said: Mapping[str, Any]) -> Book:
    connection, account, asset = said["key"]
    book = Book(
        (connection, account, asset),
        said["quote"],
        quoted=said["quoted"],
        shorts=said["shorts"],
        contract=said["contract"],
    )
    book.quantity = Decimal(said["quantity"])
    book.unexplained = Decimal(said["unexplained"])
    book.fees_base = Decimal(said["fees_base"])
    book.fifo = Fifo(_read_piece(lot) for lot in said["lots"])
    book.states = ((Basis.FIFO, book.fifo), (Basis.AVERAGE, book.average))
    pool = _read_piece(said["average"])
    if pool.quantity or pool.cost:
        book.average.add(pool)
    for basis, gains in said["gains"].items():
        book.gains[Basis(basis)] = _read_gains(gains)
    book.incomes = {kind: Decimal(amount) for kind, amount in said["incomes"].items()}
    book.last_price = None if said["last_price"] is None else Decimal(said["last_price"])
    book.price_day, book.changed = date.fromisoformat(said["price_day"]), date.fromisoformat(said["changed"])
    book.trades, book.no_rate = said["trades"], said["no_rate"]
    return book


def _piece(piece: Piece) -> list[Any]:
    day = None if piece.acquired is None else str(piece.acquired)
    return [day, *(str(one) for one in piece[1:5]), piece.guessed]


def _read_piece(said: list[Any]) -> Piece:
    day = None if said[0] is None else date.fromisoformat(said[0])
    quantity, cost, cost_base, fees = (Decimal(one) for one in said[1:5])
    return Piece(day, quantity, cost, cost_base, fees or ZERO, said[5])


def _transit(transit: Transit) -> dict[str, Any]:
    pieces = {basis.value: [_piece(piece) for piece in ones] for basis, ones in transit.pieces.items()}
    return {"pieces": pieces, "size": str(transit.size), "quote": transit.quote}


def _gains(gains: Gains) -> list[Any]:
    return [str(gains.gain), str(gains.gain_base), str(gains.price), str(gains.fx), gains.lacking]


def _read_gains(said: list[Any]) -> Gains:
    gains = Gains()
    gains.gain, gains.gain_base, gains.price, gains.fx = (Decimal(one) for one in said[:4])
    gains.lacking = said[4]
    return gains
