"""What plugins brought: the objects by name, and one line about every plugin for `flowd plugins`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from flowd.api import Analytic, ConnectorType, Importer, Notifier, ProjectionMethod, RateProvider, Study

if TYPE_CHECKING:
    import click


class State(StrEnum):
    """What became of a plugin: in use, known by name only (nothing in flowd.yaml asks for it), or unusable."""

    LOADED = "loaded"
    LISTED = "listed"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginInfo:
    """One plugin: its entry-point name, the package it came in, what it registers and, if it is broken, why."""

    name: str
    distribution: str | None
    version: str | None
    kinds: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    maturity: str | None = None
    state: State
    error: str | None = None
    #: What the entry point names (`module` or `module:object`), where another process finds the plugin again.
    place: str | None = None

    @property
    def origin(self) -> str:
        """Where it comes from, in words: `flowd-ecb 1.0`."""
        if self.distribution is None:
            return self.name
        return f"{self.distribution} {self.version}" if self.version else self.distribution

    def as_row(self) -> Mapping[str, object]:
        """Return what `flowd plugins --json` prints."""
        return {
            "name": self.name,
            "distribution": self.distribution,
            "version": self.version,
            "kinds": list(self.kinds),
            "provides": list(self.provides),
            "maturity": self.maturity,
            "state": self.state.value,
            "error": self.error,
        }


@dataclass(slots=True, kw_only=True)
class Registry:
    """Everything plugins registered, by name, in the order in which the plugins were asked for."""

    connectors: dict[str, ConnectorType[Any]] = field(default_factory=dict)
    importers: dict[str, Importer] = field(default_factory=dict)
    rate_providers: dict[str, RateProvider] = field(default_factory=dict)
    analytics: dict[str, Analytic] = field(default_factory=dict)
    studies: dict[str, Study] = field(default_factory=dict)
    methods: dict[str, ProjectionMethod] = field(default_factory=dict)
    notifiers: dict[str, Notifier] = field(default_factory=dict)
    commands: dict[str, click.Command] = field(default_factory=dict)
    plugins: list[PluginInfo] = field(default_factory=list)

    def shelf(self, kind: str) -> dict[str, Any]:
        """Return the objects of one kind: connector, importer, rate provider, analytic, study and so on."""
        shelf: dict[str, Any] = getattr(self, SHELVES[kind])
        return shelf

    @property
    def broken(self) -> list[PluginInfo]:
        """The plugins that cannot be used."""
        return [plugin for plugin in self.plugins if plugin.state is State.BROKEN]


#: Kind of object -> attribute of the registry.
SHELVES: Final[Mapping[str, str]] = {
    "connector": "connectors",
    "importer": "importers",
    "rate provider": "rate_providers",
    "analytic": "analytics",
    "study": "studies",
    "projection method": "methods",
    "notifier": "notifiers",
    "command": "commands",
}

#: Hook -> the kinds of object it registers; where there are several, the methods of an object say which one it is.
HOOKS: Final[Mapping[str, tuple[str, ...]]] = {
    "register_connectors": ("connector",),
    "register_importers": ("importer",),
    "register_rate_providers": ("rate provider",),
    "register_analytics": ("analytic", "study", "projection method"),
    "register_notifiers": ("notifier",),
    "register_commands": ("command",),
}

#: Kinds that share their names, because flowd.yaml has one place for the settings of both.
NAMESAKES: Final[Mapping[str, str]] = {"analytic": "study", "study": "analytic"}
