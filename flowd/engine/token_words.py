"""What of a connection's tokens no text may show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

_TELLING: Final = ("token", "secret", "code", "key", "password", "assertion", "credential", "url")
#: A shorter text is hidden only if its name tells that it is a secret.
_LONG: Final = 8


def secrets_in(tokens: object, name: str = "") -> Iterator[str]:
    """Yield the texts in `tokens` that have to be hidden: all but short words, dates and sentences."""
    if isinstance(tokens, Mapping):
        for key, value in tokens.items():
            yield from secrets_in(value, str(key).lower())
    elif isinstance(tokens, list | tuple):
        for value in tokens:
            yield from secrets_in(value, name)
    elif isinstance(tokens, str):
        telling = any(word in name for word in _TELLING) and len(tokens) >= 4
        if telling or (len(tokens) >= _LONG and not any(sign.isspace() for sign in tokens) and not _is_date(tokens)):
            yield tokens


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
