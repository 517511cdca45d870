"""A line of a statement taken apart: the days it begins with, the sums it ends with, and the text between."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from flowd.importers.delimited.months import fold
from flowd.importers.pdf.days import Day, Order, find_days
from flowd.importers.pdf.deals import find_product
from flowd.importers.pdf.lines import Line
from flowd.importers.pdf.sums import CODES, Purse, Sum
from flowd.importers.pdf.vocabulary import Role, is_heading, role_of

_ACCOUNT: Final = r"(?:account|konto|compte|conto|cuenta|rekening|wallet|pocket)"
_CURRENCY_OF_PART: Final = re.compile(
    r"^\W*(?:[a-z]+ )?(?:currency|wahrung|devise|valuta|divisa|munt)\W{1,3}([a-z]{3})\W*$"
    rf"|^\W*([a-z]{{3}})\W{_ACCOUNT}\W*$|^\W*\w*{_ACCOUNT}\W{{1,3}}([a-z]{{3}})\W*$"
)
#: Before a day a number may stand, or the day of the week.
_PREFIX: Final = re.compile(
    r"[^\w+-]*(?:\d{1,6}[^\w+-]+)?"
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mie|jue|vie|sab|dom|gio|ma|wo|vr"
    r"|za|zo)[a-z]{0,7}[.,]{0,2}\s+)?",
    re.IGNORECASE,
)
_BETWEEN_DAYS: Final = re.compile(r"[\s,|]*(?:\d\d?[:.]\d\d(?::\d\d)?[\s,|]*)?(?:Uhr\b)?\s*")
_TIME: Final = re.compile(r"\s*,?\s*(\d{1,2}:\d\d(?::\d\d)?)(?!\d)")
_RANGE: Final = re.compile(r"\s*(?:-|bis|to|until|through|au|al|a|t/m|tot|do|til)\s*$", re.IGNORECASE)
_GAP: Final = re.compile(r"[\s|/()*;:€$£\d.,%+A-Z'-]*")
#: A sum between others that could not be read: what stands before it is none of the posting's.
_UNREAD: Final = re.compile(r"\d[.,]\d?[A-Z](?![A-Z])")
#: Behind the sums a mark may stand, or a number of units.
_TAIL: Final = re.compile(r"(?:[+-]?\d[\d.,']{0,14}[.,]\d{3,8})?[\s|/()*;:€$£A-Za-z0-9+-]{0,6}")


@dataclass(slots=True, kw_only=True)
class Piece:
    """One line, taken apart: its days and sums, and the folded text after the days it begins with."""

    line: Line
    text: str
    folded: str
    days: list[Day]
    sums: list[Sum]
    lead: int  # how many of the days begin the line
    rest: str  # the folded text after them


def take_apart(line: Line, purse: Purse, order: Order) -> Piece:
    """Find the days and sums of a line."""
    text = line.text
    days = find_days(text, order, bare=purse.notation.decimal == ",")
    blank = text
    for day in days:
        blank = blank[: day.start] + " " * (day.end - day.start) + blank[day.end :]
    sums = purse.find(blank)
    lead = _leading(text, days)
    after = days[lead - 1].end if lead else 0
    return Piece(
        line=line, text=text, folded=fold(text), days=days, sums=sums, lead=lead, rest=fold(text[after:]).strip()
    )


def _leading(text: str, days: Sequence[Day]) -> int:
    if not days or not _PREFIX.fullmatch(text[: days[0].start]):
        return 0
    lead = 1
    while lead < len(days):
        between = text[days[lead - 1].end : days[lead].start]
        if _RANGE.fullmatch(between):
            return 0  # a period, not a posting
        if not _BETWEEN_DAYS.fullmatch(between):
            break
        lead += 1
    return lead


def inner_days(item: Piece) -> list[Day]:
    """Return the days that stand between a line's text and its sums."""
    trailing = trailing_sums(item.text, item.sums, item.days)
    if not trailing:
        return []
    at, found = trailing[0].start, []
    for day in reversed([day for day in item.days if day.end <= at]):
        if not re.fullmatch(r"[\s\d:|,]*", item.text[day.end : at]):
            break
        found.append(day)
        at = day.start
    return found[::-1]


def trailing_sums(text: str, sums: Sequence[Sum], days: Sequence[Day]) -> list[Sum]:
    """Return the sums that end the line, with nothing but days, currencies and numbers between them."""
    if not sums:
        return []
    blank = text
    for day in days:
        blank = blank[: day.start] + " " * (day.end - day.start) + blank[day.end :]
    if not _TAIL.fullmatch(blank[sums[-1].end :].strip()):
        return []
    first = len(sums) - 1
    while first > 0:
        gap = blank[sums[first - 1].end : sums[first].start]
        if not _GAP.fullmatch(gap) or _UNREAD.search(gap):
            break
        first -= 1
    return list(sums[first:])


def text_between(text: str, start: int, sums: Sequence[Sum], days: Sequence[Day]) -> str:
    """Return the text from `start` without its sums and days."""
    spans = sorted([(money.start, money.end) for money in sums] + [(day.start, day.end) for day in days])
    kept, at = [], start
    for begin, end in spans:
        if begin >= at:
            kept.append(text[at:begin])
            at = end
    kept.append(text[at:])
    return " ".join(" ".join(kept).split()).strip(" |;,")


def currencies_of_parts(seen: Sequence[Piece]) -> dict[str, str]:
    """Return the currency of every line below one like "Currency: USD", by its place."""
    found: dict[str, str] = {}
    asset = None
    before: Piece | None = None
    for item in seen:
        said = _CURRENCY_OF_PART.search(item.folded)
        alone = item.text.strip()
        if said is not None:
            code = next(filter(None, said.groups())).upper()
            asset = code if code in CODES else None
        elif alone in CODES and before is not None and _ends_part(before):
            asset = alone
        before = item
        if asset is not None:
            found[item.line.place] = asset
    return found


def _ends_part(item: Piece) -> bool:
    """Return whether a part of another currency may begin below: under a heading or a total."""
    return (is_heading(item.folded) and not item.sums) or role_of(item.rest) is Role.TOTAL


def shows_deal(item: Piece, purse: Purse) -> bool:
    """Return whether a line with a day shows units, a price and their product."""
    if not item.days or not item.sums:
        return False
    text = item.text.lower()
    for day in item.days:
        text = text[: day.start] + " " * (day.end - day.start) + text[day.end :]
    return find_product(text, purse.notation.decimal) is not None


_SIGN_ALONE: Final = {"CR": 1, "Cr": 1, "DR": -1, "Dr": -1}


def sign_below(item: Piece, sums: Sequence[Sum]) -> list[Sum] | None:
    """Return the sums of the posting above with the sign that stands alone in the line below it."""
    sign = _SIGN_ALONE.get(item.text.strip())
    if sign is None or len(sums) != 1 or sums[0].sign:
        return None
    return [replace(sums[0], sign=sign)]
