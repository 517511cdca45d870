"""Reading the keys that seal tokens, when they are needed: one that is missing stops only what needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import SecretStr

from flowd.config.models import Settings
from flowd.config.problems import Path, Problem, dotted
from flowd.secrets import Reference, SecretMissing, read


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The key that seals, the ones used before it, what is wrong with them, and what should be known of them."""

    key: SecretStr | None
    old_keys: Sequence[SecretStr]
    problems: Sequence[Problem]
    warnings: Sequence[Problem]


def read_keys(settings: Settings) -> Keys:
    """Look the keys of `settings` up where they are kept now."""
    problems: list[Problem] = []
    warnings: list[Problem] = []

    def look_up(kept: Reference | SecretStr, path: Path) -> SecretStr | None:
        place = settings.place_of_value(path)
        if isinstance(kept, SecretStr):
            if place.variable is None:
                fix = "write {file: path}, {env: NAME} or {credential: name}"
                warnings.append(Problem.at(place, dotted(path), "stands in the file in clear", fix))
            return kept
        try:
            secret, warning = read(kept, settings.sources)
        except SecretMissing as error:
            problems.append(Problem.at(place, dotted(path), error.message, error.fix))
            return None
        if warning is not None:
            warnings.append(Problem.at(place, dotted(path), *warning))
        return secret

    chosen = settings.secrets
    key = None if chosen.key is None else look_up(chosen.key, ("secrets", "key"))
    found = [look_up(old, ("secrets", "old_keys", index)) for index, old in enumerate(chosen.old_keys)]
    old_keys = tuple(old for old in found if old is not None)
    return Keys(key=key, old_keys=old_keys, problems=tuple(problems), warnings=tuple(warnings))
