"""What flowd does about each of ccxt's errors, and their text without secrets and addresses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from flowd.api import AuthError, ConfigError, PartlyRead, RetryLater

#: What flowd reacts to: these pass through whatever ccxt does.
SAID: Final = (AuthError, ConfigError, PartlyRead, RetryLater)

_LONGEST: Final = 300
#: Where exchanges put their words and their code.
_WORDS: Final = ("retMsg", "msg", "message", "err-msg", "detail", "label")
_CODES: Final = ("retCode", "code", "err-code")
_QUERY: Final = re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']*")
#: ccxt's error classes by name, so that this module does not import ccxt: the first of an error's family counts.
_REFUSED: Final = ("AuthenticationError",)
_LIMITED: Final = ("RateLimitExceeded", "DDoSProtection")
#: ccxt does not know every exchange's numbers for it.
_KEYLESS: Final = re.compile(
    r"(?:n't|not|no|more|without|insufficient)\s[^.]{0,20}permission|permission denied|"
    r"(?:invalid|wrong|expired)\s[^.]{0,5}api.?key|api.?key[^.]{0,12}\s(?:invalid|expired|not exist)",
    re.IGNORECASE,
)
_ABSENT: Final = ("NotSupported", "BadRequest", "AccountNotEnabled", "ArgumentsRequired", "BadSymbol")


class Unreadable(Exception):
    """One part (a wallet, a market) is not to be had here, now or later: nobody has to be told again and again."""


def translate(error: Exception, *, place: str, secrets: Iterable[str], after: timedelta | None) -> Exception:
    """Return flowd's error for one of ccxt's; `place` says what was asked, `after` what the answer asked for."""
    family = {kind.__name__ for kind in type(error).__mro__}
    said = f"{place}: {told(str(error), secrets)}"
    if family & set(_ABSENT):
        return Unreadable(said)
    if family & set(_REFUSED) or _KEYLESS.search(str(error)):
        return AuthError(f"{said} (does the key have the right to read this?)")
    if family & set(_LIMITED):
        return RetryLater(f"{place}: too many requests; {told(str(error), secrets)}", after=after)
    return RetryLater(said, after=after)


def told(text: str, secrets: Iterable[str]) -> str:
    """Return `text` short, without queries of addresses and without any of `secrets`."""
    for secret in secrets:
        if len(secret) > 3:
            text = text.replace(secret, "…")
    text = " ".join(_in_words(_QUERY.sub(r"\1", text)).replace("\x00", "").split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _in_words(text: str) -> str:
    """Return `text` with the exchange's own words in the place of the JSON they came in, as ccxt quotes it."""
    before, brace, body = text.partition("{")
    if not brace:
        return text
    try:
        answer = json.loads(brace + body)
    except ValueError:
        return text
    words = [answer[name] for name in _WORDS if isinstance(answer.get(name), str) and answer[name]]
    codes = [str(answer[name]) for name in _CODES if isinstance(answer.get(name), str | int) and answer[name] != ""]
    return f"{before}{words[0]}{f' ({codes[0]})' if codes else ''}" if words else text


def retry_after(value: str | None, *, now: datetime) -> timedelta | None:
    """Read a Retry-After header: seconds or a date; None if there is none, or it cannot be read, or is past."""
    if not value:
        return None
    try:
        wait = timedelta(seconds=int(value)) if value.strip().isdigit() else _aware(value) - now
    except (ValueError, OverflowError):
        return None
    return wait if wait > timedelta(0) else None


def _aware(value: str) -> datetime:
    at = parsedate_to_datetime(value)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
