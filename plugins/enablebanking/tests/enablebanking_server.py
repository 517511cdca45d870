"""An Enable Banking on loopback that keeps its rules for signatures, sessions and pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from flowd.api import (
    Transaction,
)
from flowd.testing.harness import REDIRECT, TICK, Harness, MemoryTokens, Ran
from flowd.testing.replay import Asked, Replay, Reply
from flowd_enablebanking import CONNECTOR

APP = "cf589be3-0000-4000-8000-a90a16a31403"
TODAY = TICK.date()


@cache
def pem() -> tuple[str, str]:
    """A private and a public key, made for these tests."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def row(number: int, day: date, amount: str = "12.50", way: str = "DBIT", **more: Any) -> dict[str, Any]:
    return {
        "entry_reference": f"ref-{number}",
        "transaction_amount": {"currency": "EUR", "amount": amount},
        "credit_debit_indicator": way,
        "status": "BOOK",
        "booking_date": day.isoformat(),
        "creditor": {"name": f"Shop {number}"},
        "debtor": {"name": f"Payer {number}"},
        "remittance_information": [f"Bill {number}", "thank you"],
        "transaction_id": f"volatile-{number}",
        **more,
    }


def account(name: str, **more: Any) -> dict[str, Any]:
    return {
        "account_id": {"iban": "FI2112345600000785"},
        "identification_hash": f"hash.{name}",
        "identification_hashes": [f"hash.{name}"],
        "details": f"Konto {name}",
        "name": "Matti Meikäläinen",
        "cash_account_type": "CACC",
        "currency": "EUR",
        **more,
    }


class Bank:
    """Enable Banking's API on loopback; what is set in `faults` (by account and endpoint) answers instead."""

    def __init__(self, *, page: int = 3) -> None:
        self.replay = Replay()
        self.replay.otherwise(self._answer)
        self.page = page
        self.accounts = [account("a1")]
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.balances: dict[str, list[tuple[str, str]]] = {}
        self.banks = [{"name": "Nordea", "country": "FI", "maximum_consent_validity": 90 * 86400}]
        self.redirects = {REDIRECT}
        self.faults: dict[str, Reply] = {}
        self.reach = timedelta(days=10_000)
        self.sessions: dict[str, str] = {}
        self.codes: dict[str, dict[str, Any]] = {}
        self.uids: dict[str, str] = {}
        self.valid_until = ""
        self.wanted: dict[str, Any] = {}
        self.tokens: list[str] = []
        self.made = 0

    def visit(self, url: str) -> Mapping[str, str]:
        """Log in at the bank at `url`, and come back with what it sends."""
        return {"code": url.rsplit("/", 1)[1], "state": self.wanted["state"]}

    def _answer(self, asked: Asked) -> Reply:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        self.tokens.append(token)
        try:
            claims = jwt.decode(token, pem()[1], algorithms=["RS256"], audience="api.enablebanking.com")
        except jwt.exceptions.PyJWTError:
            return refusal(401, "UNAUTHORIZED_ACCESS")
        assert claims["iss"] == "enablebanking.com"
        assert claims["exp"] - claims["iat"] <= 86400
        assert jwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT", "kid": APP}
        if asked.path == "/aspsps":
            return Reply(body={"aspsps": self.banks})
        if asked.path == "/auth":
            return self._auth(asked)
        if asked.path == "/sessions":
            return self._session(asked)
        if asked.path.startswith("/sessions/"):
            status = self.sessions.get(asked.path.rsplit("/", 1)[1])
            if status is None:
                return refusal(404, "SESSION_DOES_NOT_EXIST")
            access = {"valid_until": self.valid_until}
            return Reply(body={"status": status, "aspsp": {"name": "Nordea"}, "access": access, "accounts": []})
        _, _, uid, what = asked.path.split("/")
        name = self.uids.get(uid)
        if name is None:
            return refusal(404, "ACCOUNT_DOES_NOT_EXIST")
        if f"{name}/{what}" in self.faults:
            return self.faults[f"{name}/{what}"]
        if "EXPIRED" in self.sessions.values():
            return refusal(401, "EXPIRED_SESSION")
        return self._balances(name) if what == "balances" else self._transactions(name, asked)

    def _auth(self, asked: Asked) -> Reply:
        self.wanted = asked.json()
        if self.wanted["aspsp"]["name"] not in {one["name"] for one in self.banks}:
            return refusal(404, "WRONG_ASPSP_PROVIDED")
        if self.wanted["redirect_url"] not in self.redirects:
            return refusal(400, "REDIRECT_URI_NOT_ALLOWED")
        until = datetime.fromisoformat(self.wanted["access"]["valid_until"])
        if until > datetime.now(UTC) + timedelta(days=90):
            return refusal(422, "WRONG_REQUEST_PARAMETERS")
        self.made += 1
        self.codes[f"code-{self.made}"] = self.wanted
        return Reply(body={"url": f"https://bank.example/login/code-{self.made}", "authorization_id": "x"})

    def _session(self, asked: Asked) -> Reply:
        wanted = self.codes.pop(asked.json()["code"], None)
        if wanted is None:
            return refusal(422, "WRONG_AUTHORIZATION_CODE")
        self.made += 1
        self.sessions = {f"session-{self.made}-do-not-show": "AUTHORIZED"}
        self.uids = {}
        listed = []
        for one in self.accounts:
            uid = f"uid-{self.made}-{one['identification_hash']}-{one['currency']}"
            self.uids[uid] = one["identification_hash"].removeprefix("hash.")
            if one["currency"] != "EUR":
                self.uids[uid] += f":{one['currency']}"
            listed.append({"uid": uid, **one})
        self.valid_until = wanted["access"]["valid_until"]
        access = {"valid_until": self.valid_until}
        return Reply(body={"session_id": next(iter(self.sessions)), "accounts": listed, "access": access})

    def _balances(self, name: str) -> Reply:
        listed = [
            {"name": kind, "balance_type": kind, "balance_amount": {"currency": name[-3:].upper(), "amount": amount}}
            if ":" in name
            else {"name": kind, "balance_type": kind, "balance_amount": {"currency": "EUR", "amount": amount}}
            for kind, amount in self.balances.get(name, [("CLAV", "120.00"), ("CLBD", "100.25")])
        ]
        return Reply(body={"balances": listed})

    def _transactions(self, name: str, asked: Asked) -> Reply:
        since = date.fromisoformat(asked.query["date_from"])
        if TODAY - since > self.reach:
            return refusal(422, "WRONG_TRANSACTIONS_PERIOD")
        rows = [one for one in self.rows.get(name, []) if date.fromisoformat(one["booking_date"]) >= since]
        first = 0
        if "continuation_key" in asked.query:
            session, place = asked.query["continuation_key"].split("|")
            if session not in self.sessions:
                return refusal(422, "WRONG_CONTINUATION_KEY")
            first = int(place)
        following = f"{next(iter(self.sessions))}|{first + self.page}" if first + self.page < len(rows) else None
        return Reply(body={"transactions": rows[first : first + self.page], "continuation_key": following})


def refusal(status: int, code: str, **headers: str) -> Reply:
    return Reply(
        status=status, body={"code": status, "error": code, "message": "session-2-do-not-show"}, headers=headers
    )


def serving() -> Iterator[Bank]:
    server = Bank()
    with server.replay:
        yield server


def settings(at: Bank, **more: object) -> dict[str, object]:
    return {
        "application_id": APP,
        "private_key": pem()[0],
        "bank": "nordea",
        "country": "FI",
        "url": at.replay.url,
        "since": "2026-01-01",
        **more,
    }


def connected(bank: Bank, **more: object) -> Harness:
    """A connection that was linked."""
    tokens = MemoryTokens()
    harness = Harness(CONNECTOR, settings(bank, **more), tokens=tokens)
    harness.link(bank.visit)
    return harness


def keys(ran: Ran) -> set[tuple[str, str]]:
    return {(one.account, (one.external_id or one.description).partition("/")[0]) for one in ran.of(Transaction)}


def refs(*numbers: int, name: str = "a1") -> set[tuple[str, str]]:
    return {(f"hash.{name}", f"ref-{number}") for number in numbers}
