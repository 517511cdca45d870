"""Amounts as Stripe writes them: whole numbers of each currency's smallest unit, with its own exceptions."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from flowd.api import RetryLater
from flowd_stripe.reading import Thing

# Stripe's documentation "Supported currencies": zero-decimal and three-decimal currencies. ISK and UGX have no smaller
# unit any more, but their amounts are still counted in hundredths; so are HUF and TWD, which are paid out in whole
# units only. None of these four is in the list.
_WHOLE: Final = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THOUSANDTHS: Final = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))
_LIMIT: Final = 10**27


def currency_of(thing: Thing, name: str = "currency") -> str:
    """Return the currency code in capital letters; RetryLater if it is none."""
    code = thing.text(name).upper()
    if not (2 < len(code) <= 10 and code.isascii() and code.isalnum()):
        raise RetryLater(f"{thing.where}.{name} is not a currency")
    return code


def places(currency: str) -> int:
    """Return how many digits behind the point Stripe's whole numbers have in `currency`."""
    return 0 if currency in _WHOLE else 3 if currency in _THOUSANDTHS else 2


def money(thing: Thing, name: str, currency: str) -> Decimal:
    """Return the amount in a field as units of `currency`."""
    minor = thing.whole(name)
    if not -_LIMIT < minor < _LIMIT:
        raise RetryLater(f"{thing.where}.{name} is absurdly large")
    # read from text: arithmetic would round to the digits of the context
    return Decimal(f"{minor}e-{places(currency)}")
