"""Amounts and asset codes: what flowd accepts as money, and how it reads it from text."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Final

#: Amounts at or above this are refused: no household holds them, and they break sums and charts.
LIMIT: Final = Decimal("1e30")
_LOWEST: Final = -LIMIT
#: Digits kept behind the point; the smallest unit any chain uses is 1e-18, readings of rates may go further.
PLACES: Final = 30

_ASSET = re.compile(r"[A-Z0-9][A-Z0-9._:/-]{0,39}")


def check_amount(value: object, what: str) -> Decimal:
    """Return `value` if it is a finite Decimal of a sane size, else raise ValueError or TypeError naming `what`."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{what} must be a Decimal, got {type(value).__name__} ({value!r}): money is never a float")
    if not value.is_finite():
        raise ValueError(f"{what} must be finite, got {value}")
    # Compared, never computed with: arithmetic would round to the 28 digits of the context.
    if not _LOWEST < value < LIMIT:
        raise ValueError(f"{what} is absurdly large: about 1e{value.adjusted()} (limit 1e{LIMIT.adjusted()})")
    # Thirty characters without an exponent cannot hold more places, and this is quicker than taking the digits apart.
    if len(text := str(value)) <= PLACES and "E" not in text:
        return value
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -PLACES:
        raise ValueError(f"{what} has more than {PLACES} decimal places: {value}")
    return value


def check_asset(code: object, what: str = "asset") -> str:
    """Return `code` if it is an asset code (`EUR`, `BTC`, `US0378331005`), else raise ValueError with the fix."""
    if not isinstance(code, str):
        raise TypeError(f"{what} must be a string such as 'EUR', got {type(code).__name__}")
    if not _ASSET.fullmatch(code):
        raise ValueError(
            f"{what} {code!r} is not an asset code: use 1 to 40 capital letters, digits and . _ : / -, such as 'EUR'"
        )
    return code


def plain(value: Decimal) -> str:
    """Write `value` without exponent and without needless zeros, so that equal amounts have equal text.

    >>> plain(Decimal("1E+3")), plain(Decimal("-0.00")), plain(Decimal("12.30"))
    ('1000', '0', '12.3')
    """
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def parse_plain(text: str, what: str) -> Decimal:
    """Read an amount written with a decimal point (`-12.30`); ValueError names `what` otherwise."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{what} is not a number: {text!r}") from None
    return check_amount(value, what)
