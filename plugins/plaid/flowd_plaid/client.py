"""Asks Plaid: the keys in headers, each endpoint weighed by its published limit, errors turned into flowd's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hashlib import blake2b
from typing import Final

from flowd.api import AuthError, Context, RetryLater
from flowd_plaid.config import PlaidConfig
from flowd_plaid.errors import meaning
from flowd_plaid.shape import Shape

#: The version of the API that this connector speaks.
VERSION: Final = "2020-09-14"
#: Requests per minute and Item that the most generous endpoint allows (plaid.com/docs/errors/rate-limit-exceeded).
CALLS: Final = 50
#: What the others allow per minute and Item; a request weighs so much that they are kept, too.
_ALLOWED: Final = {
    "/accounts/get": 15,
    "/item/get": 15,
    "/investments/holdings/get": 15,
    "/investments/transactions/get": 30,
}
_LONGEST_WAIT: Final = 86_400
#: Shorter than any key of Plaid's.
_SHORTEST: Final = 8


class Client:
    """One run's way to Plaid."""

    def __init__(self, config: PlaidConfig, ctx: Context) -> None:
        self._config = config
        self._http = ctx.http
        self._tokens = ctx.tokens
        self._access: str | None = None

    def access_token(self) -> str:
        """Return the Item's access token, from flowd.yaml or as linked; AuthError if there is none."""
        if self._access is None:
            if self._config.access_token is not None:
                self._access = self._config.access_token.get_secret_value()
            else:
                token = self._tokens.read().get("access_token")
                if not isinstance(token, str) or not token:
                    raise AuthError("what is stored for this connection holds no access token: run `flowd link`")
                self._access = token
        return self._access

    def item(self) -> str | None:
        """Return a name for the linked Item that does not tell its id, None where its token stands in flowd.yaml."""
        if self._config.access_token is not None:
            return None
        item = self._tokens.read().get("item_id")
        return blake2b(item.encode(), digest_size=8).hexdigest() if isinstance(item, str) else None

    def of_item(self, path: str, body: Mapping[str, object] | None = None) -> Shape:
        """Ask about the linked Item and return the answer."""
        return self.ask(path, {"access_token": self.access_token(), **(body or {})})

    def ask(self, path: str, body: Mapping[str, object]) -> Shape:
        """Ask and return the answer; AuthError, ConfigError or RetryLater for what Plaid calls an error."""
        answer = self._http.post(
            f"{self._config.base}{path}",
            json=dict(body),
            headers={
                "plaid-client-id": self._config.client_id.get_secret_value(),
                "plaid-secret": self._config.secret.get_secret_value(),
                "plaid-version": VERSION,
            },
            allow=range(400, 501),
            weight=CALLS / _ALLOWED.get(path, CALLS),
        )
        content: object = None
        try:
            content = answer.json()
        except RetryLater:
            if answer.status < 400:
                raise
        if answer.status < 400:
            if not isinstance(content, dict):
                raise RetryLater(f"Plaid's answer to {path} is not understood: it is not an object")
            return Shape(content, path)
        after = _after(answer.headers)
        if isinstance(content, dict) and isinstance(content.get("error_code"), str):
            raise meaning(Shape(self._without_secrets(content), path), after=after)
        if answer.status in (401, 403):
            raise AuthError(f"Plaid {path} refused the credentials (HTTP {answer.status})")
        raise RetryLater(f"Plaid {path} could not answer (HTTP {answer.status})", after=after)

    def _without_secrets(self, content: Mapping[str, object]) -> dict[str, object]:
        """Return an error as Plaid describes it, with stars where a text repeats what it was sent."""
        secrets = (
            self._config.client_id.get_secret_value(),
            self._config.secret.get_secret_value(),
            self._access or "",
        )
        found = dict(content)
        for secret in secrets:
            for name, value in found.items():
                if len(secret) >= _SHORTEST and isinstance(value, str):
                    found[name] = value.replace(secret, "***")
        return found


def _after(headers: Mapping[str, str]) -> timedelta | None:
    text = headers.get("retry-after", "").strip()
    return timedelta(seconds=min(int(text), _LONGEST_WAIT)) if text.isascii() and text.isdigit() else None
