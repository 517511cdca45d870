"""The connector against a TrueLayer on loopback that keeps TrueLayer's rules: linking, renewing, budgets, failing."""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from pydantic import ValidationError

from flowd.api import (
    AccountInfo,
    AuthError,
    BudgetSpent,
    Covers,
    PartlyRead,
    RetryLater,
    Snapshot,
    Transaction,
)
from flowd.testing.harness import REDIRECT, TICK, Harness, MemoryTokens, Ran
from flowd.testing.replay import Asked, Replay, Reply
from flowd_truelayer import CONNECTOR
from flowd_truelayer.settings import TrueLayerConfig

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
            return _no(400, "invalid_client")
        if form["grant_type"] == "authorization_code":
            redirect, challenge = self.codes.pop(form["code"], ("", ""))
            verified = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
            if form["redirect_uri"] != redirect or verified.rstrip(b"=").decode() != challenge:
                return _no(400, "invalid_grant")
        elif form["refresh_token"] not in self.refresh:
            return _no(400, "invalid_grant")
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
            return _no(401, "invalid_token")
        if asked.path == "/data/v1/me":
            provider = {"display_name": "Lloyds", "provider_id": "lloyds"}
            return _all([{"provider": provider, "scopes": ["accounts", "balance", "offline_access"], **self.consent}])
        if asked.path in ("/data/v1/accounts", "/data/v1/cards"):
            listed = self.accounts if asked.path.endswith("accounts") else self.cards
            return _no(501, "endpoint_not_supported") if listed is None else _all(listed)
        _, _, _, _, name, what = asked.path.split("/")
        if what == "balance":
            return _all([{"currency": "GBP", "available": 1100.0, "current": 100.25, "overdraft": 1000.0}])
        since, until = (datetime.fromisoformat(asked.query[key]) for key in ("from", "to"))
        if until > TICK + timedelta(days=3) or TICK - since > self.reach:
            return _no(403 if self.reach < timedelta(days=100) else 400, "sca_exceeded")
        return _all(
            [
                {**one, "transaction_id": f"{one['transaction_id']}-{len(self.replay.asked)}"}
                for one in self.rows.get(name, [])
                if since <= datetime.fromisoformat(one["timestamp"]) <= until
            ]
        )


def _all(listed: list[dict[str, Any]]) -> Reply:
    return Reply(body={"results": listed, "status": "Succeeded"})


def _no(status: int, code: str) -> Reply:
    return Reply(status=status, body={"error": code, "error_description": "you sent access-1-do-not-show"})


@pytest.fixture
def bank() -> Iterator[TrueLayerServer]:
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


# --- Linking and tokens -----------------------------------------------------------------------------------------------


def test_the_page_is_asked_for_what_truelayer_documents(bank: TrueLayerServer) -> None:
    harness = Harness(CONNECTOR, {"client_id": "app", "client_secret": SECRET, "sandbox": True, "cards": False})
    connector: Any = harness.connector
    with harness.context() as (ctx, _, _):
        step = connector.begin_link(REDIRECT, "state-1", ctx)
    assert step.url.startswith("https://auth.truelayer-sandbox.com/?response_type=code&")
    query = dict(parse_qsl(urlsplit(step.url).query))
    assert query["scope"] == "info accounts balance transactions offline_access"
    assert query["state"] == "state-1"
    assert step.memory["verifier"] not in step.url
    assert SECRET not in step.url


def test_linking_exchanges_the_code_with_its_proof(bank: TrueLayerServer) -> None:
    harness = Harness(CONNECTOR, settings(bank), tokens=MemoryTokens())
    made = harness.link(bank.visit)
    assert set(made.tokens) == {"access_token", "refresh_token", "expires_at", "linked_at"}
    assert made.expires_at is None
    assert bank.codes == {}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"code": "used-before"}, r"invalid_grant.*flowd link test"),
        ({"error": "access_denied"}, r"access_denied.*flowd link test"),
        ({}, r"no code.*flowd link test"),
    ],
)
def test_a_page_that_ends_badly_is_said(bank: TrueLayerServer, answer: dict[str, str], says: str) -> None:
    with pytest.raises(AuthError, match=says):
        Harness(CONNECTOR, settings(bank), tokens=MemoryTokens()).link(answer)


def test_a_wrong_client_secret_is_said_where_it_stands(bank: TrueLayerServer) -> None:
    with pytest.raises(AuthError, match=r"check client_id and client_secret of test in flowd.yaml"):
        Harness(CONNECTOR, settings(bank, client_secret="wrong"), tokens=MemoryTokens()).link(bank.visit)


def test_a_token_is_renewed_before_it_ends_and_rotates(bank: TrueLayerServer) -> None:
    harness = connected(bank)
    assert harness.sync("balances", tick=TICK + timedelta(minutes=58)).error is None
    assert len(history(harness)) == 1
    assert harness.sync("balances", tick=TICK + timedelta(minutes=59, seconds=30)).error is None
    first, second = history(harness)
    assert second["refresh_token"] != first["refresh_token"]
    assert bank.refresh == {second["refresh_token"]}


def test_a_token_that_ended_early_is_renewed_once(bank: TrueLayerServer) -> None:
    harness = connected(bank)
    bank.access.clear()
    assert harness.sync("balances").error is None
    assert len(history(harness)) == 2


def test_a_refresh_token_that_is_not_replaced_stays(bank: TrueLayerServer) -> None:
    harness = connected(bank)
    before = history(harness)[0]["refresh_token"]
    bank.access.add("fresh")
    bank.faults["/connect/token"] = Reply(body={"access_token": "fresh", "expires_in": 3600})
    assert harness.sync("balances", tick=TICK + timedelta(hours=2)).error is None
    assert history(harness)[-1]["refresh_token"] == before


def test_a_consent_that_ended_asks_for_a_person_and_keeps_what_is_stored(bank: TrueLayerServer) -> None:
    harness = connected(bank)
    bank.refresh.clear()
    bank.access.clear()
    ran = harness.sync("balances")
    assert isinstance(ran.error, AuthError)
    assert "invalid_grant" in str(ran.error)
    assert "flowd link test" in str(ran.error)
    assert len(history(harness)) == 1


def test_truelayer_being_away_while_renewing_is_tried_again(bank: TrueLayerServer) -> None:
    harness = connected(bank)
    bank.faults["/connect/token"] = Reply(status=503)
    ran = harness.sync("balances", tick=TICK + timedelta(hours=2))
    assert isinstance(ran.error, RetryLater)
    assert len(history(harness)) == 1


def test_nothing_secret_is_said(bank: TrueLayerServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    harness = connected(bank, reads_per_day=96)
    said = [repr(harness.config), repr(harness.connector)]
    for path in ("/data/v1/me", "/data/v1/accounts", "/data/v1/accounts/a1/transactions"):
        for status in (400, 401, 403, 404, 500, 501):
            body = {"error": "x", "error_description": bank.sent[-1]}
            bank.faults = {path: Reply(status=status, body=body)}
            ran = harness.sync("transactions")
            said += [str(ran.error), *ran.log]
    bank.faults = {}
    bank.refresh.clear()
    bank.access.clear()
    said.append(str(harness.sync("balances").error))
    for text in (*said, caplog.text):
        assert not [secret for secret in [SECRET, *bank.sent] if secret in text]


# --- Reading ----------------------------------------------------------------------------------------------------------


def test_balances_of_accounts_and_cards(bank: TrueLayerServer) -> None:
    bank.cards = [account("c1", partial_card_number="1000")]
    ran = connected(bank).sync("balances")
    assert ran.error is None
    assert {one.account: str(one.quantity) for one in ran.of(Snapshot)} == {"a1": "100.25", "c1": "-100.25"}
    assert {one.at for one in ran.of(Snapshot)} == {TICK}
    assert ran.batches[-1].covers is Covers.CONNECTION
    assert {one.name for one in ran.of(AccountInfo)} == {"Club a1 ••1234", "Club c1 ••1000"}
    assert ran.expires == [datetime.fromisoformat("2026-05-20T10:00:00+00:00")]


@pytest.mark.parametrize("without", ["accounts", "cards"])
def test_a_bank_with_only_one_of_the_two(bank: TrueLayerServer, without: str) -> None:
    bank.cards = [account("c1")]
    setattr(bank, without, None)
    ran = connected(bank).sync("balances")
    assert ran.error is None
    assert len(ran.of(Snapshot)) == 1


def test_a_card_that_is_listed_as_an_account_too_counts_once(bank: TrueLayerServer) -> None:
    bank.cards = [account("a1")]
    assert [str(one.quantity) for one in connected(bank).sync("balances").of(Snapshot)] == ["-100.25"]


def test_transactions_are_read_from_since_and_then_the_last_days_again(bank: TrueLayerServer) -> None:
    bank.rows = {"a1": [row(number, TODAY - timedelta(days=number)) for number in range(40)]}
    harness = connected(bank)
    ran = harness.sync("transactions")
    assert ran.error is None
    assert keys(ran) == {("a1", f"txn-{number}") for number in range(40)}
    assert "/pending" not in "".join(bank.replay.paths())
    again = harness.sync("transactions", ran.cursor, tick=TICK + timedelta(hours=6))
    assert keys(again) == {("a1", f"txn-{number}") for number in range(11)}
    assert bank.replay.asked[-1].query == {"from": "2026-02-19T00:00:00Z", "to": "2026-03-01T18:00:00Z"}


def test_what_is_read_again_is_the_same_though_its_id_changed(bank: TrueLayerServer) -> None:
    twice: dict[str, Any] = {"normalised_provider_transaction_id": None}
    bank.rows = {"a1": [row(1, TODAY, **twice), row(1, TODAY, **twice), row(2, TODAY)]}
    harness = connected(bank)
    first, second = harness.sync("transactions"), harness.sync("transactions")
    assert first.of(Transaction) == second.of(Transaction)
    assert [one.external_id for one in first.of(Transaction)] == [None, None, "txn-2"]


def test_resuming_after_every_batch_gives_the_same(bank: TrueLayerServer) -> None:
    bank.accounts = [account(f"a{number}") for number in range(4)]
    bank.rows = {f"a{number}": [row(one, TODAY - timedelta(days=one * 3)) for one in range(9)] for number in range(4)}
    harness = connected(bank)
    whole = harness.sync("transactions")
    assert len(whole.batches) == 4
    for count in range(1, len(whole.batches)):
        begun = harness.sync("transactions", batches=count)
        rest = harness.sync("transactions", begun.cursor)
        assert keys(begun) | keys(rest) == keys(whole)


def test_a_deadline_stops_at_the_next_account_and_the_next_run_begins_with_it(bank: TrueLayerServer) -> None:
    bank.accounts = [account(f"a{number}") for number in range(3)]
    harness = connected(bank)
    begun = harness.sync("transactions", batches=1)
    assert [one.account for one in begun.of(AccountInfo)] == ["a0"]
    short = harness.sync("transactions", begun.cursor, seconds=4.9)
    assert [one.account for one in short.of(AccountInfo)] == ["a1"]
    rest = harness.sync("transactions", begun.cursor)
    assert [one.account for one in rest.of(AccountInfo)] == ["a1", "a2", "a0"]
    late = harness.sync("balances", seconds=4.9)
    assert [one.account for one in late.of(Snapshot)] == ["a0"]
    assert isinstance(late.error, PartlyRead)


def test_a_bank_that_tells_ninety_days_only_is_asked_for_those(bank: TrueLayerServer) -> None:
    bank.reach = timedelta(days=90)
    bank.rows = {"a1": [row(number, TODAY - timedelta(days=number * 30)) for number in range(5)]}
    ran = connected(bank, since="2025-01-01").sync("transactions")
    assert ran.error is None
    assert keys(ran) == {("a1", "txn-0"), ("a1", "txn-1"), ("a1", "txn-2")}
    assert any("instead of 2025-01-01" in line for line in ran.log)


def test_a_bank_that_wants_its_customer_for_everything_asks_for_a_person(bank: TrueLayerServer) -> None:
    bank.reach = timedelta(days=1)
    ran = connected(bank).sync("transactions")
    assert isinstance(ran.error, AuthError)
    assert "flowd link test" in str(ran.error)


# --- The budget -------------------------------------------------------------------------------------------------------


def test_a_bank_is_asked_four_times_a_day_and_no_more(bank: TrueLayerServer) -> None:
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


def test_a_new_consent_is_used_at_once(bank: TrueLayerServer) -> None:
    harness = connected(bank, reads_per_day=1)
    ran = harness.sync("transactions")
    # Renewing the tokens makes no new consent.
    bank.access.clear()
    assert isinstance(harness.sync("transactions", ran.cursor, tick=TICK + timedelta(hours=2)).error, BudgetSpent)
    assert isinstance(harness.tokens, MemoryTokens)
    harness.tokens.history.append({**harness.link(bank.visit).tokens, "linked_at": "later"})
    again = harness.sync("transactions", ran.cursor, tick=TICK + timedelta(hours=2))
    assert again.error is None
    assert isinstance(harness.sync("transactions", again.cursor, tick=TICK + timedelta(hours=3)).error, BudgetSpent)


def test_a_read_that_failed_counts_too(bank: TrueLayerServer) -> None:
    harness = connected(bank, reads_per_day=1)
    bank.faults = {"/data/v1/accounts": Reply(status=500)}
    ran = harness.sync("balances")
    assert isinstance(ran.error, RetryLater)
    bank.faults = {}
    assert isinstance(harness.sync("balances", ran.cursor, tick=TICK + timedelta(hours=1)).error, BudgetSpent)


# --- Partial failure and faults ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("feed", ["balances", "transactions"])
@pytest.mark.parametrize(
    "fault",
    [
        _no(404, "account_not_found"),
        _no(429, "provider_too_many_requests"),
        _no(503, "provider_error"),
        Reply(drop=True),
    ],
    ids=["gone", "too often", "away", "broken"],
)
def test_an_account_that_fails_is_named_and_the_others_are_read(bank: TrueLayerServer, feed: str, fault: Reply) -> None:
    bank.accounts = [account("a1"), account("a2")]
    bank.rows = {"a2": [row(1, TODAY)]}
    bank.faults = {"/data/v1/accounts/a1/balance": fault, "/data/v1/accounts/a1/transactions": fault}
    harness = connected(bank)
    ran = harness.sync(feed)
    assert isinstance(ran.error, PartlyRead)
    assert str(ran.error).startswith("Club a1 ••1234: ")
    assert {one.account for one in ran.of(AccountInfo)} == {"a2"}
    assert ran.batches[0].covers is (Covers.ITS_ACCOUNTS if feed == "balances" else Covers.NOTHING)
    bank.faults = {}
    healed = harness.sync(feed, ran.cursor)
    assert healed.error is None
    assert {one.account for one in healed.of(AccountInfo)} == {"a1", "a2"}


def test_a_balance_a_bank_does_not_offer_is_no_failure_and_no_zero(bank: TrueLayerServer) -> None:
    bank.accounts = [account("a1"), account("a2")]
    bank.faults = {"/data/v1/accounts/a1/balance": _no(501, "endpoint_not_supported")}
    ran = connected(bank).sync("balances")
    assert ran.error is None
    assert [one.account for one in ran.of(Snapshot)] == ["a2"]
    assert ran.batches[-1].covers is Covers.ITS_ACCOUNTS


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (_no(403, "access_denied"), AuthError),
        (_no(400, "deprecated_provider"), AuthError),
        (_no(400, "validation_error"), RetryLater),
        (_no(501, "endpoint_not_supported"), RetryLater),
        (Reply(status=429, headers={"retry-after": "60"}), RetryLater),
        (_no(500, "provider_error"), RetryLater),
        (Reply(body=b'{"results": [{"ac'), RetryLater),
        (Reply(body=b"<html>"), RetryLater),
        (Reply(body=[]), RetryLater),
        (Reply(body={"results": [1]}), RetryLater),
        (Reply(body={"results": [{}]}), RetryLater),
        (Reply(body={"results": [{"account_id": "a", "currency": "?"}]}), RetryLater),
    ],
)
def test_a_wrong_answer_stores_nothing(bank: TrueLayerServer, fault: Reply, error: type[Exception]) -> None:
    harness = connected(bank, cards=False)
    bank.faults = {"/data/v1/accounts": fault}
    ran = harness.sync("balances")
    assert isinstance(ran.error, error)
    assert ran.records == []


def test_an_answer_without_a_balance_is_no_zero(bank: TrueLayerServer) -> None:
    bank.faults = {"/data/v1/accounts/a1/balance": _all([])}
    ran = connected(bank).sync("balances")
    assert isinstance(ran.error, RetryLater)
    assert ran.records == []


def test_check_says_what_is_read_and_until_when(bank: TrueLayerServer) -> None:
    check = connected(bank).check()
    assert check.summary == "1 account of Lloyds through TrueLayer"
    assert check.permissions == ["read accounts", "read balance"]
    assert check.covers == ["Club a1 ••1234"]
    assert check.expires_at == datetime.fromisoformat("2026-05-20T10:00:00+00:00")


# --- Settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"api_url": "ftp://here"}, "pattern"),
        ({"key": "x"}, "Extra inputs"),
        ({"card_amounts": "inverted"}, "auto"),
        ({"reads_per_day": 0}, "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_in_the_settings_is_said(values: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        TrueLayerConfig.model_validate({"client_id": "a", "client_secret": "b", **values})


def test_the_sample_is_whole() -> None:
    sample = yaml.safe_load((Path(__file__).parents[1] / "sample.yaml").read_text())
    assert sample["type"] == CONNECTOR.name
    assert set(sample["config"]) <= set(TrueLayerConfig.model_fields)
