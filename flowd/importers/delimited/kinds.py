"""What the words of a table's `kind` column mean, as a profile lists them."""

from __future__ import annotations

from collections.abc import Mapping

from flowd.api import FlowClass


class Kinds:
    """Looks words up; one that is listed as `BALANCE-*` stands for all with this beginning."""

    def __init__(self, listed: Mapping[str, FlowClass]) -> None:
        self._exact = {name.strip(): kind for name, kind in listed.items()}
        self._begins = [(name[:-1], kind) for name, kind in self._exact.items() if len(name) > 1 and name.endswith("*")]

    def get(self, word: str) -> FlowClass | None:
        """Return what `word` means, None where nobody says it."""
        kind = self._exact.get(word)
        if kind is None:
            for beginning, meant in self._begins:
                if word.startswith(beginning):
                    return meant
        return kind
