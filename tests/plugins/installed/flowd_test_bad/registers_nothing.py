"""Its hook forgets to register."""

from __future__ import annotations

from flowd.api import hookimpl


@hookimpl
def register_connectors(register: object) -> None:
    """Nothing happens."""
