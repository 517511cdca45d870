"""A Tink on loopback that keeps Tink's rules for users, codes, tokens and pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flowd.api import (
    Transaction,
)
from flowd.testing.harness import REDIRECT, TICK, Harness, MemoryTokens, Ran
from flowd.testing.replay import Asked, Replay, Reply
from flowd_tink import CONNECTOR

SECRET = "s3cret-of-the-app"


def account(name: str, amount: tuple[str, str] = ("10050", "2"), **more: Any) -> dict[str, Any]:
    """An account as Tink writes it."""
    return {
        "id": name,
        "name": f"Konto {name}",
        "type": "CHECKING",
        "balances": {"booked": {"amount": {"currencyCode": "EUR", "value": value(*amount)}}},
        "identifiers": {"iban": {"iban": "SE4550000000058398257466"}},
        **more,
    }


def value(unscaled: str, scale: str) -> dict[str, str]:
    return {"unscaledValue": unscaled, "scale": scale}


def row(number: int, day: date, unscaled: str = "-1250", scale: str = "2", **more: Any) -> dict[str, Any]:
    """A transaction as Tink writes it."""
    return {
        "id": f"tink-{number}",
        "accountId": "a1",
        "amount": {"currencyCode": "EUR", "value": value(unscaled, scale)},
        "dates": {"booked": day.isoformat(), "value": day.isoformat()},
        "descriptions": {"display": f"Shop {number}", "original": f"SHOP {number} 0815"},
        "identifiers": {"providerTransactionId": f"bank-{number}"},
        "status": "BOOKED",
        "types": {"type": "DEFAULT"},
        **more,
    }


class TinkServer:
    """Tink's API and token endpoint on loopback."""

    def __init__(self, *, page: int = 3) -> None:
        self.replay = Replay()
        self.accounts = [account("a1")]
        self.rows: list[dict[str, Any]] = []
        self.consents: list[dict[str, Any]] | None = []
        self.page = page
        self.refreshing = True
        self.users: set[str] = set()
        self.codes: dict[str, str] = {}
        self.refresh: set[str] = set()
        self.access: set[str] = set()
        self.given = 0
        self.sent: list[str] = []
        for method, path, answer in (
            ("POST", "/api/v1/oauth/token", self._token),
            ("POST", "/api/v1/user/create", self._user),
            ("POST", "/api/v1/oauth/authorization-grant", self._grant),
            ("POST", "/api/v1/oauth/authorization-grant/delegate", self._grant),
            ("GET", "/data/v2/accounts", self._accounts),
            ("GET", "/data/v2/transactions", self._transactions),
            ("GET", "/api/v1/provider-consents", self._consents),
        ):
            self.replay.on(method, path, answer)

    # --- What a person does on Tink's page ----------------------------------------------------------------------------

    def visit(self, url: str) -> Mapping[str, str]:
        """Log in at the bank on the page at `url`, and come back with what it sends."""
        query = dict(parse_qsl(urlsplit(url).query))
        assert query["redirect_uri"] == REDIRECT
        if "authorization_code" not in query:
            return {"code": self._code("once"), "state": query["state"]}
        self.codes.pop(query["authorization_code"])
        return {"credentialsId": "login-1", "state": query["state"]}

    def expire(self) -> None:
        """Let every access token end."""
        self.access.clear()

    # --- The endpoints ------------------------------------------------------------------------------------------------

    def _new(self, kind: str) -> str:
        self.given += 1
        made = f"{kind}-{self.given}-do-not-show"
        self.sent.append(made)
        return made

    def _code(self, user: str) -> str:
        code = self._new("code")
        self.codes[code] = user
        return code

    def _token(self, asked: Asked) -> Reply:
        form = asked.form
        if form.get("client_id") != "app" or form.get("client_secret") != SECRET:
            return refusal(401, "oauth.client_invalid")
        grant = form["grant_type"]
        if grant == "client_credentials":
            token = self._new("client")
            self.access.add(token)
            return Reply(
                body={"access_token": token, "expires_in": 1800, "scope": form["scope"], "token_type": "bearer"}
            )
        if grant == "authorization_code" and self.codes.pop(form["code"], None) is None:
            return refusal(400, "oauth.code_expired")
        if grant == "refresh_token":
            if form["refresh_token"] not in self.refresh:
                return refusal(400, "invalid_grant")
            self.refresh.remove(form["refresh_token"])
        body: dict[str, Any] = {"access_token": self._new("access"), "expires_in": 7200, "token_type": "bearer"}
        self.access.add(body["access_token"])
        if self.refreshing:
            body["refresh_token"] = self._new("refresh")
            self.refresh.add(body["refresh_token"])
        return Reply(body=body)

    def _user(self, asked: Asked) -> Reply:
        if not self._knows(asked):
            return refusal(401, "auth.unauthorized")
        user = asked.json()["external_user_id"]
        if user in self.users:
            return refusal(409, "user.already_exists")
        self.users.add(user)
        return Reply(body={"external_user_id": user, "user_id": "u1"})

    def _grant(self, asked: Asked) -> Reply:
        if not self._knows(asked):
            return refusal(401, "auth.unauthorized")
        user = asked.form["external_user_id"]
        if user not in self.users:
            return refusal(404, "user.not_found")
        return Reply(body={"code": self._code(user)})

    def _accounts(self, asked: Asked) -> Reply:
        if not self._knows(asked):
            return refusal(401, "auth.unauthorized")
        return Reply(body={"accounts": self.accounts, "nextPageToken": ""})

    def _consents(self, asked: Asked) -> Reply:
        if not self._knows(asked):
            return refusal(401, "auth.unauthorized")
        return (
            refusal(403, "scope.missing") if self.consents is None else Reply(body={"providerConsents": self.consents})
        )

    def _transactions(self, asked: Asked) -> Reply:
        if not self._knows(asked):
            return refusal(401, "auth.unauthorized")
        since = date.fromisoformat(asked.query["bookedDateGte"])
        rows = [one for one in self.rows if date.fromisoformat(one["dates"]["booked"]) >= since]
        rows.sort(key=lambda one: (one["dates"]["booked"], one["id"]), reverse=True)
        first = int(asked.query.get("pageToken", "p0")[1:])
        following = f"p{first + self.page}" if first + self.page < len(rows) else ""
        return Reply(body={"transactions": rows[first : first + self.page], "nextPageToken": following})

    def _knows(self, asked: Asked) -> bool:
        return asked.headers.get("authorization", "").removeprefix("Bearer ") in self.access

    def days(self, count: int, last: date) -> None:
        """Book one transaction on each of the `count` days that end with `last`."""
        self.rows = [row(number, last - timedelta(days=number)) for number in range(count)]


def refusal(status: int, code: str) -> Reply:
    return Reply(status=status, body={"errorMessage": "no, and you sent access-1-do-not-show", "errorCode": code})


TODAY = TICK.date()


def serving() -> Iterator[TinkServer]:
    server = TinkServer()
    server.users.add("flowd-test")
    with server.replay:
        yield server


def settings(tink: TinkServer, **more: object) -> dict[str, object]:
    return {
        "client_id": "app",
        "client_secret": SECRET,
        "market": "SE",
        "url": tink.replay.url,
        "since": "2026-01-01",
        **more,
    }


def linked(tink: TinkServer, **more: object) -> Harness:
    """A connection that was linked."""
    tokens = MemoryTokens()
    harness = Harness(CONNECTOR, settings(tink, **more), tokens=tokens)
    harness.link(tink.visit)
    return harness


def history(harness: Harness) -> list[Mapping[str, Any]]:
    assert isinstance(harness.tokens, MemoryTokens)
    return harness.tokens.history


def keys(ran: Ran) -> set[tuple[str, str | None]]:
    return {(one.account, one.external_id) for one in ran.of(Transaction)}
