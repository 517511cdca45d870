"""Its hook lacks the mark."""

from __future__ import annotations

from flowd.api import hookimpl


def register_connectors(register: object) -> None:
    """@hookimpl is missing."""


@hookimpl
def register_importers(register: object) -> None:
    """This one has it."""
