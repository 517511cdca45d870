"""Asks Tink: with an access token that is renewed in time, and with every refusal turned into what flowd does next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from flowd.api import AuthError, Context, Json, Response, RetryLater
from flowd_tink.settings import TinkConfig
from flowd_tink.shape import mapping, needed, text

#: What is read: nothing can be moved with it.
SCOPE: Final = "accounts:read,balances:read,transactions:read,provider-consents:read"
#: What Tink's own pages need to let somebody log in at a bank.
_PAGE_SCOPE: Final = (
    "authorization:read,authorization:grant,credentials:refresh,credentials:read,credentials:write,"
    "providers:read,user:read"
)
#: The client id of Tink's own pages, the same for everybody.
_TINK_LINK: Final = "df05e4b379934cd09963197cc855bfe9"
#: A token that is good for less is renewed first.
_SOON: Final = timedelta(minutes=1)
_REFUSED: Final = (400, 401, 403, 404, 409)
#: Words in a refusal of the token endpoint that blame the application, not the person's consent.
_APPLICATION: Final = ("client",)


class Source:
    """Tink's API as one connection sees it."""

    def __init__(self, config: TinkConfig, ctx: Context) -> None:
        self._config = config
        self._ctx = ctx
        self._url = config.url.rstrip("/")

    def get(self, path: str, params: Mapping[str, str] | None = None, *, allow: Iterable[int] = ()) -> Response:
        """Ask for `path` as the linked person; AuthError where somebody has to link again, RetryLater otherwise."""
        tokens = self._ctx.tokens.read()
        expires = _moment(tokens.get("expires_at"))
        if expires is not None and expires - self._ctx.tick < _SOON:
            tokens = self._ctx.tokens.renew(self._renewed)
        answer = self._ask(path, params, tokens)
        if answer.status == 401:
            answer = self._ask(path, params, self._ctx.tokens.renew(self._renewed))
        if answer.status < 400 or answer.status in tuple(allow):
            return answer
        why = self._why(answer, path)
        if answer.status in (401, 403):
            raise AuthError(f"{why}: run `flowd link {self._ctx.connection}`")
        raise RetryLater(why)

    # --- Tokens ------------------------------------------------------------------------------------------------------

    def exchange(self, code: str) -> dict[str, Json]:
        """Turn a code, which is good once, into tokens."""
        return self._tokens(self._token(grant_type="authorization_code", code=code), {})

    def mint(self, user: str) -> dict[str, Json]:
        """Return fresh tokens for a user that Tink keeps."""
        client = needed(
            self._token(grant_type="client_credentials", scope="authorization:grant"), "access_token", "token"
        )
        form = {"external_user_id": user, "scope": SCOPE}
        granted = self._post("/api/v1/oauth/authorization-grant", form, client)
        return {**self.exchange(needed(granted, "code", "/api/v1/oauth/authorization-grant")), "user": user}

    def page_code(self, user: str) -> str:
        """Make sure that Tink keeps `user`, and return a code that lets Tink's pages act for them."""
        scope = "user:create,authorization:grant"
        client = needed(self._token(grant_type="client_credentials", scope=scope), "access_token", "token")
        path = "/api/v1/user/create"
        made = self._ctx.http.post(
            f"{self._url}{path}",
            json={"external_user_id": user, "market": self._config.market, "locale": self._config.locale},
            headers={"authorization": f"Bearer {client}"},
            allow=_REFUSED,
        )
        # A user that is there already is what linking again finds.
        if made.status >= 400 and made.status != 409 and "exist" not in self._code(made).lower():
            raise AuthError(self._why(made, path))
        form = {"external_user_id": user, "id_hint": user, "actor_client_id": _TINK_LINK, "scope": _PAGE_SCOPE}
        path = "/api/v1/oauth/authorization-grant/delegate"
        return needed(self._post(path, form, client), "code", path)

    def _renewed(self, stored: Mapping[str, Json]) -> Mapping[str, Json]:
        """Exchange `stored` for new tokens: by the refresh token, which is good once, or as the user Tink keeps."""
        refresh, user = stored.get("refresh_token"), stored.get("user")
        kept = {name: value for name, value in stored.items() if name in ("user", "credentials_id")}
        if isinstance(refresh, str) and refresh:
            answer = self._token_answer({"grant_type": "refresh_token", "refresh_token": refresh})
            if answer.status < 400:
                return self._tokens(mapping(answer.json(), "/api/v1/oauth/token"), kept)
            if not isinstance(user, str) or self._blames_application(answer):
                raise self._token_error(answer)
        if isinstance(user, str) and user:
            return {**kept, **self.mint(user)}
        raise AuthError(f"access to Tink has ended: run `flowd link {self._ctx.connection}`")

    def _tokens(self, data: Mapping[str, object], kept: Mapping[str, Json]) -> dict[str, Json]:
        where = "/api/v1/oauth/token"
        tokens: dict[str, Json] = {**kept, "access_token": needed(data, "access_token", where)}
        seconds = data.get("expires_in")
        if isinstance(seconds, int) and 0 < seconds < 10**9:
            # Counted from the run's tick, which is never later than now: renewed too early rather than too late.
            tokens["expires_at"] = (self._ctx.tick + timedelta(seconds=seconds)).isoformat()
        if refresh := text(data, "refresh_token"):
            tokens["refresh_token"] = refresh
        return tokens

    def _token(self, **form: str) -> Mapping[str, object]:
        answer = self._token_answer(form)
        if answer.status >= 400:
            raise self._token_error(answer)
        return mapping(answer.json(), "/api/v1/oauth/token")

    def _token_answer(self, form: Mapping[str, str]) -> Response:
        who = {
            "client_id": self._config.client_id,
            "client_secret": self._config.client_secret.get_secret_value(),
        }
        return self._ctx.http.post(f"{self._url}/api/v1/oauth/token", data={**who, **form}, allow=_REFUSED)

    def _token_error(self, answer: Response) -> AuthError:
        why = self._why(answer, "/api/v1/oauth/token")
        if self._blames_application(answer):
            return AuthError(f"{why}: check client_id and client_secret of {self._ctx.connection} in flowd.yaml")
        return AuthError(f"{why}: run `flowd link {self._ctx.connection}`")

    def _blames_application(self, answer: Response) -> bool:
        return any(word in self._code(answer).lower() for word in _APPLICATION)

    # --- Requests ----------------------------------------------------------------------------------------------------

    def _ask(self, path: str, params: Mapping[str, str] | None, tokens: Mapping[str, Json]) -> Response:
        access = tokens.get("access_token")
        if not isinstance(access, str) or not access:
            raise AuthError(f"no access token is stored: run `flowd link {self._ctx.connection}`")
        headers = {"authorization": f"Bearer {access}"}
        return self._ctx.http.get(f"{self._url}{path}", params=params, headers=headers, allow=_REFUSED)

    def _post(self, path: str, form: Mapping[str, str], bearer: str) -> Mapping[str, object]:
        headers = {"authorization": f"Bearer {bearer}"}
        answer = self._ctx.http.post(f"{self._url}{path}", data=form, headers=headers, allow=_REFUSED)
        if answer.status >= 400:
            raise AuthError(f"{self._why(answer, path)}: run `flowd link {self._ctx.connection}`")
        return mapping(answer.json(), path)

    def _why(self, answer: Response, path: str) -> str:
        code = self._code(answer)
        return f"Tink refused {path} (HTTP {answer.status}{f', {code}' if code else ''})"

    @staticmethod
    def _code(answer: Response) -> str:
        """Return the refusal's code only: its prose may repeat what was sent."""
        try:
            data = answer.json()
        except RetryLater:
            return ""
        if not isinstance(data, dict):
            return ""
        found = text(data, "errorCode") or text(data, "error") or text(data, "code")
        return "".join(sign for sign in found if sign.isalnum() or sign in "._- ")[:80]


def _moment(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)
