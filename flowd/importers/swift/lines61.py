"""The field :61:, one posting: value day, booking day, mark, amount, type, references."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from flowd.api import FileRefused
from flowd.importers.swift.days import Days

# Bounded everywhere, and no two neighbours that could share a character: it never runs backwards.
_LINE: Final = re.compile(
    r"\s*(\d{6})(\d{4})?(R?[CD]|E[CD])([A-Z])?(\d{1,18})(?:([,.])(\d{0,8}))?([A-Z][A-Z0-9]{3}|[NFS][A-Z0-9]{2} )?(.*)"
).match
#: More of a number where the amount should have ended.
_NUMBER: Final = re.compile(r"\s*[\d.,']").match
#: Marks of money out: a debit, or a credit that is taken back.
_OUT: Final = frozenset(("D", "RC", "ED"))
_NO_REFERENCE: Final = frozenset(("", "NONREF", "NONE", "NOTPROVIDED", "N", "NOREF", "NULL"))


@dataclass(slots=True)  # not frozen: making one takes a third of the time
class Line61:
    """One posting as its line states it; `more` is what stands below that line."""

    line: int
    value: date
    booked: date
    amount: Decimal
    expected: bool
    type: str
    reference: str
    bank_reference: str
    more: str


def parse_61(line: int, text: list[str], days: Days) -> Line61:
    """Read the lines of a field :61: that begins on `line`; FileRefused if it is none."""
    found = _LINE(text[0])
    used = 1
    if (found is None or found[8] is None) and len(text) > 1:
        # the line end fell into the line: the amount may go on behind it
        for end in range(2, min(len(text), 4) + 1):
            joined = _LINE("".join(text[:end]))
            if joined is not None and (joined[8] is not None or found is None):
                found, used = joined, end
                break
    if found is None or (found[8] is None and (found[6] is None or _NUMBER(found[9]) is not None)):
        shown = " ".join(text)[:60]
        raise FileRefused(f"line {line}: :61:{shown!r} is not a posting (day, C or D, amount, type, reference)")
    value_day, entry_day, mark, _funds, whole, _point, decimals, kind, rest = found.groups()
    value = days.full(value_day, line)
    amount = Decimal(f"{whole}.{decimals}" if decimals else whole)
    if mark in _OUT:
        amount = -amount
    reference, _, bank_reference = rest.partition("//")
    return Line61(
        line,
        value,
        days.near(entry_day, value, line) if entry_day else value,
        amount,
        mark[0] == "E",
        kind.rstrip() if kind else "",
        said(reference) if reference else "",
        said(bank_reference) if bank_reference else "",
        " ".join(part for part in map(str.strip, text[used:]) if part and part != "-") if len(text) > used else "",
    )


def said(reference: str) -> str:
    """Return `reference`, or nothing where it only says that there is none."""
    reference = reference.strip()
    return "" if reference.upper() in _NO_REFERENCE else reference
