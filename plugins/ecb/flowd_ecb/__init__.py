"""The connector `ecb`: exchange rates of the European Central Bank, back to 1999 without a network."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowd.api import AccountKind, ConnectorType, Feed, Maturity, Past, RateLimit, RateProvider, hookimpl
from flowd_ecb.connector import Ecb, EcbConfig
from flowd_ecb.provider import BundledRates

CONNECTOR = ConnectorType(
    name="ecb",
    config=EcbConfig,
    connect=Ecb,
    feeds=(Feed(name="rates", every=timedelta(hours=3), timeout=timedelta(minutes=2)),),
    summary="exchange rates of the European Central Bank, back to 1999 without a network",
    limit=RateLimit(calls=10, per=timedelta(minutes=1)),
    maturity=Maturity.STABLE,
    accounts=AccountKind.MANUAL,
    past=Past(words="the ECB's rates begin with 1999"),
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `ecb`."""
    register(CONNECTOR)


@hookimpl
def register_rate_providers(register: Callable[[RateProvider], None]) -> None:
    """Register the history that comes with the package."""
    register(BundledRates())
