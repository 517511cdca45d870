"""Amounts in base currency: rounded once, to one place, so that sums of them stay sums."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from flowd.domain.shares import EXACT

#: Decimal places of every amount in base currency.
PLACES: Final = 8
_UNIT: Final = Decimal(1).scaleb(-PLACES)


def in_base(amount: Decimal, rate: Decimal | None) -> Decimal | None:
    """Return `amount` at `rate`, to 8 places; None where there is no rate, never one to one."""
    if rate is None:
        return None
    return EXACT.multiply(amount, rate).quantize(_UNIT, rounding=ROUND_HALF_EVEN, context=EXACT)
