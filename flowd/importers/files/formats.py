"""The formats a connection of type `files` reads: flowd's own, and those of the plugins that it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flowd.api import ConfigError, Importer

_OWN: Final = "flowd.importers"
_LONGEST_LIST: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Formats:
    """Importers by name, and the plugins they came from with their versions."""

    importers: Mapping[str, Importer]
    versions: Mapping[str, str]


def find_formats(names: Sequence[str], *, path: Sequence[str] | None = None) -> Formats:
    """Import the plugins `names` (entry-point names) and return their formats beside flowd's own.

    Raises ConfigError for a name that is not installed, a plugin that cannot be used, or one that reads no files. It is
    called where a plugin's code may run: in the connection's own process, or by a person's own command.
    """
    from flowd.plugins.loading import load_plugins
    from flowd.plugins.registry import State

    registry = load_plugins(names, built_in=(_OWN,), path=path)
    rows = {row.name: row for row in reversed(registry.plugins) if row.name in names}
    for name in names:
        row = rows[name]
        if row.state is State.BROKEN and row.distribution is None:
            raise ConfigError(f"formats: no plugin {name!r} is installed; {_installed(path)}")
        if row.state is State.BROKEN:
            raise ConfigError(f"formats: the plugin {name} cannot be used: it {row.error}")
        if "importer" not in row.kinds:
            raise ConfigError(f"formats: the plugin {name} reads no files; it brings: {', '.join(row.kinds)}")
    versions = {name: f"{rows[name].distribution} {rows[name].version}" for name in names}
    return Formats(importers=registry.importers, versions=versions)


def _installed(path: Sequence[str] | None) -> str:
    from flowd.plugins.discovery import candidates

    names = sorted({candidate.name for candidate in candidates(path)})
    more = ", …" if len(names) > _LONGEST_LIST else ""
    return f"installed here: {', '.join(names[:_LONGEST_LIST]) or 'none'}{more}"
