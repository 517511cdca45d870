"""A BloFin that answers on loopback, in the formats of its documentation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from flowd.testing.replay import Replay, Reply

KEY, SECRET, PASSWORD = "key-7f3a91c2", "secret-b18de0", "phrase-55aa"


def contract(name: str, size: str = "1", *, inverse: bool = False) -> dict[str, str]:
    base, quote = name.split("-")
    return {
        "instId": name, "baseCurrency": base, "quoteCurrency": quote, "contractValue": size, "instType": "SWAP",
        "contractType": "inverse" if inverse else "linear", "maxLeverage": "100", "minSize": "0.1", "lotSize": "0.1",
        "tickSize": "0.1", "state": "live", "settleCurrency": base if inverse else quote, "listTime": "1638333031000",
    }  # fmt: skip


def good(data: Any) -> Reply:
    return Reply(body={"code": "0", "msg": "success", "data": data})


def equity(*rows: tuple[str, str]) -> Reply:
    details = [{"currency": name, "equity": total, "balance": total, "available": total} for name, total in rows]
    return good({"ts": "1772366400000", "totalEquity": "0", "details": details})


@pytest.fixture
def blofin() -> Iterator[Replay]:
    with Replay() as server:
        server.otherwise(lambda _: good([]))
        server.on("GET", "/api/v1/market/instruments", good([contract("BTC-USDT", "0.001"), contract("LTC-USDT")]))
        server.on("GET", "/api/v1/account/balance", equity())
        server.on("GET", "/api/v1/copytrading/account/balance", equity())
        server.on("GET", "/api/v1/account/config", good({"accountLevel": "0"}))
        server.on(
            "GET",
            "/api/v1/user/query-apikey",
            good({"readOnly": 1, "ips": ["10.0.0.1"], "expireTime": "1897026383085", "parentUid": "0"}),
        )
        yield server


@pytest.fixture
def config(blofin: Replay) -> dict[str, object]:
    return {"key": KEY, "secret": SECRET, "password": PASSWORD, "url": blofin.url}
