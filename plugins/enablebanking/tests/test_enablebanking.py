"""The connector against an Enable Banking on loopback that keeps its rules: signing, sessions, paging, failing."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jwt
import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import ValidationError

from flowd.api import (
    AccountInfo,
    AccountKind,
    AuthError,
    BudgetSpent,
    ConfigError,
    Covers,
    Cursor,
    PartlyRead,
    RetryLater,
    Snapshot,
    Transaction,
)
from flowd.testing.harness import REDIRECT, TICK, Harness, MemoryTokens, Ran
from flowd.testing.replay import Asked, Replay, Reply
from flowd_enablebanking import CONNECTOR
from flowd_enablebanking.settings import EnableBankingConfig

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
            return _no(401, "UNAUTHORIZED_ACCESS")
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
                return _no(404, "SESSION_DOES_NOT_EXIST")
            access = {"valid_until": self.valid_until}
            return Reply(body={"status": status, "aspsp": {"name": "Nordea"}, "access": access, "accounts": []})
        _, _, uid, what = asked.path.split("/")
        name = self.uids.get(uid)
        if name is None:
            return _no(404, "ACCOUNT_DOES_NOT_EXIST")
        if f"{name}/{what}" in self.faults:
            return self.faults[f"{name}/{what}"]
        if "EXPIRED" in self.sessions.values():
            return _no(401, "EXPIRED_SESSION")
        return self._balances(name) if what == "balances" else self._transactions(name, asked)

    def _auth(self, asked: Asked) -> Reply:
        self.wanted = asked.json()
        if self.wanted["aspsp"]["name"] not in {one["name"] for one in self.banks}:
            return _no(404, "WRONG_ASPSP_PROVIDED")
        if self.wanted["redirect_url"] not in self.redirects:
            return _no(400, "REDIRECT_URI_NOT_ALLOWED")
        until = datetime.fromisoformat(self.wanted["access"]["valid_until"])
        if until > datetime.now(UTC) + timedelta(days=90):
            return _no(422, "WRONG_REQUEST_PARAMETERS")
        self.made += 1
        self.codes[f"code-{self.made}"] = self.wanted
        return Reply(body={"url": f"https://bank.example/login/code-{self.made}", "authorization_id": "x"})

    def _session(self, asked: Asked) -> Reply:
        wanted = self.codes.pop(asked.json()["code"], None)
        if wanted is None:
            return _no(422, "WRONG_AUTHORIZATION_CODE")
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
            return _no(422, "WRONG_TRANSACTIONS_PERIOD")
        rows = [one for one in self.rows.get(name, []) if date.fromisoformat(one["booking_date"]) >= since]
        first = 0
        if "continuation_key" in asked.query:
            session, place = asked.query["continuation_key"].split("|")
            if session not in self.sessions:
                return _no(422, "WRONG_CONTINUATION_KEY")
            first = int(place)
        following = f"{next(iter(self.sessions))}|{first + self.page}" if first + self.page < len(rows) else None
        return Reply(body={"transactions": rows[first : first + self.page], "continuation_key": following})


def _no(status: int, code: str, **headers: str) -> Reply:
    return Reply(
        status=status, body={"code": status, "error": code, "message": "session-2-do-not-show"}, headers=headers
    )


@pytest.fixture
def bank() -> Iterator[Bank]:
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


# --- Linking ----------------------------------------------------------------------------------------------------------


def test_linking_asks_for_as_long_as_the_bank_allows(bank: Bank) -> None:
    made = Harness(CONNECTOR, settings(bank), tokens=MemoryTokens()).link(bank.visit)
    assert bank.wanted["aspsp"] == {"name": "Nordea", "country": "FI"}
    assert bank.wanted["psu_type"] == "personal"
    assert bank.wanted["state"] == "state-1"
    until = datetime.fromisoformat(bank.wanted["access"]["valid_until"])
    assert timedelta(days=89, hours=23) < until - datetime.now(UTC) < timedelta(days=90)
    assert made.expires_at == until
    assert made.summary == "1 account of nordea"
    assert bank.codes == {}


def test_a_shorter_consent_may_be_asked_for(bank: Bank) -> None:
    made = Harness(CONNECTOR, settings(bank, consent_days=10), tokens=MemoryTokens()).link(bank.visit)
    assert made.expires_at is not None
    assert made.expires_at - datetime.now(UTC) < timedelta(days=10, minutes=1)


def test_the_account_number_is_not_kept(bank: Bank) -> None:
    made = Harness(CONNECTOR, settings(bank), tokens=MemoryTokens()).link(bank.visit)
    text = json.dumps(dict(made.tokens))
    assert "FI2112345600000785" not in text
    assert "Konto a1 ••0785" in json.loads(text)["accounts"][0]["name"]
    assert "Meikäläinen" not in text


def test_a_bank_nobody_knows_is_said_with_those_that_look_like_it(bank: Bank) -> None:
    with pytest.raises(ConfigError, match=r"no bank 'Nodea' in FI; did you mean Nordea\?"):
        Harness(CONNECTOR, settings(bank, bank="Nodea"), tokens=MemoryTokens()).link(bank.visit)


def test_an_address_that_is_not_registered_is_said(bank: Bank) -> None:
    with pytest.raises(ConfigError, match=r"REDIRECT_URI_NOT_ALLOWED.*redirect URLs"):
        Harness(CONNECTOR, settings(bank), tokens=MemoryTokens()).link(bank.visit, redirect="http://127.0.0.1:9/other")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"code": "used-before"}, r"WRONG_AUTHORIZATION_CODE.*flowd link test"),
        ({"error": "access_denied"}, r"access_denied.*flowd link test"),
        ({}, r"no code.*flowd link test"),
    ],
)
def test_a_login_that_ends_badly_is_said(bank: Bank, answer: dict[str, str], says: str) -> None:
    with pytest.raises(AuthError, match=says):
        Harness(CONNECTOR, settings(bank), tokens=MemoryTokens()).link(answer)


def test_a_key_with_its_line_ends_written_out_is_read(bank: Bank) -> None:
    written = pem()[0].replace("\n", "\\n")
    assert connected(bank, private_key=written).sync("balances").error is None


@pytest.mark.parametrize("key", ["", "no key", "-----BEGIN NOTHING-----\nAAAA\n-----END NOTHING-----", pem()[1]])
def test_a_key_that_is_none_is_said_and_not_shown(bank: Bank, key: str) -> None:
    harness = Harness(CONNECTOR, settings(bank, private_key=key), tokens=MemoryTokens())
    with pytest.raises(ConfigError, match="private_key is no RSA private key in PEM") as caught:
        harness.link(bank.visit)
    assert not key or key[:40] not in str(caught.value)
    assert bank.replay.asked == []


def test_another_application_s_key_asks_to_check_it(bank: Bank) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    harness = Harness(CONNECTOR, settings(bank, private_key=other.decode()), tokens=MemoryTokens())
    with pytest.raises(AuthError, match=r"check application_id and private_key of test in flowd.yaml"):
        harness.link(bank.visit)


# --- Sessions ---------------------------------------------------------------------------------------------------------


def test_accounts_stay_what_they_are_over_a_new_session(bank: Bank) -> None:
    bank.rows = {"a1": [row(number, TODAY) for number in range(3)]}
    harness = connected(bank)
    first = harness.sync("transactions")
    before = set(bank.uids)
    harness.link(bank.visit)
    assert before.isdisjoint(bank.uids)
    second = harness.sync("transactions", first.cursor)
    assert first.of(Transaction) == second.of(Transaction)
    assert {one.account for one in second.of(AccountInfo)} == {"hash.a1"}


def test_the_end_of_the_consent_is_told_and_kept(bank: Bank) -> None:
    harness = connected(bank)
    ran = harness.sync("balances")
    assert ran.expires == [datetime.fromisoformat(bank.valid_until)]
    asked = len(bank.replay.asked)
    late = harness.sync("balances", tick=datetime.fromisoformat(bank.valid_until))
    assert isinstance(late.error, AuthError)
    assert "flowd link test" in str(late.error)
    assert len(bank.replay.asked) == asked


def test_a_session_that_ended_early_asks_for_a_person(bank: Bank) -> None:
    harness = connected(bank)
    bank.sessions = dict.fromkeys(bank.sessions, "EXPIRED")
    for feed in ("balances", "transactions"):
        ran = harness.sync(feed)
        assert isinstance(ran.error, AuthError)
        assert "flowd link test" in str(ran.error)
    with pytest.raises(AuthError, match="the session is EXPIRED"):
        harness.check()


def test_never_linked_is_said(bank: Bank) -> None:
    assert isinstance(Harness(CONNECTOR, settings(bank)).sync("balances").error, AuthError)
    empty = Harness(CONNECTOR, settings(bank), tokens=MemoryTokens({"session_id": ""}))
    assert isinstance(empty.sync("balances").error, AuthError)
    assert bank.replay.asked == []


def test_check_says_what_is_read_and_until_when(bank: Bank) -> None:
    bank.accounts = [account("a1"), account("a2", uid=None)]
    check = connected(bank).check()
    assert check.summary == "2 accounts of Nordea through Enable Banking"
    assert check.covers == ["Konto a1 ••0785"]
    assert check.unread == ["Konto a2 ••0785: the bank does not let it be read"]
    assert check.expires_at == datetime.fromisoformat(bank.valid_until)


def test_nothing_secret_is_said(bank: Bank, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    harness = connected(bank, reads_per_day=96)
    said = [repr(harness.config), repr(harness.connector)]
    for status in (400, 401, 403, 404, 408, 422, 429, 500):
        for code in ("EXPIRED_SESSION", "ASPSP_ERROR", "session-2-do-not-show"):
            bank.faults = {"a1/transactions": _no(status, code), "a1/balances": _no(status, code)}
            for feed in ("balances", "transactions"):
                ran = harness.sync(feed)
                said += [str(ran.error), *ran.log]
    secrets = [pem()[0][60:120], *bank.tokens, *bank.sessions]
    for text in (*said, caplog.text):
        assert not [secret for secret in secrets if secret in text]


# --- Balances ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("balances", "is_"),
    [
        ([("CLAV", "120.00"), ("CLBD", "100.25")], "100.25"),
        ([("CLBD", "100.25"), ("ITBD", "-99.10")], "-99.10"),
        ([("ITAV", "7")], "7"),
        ([("XPCD", "5.00"), ("ITAV", "7")], "5.00"),
    ],
)
def test_one_balance_of_several_is_taken(bank: Bank, balances: list[tuple[str, str]], is_: str) -> None:
    bank.balances = {"a1": balances}
    ran = connected(bank).sync("balances")
    assert ran.error is None
    assert [str(one.quantity) for one in ran.of(Snapshot)] == [is_]
    assert [batch.covers for batch in ran.batches] == [Covers.ITS_ACCOUNTS]


@pytest.mark.parametrize("balances", [[], [("FWAV", "1")]])
def test_without_a_balance_there_is_no_zero(bank: Bank, balances: list[tuple[str, str]]) -> None:
    bank.accounts.append(account("a2"))
    bank.balances = {"a2": balances}
    ran = connected(bank).sync("balances")
    assert [one.account for one in ran.of(Snapshot)] == ["hash.a1"]
    assert isinstance(ran.error, PartlyRead)
    assert str(ran.error) == "Konto a2 ••0785: the bank sent no balance"


def test_one_number_in_two_currencies_is_one_account_with_two_assets(bank: Bank) -> None:
    bank.accounts = [account("a1"), account("a1", currency="USD")]
    bank.rows = {"a1": [row(1, TODAY)], "a1:USD": [row(2, TODAY)]}
    harness = connected(bank)
    ran = harness.sync("balances")
    assert {(one.account, one.asset) for one in ran.of(Snapshot)} == {("hash.a1", "EUR"), ("hash.a1", "USD")}
    assert {one.asset for one in ran.of(AccountInfo)} == {None}
    assert keys(harness.sync("transactions")) == refs(1, 2)
    # One of them fails: the other is read, but is not the whole account.
    bank.faults = {"a1:USD/balances": _no(400, "ASPSP_ERROR")}
    ran = harness.sync("balances")
    assert {(one.account, one.asset) for one in ran.of(Snapshot)} == {("hash.a1", "EUR")}
    assert {batch.covers for batch in ran.batches} == {Covers.NOTHING}
    assert isinstance(ran.error, PartlyRead)


# --- Transactions -----------------------------------------------------------------------------------------------------


def test_transactions_come_page_by_page_and_then_the_last_days_again(bank: Bank) -> None:
    bank.rows = {"a1": [row(number, TODAY - timedelta(days=number)) for number in range(20)]}
    harness = connected(bank)
    ran = harness.sync("transactions")
    assert ran.error is None
    assert len(ran.batches) == 7
    assert keys(ran) == refs(*range(20))
    first = next(one for one in bank.replay.asked if one.path.endswith("/transactions"))
    assert first.query == {"date_from": "2026-01-01", "strategy": "longest"}
    asked = len(bank.replay.asked)
    again = harness.sync("transactions", ran.cursor, tick=TICK + timedelta(hours=6))
    assert keys(again) == refs(*range(11))
    assert bank.replay.asked[asked].query == {"date_from": "2026-02-19"}


def test_the_indicator_says_the_direction_whatever_the_sign(bank: Bank) -> None:
    bank.rows = {
        "a1": [
            row(1, TODAY, "49.90"),
            row(2, TODAY, "-49.90"),
            row(3, TODAY, "2450.00", "CRDT", bank_transaction_code={"code": "RCDT", "sub_code": "SALA"}),
        ]
    }
    made = connected(bank).sync("transactions").of(Transaction)
    assert [str(one.amount) for one in made] == ["-49.90", "-49.90", "2450.00"]
    assert [one.counterparty for one in made] == ["Shop 1", "Shop 2", "Payer 3"]
    assert made[0].description == "Bill 1 thank you"
    assert [one.kind for one in made] == [None, None, "salary"]
    assert made[0].external_id == f"ref-1/{TODAY}/-49.9 EUR"


def test_only_what_is_booked_is_read(bank: Bank) -> None:
    statuses = ("BOOK", "PDNG", "HOLD", "SCHD", "CNCL", "RJCT", "OTHR")
    bank.rows = {"a1": [row(number, TODAY, status=status) for number, status in enumerate(statuses)]}
    assert keys(connected(bank).sync("transactions")) == refs(0, 6)


def test_one_reference_for_several_rows_loses_none(bank: Bank) -> None:
    same = {"entry_reference": "NOTPROVIDED"}
    rows = [
        row(1, TODAY, "1.00", **same),
        row(2, TODAY, "2.00", **same),
        row(3, TODAY - timedelta(days=9), "1.00", **same),
    ]
    bank.rows = {"a1": rows}
    harness = connected(bank)
    ran = harness.sync("transactions")
    assert len({one.external_id for one in ran.of(Transaction)}) == 3
    assert harness.sync("transactions", ran.cursor).of(Transaction) == ran.of(Transaction)


@pytest.mark.parametrize("named", [True, False], ids=["named", "without a name"])
def test_resuming_after_every_batch_gives_the_same(bank: Bank, named: bool) -> None:
    without: dict[str, Any] = {} if named else {"entry_reference": None}
    rows = [row(number // 2, TODAY - timedelta(days=number // 4), **without) for number in range(10)]
    bank.accounts = [account("a1"), account("a2")]
    bank.rows = {"a1": rows, "a2": rows[:2]}
    harness = connected(bank)
    whole = harness.sync("transactions")
    assert len(whole.batches) == 5
    for count in range(1, len(whole.batches)):
        begun = harness.sync("transactions", batches=count)
        rest = harness.sync("transactions", begun.cursor)
        assert rest.error is None
        assert keys(begun) | keys(rest) == keys(whole)
        if not named:
            # What has no name is told apart within one batch only: all of it in the last one of its account.
            last = [batch for batch in (*begun.batches, *rest.batches) if len(list(batch.records)) > 5]
            assert len(last) >= 1


def test_what_has_no_name_comes_in_one_batch(bank: Bank) -> None:
    rows = [row(1, TODAY, entry_reference=None, transaction_id=f"volatile-{number}") for number in range(7)]
    bank.rows = {"a1": [*rows, row(2, TODAY)]}
    ran = connected(bank).sync("transactions")
    sizes = [
        sum(isinstance(one, Transaction) and one.external_id is None for one in batch.records) for batch in ran.batches
    ]
    assert sizes == [0, 0, 7]
    # Until then the place stays where the first of them stood.
    data: list[Any] = [batch.cursor and batch.cursor.data for batch in ran.batches]
    assert ["page" in one for one in data] == [False, False, False]
    assert ["hash.a1|EUR" in one["since"] for one in data] == [False, False, True]


def test_a_list_that_was_broken_off_goes_on_in_the_same_session_only(bank: Bank) -> None:
    bank.rows = {"a1": [row(number, TODAY) for number in range(8)]}
    harness = connected(bank)
    begun = harness.sync("transactions", batches=1)
    assert keys(harness.sync("transactions", begun.cursor)) == refs(*range(3, 8))
    harness.link(bank.visit)
    assert keys(harness.sync("transactions", begun.cursor)) == refs(*range(8))


def test_a_place_the_bank_forgot_begins_anew(bank: Bank) -> None:
    bank.rows = {"a1": [row(number, TODAY) for number in range(8)]}
    harness = connected(bank)
    begun = harness.sync("transactions", batches=1)
    data: Any = begun.cursor and begun.cursor.data
    lost = Cursor(data={**data, "page": {**data["page"], "key": "another-session|3"}})
    ran = harness.sync("transactions", lost)
    assert ran.error is None
    assert keys(ran) == refs(*range(8))


def test_a_deadline_stops_at_the_next_page_and_account(bank: Bank) -> None:
    bank.accounts = [account("a1"), account("a2")]
    bank.rows = {"a1": [row(number, TODAY) for number in range(8)], "a2": [row(9, TODAY)]}
    harness = connected(bank)
    ran = harness.sync("transactions", seconds=4.9)
    assert ran.error is None
    assert keys(ran) == refs(0, 1, 2)
    rest = harness.sync("transactions", ran.cursor)
    assert keys(rest) == refs(*range(3, 8)) | refs(9, name="a2")
    late = harness.sync("balances", seconds=4.9)
    assert [one.account for one in late.of(Snapshot)] == ["hash.a1"]
    assert isinstance(late.error, PartlyRead)


def test_a_bank_that_tells_ninety_days_only_is_asked_for_those(bank: Bank) -> None:
    bank.reach = timedelta(days=90)
    bank.rows = {"a1": [row(number, TODAY - timedelta(days=number * 30)) for number in range(3)]}
    ran = connected(bank, since="2025-01-01").sync("transactions")
    assert ran.error is None
    assert keys(ran) == refs(0, 1, 2)
    assert any("instead of 2025-01-01" in line for line in ran.log)


# --- The budget, partial failure and faults ---------------------------------------------------------------------------


def test_a_bank_is_asked_four_times_a_day_and_no_more(bank: Bank) -> None:
    harness = connected(bank)
    cursor = None
    for hours in (0, 1, 2, 3):
        ran = harness.sync("transactions", cursor, tick=TICK + timedelta(hours=hours))
        assert ran.error is None
        cursor = ran.cursor
    asked = len(bank.replay.asked)
    spent = harness.sync("transactions", cursor, tick=TICK + timedelta(hours=4))
    assert isinstance(spent.error, BudgetSpent)
    assert spent.error.after == timedelta(hours=20)
    assert len(bank.replay.asked) == asked
    assert harness.sync("transactions", cursor, tick=TICK + timedelta(hours=24)).error is None


def test_a_new_consent_is_used_at_once(bank: Bank) -> None:
    harness = connected(bank, reads_per_day=1)
    ran = harness.sync("transactions")
    assert isinstance(harness.sync("transactions", ran.cursor).error, BudgetSpent)
    harness.link(bank.visit)
    again = harness.sync("transactions", ran.cursor)
    assert again.error is None
    assert isinstance(harness.sync("transactions", again.cursor).error, BudgetSpent)


def test_a_read_that_failed_counts_too(bank: Bank) -> None:
    harness = connected(bank, reads_per_day=1)
    bank.faults = {"a1/balances": Reply(status=500)}
    ran = harness.sync("balances")
    assert isinstance(ran.error, RetryLater)
    bank.faults = {}
    assert isinstance(harness.sync("balances", ran.cursor, tick=TICK + timedelta(hours=1)).error, BudgetSpent)


@pytest.mark.parametrize("feed", ["balances", "transactions"])
@pytest.mark.parametrize(
    "fault",
    [
        _no(429, "ASPSP_RATE_LIMIT_EXCEEDED"),
        _no(400, "ASPSP_ERROR"),
        _no(408, "ASPSP_TIMEOUT"),
        _no(403, "ASPSP_ACCOUNT_NOT_ACCESSIBLE"),
        Reply(status=502),
        Reply(drop=True),
        Reply(body={"balances": None, "transactions": [1]}),
    ],
    ids=["too often", "error", "timeout", "not accessible", "502", "broken", "nonsense"],
)
def test_an_account_that_fails_is_named_and_the_others_are_read(bank: Bank, feed: str, fault: Reply) -> None:
    bank.accounts = [account("a1"), account("a2")]
    bank.rows = {"a2": [row(1, TODAY)]}
    bank.faults = {f"a1/{feed}": fault}
    harness = connected(bank)
    ran = harness.sync(feed)
    assert isinstance(ran.error, PartlyRead)
    assert str(ran.error).startswith("Konto a1 ••0785: ")
    assert {one.account for one in ran.of(AccountInfo)} == {"hash.a2"}
    bank.faults = {}
    healed = harness.sync(feed, ran.cursor)
    assert healed.error is None
    assert {one.account for one in healed.of(AccountInfo)} == {"hash.a1", "hash.a2"}


@pytest.mark.parametrize(
    ("fault", "after"),
    [
        (_no(429, "ASPSP_RATE_LIMIT_EXCEEDED"), timedelta(hours=6)),
        (_no(429, "ASPSP_RATE_LIMIT_EXCEEDED", **{"retry-after": "3600"}), timedelta(hours=1)),
    ],
)
def test_a_bank_that_was_asked_too_often_says_when_to_come_back(bank: Bank, fault: Reply, after: timedelta) -> None:
    bank.faults = {"a1/transactions": fault}
    ran = connected(bank).sync("transactions")
    assert isinstance(ran.error, BudgetSpent)
    assert ran.error.after == after


@pytest.mark.parametrize(
    "pages",
    [
        [{"transactions": [row(1, TODAY)], "continuation_key": "k"}],
        [{"transactions": [row(1, TODAY)], "continuation_key": f"k{n}"} for n in range(3)],
        [{"transactions": [], "continuation_key": f"k{n}"} for n in range(20)],
    ],
    ids=["the same key", "the same rows", "always empty"],
)
def test_pages_that_never_end_are_left(bank: Bank, pages: list[dict[str, Any]]) -> None:
    harness = connected(bank)
    (uid,) = bank.uids
    bank.replay.on("GET", f"/accounts/{uid}/transactions", [Reply(body=page) for page in pages])
    ran = harness.sync("transactions")
    assert isinstance(ran.error, RetryLater)
    assert "circles" in str(ran.error)


@pytest.mark.parametrize(
    "wrong",
    [
        {"transaction_amount": None},
        {"transaction_amount": {"currency": "EUR", "amount": "much"}},
        {"transaction_amount": {"currency": "EUR", "amount": "1e30"}},
        {"transaction_amount": {"currency": "€", "amount": "1"}},
        {"credit_debit_indicator": None},
        {"booking_date": "0001-01-01"},
    ],
)
def test_what_is_not_as_documented_is_named(bank: Bank, wrong: dict[str, Any]) -> None:
    harness = connected(bank)
    (uid,) = bank.uids
    page = {"transactions": [{**row(1, TODAY), **wrong}], "continuation_key": None}
    bank.replay.on("GET", f"/accounts/{uid}/transactions", Reply(body=page))
    ran = harness.sync("transactions")
    assert isinstance(ran.error, RetryLater)
    assert "/accounts/{uid}/transactions" in str(ran.error)
    assert "not as documented" in str(ran.error)
    assert ran.records == []


@pytest.mark.parametrize(
    ("more", "name", "kind"),
    [
        ({}, "Konto a1 ••0785", AccountKind.BANK),
        ({"details": "FI21 1234 5600 0007 85"}, "Account ••0785", AccountKind.BANK),
        ({"details": None, "product": "Visa 🦊", "cash_account_type": "CARD"}, "Visa 🦊 ••0785", AccountKind.CARD),
        ({"account_id": {"other": {"identification": "123-456"}}}, "Konto a1 ••-456", AccountKind.BANK),
        ({"account_id": None}, "Konto a1", AccountKind.BANK),
    ],
)
def test_names_and_kinds(bank: Bank, more: dict[str, Any], name: str, kind: AccountKind) -> None:
    bank.accounts = [account("a1", **more)]
    (info,) = connected(bank).sync("balances").of(AccountInfo)
    assert (info.name, info.kind, info.asset) == (name, kind, "EUR")


# --- Settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"country": "Finland"}, "pattern"),
        ({"url": "ftp://here"}, "pattern"),
        ({"key": "x"}, "Extra inputs"),
        ({"customer": "robot"}, "personal"),
        ({"consent_days": 0}, "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_in_the_settings_is_said(values: dict[str, object], says: str) -> None:
    known = {"application_id": "a", "private_key": "b", "bank": "c", "country": "FI"}
    with pytest.raises(ValidationError, match=says):
        EnableBankingConfig.model_validate({**known, **values})


def test_the_sample_is_whole() -> None:
    sample = yaml.safe_load((Path(__file__).parents[1] / "sample.yaml").read_text())
    assert sample["type"] == CONNECTOR.name
    assert set(sample["config"]) <= set(EnableBankingConfig.model_fields)
