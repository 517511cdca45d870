"""Reading a SimpleFIN server: setup tokens, windows, what is pending, what is missing, and what is hostile."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from flowd.api import (
    AccountInfo,
    AccountKind,
    AuthError,
    Batch,
    ConfigError,
    Covers,
    FlowClass,
    PartlyRead,
    Rate,
    Removal,
    RetryLater,
    Snapshot,
    Transaction,
)
from flowd.errors import FlowdError
from flowd.testing.harness import TICK, Harness, MemoryTokens, Ran
from flowd.testing.replay import Asked, Replay, Reply
from flowd_simplefin import CONNECTOR
from flowd_simplefin.connector import SimpleFin

DAY = timedelta(days=1)


class Server:
    """A SimpleFIN server: accounts with transactions by id, given by the window they were booked in."""

    def __init__(self) -> None:
        self.accounts: dict[str, dict[str, Any]] = {}
        self.rows: dict[str, dict[str, dict[str, Any]]] = {}
        self.errlist: list[dict[str, Any]] = []
        self.errors: list[str] = []
        self.windows: list[tuple[int, int | None]] = []

    def account(self, id: str, balance: str = "100.00", **more: Any) -> None:  # noqa: A002 - SimpleFIN's name
        whole = {"id": id, "name": id, "conn_id": "C1", "currency": "USD", "balance": balance}
        self.accounts[id] = {**whole, "balance-date": int((TICK - timedelta(hours=6)).timestamp()), **more}
        self.rows.setdefault(id, {})

    def row(self, account: str, id: str, at: datetime | None, amount: str = "-1.00", **more: Any) -> None:  # noqa: A002
        posted = 0 if at is None else int(at.timestamp())
        self.rows[account][id] = {"id": id, "posted": posted, "amount": amount, "description": id, **more}

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Basic {base64.b64encode(b'us er:p@ss').decode()}":
            return Reply(status=403, body="Forbidden")
        query = asked.query
        start, end = int(query.get("start-date", 0)), int(query["end-date"]) if "end-date" in query else None
        if "balances-only" not in query:
            self.windows.append((start, end))

        def given(row: Mapping[str, Any]) -> bool:
            if not row["posted"]:
                return "pending" in query
            return bool(start <= row["posted"] and (end is None or row["posted"] < end))

        listed = [
            {**one, "transactions": [row for row in self.rows[id].values() if given(row)]}
            for id, one in self.accounts.items()  # noqa: A001
        ]
        connections = [{"conn_id": "C1", "name": "First Bank"}, {"conn_id": "C2", "name": "Second Bank"}]
        whole = {"errlist": self.errlist, "errors": self.errors, "connections": connections, "accounts": listed}
        return Reply(body=whole)


@pytest.fixture
def server() -> Server:
    made = Server()
    made.account("checking")
    return made


@pytest.fixture
def site(server: Server) -> Iterator[Replay]:
    with Replay() as replay:
        replay.on("GET", "/simplefin/accounts", server.answer)
        yield replay


def access_url(site: Replay) -> str:
    return f"http://us%20er:p%40ss@127.0.0.1:{site.port}/simplefin"


def harness(site: Replay, **config: object) -> Harness:
    return Harness(CONNECTOR, config, tokens=MemoryTokens({"access_url": access_url(site)}))


def read(site: Replay, before: Ran | None = None, *, tick: datetime = TICK, **config: object) -> Ran:
    return harness(site, **config).sync("accounts", None if before is None else before.cursor, tick=tick)


def counted(*runs: Ran) -> dict[str, Decimal]:
    """Return what the store counts after some runs: amounts by id, pending ones with a mark."""
    found: dict[str, Decimal] = {}
    for ran in runs:
        for record in ran.records:
            if isinstance(record, Removal):
                found.pop(f"{record.external_id} (pending)", None)
            elif isinstance(record, Transaction):
                found.pop(f"{record.external_id} (pending)", None)
                found[f"{record.external_id}{' (pending)' if record.pending else ''}"] = record.amount
    return found


# --- Setup tokens -----------------------------------------------------------------------------------------------------


def finish(site: Replay, typed: str) -> Any:
    own = Harness(CONNECTOR, {})
    connector = own.connector
    assert isinstance(connector, SimpleFin)
    with own.context() as (ctx, _, _):
        step = connector.begin_link("http://127.0.0.1/callback", "state", ctx)
        assert (step.url, step.redirects) == ("https://bridge.simplefin.org/simplefin/create", False)
        assert step.ask is not None
        return connector.finish_link({"typed": typed}, step, ctx)


def token(url: str) -> str:
    return base64.b64encode(url.encode()).decode()


def test_a_setup_token_is_claimed_once_and_its_access_reads(site: Replay) -> None:
    site.on("POST", "/claim/one-time", [Reply(body=f"{access_url(site)}\n"), Reply(status=403)])
    typed = token(f"{site.url}/claim/one-time")
    linked = finish(site, f" {typed[:20]}\n {typed[20:].rstrip('=')} ")
    assert linked.tokens == {"access_url": access_url(site)}
    assert linked.summary == "SimpleFIN at 127.0.0.1"
    assert site.asked[0].headers["content-length"] == "0"
    ran = Harness(CONNECTOR, {}, tokens=MemoryTokens(linked.tokens)).sync("accounts")
    assert ran.error is None
    with pytest.raises(AuthError, match="claimed before") as refused:
        finish(site, typed)
    assert "one-time" not in str(refused.value)
    assert finish(site, access_url(site)).tokens == linked.tokens


@pytest.mark.parametrize(
    ("typed", "expected", "says"),
    [
        ("", ConfigError, "no setup token"),
        ("not base64 at all!", ConfigError, "no setup token of SimpleFIN"),
        (token("no address"), ConfigError, "no setup token of SimpleFIN"),
        (token("http://bridge.example/claim/x"), ConfigError, "https only"),
        ("http://u:p@bridge.example/simplefin", ConfigError, "https only"),
    ],
)
def test_what_is_no_setup_token_is_not_claimed(site: Replay, typed: str, expected: type[FlowdError], says: str) -> None:
    with pytest.raises(expected, match=says):
        finish(site, typed)
    assert site.asked == []


@pytest.mark.parametrize("reply", [Reply(body="<html>"), Reply(body="https://no-login.example"), Reply(status=503)])
def test_a_claim_that_gives_no_access_says_so_without_the_token(site: Replay, reply: Reply) -> None:
    site.on("POST", "/claim/one-time", reply)
    with pytest.raises(RetryLater, match="new") as failed:
        finish(site, token(f"{site.url}/claim/one-time"))
    assert "one-time" not in str(failed.value)


def test_the_login_goes_into_the_header_and_nowhere_else(site: Replay) -> None:
    own = harness(site)
    ran = own.sync("accounts")
    assert ran.error is None
    assert not any("us er" in str(one.query) or "us%20er" in one.path for one in site.asked)
    with site.failing(Reply(status=503)):
        failed = own.sync("accounts")
    assert "p@ss" not in str(failed.error)
    assert "p%40ss" not in str(failed.error)
    with pytest.raises(AuthError, match="no access URL"):
        Harness(CONNECTOR, {}, tokens=MemoryTokens({"something": "else"})).check()
    with pytest.raises(AuthError, match="no login in it"):
        Harness(CONNECTOR, {"access_url": "https://example.com/simplefin"}).check()


# --- Reading ----------------------------------------------------------------------------------------------------------


def test_the_first_read_goes_back_89_days_in_windows_that_join(server: Server, site: Replay) -> None:
    for days in range(88):
        server.row("checking", f"t{days}", TICK - days * DAY)
    ran = read(site)
    assert ran.error is None
    (first, second, third) = server.windows
    assert (first[1], second[1], third[1]) == (second[0], third[0], None)
    assert first[0] == int((TICK - 89 * DAY).timestamp())
    assert max(end - start for start, end in server.windows if end is not None) == 44 * 86400
    assert len(counted(ran)) == 88
    assert all(batch.covers is Covers.ITS_ACCOUNTS for batch in ran.batches)
    again = read(site, ran, tick=TICK + timedelta(hours=3))
    assert server.windows[3:] == [(int((TICK - 14 * DAY).timestamp()), None)]
    assert counted(ran, again) == counted(ran)


def test_since_says_how_far_back_and_leaves_out_what_was_before(server: Server, site: Replay) -> None:
    server.row("checking", "before", datetime(2025, 6, 14, 12, tzinfo=UTC))
    server.row("checking", "on", datetime(2025, 6, 15, 12, tzinfo=UTC))
    ran = read(site, since="2025-06-15")
    assert list(counted(ran)) == ["on"]
    assert server.windows[0][0] == int(datetime(2025, 6, 15, tzinfo=UTC).timestamp())
    assert len(server.windows) == 6


def test_every_batch_can_be_the_last_one(server: Server, site: Replay) -> None:
    for days in range(0, 88, 3):
        server.row("checking", f"t{days}", TICK - days * DAY)
    server.row("checking", "p", None, pending=True)
    whole = read(site)
    for number in range(1, len(whole.batches)):
        part = harness(site).sync("accounts", batches=number)
        rest = read(site, part)
        assert counted(part, rest) == counted(whole)
        assert rest.cursor == whole.cursor
    asked = len(server.windows)
    own = harness(site)
    done: list[Batch] = []
    with own.context(TICK, time_left=lambda: timedelta(seconds=1)) as (ctx, _, _):
        done.extend(own.connector.sync("accounts", None, ctx))
    assert len(server.windows) == asked + 1
    assert counted(Ran(batches=done), read(site, Ran(cursor=done[-1].cursor))) == counted(whole)


def test_a_pending_one_that_is_booked_or_forgotten_counts_once_or_not(server: Server, site: Replay) -> None:
    server.row("checking", "p1", None, "-5.00", pending=True, transacted_at=int((TICK - DAY).timestamp()))
    server.row("checking", "p2", None, "-6.00")
    server.row("checking", "p3", None, "-7.00", pending=True)
    first = read(site)
    assert set(counted(first)) == {"p1 (pending)", "p2 (pending)", "p3 (pending)"}
    p1, p2, _ = first.of(Transaction)
    assert (p1.booked_at, p2.booked_at) == ((TICK - DAY).date(), TICK.date())
    del server.rows["checking"]["p1"]
    server.row("checking", "b1", TICK, "-5.50")
    server.row("checking", "p2", TICK, "-6.00")
    second = read(site, first, tick=TICK + DAY)
    assert counted(first, second) == {
        "b1": Decimal("-5.50"),
        "p2": Decimal("-6.00"),
        "p3 (pending)": Decimal("-7.00"),
    }
    assert [one.external_id for one in second.of(Removal)] == ["p1"]
    third = read(site, second, tick=TICK + 2 * DAY, pending=False)
    assert [one.external_id for one in third.of(Removal)] == ["p3"]


def test_nothing_is_taken_back_of_an_account_that_is_not_whole_or_not_there(server: Server, site: Replay) -> None:
    server.account("card", conn_id="C2")
    server.row("checking", "p1", None, pending=True)
    server.row("card", "p2", None, pending=True)
    first = read(site)
    server.rows = {"checking": {}, "card": {}}
    server.errlist = [{"code": "act.missingdata", "msg": "Not all of it", "account_id": "checking"}]
    del server.accounts["card"]
    second = read(site, first)
    assert second.of(Removal) == []
    assert isinstance(second.error, PartlyRead)
    server.errlist = []
    server.account("card", conn_id="C2")
    third = read(site, second)
    assert {one.external_id for one in third.of(Removal)} == {"p1", "p2"}


def test_more_pending_ones_than_can_be_kept_track_of_are_not_told(server: Server, site: Replay) -> None:
    for number in range(1000):
        server.row("checking", f"pending-number-{number}", None, pending=True)
    first = read(site)
    assert 0 < len(first.of(Transaction)) < 1000
    server.rows["checking"].clear()
    second = read(site, first)
    assert counted(first, second) == {}


def test_what_was_missed_is_read_when_all_is_whole_again(server: Server, site: Replay) -> None:
    first = read(site)
    server.errlist = [{"code": "con.auth", "msg": "First Bank wants its login", "conn_id": "C1"}]
    server.account("other", conn_id="C2")
    runs = [first, read(site, first, tick=TICK + DAY)]
    assert isinstance(runs[-1].error, PartlyRead)
    assert "First Bank wants its login" in str(runs[-1].error)
    assert len(runs[-1].of(Snapshot)) == 2
    for days in range(2, 60):
        runs.append(read(site, runs[-1], tick=TICK + days * DAY))
    assert {type(one.error) for one in runs[1:]} == {PartlyRead}
    asked = len(server.windows)
    assert asked == 3 + 59
    server.errlist = []
    server.row("checking", "missed", TICK + 5 * DAY, "99.00")
    server.row("other", "of old", TICK - 20 * DAY, "1.00")
    healed = read(site, runs[-1], tick=TICK + 60 * DAY)
    assert healed.error is None
    runs.append(healed)
    assert set(counted(*runs)) == {"missed", "of old"}
    assert len(server.windows) > asked + 1
    asked = len(server.windows)
    runs.append(read(site, runs[-1], tick=TICK + 61 * DAY))
    assert len(server.windows) == asked + 1


def test_the_past_of_a_bank_that_is_connected_later_is_read(server: Server, site: Replay) -> None:
    first = read(site)
    server.account("new", conn_id="C2")
    server.row("new", "old", TICK - 60 * DAY)
    second = read(site, first, tick=TICK + DAY)
    assert "old" in counted(second)
    asked = len(server.windows)
    third = read(site, second, tick=TICK + 2 * DAY)
    assert (third.error, len(server.windows)) == (None, asked + 1)


# --- Complaints -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("errlist", "errors", "expected", "says"),
    [
        ([{"code": "gen.auth", "msg": "No credentials"}], [], AuthError, "No credentials"),
        ([{"code": "con.auth", "msg": "Log in at\nFirst \x1b[31mBank", "conn_id": "C1"}], [], AuthError, "at First"),
        ([{"code": "con.", "msg": "First Bank is slow", "conn_id": "C1"}], [], PartlyRead, "is slow"),
        ([{"code": "act.failed", "msg": "Later", "account_id": "checking"}], [], PartlyRead, "Later"),
        ([{"code": "con.new-subcode", "msg": "Hm", "conn_id": "C1"}], ["Hm"], PartlyRead, "SimpleFIN: Hm$"),
        ([], ["You must reauthenticate."], PartlyRead, "reauthenticate"),
    ],
)
def test_complaints_are_told_and_the_rest_is_kept(
    server: Server, site: Replay, errlist: list[Any], errors: list[str], expected: type[FlowdError], says: str
) -> None:
    server.errlist, server.errors = errlist, errors
    ran = read(site)
    assert isinstance(ran.error, expected)
    with pytest.raises(expected, match=says):
        raise ran.error
    assert (ran.of(Snapshot) != []) == ("gen.auth" not in str(errlist))


@pytest.mark.parametrize(
    ("errlist", "errors", "expected"),
    [
        ([{"code": "con.auth", "msg": "x", "conn_id": "C1"}], [], AuthError),
        ([], ["Payment required."], AuthError),
        ([], ["Something else"], RetryLater),
        ([], [], RetryLater),
    ],
)
def test_an_answer_without_accounts_is_an_error_and_no_zero(
    server: Server, site: Replay, errlist: list[Any], errors: list[str], expected: type[FlowdError]
) -> None:
    server.accounts, server.errlist, server.errors = {}, errlist, errors
    ran = read(site)
    assert isinstance(ran.error, expected)
    assert ran.batches == []


def test_what_is_said_of_the_request_is_logged_and_no_trouble(server: Server, site: Replay) -> None:
    server.errlist = [{"code": "gen.api", "msg": "Requested date range exceeds recommended range of 45 days."}]
    server.errors = ["You are above 24 requests per day"]
    ran = read(site)
    assert ran.error is None
    assert any("45 days" in line for line in ran.log)
    assert any("24 requests per day" in line for line in ran.log)


@pytest.mark.parametrize(
    ("reply", "expected", "says"),
    [
        (Reply(status=402, body={"errors": ["Payment required."]}), AuthError, "wants to be paid"),
        (Reply(status=403, body="Forbidden"), AuthError, "refused the access"),
        (Reply(status=403, body="<html>Cloudflare: you are banned"), RetryLater, "asking too often"),
        (Reply(body=[]), RetryLater, "not an object"),
        (Reply(body={"accounts": None}), RetryLater, "accounts is not a list"),
        (Reply(body={"accounts": [{"id": "a"}]}), RetryLater, r"accounts\[0\] currency is not a text"),
    ],
)
def test_every_answer_that_is_none_is_told(site: Replay, reply: Reply, expected: type[FlowdError], says: str) -> None:
    site.on("GET", "/simplefin/accounts", reply)
    ran = read(site)
    assert isinstance(ran.error, expected)
    with pytest.raises(expected, match=says):
        raise ran.error


def test_check_costs_one_request_and_names_what_is_not_whole(server: Server, site: Replay) -> None:
    server.account("card", conn_id="C2")
    server.errlist = [{"code": "con.auth", "msg": "Log in", "conn_id": "C2"}]
    check = harness(site).check()
    assert (check.summary, check.covers) == ("2 accounts", ["First Bank: checking"])
    assert check.unread == ["Second Bank: card: not whole now, Log in"]
    assert len(site.asked) == 1
    assert site.asked[0].query["balances-only"] == "1"


# --- Records ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Platinum Rewards Visa", AccountKind.CARD),
        ("Credit Card 1234", AccountKind.CARD),
        ("Visa Debit Checking", AccountKind.BANK),
        ("Alliant Credit Union Savings", AccountKind.BANK),
        ("Home Mortgage", AccountKind.BANK),
        ("Savings", AccountKind.BANK),
    ],
)
def test_what_an_account_is_goes_by_its_name(server: Server, site: Replay, name: str, kind: AccountKind) -> None:
    server.account("checking", name=name)
    (info,) = {one.kind for one in read(site).of(AccountInfo)}
    assert info is kind


def test_what_pays_a_loan_off_is_no_income_and_settings_say_what_is_what(server: Server, site: Replay) -> None:
    server.account("checking", name="Home Mortgage", balance="-1000.00")
    server.account("odd", name="Number 5")
    server.row("checking", "in", TICK, "100.00")
    server.row("checking", "out", TICK, "-4.00")
    server.row("odd", "in2", TICK, "100.00")
    ran = read(site)
    assert {one.external_id: one.kind for one in ran.of(Transaction)} == {
        "in": FlowClass.LOAN,
        "out": None,
        "in2": None,
    }
    ran = read(site, accounts={"Number 5": "card", "checking": "bank"})
    assert {one.account: one.kind for one in ran.of(AccountInfo)} == {
        "checking": AccountKind.BANK,
        "odd": AccountKind.CARD,
    }
    assert {one.kind for one in ran.of(Transaction)} == {None}


def test_holdings_and_money_are_together_the_balance(server: Server, site: Replay) -> None:
    holdings = [
        {"id": "1", "symbol": "VTI", "shares": "3", "market_value": "100.00", "currency": "USD"},
        {"id": "2", "symbol": "btc", "shares": "0.5", "market_value": "50", "currency": ""},
        {"id": "3", "symbol": "", "description": "A fund", "shares": "2", "market_value": "20.00"},
        {"id": "4", "symbol": "EURO", "shares": "2", "market_value": "20.00", "currency": "EUR"},
        {"id": "5", "symbol": "OLD", "shares": "0", "market_value": "0.00"},
    ]
    server.account("checking", balance="180.25", holdings=holdings)
    ran = read(site)
    held = {one.asset: one.quantity for one in ran.of(Snapshot)}
    (fund,) = (asset for asset in held if asset.startswith("SIMPLEFIN:"))
    assert held == {"USD": Decimal("10.25"), "SEC:VTI": 3, "SEC:BTC": Decimal("0.5"), fund: 2}
    rates = {one.base: one.value for one in ran.of(Rate)}
    worth = sum((rates.get(asset, Decimal(1)) * quantity for asset, quantity in held.items()), Decimal(0))
    assert abs(worth - Decimal("180.25")) < Decimal("1e-9")
    assert {one.kind for one in ran.of(AccountInfo)} == {AccountKind.BROKER}


@pytest.mark.parametrize(
    ("text", "amount", "kind"),
    [
        ("ROTH CONTRIBUTION 2026", "500.00", FlowClass.DEPOSIT),
        ("ACH IN", "500.00", FlowClass.DEPOSIT),
        ("Withdrawal", "-5.00", FlowClass.WITHDRAWAL),
        ("DIVIDEND VTI", "5.00", None),
        ("REACHED", "5.00", None),
    ],
)
def test_money_put_into_a_brokers_account_is_no_gain(
    server: Server, site: Replay, text: str, amount: str, kind: FlowClass | None
) -> None:
    server.account("checking", holdings=[{"id": "1", "symbol": "VTI", "shares": "1", "market_value": "1.00"}])
    server.row("checking", "t", TICK, amount, description=text)
    (found,) = read(site).of(Transaction)
    assert found.kind is kind


def test_odd_values_are_kept_or_named(server: Server, site: Replay) -> None:
    server.account("checking", balance="-0.000000000000000001", currency="https://www.example.com/points/")
    server.accounts["checking"]["balance-date"] = int((TICK + DAY).timestamp())
    server.row("checking", "🦊", TICK, "1e-18", description="a\x00b " + "x" * 5000, payee="Zoë\n 🦊", mcc=5411)
    server.row("checking", "noon", datetime(2026, 2, 3, 12, tzinfo=UTC))
    server.row("checking", "time", datetime(2026, 2, 3, 12, 1, tzinfo=UTC))
    ran = read(site)
    (snapshot,) = {(one.asset, one.quantity, one.at) for one in ran.of(Snapshot)}
    assert snapshot == ("EXAMPLE.COM/POINTS", Decimal("-1E-18"), TICK)
    found = {one.external_id: one for one in ran.of(Transaction)}
    assert (found["🦊"].amount, found["🦊"].counterparty) == (Decimal("1E-18"), "Zoë 🦊")
    assert found["🦊"].raw == {"mcc": "5411"}
    assert found["noon"].booked_at == date(2026, 2, 3)
    assert found["time"].booked_at == datetime(2026, 2, 3, 12, 1, tzinfo=UTC)
    for wrong in ("1,000.00", "NaN", "1e31", None, True, {"a": 1}):
        server.row("checking", "wrong", TICK, wrong)  # type: ignore[arg-type]
        assert isinstance(read(site).error, RetryLater)


def test_two_accounts_of_one_id_are_told_apart_by_their_bank(server: Server, site: Replay) -> None:
    server.account("x", name="one")
    twin = {**server.accounts["x"], "conn_id": "C2", "name": "two"}
    reply = server.answer
    listed: list[Any] = []

    def both(asked: Asked) -> Reply:
        body: Any = reply(asked).body
        listed[:] = [*body.get("accounts", []), {**twin, "transactions": []}]
        return Reply(body={**body, "accounts": listed})

    site.on("GET", "/simplefin/accounts", both)
    ran = read(site)
    assert {one.account for one in ran.of(AccountInfo)} == {"checking", "C1/x", "C2/x"}
