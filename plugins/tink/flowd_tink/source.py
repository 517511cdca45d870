"""Asks Tink as the linked person or as the application, and turns every refusal into what flowd does next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from flowd.api import AuthError, Context, Json, Response, RetryLater
from flowd.oauth import OAuth
from flowd.reading import mapping, needed, text
from flowd_tink.settings import TinkConfig

#: What is read: nothing can be moved with it.
SCOPE: Final = "accounts:read,balances:read,transactions:read,provider-consents:read"
#: What Tink's own pages need to let somebody log in at a bank.
_PAGE_SCOPE: Final = (
    "authorization:read,authorization:grant,credentials:refresh,credentials:read,credentials:write,"
    "providers:read,user:read"
)
#: The client id of Tink's own pages, the same for everybody.
_TINK_LINK: Final = "df05e4b379934cd09963197cc855bfe9"
_REFUSED: Final = (400, 401, 403, 404, 409)
#: Codes may be tokens of that length.
_LONGEST: Final = 8_000


class Source:
    """Tink's API as one connection sees it."""

    def __init__(self, config: TinkConfig, ctx: Context) -> None:
        self._config = config
        self._ctx = ctx
        self._url = config.url.rstrip("/")
        self._oauth = OAuth(
            # Tink's page is no plain one: the connector writes its address.
            authorize=config.link_url,
            token=f"{self._url}/api/v1/oauth/token",
            client_id=config.client_id,
            client_secret=config.client_secret,
        )

    def get(self, path: str, params: Mapping[str, str] | None = None, *, allow: Iterable[int] = ()) -> Response:
        """Ask for `path` as the linked person; AuthError where somebody has to link again, RetryLater otherwise."""
        url = f"{self._url}{path}"
        answer = self._oauth.get(url, self._ctx, params=params, allow=_REFUSED, renewal=self._renewed)
        if answer.status < 400 or answer.status in tuple(allow):
            return answer
        why = self._why(answer, path)
        if answer.status in (401, 403):
            raise AuthError(f"{why}: run `flowd link {self._ctx.connection}`")
        raise RetryLater(why)

    # --- Tokens ------------------------------------------------------------------------------------------------------

    def exchange(self, code: str) -> dict[str, Json]:
        """Turn a code, which is good once, into tokens."""
        return self._oauth.tokens({"grant_type": "authorization_code", "code": code}, self._ctx)

    def mint(self, user: str) -> dict[str, Json]:
        """Return fresh tokens for a user that Tink keeps."""
        client = self._client("authorization:grant")
        form = {"external_user_id": user, "scope": SCOPE}
        path = "/api/v1/oauth/authorization-grant"
        granted = self._post(path, form, client)
        return {**self.exchange(needed(granted, "code", path, _LONGEST)), "user": user}

    def page_code(self, user: str) -> str:
        """Make sure that Tink keeps `user`, and return a code that lets Tink's pages act for them."""
        client = self._client("user:create,authorization:grant")
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
        return needed(self._post(path, form, client), "code", path, _LONGEST)

    def _renewed(self, stored: Mapping[str, Json]) -> Mapping[str, Json]:
        """Exchange `stored` for new tokens: by the refresh token, which is good once, or as the user Tink keeps."""
        user = stored.get("user")
        try:
            return self._oauth.renewed(stored, self._ctx)
        except AuthError:
            if not isinstance(user, str) or not user:
                raise
        kept = {name: value for name, value in stored.items() if name == "credentials_id"}
        return {**kept, **self.mint(user)}

    def _client(self, scope: str) -> str:
        """Return a token with which the application itself may do what `scope` says."""
        tokens = self._oauth.tokens({"grant_type": "client_credentials", "scope": scope}, self._ctx)
        return str(tokens["access_token"])

    # --- Requests ----------------------------------------------------------------------------------------------------

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
