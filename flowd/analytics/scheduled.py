"""Income of a declared schedule: accrued day by day, received on the due day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from flowd.analytics.converting import in_base
from flowd.api import IncomeDay, Quality, ScheduleTerm, View, parse_period
from flowd.domain.shares import EXACT, places_of, share
from flowd.domain.time import days

_ZERO = Decimal(0)


def scheduled(view: View, stream: str, terms: Iterable[ScheduleTerm], since: date, until: date) -> Iterator[IncomeDay]:
    """Yield a row for each day from `since` to `until` (not after today) on which a term of `stream` is in force.

    A day earns its share of its whole period's amount, so a period that is only partly in force pays only for those
    days. That pay is received on the due day, or on the first day in force where that is later.
    """
    until = min(until, view.today)
    earned: dict[tuple[str, date], Decimal] = {}
    received: dict[tuple[str, date], Decimal] = {}
    for term in terms:
        _accrue(term, since, until, earned, received)
    for currency, day in sorted(earned.keys() | received.keys(), key=lambda key: (key[1], key[0])):
        came, grew = received.get((currency, day), _ZERO), earned.get((currency, day), _ZERO)
        rate = view.rate(currency, view.base_currency, day)
        yield IncomeDay(
            stream=stream,
            day=day,
            currency=currency,
            received=came,
            earned=grew,
            received_base=in_base(came, rate),
            earned_base=in_base(grew, rate),
            quality=Quality.EXACT if rate is not None else Quality.PARTIAL,
        )


def _accrue(
    term: ScheduleTerm,
    since: date,
    until: date,
    earned: dict[tuple[str, date], Decimal],
    received: dict[tuple[str, date], Decimal],
) -> None:
    period = parse_period(term.every)
    places = places_of(term.currency)
    for span in period.spans(max(since, period.span(term.start).first), until):
        first, last = max(span.first, term.start), min(span.last, term.end or span.last)
        if first > last:
            continue
        each, at_last = share(term.amount, span.days, places)
        pay = _ZERO
        for day in days(first, last):
            part = at_last if day == span.last else each
            pay = EXACT.add(pay, part)
            if since <= day <= until:
                earned[term.currency, day] = EXACT.add(earned.get((term.currency, day), _ZERO), part)
        due = max(period.due(span), first)
        if since <= due <= until:
            received[term.currency, due] = EXACT.add(received.get((term.currency, due), _ZERO), pay)
