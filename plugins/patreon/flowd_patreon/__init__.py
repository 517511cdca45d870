"""The connector `patreon`: what patrons paid, and what memberships are worth per month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowd.api import AccountKind, Analytic, ConnectorType, Feed, Maturity, Past, RateLimit, hookimpl
from flowd_patreon.analytic import PatreonMrr
from flowd_patreon.config import PatreonConfig
from flowd_patreon.connector import Patreon

CONNECTOR = ConnectorType(
    name="patreon",
    config=PatreonConfig,
    connect=Patreon,
    feeds=(Feed(name="members", every=timedelta(hours=6), timeout=timedelta(minutes=10)),),
    summary="payments of patrons and the recurring revenue of a creator's memberships",
    # Patreon publishes 100 requests a minute for each token, and 100 in two seconds for each client.
    limit=RateLimit(calls=90, per=timedelta(minutes=1)),
    maturity=Maturity.ALPHA,
    accounts=AccountKind.PAYOUT,
    links=True,
    past=Past(first=None),
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `patreon`."""
    register(CONNECTOR)


@hookimpl
def register_analytics(register: Callable[[Analytic], None]) -> None:
    """Register what makes monthly recurring revenue of the memberships that were read."""
    register(PatreonMrr())
