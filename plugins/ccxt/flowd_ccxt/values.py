"""Reads an exchange's words: amounts without rounding, asset codes, moments."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from typing import Any, Final

from flowd.api import RetryLater

_ASSET: Final = re.compile(r"[A-Z0-9][A-Z0-9._:/-]{0,39}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: What flowd stores, see flowd.domain.money: below 1e30 and at most 30 digits behind the point.
_LIMIT: Final = Decimal("1e30")
_PLACES: Final = 30
_WIDE: Final = Context(prec=80)


def amount(value: object, where: str) -> Decimal:
    """Return an amount exactly as the exchange printed it; RetryLater names `where` if it is no number that is kept."""
    try:
        read = Decimal(str(value).strip())
    except InvalidOperation:
        raise RetryLater(f"{where} is not a number: {str(value)[:40]!r}") from None
    if not read.is_finite() or not -_LIMIT < read < _LIMIT:
        raise RetryLater(f"{where} is no amount: {str(value)[:40]!r}")
    return trimmed(read)


def trimmed(value: Decimal) -> Decimal:
    """Return `value` with at most 30 digits behind the point, which is what flowd keeps."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -_PLACES:
        return value.quantize(Decimal(1).scaleb(-_PLACES), context=_WIDE)
    return value


def negative(value: Decimal) -> Decimal:
    """Return -`value` with all its digits, which a minus sign would round to 28."""
    return value.copy_negate() if value else value


def total(*values: Decimal) -> Decimal:
    """Add up without rounding: 28 digits, which is Python's own limit, are too few for tokens with 18 decimals."""
    added = Decimal(0)
    for value in values:
        added = _WIDE.add(added, value)
    return _checked(added)


def _checked(value: Decimal) -> Decimal:
    if not -_LIMIT < value < _LIMIT:
        raise RetryLater(f"amounts of an answer come to about 1e{value.adjusted()}, which is no amount")
    return value


def asset_code(value: object, where: str) -> str:
    """Return an asset's code as flowd keeps it; signs that are no letters or digits are spelled out as code points."""
    text = str(value or "").strip().upper()
    if not text:
        raise RetryLater(f"{where} names no asset")
    if _ASSET.fullmatch(text):
        return text
    plain = "".join(sign if re.fullmatch(r"[A-Z0-9._:/-]", sign) else f"U{ord(sign):X}" for sign in text)
    return (plain if plain[0].isalnum() else f"X{plain}")[:40]


def moment(milliseconds: object, where: str) -> datetime:
    """Return the UTC moment of so many milliseconds since 1970; RetryLater names `where` if it is none."""
    try:
        return _EPOCH + timedelta(milliseconds=int(Decimal(str(milliseconds))))
    except (InvalidOperation, ValueError, OverflowError):
        raise RetryLater(f"{where} is no time: {str(milliseconds)[:40]!r}") from None


def to_ms(at: datetime) -> int:
    """Return the milliseconds since 1970."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def texts(source: dict[str, Any], *names: str) -> dict[str, str]:
    """Return those fields of an answer that are there and not empty, as text: what is worth keeping as `raw`."""
    kept = {}
    for name in names:
        value = source.get(name)
        if value is not None and not isinstance(value, dict | list) and str(value) != "":
            kept[name] = str(value).replace("\x00", "")[:200]
    return kept
