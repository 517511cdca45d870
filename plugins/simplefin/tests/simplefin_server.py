"""A SimpleFIN server on loopback: accounts whose rows are given by the window they were booked in."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from flowd.api import (
    Removal,
    Transaction,
)
from flowd.testing.harness import TICK, Harness, MemoryTokens, Ran
from flowd.testing.replay import Asked, Replay, Reply
from flowd_simplefin import CONNECTOR

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


def with_an_account() -> Server:
    made = Server()
    made.account("checking")
    return made


def serving(server: Server) -> Iterator[Replay]:
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
