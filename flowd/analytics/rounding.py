"""From the floats that are computed with to the decimals that are kept and shown."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from flowd.analytics.converting import PLACES
from flowd.domain.shares import EXACT

#: Beyond this a float is no amount of money and no share any more.
_MOST: Final = 1e24


def decimal(value: float | None, places: int = PLACES) -> Decimal | None:
    """Return `value` as a decimal of at most `places` places; None for None, for no number, and for an absurd one."""
    if value is None or not math.isfinite(value) or abs(value) > _MOST:
        return None
    # from the shortest text that gives the same float: 0.1 stays 0.1
    exact = Decimal(repr(float(value)))
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN, context=EXACT)
    return EXACT.add(rounded.normalize(EXACT), Decimal(0)) if rounded else Decimal(0)
