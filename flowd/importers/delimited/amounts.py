"""Amounts as banks write them: which sign is the decimal one, and a quick reader for a column written one way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_SPACES: Final = re.compile(r"[\s\u00a0\u202f\u2009']|’")
_MINUS: Final = str.maketrans({"−": "-", "–": "-", "—": "-", "\u2010": "-", "\u2011": "-"})
#: Words and signs of money that may stand before or after the digits; a code of three capitals counts too.
_MONEY: Final = r"(?:[A-Z]{3}|€|\$|US\$|C\$|A\$|£|¥|₤|₹|₽|₺|₴|zł|Kč|Ft|kr\.?|Fr\.?|R\$|Lei|лв)"
_WHOLE: Final = re.compile(
    rf"(?P<open>\()?(?P<sign>[+-])?{_MONEY}?(?P<sign2>[+-])?(?P<digits>[0-9][0-9.,]*|[.,][0-9]+)"
    rf"(?P<sign3>[+-])?(?:{_MONEY})?(?P<sign4>[+-])?(?P<close>\))?(?P<word>CR|DR|Cr|Dr)?",
)
_MOST: Final = 29
_CACHE: Final = 1 << 16


_MARKED: Final = re.compile(r"\s*[^\d(]{0,4}\+|.*(?<![A-Za-z])CR\s*$|.*\+\s*$", re.IGNORECASE | re.DOTALL)


def is_marked_in(text: str) -> bool:
    """Say whether the amount `text` is marked as money in: by a plus or by CR.

    >>> is_marked_in("+ £1,100.00"), is_marked_in("20.00CR"), is_marked_in("20.00")
    (True, True, False)
    """
    return len(text) < 200 and _MARKED.match(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberStyle:
    """How numbers are written: the decimal sign, and the sign between thousands ("" where there is none)."""

    decimal: str = "."
    thousands: str = ","


POINT: Final = NumberStyle(decimal=".", thousands=",")
COMMA: Final = NumberStyle(decimal=",", thousands=".")


def _parts(text: str) -> tuple[str, bool] | None:
    """Take `text` apart into its digits with separators and whether it is negative; None if it is no amount."""
    bare = _SPACES.sub("", text.translate(_MINUS)) if len(text) < 200 else ""
    found = _WHOLE.fullmatch(bare)
    if found is None:
        return None
    bracket = found["open"] is not None
    if bracket != (found["close"] is not None):
        return None
    signs = [sign for sign in (found["sign"], found["sign2"], found["sign3"], found["sign4"]) if sign]
    if len(signs) + bracket > 1:
        return None
    word = (found["word"] or "").upper()
    return found["digits"], bracket or signs == ["-"] or word == "DR"


_BLANKS: Final = frozenset({"", "-", "--", "---", "–", "—", "n/a", "N/A", "null", "NULL"})


def is_blank(text: str) -> bool:
    """Say whether a cell says nothing: it is empty, or holds what some write instead of nothing.

    >>> is_blank(" -- "), is_blank("-1")
    (True, False)
    """
    return text.strip() in _BLANKS


def looks_like_amount(text: str) -> bool:
    """Say whether `text` could be an amount in some style."""
    return _parts(text) is not None


def parse_amount(text: str, style: NumberStyle) -> Decimal | None:
    """Read `text` as an amount written in `style`; None if it is not one.

    >>> parse_amount("1.234,56-", COMMA), parse_amount("(12.00)", POINT), parse_amount("CHF 1'234.50", POINT)
    (Decimal('-1234.56'), Decimal('-12.00'), Decimal('1234.50'))
    """
    parts = _parts(text)
    if parts is None:
        return None
    digits, negative = parts
    whole, mark, fraction = digits.partition(style.decimal)
    if mark and not fraction.isdigit() and fraction:
        return None
    if style.thousands and style.thousands in whole:
        groups = whole.split(style.thousands)
        # Groups of three, or of two before the last one as India writes lakhs.
        if not 1 <= len(groups[0]) <= 3 or len(groups[-1]) != 3 or any(len(g) not in {2, 3} for g in groups[1:-1]):
            return None
        whole = "".join(groups)
    if whole and not whole.isdigit():
        return None
    if len(whole.lstrip("0")) > _MOST or len(fraction) > _MOST:
        return None
    value = Decimal(f"{whole or '0'}.{fraction}" if fraction else whole or "0")
    return -value if negative and value else value


def compile_amount(style: NumberStyle) -> Callable[[str], Decimal | None]:
    """Return a reader for a column written in `style`: a short way for the usual form, the long one for the rest."""
    usual = re.compile(rf"[+-]?[0-9]{{1,24}}(?:{re.escape(style.decimal)}[0-9]{{1,18}})?", re.ASCII).fullmatch
    comma = style.decimal == ","
    known: dict[str, Decimal | None] = {}
    look = known.get

    def read(text: str) -> Decimal | None:
        value = look(text)
        # an exception for each text not met before would cost more than reading it
        if value is not None or text in known:
            return value
        if usual(text):
            value = Decimal(text.replace(",", ".") if comma else text)
            if not value:
                value = abs(value)
        else:
            value = parse_amount(text, style)
        if len(text) < 64 and len(known) < _CACHE:
            known[text] = value
        return value

    return read


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleFound:
    """What a column's numbers say of their style: None where they contradict each other or it cannot be told."""

    style: NumberStyle | None
    sure: float
    why: str


class StyleVotes:
    """Gathers what each number of a file says of the decimal sign."""

    def __init__(self) -> None:
        self.point = 0
        self.comma = 0
        self.open = 0
        self.plain = 0
        self.example = {"point": "", "comma": "", "open": ""}

    @property
    def settled(self) -> bool:
        """Say whether at least one number leaves no doubt."""
        return bool(self.point or self.comma)

    def add(self, text: str) -> None:
        """Count what `text` says; anything that is no amount is left out."""
        parts = _parts(text)
        if parts is None:
            return
        digits = parts[0]
        points, commas = digits.count("."), digits.count(",")
        if not points and not commas:
            self.plain += 1
            return
        if points and commas:
            says = "point" if digits.rfind(".") > digits.rfind(",") else "comma"
        else:
            mark, count = (".", points) if points else (",", commas)
            head, _, tail = digits.rpartition(mark)
            decimal = "point" if mark == "." else "comma"
            if count > 1:
                says = "comma" if mark == "." else "point"
            elif len(tail) != 3 or len(head) > 3 or head in {"", "0"}:
                says = decimal
            else:
                says = "open"
        setattr(self, says, getattr(self, says) + 1)
        if not self.example[says]:
            self.example[says] = text.strip()

    def decide(self, delimiter: str) -> StyleFound:
        """Return the style all numbers agree on, or the likelier one with little certainty."""
        if self.point and self.comma:
            return StyleFound(
                style=None,
                sure=0.0,
                why=f"numbers contradict each other: {self.example['point']!r} and {self.example['comma']!r}",
            )
        if self.point:
            return StyleFound(style=POINT, sure=1.0, why=f"decimal point, as in {self.example['point']!r}")
        if self.comma:
            return StyleFound(style=COMMA, sure=1.0, why=f"decimal comma, as in {self.example['comma']!r}")
        if not self.open:
            return StyleFound(style=POINT, sure=1.0, why="whole numbers only")
        # "1.234" alone: three digits behind a separator are thousands far more often than mills.
        style = COMMA if "." in self.example["open"] else POINT
        if delimiter == "," and style is COMMA:
            return StyleFound(
                style=style, sure=0.45, why=f"{self.example['open']!r} may be thousands or three decimals"
            )
        return StyleFound(style=style, sure=0.6, why=f"{self.example['open']!r} taken as thousands, nothing tells")


def decide_style(texts: Iterable[str], delimiter: str = ";") -> StyleFound:
    """Return the style in which `texts` are written."""
    votes = StyleVotes()
    for text in texts:
        votes.add(text)
    return votes.decide(delimiter)
