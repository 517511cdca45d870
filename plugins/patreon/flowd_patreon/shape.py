"""Reads what Patreon answers (JSON:API): every field is looked at before it is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from flowd.api import RetryLater
from flowd.reading import line

_LONGEST: Final = 500
_LIMIT: Final = 10**27


class Thing:
    """One resource of an answer: its id, attributes and relationships; `where` names it in errors."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, Mapping):
            raise RetryLater(f"{where} is no object, as Patreon documents it")
        self._value = value
        self.where = where
        attributes = value.get("attributes")
        self._attributes: Mapping[str, object] = attributes if isinstance(attributes, Mapping) else {}

    @property
    def id(self) -> str:
        """Its id, which has to be there."""
        value = self._value.get("id")
        if not isinstance(value, str) or not value.strip() or len(value) > 150:
            raise RetryLater(f"{self.where} has no id")
        return line(value)

    @property
    def type(self) -> str:
        """What it is, such as `member`."""
        value = self._value.get("type")
        return value if isinstance(value, str) else ""

    def text(self, name: str) -> str:
        """Return a text fit to be kept; empty if there is none."""
        value = self._attributes.get(name)
        return line(value, _LONGEST)

    def flag(self, name: str) -> bool | None:
        """Return a yes or no; None if it is not said."""
        value = self._attributes.get(name)
        return value if isinstance(value, bool) else None

    def whole(self, name: str) -> int | None:
        """Return a whole number, None if the field is empty."""
        value = self._attributes.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not -_LIMIT < value < _LIMIT:
            raise RetryLater(f"{self.where}.{name} is no whole number of a sane size")
        return value

    def cents(self, name: str) -> Decimal:
        """Return an amount that is stated in hundredths; zero if the field is empty."""
        # read from text: arithmetic would round to the digits of the context
        return Decimal(f"{self.whole(name) or 0}e-2")

    def maybe_at(self, name: str) -> datetime | None:
        """Return a moment, None if the field is empty."""
        value = self._attributes.get(name)
        if value is None:
            return None
        try:
            at = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            at = None
        if at is None or not 1971 <= at.year <= 2199:
            raise RetryLater(f"{self.where}.{name} is no moment of our time")
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)

    def at(self, name: str) -> datetime:
        """Return a moment that has to be there."""
        found = self.maybe_at(name)
        if found is None:
            raise RetryLater(f"{self.where}.{name} is missing")
        return found

    def related(self, name: str) -> Iterator[tuple[str, str]]:
        """Yield the type and id of what a relationship points to."""
        relationships = self._value.get("relationships")
        relationship = relationships.get(name) if isinstance(relationships, Mapping) else None
        data = relationship.get("data") if isinstance(relationship, Mapping) else None
        for one in data if isinstance(data, list) else [data]:
            if isinstance(one, Mapping) and isinstance(one.get("type"), str) and isinstance(one.get("id"), str):
                yield one["type"], one["id"]


def listed(answer: Mapping[str, object], name: str, where: str) -> list[Thing]:
    """Return the resources of a list in an answer; RetryLater if there is no such list."""
    value = answer.get(name)
    if not isinstance(value, list):
        raise RetryLater(f"{where} answered without a list of {name}")
    return [Thing(one, f"{where}.{name}[{number}]") for number, one in enumerate(value)]


def next_cursor(answer: Mapping[str, object]) -> str | None:
    """Return the cursor of the next page; None on the last one."""
    value: object = answer
    for name in ("meta", "pagination", "cursors", "next"):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) and 0 < len(value) <= 4000 else None
