"""The book of one asset in one account, by both methods: what comes, what leaves, and what that gains."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from flowd.analytics.positions.amounts import UNKNOWN, ZERO, portion, rounded
from flowd.analytics.positions.average import Average
from flowd.analytics.positions.lots import Fifo, Piece
from flowd.domain.positions import Basis, Part

OVERSOLD: Final = "sold more than was ever bought here"
ELSEWHERE: Final = "what came from elsewhere counts as bought at that day's price"
CONTRACT: Final = "a contract: what it brings is booked as realised_pnl in what it settles in"

#: What a day's disposals are told apart by: method, day of acquisition, part.
RowKey = tuple[Basis, date | None, Part]


class Tally:
    """A day's disposals of one kind, added up."""

    __slots__ = ("cost", "cost_base", "count", "fee", "fee_base", "guessed", "quantity", "value", "value_base")

    def __init__(self) -> None:
        self.count = 0
        self.quantity = self.value = self.value_base = self.cost = self.cost_base = self.fee = self.fee_base = ZERO
        self.guessed = False


class Gains:
    """What all disposals so far gained; where one is not known, `lacking` says so and it is left out."""

    __slots__ = ("fx", "gain", "gain_base", "lacking", "price")

    def __init__(self) -> None:
        self.gain = self.gain_base = self.price = self.fx = ZERO
        self.lacking = False

    def add(self, gain: Decimal, gain_base: Decimal, price: Decimal, fx: Decimal) -> None:
        """Add what some disposals gained, in each currency where it is known with all its parts."""
        if gain.is_nan():
            self.lacking = True
        else:
            self.gain += gain
        if fx.is_nan():
            self.lacking = True
        else:
            self.gain_base += gain_base
            self.price += price
            self.fx += fx


class Book:
    """What is held of one asset in one account; `quote` is what its costs are told in beside the base currency.

    Below zero the units are owed, each with what it was sold for; only where `shorts` says that this may be. Elsewhere
    what is sold without being there is `unexplained`: it gains nobody knows what, and nothing is owed.
    """

    __slots__ = (
        "average",
        "changed",
        "contract",
        "fees_base",
        "fifo",
        "gains",
        "incomes",
        "key",
        "last_price",
        "no_rate",
        "price_day",
        "quantity",
        "quote",
        "quoted",
        "rows",
        "shorts",
        "states",
        "touched",
        "trades",
        "unexplained",
    )

    def __init__(self, key: tuple[str, str, str], quote: str, *, quoted: bool, shorts: bool, contract: bool) -> None:
        self.key = key
        self.quote = quote
        #: Whether a trade said what it is quoted in: later ones do not change that.
        self.quoted = quoted
        self.shorts = shorts or contract
        self.contract = contract
        self.quantity = self.unexplained = self.fees_base = ZERO
        self.fifo, self.average = Fifo(), Average()
        self.states: tuple[tuple[Basis, Fifo | Average], ...] = (
            (Basis.FIFO, self.fifo),
            (Basis.AVERAGE, self.average),
        )
        self.gains = {Basis.FIFO: Gains(), Basis.AVERAGE: Gains()}
        self.incomes: dict[str, Decimal] = {}
        self.last_price: Decimal | None = None
        self.price_day = self.changed = date.min
        self.trades = 0
        self.no_rate = ""
        self.rows: dict[RowKey, Tally] = {}
        self.touched = False

    def move(
        self,
        day: date,
        units: Decimal,
        value: Decimal,
        value_base: Decimal,
        fee: Decimal = ZERO,
        fee_base: Decimal = ZERO,
        *,
        fees_in: Decimal = ZERO,
        guessed: bool = False,
    ) -> None:
        """Book `units` that came (above zero) or left for `value`, and the fee besides.

        `fees_in` is a fee that was taken in units and so is in `value` already.
        """
        self.changed, self.touched = day, True
        if not units:
            return
        held, size = self.quantity, abs(units)
        self.quantity = held + units
        if held and (held > 0) != (units > 0):
            closing = min(size, abs(held))
            if closing == size:
                self._close(held > 0, size, (value, value_base, fee, fee_base))
                return
            amounts = value, value_base, fee, fee_base
            first = tuple(portion(one, closing, size) for one in amounts)
            self._close(held > 0, closing, (first[0], first[1], first[2], first[3]))
            fees_in -= portion(fees_in, closing, size)
            value, value_base, fee, fee_base = (one - part for one, part in zip(amounts, first, strict=True))
            size -= closing
        if units > 0:
            piece = Piece(day, size, value + fee, value_base + fee_base, fee + fees_in if fees_in else fee, guessed)
        elif self.shorts:
            piece = Piece(day, -size, fee - value, fee_base - value_base, fee, guessed)
        else:
            self.quantity += size
            self._unknown(size, value, value_base, fee, fee_base)
            return
        self.fifo.add(piece)
        self.average.add(piece)

    def leave(self, day: date, size: Decimal) -> dict[Basis, list[Piece]]:
        """Take units out without gain, with what they cost; what is not there leaves without a trace of its cost."""
        self.changed, self.touched = day, True
        gone = min(size, max(self.quantity, ZERO))
        self.unexplained += size - gone
        self.quantity -= gone
        return {basis: state.take(gone) for basis, state in self.states}

    def receive(self, day: date, pieces: dict[Basis, Iterable[Piece]], size: Decimal, rate: Decimal) -> None:
        """Take in `size` units with what they cost where they were; `rate` turns their costs into this book's."""
        self.changed, self.touched = day, True
        for basis, state in self.states:
            came = list(pieces[basis])
            before, after, whole = ZERO, ZERO, sum((piece.quantity for piece in came), ZERO)
            for piece in came:
                before += piece.quantity
                # fewer arrive where the way cost units: what is left has cost all of it
                upto = size if before == whole else portion(size, before, whole)
                state.add(
                    Piece(
                        piece.acquired or day,
                        upto - after,
                        piece.cost if rate == 1 else rounded(piece.cost * rate),
                        piece.cost_base,
                        piece.fees if rate == 1 or not piece.fees else rounded(piece.fees * rate),
                        piece.guessed,
                    )
                )
                after = upto
        self.fifo.sort()
        self.quantity += size

    def split(self, day: date, numerator: Decimal, denominator: Decimal) -> None:
        """Let `numerator` units stand for `denominator` of before: the cost of all stays what it was."""
        self.changed, self.touched = day, True
        self.quantity = rounded(self.quantity * numerator / denominator)
        for _, state in self.states:
            state.scale(numerator, denominator)
        if self.last_price is not None:
            self.last_price = rounded(self.last_price * denominator / numerator)

    def earn(self, kind: str, amount: Decimal) -> None:
        """Note what it brought in base currency, by kind; what is not known is left out."""
        if not amount.is_nan():
            self.incomes[kind] = self.incomes.get(kind, ZERO) + amount

    def pay(self, fee_base: Decimal) -> None:
        """Note a fee in base currency; one that is not known is left out."""
        if fee_base and not fee_base.is_nan():
            self.fees_base += fee_base

    def _close(self, long: bool, size: Decimal, amounts: tuple[Decimal, Decimal, Decimal, Decimal]) -> None:
        part = Part.LONG if long else Part.SHORT
        for basis, state in self.states:
            pieces = state.take(size)
            value, value_base, fee, fee_base = amounts
            left = size
            for piece in pieces:
                count = abs(piece.quantity)
                key = (basis, piece.acquired, part)
                row = self.rows.get(key)
                if row is None:
                    row = self.rows[key] = Tally()
                if count == left:
                    row.value += value
                    row.value_base += value_base
                    if fee:
                        row.fee += fee
                    if fee_base:
                        row.fee_base += fee_base
                else:
                    # what is left of each amount goes on to the next piece, so that all is shared out
                    mine = portion(value, count, left)
                    row.value, value = row.value + mine, value - mine
                    mine = portion(value_base, count, left)
                    row.value_base, value_base = row.value_base + mine, value_base - mine
                    if fee or fee_base:
                        mine = portion(fee, count, left)
                        row.fee, fee = row.fee + mine, fee - mine
                        mine = portion(fee_base, count, left)
                        row.fee_base, fee_base = row.fee_base + mine, fee_base - mine
                    left -= count
                row.count += 1
                row.quantity += count
                row.cost += piece.cost
                row.cost_base += piece.cost_base
                if piece.guessed:
                    row.guessed = True

    def _unknown(self, size: Decimal, value: Decimal, value_base: Decimal, fee: Decimal, fee_base: Decimal) -> None:
        self.unexplained += size
        for basis, _ in self.states:
            row = self.rows.setdefault((basis, None, Part.UNKNOWN), Tally())
            row.count += 1
            row.quantity += size
            row.value += value
            row.value_base += value_base
            row.fee += fee
            row.fee_base += fee_base
            row.cost = row.cost_base = UNKNOWN
