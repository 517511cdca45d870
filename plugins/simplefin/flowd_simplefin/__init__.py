"""The connector `simplefin`: accounts at banks that a SimpleFIN server, such as the SimpleFIN Bridge, reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowd.api import AccountKind, ConnectorType, Feed, Maturity, Past, RateLimit, hookimpl
from flowd_simplefin.config import SimpleFinConfig
from flowd_simplefin.connector import SimpleFin

CONNECTOR = ConnectorType(
    name="simplefin",
    config=SimpleFinConfig,
    connect=SimpleFin,
    # Banks are read once a day; 8 of the day's 24 requests leave room for the first read and for `flowd check`.
    feeds=(Feed(name="accounts", every=timedelta(hours=3), timeout=timedelta(minutes=2)),),
    summary="accounts at banks that a SimpleFIN server reads",
    # 24 requests a day are expected; far more disable the access (bridge.simplefin.org/info/developers).
    limit=RateLimit(calls=6, per=timedelta(minutes=1), budget=24, budget_per=timedelta(days=1)),
    maturity=Maturity.BETA,
    accounts=AccountKind.BANK,
    links=True,
    past=Past(first=timedelta(days=89), words="few banks give a SimpleFIN server more than 90 days"),
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `simplefin`."""
    register(CONNECTOR)
