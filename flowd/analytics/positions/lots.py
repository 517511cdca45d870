"""Units by the order in which they came: the oldest leave first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from flowd.analytics.positions.amounts import UNKNOWN, ZERO, portion, rounded


class Piece(NamedTuple):
    """Some units with what they cost: what enters the books, and what leaves them.

    Units that are owed have a `quantity` and a `cost` below zero: money came for them. `fees` is what of `cost` was
    fees. `guessed` says that the cost is what they were worth on the day they came.
    """

    acquired: date | None
    quantity: Decimal
    cost: Decimal
    cost_base: Decimal
    fees: Decimal
    guessed: bool


class Fifo:
    """A queue of lots with running sums, so that a day can be closed without counting them."""

    __slots__ = ("_cost", "_cost_base", "_fees", "_guessed", "_unknown", "_unknown_base", "_unknown_fees", "lots")

    def __init__(self, lots: Iterable[Piece] = ()) -> None:
        self.lots: deque[Piece] = deque()
        self._cost = self._cost_base = self._fees = ZERO
        self._unknown = self._unknown_base = self._unknown_fees = self._guessed = 0
        for lot in lots:
            self.add(lot)

    def add(self, lot: Piece) -> None:
        """Put a lot behind the others."""
        self.lots.append(lot)
        self._count(lot, 1)

    def take(self, size: Decimal) -> list[Piece]:
        """Take `size` units (above zero, at most what is there) from the front: one piece per day they came on."""
        taken: list[Piece] = []
        lots = self.lots
        while size:
            lot = lots[0]
            held = abs(lot.quantity)
            if held <= size:
                lots.popleft()
                self._count(lot, -1)
                size -= held
                piece = lot
            else:
                gone = size if lot.quantity > 0 else -size
                piece = lot._replace(
                    quantity=gone,
                    cost=portion(lot.cost, size, held),
                    cost_base=portion(lot.cost_base, size, held),
                    fees=portion(lot.fees, size, held) if lot.fees else ZERO,
                )
                rest = lot._replace(
                    quantity=lot.quantity - gone,
                    cost=lot.cost - piece.cost,
                    cost_base=lot.cost_base - piece.cost_base,
                    fees=lot.fees - piece.fees,
                )
                lots[0] = rest
                self._count(lot, -1)
                self._count(rest, 1)
                size = ZERO
            if taken and taken[-1].acquired == piece.acquired:
                taken[-1] = _joined(taken[-1], piece)
            else:
                taken.append(piece)
        return taken

    def sort(self) -> None:
        """Put lots in the order in which they were acquired, wherever that was."""
        lots = self.lots
        if any((one.acquired or date.min) > (next_.acquired or date.min) for one, next_ in pairwise(lots)):
            self.lots = deque(sorted(lots, key=lambda lot: lot.acquired or date.min))

    def scale(self, numerator: Decimal, denominator: Decimal) -> None:
        """Let `numerator` units stand for `denominator`: rounded so that lots add up to the rounded whole."""
        before = after = ZERO
        scaled: deque[Piece] = deque()
        for lot in self.lots:
            before += lot.quantity
            upto = rounded(before * numerator / denominator)
            scaled.append(lot._replace(quantity=upto - after))
            after = upto
        self.lots = scaled

    def totals(self) -> Piece:
        """Return all units as one piece, acquired when the oldest was."""
        acquired = self.lots[0].acquired if self.lots else None
        cost = UNKNOWN if self._unknown else self._cost
        cost_base = UNKNOWN if self._unknown_base else self._cost_base
        fees = UNKNOWN if self._unknown_fees else self._fees
        return Piece(acquired, ZERO, cost, cost_base, fees, self._guessed > 0)

    def _count(self, lot: Piece, sign: int) -> None:
        _, _, cost, cost_base, fees, guessed = lot
        # only what is not known differs from itself, and asking that way is quicker
        if cost != cost:
            self._unknown += sign
        else:
            self._cost += cost if sign > 0 else -cost
        if cost_base != cost_base:
            self._unknown_base += sign
        else:
            self._cost_base += cost_base if sign > 0 else -cost_base
        if fees:
            if fees != fees:
                self._unknown_fees += sign
            else:
                self._fees += fees if sign > 0 else -fees
        if guessed:
            self._guessed += sign


def _joined(one: Piece, other: Piece) -> Piece:
    return Piece(
        one.acquired,
        one.quantity + other.quantity,
        one.cost + other.cost,
        one.cost_base + other.cost_base,
        one.fees + other.fees,
        one.guessed or other.guessed,
    )
