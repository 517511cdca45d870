"""Amounts, days and marks as CAMT writes them; anything else is refused with its place."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final

from flowd.api import FileRefused
from flowd.importers.camt.walk import Fields

_AMOUNT: Final = re.compile(r"\+?\d{1,18}(\.\d{0,17})?").fullmatch
_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)([T Z+-][0-9:.TZ+-]*)?").fullmatch
_NOTHING: Final = frozenset(("", "NONREF", "NOTPROVIDED", "NOT PROVIDED", "NONE", "N/A"))


def reference(fields: Fields, name: str) -> str:
    """Return a reference, or nothing where the field only says that there is none."""
    found = fields.get(name, "")
    return found if found.upper() not in _NOTHING else ""


def amount_of(fields: Fields, name: str, place: str) -> Decimal:
    """Return an amount, which CAMT writes without a sign."""
    text = fields.get(name, "")
    if _AMOUNT(text) is None:
        what = f"{text[:40]!r} is not an amount" if text else "an amount is missing"
        raise FileRefused(f"{place}: {what} (<Amt>: digits with a decimal point, no sign)")
    return Decimal(text)


def incoming(fields: Fields, place: str) -> bool:
    """Say whether money came in, by <CdtDbtInd>."""
    side = fields.get("side", "")
    if side not in {"CRDT", "DBIT"}:
        what = f"{side[:40]!r} is neither CRDT nor DBIT" if side else "it is missing"
        raise FileRefused(f"{place}: <CdtDbtInd> says whether money came in or went out, and {what}")
    return side == "CRDT"


class Days:
    """Reads days; a time of day falls away: the day is the bank's, whatever it was elsewhere."""

    def __init__(self) -> None:
        self._known: dict[str, date] = {}

    def read(self, text: str, place: str) -> date:
        """Return the day of `text`, a date or a time."""
        known = self._known.get(text)
        if known is not None:
            return known
        found = _DAY(text)
        try:
            if found is None:
                raise ValueError(text)
            day = date.fromisoformat(found[1])
        except ValueError:
            raise FileRefused(f"{place}: {text[:40]!r} is not a date (2024-12-31)") from None
        if not 1900 <= day.year <= 2200:
            raise FileRefused(f"{place}: the date {text[:40]!r} is out of range (years 1900 to 2200 are kept)")
        if len(self._known) < 20_000:
            self._known[text] = day
        return day
