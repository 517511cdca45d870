"""Finds the rows in an answer: what is not where the exchange documents it is an error, never an empty account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowd.api import RetryLater

Path = Sequence[str | int]


def rows(answer: object, path: Path, where: str) -> list[dict[str, Any]]:
    """Return the objects found at `path` of an answer ("*" goes into a list); RetryLater names what is missing."""
    found: list[Any] = [answer]
    for step in path:
        if step == "*":
            found = [item for one in found for item in _list(one, path, where)]
        else:
            found = [_step(one, step, path, where) for one in found]
    flat = [row for one in found for row in (one if isinstance(one, list) else [one])]
    if not all(isinstance(row, dict) for row in flat):
        raise RetryLater(f"{where} answered something else than objects at {_named(path)}")
    return flat


def one(answer: object, path: Path, where: str) -> dict[str, Any]:
    """Return the one object found at `path`; RetryLater where there is something else."""
    found: Any = answer
    for step in path:
        found = _step(found, step, path, where)
    if not isinstance(found, dict):
        raise RetryLater(f"{where} answered no object at {_named(path)}")
    return found


def _step(value: Any, step: str | int, path: Path, where: str) -> Any:
    if isinstance(step, int):
        listed = _list(value, path, where)
        if step < len(listed):
            return listed[step]
    elif isinstance(value, Mapping) and value.get(step) is not None:
        return value[step]
    raise RetryLater(f"{where} answered without {step!r}")


def _list(value: Any, path: Path, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise RetryLater(f"{where} answered no list at {_named(path)}")
    return value


def _named(path: Path) -> str:
    return ".".join(map(str, path)) or "the top"
