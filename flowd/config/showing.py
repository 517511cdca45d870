"""The configuration as it is in force, printable: secrets are hidden by their type, not by their name."""

from __future__ import annotations

from typing import Any

from pydantic import SecretBytes, SecretStr
from pydantic_core import to_jsonable_python

from flowd.config.binding import Bound
from flowd.config.models import Settings
from flowd.config.values import write_duration
from flowd.config.walking import pairs, put
from flowd.secrets import MASK, reference, reveal


def show(settings: Settings, bound: Bound | None = None) -> dict[str, Any]:
    """Return all settings as JSON values.

    A connection's own settings are shown where its connector is known, secrets as `**********` or as the reference
    that stands in the file; where it is not known, nobody can tell what is secret, and all its values are hidden.
    """
    shown: dict[str, Any] = settings.model_dump(mode="json", by_alias=True)
    for name, one in (bound.connections if bound is not None else {}).items():
        own: object = settings.connections[name].config
        written: object = one.written
        for path, _, value in list(pairs(written, one.config)):
            if isinstance(value, SecretStr | SecretBytes):
                original = _at(own, path)
                written = put(written, path, original if reference(original) is not None else MASK)
        shown["connections"][name]["config"] = to_jsonable_python(reveal(written))
        shown["connections"][name]["feeds"] = {
            feed.name: {"every": write_duration(feed.every), "timeout": write_duration(feed.timeout)}
            for feed in one.feeds.values()
        }
    return shown


def _at(value: object, path: tuple[str | int, ...]) -> object:
    for key in path:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value
