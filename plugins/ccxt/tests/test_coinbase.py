"""Coinbase against a local server: accounts page by page, and what happened in each of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import flowd_ccxt
from flowd.api import FlowClass, Snapshot, Transaction
from flowd.testing.harness import Harness
from flowd.testing.replay import Asked, Replay, Reply

#: Made for this run: Coinbase signs with a key of its own kind, whose line ends are spelled out in environment files.
PEM = ec.generate_private_key(ec.SECP256R1()).private_bytes(
    Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
)


def harness(server: Replay, **more: object) -> Harness:
    config = {"exchange": "coinbase", "key": "organizations/x/apiKeys/y", "secret": PEM.decode().replace("\n", "\\n")}
    return Harness(flowd_ccxt.CONNECTOR, {**config, "url": server.url, **more})


def brokerage(asked: Asked) -> Reply:
    def row(unit: str, free: str, hold: str) -> dict[str, Any]:
        return {"uuid": unit, "currency": unit, "available_balance": {"value": free, "currency": unit},
                "hold": {"value": hold, "currency": unit}}  # fmt: skip

    if asked.query.get("cursor") == "two":
        return Reply(body={"accounts": [row("ETH", "2", "0.5")], "has_next": False, "cursor": ""})
    return Reply(body={"accounts": [row("BTC", "0.1", "0")], "has_next": True, "cursor": "two"})


def transaction(name: str, sort: str, quantity: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "type": sort, "status": "completed", "amount": {"amount": quantity, "currency": "BTC"},
            "created_at": "2026-02-27T12:00:00Z", **more}  # fmt: skip


ROWS = [
    transaction("a", "staking_reward", "0.001"),
    transaction("b", "send", "-0.5", network={"transaction_fee": {"amount": "0.0002", "currency": "BTC"}}),
    transaction("c", "fiat_deposit", "100"),
    transaction("d", "advanced_trade_fill", "0.3"),
    transaction("e", "pro_withdrawal", "1"),
    transaction("f", "send", "0.2", status="pending"),
    transaction("g", "send", "0.2", status="failed"),
    transaction("z", "interest", "5", created_at="2026-02-01T00:00:00Z"),
]


def account(name: str, touched: str | None) -> dict[str, Any]:
    return {"id": name, "currency": {"code": "BTC"}, "created_at": touched, "updated_at": touched}


def test_coinbase_balances_and_transactions() -> None:
    with Replay() as server:
        server.otherwise(lambda _: Reply(body={"products": [], "data": []}))
        server.on("GET", "/api/v3/brokerage/accounts", brokerage)
        server.on("GET", "/api/v3/brokerage/cfm/balance_summary", Reply(status=404, body={"error": "NOT_FOUND"}))
        accounts = [account("A1", "2026-02-28T00:00:00Z"), account("A2", "2020-01-01T00:00:00Z"), account("A3", None)]
        server.on("GET", "/v2/accounts", Reply(body={"pagination": {"next_uri": None}, "data": accounts}))

        def page(asked: Asked) -> Reply:
            first = 4 if asked.query.get("starting_after") == "d" else 0
            more = "/v2/more" if first == 0 else None
            return Reply(body={"pagination": {"next_uri": more}, "data": ROWS[first : first + 4]})

        server.on("GET", "/v2/accounts/A1/transactions", page)
        ran = harness(server, wallets=["spot"]).sync("balances")
        assert {one.asset: one.quantity for one in ran.of(Snapshot)} == {"BTC": Decimal("0.1"), "ETH": Decimal("2.5")}

        moves = harness(server, since="2026-02-20").sync("transfers")
        assert moves.error is None
        assert {one.external_id: (one.amount, one.kind, one.pending) for one in moves.of(Transaction)} == {
            "b": (Decimal("-0.4998"), FlowClass.WITHDRAWAL, False),
            "b:fee": (Decimal("-0.0002"), FlowClass.FEE, False),
            "c": (Decimal(100), FlowClass.DEPOSIT, False),
            "e": (Decimal(1), FlowClass.TRANSFER, False),
            "f": (Decimal("0.2"), FlowClass.DEPOSIT, True),
        }
        income = harness(server, since="2026-02-20").sync("income")
        assert {one.external_id: (one.amount, one.kind) for one in income.of(Transaction)} == {
            "a": (Decimal("0.001"), FlowClass.STAKING)
        }
