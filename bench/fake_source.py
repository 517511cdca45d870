"""The fake source of bench/connections.py, in a module as light as a connector's should be."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from flowd.api import Batch, Check, Config, ConnectorType, Context, Cursor, Feed, RetryLater, Snapshot, hookimpl

LATENCY = 0.2
FAILURES = 0.05


class FakeConfig(Config):
    """How slow, and how unreliable."""

    latency: float = LATENCY
    failures: float = FAILURES


@dataclass
class Fake:
    """A source that takes its time and sometimes fails."""

    config: FakeConfig

    def check(self, ctx: Context) -> Check:  # noqa: ARG002
        """Say that all is well."""
        return Check(summary="fake")

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:  # noqa: ARG002
        """Wait, then fail or yield ten readings."""
        time.sleep(self.config.latency)
        if Random(f"{ctx.connection} {ctx.tick.isoformat()} {time.monotonic()}").random() < self.config.failures:
            raise RetryLater("the fake source is busy")
        yield Batch(
            records=[
                Snapshot(account="main", asset=f"A{number}", quantity=Decimal(number), at=ctx.tick)
                for number in range(10)
            ]
        )


FAKE = ConnectorType(
    name="fake", config=FakeConfig, connect=Fake, feeds=(Feed(name="balances", every=timedelta(seconds=60)),)
)


@hookimpl
def register_connectors(register: Any) -> None:
    """Register the fake."""
    register(FAKE)
