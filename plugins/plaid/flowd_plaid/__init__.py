"""The connector `plaid`: accounts at banks, cards, lenders and brokers that Plaid reaches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowd.api import AccountKind, ConnectorType, Feed, Maturity, Past, RateLimit, hookimpl
from flowd_plaid.client import CALLS
from flowd_plaid.config import PlaidConfig
from flowd_plaid.connector import Plaid

CONNECTOR = ConnectorType(
    name="plaid",
    config=PlaidConfig,
    connect=Plaid,
    feeds=(
        # Plaid asks banks one to four times a day; asking Plaid costs nothing more.
        Feed(name="transactions", every=timedelta(hours=3), timeout=timedelta(minutes=10)),
        Feed(name="balances", every=timedelta(hours=3)),
        Feed(name="investments", every=timedelta(hours=12), timeout=timedelta(minutes=10)),
    ),
    summary="accounts at banks, cards, lenders and brokers that Plaid reaches",
    limit=RateLimit(calls=CALLS, per=timedelta(minutes=1)),
    maturity=Maturity.BETA,
    accounts=AccountKind.BANK,
    links=True,
    past=Past(
        first=None,
        most=timedelta(days=730),
        words="Plaid keeps two years, and of transactions only those since the day that was asked for when it was "
        "linked: `flowd link` asks anew",
    ),
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `plaid`."""
    register(CONNECTOR)
