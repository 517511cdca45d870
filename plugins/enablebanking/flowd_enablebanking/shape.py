"""Takes Enable Banking's answers apart: what is not as documented is named, with its endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from flowd.api import RetryLater

_LONGEST = 400


def mapping(value: object, where: str) -> Mapping[str, object]:
    """Return `value` if it is a JSON object; RetryLater names `where` otherwise."""
    if not isinstance(value, dict):
        raise RetryLater(f"{where} is not as documented: an object was expected, got {type(value).__name__}")
    return value


def items(data: Mapping[str, object], name: str, where: str) -> Sequence[Mapping[str, object]]:
    """Return the list of objects called `name`; RetryLater where it is missing or something else."""
    found = data.get(name)
    if not isinstance(found, list):
        raise RetryLater(f"{where} is not as documented: it has no list {name!r}")
    return [mapping(one, f"{where}, an element of {name!r}") for one in found]


def part(data: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Return the object called `name`, an empty one where there is none."""
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def text(data: Mapping[str, object], name: str) -> str:
    """Return the text called `name`, without what no database keeps; empty where there is none."""
    return clean(data.get(name))


def clean(value: object) -> str:
    """Return a text without what no database keeps; empty where it is none."""
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "replace").decode().strip()


def needed(data: Mapping[str, object], name: str, where: str) -> str:
    """Return the text called `name`; RetryLater where it is missing."""
    found = text(data, name)
    if not found or len(found) > _LONGEST:
        raise RetryLater(f"{where} is not as documented: {name!r} is {'too long' if found else 'missing'}")
    return found


def money(value: object, where: str) -> tuple[Decimal, str]:
    """Read an amount with its currency, both as written."""
    parts = mapping(value, where)
    found = parts.get("amount")
    try:
        amount = Decimal(found) if isinstance(found, str | int | Decimal) and not isinstance(found, bool) else None
    except InvalidOperation:
        amount = None
    places = amount.as_tuple().exponent if amount is not None else None
    # What no household holds, and what no currency divides, is a mistake.
    if amount is None or not isinstance(places, int) or places < -30 or amount.adjusted() >= 30:
        raise RetryLater(f"{where} is not as documented: its amount is no number")
    code = needed(parts, "currency", where).upper()
    if not (code.isascii() and code.isalnum() and len(code) <= 12):
        raise RetryLater(f"{where} is not as documented: {code[:40]!r} is no currency")
    return amount, code


def day(value: str, where: str) -> date:
    """Read a day, also from a date with time."""
    try:
        found = date.fromisoformat(value[:10])
    except ValueError:
        found = date.min
    if not 1900 < found.year < 2200:
        raise RetryLater(f"{where} is not as documented: {value[:40]!r} is no day")
    return found


def moment(value: object) -> datetime | None:
    """Read a moment, in UTC where it names no zone; None where it is none."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)
