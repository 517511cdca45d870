"""Reads fields out of Plaid's answers: what is missing or of the wrong kind is named, never guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NoReturn

from flowd.api import RetryLater


@dataclass(frozen=True, slots=True)
class Shape:
    """One object of an answer; `where` says which, as in "/accounts/get accounts[2]"."""

    data: Mapping[str, object]
    where: str

    def has(self, key: str) -> bool:
        """Say whether there is something under `key`."""
        return self.data.get(key) is not None

    def text(self, key: str) -> str:
        """Return the text under `key`; RetryLater if there is none."""
        found = self.maybe_text(key)
        return found if found is not None else self._wrong(key, "a text")

    def maybe_text(self, key: str) -> str | None:
        """Return the text under `key`, None if there is none or it is empty; RetryLater if it is something else."""
        value = self.data.get(key)
        if value is None or value == "":
            return None
        return value if isinstance(value, str) else self._wrong(key, "a text")

    def amount(self, key: str) -> Decimal:
        """Return the number under `key`; RetryLater if there is none."""
        found = self.maybe_amount(key)
        return found if found is not None else self._wrong(key, "a number")

    def maybe_amount(self, key: str) -> Decimal | None:
        """Return the number under `key`, None if it is null; RetryLater if it is something else."""
        value = self.data.get(key)
        if value is None:
            return None
        # True is an int to Python, and no amount to anybody.
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            return self._wrong(key, "a number")
        return Decimal(value)

    def flag(self, key: str) -> bool:
        """Return the truth under `key`; RetryLater if there is none."""
        value = self.data.get(key)
        return value if isinstance(value, bool) else self._wrong(key, "true or false")

    def day(self, key: str) -> date:
        """Return the day under `key`; RetryLater if there is none."""
        found = self.maybe_day(key)
        return found if found is not None else self._wrong(key, "a day")

    def maybe_day(self, key: str) -> date | None:
        """Return the day under `key`, None if it is null; RetryLater if it is something else."""
        value = self.maybe_text(key)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            return self._wrong(key, "a day")

    def maybe_moment(self, key: str) -> datetime | None:
        """Return the moment under `key` in UTC, None if it is null; RetryLater if it is something else."""
        value = self.maybe_text(key)
        if value is None:
            return None
        try:
            at = datetime.fromisoformat(value)
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            return self._wrong(key, "a moment")

    def each(self, key: str) -> Iterator[Shape]:
        """Yield the objects of the list under `key`; RetryLater if it is no list of objects."""
        value = self.data.get(key)
        if not isinstance(value, list):
            self._wrong(key, "a list")
        for number, item in enumerate(value):
            if not isinstance(item, dict):
                self._wrong(f"{key}[{number}]", "an object")
            yield Shape(item, f"{self.where} {key}[{number}]")

    def maybe_each(self, key: str) -> Iterator[Shape]:
        """Yield the objects of the list under `key`, none if there is no list."""
        return self.each(key) if self.has(key) else iter(())

    def inner(self, key: str) -> Shape:
        """Return the object under `key`; RetryLater if there is none."""
        found = self.maybe_inner(key)
        return found if found is not None else self._wrong(key, "an object")

    def maybe_inner(self, key: str) -> Shape | None:
        """Return the object under `key`, None if it is null; RetryLater if it is something else."""
        value = self.data.get(key)
        if value is None:
            return None
        return Shape(value, f"{self.where} {key}") if isinstance(value, dict) else self._wrong(key, "an object")

    def _wrong(self, key: str, what: str) -> NoReturn:
        raise RetryLater(f"Plaid's answer to {self.where} is not understood: {key} is not {what}")
