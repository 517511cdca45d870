"""Looking into pydantic models: which keys a group has, and what lies below a path."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from flowd.config.values import FreeMark


def fields(kind: object) -> dict[str, FieldInfo] | None:
    """Return the keys of the group of settings `kind`, or None when it is not one with fixed keys."""
    kind = bare(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {field.alias or name: field for name, field in kind.model_fields.items()}
    return None


def below(kind: object, key: str | int) -> object:
    """Return the type of what stands under `key` in `kind`; None when that is not known."""
    if is_free(kind):
        return None
    known = fields(kind)
    if known is not None:
        field = known.get(str(key))
        return None if field is None else annotation(field)
    kind = bare(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (dict, Mapping) and len(arguments) == 2:
        return arguments[1]
    if origin in (list, tuple) and arguments:
        return arguments[0]
    return None


def annotation(field: FieldInfo) -> object:
    """Return the whole type of a field, what was annotated included."""
    if not field.metadata:
        return field.annotation
    result: object = field.annotation
    for extra in field.metadata:
        result = Annotated[result, extra]
    return result


def at(kind: object, path: tuple[str | int, ...]) -> object:
    """Return the type of what stands at `path` below `kind`; None when that is not known."""
    for key in path:
        kind = below(kind, key)
        if kind is None:
            return None
    return kind


def is_free(kind: object) -> bool:
    """Say whether `kind` is a group whose keys only a plugin knows."""
    return any(isinstance(extra, FreeMark) for extra in getattr(kind, "__metadata__", ()))


def is_named(kind: object) -> bool:
    """Say whether `kind` is a group whose keys are names chosen by the user."""
    return get_origin(bare(kind)) in (dict, Mapping)


def is_list(kind: object) -> bool:
    """Say whether `kind` is a list."""
    return get_origin(bare(kind)) in (list, tuple)


def bare(kind: object) -> Any:
    """Return `kind` without annotations and without `| None`."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
            continue
        if get_origin(kind) in (Union, types.UnionType):
            members = [member for member in get_args(kind) if member is not type(None)]
            if len(members) == 1:
                kind = members[0]
                continue
        return kind
