"""Its hook never returns."""

from __future__ import annotations

from flowd.api import hookimpl


@hookimpl
def register_connectors(register: object) -> None:
    import threading

    threading.Event().wait()
