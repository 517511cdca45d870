"""The connector `rates`: exchange rates and prices of coins from public sources, one standing in for another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowd.api import AccountKind, ConnectorType, Feed, Maturity, RateLimit, Scope, hookimpl
from flowd_rates.connector import Rates, RatesConfig

CONNECTOR = ConnectorType(
    name="rates",
    config=RatesConfig,
    connect=Rates,
    feeds=(Feed(name="rates", every=timedelta(minutes=15)),),
    summary="exchange rates and prices of coins from public sources",
    # Kraken publishes about one public request a second; the others allow more.
    limit=RateLimit(calls=10, per=timedelta(seconds=10), scope=Scope.HOST),
    maturity=Maturity.BETA,
    accounts=AccountKind.MANUAL,
    quotes=True,
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `rates`."""
    register(CONNECTOR)
