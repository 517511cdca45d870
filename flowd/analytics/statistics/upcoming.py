"""What a stream is expected to bring next: the day and the amount, by declaration or by its payer's rhythm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from flowd.analytics.converting import in_base
from flowd.analytics.expected import find, next_due
from flowd.api import History, Method, StreamInfo
from flowd.domain.periods import parse_period

#: A rhythm that has missed more than so many of its periods is over.
_OVER: Final = 1.5
_YEAR: Final = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """The next receipt of a stream: when, in which rhythm, and how much; None where that has no rate."""

    day: date
    words: str
    amount: Decimal | None = None


def upcoming(history: History, info: StreamInfo) -> Upcoming | None:
    """Return the first receipt that is due after the last whole day; None where nothing regular is known."""
    found = _declared(history, info) if info.method is Method.SCHEDULE else _detected(history, info)
    return min(found, key=lambda one: (one.day, one.words), default=None)


def _declared(history: History, info: StreamInfo) -> Iterator[Upcoming]:
    for term in history.terms:
        if term.stream != info.stream or (term.end is not None and term.end <= history.until):
            continue
        first = max(history.today, term.start)
        days = parse_period(term.every).due_days(first, first + _YEAR)
        day = next(days, None)
        if day is not None and (term.end is None or day <= term.end):
            yield Upcoming(day=day, words=term.every, amount=_worth(history, term.amount, term.currency))


def _detected(history: History, info: StreamInfo) -> Iterator[Upcoming]:
    for series in find(history.receipts.get(info.stream, ())).series:
        if (history.until - series.rhythm.last).days > _OVER * series.rhythm.days + series.rhythm.late:
            continue
        for due in next_due(series.rhythm, history.until, 1):
            words = info.every or series.rhythm.words
            yield Upcoming(day=due.day, words=words, amount=_worth(history, due.amount, series.currency))


def _worth(history: History, amount: Decimal, currency: str) -> Decimal | None:
    if currency == history.currency:
        return amount
    return in_base(amount, history.rate(currency, history.currency, history.until))
