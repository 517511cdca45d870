"""What `flowd init` writes for a source that a plugin reads: what it needs, and where its secrets are kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from pydantic import SecretStr, ValidationError

from flowd.api import Config, ConnectorType

#: Stands for a secret while settings are tried; what a connector says of its form is not asked here.
_MADE_UP: Final = SecretStr("made-up")
#: What init writes by itself, and what needs no question.
_OWN: Final = frozenset({"recurring", "files", "ecb", "demo", "substack"})
_WORDS: Final = re.compile(r"(?P<type>[a-z0-9_-]+)(?: as (?P<name>[a-z0-9][a-z0-9_-]*))?(?P<rest>(?: \w+=\S+)*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A connection to be written: its settings as said, and those that are secret, by the files that will hold them."""

    name: str
    type: str
    summary: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str]
    links: bool

    def text(self) -> str:
        """Return its lines of flowd.yaml."""
        lines = [f"  {self.name}:", f"    type: {self.type:<20} # {self.summary}".rstrip(" #")]
        values = {
            **{key: json.dumps(value, ensure_ascii=False) for key, value in self.settings.items()},
            **{key: f"{{file: {file}}}" for key, file in self.secrets.items()},
        }
        if values:
            lines += ["    config:", *(f"      {key}: {value}" for key, value in values.items())]
        if self.links:
            lines.append(f"    # access is obtained with `flowd link {self.name}`: docs/linking.md")
        return "\n".join([*lines, ""])


def installed_sources() -> list[str]:
    """Return the plugins that may be asked for, by name, without importing any."""
    from flowd.plugins import load_plugins

    return sorted({plugin.name for plugin in load_plugins([]).plugins if "." not in plugin.name} - _OWN)


def read_source(words: str, taken: Sequence[str], ask: Callable[[str, str], str]) -> Source:
    """Read `stripe` or `ccxt as my-kraken exchange=kraken`; `ask(setting, meaning)` is called for what is needed.

    ValueError says what is wrong.
    """
    found = _WORDS.fullmatch(" ".join(words.split()))
    if found is None:
        raise ValueError("say a type, and if need be a name and settings: ccxt as my-kraken exchange=kraken")
    kind = _connector(found["type"])
    name = found["name"] or kind.name
    if name in taken:
        raise ValueError(f"there is a connection {name!r} already: say `{kind.name} as another-name`")
    settings = dict(word.split("=", 1) for word in found["rest"].split())
    fields = kind.config.model_fields
    secret = [key for key, field in fields.items() if _is_secret(field.annotation)]
    for key in settings:
        if key not in fields:
            raise ValueError(f"{kind.name} has no setting {key!r}: it has {', '.join(fields)}")
        if key in secret:
            raise ValueError(f"{key} is a secret, which does not stand in flowd.yaml: leave it out here")
    for key, field in fields.items():
        if field.is_required() and key not in secret and key not in settings:
            settings[key] = ask(key, field.description or "")
    needed = [key for key in secret if fields[key].is_required()]
    spare = [key for key in secret if key not in needed]
    # Some settings are needed only together, or one of them instead of others: the first that make it whole.
    while _problem(kind.config, settings, needed, whole=True) and spare:
        needed.append(spare.pop(0))
    if problem := _problem(kind.config, settings, needed, whole=False):
        raise ValueError(problem)
    return Source(
        name=name,
        type=kind.name,
        summary=kind.summary,
        settings=settings,
        secrets={key: f"./secrets/{name}-{key.replace('_', '-')}" for key in needed},
        links=kind.links and "access_token" not in needed,
    )


def next_steps(sources: Sequence[Source]) -> list[str]:
    """Return what is left to do before these can be read, as commands with what they are for."""
    steps = [
        f"(umask 077; cat > {file})   # paste the {key.replace('_', ' ')} of {source.name}, then Ctrl-D"
        for source in sources
        for key, file in source.secrets.items()
    ]
    if any(source.links for source in sources):
        steps.append("(umask 077; flowd key new 2>/dev/null > ./secrets/flowd-key)   # keep a copy in a safe place")
    return steps


def _connector(name: str) -> ConnectorType[Any]:
    from flowd.plugins import load_plugins

    registry = load_plugins([name])
    kind = registry.connectors.get(name)
    if kind is None or name in _OWN:
        broken = [plugin.error for plugin in registry.broken if plugin.name == name and plugin.place is not None]
        if broken:
            raise ValueError(f"the plugin {name} {broken[0]}")
        known = installed_sources()
        exchange = f"; an exchange: ccxt as {name} exchange={name}" if "ccxt" in known else ""
        raise ValueError(f"{name!r} is none of {', '.join(known)}{exchange}")
    return kind


def _is_secret(annotation: object) -> bool:
    return annotation is SecretStr or any(_is_secret(part) for part in get_args(annotation))


def _problem(config: type[Config], settings: Mapping[str, str], secrets: Sequence[str], *, whole: bool) -> str | None:
    """Return what is wrong with the settings: as a whole, or with one that was said."""
    try:
        config.model_validate({**settings, **dict.fromkeys(secrets, _MADE_UP)})
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            if whole and not one["loc"]:
                return one["msg"]
            if not whole and one["loc"] and one["loc"][0] in settings:
                return f"{one['loc'][0]}: {one['msg']}"
    return None
