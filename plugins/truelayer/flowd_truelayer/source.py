"""Asks TrueLayer as the linked person, and names every refusal for what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from flowd.api import AuthError, Context, Response, RetryLater
from flowd.oauth import OAuth
from flowd.reading import text
from flowd_truelayer.settings import TrueLayerConfig

_SCOPE: Final = ("info", "accounts", "balance", "transactions", "offline_access")
#: What the bank's own customer has to be there for, or what a bank does not offer: both are told by their code.
_REFUSED: Final = (400, 401, 403, 404, 501)


class NotOffered(RetryLater):
    """The bank does not offer this at all: no card, no such balance."""


class TooFarBack(RetryLater):
    """The bank does not tell what is so long ago, or only while its customer is there."""


class AccountGone(RetryLater):
    """The bank knows this account no more."""


def application(config: TrueLayerConfig) -> OAuth:
    """Return the application at TrueLayer; its code is good once and for five minutes."""
    return OAuth(
        authorize=f"{config.auth}/",
        token=f"{config.auth}/connect/token",
        client_id=config.client_id,
        client_secret=config.client_secret,
        scope=(*_SCOPE, "cards") if config.cards else _SCOPE,
        extra={"providers": config.providers},
    )


class Source:
    """TrueLayer's API as one connection sees it."""

    def __init__(self, config: TrueLayerConfig, ctx: Context) -> None:
        self._api = config.api
        self._oauth = application(config)
        self._ctx = ctx

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Sequence[Mapping[str, object]]:
        """Ask for `path`, and return its results.

        AuthError where somebody has to link again; NotOffered, TooFarBack, AccountGone, else RetryLater otherwise.
        """
        answer = self._oauth.get(f"{self._api}{path}", self._ctx, params=params, allow=_REFUSED)
        if answer.status < 400:
            return _results(answer.json(), path)
        raise self._error(answer, path)

    def _error(self, answer: Response, path: str) -> AuthError | RetryLater:
        code = _code(answer)
        why = f"TrueLayer refused {path} (HTTP {answer.status}{f', {code}' if code else ''})"
        if answer.status == 501 or code == "endpoint_not_supported":
            return NotOffered(why)
        if code in ("sca_exceeded", "invalid_date_range"):
            return TooFarBack(why)
        if code == "account_not_found" or answer.status == 404:
            return AccountGone(why)
        if answer.status in (401, 403) or code in ("invalid_grant", "deprecated_provider"):
            return AuthError(f"{why}: run `flowd link {self._ctx.connection}`")
        return RetryLater(why)


def _results(answer: object, where: str) -> Sequence[Mapping[str, object]]:
    """Return the list every answer of TrueLayer carries; RetryLater where there is none."""
    listed = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise RetryLater(f"{where} is not as documented: it has no list 'results' of objects")
    return listed


def _code(answer: Response) -> str:
    """Return the refusal's code only: its prose may repeat what was sent."""
    try:
        data = answer.json()
    except RetryLater:
        return ""
    found = text(data, "error") if isinstance(data, dict) else ""
    return "".join(sign for sign in found if sign.isalnum() or sign in "._-")[:80]
