"""Takes answers of sources apart by hand: what is not as documented is named with its place, and asked again later.

For answers of which any part may be missing or of another kind. Those that keep a shape are read whole by
`flowd.api.read_answer`. `where` is how errors call the answer, such as `/accounts, an element of 'cards'`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from flowd.api import RetryLater
from flowd.domain.money import check_amount

#: Ids and names are shorter.
_LONGEST: Final = 400


def mapping(value: object, where: str) -> Mapping[str, object]:
    """Return `value` if it is a JSON object; RetryLater names `where` otherwise."""
    if not isinstance(value, dict):
        raise RetryLater(f"{where} is not as documented: an object was expected, got {type(value).__name__}")
    return value


def part(data: Mapping[str, object], *path: str) -> Mapping[str, object]:
    """Return the object at `path`, an empty one where there is none."""
    found: object = data
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def items(data: Mapping[str, object], name: str, where: str) -> Sequence[Mapping[str, object]]:
    """Return the list of objects called `name`; RetryLater where it is missing or something else."""
    found = data.get(name)
    if not isinstance(found, list):
        raise RetryLater(f"{where} is not as documented: it has no list {name!r}")
    return [mapping(one, f"{where}, an element of {name!r}") for one in found]


def clean(value: object) -> str:
    """Return a text as it can be kept: without NUL, half characters and space around it; empty where it is none."""
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "replace").decode().strip()


def line(value: object, most: int = 1000) -> str:
    """Return what people wrote, clean, on one line and cut after `most` characters; empty where it is no text."""
    # NUL stands between words here, as a line break does.
    return " ".join(clean(value.replace("\x00", " ")).split())[:most] if isinstance(value, str) else ""


def text(data: Mapping[str, object], name: str) -> str:
    """Return the text called `name`, clean; empty where there is none."""
    return clean(data.get(name))


def needed(data: Mapping[str, object], name: str, where: str, most: int = _LONGEST) -> str:
    """Return the text called `name`; RetryLater where it is missing or longer than `most` characters."""
    found = text(data, name)
    if not found or len(found) > most:
        raise RetryLater(f"{where} is not as documented: {name!r} is {'too long' if found else 'missing'}")
    return found


def currency(data: Mapping[str, object], name: str, where: str) -> str:
    """Return the code of a currency or coin called `name`, in capitals; RetryLater where it is none."""
    found = needed(data, name, where).upper()
    if not (found.isascii() and found.isalnum() and len(found) <= 12):
        raise RetryLater(f"{where} is not as documented: {found[:40]!r} is no currency")
    return found


def maybe_decimal(value: object) -> Decimal | None:
    """Read a number, also one in a text, exactly as written; None where it is none, or none that flowd would keep."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        return check_amount(Decimal(value), "")
    except (InvalidOperation, ValueError):
        return None


def decimal(value: object, where: str) -> Decimal:
    """Read a number as `maybe_decimal` does; RetryLater where it is none."""
    found = maybe_decimal(value)
    if found is None:
        raise RetryLater(f"{where} is not as documented: {str(value)[:40]!r} is no number")
    return found


def moment(value: object) -> datetime | None:
    """Read a moment in ISO 8601, in UTC where it names no zone; None where it is none."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)


def day(value: str, where: str) -> date:
    """Read a day in ISO 8601, also from a date with time; RetryLater where it is none of our time."""
    try:
        found = date.fromisoformat(value[:10])
    except ValueError:
        found = date.min
    if not 1900 < found.year < 2200:
        raise RetryLater(f"{where} is not as documented: {value[:40]!r} is no day")
    return found
