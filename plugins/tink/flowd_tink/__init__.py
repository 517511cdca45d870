"""The connector `tink`: bank accounts through Tink, balances and booked transactions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowd.api import AccountKind, ConnectorType, Feed, Maturity, Past, RateLimit, hookimpl
from flowd_tink.connector import Tink
from flowd_tink.settings import TinkConfig

#: Tink itself asks a bank at most four times a day without its customer (PSD2), so asking Tink more often is in vain.
_EVERY = timedelta(hours=6)

CONNECTOR = ConnectorType(
    name="tink",
    config=TinkConfig,
    connect=Tink,
    feeds=(
        Feed(name="balances", every=_EVERY, timeout=timedelta(minutes=2)),
        Feed(name="transactions", every=_EVERY, timeout=timedelta(minutes=10)),
    ),
    summary="bank accounts through Tink: balances and booked transactions",
    # Tink publishes no number; this is far below what its documentation's examples do.
    limit=RateLimit(calls=60, per=timedelta(minutes=1), budget=1000, budget_per=timedelta(days=1)),
    maturity=Maturity.BETA,
    accounts=AccountKind.BANK,
    links=True,
    past=Past(words="many banks give Tink 90 days only, and at most about two years"),
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `tink`."""
    register(CONNECTOR)
