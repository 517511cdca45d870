"""Reads amounts as people write them on a command line, and refuses those that can be read in two ways."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from flowd.domain.money import check_asset, parse_plain

_SIGNS: Final = {"€": "EUR", "£": "GBP", "¥": "", "$": ""}
#: Groups of three may stand apart, but before a unit of time it is how many of them (200 100 days).
_NUMBER: Final = re.compile(
    r"(?P<number>[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3}(?![0-9])(?!\s*(?:day|week|month|quarter|year)))+(?:[.,][0-9]+)?"
    r"|[0-9]+(?:[.,'_][0-9]+)*)(?P<thousand>[kK](?![A-Za-z]))?"
)
_WORD: Final = re.compile(r"[A-Za-z0-9]+")
_GAPS: Final = re.compile(r"(?<=[0-9])['_\u00a0\u202f ](?=[0-9]{3}(?![0-9]))")


def read_amount(text: str, currency: str) -> tuple[Decimal, str]:
    """Read `1200 EUR`, `20k`, `1,200.50 USD`, `€ 300`; without a currency it is `currency`.

    ValueError says what is wrong and how to write it: an amount that could mean two things (20.000) is refused.
    """
    amount, code, rest = take_amount(text)
    named = rest.upper()
    if code and named and code != named:
        raise ValueError(f"{text!r} names two currencies, {code} and {named}: keep one")
    return amount, check_asset(code or named or currency, "the currency")


def take_amount(text: str) -> tuple[Decimal, str, str]:
    """Cut an amount from the beginning of `text`: the amount, its currency's code where a sign says it, the rest."""
    rest, code = text.strip(), ""
    if rest[:1] in _SIGNS:
        code, rest = _sign(text, rest[0]), rest[1:].strip()
    found = _NUMBER.match(rest)
    if found is None:
        raise ValueError(f"{text!r} does not begin with an amount above zero, such as 1200 EUR")
    number = _plain(text, found["number"].strip())
    if found["thousand"]:
        number *= 1000
    if number <= 0:
        raise ValueError(f"{text!r} is not above zero")
    rest = rest[found.end() :]
    if (word := _WORD.match(rest)) and not re.fullmatch(r"[A-Za-z]{3,}", word[0]):
        # neither 5M nor 1e4 is an amount of a currency
        raise ValueError(f"{text!r}: {word[0]!r} behind the number is not understood: write all digits, as 5000000 EUR")
    rest = rest.strip()
    if rest[:1] in _SIGNS:
        code, rest = _sign(text, rest[0]), rest[1:].strip()
    return number, code, rest


def _sign(text: str, sign: str) -> str:
    if not _SIGNS[sign]:
        raise ValueError(f"{text!r}: {sign} is the sign of several currencies: write its code, such as 1200 USD")
    return _SIGNS[sign]


def _plain(text: str, number: str) -> Decimal:
    """Read digits with separators; a point or comma before three last digits alone could be either kind of mark."""
    number = _GAPS.sub("", number)
    points, commas = number.count("."), number.count(",")
    if re.fullmatch(r"[1-9][0-9]{0,2}[.,][0-9]{3}", number):
        whole, digits = re.split(r"[.,]", number)
        fix = f"write {whole}{digits}, or {whole}.{digits}0"
        raise ValueError(f"{text!r} could mean {whole}{digits} or {whole} and a fraction: {fix}")
    if points and commas:
        last = max(number.rfind("."), number.rfind(","))
        thousands = "," if number[last] == "." else "."
        if number.count(number[last]) > 1 or not _grouped(number[:last], thousands):
            raise ValueError(f"{text!r}: its points and commas do not fit together: write it without, as 1234.50")
        number = number[:last].replace(thousands, "") + "." + number[last + 1 :]
    elif points > 1 or commas > 1:
        mark = "." if points else ","
        if not _grouped(number, mark):
            raise ValueError(f"{text!r}: its points and commas do not fit together: write it without, as 1234.50")
        number = number.replace(mark, "")
    number = number.replace(",", ".")
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", number):
        raise ValueError(f"{text!r} is not an amount such as 1200 EUR or 1234.50")
    return parse_plain(number, "the amount")


def _grouped(number: str, mark: str) -> bool:
    return re.fullmatch(rf"[0-9]{{1,3}}({re.escape(mark)}[0-9]{{3}})*", number) is not None
