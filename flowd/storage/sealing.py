"""Seals tokens for the database with a key from outside it, so that a copy of the database gives nobody access."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr

from flowd.config.keys import read_keys
from flowd.config.models import Settings
from flowd.config.problems import Path, Problem, dotted
from flowd.domain.json import Json
from flowd.errors import ConfigError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

#: Tokens of one connection, as JSON, may be so many bytes long.
LONGEST: Final = 128 * 1024


class KeyTrouble(ConfigError):
    """Tokens cannot be sealed or opened with the keys there are; the text says which key to put where."""


class Keyring:
    """The key that seals and the ones that only open; it never shows them."""

    def __init__(self, key: SecretStr, old_keys: Sequence[SecretStr] = (), problems: Sequence[Problem] = ()) -> None:
        self._keys = {key_id(one): _fernet(one) for one in (key, *old_keys)}
        self._problems = tuple(problems)
        #: The name of the key that seals.
        self.current = key_id(key)

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self._keys)})"

    @property
    def ids(self) -> Sequence[str]:
        """The names of all keys, the one that seals first."""
        return tuple(self._keys)

    def seal(self, tenant: str, connection: str, tokens: Mapping[str, Json]) -> bytes:
        """Return `tokens` as text that only this key opens, bound to the tenant and the connection they are of."""
        plain = json.dumps([tenant, connection, dict(tokens)], separators=(",", ":")).encode()
        if len(plain) > LONGEST:
            raise KeyTrouble(f"the tokens of {connection} are {len(plain)} bytes long ({LONGEST} are allowed)")
        return self._keys[self.current].encrypt(plain)

    def open(self, tenant: str, connection: str, sealed: bytes, with_key: str) -> Mapping[str, Json]:
        """Return the tokens sealed in `sealed` with the key named `with_key`; KeyTrouble if it cannot be opened."""
        from cryptography.fernet import InvalidToken

        again = f"run `flowd link {connection}` again"
        if with_key not in self._keys:
            lost = "".join(f" ({problem})" for problem in self._problems)
            raise KeyTrouble(
                f"the tokens of {connection} were sealed with the key {with_key}, which is neither secrets.key "
                f"({self.current}) nor among secrets.old_keys{lost}: put that key back (a key from the environment or "
                f"from systemd needs a restart of flowd), or {again}"
            )
        try:
            owner, name, tokens = json.loads(self._keys[with_key].decrypt(sealed))
        except (InvalidToken, ValueError, TypeError):
            raise KeyTrouble(f"the stored tokens of {connection} are damaged: {again}") from None
        if (owner, name) != (tenant, connection) or not isinstance(tokens, dict):
            raise KeyTrouble(f"what is stored for {connection} are the tokens of another connection: {again}")
        return tokens


def new_key() -> str:
    """Return a fresh key as text."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def key_id(key: SecretStr) -> str:
    """Return a short name for a key, which does not tell it."""
    return blake2b(key.get_secret_value().encode(), digest_size=4, person=b"flowd-key").hexdigest()


def keyring_of(settings: Settings) -> Keyring:
    """Return the keys that flowd.yaml names, as they are now; KeyTrouble when there is none that can seal."""
    found = read_keys(settings)
    if found.key is None:
        if found.problems:
            told = "; ".join(str(problem) for problem in found.problems)
            raise KeyTrouble(f"the key that opens the stored tokens is not there: {told}")
        raise KeyTrouble("there is no key to keep tokens with: `flowd key new` makes one and says where it goes")
    usable = [old for old in found.old_keys if _is_key(old)]
    return Keyring(found.key, usable, key_problems(settings))


def key_warnings(settings: Settings) -> list[Problem]:
    """Return what should be known of how the keys are kept, such as a file that others may read."""
    return list(read_keys(settings).warnings)


def key_problems(settings: Settings) -> list[Problem]:
    """Return what is wrong with the keys that flowd.yaml names, each with its place; nothing where it names none."""
    found = read_keys(settings)
    problems = list(found.problems)
    named: list[tuple[Path, SecretStr]] = [] if found.key is None else [(("secrets", "key"), found.key)]
    named += [(("secrets", "old_keys"), old) for old in found.old_keys]
    for path, key in named:
        if not _is_key(key):
            place = settings.place_of_value(path)
            problems.append(Problem.at(place, dotted(path), _NO_KEY, "write one that `flowd key new` made"))
    return problems


_NO_KEY: Final = "holds no key of flowd's (44 letters, digits, - and _, as `flowd key new` prints them)"


def _is_key(key: SecretStr) -> bool:
    try:
        _fernet(key)
    except KeyTrouble:
        return False
    return True


def _fernet(key: SecretStr) -> Fernet:
    from cryptography.fernet import Fernet

    try:
        return Fernet(key.get_secret_value().strip().encode())
    except ValueError:
        raise KeyTrouble(f"secrets.key or one of secrets.old_keys {_NO_KEY}") from None
