"""Gives accounts and assets the names that beancount allows, each another one."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Final

_NO_COMMODITY: Final = re.compile(r"[^A-Z0-9'._-]+")
_NO_COMPONENT: Final = re.compile(r"[^A-Za-z0-9-]+")
_LONGEST: Final = 24


class Names:
    """Names given so far: the same thing always gets the same, two things never one."""

    def __init__(self) -> None:
        self._given: dict[Hashable, str] = {}
        self._taken: set[str] = set()

    def commodity(self, asset: str) -> str:
        """Return a commodity's name for `asset`: 2 to 24 capitals, digits and . _ ' -, a letter first."""
        text = _NO_COMMODITY.sub("-", asset.upper()).strip("-._'")
        if not text[:1].isalpha():
            text = f"X-{text}".rstrip("-")
        if len(text) == 1:
            text += "X"
        return self._give(("commodity", asset), text[:_LONGEST].rstrip("-._'"), _LONGEST)

    def account(self, root: str, *parts: str) -> str:
        """Return an account's name below `root` (Assets, Income, …), whose components are made of `parts`."""
        return self._give((root, *parts), ":".join([root, *(_component(part) for part in parts if part)]), None)

    def _give(self, thing: Hashable, wanted: str, longest: int | None) -> str:
        if thing in self._given:
            return self._given[thing]
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            tail = f"-{number}"
            name = (wanted if longest is None else wanted[: longest - len(tail)]) + tail
        self._taken.add(name)
        self._given[thing] = name
        return name


def _component(text: str) -> str:
    plain = _NO_COMPONENT.sub("-", text.replace("_", "-")).strip("-")
    return plain[:1].upper() + plain[1:] if plain else "X"
