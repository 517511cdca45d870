"""Its connector has no feed."""

from __future__ import annotations

from flowd.api import hookimpl


@hookimpl
def register_connectors(register) -> None:  # type: ignore[no-untyped-def]
    from flowd_test_good import Good, GoodConfig

    from flowd.api import ConnectorType

    register(ConnectorType(name="no-feeds", config=GoodConfig, connect=Good, feeds=[]))
