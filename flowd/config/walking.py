"""Going through settings as they were written and as they were understood, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath

from pydantic import BaseModel

from flowd.config.problems import Path


def pairs(written: object, understood: object, path: Path = ()) -> Iterator[tuple[Path, object, object]]:
    """Yield (path, value as written, value as understood) for every single value that stands in both."""
    if isinstance(understood, BaseModel) and isinstance(written, Mapping):
        for name, field in type(understood).model_fields.items():
            for key in dict.fromkeys((field.alias, name)):
                if key is not None and key in written:
                    yield from pairs(written[key], getattr(understood, name), (*path, key))
    elif isinstance(understood, Mapping) and isinstance(written, Mapping):
        for key in written.keys() & understood.keys():
            yield from pairs(written[key], understood[key], (*path, str(key)))
    elif isinstance(understood, list | tuple) and isinstance(written, list | tuple):
        for index, (one, other) in enumerate(zip(written, understood, strict=False)):
            yield from pairs(one, other, (*path, index))
    else:
        yield path, written, understood


def put(value: object, path: Path, new: object) -> object:
    """Return a copy of `value` (groups and lists) with `new` at `path`."""
    if not path:
        return new
    key, rest = path[0], path[1:]
    if isinstance(value, Mapping):
        return {**value, key: put(value[key], rest, new)}
    assert isinstance(value, list | tuple)
    assert isinstance(key, int)
    return [put(item, rest, new) if index == key else item for index, item in enumerate(value)]


def with_absolute_paths(written: object, understood: BaseModel, folder: FilePath) -> object:
    """Return `written` with every relative path of `understood` starting at `folder`, and `~` filled in."""
    for path, raw, value in list(pairs(written, understood)):
        if isinstance(value, FilePath) and isinstance(raw, str):
            written = put(written, path, str(folder / value.expanduser()))
    if isinstance(written, Mapping):
        defaults = {name: getattr(understood, name) for name in type(understood).model_fields}
        for name, value in defaults.items():
            if name not in understood.model_fields_set and isinstance(value, FilePath):
                key = type(understood).model_fields[name].alias or name
                written = {**written, key: str(folder / value.expanduser())}
    return written
