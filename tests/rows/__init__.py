"""Made-up rows that tests put into both kinds of server."""

from __future__ import annotations

from datetime import date
from pathlib import Path


def income(tenant: int, name: str, *, streams: int, days: int, today: date) -> str:
    """The statements that give a tenant income; to be run as flowd_app for that tenant."""
    return _filled("income", tenant=tenant, name=name, streams=streams, days=days, today=today.isoformat())


def large(tenant: int, name: str, *, streams: int, days: int, today: date) -> str:
    """The statements that add what years leave behind in every other table, after those of `income`."""
    return _filled("large", tenant=tenant, name=name, streams=streams, days=days, today=today.isoformat())


def _filled(file: str, **values: object) -> str:
    return (Path(__file__).parent / f"{file}.sql").read_text(encoding="utf-8").format(**values)
