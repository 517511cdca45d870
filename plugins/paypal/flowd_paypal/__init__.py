"""The connector `paypal`: what comes into a PayPal account and leaves it, net of fees, and its balances."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowd.api import AccountKind, ConnectorType, Feed, Maturity, Past, RateLimit, hookimpl
from flowd_paypal.connector import PayPal, PayPalConfig

CONNECTOR = ConnectorType(
    name="paypal",
    config=PayPalConfig,
    connect=PayPal,
    feeds=(
        # PayPal itself takes up to three hours until a payment is in its reports.
        Feed(name="transactions", every=timedelta(hours=1), timeout=timedelta(minutes=5)),
        Feed(name="balances", every=timedelta(hours=1)),
    ),
    summary="what comes into a PayPal account, its fees and its balances",
    # PayPal publishes no figure for its reports and asks to be asked seldom.
    limit=RateLimit(calls=30, per=timedelta(minutes=1)),
    maturity=Maturity.BETA,
    accounts=AccountKind.PAYOUT,
    past=Past(most=timedelta(days=3 * 365)),
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `paypal`."""
    register(CONNECTOR)
