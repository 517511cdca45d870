"""Tells the made-up world up to now: months of it at the first run, then what came since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from typing import Final

from pydantic import Field

from flowd.api import (
    AccountInfo,
    AccountKind,
    Batch,
    Check,
    Config,
    ConfigError,
    Context,
    Cursor,
    Rate,
    Record,
    Snapshot,
)
from flowd_demo import payouts
from flowd_demo.exchange import BEGIN, FUTURES, SPOT, STEP, USD, USDT, moments

_ACCOUNTS: Final = (
    AccountInfo(account=SPOT, name="Demo spot wallet (made up)", kind=AccountKind.WALLET_SPOT, asset=USDT),
    AccountInfo(account=FUTURES, name="Demo futures wallet (made up)", kind=AccountKind.WALLET_FUTURES, asset=USDT),
    AccountInfo(account=payouts.ACCOUNT, name="Demo payouts (made up)", kind=AccountKind.PAYOUT, asset=USD),
)


class DemoConfig(Config):
    """Which of the made-up worlds, and how much of its past."""

    seed: int = Field(1, ge=0, lt=2**63, description="which of the made-up worlds: the same seed, the same numbers")
    months: int = Field(18, ge=1, le=60, description="how many months of the past the first run tells")
    currency: str = Field(
        "EUR", pattern=r"^[A-Z]{3}$", description="currency of the made-up prices: your base currency"
    )


class Demo:
    """The connector for a made-up world."""

    def __init__(self, config: DemoConfig) -> None:
        self._config = config

    def check(self, ctx: Context) -> Check:  # noqa: ARG002 - the protocol passes it
        """Say that all of it is made up; there is nobody to ask."""
        return Check(summary=f"made-up world {self._config.seed}: nothing of it is real")

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:  # noqa: ARG002 - has one feed
        """Yield what happened since `cursor`, as one batch; nothing while the next moment has not come."""
        since = self._begin(ctx.tick) if cursor is None else self._told(cursor) + STEP
        until = BEGIN + (ctx.tick - BEGIN) // STEP * STEP
        if since <= until:
            told = Cursor(data={"seed": self._config.seed, "until": until.isoformat()})
            yield Batch(records=self._records(since, until), cursor=told)

    def _begin(self, tick: datetime) -> datetime:
        """Return the first of the month, so many months ago."""
        index = tick.year * 12 + tick.month - 1 - self._config.months
        first = tick.replace(year=index // 12, month=index % 12 + 1, day=1)
        return max(BEGIN, datetime.combine(first.date(), time(0), tzinfo=BEGIN.tzinfo))

    def _told(self, cursor: Cursor) -> datetime:
        data = cursor.data
        assert isinstance(data, dict)
        if data["seed"] != self._config.seed:
            raise ConfigError(
                f"this connection has told the world of seed {data['seed']}: two worlds in one would add up to "
                f"nonsense. Set seed back, or give the connection another name"
            )
        return datetime.fromisoformat(str(data["until"]))

    def _records(self, since: datetime, until: datetime) -> Iterator[Record]:
        yield from _ACCOUNTS
        for moment in moments(self._config.seed, since, until):
            yield from (
                Rate(base=asset, quote=self._config.currency, at=moment.at, value=value)
                for asset, value in moment.prices.items()
            )
            yield from (
                Snapshot(account=account, asset=asset, quantity=quantity, at=moment.at)
                for (account, asset), quantity in moment.held.items()
            )
            yield from moment.booked
        yield from payouts.booked(self._config.seed, since - STEP, until)
