"""Keeps the sums of who paid and who was paid in step: the months that changed are added up anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from flowd.domain.time import month_end
from flowd.engine.rates import AGE, RateTable
from flowd.engine.view import Facts
from flowd.engine.windows import LATEST
from flowd.storage.connections import Session
from flowd.storage.statements import statements

_DAY: Final = timedelta(days=1)

Days = tuple[date, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterparties:
    """The counterparties of one tenant within one transaction."""

    session: Session
    facts: Facts
    rates: RateTable

    def keep(self, booked: Iterable[Days], rated: Iterable[Days]) -> int:
        """Add up anew the months of days on which bookings or rates may be others; return how many rows changed."""
        days, valued = list(booked), [(first, _later(last)) for first, last in rated]
        if not days and not valued:
            return 0
        connections = [name for (name,) in self._fetch("connections")]
        # most rates come for today, on which nothing was booked in another currency
        days += [(first, last) for first, last in valued if self._any_foreign(connections, first, last)]
        if not days:
            return 0
        self.session.execute(statements("counterparties")["work"])
        return sum(self._add_up(connections, first, last) for first, last in whole_months(days))

    def _add_up(self, connections: list[str], since: date, until: date) -> int:
        bounds = {"connections": connections, "since": since, "until": until, "base": self.facts.base_currency}
        foreign = self._fetch("foreign_days", **bounds)
        if foreign:
            self.rates.prepare(min(day for _, day in foreign), max(day for _, day in foreign))
            # asked without remembering: what was spent abroad is no reason to fetch rates
            found = [(asset, day, self.rates.peek(asset, self.facts.base_currency, day)) for asset, day in foreign]
            with self.session.cursor() as cursor, cursor.copy(statements("counterparties")["copy_rates"]) as copy:
                for row in found:
                    copy.write_row(row)
        self._execute("gather", **bounds)
        self._execute("count_work")
        changed = self._execute("delete", **bounds) + self._execute("insert", **bounds)
        self._execute("clear")
        return changed

    def _any_foreign(self, connections: list[str], since: date, until: date) -> bool:
        bounds = {"connections": connections, "since": since, "until": until, "base": self.facts.base_currency}
        return bool(self._fetch("any_foreign", **bounds)[0][0])

    def _execute(self, name: str, **values: object) -> int:
        fields = {"tenant": self.facts.tenant, **values}
        return self.session.execute(statements("counterparties")[name], fields).rowcount

    def _fetch(self, name: str, **values: object) -> list[tuple[Any, ...]]:
        fields = {"tenant": self.facts.tenant, **values}
        return self.session.execute(statements("counterparties")[name], fields).fetchall()


def whole_months(days: Iterable[Days]) -> Iterator[Days]:
    """Yield stretches of whole months that have all of these days, in order, none twice."""
    since: date | None = None
    until = date.min
    for first, last in sorted((first.replace(day=1), month_end(last)) for first, last in days):
        if since is not None and first > until + _DAY:
            yield since, until
            since = None
        if since is None:
            since, until = first, last
        until = max(until, last)
    if since is not None:
        yield since, until


def _later(day: date) -> date:
    """Return the last day for which a rate of `day` counts."""
    return min(day, LATEST - timedelta(days=AGE)) + timedelta(days=AGE)
