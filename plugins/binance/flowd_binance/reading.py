"""Takes fields out of what Binance answers: what is missing or of another shape is said by name, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from functools import reduce
from typing import Any, Final

from flowd.api import RetryLater

Row = Mapping[str, Any]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
#: Larger amounts are refused by flowd's store, and smaller parts of one, too.
_LARGEST: Final = Decimal("1e29")
_PLACES: Final = 30
#: The last millisecond that a datetime can be: what lies beyond is no time.
_END: Final = 253_402_300_799_999
ZERO: Final = Decimal(0)
#: Arithmetic that rounds nothing away; Python's own keeps 28 digits.
_EXACT: Final = Context(prec=80)


def rows(answer: object, where: str, *path: str) -> list[Row]:
    """Return the list of objects at `path` in `answer`; RetryLater names what is there instead."""
    found = answer
    for name in path:
        if found is None and found is not answer:
            return []
        if not isinstance(found, Mapping) or name not in found:
            raise RetryLater(f"{where} answered without `{name}`")
        found = found[name]
    if found is None and path:
        # How some histories say that there is nothing.
        return []
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise RetryLater(f"{where} answered something that is not a list of objects{_at(path)}")
    return found


def text(row: Row, name: str, where: str) -> str:
    """Return a field that must be there, as text."""
    value = row.get(name)
    if value is None or isinstance(value, bool | list | Mapping) or str(value) == "":
        raise RetryLater(f"{where} answered a row without `{name}`")
    return str(value)


def optional(row: Row, *names: str) -> str:
    """Return the first of the fields that is there, as text; empty if there is none."""
    for name in names:
        value = row.get(name)
        if value is not None and not isinstance(value, bool | list | Mapping) and str(value) != "":
            return str(value)
    return ""


def amount(row: Row, name: str, where: str) -> Decimal:
    """Return an amount that must be there."""
    return _decimal(text(row, name, where), name, where)


def positive(row: Row, name: str, where: str) -> Decimal:
    """Return an amount that must be there and above zero."""
    found = amount(row, name, where)
    if found <= 0:
        raise RetryLater(f"{where} answered `{name}` with {found}, which must be above zero")
    return found


def amount_or_zero(row: Row, name: str, where: str) -> Decimal:
    """Return an amount, zero where the field is not there."""
    found = optional(row, name)
    return _decimal(found, name, where) if found else ZERO


def total(*parts: Decimal) -> Decimal:
    """Return the sum of amounts, to the last digit."""
    return reduce(_EXACT.add, parts, ZERO)


def negative(quantity: Decimal) -> Decimal:
    """Return an amount with its sign turned round, to the last digit."""
    return _EXACT.minus(quantity)


def moment(row: Row, name: str, where: str) -> datetime:
    """Return a time given in milliseconds since 1970."""
    return at(milliseconds(row, name, where))


def milliseconds(row: Row, name: str, where: str) -> int:
    """Return a time as milliseconds since 1970."""
    found = text(row, name, where)
    if not found.isascii() or not found.isdigit() or int(found[:20]) > _END:
        raise RetryLater(f"{where} answered `{name}` with {found[:40]!r}, which is no time in milliseconds")
    return int(found)


def utc_text(row: Row, name: str, where: str) -> datetime:
    """Return a time written as 2021-04-15 12:09:16, which Binance means in UTC, or one in milliseconds."""
    found = text(row, name, where)
    if found.isascii() and found.isdigit():
        return moment(row, name, where)
    try:
        read = datetime.fromisoformat(found)
    except ValueError:
        raise RetryLater(f"{where} answered `{name}` with {found[:40]!r}, which is no time") from None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def at(count: int) -> datetime:
    """Return the time so many milliseconds after 1970."""
    return _EPOCH + count * _MILLISECOND


def since_epoch(time: datetime) -> int:
    """Return a time as milliseconds since 1970."""
    return (time - _EPOCH) // _MILLISECOND


def _decimal(value: str, name: str, where: str) -> Decimal:
    try:
        read = Decimal(value)
    except InvalidOperation:
        raise RetryLater(f"{where} answered `{name}` with {value[:40]!r}, which is no amount") from None
    exponent = read.as_tuple().exponent
    if not isinstance(exponent, int) or not -_LARGEST < read < _LARGEST or exponent < -_PLACES:
        raise RetryLater(f"{where} answered `{name}` with {value[:40]!r}, which is no amount")
    return read


def _at(path: tuple[str, ...]) -> str:
    return f" at `{'.'.join(path)}`" if path else ""
