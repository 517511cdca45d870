"""Overriding single settings from the environment: FLOWD__TENANT__BASE_CURRENCY is tenant.base_currency."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from flowd.config.problems import Path, Place, Problem, did_you_mean, dotted
from flowd.config.shape import at, fields, is_free, is_list, is_named
from flowd.config.source import Places, Value
from flowd.config.values import Texts
from flowd.secrets import reference

PREFIX: Final = "FLOWD__"


def variable_part(key: str) -> str:
    """Write a key as it stands in a variable's name: capitals, and _ for everything that is no letter or digit."""
    return re.sub(r"[^A-Z0-9]", "_", key.upper())


def variable_name(path: Path) -> str:
    """Return the variable that overrides the setting `path`: `FLOWD__CONNECTIONS__MY_BANK__FEEDS__ALL__EVERY`."""
    return PREFIX + "__".join(variable_part(str(key)) for key in path)


class _NotFound(Exception):
    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


def override(data: dict[str, Value], places: Places, environ: Mapping[str, str], kind: object) -> list[Problem]:
    """Put the values of FLOWD__… variables into `data` (of the model `kind`), in place; return what is wrong with them.

    A variable with an empty value counts as not set. Existing keys are found whatever their dashes, dots or slashes;
    keys that a plugin names and that are not in the file are taken in small letters.
    """
    problems: list[Problem] = []
    for variable in sorted(name for name in environ if name.startswith(PREFIX)):
        value = environ[variable]
        if not value:
            continue
        try:
            path = _find(variable.removeprefix(PREFIX), kind, data, ())
            _check_scalar(path, kind, data)
        except _NotFound as missing:
            place = Place(file="environment", variable=variable)
            problems.append(Problem.at(place, "", missing.message, missing.fix))
            continue
        _put(data, path, value)
        places.set_by(variable, path)
        if path == ("database", "url"):
            # A container sets the address of its server; the file's own database would contradict it.
            database = data["database"]
            assert isinstance(database, dict)
            database.pop("embedded", None)
            database.pop("port", None)
    return problems


def _find(rest: str, kind: object, value: object, path: Path) -> Path:
    """Return the path that the remaining letters of a variable's name stand for."""
    own = fields(kind)
    known = list(own) if own is not None else list(value) if isinstance(value, dict) else []
    matches = [key for key in known if rest == (part := variable_part(key)) or rest.startswith(part + "__")]
    longest = max((len(key) for key in matches), default=0)
    best = [key for key in matches if len(key) == longest]
    if len(best) > 1:
        raise _NotFound(f"could mean {' or '.join(best)} in {dotted(path)}", "set this one in the file")
    if best:
        key = best[0]
    elif own is None and (is_free(kind) or kind is None or (is_named(kind) and _may_begin(at(kind, ("x",))))):
        key = rest.split("__", 1)[0].lower()
    else:
        word = rest.split("__", 1)[0]
        where = dotted(path) or "flowd.yaml"
        near = did_you_mean(word, [variable_part(known_key) for known_key in known])
        raise _NotFound(
            f"sets nothing: {where} has no {word}{near}",
            "correct the name" if own is not None else f"write {word.lower()} into the file first, then override it",
        )
    after = rest[len(variable_part(key)) :].removeprefix("__")
    inner = value.get(key) if isinstance(value, dict) else None
    if not after:
        return (*path, key)
    kind = None if is_free(kind) or kind is None else at(kind, (key,))
    if kind is None and own is not None:
        raise _NotFound(f"goes below {dotted((*path, key))}, which is a single value", "shorten the name")
    if kind is not None and not (fields(kind) is not None or is_free(kind) or is_named(kind)):
        what = "a list" if is_list(kind) else "a single value"
        raise _NotFound(f"goes below {dotted((*path, key))}, which is {what}", "set it in the file")
    return _find(after, kind, inner, (*path, key))


def _may_begin(kind: object) -> bool:
    """Say whether a group can begin with one overridden key: nothing in it is required."""
    return all(not field.is_required() for field in (fields(kind) or {}).values())


def _check_scalar(path: Path, kind: object, data: dict[str, Value]) -> None:
    wanted = at(kind, path)
    present: object = data
    for key in path:
        present = present.get(str(key)) if isinstance(present, dict) else None
    group = fields(wanted) is not None or is_named(wanted) or is_free(wanted)
    if group or (isinstance(present, dict) and reference(present) is None):
        raise _NotFound(f"names {dotted(path)}, which is a group of settings", "name one setting in it")
    if (is_list(wanted) and wanted != Texts and wanted != Texts | None) or isinstance(present, list):
        raise _NotFound(f"names {dotted(path)}, which is a list", "set lists in the file")


def _put(data: dict[str, Value], path: Path, value: str) -> None:
    group = data
    for key in path[:-1]:
        inner = group.get(str(key))
        if not isinstance(inner, dict):
            inner = group[str(key)] = {}
        group = inner
    group[str(path[-1])] = value
