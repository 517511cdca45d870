"""The connector `demo`: made-up income of a made-up exchange and payout platform, always the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowd.api import AccountKind, ConnectorType, Feed, Maturity, hookimpl
from flowd_demo.connector import Demo, DemoConfig

CONNECTOR = ConnectorType(
    name="demo",
    config=DemoConfig,
    connect=Demo,
    feeds=(Feed(name="balances", every=timedelta(minutes=10), timeout=timedelta(minutes=1)),),
    summary="made-up income of a made-up exchange and payout platform: always the same",
    maturity=Maturity.STABLE,
    accounts=AccountKind.WALLET_SPOT,
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `demo`."""
    register(CONNECTOR)
