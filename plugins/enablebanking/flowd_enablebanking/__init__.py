"""The connector `enablebanking`: bank accounts through Enable Banking, balances and booked transactions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowd.api import AccountKind, ConnectorType, Feed, Maturity, Past, RateLimit, hookimpl
from flowd_enablebanking.connector import EnableBanking
from flowd_enablebanking.settings import EnableBankingConfig

#: A bank has to answer four times a day without its customer (PSD2, RTS article 36), and may refuse more.
_EVERY = timedelta(hours=6)

CONNECTOR = ConnectorType(
    name="enablebanking",
    config=EnableBankingConfig,
    connect=EnableBanking,
    feeds=(
        Feed(name="balances", every=_EVERY, timeout=timedelta(minutes=5)),
        Feed(name="transactions", every=_EVERY, timeout=timedelta(minutes=10)),
    ),
    summary="bank accounts through Enable Banking: balances and booked transactions",
    # Enable Banking names no number of its own; how often the banks are asked is counted by the connector itself.
    limit=RateLimit(calls=60, per=timedelta(minutes=1), budget=500, budget_per=timedelta(days=1)),
    maturity=Maturity.BETA,
    accounts=AccountKind.BANK,
    links=True,
    past=Past(words="many banks tell of more than 90 days only in the first hour after `flowd link`"),
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `enablebanking`."""
    register(CONNECTOR)
