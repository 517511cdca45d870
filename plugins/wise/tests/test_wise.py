"""Wise from a local server: statements in windows, the way round a second factor, and nothing read both ways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from flowd.api import (
    AuthError,
    ConfigError,
    Covers,
    FlowClass,
    PartlyRead,
    Removal,
    RetryLater,
    Snapshot,
    Transaction,
)
from flowd.testing.harness import TICK, Harness
from flowd.testing.replay import Asked, Replay, Reply
from flowd_wise import CONNECTOR
from flowd_wise.display import shown

_WANTED = Reply(status=403, headers={"x-2fa-approval": "a-name", "x-2fa-approval-result": "REJECTED"}, body={})
_DAY = timedelta(days=1)


class Account:
    """A personal profile with a EUR and a USD balance, and an incoming transfer every fifth day on each of them."""

    def __init__(self, site: Replay) -> None:
        self.site = site
        #: Until when Wise gives statements without a second factor.
        self.open_until = datetime.max.replace(tzinfo=UTC)
        self.now = TICK
        self.status: dict[str, str] = {}
        self.page = 100
        self.windows: list[timedelta] = []
        site.on("GET", "/v2/profiles", Reply(body=[{"id": 1, "type": "personal"}]))
        site.on("GET", "/v4/profiles/1/balances", Reply(body=[self.balance(11, "EUR"), self.balance(12, "USD")]))
        for id_, currency in ((11, "EUR"), (12, "USD")):
            path = f"/v1/profiles/1/balance-statements/{id_}/statement.json"
            site.on("GET", path, partial(self.statement, currency))
        site.on("GET", "/v1/profiles/1/activities", self.activities)

    @staticmethod
    def balance(id_: int, currency: str, value: str = "5.00") -> dict[str, object]:
        amount = {"value": Decimal(value), "currency": currency}
        return {"id": id_, "type": "STANDARD", "currency": currency, "amount": amount}

    def moments(self, first: str, last: str) -> list[datetime]:
        start, end = datetime.fromisoformat(first), min(datetime.fromisoformat(last), self.now)
        day = datetime(2025, 1, 1, 6, tzinfo=UTC)
        found = []
        while day <= end:
            if day >= start:
                found.append(day)
            day += 5 * _DAY
        return found

    def statement(self, currency: str, asked: Asked) -> Reply:
        assert (asked.query["type"], asked.query["currency"]) == ("COMPACT", currency)
        first, last = asked.query["intervalStart"], asked.query["intervalEnd"]
        self.windows.append(datetime.fromisoformat(last) - datetime.fromisoformat(first))
        if self.now > self.open_until:
            return _WANTED
        return Reply(body={"transactions": [self.row(at, currency) for at in self.moments(first, last)]})

    @staticmethod
    def row(at: datetime, currency: str) -> dict[str, object]:
        return {
            "type": "CREDIT",
            "date": at.isoformat(),
            "amount": {"value": Decimal("10.00"), "currency": currency},
            "totalFees": {"value": 0, "currency": currency},
            "details": {"type": "DEPOSIT", "senderName": "A Client"},
            "referenceNumber": f"TRANSFER-{at:%Y%m%d}{currency}",
        }

    def activities(self, asked: Asked) -> Reply:
        rows = [
            self.activity(at, currency)
            for at in reversed(self.moments(asked.query["since"], asked.query["until"]))
            for currency in ("EUR", "USD")
        ]
        start = int(asked.query.get("nextCursor", "0"))
        end = start + self.page
        return Reply(body={"cursor": str(end) if end < len(rows) else None, "activities": rows[start:end]})

    def activity(self, at: datetime, currency: str) -> dict[str, object]:
        number = f"{at:%Y%m%d}{currency}"
        return {
            "id": f"an-activity-{number}",
            "type": "TRANSFER",
            "resource": {"type": "TRANSFER", "id": number},
            "title": "<strong>A Client</strong>",
            "primaryAmount": f"<positive>+ 10 {currency}</positive>",
            "secondaryAmount": "",
            "status": self.status.get(number, "COMPLETED"),
            "createdOn": at.isoformat(),
            "updatedOn": (at + _DAY).isoformat(),
        }


@pytest.fixture
def site() -> Iterator[Replay]:
    with Replay() as running:
        yield running


def harness(site: Replay, **config: object) -> Harness:
    return Harness(CONNECTOR, {"token": "a-token", "since": "2025-10-01", "url": site.url, **config})


def keys(found: list[Transaction]) -> list[tuple[str, str | None]]:
    return sorted((one.account, one.external_id) for one in found)


def test_statements_in_windows_without_a_gap(site: Replay) -> None:
    account = Account(site)
    ran = harness(site, since="2025-01-01").sync("transactions")
    assert ran.error is None
    assert len(set(keys(ran.of(Transaction)))) == 2 * 85
    assert max(account.windows) <= timedelta(days=365)
    assert ran.of(Transaction)[0].kind is None, "whether it is income is for the classifier to say"


def test_a_second_factor_leads_to_activities_with_the_same_keys_and_is_remembered(site: Replay) -> None:
    account = Account(site)
    statements = harness(site).sync("transactions")
    account.open_until = TICK - _DAY
    activities = harness(site).sync("transactions")
    assert keys(activities.of(Transaction)) == keys(statements.of(Transaction))
    assert "a-token" not in str(activities.cursor)
    site.asked.clear()
    harness(site).sync("transactions", activities.cursor)
    assert not any("statement" in path for path in site.paths())


@pytest.mark.parametrize("page", [1, 3])
def test_pages_and_one_batch_a_run(site: Replay, page: int) -> None:
    account = Account(site)
    account.page, account.open_until = page, TICK - _DAY
    whole = keys(harness(site).sync("transactions").of(Transaction))
    cursor, found = None, []
    for _ in range(100):
        ran = harness(site).sync("transactions", cursor, batches=1)
        found += ran.of(Transaction)
        cursor = ran.cursor
        if {*keys(found)} == {*whole}:
            break
    assert {*keys(found)} == {*whole}


def test_nothing_is_read_both_ways_when_wise_closes_statements(site: Replay) -> None:
    account = Account(site)
    first = harness(site).sync("transactions")
    account.now = later = TICK + 30 * _DAY
    account.open_until = TICK
    then = harness(site).sync("transactions", first.cursor, tick=later)
    assert then.error is None
    assert set(keys(first.of(Transaction))).isdisjoint(keys(then.of(Transaction)))
    assert len(keys(then.of(Transaction))) == 2 * 6
    account.open_until = later + _DAY
    account.now = latest = later + 10 * _DAY
    closed = harness(site, read="statements").sync("transactions", then.cursor, tick=latest)
    assert isinstance(closed.error, AuthError)
    account.open_until = latest + _DAY
    back = harness(site, read="statements").sync("transactions", then.cursor, tick=latest)
    assert back.error is None
    assert min(one.booked_at for one in back.of(Transaction) if isinstance(one.booked_at, datetime)) > later


def test_another_first_day_keeps_the_way(site: Replay) -> None:
    account = Account(site)
    account.open_until = TICK - _DAY
    first = harness(site).sync("transactions")
    site.asked.clear()
    earlier = harness(site, since="2025-06-01").sync("transactions", first.cursor)
    assert len(keys(earlier.of(Transaction))) > len(keys(first.of(Transaction)))
    assert not any("statement" in path for path in site.paths())


def test_what_waits_is_read_again_until_it_is_final_or_cancelled(site: Replay) -> None:
    account = Account(site)
    account.open_until = TICK - _DAY
    one, two = "20260131EUR", "20260205EUR"
    account.status = {one: "IN_PROGRESS", two: "IN_PROGRESS"}
    first = harness(site).sync("transactions")
    assert {row.external_id for row in first.of(Transaction) if row.pending} == {
        f"TRANSFER-{one}:CREDIT",
        f"TRANSFER-{two}:CREDIT",
    }
    account.status = {one: "COMPLETED", two: "CANCELLED"}
    account.now = TICK + _DAY
    again = harness(site).sync("transactions", first.cursor, tick=TICK + _DAY)
    booked = [row for row in again.of(Transaction) if row.external_id == f"TRANSFER-{one}:CREDIT"]
    assert [row.pending for row in booked] == [False]
    assert f"TRANSFER-{two}:CREDIT" in {row.external_id for row in again.of(Removal)}
    assert f"TRANSFER-{two}:CREDIT" not in {row.external_id for row in again.of(Transaction)}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        # What somebody else got, and what it took from one's own balance.
        ({"primaryAmount": "120 GBP", "secondaryAmount": "111.11 EUR"}, [("11", "-111.11", None)]),
        # Paid by a card of another bank: no balance was touched.
        ({"primaryAmount": "120 EUR", "secondaryAmount": "100 GBP"}, []),
        # Came in in a currency without a balance, and went into one that there is.
        (
            {"primaryAmount": "<positive>+ 120 GBP</positive>", "secondaryAmount": "140 EUR"},
            [("11", "140", None)],
        ),
        (
            {"type": "AUTO_CONVERSION", "primaryAmount": "108 USD", "secondaryAmount": "100.50 EUR"},
            [("11", "-100.50", FlowClass.FX), ("12", "108", FlowClass.FX)],
        ),
        (
            {"type": "INTERBALANCE", "title": "From <strong>Taxes</strong>", "primaryAmount": "5 EUR"},
            [("11", "5", FlowClass.TRANSFER)],
        ),
        ({"type": "INTERBALANCE", "title": "<strong>Steuern</strong>", "primaryAmount": "5 EUR"}, []),
        ({"type": "BALANCE_DEPOSIT", "primaryAmount": "5 EUR"}, [("11", "5", FlowClass.TRANSFER)]),
        ({"type": "CARD_PAYMENT", "primaryAmount": "<positive>+ 5 EUR</positive>"}, [("11", "5", FlowClass.REFUND)]),
        ({"type": "BALANCE_ASSET_FEE", "primaryAmount": "0.06 EUR"}, [("11", "-0.06", FlowClass.FEE)]),
        ({"type": "PAYMENT_REQUEST"}, []),
        ({"status": "UPCOMING"}, []),
        ({"primaryAmount": ""}, []),
        ({"type": "SOMETHING_NEW", "primaryAmount": "5 USD"}, [("12", "-5", None)]),
    ],
)
def test_what_an_activity_did_to_the_balances(
    site: Replay, change: dict[str, object], expected: list[tuple[str, str, FlowClass | None]]
) -> None:
    account = Account(site)
    one = {**account.activity(TICK - _DAY, "EUR"), **change}
    site.on("GET", "/v1/profiles/1/activities", Reply(body={"cursor": None, "activities": [one]}))
    ran = harness(site, read="activities", since="2026-02-20").sync("transactions")
    assert ran.error is None
    assert sorted((row.account, str(row.amount), row.kind) for row in ran.of(Transaction)) == expected


def test_a_status_that_nobody_knows_is_named(site: Replay) -> None:
    account = Account(site)
    one = {**account.activity(TICK - _DAY, "EUR"), "status": "ODD"}
    site.on("GET", "/v1/profiles/1/activities", Reply(body={"cursor": None, "activities": [one]}))
    ran = harness(site, read="activities").sync("transactions")
    assert isinstance(ran.error, RetryLater)
    assert "'ODD'" in str(ran.error)


def test_a_page_that_wise_forgot_begins_its_window_anew(site: Replay) -> None:
    account = Account(site)
    account.page, account.open_until = 3, TICK - _DAY
    first = harness(site).sync("transactions", batches=1)
    forgotten = [Reply(status=400, body={})]
    site.on(
        "GET",
        "/v1/profiles/1/activities",
        lambda asked: forgotten.pop() if forgotten and "nextCursor" in asked.query else account.activities(asked),
    )
    rest = harness(site).sync("transactions", first.cursor)
    assert rest.error is None
    assert len({*keys(first.of(Transaction)), *keys(rest.of(Transaction))}) == 2 * 30


def test_pages_that_lead_round_in_a_circle_end(site: Replay) -> None:
    account = Account(site)
    account.open_until = TICK - _DAY
    one = account.activity(TICK - _DAY, "EUR")
    site.on("GET", "/v1/profiles/1/activities", Reply(body={"cursor": "again", "activities": [one]}))
    ran = harness(site).sync("transactions")
    assert isinstance(ran.error, PartlyRead)
    assert "same page" in str(ran.error)


@pytest.mark.parametrize(("read", "says"), [("statements", "read: activities"), ("auto", "CSV")])
def test_where_no_way_is_left_it_says_what_to_do(site: Replay, read: str, says: str) -> None:
    Account(site).open_until = TICK - _DAY
    site.on("GET", "/v1/profiles/1/activities", _WANTED)
    ran = harness(site, read=read).sync("transactions")
    assert isinstance(ran.error, AuthError)
    assert says in str(ran.error)
    assert ran.records == []


def test_a_profile_that_fails_leaves_the_others_and_no_zero(site: Replay) -> None:
    Account(site)
    site.on("GET", "/v2/profiles", Reply(body=[{"id": 1, "type": "PERSONAL"}, {"id": 2, "type": "BUSINESS"}]))
    site.on("GET", "/v4/profiles/2/balances", Reply(status=403, body={}))
    ran = harness(site).sync("balances")
    assert isinstance(ran.error, PartlyRead)
    assert [one.account for one in ran.of(Snapshot)] == ["11", "12"]
    assert ran.batches[0].covers is Covers.ITS_ACCOUNTS
    only = harness(site, profile="personal").sync("balances")
    assert only.batches[0].covers is Covers.CONNECTION
    refused = harness(site, profile=2).sync("balances")
    assert type(refused.error) is AuthError
    with pytest.raises(ConfigError, match="personal \\(1\\)"):
        harness(site, profile="company").check()


def test_a_card_refund_and_its_payment_are_two(site: Replay) -> None:
    account = Account(site)
    paid = {"type": "CARD", "merchant": {"name": "A Shop"}}
    row = account.row(TICK - 2 * _DAY, "EUR")
    rows = [
        {**row, "type": "DEBIT", "amount": {"value": Decimal("-9.99"), "currency": "EUR"}, "details": paid},
        {**row, "amount": {"value": Decimal("9.99"), "currency": "EUR"}, "details": paid},
    ]
    site.on("GET", "/v1/profiles/1/balance-statements/11/statement.json", Reply(body={"transactions": rows}))
    found = [
        one for one in harness(site, since="2026-02-01").sync("transactions").of(Transaction) if one.account == "11"
    ]
    assert [(one.kind, one.counterparty) for one in found] == [
        (FlowClass.EXPENSE, "A Shop"),
        (FlowClass.REFUND, "A Shop"),
    ]
    assert len(set(keys(found))) == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"type": "DEBIT"}, "'DEBIT' of 10.00"),
        ({"amount": {"value": "much", "currency": "EUR"}}, "much"),
        ({"referenceNumber": None}, "referenceNumber"),
        ({"date": "2026-02-01T00:00:00"}, "date"),
    ],
)
def test_rubbish_is_named(site: Replay, change: dict[str, object], says: str) -> None:
    account = Account(site)
    rows = [{**account.row(TICK - _DAY, "EUR"), **change}]
    for id_ in (11, 12):
        site.on("GET", f"/v1/profiles/1/balance-statements/{id_}/statement.json", Reply(body={"transactions": rows}))
    ran = harness(site).sync("transactions")
    assert isinstance(ran.error, RetryLater)
    assert says in str(ran.error)
    assert ran.of(Transaction) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<positive>+ 1,234.50 EUR</positive>", ("1234.50", "EUR", True)),
        ("<negative>- 18.55 EUR</negative>", ("18.55", "EUR", False)),
        ("\u2212 5 USD", ("5", "USD", False)),
        ("150 JPY", ("150", "JPY", None)),
        ("<strong>0.000001 BHD</strong>", ("0.000001", "BHD", None)),
        ("1,000,000 IDR", ("1000000", "IDR", None)),
        ("1234567.123456789012345678 EUR", ("1234567.123456789012345678", "EUR", None)),
    ],
)
def test_amounts_as_wise_shows_them(text: str, expected: tuple[str, str, bool | None]) -> None:
    found = shown(text, "an activity")
    assert found is not None
    assert (str(found.amount), found.currency, found.comes_in) == expected


@pytest.mark.parametrize(
    "text",
    [
        "1.234,50 EUR",
        "EUR 5",
        "12,34 EUR",
        "5 €",
        "1e5 EUR",
        "<b>5 EUR</b>",
        "<positive>- 5 EUR</positive>",
        f"{10**30} EUR",
        " ",
        5,
        "٣ EUR",
    ],
)
def test_amounts_written_otherwise_are_named_and_not_guessed(text: object) -> None:
    with pytest.raises(RetryLater, match="an activity shows the amount"):
        shown(text, "an activity")
    assert shown("", "an activity") is None
