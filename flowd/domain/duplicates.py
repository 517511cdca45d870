"""Tells payments that two statements have both, from equal payments: a score and its reasons, never a decision."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

#: What is less likely than this is not proposed.
PROPOSED: Final = 0.6
_BY_DAYS: Final = {0: 0.25, 1: 0.18, 2: 0.12, 3: 0.06}
_NUMBERS: Final = re.compile(r"[0-9\s]+")
_WORD: Final = re.compile(r"[^\W_]+")
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{8,30}")
_NOT_ALNUM: Final = re.compile(r"[^0-9A-Z]")
#: A number as short as this turns up by chance.
_SHORTEST: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A transaction as far as it is compared; `by_hand`: a person stated it, `has_id`: its source gave it a name."""

    subject: UUID
    connection: str
    account: str
    day: date
    amount: Decimal
    asset: str
    counterparty: str
    description: str
    has_id: bool
    by_hand: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """A pair that may be one payment: `kept` would count, `dropped` would not; `score` from 0 to 1, and why."""

    kept: Line
    dropped: Line
    score: float
    why: str


def propose(pairs: Iterable[tuple[Line, Line]]) -> list[Likeness]:
    """Return the pairs that are likely one payment, each transaction in one of them, the likeliest first."""
    listed = list(pairs)
    choices = Counter(line.subject for pair in listed for line in pair)
    scored = [_judge(one, two, choices[one.subject] + choices[two.subject] - 2) for one, two in listed]
    taken: set[UUID] = set()
    found = []
    for pair in sorted(scored, key=lambda pair: (-pair.score, pair.kept.day, pair.kept.subject, pair.dropped.subject)):
        if pair.score >= PROPOSED and not {pair.kept.subject, pair.dropped.subject} & taken:
            taken |= {pair.kept.subject, pair.dropped.subject}
            found.append(pair)
    return found


def _judge(one: Line, two: Line, others: int) -> Likeness:
    """Score a pair of equal amounts; `others` counts the further candidates of the two."""
    apart = abs((one.day - two.day).days)
    score, reasons = 0.35 + _BY_DAYS.get(apart, 0.0), ["the same amount"]
    read_alike = (one.connection, one.account, one.by_hand, one.has_id) == (
        two.connection, two.account, two.by_hand, two.has_id
    )  # fmt: skip
    reasons.append("on one day" if apart == 0 else f"{apart} day{'s' if apart > 1 else ''} apart")
    if (one.connection, one.account) != (two.connection, two.account):
        score += 0.15
        reasons.append(f"one account, read by {one.connection} and {two.connection}")
    if one.by_hand != two.by_hand:
        score += 0.15
        reasons.append("one of them stated by hand")
    elif one.has_id != two.has_id:
        score += 0.1
        reasons.append("only one has an id of its source")
    shared = _shared(one, two)
    if shared is None:
        reasons.append("one has no text")
    else:
        score += 0.3 * shared - 0.1
        reasons.append(f"{shared:.0%} of their words shared" if shared else "no word shared")
    if read_alike and _worded(one) == _worded(two):
        # read twice, it would have been recognised: whoever buys the same coffee or ticket twice pays for both
        score -= 0.3
        reasons.append("stated in the same way")
    if others:
        score -= 0.1 * min(others, 3)
        reasons.append(f"{others} more candidate{'s' if others > 1 else ''}")
    kept, dropped = sorted((one, two), key=_worth, reverse=True)
    return Likeness(kept=kept, dropped=dropped, score=round(min(max(score, 0.0), 1.0), 2), why=", ".join(reasons))


def _worth(line: Line) -> tuple[bool, bool, int, str]:
    """Say which of two lines is the better record: a source's own, one with an id, the longer text."""
    return not line.by_hand, line.has_id, len(line.counterparty) + len(line.description), str(line.subject)


def _shared(one: Line, two: Line) -> float | None:
    """Return which part of the words of the shorter text the longer one has too; None where one has none."""
    first, second = _words(one), _words(two)
    if not first or not second:
        return None
    small, large = sorted((first, second), key=len)
    return len(small & large) / len(small)


def _worded(line: Line) -> str:
    """Return how a text is worded: without its numbers, which tell one ticket from the next."""
    return _NUMBERS.sub("", f"{line.counterparty}\n{line.description}".casefold())


def _words(line: Line) -> set[str]:
    return set(_WORD.findall(f"{line.counterparty} {line.description}".casefold()))


def places(accounts: Sequence[tuple[str, str]]) -> list[int]:
    """Number the places that accounts (connection, id) are: an IBAN and the account number in it are one place."""
    compact = [_NOT_ALNUM.sub("", account.upper()) for _, account in accounts]
    ibans: dict[str, list[str]] = {}
    for text in compact:
        if _IBAN.fullmatch(text):
            for cut in range(4, len(text) - _SHORTEST + 1):
                ibans.setdefault(text[cut:].lstrip("0"), []).append(text)
    names: dict[str, int] = {}
    found = []
    for (connection, account), text in zip(accounts, compact, strict=True):
        name = f"{connection}\n{account}"
        if _IBAN.fullmatch(text):
            name = text
        elif sum(sign.isdigit() for sign in text) >= _SHORTEST:
            name = _iban_of(account, ibans) or text
        found.append(names.setdefault(name, len(names)))
    return found


def _iban_of(account: str, ibans: dict[str, list[str]]) -> str | None:
    """Return the only IBAN that ends in an account's number and has the bank's code, if one is stated, before it."""
    parts = [part for part in re.split(r"[^0-9A-Za-z]+", account.upper()) if part]
    number, codes = parts[-1].lstrip("0"), parts[:-1]
    fitting = {iban for iban in ibans.get(number, []) if all(code in iban[4:] for code in codes)}
    return fitting.pop() if len(fitting) == 1 else None
