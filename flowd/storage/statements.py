"""Reads the SQL that lies in named blocks (`-- name: xyz`) in the .sql files beside this module."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

_HEAD: Final = re.compile(r"^-- name: *([a-z][a-z0-9_]*) *$", re.MULTILINE)


@cache
def statements(file: str) -> Mapping[str, str]:
    """The statements of `flowd/storage/sql/<file>.sql` by name; what stands before the first name is a comment.

    Raises ValueError when a name occurs twice or the file has none. The text counts as literal because it ships
    with flowd.
    """
    text = (files("flowd.storage") / "sql" / f"{file}.sql").read_text(encoding="utf-8")
    return MappingProxyType(parse(text, file))


def parse(text: str, file: str) -> dict[str, str]:
    """Cut the text of one file into its named statements."""
    parts = _HEAD.split(text)
    found: dict[str, str] = {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        if name in found:
            raise ValueError(f"{file}.sql has two statements named {name!r}")
        found[name] = body.strip()
    if not found:
        raise ValueError(f"{file}.sql has no `-- name:` line")
    return found
