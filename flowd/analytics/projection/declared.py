"""The part of a stream that somebody declared: days and amounts are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from flowd.analytics.projection.ending import Hazard, ends
from flowd.analytics.projection.subjects import Array, Paths
from flowd.analytics.projection.window import Dice, Window
from flowd.domain.periods import parse_period
from flowd.domain.results import ScheduleTerm
from flowd.domain.shares import EXACT, places_of, share

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Declared:
    """What a schedule pays on each day of the window, shape (days,); without a `hazard` it does not end by chance."""

    key: str
    pays: Array
    hazard: Hazard | None

    @property
    def per_day(self) -> float:
        """What a day brings, in the mean."""
        return float(self.pays.mean()) if len(self.pays) else 0.0

    def draw(self, dice: Dice, name: str, out: Paths, *, wander: float, loss: bool) -> None:
        """Add what is due to `out`, shape (days, paths): the same in each path, until it ends by chance."""
        del wander
        last = ends(dice.thrower("end", name, self.key), self.hazard, dice.paths) if loss and self.hazard else None
        for day in np.flatnonzero(self.pays).tolist():
            out[day] += np.float32(self.pays[day]) if last is None else np.float32(self.pays[day]) * (day < last)


def due(term: ScheduleTerm, first: date, last: date) -> dict[date, Decimal]:
    """Return what `term` pays on each day from `first` to `last`, as derived.income_daily will have it.

    A period that is in force only in part pays for those days; it is paid on its due day, or on the first day in force
    where that is later.
    """
    period, places = parse_period(term.every), places_of(term.currency)
    paid: dict[date, Decimal] = {}
    begin = max(first, period.span(term.start).first)
    for span in period.spans(begin, last):
        since, until = max(span.first, term.start), min(span.last, term.end or span.last)
        if since > until:
            continue
        day = max(period.due(span), since)
        if not first <= day <= last:
            continue
        each, at_last = share(term.amount, span.days, places)
        whole = (until - since).days + 1
        amount = EXACT.multiply(each, Decimal(whole - (until == span.last)))
        paid[day] = EXACT.add(paid.get(day, _ZERO), EXACT.add(amount, at_last if until == span.last else _ZERO))
    return paid


def declared(
    key: str,
    terms: Sequence[ScheduleTerm],
    window: Window,
    hazard: Hazard | None,
    rate: Callable[[str, date], Decimal | None],
) -> Declared:
    """Lay schedules over the window; `rate(currency, day)` is what one is worth (the last rate known counts on)."""
    pays = np.zeros(window.days)
    for term in terms:
        worth = rate(term.currency, window.until)
        if worth is None:
            continue
        for day, amount in due(term, window.made_on, window.made_on + timedelta(days=window.days - 1)).items():
            pays[(day - window.made_on).days] += float(amount * worth)
    return Declared(key=key, pays=pays, hazard=hazard)
