"""A plugin for tests: a source that is read over HTTP, and can be cut off by ending its server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import cast

from flowd.api import (
    AccountInfo,
    AccountKind,
    Batch,
    Check,
    Config,
    ConnectorType,
    Context,
    Cursor,
    Feed,
    Snapshot,
    hookimpl,
)


class Distant(Config):
    """Where the source is."""

    url: str


@dataclass
class DistantConnector:
    """Reads one balance."""

    config: Distant

    def check(self, ctx: Context) -> Check:
        return Check(summary=f"it holds {self._balance(ctx)} EUR")

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        held = Snapshot(account="main", asset="EUR", quantity=self._balance(ctx), at=ctx.tick)
        yield Batch(records=[AccountInfo(account="main", name="Main", kind=AccountKind.BANK), held])

    def _balance(self, ctx: Context) -> Decimal:
        return Decimal(cast("dict[str, str]", ctx.http.get(f"{self.config.url}/balance").json())["balance"])


def _connect(config: Distant) -> DistantConnector:
    return DistantConnector(config)


DISTANT = ConnectorType(
    name="distant",
    config=Distant,
    connect=_connect,
    feeds=(Feed(name="balances", every=timedelta(minutes=5), timeout=timedelta(seconds=20)),),
    summary="A source for tests that may be cut off.",
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Distant]], None]) -> None:
    register(DISTANT)
