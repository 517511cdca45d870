"""Asks TrueLayer: with an access token that is renewed in time, and every refusal named for what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from flowd.api import AuthError, Context, Json, Response, RetryLater
from flowd_truelayer.settings import TrueLayerConfig
from flowd_truelayer.shape import needed, results, text

#: A token that is good for less is renewed first.
_SOON: Final = timedelta(minutes=1)
#: What the bank's own customer has to be there for, or what a bank does not offer: both are told by their code.
_REFUSED: Final = (400, 401, 403, 404, 501)


class NotOffered(RetryLater):
    """The bank does not offer this at all: no card, no such balance."""


class TooFarBack(RetryLater):
    """The bank does not tell what is so long ago, or only while its customer is there."""


class AccountGone(RetryLater):
    """The bank knows this account no more."""


class Source:
    """TrueLayer's API as one connection sees it."""

    def __init__(self, config: TrueLayerConfig, ctx: Context) -> None:
        self._config = config
        self._ctx = ctx

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Sequence[Mapping[str, object]]:
        """Ask for `path`, and return its results.

        AuthError where somebody has to link again; NotOffered, TooFarBack, AccountGone, else RetryLater otherwise.
        """
        tokens = self._ctx.tokens.read()
        expires = _moment(tokens.get("expires_at"))
        if expires is not None and expires - self._ctx.tick < _SOON:
            tokens = self._ctx.tokens.renew(self._renewed)
        answer = self._ask(path, params, tokens)
        if answer.status == 401:
            answer = self._ask(path, params, self._ctx.tokens.renew(self._renewed))
        if answer.status < 400:
            return results(answer.json(), path)
        raise self._error(answer, path)

    def exchange(self, code: str, redirect: str, verifier: str) -> Mapping[str, Json]:
        """Turn a code, which is good once and for five minutes, into tokens."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
        return {**self._tokens(form, None), "linked_at": self._ctx.tick.isoformat()}

    # --- Tokens ------------------------------------------------------------------------------------------------------

    def _renewed(self, stored: Mapping[str, Json]) -> Mapping[str, Json]:
        refresh = stored.get("refresh_token")
        if not isinstance(refresh, str) or not refresh:
            raise AuthError(f"access to TrueLayer has ended: run `flowd link {self._ctx.connection}`")
        kept = {name: value for name, value in stored.items() if name == "linked_at"}
        return {**kept, **self._tokens({"grant_type": "refresh_token", "refresh_token": refresh}, refresh)}

    def _tokens(self, form: Mapping[str, str], before: str | None) -> Mapping[str, Json]:
        who = {
            "client_id": self._config.client_id,
            "client_secret": self._config.client_secret.get_secret_value(),
        }
        where = "/connect/token"
        answer = self._ctx.http.post(f"{self._config.auth}{where}", data={**who, **form}, allow=_REFUSED)
        if answer.status >= 400:
            why = self._why(answer, where)
            if "client" in _code(answer):
                raise AuthError(f"{why}: check client_id and client_secret of {self._ctx.connection} in flowd.yaml")
            raise AuthError(f"{why}: run `flowd link {self._ctx.connection}`")
        data = answer.json()
        if not isinstance(data, dict):
            raise RetryLater(f"{where} is not as documented: an object was expected")
        tokens: dict[str, Json] = {"access_token": needed(data, "access_token", where)}
        seconds = data.get("expires_in")
        if isinstance(seconds, int) and 0 < seconds < 10**9:
            # Counted from the run's tick, which is never later than now: renewed too early rather than too late.
            tokens["expires_at"] = (self._ctx.tick + timedelta(seconds=seconds)).isoformat()
        # Where no new refresh token comes, the old one stays good.
        if refresh := text(data, "refresh_token") or before:
            tokens["refresh_token"] = refresh
        return tokens

    # --- Requests ----------------------------------------------------------------------------------------------------

    def _ask(self, path: str, params: Mapping[str, str] | None, tokens: Mapping[str, Json]) -> Response:
        access = tokens.get("access_token")
        if not isinstance(access, str) or not access:
            raise AuthError(f"no access token is stored: run `flowd link {self._ctx.connection}`")
        headers = {"authorization": f"Bearer {access}"}
        return self._ctx.http.get(f"{self._config.api}{path}", params=params, headers=headers, allow=_REFUSED)

    def _error(self, answer: Response, path: str) -> AuthError | RetryLater:
        why, code = self._why(answer, path), _code(answer)
        if answer.status == 501 or code == "endpoint_not_supported":
            return NotOffered(why)
        if code in ("sca_exceeded", "invalid_date_range"):
            return TooFarBack(why)
        if code == "account_not_found" or answer.status == 404:
            return AccountGone(why)
        if answer.status in (401, 403) or code in ("invalid_grant", "deprecated_provider"):
            return AuthError(f"{why}: run `flowd link {self._ctx.connection}`")
        return RetryLater(why)

    @staticmethod
    def _why(answer: Response, path: str) -> str:
        code = _code(answer)
        return f"TrueLayer refused {path} (HTTP {answer.status}{f', {code}' if code else ''})"


def _code(answer: Response) -> str:
    """Return the refusal's code only: its prose may repeat what was sent."""
    try:
        data = answer.json()
    except RetryLater:
        return ""
    found = text(data, "error") if isinstance(data, dict) else ""
    return "".join(sign for sign in found if sign.isalnum() or sign in "._-")[:80]


def _moment(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)
