"""Asks a connection for rates of the past, in its own process, as if it were a table of rates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Protocol

from flowd.api import Context, Quoting, Rate, RateProvider, RateQuery
from flowd.engine.connections import Connection

#: How long a connection may take to answer one question.
_PATIENCE: Final = timedelta(seconds=30)
#: Days in one question, and rates in its answer: both fit into one message.
_DAYS: Final = 400
_MOST: Final = 2000


class Asker(Protocol):
    """What can ask a connection for something."""

    def ask(self, connection: str, what: str, allowed: timedelta, **more: object) -> Mapping[str, Any]:
        """Give an order that is no run and return its answer."""


class QuotingConnection:
    """One connection as a source of rates; what it raises is raised as one of flowd's errors."""

    def __init__(self, name: str, asker: Asker) -> None:
        self._name = name
        self._asker = asker

    @property
    def name(self) -> str:
        """The connection's name, under which its rates are stored."""
        return self._name

    def rates(self, query: RateQuery) -> Iterator[Rate]:
        """Yield what the connection knows of `query`."""
        for first in range(0, len(query.days), _DAYS):
            days = [day.isoformat() for day in query.days[first : first + _DAYS]]
            told = self._asker.ask(self._name, "rates", _PATIENCE, base=query.base, quote=query.quote, days=days)
            for base, quote, at, value in told["rates"]:
                yield Rate(base=base, quote=quote, at=datetime.fromisoformat(at), value=Decimal(value))


def providers(
    tables: Mapping[str, RateProvider], connections: Iterable[Connection], asker: Asker
) -> dict[str, RateProvider]:
    """Return who is asked for rates, in order: the tables that plugins brought, then the connections that quote."""
    quoting = {one.name: QuotingConnection(one.name, asker) for one in connections if one.type.quotes}
    return {**tables, **{name: one for name, one in quoting.items() if name not in tables}}


def answer(connector: Quoting, fields: Mapping[str, Any], ctx: Context) -> dict[str, Any]:
    """Answer one question in the connector's process; TypeError where it gives something that is no Rate."""
    days: Sequence[date] = [date.fromisoformat(day) for day in fields["days"]]
    found: list[tuple[str, str, str, str]] = []
    for rate in connector.rates(RateQuery(base=fields["base"], quote=fields["quote"], days=days), ctx):
        if not isinstance(rate, Rate):
            raise TypeError(f"rates() must yield Rate, it yielded {type(rate).__name__}")
        found.append((rate.base, rate.quote, rate.at.isoformat(), str(rate.value)))
        if len(found) == _MOST:
            break
    return {"rates": found}
