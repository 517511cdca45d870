"""Takes Tink's answers apart: what is not as documented is named, with the endpoint, and tried again later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from flowd.api import RetryLater

#: A scale beyond this is no amount of money.
_MOST_PLACES = 30
#: No household holds more digits before the point.
_MOST_DIGITS = 30
#: Tokens are texts too.
_LONGEST = 8_000


def mapping(value: object, where: str) -> Mapping[str, object]:
    """Return `value` if it is a JSON object; RetryLater names `where` otherwise."""
    if not isinstance(value, dict):
        raise RetryLater(f"{where} is not as documented: an object was expected, got {type(value).__name__}")
    return value


def part(data: Mapping[str, object], *path: str) -> Mapping[str, object]:
    """Return the object at `path`, an empty one where there is none."""
    found: object = data
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def items(data: Mapping[str, object], name: str, where: str) -> Sequence[Mapping[str, object]]:
    """Return the list of objects called `name`; RetryLater where it is missing or something else."""
    found = data.get(name)
    if not isinstance(found, list):
        raise RetryLater(f"{where} is not as documented: it has no list {name!r}")
    return [mapping(one, f"{where}, an element of {name!r}") for one in found]


def text(data: Mapping[str, object], name: str) -> str:
    """Return the text called `name`, without what no database keeps; empty where there is none."""
    found = data.get(name)
    if not isinstance(found, str):
        return ""
    return found.replace("\x00", "").encode("utf-8", "replace").decode().strip()


def needed(data: Mapping[str, object], name: str, where: str) -> str:
    """Return the text called `name`; RetryLater where it is missing."""
    found = text(data, name)
    if not found or len(found) > _LONGEST:
        raise RetryLater(f"{where} is not as documented: {name!r} is {'too long' if found else 'missing'}")
    return found


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
    value = Decimal((sign, digits, -scale))
    if value.adjusted() >= _MOST_DIGITS:
        raise RetryLater(f"{where} is not as documented: an amount of about 1e{value.adjusted()}")
    return value


def money(value: object, where: str) -> tuple[Decimal, str]:
    """Read an amount with its currency: (-130.0, "GBP")."""
    parts = mapping(value, where)
    code = needed(parts, "currencyCode", where).upper()
    if not (code.isascii() and code.isalnum() and len(code) <= 12):
        raise RetryLater(f"{where} is not as documented: {code[:40]!r} is no currency")
    return exact(parts.get("value"), where), code


def day(value: str, where: str) -> date:
    """Read a day, also from a date with time."""
    try:
        found = date.fromisoformat(value[:10])
    except ValueError:
        found = date.min
    if not 1900 < found.year < 2200:
        raise RetryLater(f"{where} is not as documented: {value[:40]!r} is no day")
    return found


def instant(value: object) -> datetime | None:
    """Read a moment, as text or as milliseconds since 1970; None where it is neither."""
    try:
        if isinstance(value, str) and not value.isdigit():
            at = datetime.fromisoformat(value)
            return at if at.tzinfo else at.replace(tzinfo=UTC)
        if isinstance(value, str | int) and not isinstance(value, bool):
            return datetime.fromtimestamp(int(value) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str) or len(str(value)) > 60:
        raise ValueError
    return int(value)
