"""Amounts in the books: rounded once when they enter, exact from then on, and one that is not known stays so."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Final

#: Decimal places of every amount of money in the books.
PLACES: Final = 12
_UNIT: Final = Decimal(1).scaleb(-PLACES)
#: Arithmetic of books: whatever a source may state as units, price and rate multiplies without an error.
BOOKS: Final = Context(prec=160)
ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
#: An amount for which a rate is missing: whatever is added to it or taken from it is not known either.
UNKNOWN: Final = Decimal("NaN")


def rounded(amount: Decimal) -> Decimal:
    """Round to 12 places, half to even; to be called where `BOOKS` is the context."""
    return amount.quantize(_UNIT)


def told(amount: Decimal) -> Decimal | None:
    """Return `amount` as rows state it: None where it is not known."""
    return None if amount.is_nan() else amount


def known(amount: Decimal | None) -> Decimal:
    """Return `amount` as the books keep it."""
    return UNKNOWN if amount is None else amount


def portion(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """Return what of `amount` belongs to `part` of `whole`, rounded; the rest is what is left."""
    return (amount * part / whole).quantize(_UNIT)
