"""Takes TrueLayer's answers apart: what is not as documented is named, with the endpoint, and tried again later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation

from flowd.api import RetryLater

#: Tokens are texts too.
_LONGEST = 16_000


def results(answer: object, where: str) -> Sequence[Mapping[str, object]]:
    """Return the list every answer of TrueLayer carries; RetryLater where there is none."""
    listed = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise RetryLater(f"{where} is not as documented: it has no list 'results' of objects")
    return listed


def part(data: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Return the object called `name`, an empty one where there is none."""
    found = data.get(name)
    return found if isinstance(found, dict) else {}


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


def currency(data: Mapping[str, object], where: str) -> str:
    """Return the currency's code; RetryLater where it is none."""
    found = needed(data, "currency", where).upper()
    if not (found.isascii() and found.isalnum() and len(found) <= 12):
        raise RetryLater(f"{where} is not as documented: {found[:40]!r} is no currency")
    return found


def number(data: Mapping[str, object], name: str, where: str) -> Decimal:
    """Return the number called `name`, exactly as it was written; RetryLater where there is none."""
    found = maybe(data, name)
    if found is None:
        raise RetryLater(f"{where} is not as documented: {name!r} is no number")
    return found


def maybe(data: Mapping[str, object], name: str) -> Decimal | None:
    """Return the number called `name`, None where there is none."""
    found = data.get(name)
    if isinstance(found, bool) or not isinstance(found, int | str | Decimal):
        return None
    try:
        value = Decimal(found)
    except InvalidOperation:
        return None
    # What no household holds, and what no currency divides, is a mistake.
    places = value.as_tuple().exponent
    return value if value.is_finite() and value.adjusted() < 30 and isinstance(places, int) and places >= -30 else None


def moment(value: str) -> datetime | None:
    """Read a moment, in UTC where it names no zone; None where it is none."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def booked(value: str, where: str) -> datetime | date:
    """Read when something was booked: a day where the time is midnight, which is how a bank's day alone is written."""
    at = moment(value)
    if at is None or not 1900 < at.year < 2200:
        raise RetryLater(f"{where} is not as documented: {value[:40]!r} is no time")
    return at.date() if at.timetz().replace(tzinfo=None) == time(0) else at
