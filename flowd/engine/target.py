"""Naming a connector or notifier so that another process can find it: the plugin that registers it, and its name."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from flowd.api import ConnectorType, Notifier
from flowd.errors import PluginError


@dataclass(frozen=True, slots=True)
class Target:
    """Where the plugin is (`module` or `module:attribute`, as in an entry point) and what of it is meant."""

    place: str
    name: str


def find_connector(target: Target) -> ConnectorType[Any]:
    """Import and return a kind of source; PluginError if it is not where `target` says."""
    found = _find(target, "connector")
    assert isinstance(found, ConnectorType)
    return found


def find_notifier(target: Target) -> Notifier:
    """Import and return a way to tell somebody; PluginError if it is not where `target` says."""
    found: Notifier = _find(target, "notifier")
    return found


def _find(target: Target, kind: str) -> Any:
    from flowd.plugins.intake import ask

    module, _, attributes = target.place.partition(":")
    plugin: object = importlib.import_module(module.strip())
    for attribute in filter(None, attributes.strip().split(".")):
        plugin = getattr(plugin, attribute)
    try:
        return ask(plugin, target.place).objects[kind, target.name]
    except KeyError:
        raise PluginError(
            f"{target.place} does not register the {kind} {target.name!r} any more: restart flowd after an upgrade"
        ) from None
