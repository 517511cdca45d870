"""Reads what Stripe answers: every field is looked at before it is used, and what is wrong is named with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from flowd.api import RetryLater
from flowd.reading import line, maybe_decimal

#: Of texts that people wrote, so many characters are kept.
LONGEST = 500
_EARLIEST, _LATEST = datetime(1971, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, tzinfo=UTC)


class Thing:
    """One object of an answer; `where` names it in errors."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, Mapping):
            raise RetryLater(f"{where} is {_kind(value)} where Stripe documents an object")
        self._value = value
        self.where = where

    def text(self, name: str) -> str:
        """Return a text that has to be there."""
        value = self._value.get(name)
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
            raise self._wrong(name, "a text")
        return line(value, LONGEST)

    def maybe(self, name: str) -> str:
        """Return a text fit to be kept, cut at 500 characters; empty if there is none."""
        value = self._value.get(name)
        return line(value, LONGEST)

    def whole(self, name: str) -> int:
        """Return a whole number that has to be there."""
        value = self._value.get(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._wrong(name, "a whole number")
        return value

    def maybe_whole(self, name: str) -> int | None:
        """Return a whole number, or None if the field is empty."""
        return None if self._value.get(name) is None else self.whole(name)

    def number(self, name: str) -> Decimal | None:
        """Return a number that may come as a text, or None if the field is empty."""
        value = self._value.get(name)
        if value is None:
            return None
        read = maybe_decimal(value)
        if read is None:
            raise self._wrong(name, "a number")
        return read

    def at(self, name: str) -> datetime:
        """Return a moment that has to be there (Stripe counts seconds since 1970)."""
        return self._moment(name, self.whole(name))

    def maybe_at(self, name: str) -> datetime | None:
        """Return a moment, or None if the field is empty."""
        value = self.maybe_whole(name)
        return None if value is None else self._moment(name, value)

    def flag(self, name: str) -> bool:
        """Say whether a field is true."""
        return self._value.get(name) is True

    def has(self, name: str) -> bool:
        """Say whether a field is there and not empty."""
        return self._value.get(name) is not None

    def part(self, name: str) -> Thing | None:
        """Return an object inside this one; None if it is missing or only its id is there."""
        value = self._value.get(name)
        return Thing(value, f"{self.where}.{name}") if isinstance(value, Mapping) else None

    def id_of(self, name: str) -> str:
        """Return the id of what a field points to, written out or not; empty if it points to nothing."""
        inside = self.part(name)
        return inside.maybe("id") if inside is not None else self.maybe(name)

    def parts(self, name: str) -> Iterator[Thing]:
        """Yield the objects of a list inside this one; ids that were not written out are passed over."""
        value = self._value.get(name)
        if value is None:
            return
        if not isinstance(value, list):
            raise self._wrong(name, "a list")
        for number, one in enumerate(value):
            if isinstance(one, Mapping):
                yield Thing(one, f"{self.where}.{name}[{number}]")

    def ids(self, name: str) -> Iterator[str]:
        """Yield the ids in a list of which the objects were not written out."""
        value = self._value.get(name)
        yield from (one for one in value if isinstance(one, str)) if isinstance(value, list) else ()

    def under(self, other: Mapping[str, object]) -> Thing:
        """Return this object with the fields of `other` put over its own, as it was before they changed."""
        return Thing(_overlaid(self._value, other), self.where)

    @property
    def value(self) -> Mapping[str, object]:
        """The object as it came."""
        return self._value

    def _moment(self, name: str, seconds: int) -> datetime:
        try:
            at = datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, ValueError, OSError):
            raise self._wrong(name, "a moment") from None
        if not _EARLIEST <= at <= _LATEST:
            raise self._wrong(name, "a moment of our time")
        return at

    def _wrong(self, name: str, expected: str) -> RetryLater:
        return RetryLater(f"{self.where}.{name} is {_kind(self._value.get(name))} where Stripe documents {expected}")


def _overlaid(value: Mapping[str, object], other: Mapping[str, object]) -> Mapping[str, object]:
    made = dict(value)
    for name, one in other.items():
        known = made.get(name)
        made[name] = _overlaid(known, one) if isinstance(known, Mapping) and isinstance(one, Mapping) else one
    return made


def _kind(value: object) -> str:
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "a yes or no"
    if isinstance(value, int | Decimal):
        return "a number out of range or not whole"
    return {"str": "another text", "list": "a list", "dict": "an object"}.get(type(value).__name__, "something else")
