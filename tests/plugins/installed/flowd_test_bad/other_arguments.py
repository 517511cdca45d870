"""Its hook wants what flowd does not give."""

from __future__ import annotations

from flowd.api import hookimpl


@hookimpl
def register_connectors(registry: object) -> None:
    """The argument is called register."""
