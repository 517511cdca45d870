"""JSON values as flowd keeps them: no floats, and one way to write each value."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]

_write = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=dict
).encode


def canonical(value: object) -> str:
    """Write the JSON value `value` in the one form that equal values share: sorted keys, no spaces."""
    return _write(value)


def to_json(value: object) -> object:
    """Turn what JSON lacks into text: ISO times, decimals in full, seconds for durations."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return value if isinstance(value, str | int | bool | None) else str(value)


def check_json(value: object, what: str) -> str:
    """Return the canonical text of `value`; TypeError or ValueError names the first thing that is not allowed."""
    _check(value, what, 0)
    return _write(value)


def _check(value: object, where: str, depth: int) -> None:
    if value is None or isinstance(value, bool | int):
        return
    if isinstance(value, str):
        if "\x00" in value:
            raise ValueError(f"{where} holds a NUL character")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise ValueError(f"{where} holds half a character (a lone surrogate)") from None
        return
    if depth > 20:
        raise ValueError(f"{where} is nested deeper than 20 levels")
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"{where} has a key that is not a string: {key!r}")
            _check(key, f"{where} (a key)", depth + 1)
            _check(item, f"{where}.{key}", depth + 1)
        return
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _check(item, f"{where}[{index}]", depth + 1)
        return
    kind = type(value).__name__
    hint = ": write amounts as strings" if kind in {"float", "Decimal"} else ""
    raise TypeError(f"{where} is a {kind}, which is not kept as JSON{hint}")
