"""A TrueLayer on loopback that keeps TrueLayer's rules for codes, tokens and spans."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flowd.api import (
    Transaction,
)
from flowd.testing.harness import TICK, Harness, MemoryTokens, Ran
from flowd.testing.replay import Asked, Replay, Reply
from flowd_truelayer import CONNECTOR

SECRET = "s3cret-of-the-app"
TODAY = TICK.date()


def account(name: str, **more: Any) -> dict[str, Any]:
    number = {"iban": "GB35LOYD12345678901234"}
    return {
        "account_id": name,
        "display_name": f"Club {name}",
        "currency": "GBP",
        "account_number": number,
        "provider": {"provider_id": "lloyds"},
        **more,
    }


def row(number: int, day: date, amount: float = -12.5, **more: Any) -> dict[str, Any]:
    return {
        "timestamp": f"{day}T00:00:00Z",
        "description": f"SHOP {number}",
        "transaction_type": "DEBIT",
        "transaction_category": "PURCHASE",
        "amount": amount,
        "currency": "GBP",
        "transaction_id": f"volatile-{number}",
        "normalised_provider_transaction_id": f"txn-{number}",
        **more,
    }


class TrueLayerServer:
    """TrueLayer's login and API on loopback; what is set in `faults` answers instead."""

    def __init__(self) -> None:
        self.replay = Replay()
        self.replay.otherwise(self._answer)
        self.accounts: list[dict[str, Any]] | None = [account("a1")]
        self.cards: list[dict[str, Any]] | None = []
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.consent: dict[str, Any] = {"consent_expires_at": "2026-05-20T10:00:00Z"}
        self.reach = timedelta(days=10_000)
        self.faults: dict[str, Reply] = {}
        self.codes: dict[str, tuple[str, str]] = {}
        self.refresh: set[str] = set()
        self.access: set[str] = set()
        self.sent: list[str] = []

    def visit(self, url: str) -> Mapping[str, str]:
        """Log in at the bank on the page at `url`, and come back with what it sends."""
        query = dict(parse_qsl(urlsplit(url).query))
        assert query["code_challenge_method"] == "S256"
        code = self._new("code")
        self.codes[code] = (query["redirect_uri"], query["code_challenge"])
        return {"code": code, "state": query["state"], "scope": query["scope"]}

    def _new(self, kind: str) -> str:
        self.sent.append(f"{kind}-{len(self.sent)}-do-not-show" + "x" * 900)
        return self.sent[-1]

    def _token(self, asked: Asked) -> Reply:
        form = asked.form
        if (form.get("client_id"), form.get("client_secret")) != ("app", SECRET):
            return refusal(400, "invalid_client")
        if form["grant_type"] == "authorization_code":
            redirect, challenge = self.codes.pop(form["code"], ("", ""))
            verified = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
            if form["redirect_uri"] != redirect or verified.rstrip(b"=").decode() != challenge:
                return refusal(400, "invalid_grant")
        elif form["refresh_token"] not in self.refresh:
            return refusal(400, "invalid_grant")
        else:
            self.refresh.remove(form["refresh_token"])
        access, refresh = self._new("access"), self._new("refresh")
        self.access.add(access)
        self.refresh.add(refresh)
        body = {"access_token": access, "refresh_token": refresh, "expires_in": 3600, "token_type": "Bearer"}
        return Reply(body=body)

    def _answer(self, asked: Asked) -> Reply:
        if asked.path in self.faults:
            return self.faults[asked.path]
        if asked.path == "/connect/token":
            return self._token(asked)
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.access:
            return refusal(401, "invalid_token")
        if asked.path == "/data/v1/me":
            provider = {"display_name": "Lloyds", "provider_id": "lloyds"}
            return listing(
                [{"provider": provider, "scopes": ["accounts", "balance", "offline_access"], **self.consent}]
            )
        if asked.path in ("/data/v1/accounts", "/data/v1/cards"):
            listed = self.accounts if asked.path.endswith("accounts") else self.cards
            return refusal(501, "endpoint_not_supported") if listed is None else listing(listed)
        _, _, _, _, name, what = asked.path.split("/")
        if what == "balance":
            return listing([{"currency": "GBP", "available": 1100.0, "current": 100.25, "overdraft": 1000.0}])
        since, until = (datetime.fromisoformat(asked.query[key]) for key in ("from", "to"))
        if until > TICK + timedelta(days=3) or TICK - since > self.reach:
            return refusal(403 if self.reach < timedelta(days=100) else 400, "sca_exceeded")
        return listing(
            [
                {**one, "transaction_id": f"{one['transaction_id']}-{len(self.replay.asked)}"}
                for one in self.rows.get(name, [])
                if since <= datetime.fromisoformat(one["timestamp"]) <= until
            ]
        )


def listing(listed: list[dict[str, Any]]) -> Reply:
    return Reply(body={"results": listed, "status": "Succeeded"})


def refusal(status: int, code: str) -> Reply:
    return Reply(status=status, body={"error": code, "error_description": "you sent access-1-do-not-show"})


def serving() -> Iterator[TrueLayerServer]:
    server = TrueLayerServer()
    with server.replay:
        yield server


def settings(bank: TrueLayerServer, **more: object) -> dict[str, object]:
    return {
        "client_id": "app",
        "client_secret": SECRET,
        "login_url": bank.replay.url,
        "api_url": bank.replay.url,
        "since": "2026-01-01",
        **more,
    }


def connected(bank: TrueLayerServer, **more: object) -> Harness:
    """A connection that was linked."""
    tokens = MemoryTokens()
    harness = Harness(CONNECTOR, settings(bank, **more), tokens=tokens)
    harness.link(bank.visit)
    return harness


def history(harness: Harness) -> list[Mapping[str, Any]]:
    assert isinstance(harness.tokens, MemoryTokens)
    return harness.tokens.history


def keys(ran: Ran) -> set[tuple[str, str | None]]:
    return {(one.account, one.external_id) for one in ran.of(Transaction)}
