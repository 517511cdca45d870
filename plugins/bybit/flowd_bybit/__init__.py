"""The connector `bybit`: Bybit on flowd-ccxt, with its own map of wallets and its transaction log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowd.api import ConnectorType, Past, hookimpl
from flowd_bybit.histories import KEPT
from flowd_bybit.profile import BYBIT
from flowd_ccxt.config import ExchangeConfig
from flowd_ccxt.connector import connector_type


class BybitConfig(ExchangeConfig):
    """Bybit's key."""


CONNECTOR = connector_type(
    "bybit",
    BybitConfig,
    lambda _: BYBIT,
    summary="Bybit: unified, funding, contract and earn wallets, and the unified account's transaction log",
    past=Past(most=KEPT),
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `bybit`."""
    register(CONNECTOR)
