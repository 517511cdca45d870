"""What a source of prices and exchange rates is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from flowd.domain.records import Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class RateQuery:
    """A wish for the worth of `base` in `quote` on each of `days`."""

    base: str
    quote: str
    days: Sequence[date]


class RateProvider(Protocol):
    """A source of prices and exchange rates asked for what is missing."""

    @property
    def name(self) -> str:
        """The name it is called by in flowd.yaml."""

    def rates(self, query: RateQuery) -> Iterable[Rate]:
        """Yield what is known of `query`, possibly nothing: the next provider fills the rest."""
