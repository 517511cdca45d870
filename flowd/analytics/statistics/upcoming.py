"""What a stream is expected to bring next: the day and the amount, by declaration or by its payer's rhythm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from flowd.analytics.converting import in_base
from flowd.analytics.expected.expecting import expectations
from flowd.api import ExpectedReceipt, History

#: What is yet to come, in the words of expected receipts; what is late may never come.
_AHEAD: Final = frozenset({"due", "expected"})
#: So far ahead the next receipt is looked for, and so far back one may be that is still in time, in days.
_FAR: Final = 400
_BACK: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """The next receipt of a stream: when, in which rhythm, and how much; None where that has no rate."""

    day: date
    words: str
    amount: Decimal | None = None


def upcoming(history: History) -> Mapping[str, Upcoming]:
    """Return the next receipt of each stream that has one: as the study `expected` says, but without holidays."""
    found: dict[str, ExpectedReceipt] = {}
    for row in expectations(history, ahead=_FAR, back=_BACK):
        if row.state in _AHEAD and (row.stream not in found or row.due < found[row.stream].due):
            found[row.stream] = row
    return {
        name: Upcoming(day=row.due, words=_words(history, row), amount=_worth(history, row))
        for name, row in found.items()
    }


def _words(history: History, row: ExpectedReceipt) -> str:
    """Return the rhythm in words: the user's, else what was found."""
    for info in history.streams:
        if info.stream == row.stream and info.every is not None:
            return info.every
    terms = [term for term in history.terms if term.stream == row.stream and term.start <= row.due]
    # what is expected of a rhythm that was found ends with that rhythm
    return terms[-1].every if terms else row.reason.rpartition("; ")[2]


def _worth(history: History, row: ExpectedReceipt) -> Decimal | None:
    if row.amount is None or row.currency == history.currency:
        return row.amount
    return in_base(row.amount, history.rate(row.currency, history.currency, history.until))
