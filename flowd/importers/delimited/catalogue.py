"""The profiles there are: built-in ones and the user's, read from YAML with the place of every mistake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError

from flowd.api import ConfigError
from flowd.importers.delimited.profile import Profile

#: The one written in C, where PyYAML came with it: there are many profiles.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Catalogue:
    """Profiles by name; a user's profile of the same name takes the place of a built-in one."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self._profiles = {profile.name: profile for profile in profiles}

    def __iter__(self) -> Iterator[Profile]:
        return iter(self._profiles.values())

    def names(self) -> list[str]:
        """Return the names of all profiles, sorted."""
        return sorted(self._profiles)

    def get(self, name: str) -> Profile:
        """Return the profile called `name`; ConfigError lists the known ones otherwise."""
        try:
            return self._profiles[name]
        except KeyError:
            raise ConfigError(
                f"there is no profile {name!r}; known are {', '.join(self.names())}; write your own as a YAML file"
            ) from None

    def match(self, name: str, rows: Mapping[str, Sequence[Sequence[str]]]) -> Profile | None:
        """Return the profile that knows the file `name`, whose first rows by delimiter are `rows`, if any."""
        # The user's own come last and are asked first: they know their bank.
        for profile in reversed(self._profiles.values()):
            if profile.match is not None and profile.match.fits(name, rows.get(profile.delimiter, ())):
                return profile
        return None

    def with_folder(self, folder: Path) -> Catalogue:
        """Return a catalogue that also knows the `*.yaml` files of `folder`; ConfigError names file, line and fix."""
        own = [read_profile(path.read_text("utf-8"), str(path)) for path in sorted(folder.glob("*.y*ml"))]
        return Catalogue([*self._profiles.values(), *own])


@cache
def built_in() -> Catalogue:
    """Return the profiles that come with flowd."""
    folder = resources.files("flowd.importers.delimited") / "profiles"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".yaml")), key=lambda item: item.name)
    return Catalogue(read_profile(item.read_text("utf-8"), item.name) for item in files)


def read_profile(text: str, place: str) -> Profile:
    """Read one profile from YAML `text`; ConfigError says, with line, everything that is wrong in it."""
    try:
        data = yaml.load(text, Loader=_LOADER)  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark is not None else ""
        raise ConfigError(f"{place}: {line}not YAML: {getattr(error, 'problem', error)}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{place}: a profile is a mapping of keys such as `name:` and `columns:`")
    try:
        return check_profile(data, place)
    except ConfigError:
        # only a mistake needs the lines that things are in
        return check_profile(data, place, yaml.compose(text, Loader=yaml.SafeLoader))


def check_profile(data: Mapping[str, object], place: str, node: yaml.Node | None = None) -> Profile:
    """Return `data` as a profile; ConfigError lists every problem with its place."""
    try:
        return Profile.model_validate(data)
    except ValidationError as error:
        problems = []
        for item in error.errors():
            where = ".".join(str(part) for part in item["loc"]) or "the profile"
            line = _line(node, item["loc"])
            message = item["msg"].removeprefix("Value error, ")
            if item["type"] == "extra_forbidden":
                message = "unknown key; remove it or correct its spelling"
            problems.append(f"{place}{f':{line}' if line else ''}: {where}: {message}")
        raise ConfigError("\n".join(problems)) from None


def _line(node: yaml.Node | None, path: Sequence[str | int]) -> int | None:
    line = None
    for part in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if found is None:
                return line or node.start_mark.line + 1
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def write_profile(profile: Profile) -> str:
    """Write `profile` as YAML a person can complete and save."""
    data = profile.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    for group in (data["columns"], data):
        for key, value in group.items():
            if isinstance(value, list) and len(value) == 1:
                group[key] = value[0]
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)
