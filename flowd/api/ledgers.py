"""What keeps books of units that are held: which facts it gets, and what it makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Protocol, runtime_checkable

from flowd.api.analytics import Analytic
from flowd.domain.flows import AccountKind
from flowd.domain.positions import BookRow, DividendFact, Mark, MoveFact, SplitFact, TradeFact


class Ledger(Protocol):
    """The facts books are made of; each kind by time, then by what its source calls it."""

    @property
    def base_currency(self) -> str:
        """The currency everything is added up in."""

    @property
    def today(self) -> date:
        """The tenant's day for which this is computed; nothing later has happened."""

    def trades(self, after: date | None) -> Iterable[TradeFact]:
        """All trades on days later than `after` (None: all there are)."""

    def moves(self, after: date | None) -> Iterable[MoveFact]:
        """What else came or left in units that are no currency."""

    def splits(self, after: date | None) -> Iterable[SplitFact]:
        """Splits, each once, however many say so."""

    def dividends(self) -> Iterable[DividendFact]:
        """All dividends of which their source says for which asset they were paid."""

    def quotes(self, after: date | None) -> Mapping[tuple[str, str, str], str]:
        """What the first trade after that day was quoted in, by connection, account and asset."""

    def departures(self) -> frozenset[str]:
        """The movements whose units are known to have arrived in another own account."""

    def kind(self, connection: str, account: str) -> AccountKind:
        """What kind of account it is."""

    def rate(self, base: str, quote: str, day: date) -> Decimal | None:
        """What one `base` was worth in `quote` at the end of `day`; a rate that lacks is noted and fetched."""

    def price(self, base: str, quote: str, day: date) -> Decimal | None:
        """The same for showing what something is worth: nothing is noted."""

    def latest(self, base: str, quote: str) -> tuple[date, Decimal] | None:
        """What anybody stated last of `base` in `quote`, however long ago, and when; None where nobody ever did."""


@runtime_checkable
class Bookkeeper(Analytic, Protocol):
    """An analytic that keeps books: it names `derived.position` in `writes`."""

    def book(self, ledger: Ledger, mark: Mark | None) -> Iterable[BookRow]:
        """Return all rows of days later than `mark` (None: of all days), how things stand now, and new marks."""

    def continues(self, ledger: Ledger, mark: Mark) -> bool:
        """Say whether the books can be kept on from `mark`, given what is known of it today."""
