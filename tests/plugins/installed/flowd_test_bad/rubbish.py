"""It registers something that is no connector."""

from __future__ import annotations

from flowd.api import hookimpl


@hookimpl
def register_connectors(register) -> None:  # type: ignore[no-untyped-def]
    register({"name": "rubbish"})
