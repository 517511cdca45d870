"""Saying in plain words, with a place and a fix, what pydantic found wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pydantic import SecretStr, ValidationError

from flowd.config.problems import Path, Problem, did_you_mean, dotted, known_words
from flowd.config.shape import at, fields, is_list, is_named
from flowd.config.source import Places

_SAID: Final[Mapping[str, tuple[str, str]]] = {
    "string_type": ("must be text", "put it in quotes"),
    "bool_type": ("must be true or false", "write true or false, without quotes"),
    "bool_parsing": ("must be true or false", "write true or false"),
    "int_type": ("must be a whole number", "write digits only"),
    "int_parsing": ("must be a whole number", "write digits only"),
    "int_from_float": ("must be a whole number", "leave out the part after the point"),
    "decimal_type": ("must be a number", "write it with a point: 4200.10"),
    "decimal_parsing": ("must be a number", "write it with a point and without spaces: 4200.10"),
    "float_type": ("must be a number", "write it with a point: 0.5"),
    "float_parsing": ("must be a number", "write it with a point: 0.5"),
    "finite_number": ("must be a finite number", "write an ordinary number"),
    "dict_type": ("must be a group of settings", "write `key: value` lines, indented below it"),
    "model_type": ("must be a group of settings", "write `key: value` lines, indented below it"),
    "model_attributes_type": ("must be a group of settings", "write `key: value` lines, indented below it"),
    "list_type": ("must be a list", "write one `- item` per line, indented below it"),
    "tuple_type": ("must be a list", "write one `- item` per line, indented below it"),
    "path_type": ("must be a path", "put it in quotes"),
    "date_type": ("must be a day", "write it as 2026-01-31"),
    "date_parsing": ("must be a day", "write it as 2026-01-31"),
    "date_from_datetime_parsing": ("must be a day", "write it as 2026-01-31"),
    "date_from_datetime_inexact": ("must be a day without a time", "write it as 2026-01-31"),
    "datetime_parsing": ("must be a moment", "write it as 2026-01-31T12:00:00Z"),
    "timezone_aware": ("needs a time zone", "add Z or +01:00 at its end"),
    "time_delta_parsing": ("must be a length of time", "write it as 30s, 5m, 1h or 1d, or as PT30S"),
    "string_too_short": ("must not be empty", "write a value or remove the line"),
}


def problems_of(
    error: ValidationError,
    *,
    kind: object,
    places: Places,
    prefix: Path = (),
    clean: Callable[[str], str] = str,
) -> list[Problem]:
    """Return the problems in `error`, a check of settings of type `kind` that stand under `prefix` in the file.

    `clean` takes secrets out of messages that a plugin wrote. Values are not repeated unless a check's own text does.
    """
    problems = []
    for item in error.errors(include_url=False, include_input=True):
        loc = _path(item["loc"], kind)
        message, fix = _say(item["type"], item["msg"], item.get("ctx") or {}, item.get("input"), loc, kind)
        path = prefix + loc
        if item["type"] == "missing":
            place = places.of(path[:-1])
        elif item["type"] == "extra_forbidden" or "[key]" in item["loc"]:
            place = places.of(path)
        else:
            place = places.of_value(path)
        problems.append(Problem.at(place, dotted(path), clean(message), clean(fix)))
    return problems


def _path(loc: Sequence[str | int], kind: object) -> Path:
    """Drop what pydantic adds to a path: `[key]`, the names of union members and of checks."""
    path: list[str | int] = []
    for index, part in enumerate(loc):
        if part == "[key]":
            continue
        inner = at(kind, tuple(path))
        known = fields(inner)
        is_last = index == len(loc) - 1
        if known is None or str(part) in known or is_last:
            path.append(part)
    # A union says `field -> member name`; the member's name is no setting.
    while len(path) > 1 and isinstance(path[-1], str) and _is_leaf(at(kind, tuple(path[:-1]))):
        path.pop()
    return tuple(path)


def _is_leaf(kind: object) -> bool:
    return kind is not None and fields(kind) is None and not is_named(kind) and not is_list(kind)


def _say(what: str, text: str, context: Mapping[str, Any], value: object, path: Path, kind: object) -> tuple[str, str]:
    name = str(path[-1]) if path else ""
    if what == "flowd":
        return str(context["message"]), str(context["fix"])
    if isinstance(value, SecretStr) and what.endswith("_type"):
        return "is no secret, so it cannot be a reference", "write the value itself, or set it from the environment"
    if what == "missing":
        field = (fields(at(kind, path[:-1])) or {}).get(name)
        meaning = f" ({field.description})" if field is not None and field.description else ""
        return "is missing", f"add `{name}: …`{meaning}"
    if what == "extra_forbidden":
        known = fields(at(kind, path[:-1])) or {}
        if name.isdigit() and value is None:
            return (
                "is not a setting",
                "a comma inside { } begins another one: write numbers without it, 4200 or 4200.10",
            )
        return f"is not a setting{did_you_mean(name, known)}", f"known here: {known_words(known)}" if known else ""
    if what in ("enum", "literal_error"):
        expected = str(context.get("expected", "")).replace(" or ", ", ").replace("'", "")
        near = did_you_mean(str(value), [word.strip() for word in expected.split(",")])
        return f"is not one of the words known here{near}", f"write one of {expected}"
    if what == "string_pattern_mismatch":
        return "holds characters that are not used here", "use letters, digits, dot, dash and underscore"
    if what in _SAID:
        message, fix = _SAID[what]
        if what == "string_type" and (value is None or isinstance(value, dict | list)):
            return message, "write one text"
        return message, fix
    if what in ("value_error", "assertion_error"):
        return str(context.get("error", text)).rstrip(".") or "is refused", ""
    return _lower(text.removeprefix("Input ").rstrip(".")), ""


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
