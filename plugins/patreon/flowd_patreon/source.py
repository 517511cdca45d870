"""Asks Patreon: with a creator's token, or with one that `flowd link` obtained and that is renewed in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from flowd.api import AuthError, ConfigError, Context, Response, RetryLater
from flowd.oauth import OAuth, Proof
from flowd.reading import line
from flowd_patreon.config import PatreonConfig
from flowd_patreon.shape import next_cursor

#: A token lasts a month; it is renewed when less than this is left.
_EARLY: Final = timedelta(days=2)
_SCOPE: Final = ("identity", "campaigns", "campaigns.members")


class CursorGone(Exception):
    """A page that was to be gone on with is not there any more."""


def application(config: PatreonConfig) -> OAuth:
    """Return the client that obtains tokens; ConfigError where none is configured."""
    if config.client_id is None or config.client_secret is None:
        raise ConfigError("client_id and client_secret are needed to link; with an access_token there is no need to")
    return OAuth(
        authorize=f"{_root(config)}/oauth2/authorize",
        token=f"{_root(config)}/api/oauth2/token",
        client_id=config.client_id,
        client_secret=config.client_secret,
        scope=_SCOPE,
        soon=_EARLY,
        proof=Proof.NONE,
    )


class Source:
    """Patreon, as one run asks it."""

    def __init__(self, config: PatreonConfig, ctx: Context) -> None:
        self._config = config
        self._ctx = ctx

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Mapping[str, object]:
        """Ask for one answer; AuthError if the token is refused and cannot be renewed."""
        answer = self._ask(path, params)
        if answer.status == 401:
            raise AuthError(f"{path}: Patreon refused the token ({_said(answer)}): {self._remedy}")
        if answer.status == 429:
            raise RetryLater(f"{path}: Patreon asked to come back later (HTTP 429)", after=_wait(answer))
        if answer.status >= 400:
            said = f"{path}: {_said(answer)}"
            if answer.status == 400 and params is not None and "page[cursor]" in params:
                raise CursorGone(said)
            raise RetryLater(said)
        found = answer.json()
        if not isinstance(found, dict):
            raise RetryLater(f"{path} answered no object, as Patreon documents it")
        return found

    def pages(
        self, path: str, params: Mapping[str, str], cursor: str | None = None
    ) -> Iterator[tuple[Mapping[str, object], str | None]]:
        """Yield a list page by page with the cursor of the next; a list that comes round again raises RetryLater."""
        gone_by = {cursor}
        while True:
            answer = self.get(path, params if cursor is None else {**params, "page[cursor]": cursor})
            cursor = next_cursor(answer)
            if cursor is not None and cursor in gone_by:
                raise RetryLater(f"{path} gives the same page again")
            gone_by.add(cursor)
            yield answer, cursor
            if cursor is None:
                return

    def _ask(self, path: str, params: Mapping[str, str] | None) -> Response:
        url, allow = f"{_root(self._config)}/api/oauth2/v2/{path}", (400, 401, 404, 429)
        token = self._config.access_token
        if token is None:
            return application(self._config).get(url, self._ctx, params=params, allow=allow)
        headers = {"authorization": f"Bearer {token.get_secret_value().strip()}"}
        return self._ctx.http.get(url, params=params, headers=headers, allow=allow)

    @property
    def _remedy(self) -> str:
        if self._config.access_token is None:
            return f"run `flowd link {self._ctx.connection}`"
        return "it lasts a month; make a new one in Patreon's client portal, or use `flowd link`, which renews it"


def _root(config: PatreonConfig) -> str:
    return config.url.rstrip("/")


def _said(answer: Response) -> str:
    """Return what Patreon says of an error, in its own words."""
    try:
        body = answer.json()
    except RetryLater:
        body = None
    errors = body.get("errors") if isinstance(body, dict) else None
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    named = body.get("error") if isinstance(body, dict) else None
    text = first.get("detail") or first.get("title") or named
    return line(text, 200) or f"HTTP {answer.status}"


def _wait(answer: Response) -> timedelta | None:
    """Return how long to wait: the header says so, or the error in the body."""
    header = answer.headers.get("retry-after", "").strip()
    if header.isascii() and header.isdigit():
        return timedelta(seconds=min(int(header[:9]), 10**8))
    try:
        body = answer.json()
    except RetryLater:
        return None
    errors = body.get("errors") if isinstance(body, dict) else None
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    seconds = first.get("retry_after_seconds")
    return timedelta(seconds=min(seconds, 10**8)) if isinstance(seconds, int) and seconds > 0 else None
