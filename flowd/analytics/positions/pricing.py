"""The rates of one day at a time: asked for once, and not known where nobody has them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flowd.analytics.positions.amounts import ONE, known
from flowd.api.ledgers import Ledger


class Prices:
    """What things were worth on `day`."""

    __slots__ = ("_ledger", "_rates", "_shown", "day")

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._rates: dict[tuple[str, str], Decimal] = {}
        self._shown: dict[tuple[str, str], Decimal] = {}
        self.day = date.min

    def turn(self, day: date) -> None:
        """Go to another day."""
        self.day = day
        self._rates.clear()
        self._shown.clear()

    def rate(self, base: str, quote: str) -> Decimal:
        """Return what one `base` was worth in `quote`: something that is booked needs it."""
        if base == quote:
            return ONE
        found = self._rates.get((base, quote))
        if found is None:
            found = self._rates[base, quote] = known(self._ledger.rate(base, quote, self.day))
        return found

    def latest(self, base: str, quote: str) -> tuple[date, Decimal] | None:
        """Return what anybody stated last, however long ago."""
        return self._ledger.latest(base, quote)

    def price(self, base: str, quote: str) -> Decimal:
        """Return the same to show what something is worth: nobody is told where it lacks."""
        if base == quote:
            return ONE
        found = self._shown.get((base, quote))
        if found is None:
            found = self._shown[base, quote] = known(self._ledger.price(base, quote, self.day))
        return found
