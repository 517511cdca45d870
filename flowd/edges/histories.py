"""Reads the history that commands compute with when they are asked for other numbers than the stored ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowd.api import History
    from flowd.config import Settings
    from flowd.edges.opening import Store
    from flowd.plugins import Registry


def history_of(store: Store, settings: Settings, registry: Registry, currency: str | None = None) -> History:
    """Return the tenant's history up to the last whole day, in `currency` or in base currency."""
    from flowd.engine.clock import SystemClock
    from flowd.engine.histories import gather

    return gather(store.database, settings, registry, SystemClock(), currency=currency)
