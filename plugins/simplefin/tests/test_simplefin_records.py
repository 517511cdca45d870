"""What SimpleFIN's accounts, holdings and rows come out as."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from simplefin_server import DAY, Server, read, serving, with_an_account

from flowd.api import (
    AccountInfo,
    AccountKind,
    FlowClass,
    Rate,
    RetryLater,
    Snapshot,
    Transaction,
)
from flowd.testing.harness import TICK
from flowd.testing.replay import Asked, Replay, Reply

server = pytest.fixture(with_an_account)
site = pytest.fixture(serving)


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
