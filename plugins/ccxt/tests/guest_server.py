"""A Bitstamp on loopback, as ccxt asks it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import flowd_ccxt
from flowd.testing.harness import TICK, Harness
from flowd.testing.replay import Replay, Reply

NOW = round(TICK.timestamp() * 1000)


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


NOW_S = int(TICK.timestamp())


class Bitstamp:
    """Bitstamp, which has no map here, as its documentation says it answers."""

    def __init__(self, server: Replay) -> None:
        self.server = server
        pairs = [{"name": "BTC/EUR", "market_symbol": "btceur", "base_currency": "BTC", "base_decimals": 8,
                  "counter_currency": "EUR", "counter_decimals": 0, "minimum_order": "10", "trading": "Enabled",
                  "minimum_order_value": "10", "market_type": "SPOT", "instant_and_market_orders": "Enabled",
                  "description": "Bitcoin / Euro", "url_symbol": "btceur"}]  # fmt: skip
        server.on("GET", "/api/v2/markets/", Reply(body=pairs))
        server.on("GET", "/api/v2/trading-pairs-info/", Reply(body=pairs))
        server.on("GET", "/api/v2/currencies/", Reply(body=[]))
        server.on("GET", "/api/v2/ticker/btceur/", Reply(body=b'{"last": 60000.10, "timestamp": "1772366400"}'))
        server.on(
            "POST",
            "/api/v2/account_balances/",
            Reply(body=b'[{"currency": "btc", "total": 0.100000000000000001, "available": "0.1", "reserved": "0"},'
                       b' {"currency": "eur", "total": "7.10", "available": "7.10", "reserved": "0.00"}]'),
        )  # fmt: skip


def serving() -> Any:
    with Replay() as server:
        yield Bitstamp(server)


def harness(server: Replay, exchange: str = "bitstamp", **more: object) -> Harness:
    config = {"exchange": exchange, "key": "key-7f3a91c2", "secret": "secret-b18de0", "uid": "12345", "url": server.url}
    return Harness(flowd_ccxt.CONNECTOR, {**config, **more})
