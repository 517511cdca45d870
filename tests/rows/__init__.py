"""Made-up rows that tests put into both kinds of server."""

from __future__ import annotations

from datetime import date
from pathlib import Path


def income(tenant: int, name: str, *, streams: int, days: int, today: date) -> str:
    """The statements that give a tenant income; to be run as flowd_app for that tenant."""
    text = (Path(__file__).parent / "income.sql").read_text(encoding="utf-8")
    return text.format(tenant=tenant, name=name, streams=streams, days=days, today=today.isoformat())
