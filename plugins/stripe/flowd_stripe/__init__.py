"""The connector `stripe`: what is left of every payment, payouts, balances, and monthly recurring revenue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowd.api import AccountKind, Analytic, ConnectorType, Feed, Maturity, Past, RateLimit, hookimpl
from flowd_stripe.analytic import StripeMrr
from flowd_stripe.config import StripeConfig
from flowd_stripe.connector import Stripe

CONNECTOR = ConnectorType(
    name="stripe",
    config=StripeConfig,
    connect=Stripe,
    feeds=(
        Feed(name="balance_transactions", every=timedelta(minutes=15), timeout=timedelta(minutes=5)),
        Feed(name="balances", every=timedelta(minutes=15)),
        Feed(name="subscriptions", every=timedelta(hours=1), timeout=timedelta(minutes=5)),
    ),
    summary="payments net of fees, payouts, balances and recurring revenue of a Stripe account",
    # Stripe publishes 100 requests a second in live mode, 25 in a sandbox and per endpoint: below the least of them.
    limit=RateLimit(calls=20, per=timedelta(seconds=1)),
    maturity=Maturity.BETA,
    accounts=AccountKind.PAYOUT,
    past=Past(),
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `stripe`."""
    register(CONNECTOR)


@hookimpl
def register_analytics(register: Callable[[Analytic], None]) -> None:
    """Register what makes monthly recurring revenue of the subscriptions that were read."""
    register(StripeMrr())
