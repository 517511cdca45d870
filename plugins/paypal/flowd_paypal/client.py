"""Asks PayPal as the app: with a token that is fetched when it is needed, and its refusals named for what they mean."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from flowd.api import AuthError, Context, Response, RetryLater, Secret

_SOON: Final = timedelta(minutes=1)
_REFUSED: Final = (400, 401, 403)


class TooMany(RetryLater):
    """The window holds more transactions than PayPal gives at once."""


class Client:
    """PayPal's REST interface for one app."""

    def __init__(self, url: str, client_id: str, secret: Secret) -> None:
        self._url = url.rstrip("/")
        self._client_id = client_id
        self._secret = secret
        self._token: tuple[Secret, datetime] | None = None
        #: What the app may do, as the last token said.
        self.scopes: tuple[str, ...] = ()

    def get(self, path: str, params: Mapping[str, str], ctx: Context) -> object:
        """Ask for `path`; AuthError, TooMany or RetryLater where PayPal refuses."""
        answer = self._ask(path, params, ctx)
        if answer.status == 401:
            # A token can be withdrawn before its time.
            self._token = None
            answer = self._ask(path, params, ctx)
        if answer.status not in _REFUSED:
            return answer.json()
        name = _name(answer)
        why = f"PayPal refused {path} (HTTP {answer.status}{f', {name}' if name else ''})"
        if name == "RESULTSET_TOO_LARGE":
            raise TooMany(why)
        if answer.status == 403:
            raise AuthError(f'{why}: switch on "Transaction Search" for the app, and give PayPal nine hours')
        raise AuthError(why) if answer.status == 401 else RetryLater(why)

    def _ask(self, path: str, params: Mapping[str, str], ctx: Context) -> Response:
        bearer = self._bearer(ctx).get_secret_value()
        headers = {"authorization": f"Bearer {bearer}"}
        return ctx.http.get(f"{self._url}{path}", params=params, headers=headers, allow=_REFUSED)

    def _bearer(self, ctx: Context) -> Secret:
        if self._token is not None and self._token[1] - ctx.tick > _SOON:
            return self._token[0]
        pair = b64encode(f"{self._client_id}:{self._secret.get_secret_value()}".encode()).decode()
        where = f"{self._url}/v1/oauth2/token"
        answer = ctx.http.post(
            where,
            data={"grant_type": "client_credentials"},
            headers={"authorization": f"Basic {pair}"},
            allow=_REFUSED,
        )
        if answer.status in _REFUSED:
            why = _name(answer) or f"HTTP {answer.status}"
            raise AuthError(f"PayPal refused the app ({why}): check client_id and client_secret")
        told = answer.json()
        token = told.get("access_token") if isinstance(told, dict) else None
        if not isinstance(told, dict) or not isinstance(token, str) or not token:
            raise RetryLater(f"{where} gave no access_token")
        seconds = told.get("expires_in")
        lasts = timedelta(seconds=seconds if isinstance(seconds, int) and 0 < seconds < 10**8 else 0)
        self._token = (Secret(token), ctx.tick + lasts)
        self.scopes = tuple(str(told.get("scope") or "").split())
        return self._token[0]


def _name(answer: Response) -> str:
    """Return the refusal's code only: its prose may repeat what was sent."""
    try:
        told = answer.json()
    except RetryLater:
        return ""
    if not isinstance(told, dict):
        return ""
    found = str(told.get("name") or told.get("error") or "")
    return "".join(sign for sign in found if sign.isascii() and (sign.isalnum() or sign in "_-"))[:80]
