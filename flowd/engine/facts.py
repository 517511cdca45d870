"""Finds out for whom and for which day rows are derived."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flowd.config import Settings
from flowd.domain.time import day_of
from flowd.engine.clock import Clock
from flowd.engine.lines import default_kinds
from flowd.engine.methods import Methods
from flowd.engine.view import Facts
from flowd.plugins import Registry
from flowd.storage.connections import Session
from flowd.storage.statements import statements


def read_facts(session: Session, tenant: int, settings: Settings, registry: Registry, clock: Clock) -> Facts:
    """Return the tenant's base currency, zone and day, and what its accounts are by default."""
    row = session.execute(statements("derived")["tenant"], {"tenant": tenant}).fetchone()
    assert row is not None
    zone = ZoneInfo(row[1])
    return Facts(
        tenant=tenant,
        base_currency=row[0],
        zone=zone,
        today=day_of(clock.now(), zone),
        kinds=default_kinds(settings, registry),
        methods=Methods.of(settings),
        sources=tuple(settings.connections),
    )
