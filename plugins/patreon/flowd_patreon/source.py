"""Asks Patreon: with a creator's token, or with one that `flowd link` obtained and that is renewed in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from flowd.api import AuthError, Context, Json, Response, RetryLater
from flowd_patreon.config import PatreonConfig
from flowd_patreon.shape import next_cursor, words

#: A token lasts a month; it is renewed when less than this is left.
_EARLY: Final = timedelta(days=2)


class CursorGone(Exception):
    """A page that was to be gone on with is not there any more."""


class Source:
    """Patreon, as one run asks it."""

    def __init__(self, config: PatreonConfig, ctx: Context) -> None:
        self._config = config
        self._ctx = ctx

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Mapping[str, object]:
        """Ask for one answer; AuthError if the token is refused and cannot be renewed."""
        token = self._token()
        answer = self._ask(path, params, token)
        if answer.status == 401 and self._config.access_token is None:
            answer = self._ask(path, params, self._renewed(token))
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

    def exchange(self, fields: Mapping[str, str]) -> Mapping[str, Json]:
        """Ask for tokens; AuthError where Patreon does not give any."""
        config = self._config
        if config.client_id is None or config.client_secret is None:
            raise AuthError("client_id and client_secret are needed to link Patreon")
        form = {**fields, "client_id": config.client_id, "client_secret": config.client_secret.get_secret_value()}
        answer = self._ctx.http.post(f"{_root(config)}/api/oauth2/token", data=form, allow=(400, 401, 403))
        if answer.status >= 400:
            raise AuthError(f"Patreon gave no token ({_said(answer)}): run `flowd link {self._ctx.connection}`")
        found = answer.json()
        access = found.get("access_token") if isinstance(found, dict) else None
        if not isinstance(found, dict) or not isinstance(access, str):
            raise RetryLater("Patreon answered without a token")
        tokens: dict[str, Json] = {"access_token": access}
        refresh, seconds = found.get("refresh_token", fields.get("refresh_token")), found.get("expires_in")
        if isinstance(refresh, str):
            tokens["refresh_token"] = refresh
        if isinstance(seconds, int) and 0 < seconds < 10**9:
            tokens["expires_at"] = (self._ctx.tick + timedelta(seconds=seconds)).isoformat()
        return tokens

    def _ask(self, path: str, params: Mapping[str, str] | None, token: str) -> Response:
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{_root(self._config)}/api/oauth2/v2/{path}"
        return self._ctx.http.get(url, params=params, headers=headers, allow=(400, 401, 404, 429))

    def _token(self) -> str:
        if self._config.access_token is not None:
            return self._config.access_token.get_secret_value().strip()
        stored = self._ctx.tokens.read()
        ends = stored.get("expires_at")
        if isinstance(ends, str) and datetime.fromisoformat(ends) - self._ctx.tick < _EARLY:
            return self._renewed(str(stored.get("access_token")))
        return str(stored.get("access_token"))

    def _renewed(self, refused: str) -> str:
        """Renew the tokens, unless another run did so meanwhile; the new refresh token replaces the old one."""

        def renewal(stored: Mapping[str, Json]) -> Mapping[str, Json]:
            if stored.get("access_token") != refused:
                return stored
            refresh = stored.get("refresh_token")
            if not isinstance(refresh, str):
                raise AuthError(f"Patreon's token cannot be renewed: {self._remedy}")
            return self.exchange({"grant_type": "refresh_token", "refresh_token": refresh})

        return str(self._ctx.tokens.renew(renewal).get("access_token"))

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
    return words(text)[:200] if isinstance(text, str) else f"HTTP {answer.status}"


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
