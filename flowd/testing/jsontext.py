"""JSON with its numbers as they were written: no digit is lost between reading and writing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal


class Number(str):
    """A number with a point or an exponent, as it stands in the text."""

    __slots__ = ()


def read(content: bytes | str) -> object:
    """Read JSON, numbers with a point as Number; ValueError if it is none."""
    return json.loads(content, parse_float=Number)


def written(value: object, *, indent: int = 0) -> str:
    """Write `value` as JSON; Number and Decimal as numbers. With `indent` the items of lists get lines of their own."""
    return _write(value, indent, 0)


def _write(value: object, lines: int, depth: int) -> str:
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    inner = "\n" + " " * (depth + 1)
    if isinstance(value, Mapping):
        parts = [
            f"{json.dumps(str(key), ensure_ascii=False)}: {_write(item, lines, depth + 1)}"
            for key, item in value.items()
        ]
        if lines and depth < 4 and len("".join(parts)) > 100:
            return "{" + inner + f",{inner}".join(parts) + "\n" + " " * depth + "}"
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, list | tuple):
        parts = [_write(item, lines, depth + 1) for item in value]
        if lines and len("".join(parts)) > 100:
            return "[" + inner + f",{inner}".join(parts) + "\n" + " " * depth + "]"
        return "[" + ", ".join(parts) + "]"
    return json.dumps(value, ensure_ascii=False, default=str)
