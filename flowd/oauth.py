"""OAuth 2 for connectors: the page somebody logs in on, the code turned into tokens, and tokens renewed in time.

Source: RFC 6749 (authorisation code, refresh) and RFC 7636 (PKCE, S256).
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, auto
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

from flowd.api import AuthError, Context, Json, Linked, LinkStep, Response, RetryLater, Secret
from flowd.reading import moment

#: A token that is good for less is renewed before it is used, where the provider needs no more.
SOON: Final = timedelta(minutes=1)
#: The token endpoint's refusals come with a code in their body (RFC 6749, 5.2).
_REFUSED: Final = (400, 401, 403)
#: What is in the codes that blame the application's registration, not the person's consent: invalid_client and others.
_APPLICATION: Final = "client"


class Proof(Enum):
    """How whoever began proves to be the one who ends: by a verifier of which the page got the digest, or not."""

    S256 = auto()
    #: For providers that do not know PKCE.
    NONE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth:
    """One application at one provider; `authorize` is the page people log in on, `token` the endpoint for tokens."""

    authorize: str
    token: str
    client_id: str
    client_secret: Secret | None = None
    scope: Sequence[str] = ()
    #: What the provider wants on its page beside the standard's own.
    extra: Mapping[str, str] = field(default_factory=dict)
    #: Whether a refusal of the token is told by HTTP 401 only.
    refused: Container[int] = (401,)
    #: A token that is good for less is renewed before it is used.
    soon: timedelta = SOON
    proof: Proof = Proof.S256

    # --- Linking -----------------------------------------------------------------------------------------------------

    def begin(self, redirect: str, state: str) -> LinkStep:
        """Return the page to open; the verifier that proves who asked is kept in the step's memory."""
        query = {"response_type": "code", "client_id": self.client_id, "redirect_uri": redirect, "state": state}
        memory: dict[str, Json] = {"redirect": redirect}
        if self.proof is Proof.S256:
            memory["verifier"] = verifier = secrets.token_urlsafe(48)
            challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
            query |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        if self.scope:
            query["scope"] = " ".join(self.scope)
        return LinkStep(url=f"{self.authorize}?{urlencode({**query, **self.extra})}", memory=memory)

    def finish(self, answer: Mapping[str, str], step: LinkStep, ctx: Context, *, summary: str = "") -> Linked:
        """Turn what the redirect brought (or what was typed in) into tokens; AuthError where access was denied.

        Where no refresh token came, access ends with the token, and `expires_at` says when.
        """
        if "error" in answer:
            raise AuthError(f"access was not granted ({_sign(answer['error'])}): run `flowd link {ctx.connection}`")
        code = answer.get("code") or answer.get("typed") or ""
        if not code:
            raise AuthError(f"no code came back: run `flowd link {ctx.connection}` again")
        form = {"grant_type": "authorization_code", "code": code}
        for name, known in (("redirect_uri", "redirect"), ("code_verifier", "verifier")):
            if known in step.memory:
                form[name] = str(step.memory[known])
        tokens = self.tokens(form, ctx)
        ends = None if "refresh_token" in tokens else moment(tokens.get("expires_at"))
        return Linked(tokens=tokens, expires_at=ends, summary=summary)

    # --- Using -------------------------------------------------------------------------------------------------------

    def get(
        self,
        url: str,
        ctx: Context,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        allow: Container[int] = (),
        weight: float = 1,
        renewal: Callable[[Mapping[str, Json]], Mapping[str, Json]] | None = None,
    ) -> Response:
        """Ask `url` as the linked person, renewing the token where it is over or refused; faults as Http.get's.

        `renewal` makes new tokens of the stored ones where that takes more than `renewed` does.
        """
        made = renewal or (lambda stored: self.renewed(stored, ctx))
        tokens = ctx.tokens.read()
        expires = moment(tokens.get("expires_at"))
        fresh = expires is not None and expires - ctx.tick < self.soon
        if fresh:
            tokens = ctx.tokens.renew(made)
        answer = self._ask(url, ctx, tokens, params, headers, allow, weight)
        if answer.status in self.refused and not fresh:
            tokens = ctx.tokens.renew(made)
            answer = self._ask(url, ctx, tokens, params, headers, allow, weight)
        if answer.status in self.refused and answer.status not in allow:
            raise AuthError(f"the token was refused (HTTP {answer.status}): run `flowd link {ctx.connection}`")
        return answer

    def renewed(self, stored: Mapping[str, Json], ctx: Context) -> Mapping[str, Json]:
        """Exchange a refresh token for new tokens: what `ctx.tokens.renew` calls."""
        refresh = stored.get("refresh_token")
        if not isinstance(refresh, str) or not refresh:
            raise AuthError(f"access has ended and cannot be renewed: run `flowd link {ctx.connection}`")
        return self.tokens({"grant_type": "refresh_token", "refresh_token": refresh}, ctx, stored)

    def tokens(
        self, form: Mapping[str, str], ctx: Context, stored: Mapping[str, Json] | None = None
    ) -> dict[str, Json]:
        """Send `form` to the token endpoint and return `stored` with what was given; AuthError where nothing was.

        `expires_at` among them is ISO 8601.
        """
        secret = {} if self.client_secret is None else {"client_secret": self.client_secret.get_secret_value()}
        data = {"client_id": self.client_id, **secret, **form}
        answer = ctx.http.post(self.token, data=data, headers={"accept": "application/json"}, allow=_REFUSED)
        if answer.status in _REFUSED:
            raise self._refusal(answer, ctx)
        told = answer.json()
        access = told.get("access_token") if isinstance(told, dict) else None
        if not isinstance(told, dict) or not isinstance(access, str) or not access:
            raise RetryLater("the token endpoint answered without an access_token")
        tokens: dict[str, Json] = {**(stored or {}), "access_token": access}
        tokens.pop("expires_at", None)
        seconds = told.get("expires_in")
        if isinstance(seconds, int) and 0 < seconds < 10**9:
            # Counted from the run's tick, which is never later than now: renewed too early rather than too late.
            tokens["expires_at"] = (ctx.tick + timedelta(seconds=seconds)).isoformat()
        # Where no new refresh token comes, the old one stays good (RFC 6749, 6).
        if isinstance(refresh := told.get("refresh_token"), str) and refresh:
            tokens["refresh_token"] = refresh
        return tokens

    def _ask(
        self,
        url: str,
        ctx: Context,
        tokens: Mapping[str, Json],
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        allow: Container[int],
        weight: float,
    ) -> Response:
        access = tokens.get("access_token")
        if not isinstance(access, str) or not access:
            raise AuthError(f"no access token is stored: run `flowd link {ctx.connection}`")
        sent = {**(headers or {}), "authorization": f"Bearer {access}"}
        return ctx.http.get(url, params=params, headers=sent, allow=_Either(self.refused, allow), weight=weight)

    def _refusal(self, answer: Response, ctx: Context) -> AuthError:
        try:
            told = answer.json()
        except RetryLater:
            told = None
        # The code only: the prose beside it may repeat what was sent.
        code = _sign(str(told.get("error") or told.get("errorCode") or "")) if isinstance(told, dict) else ""
        why = f"no token was given (HTTP {answer.status}{f', {code}' if code else ''})"
        if _APPLICATION in code:
            return AuthError(f"{why}: check client_id and client_secret of {ctx.connection} in flowd.yaml")
        return AuthError(f"{why}: run `flowd link {ctx.connection}`")


class _Either:
    """What is in the one or the other."""

    def __init__(self, one: Container[int], other: Container[int]) -> None:
        self._both = (one, other)

    def __contains__(self, status: object) -> bool:
        return any(status in one for one in self._both)


def _sign(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and (sign.isalnum() or sign in "._-"))[:80]
