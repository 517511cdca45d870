"""What the engine runs: connections with their connector's place, their settings as JSON, their feeds and secrets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from flowd.api import ConnectorType, Feed, Isolation
from flowd.config.binding import BoundConnection
from flowd.engine.limits import credential_of
from flowd.engine.target import Target
from flowd.plugins.discovery import CORE, Candidate, candidates
from flowd.plugins.registry import PluginInfo, Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A connection that can be run.

    `settings` is its configuration as JSON text, with secrets in clear: it goes to its own process and nowhere else.
    Flowd reads a connection's secrets in the daemon, because only there are the environment, the credentials folder and
    the configuration's folder, and hands each process its own: no process can read another connection's.
    """

    name: str
    type: ConnectorType[Any]
    target: Target
    feeds: Mapping[str, Feed]
    isolation: Isolation
    settings: bytes = field(repr=False)
    secrets: Sequence[SecretStr]

    @property
    def credential(self) -> str:
        """A name for the credential, under which requests are counted; it does not tell the credential."""
        # What `flowd link` obtained is each connection's own, and what its source counts by.
        return credential_of(self.type.name, self.secrets, self.name if self.type.links else "")


def connection_of(bound: BoundConnection, place: str) -> Connection:
    """Return the connection that `bound` describes, its connector registered by the plugin at `place`."""
    return Connection(
        name=bound.name,
        type=bound.type,
        target=Target(place, bound.type.name),
        feeds=bound.feeds,
        isolation=bound.isolation,
        settings=json.dumps(bound.payload(), default=_plain).encode(),
        secrets=bound.secrets,
    )


def connections_of(bound: Mapping[str, BoundConnection], registry: Registry) -> dict[str, Connection]:
    """Return the connections that `bound` describes, by name."""
    places = Places(registry.plugins)
    return {name: connection_of(one, places.of(one.type)) for name, one in bound.items()}


class Places:
    """Where the plugins that register connectors are found again by another process."""

    def __init__(self, plugins: Iterable[PluginInfo], installed: Iterable[Candidate] | None = None) -> None:
        entries = {one.name: one.value for one in (candidates() if installed is None else installed)}
        self._places: dict[str, str] = {}
        for plugin in plugins:
            if "connector" not in plugin.kinds:
                continue
            # A built-in plugin's name, and that of one added for a test, is its module's.
            place = entries.get(plugin.name, plugin.name) if plugin.distribution != CORE else plugin.name
            for name in plugin.provides:
                self._places.setdefault(name, place)

    def of(self, connector: ConnectorType[Any]) -> str:
        """Return where the plugin is that registers `connector`."""
        return self._places.get(connector.name, connector.connect.__module__)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)
