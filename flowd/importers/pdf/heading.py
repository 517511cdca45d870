"""What the head of a statement says: account, currency, and the days it covers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from flowd.importers.delimited.months import fold
from flowd.importers.pdf.days import Day, Order, find_days
from flowd.importers.pdf.lines import Line
from flowd.importers.pdf.sums import currencies
from flowd.importers.pdf.vocabulary import Role, role_of
from flowd.importers.stated import iban

_IBAN: Final = re.compile(r"\b([A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){2,7}(?: ?[A-Z0-9]{1,4})?)\b")
_NUMBER: Final = re.compile(
    r"\b(?:konto(?:nummer|-nr\.?| nr\.?)|account (?:no\.?|number|#)|kontonr\.?|compte n[o°]?"
    r"|numero (?:de )?(?:compte|conto|cuenta)"
    r"|rekening(?:nummer)?|depotnummer|depot-nr\.?|no\.? de compte)\W{0,4}(?P<number>[\dX*][\dX* ./-]{3,24}\d)",
)
_PERIOD: Final = re.compile(
    r"^\W*(?:-|bis(?: zum)?|to|until|through|thru|au|al|a|t/m|tot(?: en met)?|do|til|e il|y)\W*$"
)
_DATED: Final = re.compile(
    r"\b(?:kontoauszug|auszug|statement|abrechnung|erstellt|erstellungsdatum|datum|date|releve|estratto|extracto"
    r"|rekeningoverzicht"
    r"|neuer|schluss|end|ending|through|thru|per|zum|vom|closing|au|stand|abschluss)\b"
)
_DOLLARS: Final = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN"})
_YEAR: Final = re.compile(r"(?<![\d.,])((?:19|20)\d\d)(?![\d.,])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days a statement covers as far as it says; `end` places days whose year is not printed."""

    start: date | None
    end: date


def period_of(lines: Sequence[Line], order: Order, closing: Sequence[Day]) -> Period | None:
    """Return the days the statement covers: from its heading, else its closing balance, else its own date."""
    spans: list[tuple[date, date]] = []
    dated: list[date] = []
    every: list[date] = []
    for line in lines:
        days = find_days(line.text, order)
        full = [(day, found) for day in days if day.year and (found := day.full(0)) is not None]
        every += [found for _, found in full]
        span = _span(line.text, days)
        if span is not None:
            spans.append(span)
        if full and _DATED.search(folded := fold(line.text)) and role_of(folded) is not Role.OPENING:
            dated += [found for _, found in full]
    if spans:
        start, end = Counter(spans).most_common(1)[0][0]
        return Period(start=start, end=end)
    closed = [found for day in closing if day.year and (found := day.full(0)) is not None]
    for days_known in (closed, dated, every):
        if days_known:
            return Period(start=None, end=max(days_known) if days_known is not every else max(every))
    years = Counter(int(year) for line in lines for year in _YEAR.findall(line.text))
    return Period(start=None, end=date(max(years), 12, 31)) if years else None


def _span(text: str, days: Sequence[Day]) -> tuple[date, date] | None:
    for first, second in pairwise(days):
        if not _PERIOD.match(fold(text[first.end : second.start])):
            continue
        end = second.full(0) if second.year else None
        if end is None:
            continue
        start = first.full(end.year)
        if start is not None and start > end and first.year is None:
            start = first.full(end.year - 1)
        if start is not None and 0 <= (end - start).days <= 1100:
            return start, end
    return None


def valid_iban(text: str) -> bool:
    """Return whether `text` (compact) carries an IBAN's check digits."""
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", text):
        return False
    digits = "".join(str(int(sign, 36)) for sign in text[4:] + text[:4])
    return int(digits) % 97 == 1


def account_of(lines: Sequence[Line], before: int) -> tuple[str | None, str]:
    """Return the statement's account and how it was found: an IBAN in the head, else a number called the account's.

    `before` is the number of lines that stand above the first posting; below, other people's accounts begin.
    """
    for at, line in enumerate(lines):
        if at >= before and not re.match(r"\W*IBAN", line.text):
            continue
        for match in _IBAN.finditer(line.text):
            compact = _valid(match[1])
            if compact:
                return compact, "IBAN"
    for line in lines[:before] or lines:
        match_number = _NUMBER.search(fold(line.text))
        if match_number:
            number = re.sub(r"[^\dX*]", "", match_number["number"].upper())
            if sum(sign.isdigit() for sign in number) >= 4:
                return number, "account number"
    return None, ""


def _valid(text: str) -> str | None:
    compact = iban(text)
    return compact if compact is not None and valid_iban(compact) else None


def currency_of(lines: Sequence[Line], american: bool) -> str | None:
    """Return the currency most lines name; a bare dollar is the US one only where the bank is American."""
    counts = currencies(line.text for line in lines)
    dollars = counts.pop("$", 0)
    if counts:
        best, number = counts.most_common(1)[0]
        if number >= dollars or best in _DOLLARS:
            return best
    return "USD" if dollars and american else None
