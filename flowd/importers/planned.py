"""What most formats say of a file before they read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from flowd.api import Batch, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """How a file is going to be read, in words, and how: `records` gives all of it, `said` the remarks so far."""

    summary: str
    label: str
    records: Callable[[], Iterable[Record]]
    said: Callable[[], Sequence[str]]
    sure: float = 1.0
    guessed: bool = False

    @property
    def notes(self) -> Sequence[str]:
        """What had to be said of the file; complete once its records were read."""
        return self.said()

    def batches(self) -> Iterator[Batch]:
        """Yield the whole file as one batch, streamed."""
        yield Batch(records=self.records())
