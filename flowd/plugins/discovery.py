"""Finding plugins by their entry points, without importing any of them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

GROUP: Final = "flowd"
#: The package flowd itself comes in; the index has a `flowd` of somebody else's, which a plugin must not pull in.
CORE: Final = "flowd-daemon"
_FILE_LIMIT: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An entry point of group `flowd`: its name, what it points to, and the package it came in."""

    name: str
    value: str
    distribution: str
    version: str

    def load(self) -> object:
        """Import what it points to; raises whatever that raises."""
        return importlib.metadata.EntryPoint(name=self.name, value=self.value, group=GROUP).load()

    def fingerprint(self) -> str:
        """Return a text that changes when the plugin's files do; nothing is imported for it."""
        top = self.value.split(":")[0].split(".")[0].strip()
        newest, count = 0, 0
        for file in _files(top):
            count += 1
            newest = max(newest, file.stat().st_mtime_ns)
        return f"{self.distribution} {self.version} {self.value} {count} {newest}"


def candidates(path: Sequence[str] | None = None) -> list[Candidate]:
    """Return every entry point of group `flowd` on `path` (sys.path by default), by name, then by package.

    A package whose metadata cannot be read is passed over: its plugins then count as not installed.
    """
    found: dict[tuple[str, str], Candidate] = {}
    seen: set[str] = set()
    for distribution in _distributions(path):
        try:
            name = str(distribution.metadata["Name"])
            normal = name.lower().replace("_", "-").replace(".", "-")
            if normal in seen:
                continue
            seen.add(normal)
            entries = [entry for entry in distribution.entry_points if entry.group == GROUP]
            version = str(distribution.version) if entries else ""
        except Exception:  # noqa: S112 -- somebody else's damaged package must not stop flowd
            continue
        for entry in entries:
            found.setdefault(
                (entry.name, normal),
                Candidate(name=entry.name, value=entry.value, distribution=name, version=version),
            )
    return [found[key] for key in sorted(found)]


def _distributions(path: Sequence[str] | None) -> Iterable[importlib.metadata.Distribution]:
    if path is None:
        return importlib.metadata.distributions()
    return importlib.metadata.distributions(path=list(path))


def _files(top: str) -> Iterable[Path]:
    try:
        spec = importlib.util.find_spec(top)
    except Exception:
        # What is wrong with it is said when it is imported.
        return
    if spec is None:
        return
    count = 0
    for folder in spec.submodule_search_locations or ():
        for root, _, files in os.walk(folder):
            for file in files:
                if file.endswith((".py", ".so")) and count < _FILE_LIMIT:
                    count += 1
                    yield Path(root) / file
    if not spec.submodule_search_locations and spec.origin and Path(spec.origin).is_file():
        yield Path(spec.origin)
