"""A file format whose code is loaded when the first file comes: most of a daemon's life none does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from flowd.api import Batch, Explaining, Hints, Importer, Reading


class Format(Importer, Explaining, Protocol):
    """A format of flowd's own: each of them says how it will read a file."""


class LazyImporter:
    """The format called `name`, which `load` imports and makes."""

    def __init__(self, name: str, load: Callable[[], Format]) -> None:
        self.name = name
        self._load = load
        self._loaded: Format | None = None

    def _format(self) -> Format:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded

    def identify(self, name: str, head: bytes) -> float:
        """Return how sure the format is that the file is its own."""
        return self._format().identify(name, head)

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        """Yield what the file says; FileRefused with place and reason."""
        return self._format().parse(file, hints)

    def plan(self, file: BinaryIO, hints: Hints) -> Reading:
        """Say how the file will be read, before it is."""
        return self._format().plan(file, hints)
