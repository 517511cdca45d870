"""Sums of money in a line of a statement, with the signs, currencies and words banks put around them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

#: What may stand at a sum as its currency. Words of three capitals that are no currency would be taken for one.
CODES: Final = frozenset(
    [
        "EUR",
        "USD",
        "CHF",
        "GBP",
        "JPY",
        "SEK",
        "NOK",
        "DKK",
        "PLN",
        "CZK",
        "HUF",
        "RON",
        "BGN",
        "HRK",
        "TRY",
        "RUB",
        "UAH",
        "AUD",
        "CAD",
        "NZD",
        "SGD",
        "HKD",
        "CNY",
        "INR",
        "ZAR",
        "BRL",
        "MXN",
        "ILS",
        "KRW",
        "THB",
        "MYR",
        "IDR",
        "PHP",
        "AED",
        "SAR",
        "ISK",
        "RSD",
        "KES",
        "NGN",
        "EGP",
        "MAD",
        "TND",
        "ARS",
        "CLP",
        "COP",
        "PEN",
        "VND",
        "TWD",
        "QAR",
        "KWD",
        "BHD",
        "GEL",
        "KZT",
    ]
)
_MARKS: Final = {"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "zł": "PLN", "Kč": "CZK", "Fr.": "CHF", "SFr.": "CHF"}
_DOLLARS: Final = {
    "$": "",
    "US$": "USD",
    "S$": "SGD",
    "A$": "AUD",
    "C$": "CAD",
    "HK$": "HKD",
    "NZ$": "NZD",
    "R$": "BRL",
}
_CURRENCY: Final = (
    r"(?:US\$|S\$|A\$|C\$|HK\$|NZ\$|R\$|\$|€|£|¥|₹|zł|Kč|S?Fr\.|\b(?:" + "|".join(sorted(CODES)) + r")\b)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """An amount from character `start` to `end` of a line; `sign` is 1 or -1 where the line says so, else 0."""

    start: int
    end: int
    value: Decimal
    sign: int
    asset: str | None
    #: What is left where a space was taken to part thousands, but may part the sum from a number before it.
    shorter: Decimal | None = None

    @property
    def signed(self) -> Decimal:
        """The amount with its sign, which is plus where none is said."""
        return -self.value if self.sign < 0 else self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Notation:
    """How a document writes sums: its decimal sign, whether a space parts thousands, and whether there are cents."""

    decimal: str
    spaced: bool
    signs: bool = False
    cents: bool = True
    #: Whether a minus stands between the currency's sign and the number, so that a dash before both is none.
    inner: bool = False

    def pattern(self) -> re.Pattern[str]:
        """Return what a sum looks like."""
        groups = "'." if self.decimal == "," else "',"
        space = " " if self.spaced else ""
        cents = rf"{re.escape(self.decimal)}\d\d"
        number = rf"\d{{1,3}}(?:[{groups}{space}]\d{{3}}){{1,5}}{cents}|\d{{1,12}}{cents}"
        if self.decimal == ".":
            number += rf"|\d{{1,2}}(?:,\d\d){{1,4}},\d{{3}}{cents}"  # lakhs and crores
        # Single letters are words elsewhere: S and H are German, D and C end their line.
        letters = "S|H|" if self.decimal == "," else ""
        # An odd thousands sign (6.329.93) is a slip some banks print.
        slip = r"\d{1,3}(?:\.\d{3}){1,5}\.\d\d|\d{1,3}(?:,\d{3}){1,5},\d\d"
        # Sums without cents, or with one digit of them, count only where a currency's sign stands beside them.
        whole = rf"(?:\d{{1,3}}(?:[{groups}{space}]\d{{3}}){{1,4}}|\d{{1,9}})(?:{re.escape(self.decimal)}\d)?"
        signs = "€|£|[A-Z]{0,2}\\$"
        number = f"{number}|{slip}"
        if not self.cents:
            number = rf"\d{{1,3}}(?:[{groups}]\d{{3}}){{1,4}}(?![{groups}])|\d{{1,3}}(?=[ +-]|$)"
        if self.signs:
            # A letter behind it is a digit that was not read: "€ 0,5O".
            whole_end = r"(?![.,]?\d|(?!CR|DR|Cr|Dr)[A-Za-z])"
            number += rf"|(?<=[€£$])(?:{whole}){whole_end}|(?<=[€£$] )(?:{whole}){whole_end}"
            number += rf"|(?:{whole})(?= ?(?:{signs})(?![\w]))"
        return re.compile(
            rf"(?<![\w.,:/'*])(?P<open>\()?(?P<before>[+-] ?)?(?P<c1>{_CURRENCY} ?)?(?P<between>[+-] ?)?"
            rf"(?<![\d.,])(?<![\w]-)(?P<number>{number})(?![\d%]|[.,:/']\d| ?%| ?(?:p\.a|STK|Stk|Stück"
            rf"|Anteile|shares)\b)"
            rf"(?P<after> ?[+-](?![\d.,]))?(?(c1)|(?P<c2> ?{_CURRENCY})?)(?P<after2> ?[+-](?![\d.,]))?"
            rf"(?P<word> ?(?:(?:{letters}CR|DR|OD|Cr|Dr|cr|dr|Soll|Haben)(?![\w.'/-])|[DC](?=\s*$)))?(?P<close>\))?"
        )


_ENDS: Final = "€£$"
_YEAR: Final = re.compile(r"(?:19|20)\d\d").fullmatch
_CENTS: Final = re.compile(r"[.,](\d\d?)$")
_COMMA: Final = re.compile(r"\d,\d\d(?![\d,.])")
_POINT: Final = re.compile(r"\d\.\d\d(?![\d,.])")
_SPACED: Final = re.compile(r"(?<![\d.,:/-])\d{1,3} \d{3}[.,]\d\d(?!\d)")
_INNER: Final = re.compile(r"[€£$] ?-\d")
_WHOLE: Final = re.compile(r"(?<![\d.,])\d{1,3}([.,])\d{3}(?:\1\d{3})* ?(?:[+-]|CR|DR)?$")
_JOINED: Final = re.compile(r"(?<![\d.,])\d{1,3}[.,']\d{3}[.,]\d\d(?!\d)|(?<![\d.,])\d{4,9}[.,]\d\d(?![.,]?\d)")


def decide_notation(texts: Iterable[str]) -> Notation:
    """Return how a document writes sums, by what most of its lines show.

    A day without its year (16.12) looks like a sum with a decimal point, while nothing looks like one with a comma.
    """
    comma = point = spaced = joined = 0
    wholes: Counter[str] = Counter()
    signs = inner = False
    for text in texts:
        inner = inner or _INNER.search(text) is not None
        signs = signs or "€" in text or "£" in text or "$" in text
        comma += len(_COMMA.findall(text))
        point += len(_POINT.findall(text))
        spaced += len(_SPACED.findall(text))
        joined += len(_JOINED.findall(text))
        wholes.update(_WHOLE.findall(text))
    if wholes and (number := max(wholes.values())) > 2 and number > 4 * (comma + point):
        # Yen, won and pesos have no cents.
        return Notation(decimal="." if wholes[","] == number else ",", spaced=False, signs=signs, cents=False)
    decimal = "," if comma * 3 >= point else "."
    return Notation(decimal=decimal, spaced=spaced > joined, signs=signs, inner=inner)


class Purse:
    """Finds the sums of a document's lines."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self._pattern = notation.pattern()

    def find(self, text: str) -> list[Sum]:
        """Return the sums stated in `text`, from left to right."""
        if not any(sign.isdigit() for sign in text):
            return []
        found: list[Sum] = []
        for match in self._pattern.finditer(text):
            # A sign belongs to the sum before it: in "12,00 €2024" the year of another line ran on.
            after = found and match.start() == found[-1].end and text[match.start() - 1] in _ENDS
            if not (after and _YEAR(match["number"])):
                found.append(self._sum(match, empty=text[: match.start()].rstrip().endswith("-")))
        return found

    def _sum(self, match: re.Match[str], *, empty: bool) -> Sum:
        """Return the sum of a match; after an `empty` column, shown as a dash, another dash is one too."""
        number = match["number"]
        broken = _CENTS.search(number)
        whole, cents = (number[: broken.start()], broken[1]) if broken else (number, "")
        value = Decimal(re.sub(r"\D", "", whole) + "." + cents.ljust(2, "0"))
        marks = "".join(match[name] or "" for name in ("before", "between", "after", "after2"))
        word = (match["word"] or "").strip()
        sign = 0
        if match["before"] == "- " and (empty or match["between"] == "- " or (self.notation.inner and match["c1"])):
            marks = marks.replace("- ", "")
        if "-" in marks or (match["open"] and match["close"]) or word in {"S", "DR", "Dr", "dr", "D", "OD", "Soll"}:
            sign = -1
        elif "+" in marks or word in {"H", "CR", "Cr", "cr", "C", "Haben"}:
            sign = 1
        mark = (match["c1"] or match["c2"] or "").strip()
        tail = whole.partition(" ")[2]
        shorter = Decimal(re.sub(r"\D", "", tail) + "." + cents.ljust(2, "0")) if tail else None
        return Sum(start=match.start(), end=match.end(), value=value, sign=sign, asset=asset_of(mark), shorter=shorter)


def asset_of(mark: str) -> str | None:
    """Return the currency a sign or code stands for; None where it is open, as a bare dollar is."""
    if mark in CODES:
        return mark
    return _MARKS.get(mark) or _DOLLARS.get(mark) or None


_ANY: Final = re.compile(_CURRENCY)


def currencies(texts: Iterable[str]) -> Counter[str]:
    """Count the currencies named in `texts`; a bare dollar counts as "$"."""
    found: Counter[str] = Counter()
    for text in texts:
        for mark in _ANY.findall(text):
            found[asset_of(mark) or "$"] += 1
    return found
