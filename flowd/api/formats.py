"""What a file format is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from flowd.domain.records import Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What the user said about a file: the account it belongs to, its currency, the profile to read it with."""

    account: str | None = None
    asset: str | None = None
    profile: str | None = None
    options: Mapping[str, object] = field(default_factory=dict)


class Importer(Protocol):
    """A file format."""

    @property
    def name(self) -> str:
        """The name users see and may ask for."""

    def identify(self, name: str, head: bytes) -> float:
        """Return how sure this importer is (0 to 1) that the file `name`, beginning with `head`, is its own."""

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        """Yield what the file says; FileRefused, with line and reason, before anything of a bad file is kept."""
