"""The connector `truelayer`: bank accounts and cards through TrueLayer, balances and booked transactions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowd.api import AccountKind, ConnectorType, Feed, Maturity, Past, RateLimit, hookimpl
from flowd_truelayer.connector import TrueLayer
from flowd_truelayer.settings import TrueLayerConfig

#: A bank has to answer four times a day without its customer (PSD2, RTS article 36), and may refuse more.
_EVERY = timedelta(hours=6)

CONNECTOR = ConnectorType(
    name="truelayer",
    config=TrueLayerConfig,
    connect=TrueLayer,
    feeds=(
        Feed(name="balances", every=_EVERY, timeout=timedelta(minutes=5)),
        Feed(name="transactions", every=_EVERY, timeout=timedelta(minutes=10)),
    ),
    summary="bank accounts and cards through TrueLayer: balances and booked transactions",
    # TrueLayer names no number and answers what is asked again within an hour from its cache; how often the banks are
    # asked is counted by the connector itself, per feed and day.
    limit=RateLimit(calls=60, per=timedelta(minutes=1), budget=500, budget_per=timedelta(days=1)),
    maturity=Maturity.BETA,
    accounts=AccountKind.BANK,
    links=True,
    past=Past(words="many banks tell of more than 90 days only in the first minutes after `flowd link`"),
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `truelayer`."""
    register(CONNECTOR)
