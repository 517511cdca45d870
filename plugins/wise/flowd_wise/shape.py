"""Reads the parts of Wise's answers, and says which part of which answer is another one than documented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from flowd.api import RetryLater


def thing(told: object, where: str) -> Mapping[str, object]:
    """Return an object; RetryLater where it is none."""
    if not isinstance(told, Mapping):
        raise RetryLater(f"{where} is no object")
    return told


def needed(told: Mapping[str, object], name: str, where: str) -> object:
    """Return a field; RetryLater where it is not there."""
    if told.get(name) is None:
        raise RetryLater(f"{where} has no {name}")
    return told[name]


def listed(told: object, where: str) -> list[object]:
    """Return a list; RetryLater where it is none."""
    if not isinstance(told, list):
        raise RetryLater(f"{where} is no list")
    return told


def word(told: Mapping[str, object], name: str, where: str) -> str:
    """Return a field that is a word or a number, as text; RetryLater where it is neither."""
    value = needed(told, name, where)
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise RetryLater(f"{where} has {value!r:.40} as its {name}")
    return str(value)


def number(told: Mapping[str, object], name: str, where: str) -> str:
    """Return an id, which has digits only: it goes into addresses; RetryLater where it is none."""
    value = word(told, name, where)
    if not (value.isascii() and value.isdigit() and len(value) < 25):
        raise RetryLater(f"{where} has {value!r:.40} as its {name}")
    return value


def money(told: Mapping[str, object], name: str, where: str) -> tuple[Decimal, str]:
    """Return an amount and its currency; RetryLater where it is none."""
    place = f"{where}, {name},"
    part = thing(needed(told, name, where), place)
    value, currency = needed(part, "value", place), word(part, "currency", place)
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise RetryLater(f"{place} has {value!r:.40} where an amount should be") from None
    if not amount.is_finite() or len(currency) != 3:
        raise RetryLater(f"{place} has the amount {value!r:.40} {currency!r:.10}")
    return amount, currency


def moment(told: Mapping[str, object], name: str, where: str) -> datetime:
    """Return a time with its zone; RetryLater where it is none."""
    value = needed(told, name, where)
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise RetryLater(f"{where} has {value!r:.40} where a time should be ({name})")
    return at


def text(told: object) -> str:
    """Return what people wrote, on one line; empty where it is no text."""
    return " ".join(told.replace("\x00", "").split())[:1000] if isinstance(told, str) else ""
