"""Reads the ECB's XML, the daily one and that of 90 days, and nothing else that calls itself XML."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final, NoReturn
from xml.parsers.expat import ExpatError, ParserCreate

from flowd_ecb.history import read_value
from flowd_ecb.publishing import DayRates

#: 90 days are 200 KB.
_LARGEST: Final = 4 * 1024 * 1024
_CUBE: Final = "http://www.ecb.int/vocabulary/2002-08-01/eurofxref Cube"


def read(content: bytes) -> tuple[list[DayRates], list[str]]:
    """Return the days in `content`, the oldest first, and what was left out; ValueError if it is not the ECB's XML."""
    if len(content) > _LARGEST:
        raise ValueError(f"it has {len(content)} bytes")
    found = _Found()
    parser = ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = found.element
    # The ECB's files declare nothing; without declarations there are no entities to be blown up or fetched.
    parser.StartDoctypeDeclHandler = _declared
    try:
        parser.Parse(content, True)
    except ExpatError as error:
        raise ValueError(f"it is not whole: {error}") from None
    listed = [DayRates(day=day, values=values) for day, values in sorted(found.days.items()) if values]
    if not listed:
        raise ValueError("there are no rates in it")
    return listed, found.left_out


class _Found:
    """What has been read so far."""

    def __init__(self) -> None:
        self.days: dict[date, dict[str, Decimal]] = {}
        self.left_out: list[str] = []
        self._day: date | None = None

    def element(self, name: str, attributes: dict[str, str]) -> None:
        """Take in one start tag."""
        if name != _CUBE:
            return
        if "time" in attributes:
            self._day = date.fromisoformat(attributes["time"])
            self.days.setdefault(self._day, {})
        elif "currency" in attributes:
            self._rate(attributes["currency"], attributes.get("rate", ""))

    def _rate(self, currency: str, text: str) -> None:
        if self._day is None:
            raise ValueError("a rate stands outside of any day")
        if len(currency) != 3 or not (currency.isascii() and currency.isalpha() and currency.isupper()):
            self.left_out.append(f"{self._day}: {currency[:40]!r} is not a currency")
            return
        try:
            self.days[self._day][currency] = read_value(text)
        except ValueError as error:
            self.left_out.append(f"{self._day} {currency}: {error}")


def _declared(*_: object) -> NoReturn:
    raise ValueError("it declares a document type, which the ECB's files never do")
