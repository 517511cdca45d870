"""The connector `youtube`: what a channel earns, day by day, as YouTube estimates and later settles it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowd.api import AccountKind, ConnectorType, Feed, Maturity, Past, RateLimit, hookimpl
from flowd_youtube.connector import YouTube, YouTubeConfig

CONNECTOR = ConnectorType(
    name="youtube",
    config=YouTubeConfig,
    connect=YouTube,
    feeds=(Feed(name="revenue", every=timedelta(hours=6), timeout=timedelta(minutes=2)),),
    summary="what a YouTube channel earns, day by day",
    # Google allows 720 queries a minute and person; a run makes one or two.
    limit=RateLimit(calls=60, per=timedelta(minutes=1)),
    maturity=Maturity.BETA,
    accounts=AccountKind.PAYOUT,
    links=True,
    past=Past(),
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `youtube`."""
    register(CONNECTOR)
