"""Makes a new plugin's folder from the templates that come with flowd."""

from __future__ import annotations

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from flowd.errors import ConfigError

KINDS: Final = ("connector", "importer", "rates", "analytics", "notifier")
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{1,39}")
_SUMMARIES: Final = {
    "connector": "payouts of {name}, for flowd",
    "importer": "statements of {name}, for flowd",
    "rates": "rates of {name}, for flowd",
    "analytics": "how often each stream is paid, for flowd",
    "notifier": "notices of flowd over {name}",
}
#: Where a template's file goes: first part of its path → the same in the new folder.
_MOVED: Final = {"package": "{package}"}


def make_plugin(name: str, kind: str, folder: Path) -> list[Path]:
    """Write a new plugin of `kind` into `folder`, which must not hold anything; return its files.

    ConfigError says what is wrong with the name or the folder.
    """
    if not _NAME.fullmatch(name) or name.endswith("-"):
        raise ConfigError(f"{name!r} cannot be a plugin's name: use small letters, digits, dashes, such as acme-bank")
    if folder.exists() and any(folder.iterdir()):
        raise ConfigError(f"{folder} is not empty: name another folder with --folder")
    words = _words(name, kind)
    written = []
    templates = files("flowd.edges").joinpath("templates")
    for root in (templates / "common", templates / kind):
        for parts, source in sorted(_walk(root)):
            target = folder.joinpath(*(_MOVED.get(part, part) for part in parts[:-1]), _target(parts[-1]))
            target = Path(_filled(str(target), {"{package}": words["@package@"]}))
            if source.name == "py.typed.in":
                target = folder / words["@package@"] / "py.typed"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_filled(source.read_text(encoding="utf-8"), words), encoding="utf-8")
            written.append(target)
    return written


def _words(name: str, kind: str) -> dict[str, str]:
    return {
        "@name@": name,
        "@NAME@": name.upper().replace("-", "_"),
        "@package@": f"flowd_{name.replace('-', '_')}",
        "@Class@": "".join(part.capitalize() for part in name.split("-")),
        "@summary@": _SUMMARIES[kind].format(name=name),
    }


def _filled(text: str, words: dict[str, str]) -> str:
    for placeholder, word in words.items():
        text = text.replace(placeholder, word)
    return text


def _target(name: str) -> str:
    plain = name.removesuffix(".in")
    return ".gitignore" if plain == "gitignore" else plain


def _walk(root: Traversable, above: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Traversable]]:
    found: list[tuple[tuple[str, ...], Traversable]] = []
    for entry in root.iterdir():
        if entry.is_dir():
            found += _walk(entry, (*above, entry.name))
        elif entry.name.endswith(".in"):
            found.append(((*above, entry.name), entry))
    return found
