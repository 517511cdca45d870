"""What a source of prices and exchange rates is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from flowd.api.context import Context
from flowd.api.sources import Connector
from flowd.domain.records import Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class RateQuery:
    """A wish for the worth of `base` in `quote` on each of `days`."""

    base: str
    quote: str
    days: Sequence[date]


class RateProvider(Protocol):
    """A table of prices and exchange rates asked for what is missing; it does no I/O beyond its own files.

    What has to ask somebody over a network is a connector that quotes (see Quoting): its address, its key, its limits
    and its process are then those of a connection.
    """

    @property
    def name(self) -> str:
        """The name it is called by in flowd.yaml."""

    def rates(self, query: RateQuery) -> Iterable[Rate]:
        """Yield what is known of `query`, possibly nothing: the next provider fills the rest."""


class Quoting(Connector, Protocol):
    """A connector that also answers questions for rates of the past: its ConnectorType says `quotes=True`."""

    def rates(self, query: RateQuery, ctx: Context) -> Iterable[Rate]:
        """Yield what is known of `query`, possibly nothing: the next connection of flowd.yaml fills the rest."""
