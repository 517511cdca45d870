"""The connector `recurring`: income of one's own word, so much per period."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowd.api import AccountKind, ConnectorType, Feed, Isolation, Maturity, hookimpl
from flowd_recurring.connector import Recurring, RecurringConfig

CONNECTOR = ConnectorType(
    name="recurring",
    config=RecurringConfig,
    connect=Recurring,
    feeds=(Feed(name="schedule", every=timedelta(minutes=10), timeout=timedelta(seconds=10)),),
    summary="a salary, a rent, a pension: so much per period, as you say",
    maturity=Maturity.BETA,
    accounts=AccountKind.MANUAL,
    isolation=Isolation.THREAD,
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `recurring`."""
    register(CONNECTOR)
