"""Reads fields out of a SimpleFIN server's answers: what is missing or of the wrong kind is named, never guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import NoReturn

from flowd.api import RetryLater
from flowd.reading import maybe_decimal


@dataclass(frozen=True, slots=True)
class Shape:
    """One object of an answer; `where` says which, as in "accounts[2]"."""

    data: Mapping[str, object]
    where: str

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
        """Return the number under `key`, which servers write as a text; RetryLater if there is none."""
        found = self.maybe_amount(key)
        return found if found is not None else self._wrong(key, "a number")

    def maybe_amount(self, key: str) -> Decimal | None:
        """Return the number under `key`, None if there is none; RetryLater if it is something else."""
        value = self.data.get(key)
        if value is None or value == "":
            return None
        number = maybe_decimal(value)
        return number if number is not None else self._wrong(key, "a number")

    def maybe_moment(self, key: str) -> datetime | None:
        """Return the moment under `key` (seconds since 1970), None if it is 0 or not there; RetryLater otherwise."""
        seconds = self.maybe_amount(key)
        if not seconds:
            return None
        try:
            return datetime.fromtimestamp(int(seconds), UTC)
        except (ValueError, OverflowError, OSError):
            return self._wrong(key, "a moment")

    def each(self, key: str) -> Iterator[Shape]:
        """Yield the objects of the list under `key`; RetryLater if it is no list of objects."""
        value = self.data.get(key)
        if not isinstance(value, list):
            self._wrong(key, "a list")
        for number, item in enumerate(value):
            if not isinstance(item, dict):
                self._wrong(f"{key}[{number}]", "an object")
            yield Shape(item, f"{self.where} {key}[{number}]".strip())

    def maybe_each(self, key: str) -> Iterator[Shape]:
        """Yield the objects of the list under `key`, none if there is no list."""
        return iter(()) if self.data.get(key) is None else self.each(key)

    def maybe_inner(self, key: str) -> Shape | None:
        """Return the object under `key`, None if there is none that is an object."""
        value = self.data.get(key)
        return Shape(value, f"{self.where} {key}".strip()) if isinstance(value, dict) else None

    def _wrong(self, key: str, what: str) -> NoReturn:
        raise RetryLater(f"SimpleFIN's answer is not understood: {f'{self.where} {key}'.strip()} is not {what}")


def clean(text: str, most: int = 1000) -> str:
    """Return a server's text as it can be kept and shown: one line, nothing that does not print, so many characters."""
    whole = text.encode("utf-8", "replace").decode()
    return " ".join("".join(sign if sign.isprintable() else " " for sign in whole).split())[:most]
