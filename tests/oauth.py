"""A source with OAuth for tests: codes and refresh tokens are good once, and a used one is a theft that ends it all."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from urllib.parse import urlencode

from flowd.api import Json
from flowd.testing.replay import Asked, Replay, Reply


@dataclass
class OAuth:
    """The source behind a Replay; `grants` counts exchanges, `stolen` says that a used refresh token came again."""

    replay: Replay
    secret: str = ""
    balance: str = "1234.56"
    codes: dict[str, str] = field(default_factory=dict)
    access: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    given: list[str] = field(default_factory=list)
    grants: list[str] = field(default_factory=list)
    stolen: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.replay.on("GET", "/authorize", self._authorize)
        self.replay.on("POST", "/token", self._token)
        self.replay.on("GET", "/balance", self._balance)

    @property
    def url(self) -> str:
        return self.replay.url

    def code(self, redirect: str) -> str:
        """Return a fresh code, as after somebody agreed."""
        code = f"code-{secrets.token_urlsafe(12)}"
        self.codes[code] = redirect
        return code

    def tokens(self) -> dict[str, Json]:
        """Give out fresh tokens."""
        access, refresh = f"access-{secrets.token_urlsafe(16)}", f"refresh-{secrets.token_urlsafe(16)}"
        self.access.add(access)
        self.refresh.add(refresh)
        self.given += [access, refresh]
        return {"access_token": access, "refresh_token": refresh, "expires_in": 3600, "scope": "read accounts"}

    def _authorize(self, asked: Asked) -> Reply:
        redirect = asked.query["redirect_uri"]
        query = urlencode({"code": self.code(redirect), "state": asked.query["state"]})
        return Reply(status=302, headers={"location": f"{redirect}?{query}"})

    def _token(self, asked: Asked) -> Reply:
        form = asked.form
        with self.lock:
            self.grants.append(form["grant_type"])
            if form["grant_type"] == "authorization_code":
                redirect = self.codes.pop(form["code"], None)
                if redirect != form["redirect_uri"] or form["client_secret"] != self.secret:
                    return Reply(status=400, body={"error": "invalid_grant"})
                return Reply(body=self.tokens())
            token = form["refresh_token"]
            if token not in self.refresh:
                self.stolen = self.stolen or token in self.used
                return Reply(status=400, body={"error": "invalid_grant"})
            self.refresh.discard(token)
            self.used.add(token)
            self.access.clear()
            return Reply(body=self.tokens())

    def _balance(self, asked: Asked) -> Reply:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.access:
            return Reply(status=401, body={"error": "invalid_token"})
        return Reply(body={"balance": self.balance})
