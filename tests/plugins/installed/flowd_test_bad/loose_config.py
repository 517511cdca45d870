"""Its settings let unknown keys pass."""

from __future__ import annotations

from flowd.api import hookimpl


@hookimpl
def register_connectors(register) -> None:  # type: ignore[no-untyped-def]
    from datetime import timedelta

    from flowd_test_good import Good, GoodConfig

    from flowd.api import ConnectorType, Feed

    class Loose(GoodConfig, extra="ignore"):
        pass

    feed = Feed(name="all", every=timedelta(hours=1))
    register(ConnectorType(name="loose", config=Loose, connect=Good, feeds=[feed]))
