"""Secrets: references to them in flowd.yaml, reading them as late as possible, and keeping them out of every text."""

from __future__ import annotations

import base64
import json
import os
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus, unquote, urlsplit

from pydantic import SecretStr

from flowd.errors import ConfigError

MASK: Final = "**********"
_SIZE_LIMIT: Final = 64 * 1024
#: Folders whose files are mounted for one service by systemd or a container engine; their modes are not the user's.
_MOUNTED: Final = ("/run/secrets/", "/run/credentials/")


class Kind(StrEnum):
    """Where a secret is kept: an environment variable, a file, or a credential handed over by systemd."""

    ENV = "env"
    FILE = "file"
    CREDENTIAL = "credential"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A secret named, not told: `{env: NAME}`, `{file: path}` or `{credential: name}`."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{{{self.kind}: {self.name}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where references are looked up: these environment variables, and files relative to `folder`."""

    environ: Mapping[str, str] = field(repr=False)
    folder: Path


class SecretMissing(ConfigError):
    """A secret cannot be read; `fix` says what to do about it."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(f"{message}. Fix: {fix}")
        self.message = message
        self.fix = fix


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong with the secret at `path` of a configuration."""

    path: tuple[str | int, ...]
    message: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A configuration with its references replaced by `SecretStr`, and what was found on the way."""

    value: object = field(repr=False)
    secrets: Sequence[SecretStr]
    missing: Sequence[Finding]
    warnings: Sequence[Finding]


def reference(value: object) -> Reference | None:
    """Return the reference that `value` (a mapping of exactly one of env, file, credential) is, or None."""
    if isinstance(value, Mapping) and len(value) == 1:
        [(key, name)] = value.items()
        if key in tuple(Kind) and isinstance(name, str):
            return Reference(kind=Kind(key), name=name)
    return None


def resolve(config: object, sources: Sources) -> Resolved:
    """Read every reference inside `config`; what cannot be read is in `missing`, with an empty secret in its place."""
    secrets: list[SecretStr] = []
    missing: list[Finding] = []
    warnings: list[Finding] = []

    def walk(value: object, path: tuple[str | int, ...]) -> object:
        found = reference(value)
        if found is not None:
            try:
                secret, warning = read(found, sources)
            except SecretMissing as error:
                missing.append(Finding(path=path, message=error.message, fix=error.fix))
                return SecretStr("")
            secrets.append(secret)
            if warning is not None:
                warnings.append(Finding(path=path, message=warning[0], fix=warning[1]))
            return secret
        if isinstance(value, Mapping):
            return {key: walk(item, (*path, str(key))) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [walk(item, (*path, index)) for index, item in enumerate(value)]
        return value

    return Resolved(value=walk(config, ()), secrets=tuple(secrets), missing=tuple(missing), warnings=tuple(warnings))


def read(ref: Reference, sources: Sources) -> tuple[SecretStr, tuple[str, str] | None]:
    """Return the secret and, if there is something to say of how it is kept, (warning, fix); SecretMissing otherwise.

    Line ends at the end of the value are dropped, because editors and `echo` add them.
    """
    warning = None
    if ref.kind is Kind.ENV:
        text = sources.environ.get(ref.name)
        if text is None:
            raise SecretMissing(
                f"names the environment variable {ref.name}, which is not set", f"set {ref.name} before starting flowd"
            )
        fix = f"give {ref.name} a value"
    elif ref.kind is Kind.CREDENTIAL:
        text = _credential(ref.name, sources)
        fix = f"put the secret into the credential {ref.name}"
    else:
        path = sources.folder / Path(ref.name).expanduser()
        text, mode = _read_file(path)
        fix = f"put the secret into {path}"
        if mode & 0o177 and not str(path).startswith(_MOUNTED):
            warning = (f"names {path}, which others may read (mode {mode:04o})", f"chmod 600 {path}")
    text = text.rstrip("\r\n")
    if not text.strip():
        raise SecretMissing(f"is empty ({ref})", fix)
    return SecretStr(text), warning


def _credential(name: str, sources: Sources) -> str:
    folder = sources.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        raise SecretMissing(
            f"names the credential {name}, but systemd handed none over ($CREDENTIALS_DIRECTORY is not set)",
            f"add LoadCredential={name}:/path to flowd.service, or use {{file: path}} when flowd runs without systemd",
        )
    if "/" in name or name in {"", ".", ".."}:
        raise SecretMissing(f"names the credential {name!r}, which is a path", "write the credential's name only")
    return _read_file(Path(folder) / name)[0]


def _read_file(path: Path) -> tuple[str, int]:
    try:
        # Without O_NONBLOCK a named pipe put in this place would hold the daemon for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise SecretMissing(f"names {path}, which does not exist", "put it there, with mode 600") from None
    except OSError as error:
        raise SecretMissing(
            f"names {path}, which cannot be read: {error.strerror}", "make it readable for the user flowd runs as"
        ) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise SecretMissing(f"names {path}, which is not a file", "name a file that holds only the secret")
        if status.st_size > _SIZE_LIMIT:
            raise SecretMissing(
                f"names {path}, which is {status.st_size} bytes long (limit {_SIZE_LIMIT})",
                "name a file that holds only the secret",
            )
        data = os.read(descriptor, _SIZE_LIMIT + 1)
    finally:
        os.close(descriptor)
    try:
        return data.decode("utf-8"), stat.S_IMODE(status.st_mode)
    except UnicodeDecodeError:
        raise SecretMissing(f"names {path}, which is not UTF-8 text", "keep the secret as text") from None


def reveal(value: object) -> object:
    """Return `value` with secrets in clear and numbers with a point as text: only for the pipe to a child."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return {str(key): reveal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [reveal(item) for item in value]
    return value


def masked(value: object) -> object:
    """Return `value` with every text, number and secret hidden; references stay, because they tell nothing."""
    if reference(value) is not None or value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return MASK


def redact(text: str, secrets: Iterable[SecretStr | str]) -> str:
    """Return `text` with every one of `secrets` hidden: as it is, quoted for URLs or JSON, in base64, line by line.

    A secret of fewer than four characters is hidden only where it stands alone, else it would eat ordinary words.
    """
    forms: set[str] = set()
    for secret in secrets:
        forms |= _forms(secret.get_secret_value() if isinstance(secret, SecretStr) else secret)
    for form in sorted(forms, key=len, reverse=True):
        alone = rf"(?<!\w){re.escape(form)}(?!\w)"
        text = text.replace(form, MASK) if len(form) >= 4 else re.sub(alone, MASK, text)
    return text


def _forms(value: str) -> set[str]:
    plain = {value, value.strip()} | {line.strip() for line in value.splitlines() if len(line.strip()) >= 8}
    try:
        password = urlsplit(value).password
    except ValueError:
        password = None
    if password:
        plain |= {password, unquote(password)}
    forms = set(plain)
    for text in plain:
        forms |= {quote(text), quote(text, safe=""), quote_plus(text), json.dumps(text)[1:-1], repr(text)[1:-1]}
        if len(text) >= 4:
            data = text.encode()
            forms |= {base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode().rstrip("=")}
    return {form for form in forms if form.strip()}
