"""A second plugin that claims a name another one has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowd_test_good import Good, GoodConfig

from flowd.api import ConnectorType, Feed, hookimpl


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    feed = Feed(name="all", every=timedelta(hours=1))
    register(ConnectorType(name="rival", config=GoodConfig, connect=Good, feeds=[feed]))
    register(ConnectorType(name="good", config=GoodConfig, connect=Good, feeds=[feed]))
