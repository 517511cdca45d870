"""What a file format is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO, Protocol, runtime_checkable

from flowd.domain.records import Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What is known about a file before it is read: what the user said of it, and when that is.

    `account` stands above the account that the file names; as a `fallback` it is only of a file that names none. A
    date that may be two days is not one after `today`, where that is said.
    """

    account: str | None = None
    asset: str | None = None
    profile: str | None = None
    options: Mapping[str, object] = field(default_factory=dict)
    fallback: bool = False
    today: date | None = None

    @property
    def insists(self) -> bool:
        """Whether `account` stands above the account that a file names."""
        return self.account is not None and not self.fallback


class Importer(Protocol):
    """A file format."""

    @property
    def name(self) -> str:
        """The name users see and may ask for."""

    def identify(self, name: str, head: bytes) -> float:
        """Return how sure this importer is (0 to 1) that the file `name`, beginning with `head`, is its own."""

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        """Yield what the file says; FileRefused, with line and reason, before anything of a bad file is kept."""


class Reading(Protocol):
    """How an importer is going to read a file; `notes` is complete once the batches were consumed."""

    @property
    def summary(self) -> str:
        """In words: by which profile, or what was guessed."""

    @property
    def label(self) -> str:
        """A short name for it."""

    @property
    def sure(self) -> float:
        """How sure that is right, 0 to 1."""

    @property
    def guessed(self) -> bool:
        """Whether it was guessed rather than known."""

    @property
    def notes(self) -> Sequence[str]:
        """What has to be said about single lines."""

    def batches(self) -> Iterable[Batch]:
        """Return what the file says."""


@runtime_checkable
class Explaining(Protocol):
    """An importer that can say how it will read a file before it does."""

    def plan(self, file: BinaryIO, hints: Hints) -> Reading:
        """Return how `file` will be read; FileRefused where it cannot be."""
