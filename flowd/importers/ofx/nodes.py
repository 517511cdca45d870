"""One aggregate of a file with all that is in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Node:
    """An element: its name, its text (empty for an aggregate), what is inside it, and the line it begins at."""

    name: str
    line: int
    text: str = ""
    inside: list[Node] = field(default_factory=list)

    def get(self, path: str) -> str:
        """Return the text at `path` (`SECID/UNIQUEID`), `""` where there is none."""
        found = self.find(path)
        return found.text if found is not None else ""

    def find(self, path: str) -> Node | None:
        """Return the first element at `path`, None where there is none."""
        node: Node | None = self
        for name in path.split("/"):
            node = next((item for item in node.inside if item.name == name), None) if node is not None else None
        return node

    def first(self, *names: str) -> Node | None:
        """Return the first element inside with one of `names`."""
        return next((item for item in self.inside if item.name in names), None)

    def all(self, name: str) -> Iterator[Node]:
        """Yield the elements called `name` inside."""
        return (item for item in self.inside if item.name == name)
