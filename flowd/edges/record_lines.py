"""Records as lines of JSON: what `flowd plugin run --dry` prints and golden files hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from flowd.api import Record
from flowd.domain.money import plain


def line(record: Record) -> str:
    """Return `record` as one line: its kind, then its fields; decimals as text, times in ISO, empty parts left out."""
    told: dict[str, object] = {"record": type(record).__name__.lower()}
    for one in fields(record):
        value = getattr(record, one.name)
        if value not in (None, "", False) or one.name in {"quantity", "amount"}:
            told[one.name] = _plain(value)
    return json.dumps(told, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
