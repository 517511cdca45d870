"""The connector against a Tink on loopback that keeps Tink's rules: linking, renewing, paging, failing."""

from __future__ import annotations

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
    Covers,
    Cursor,
    FlowClass,
    PartlyRead,
    Removal,
    RetryLater,
    Snapshot,
    Transaction,
)
from flowd.testing.harness import REDIRECT, TICK, Harness, MemoryTokens, Ran
from flowd.testing.replay import Asked, Replay, Reply
from flowd_tink import CONNECTOR
from flowd_tink.settings import TinkConfig

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
            return _no(401, "oauth.client_invalid")
        grant = form["grant_type"]
        if grant == "client_credentials":
            token = self._new("client")
            self.access.add(token)
            return Reply(
                body={"access_token": token, "expires_in": 1800, "scope": form["scope"], "token_type": "bearer"}
            )
        if grant == "authorization_code" and self.codes.pop(form["code"], None) is None:
            return _no(400, "oauth.code_expired")
        if grant == "refresh_token":
            if form["refresh_token"] not in self.refresh:
                return _no(400, "invalid_grant")
            self.refresh.remove(form["refresh_token"])
        body: dict[str, Any] = {"access_token": self._new("access"), "expires_in": 7200, "token_type": "bearer"}
        self.access.add(body["access_token"])
        if self.refreshing:
            body["refresh_token"] = self._new("refresh")
            self.refresh.add(body["refresh_token"])
        return Reply(body=body)

    def _user(self, asked: Asked) -> Reply:
        if not self._knows(asked):
            return _no(401, "auth.unauthorized")
        user = asked.json()["external_user_id"]
        if user in self.users:
            return _no(409, "user.already_exists")
        self.users.add(user)
        return Reply(body={"external_user_id": user, "user_id": "u1"})

    def _grant(self, asked: Asked) -> Reply:
        if not self._knows(asked):
            return _no(401, "auth.unauthorized")
        user = asked.form["external_user_id"]
        if user not in self.users:
            return _no(404, "user.not_found")
        return Reply(body={"code": self._code(user)})

    def _accounts(self, asked: Asked) -> Reply:
        if not self._knows(asked):
            return _no(401, "auth.unauthorized")
        return Reply(body={"accounts": self.accounts, "nextPageToken": ""})

    def _consents(self, asked: Asked) -> Reply:
        if not self._knows(asked):
            return _no(401, "auth.unauthorized")
        return _no(403, "scope.missing") if self.consents is None else Reply(body={"providerConsents": self.consents})

    def _transactions(self, asked: Asked) -> Reply:
        if not self._knows(asked):
            return _no(401, "auth.unauthorized")
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


def _no(status: int, code: str) -> Reply:
    return Reply(status=status, body={"errorMessage": "no, and you sent access-1-do-not-show", "errorCode": code})


TODAY = TICK.date()


@pytest.fixture
def tink() -> Iterator[TinkServer]:
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


# --- Linking ----------------------------------------------------------------------------------------------------------


def test_linking_makes_a_user_at_tink_and_stores_tokens_for_it(tink: TinkServer) -> None:
    tink.users.clear()
    harness = Harness(CONNECTOR, settings(tink, test=True), tokens=MemoryTokens())
    made = harness.link(tink.visit)
    assert tink.users == {"flowd-test"}
    assert made.tokens["user"] == "flowd-test"
    assert made.tokens["credentials_id"] == "login-1"
    assert made.expires_at is None
    assert set(made.tokens) == {"access_token", "refresh_token", "expires_at", "user", "credentials_id"}
    assert tink.codes == {}


def test_the_page_is_asked_for_what_tink_documents(tink: TinkServer) -> None:
    harness = Harness(CONNECTOR, settings(tink), tokens=MemoryTokens())
    connector: Any = harness.connector
    with harness.context() as (ctx, _, _):
        url = connector.begin_link(REDIRECT, "state-1", ctx).url
    parts, query = urlsplit(url), dict(parse_qsl(urlsplit(url).query))
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://link.tink.com/1.0/transactions/connect-accounts"
    assert query.pop("authorization_code") in tink.codes
    assert query == {
        "client_id": "app",
        "redirect_uri": REDIRECT,
        "market": "SE",
        "locale": "en_US",
        "state": "state-1",
    }
    assert SECRET not in url


def test_linking_again_renews_the_same_login(tink: TinkServer) -> None:
    harness = linked(tink)
    connector: Any = harness.connector
    with harness.context() as (ctx, _, _):
        url = connector.begin_link(REDIRECT, "state-2", ctx).url
    assert urlsplit(url).path == "/1.0/transactions/update-consent"
    assert dict(parse_qsl(urlsplit(url).query))["credentials_id"] == "login-1"
    assert harness.link(tink.visit).tokens["credentials_id"] == "login-1"


def test_access_once_exchanges_the_code_of_the_page(tink: TinkServer) -> None:
    tink.refreshing = False
    harness = Harness(CONNECTOR, settings(tink, access="once"), tokens=MemoryTokens())
    made = harness.link(tink.visit)
    assert set(made.tokens) == {"access_token", "expires_at"}
    assert made.expires_at == TICK + timedelta(hours=2)
    assert tink.users == {"flowd-test"}


def test_a_code_is_good_once(tink: TinkServer) -> None:
    harness = Harness(CONNECTOR, settings(tink, access="once"), tokens=MemoryTokens())
    with pytest.raises(AuthError, match=r"oauth.code_expired.*flowd link test"):
        harness.link({"code": "used-before"})


@pytest.mark.parametrize(
    ("access", "answer", "says"),
    [
        ("continuous", {"error": "USER_CANCELLED", "error_reason": "left"}, "USER_CANCELLED left.*flowd link test"),
        ("once", {}, "no code.*flowd link test"),
    ],
)
def test_a_page_that_ends_badly_is_said(tink: TinkServer, access: str, answer: dict[str, str], says: str) -> None:
    harness = Harness(CONNECTOR, settings(tink, access=access), tokens=MemoryTokens())
    with pytest.raises(AuthError, match=says):
        harness.link(answer)


def test_a_wrong_client_secret_is_said_where_it_stands(tink: TinkServer) -> None:
    harness = Harness(CONNECTOR, settings(tink, client_secret="wrong"), tokens=MemoryTokens())
    with pytest.raises(AuthError, match=r"check client_id and client_secret of test in flowd.yaml"):
        harness.link(tink.visit)


# --- Tokens -----------------------------------------------------------------------------------------------------------


def test_a_token_is_renewed_before_it_ends_and_rotates(tink: TinkServer) -> None:
    harness = linked(tink)
    first = history(harness)[0]
    assert harness.sync("balances", tick=TICK + timedelta(minutes=118)).error is None
    assert len(history(harness)) == 1
    assert harness.sync("balances", tick=TICK + timedelta(minutes=119, seconds=30)).error is None
    second = history(harness)[-1]
    assert len(history(harness)) == 2
    assert second["refresh_token"] != first["refresh_token"]
    assert second["user"] == "flowd-test"
    assert second["credentials_id"] == "login-1"
    assert first["refresh_token"] not in tink.refresh


def test_a_token_that_ended_early_is_renewed_once(tink: TinkServer) -> None:
    harness = linked(tink)
    tink.expire()
    assert harness.sync("balances").error is None
    assert len(history(harness)) == 2


def test_a_token_that_is_refused_again_asks_for_a_person(tink: TinkServer) -> None:
    harness = linked(tink)
    tink.replay.on("GET", "/data/v2/accounts", Reply(status=401, body={"errorCode": "auth.unauthorized"}))
    ran = harness.sync("balances")
    assert isinstance(ran.error, AuthError)
    assert "flowd link test" in str(ran.error)
    assert len(history(harness)) == 2
    assert tink.replay.paths().count("GET /data/v2/accounts") == 2


def test_a_refresh_token_that_was_used_is_replaced_as_the_user_tink_keeps(tink: TinkServer) -> None:
    harness = linked(tink)
    tink.refresh.clear()
    tink.expire()
    assert harness.sync("balances").error is None
    assert history(harness)[-1]["refresh_token"] in tink.refresh


def test_without_a_user_a_used_refresh_token_asks_for_a_person_and_is_kept(tink: TinkServer) -> None:
    harness = linked(tink, access="once")
    tink.refresh.clear()
    tink.expire()
    ran = harness.sync("balances")
    assert isinstance(ran.error, AuthError)
    assert "invalid_grant" in str(ran.error)
    assert "flowd link test" in str(ran.error)
    assert len(history(harness)) == 1


def test_tink_being_away_while_renewing_is_tried_again(tink: TinkServer) -> None:
    harness = linked(tink)
    tink.replay.on("POST", "/api/v1/oauth/token", Reply(status=503))
    ran = harness.sync("balances", tick=TICK + timedelta(hours=3))
    assert isinstance(ran.error, RetryLater)
    assert len(history(harness)) == 1


def test_never_linked_is_said(tink: TinkServer) -> None:
    ran = Harness(CONNECTOR, settings(tink)).sync("balances")
    assert isinstance(ran.error, AuthError)
    assert tink.replay.asked == []


def test_nothing_secret_is_said(tink: TinkServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    harness = linked(tink)
    said = [repr(harness.config), repr(harness.connector)]
    for path in ("/data/v2/accounts", "/data/v2/transactions", "/api/v1/provider-consents"):
        for status in (400, 401, 403, 404, 500):
            sound = tink.replay
            sound.on("GET", path, Reply(status=status, body={"errorCode": "x", "errorMessage": tink.sent[-1]}))
            ran = harness.sync("transactions")
            said += [str(ran.error), *ran.log]
        for method, there, answer in (
            ("GET", "/data/v2/accounts", tink._accounts),
            ("GET", "/data/v2/transactions", tink._transactions),
            ("GET", "/api/v1/provider-consents", tink._consents),
        ):
            tink.replay.on(method, there, answer)
    tink.refresh.clear()
    tink.expire()
    tink.users.clear()
    said.append(str(harness.sync("balances").error))
    for text in (*said, caplog.text):
        assert not [secret for secret in [SECRET, *tink.sent] if secret in text]


# --- Reading ----------------------------------------------------------------------------------------------------------


def test_balances_are_the_whole_truth(tink: TinkServer) -> None:
    tink.accounts.append(account("a2", ("19", "-3"), type="SAVINGS"))
    ran = linked(tink).sync("balances")
    assert ran.error is None
    assert {one.account: str(one.quantity.normalize()) for one in ran.of(Snapshot)} == {"a1": "100.5", "a2": "1.9E+4"}
    assert {one.at for one in ran.of(Snapshot)} == {TICK}
    assert [batch.covers for batch in ran.batches] == [Covers.CONNECTION]
    assert {one.name for one in ran.of(AccountInfo)} == {"Konto a1 ••7466", "Konto a2 ••7466"}


def test_an_account_without_a_balance_is_not_taken_for_empty(tink: TinkServer) -> None:
    tink.accounts.append(account("a2", balances={}))
    ran = linked(tink).sync("balances")
    assert [one.account for one in ran.of(Snapshot)] == ["a1"]
    assert [batch.covers for batch in ran.batches] == [Covers.ITS_ACCOUNTS]


def test_transactions_come_page_by_page_and_only_new_days_after_that(tink: TinkServer) -> None:
    tink.days(40, TODAY)
    harness = linked(tink)
    ran = harness.sync("transactions")
    assert ran.error is None
    assert len(ran.batches) == 14
    assert keys(ran) == {("a1", f"bank-{number}") for number in range(40)}
    assert ran.cursor == Cursor(data={"from": "2026-01-01", "since": "2026-02-19"})
    asked = len(tink.replay.asked)
    again = harness.sync("transactions", ran.cursor, tick=TICK + timedelta(hours=6))
    assert keys(again) == {("a1", f"bank-{number}") for number in range(11)}
    # The token, the accounts, their consents, and eleven days in pages of three.
    assert len(tink.replay.asked) - asked == 1 + 1 + 1 + 4


def test_resuming_after_every_batch_gives_the_same(tink: TinkServer) -> None:
    tink.days(10, TODAY)
    harness = linked(tink)
    whole = harness.sync("transactions")
    for count in range(1, len(whole.batches)):
        begun = harness.sync("transactions", batches=count)
        rest = harness.sync("transactions", begun.cursor)
        assert keys(begun) | keys(rest) == keys(whole)
        assert rest.cursor == whole.cursor


def test_a_broken_off_read_that_tink_forgot_begins_anew(tink: TinkServer) -> None:
    tink.days(10, TODAY)
    harness = linked(tink)
    begun = harness.sync("transactions", batches=1)
    forgotten = [True]

    def forget(asked: Asked) -> Reply:
        if asked.query.get("pageToken") == "p3" and forgotten and forgotten.pop():
            return _no(400, "page.unknown")
        return tink._transactions(asked)

    tink.replay.on("GET", "/data/v2/transactions", forget)
    rest = harness.sync("transactions", begun.cursor)
    assert rest.error is None
    assert len(keys(rest)) == 10


def test_a_deadline_stops_at_the_next_page(tink: TinkServer) -> None:
    tink.days(40, TODAY)
    harness = linked(tink)
    ran = harness.sync("transactions", seconds=4.9)
    assert ran.error is None
    assert len(ran.batches) == 1
    assert keys(harness.sync("transactions", ran.cursor)) | keys(ran) == {("a1", f"bank-{n}") for n in range(40)}


def test_reading_further_back_is_asked_for_by_since(tink: TinkServer) -> None:
    tink.days(40, TODAY)
    first = linked(tink, since="2026-02-25").sync("transactions")
    assert len(keys(first)) == 5
    assert len(keys(linked(tink, since="2026-02-01").sync("transactions", first.cursor))) == 29
    assert len(keys(linked(tink, since=None).sync("transactions"))) == 40


def test_what_is_booked_takes_the_place_of_what_was_reserved(tink: TinkServer) -> None:
    tink.rows = [row(1, TODAY, status="PENDING"), row(2, TODAY, status="PENDING", identifiers={})]
    harness = linked(tink)
    before = harness.sync("transactions")
    assert [(one.external_id, one.pending) for one in before.of(Transaction)] == [("bank-1", True)]
    tink.rows = [row(3, TODAY, identifiers={"providerTransactionId": "bank-1"}), row(4, TODAY, identifiers={})]
    after = harness.sync("transactions", before.cursor)
    assert {(one.external_id, one.pending) for one in after.of(Transaction)} == {("bank-1", False), ("tink-4", False)}


def test_a_reservation_that_is_never_booked_is_taken_back(tink: TinkServer) -> None:
    day = TODAY - timedelta(days=9)
    tink.rows = [row(1, day, status="PENDING"), row(2, day, status="PENDING"), row(3, TODAY)]
    harness = linked(tink)
    first = harness.sync("transactions")
    # Those that are open are read again until they are settled, longer than the usual days.
    later = harness.sync("transactions", first.cursor, tick=TICK + timedelta(days=7))
    assert later.of(Removal) == []
    assert keys(later) == {("a1", "bank-1"), ("a1", "bank-2"), ("a1", "bank-3")}
    tink.rows = [row(1, day), row(3, TODAY)]
    settled = harness.sync("transactions", later.cursor, tick=TICK + timedelta(days=8))
    assert [(one.account, one.external_id) for one in settled.of(Removal)] == [("a1", "bank-2")]
    assert [one.pending for one in settled.of(Transaction) if one.external_id == "bank-1"] == [False]
    again = harness.sync("transactions", settled.cursor, tick=TICK + timedelta(days=9))
    assert again.of(Removal) == []
    assert again.cursor == Cursor(data={"from": "2026-01-01", "since": "2026-02-28"})


def test_a_read_that_began_in_the_middle_takes_nothing_back(tink: TinkServer) -> None:
    tink.days(8, TODAY)
    tink.rows[0]["status"] = "PENDING"
    harness = linked(tink)
    known = harness.sync("transactions").cursor
    begun = harness.sync("transactions", known, batches=1)
    rest = harness.sync("transactions", begun.cursor)
    assert rest.error is None
    assert rest.of(Removal) == []
    tink.rows = []
    assert [one.external_id for one in harness.sync("transactions", rest.cursor).of(Removal)] == ["bank-0"]


def test_what_comes_into_a_loan_pays_it_off(tink: TinkServer) -> None:
    tink.accounts.append(account("a2", ("-1000000", "2"), type="MORTGAGE"))
    tink.rows = [row(1, TODAY, "90000"), row(2, TODAY, "90000", accountId="a2")]
    kinds = {one.account: one.kind for one in linked(tink).sync("transactions").of(Transaction)}
    assert kinds == {"a1": None, "a2": FlowClass.LOAN}


# --- Consents and partial failure -------------------------------------------------------------------------------------


def consent(status: str, *accounts: str, end: object = "2026-05-01T00:00:00Z") -> dict[str, Any]:
    return {"credentialsId": "login-1", "accountIds": list(accounts), "status": status, "sessionExpiryDate": end}


def test_the_end_of_the_first_consent_is_told(tink: TinkServer) -> None:
    tink.consents = [consent("UPDATED", "a1"), consent("UPDATED", "a2", end=1774310400000), {"status": "UPDATED"}]
    ran = linked(tink).sync("balances")
    assert ran.expires == [datetime.fromisoformat("2026-03-24T00:00:00+00:00")]


def test_a_bank_that_left_is_named_and_the_others_are_read(tink: TinkServer) -> None:
    tink.accounts.append(account("a2"))
    tink.rows = [row(1, TODAY)]
    tink.consents = [consent("UPDATED", "a1"), consent("SESSION_EXPIRED", "a2")]
    harness = linked(tink)
    ran = harness.sync("balances")
    assert [one.account for one in ran.of(Snapshot)] == ["a1"]
    assert [batch.covers for batch in ran.batches] == [Covers.ITS_ACCOUNTS]
    assert isinstance(ran.error, PartlyRead)
    assert str(ran.error) == "Konto a2 ••7466: the bank's consent has ended"
    ran = harness.sync("transactions")
    assert len(keys(ran)) == 1
    assert isinstance(ran.error, PartlyRead)
    check = harness.check()
    assert check.covers == ["Konto a1 ••7466"]
    assert check.unread == ["Konto a2 ••7466: the bank's consent has ended"]


@pytest.mark.parametrize(("status", "error"), [("SESSION_EXPIRED", AuthError), ("TEMPORARY_ERROR", RetryLater)])
def test_no_bank_left_is_an_error_of_its_own(tink: TinkServer, status: str, error: type[Exception]) -> None:
    tink.consents = [consent(status, "a1")]
    ran = linked(tink).sync("balances")
    assert ran.batches == []
    assert isinstance(ran.error, error)


def test_consents_that_may_not_be_asked_for_are_done_without(tink: TinkServer) -> None:
    tink.consents = None
    harness = linked(tink)
    assert harness.sync("balances").error is None
    check = harness.check()
    assert check.summary == "1 account through Tink"
    assert check.expires_at is None


# --- Faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Reply(status=403, body={"errorCode": "scope.missing"}), AuthError),
        (Reply(status=429, headers={"retry-after": "60"}), RetryLater),
        (Reply(status=500), RetryLater),
        (Reply(status=400, body={"errorCode": "bad"}), RetryLater),
        (Reply(body=b'{"accounts": [{"id'), RetryLater),
        (Reply(body=b"<html>"), RetryLater),
        (Reply(body=[]), RetryLater),
        (Reply(body={"accounts": {}}), RetryLater),
        (Reply(body={"accounts": [1]}), RetryLater),
        (Reply(body={"accounts": [{}]}), RetryLater),
        (Reply(body={"accounts": [{"id": "a", "balances": {"booked": {"amount": {"value": 1}}}}]}), RetryLater),
        (Reply(body={"accounts": [], "nextPageToken": "same"}), RetryLater),
        (Reply(drop=True), RetryLater),
    ],
)
def test_a_wrong_answer_stores_nothing(tink: TinkServer, fault: Reply, error: type[Exception]) -> None:
    harness = linked(tink)
    tink.replay.on("GET", "/data/v2/accounts", fault)
    ran = harness.sync("balances")
    assert isinstance(ran.error, error)
    assert ran.batches == []
    if isinstance(ran.error, RetryLater) and fault.status == 429:
        assert ran.error.after == timedelta(seconds=60)


@pytest.mark.parametrize(
    "pages",
    [
        [{"transactions": [row(1, TODAY)], "nextPageToken": "p"}],
        [{"transactions": [row(1, TODAY)], "nextPageToken": f"p{n}"} for n in range(3)],
        [{"transactions": [], "nextPageToken": f"p{n}"} for n in range(20)],
    ],
    ids=["the same next page", "the same rows", "always empty"],
)
def test_pages_that_never_end_are_left(tink: TinkServer, pages: list[dict[str, Any]]) -> None:
    harness = linked(tink)
    tink.replay.on("GET", "/data/v2/transactions", [Reply(body=page) for page in pages])
    ran = harness.sync("transactions")
    assert isinstance(ran.error, RetryLater)
    assert "circles" in str(ran.error)


def test_an_empty_page_in_the_middle_hides_nothing(tink: TinkServer) -> None:
    harness = linked(tink)
    pages = [([row(1, TODAY)], "p1"), ([], "p2"), ([row(2, TODAY)], "")]
    replies = [Reply(body={"transactions": rows, "nextPageToken": following}) for rows, following in pages]
    tink.replay.on("GET", "/data/v2/transactions", replies)
    ran = harness.sync("transactions")
    assert ran.error is None
    assert keys(ran) == {("a1", "bank-1"), ("a1", "bank-2")}


# --- Settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"market": "Sweden"}, "pattern"),
        ({"url": "ftp://here"}, "pattern"),
        ({"key": "x"}, "Extra inputs"),
        ({"access": "always"}, "continuous"),
        ({"client_id": ""}, "at least 1"),
    ],
)
def test_what_is_wrong_in_the_settings_is_said(values: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        TinkConfig.model_validate({"client_id": "a", "client_secret": "b", "market": "SE", **values})


def test_the_sample_is_whole() -> None:
    sample = yaml.safe_load((Path(__file__).parents[1] / "sample.yaml").read_text())
    assert sample["type"] == CONNECTOR.name
    assert set(sample["config"]) <= set(TinkConfig.model_fields)
