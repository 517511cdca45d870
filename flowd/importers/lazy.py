"""A file format whose code is loaded when the first file comes: most of a daemon's life none does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from flowd.api import Batch, Explaining, Hints, Importer, Reading


class LazyImporter:
    """The importer called `name`, which `load` imports and makes."""

    def __init__(self, name: str, load: Callable[[], Importer]) -> None:
        self.name = name
        self._load = load
        self._loaded: Importer | None = None

    def _importer(self) -> Importer:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded

    def identify(self, name: str, head: bytes) -> float:
        """Return how sure the importer is that the file is its own."""
        return self._importer().identify(name, head)

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        """Yield what the file says; FileRefused with place and reason."""
        return self._importer().parse(file, hints)

    def plan(self, file: BinaryIO, hints: Hints) -> Reading:
        """Say how the file will be read, before it is."""
        importer = self._importer()
        if isinstance(importer, Explaining):
            return importer.plan(file, hints)
        return Plain(label=self.name, source=importer.parse(file, hints))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A reading of which there is nothing to say but the format."""

    label: str
    source: Iterable[Batch]
    sure: float = 1.0
    guessed: bool = False
    notes: Sequence[str] = ()

    @property
    def summary(self) -> str:
        """The format's name."""
        return self.label

    def batches(self) -> Iterable[Batch]:
        """Return what the file says."""
        return self.source
