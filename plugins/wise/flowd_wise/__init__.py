"""The connector `wise`: the balances and jars of a Wise account, and what comes in and goes out of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowd.api import AccountKind, ConnectorType, Feed, Maturity, Past, RateLimit, hookimpl
from flowd_wise.connector import Wise
from flowd_wise.settings import WiseConfig

CONNECTOR = ConnectorType(
    name="wise",
    config=WiseConfig,
    connect=Wise,
    feeds=(
        Feed(name="balances", every=timedelta(hours=1)),
        Feed(name="transactions", every=timedelta(hours=1), timeout=timedelta(minutes=5)),
    ),
    summary="balances, jars and transactions of a Wise account",
    # Wise answers 429 where it is asked too often, and gives no figure that holds for all.
    limit=RateLimit(calls=60, per=timedelta(minutes=1)),
    maturity=Maturity.BETA,
    accounts=AccountKind.BANK,
    past=Past(),
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `wise`."""
    register(CONNECTOR)
