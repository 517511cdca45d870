"""Takes Tink's answers apart: what is not as documented is named, with the endpoint, and tried again later."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from flowd.api import RetryLater
from flowd.reading import currency, decimal, mapping, moment

#: A scale beyond this is no amount of money.
_MOST_PLACES = 30


def exact(value: object, where: str) -> Decimal:
    """Read Tink's exact number: unscaledValue times ten to the power of minus scale, each as text or as integer."""
    parts = mapping(value, where)
    try:
        unscaled, scale = _whole(parts.get("unscaledValue")), _whole(parts.get("scale"))
    except ValueError:
        raise RetryLater(f"{where} is not as documented: unscaledValue and scale are not whole numbers") from None
    if not -_MOST_PLACES <= scale <= _MOST_PLACES:
        raise RetryLater(f"{where} is not as documented: a scale of {scale}")
    # Put together digit by digit: arithmetic would round to the 28 digits of the context.
    sign, digits, _ = Decimal(unscaled).as_tuple()
    return decimal(Decimal((sign, digits, -scale)), where)


def money(value: object, where: str) -> tuple[Decimal, str]:
    """Read an amount with its currency: (-130.0, "GBP")."""
    parts = mapping(value, where)
    return exact(parts.get("value"), where), currency(parts, "currencyCode", where)


def instant(value: object) -> datetime | None:
    """Read a moment, as text or as milliseconds since 1970; None where it is neither."""
    try:
        if isinstance(value, str) and not value.isdigit():
            return moment(value)
        if isinstance(value, str | int) and not isinstance(value, bool):
            return datetime.fromtimestamp(int(value) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str) or len(str(value)) > 60:
        raise ValueError
    return int(value)
