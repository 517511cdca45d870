"""Its hook is misspelt."""

from __future__ import annotations

from flowd.api import hookimpl


@hookimpl
def register_conectors(register: object) -> None:
    """Nobody ever calls this."""
