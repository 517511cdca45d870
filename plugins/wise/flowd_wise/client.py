"""Asks Wise with the token, and tells a second factor that is wanted from a token that is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from flowd.api import AuthError, Context, RetryLater, Secret


class SecondFactor(AuthError):
    """Wise wants somebody to confirm the question in its app, which it asks of EU tokens for statements."""


class PageForgotten(RetryLater):
    """Wise does not know the page any more: reading begins anew at the first."""


class Client:
    """Wise's REST interface for one token."""

    def __init__(self, url: str, token: Secret) -> None:
        self._url = url.rstrip("/")
        self._token = token

    def get(self, path: str, params: Mapping[str, str], ctx: Context) -> object:
        """Ask for `path`; SecondFactor, AuthError or RetryLater where Wise refuses."""
        headers = {
            "authorization": f"Bearer {self._token.get_secret_value()}",
            # The words that activities are told in decide which way money went between one's own balances.
            "accept-language": "en",
        }
        answer = ctx.http.get(f"{self._url}{path}", params=params, headers=headers, allow=(400, 403))
        if answer.status == 403:
            if any(name.startswith("x-2fa-approval") for name in answer.headers):
                raise SecondFactor(f"Wise wants a second factor for {path}")
            raise AuthError(f"Wise refused {path} (HTTP 403): the token may not read this profile")
        if answer.status == 400:
            refused = PageForgotten if "nextCursor" in params else RetryLater
            raise refused(f"Wise refused the question for {path} (HTTP 400)")
        return answer.json()


def told(at: datetime) -> str:
    """Write a moment as Wise reads it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"
