"""A plugin for tests: an exchange of several wallets, of which some may fail while others answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from flowd.api import (
    AccountInfo,
    AccountKind,
    Batch,
    Check,
    Config,
    ConnectorType,
    Context,
    Covers,
    Cursor,
    Feed,
    PartlyRead,
    RateLimit,
    Snapshot,
    hookimpl,
)

DAY = timedelta(days=1)


class Wallets(Config):
    """`world` is a JSON file: what each wallet holds by asset, or the reason why it cannot be read."""

    world: Path


@dataclass
class WalletsConnector:
    """Reads what the file says."""

    config: Wallets

    def check(self, ctx: Context) -> Check:
        world = self._world()
        return Check(
            summary="the key works",
            permissions=("read",),
            covers=[name for name, held in world.items() if not isinstance(held, str)],
            unread=[f"{name}: {held}" for name, held in world.items() if isinstance(held, str)],
        )

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        missing = []
        for name, held in self._world().items():
            if isinstance(held, str):
                missing.append(f"{name}: {held}")
                continue
            kind = AccountKind(f"wallet_{name}")
            yield Batch(
                records=[
                    AccountInfo(account=name, name=name.title(), kind=kind),
                    *(Snapshot(account=name, asset=a, quantity=Decimal(q), at=ctx.tick) for a, q in held.items()),
                ],
                covers=Covers.ITS_ACCOUNTS,
            )
        if missing:
            raise PartlyRead("; ".join(missing))

    def _world(self) -> dict[str, dict[str, str] | str]:
        world: dict[str, dict[str, str] | str] = json.loads(self.config.world.read_text())
        return world


WALLETS = ConnectorType(
    name="wallets",
    config=Wallets,
    connect=WalletsConnector,
    feeds=(Feed(name="balances", every=timedelta(minutes=1)),),
    limit=RateLimit(calls=10, per=timedelta(seconds=1), budget=4, budget_per=DAY),
    accounts=AccountKind.WALLET_SPOT,
)


@hookimpl
def register_connectors(register: object) -> None:
    """Register the connector."""
    assert callable(register)
    register(WALLETS)
