"""A document of one posting: the notice of a trade, a dividend or an interest payment, which has no table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flowd.importers.delimited.months import fold
from flowd.importers.pdf.days import Day, Order, find_days
from flowd.importers.pdf.direction import direction_of
from flowd.importers.pdf.lines import Line
from flowd.importers.pdf.sums import Purse, Sum

_SETTLED: Final = re.compile(
    r"\b(?:ausmachender betrag|endbetrag|end-?summe|abrechnungsbetrag|auszahlungsbetrag|zahlbetrag|gutschriftsbetrag"
    r"|(?:betrag |gutschrift |belastung )?zu ihren (?:gunsten|lasten)|nettobetrag|net(?:to)? amount"
    r"|amount (?:credited|debited|due)"
    r"|total amount|amount (?:paid|payable)|settlement amount|montant net|net a (?:crediter|debiter)|importe? neto"
    r"|importo netto"
    r"|netto(?: ?bedrag)?|zu (?:zahlen|erhalten)|gutgeschrieben(?:er betrag)?|credit total|total a pagar)\b",
)
_PAID_ON: Final = (
    re.compile(
        r"\b(?:valuta|wertstellung|value date|datum valuta|date de valeur|data valuta|fecha valor|valutadatum|wert)\b"
    ),
    re.compile(
        r"\b(?:buchungs(?:tag|datum)|zahl(?:bar(?:keits)?)?(?:tag|datum)|payment date|pay ?date|settlement date"
        r"|booking date|zum|per)\b"
    ),
    re.compile(r"\b(?:datum|date|data|fecha|vom|handelstag|schlusstag|trade date)\b"),
)
_IN: Final = re.compile(r"zu ihren gunsten|gutschrift|gutgeschrieben|credited|a crediter|zu erhalten|credit total")
_OUT: Final = re.compile(
    r"zu ihren lasten|belastung|belastet|debited|a debiter|zu zahlen|amount due|total a pagar|payable"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The one posting of a notice; `sign` is 0 where nothing says which way the money went."""

    line: Line
    day: Day
    amount: Sum
    sign: int
    text: str


def read_settlement(lines: Sequence[Line], purse: Purse, order: Order) -> Settlement | str:
    """Return the posting a notice speaks of, or why there is none that is sure."""
    bare = purse.notation.decimal == ","
    found: list[tuple[Line, Sum, str]] = []
    for at, line in enumerate(lines):
        folded = fold(line.text)
        if not _SETTLED.search(folded):
            continue
        for near in lines[at : at + 2]:
            text = near.text
            for day in find_days(text, order, bare=bare):
                text = text[: day.start] + " " * (day.end - day.start) + text[day.end :]
            sums = purse.find(text)
            if sums and (near is line or len(text.split()) <= 3):
                found.append((near, sums[-1], folded))
                break
    values = {money.value for _, money, _ in found}
    if not found:
        return "no table of postings is seen, nor an amount called settled, net or to your credit"
    if len(values) > 1:
        shown = ", ".join(str(value) for value in sorted(values))
        return f"several amounts are called settled or net ({shown}): which one moved cannot be told"
    line, money, folded = found[0]
    paid = _day(lines, order, bare)
    if paid is None:
        return "the day of payment cannot be told"
    whole = fold("\n".join(each.text for each in lines[:60]))
    sign = money.sign or (1 if _IN.search(folded) else -1 if _OUT.search(folded) else 0) or direction_of(whole)
    text = next((each.text.strip() for each in lines if direction_of(fold(each.text))), line.text.strip())
    return Settlement(line=line, day=paid, amount=money, sign=sign, text=" ".join(text.split()))


def _day(lines: Sequence[Line], order: Order, bare: bool) -> Day | None:
    for words in _PAID_ON:
        for at, line in enumerate(lines):
            if not (match := words.search(fold(line.text))):
                continue
            days = [day for day in find_days(line.text, order, bare=bare) if day.year]
            after = [day for day in days if day.start >= match.start()]
            if after or days:
                return (after or days)[0]
            under = (
                [day for day in find_days(lines[at + 1].text, order, bare=bare) if day.year]
                if at + 1 < len(lines)
                else []
            )
            if under:
                return under[-1]
    return None
