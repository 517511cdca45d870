"""The connector `binance`: every wallet of a Binance account, its income by kind, money moved, and trades."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowd.api import AccountKind, ConnectorType, Feed, Maturity, Past, RateLimit, Scope, hookimpl
from flowd_binance.connector import Binance
from flowd_binance.endpoints import PER_MINUTE
from flowd_binance.settings import BinanceConfig

_LONG = timedelta(minutes=5)

CONNECTOR = ConnectorType(
    name="binance",
    config=BinanceConfig,
    connect=Binance,
    feeds=(
        Feed(name="balances", every=timedelta(minutes=5), timeout=timedelta(minutes=2)),
        Feed(name="transfers", every=timedelta(minutes=15), timeout=_LONG),
        Feed(name="income", every=timedelta(minutes=15), timeout=_LONG),
        Feed(name="trades", every=timedelta(hours=1), timeout=_LONG),
    ),
    summary="every wallet of a Binance account, its income by kind, deposits and withdrawals, trades",
    # Counted by address, as Binance does; see flowd_binance.endpoints for what a request weighs.
    limit=RateLimit(calls=PER_MINUTE, per=timedelta(minutes=1), scope=Scope.HOST),
    maturity=Maturity.BETA,
    accounts=AccountKind.WALLET_SPOT,
    past=Past(
        words="Binance keeps futures trades and income for three months, and margin interest for half a year; spot "
        "trades in coins you hold no more are found in the markets that `symbols` names"
    ),
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `binance`."""
    register(CONNECTOR)
