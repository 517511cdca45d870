"""Access to a SimpleFIN server: claimed once with a setup token, then kept as an address with a login in it."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from flowd.api import AuthError, ConfigError, Context, Linked, LinkStep, RetryLater

_HERE: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_LONGEST: Final = 2000
_ASK: Final = "paste the setup token that the page shows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A server's address, which may be shown, and the header that opens it, which may not."""

    base: str
    header: str = field(repr=False)


def read_access(url: str) -> Access:
    """Take an access URL apart; AuthError, without showing it, if it is none."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        raise AuthError("what is stored is not an access URL of SimpleFIN: run `flowd link`") from None
    if not host or parts.username is None or parts.password is None:
        raise AuthError("what is stored is not an access URL of SimpleFIN (no login in it): run `flowd link`")
    _check_scheme(parts.scheme, host)
    name = f"[{host}]" if ":" in host else host
    login = f"{unquote(parts.username)}:{unquote(parts.password)}"
    return Access(
        base=f"{parts.scheme}://{name}{f':{port}' if port else ''}{parts.path.rstrip('/')}",
        header=f"Basic {base64.b64encode(login.encode()).decode()}",
    )


def begin(create: str) -> LinkStep:
    """Return the page on which people connect their banks and get a setup token, which they type in."""
    return LinkStep(url=create, ask=_ASK, redirects=False)


def finish(typed: str, ctx: Context) -> Linked:
    """Claim a setup token, which works once, and return the access URL; one that was pasted instead is taken."""
    text = "".join(typed.split())
    if not text:
        raise ConfigError("no setup token was typed in: run `flowd link` again")
    if text.lower().startswith(("https://", "http://")) and "@" in text:
        return _linked(text)
    claim = _claim_url(text)
    try:
        answer = ctx.http.post(claim, allow=range(400, 500))
    except RetryLater as error:
        # The address is the token: it stands in no message.
        said = str(error).replace(claim, f"SimpleFIN at {urlsplit(claim).hostname}")
        raise RetryLater(f"{said}; if the token does not work any more, make a new one") from None
    if answer.status >= 400:
        raise AuthError(
            "the setup token was claimed before, or never existed. If it was not you who claimed it, somebody else can "
            "read your accounts: disable it on SimpleFIN's page, make a new one and run `flowd link` again"
        )
    return _linked(answer.text.strip())


def _linked(url: str) -> Linked:
    if len(url) > _LONGEST or "\n" in url:
        raise RetryLater("the server answered no access URL: make a new setup token and run `flowd link` again")
    try:
        access = read_access(url)
    except AuthError:
        raise RetryLater("the server gave no access URL: make a new setup token and run `flowd link` again") from None
    return Linked(tokens={"access_url": url}, summary=f"SimpleFIN at {urlsplit(access.base).hostname}")


def _claim_url(token: str) -> str:
    try:
        padded = token.replace("-", "+").replace("_", "/").rstrip("=")
        url = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True).decode("ascii")
        parts = urlsplit(url)
        host = parts.hostname
    except (binascii.Error, ValueError):
        host = None
    if not host:
        raise ConfigError("this is no setup token of SimpleFIN (the long text that its page shows): try again")
    _check_scheme(parts.scheme, host)
    return url


def _check_scheme(scheme: str, host: str) -> None:
    if scheme != "https" and not (scheme == "http" and host in _HERE):
        raise ConfigError("SimpleFIN is spoken over https only, and this address is not encrypted")
