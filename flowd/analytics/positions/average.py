"""Units that all cost the same: what they cost on average, moving with each that comes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flowd.analytics.positions.amounts import ZERO, portion, rounded
from flowd.analytics.positions.lots import Piece


class Average:
    """One pool of units; what leaves it costs its share of the whole."""

    __slots__ = ("cost", "cost_base", "fees", "guessed", "opened", "quantity")

    def __init__(self) -> None:
        self.quantity = self.cost = self.cost_base = self.fees = ZERO
        self.guessed = False
        self.opened: date | None = None

    def add(self, piece: Piece) -> None:
        """Put units into the pool."""
        if not self.quantity:
            self.opened = piece.acquired
        self.quantity += piece.quantity
        self.cost += piece.cost
        self.cost_base += piece.cost_base
        if piece.fees:
            self.fees += piece.fees
        self.guessed = self.guessed or piece.guessed

    def take(self, size: Decimal) -> list[Piece]:
        """Take `size` units (above zero, at most what is there) with their share of the cost."""
        held = abs(self.quantity)
        if not size:
            return []
        if size == held:
            piece = Piece(None, self.quantity, self.cost, self.cost_base, self.fees, self.guessed)
            self._empty()
            return [piece]
        gone = size if self.quantity > 0 else -size
        fees = portion(self.fees, size, held) if self.fees else ZERO
        piece = Piece(
            None, gone, portion(self.cost, size, held), portion(self.cost_base, size, held), fees, self.guessed
        )
        self.quantity -= gone
        self.cost -= piece.cost
        self.cost_base -= piece.cost_base
        self.fees -= fees
        return [piece]

    def scale(self, numerator: Decimal, denominator: Decimal) -> None:
        """Let `numerator` units stand for `denominator`."""
        self.quantity = rounded(self.quantity * numerator / denominator)

    def totals(self) -> Piece:
        """Return all units as one piece."""
        return Piece(self.opened, self.quantity, self.cost, self.cost_base, self.fees, self.guessed)

    def _empty(self) -> None:
        self.quantity = self.cost = self.cost_base = self.fees = ZERO
        self.guessed = False
        self.opened = None
