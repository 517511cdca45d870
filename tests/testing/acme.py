"""A connector as it should be: the ground on which the bad ones of `bad.py` each do one thing wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

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
    FlowClass,
    PartlyRead,
    RateLimit,
    RetryLater,
    Secret,
    Snapshot,
    Transaction,
    hookimpl,
    read_answer,
)

SHORT = timedelta(seconds=2)


class AcmeConfig(Config):
    """Where Acme is, and the key."""

    key: Secret
    url: str = "https://api.acme.example/v1"


class Me(BaseModel):
    """Who the key belongs to."""

    name: str
    scopes: list[str]


class Holding(BaseModel):
    """How much of an asset is held."""

    asset: str
    total: Decimal


class Payout(BaseModel):
    """One payout."""

    id: str
    at: datetime
    net: Decimal
    currency: str
    description: str = ""


class Page(BaseModel):
    """A page of payouts, the oldest first."""

    payouts: list[Payout]
    next: str | None


class Acme:
    """An account at Acme."""

    def __init__(self, config: AcmeConfig) -> None:
        self.config = config

    def check(self, ctx: Context) -> Check:
        me = read_answer(self.get("/me", ctx), Me)
        return Check(summary=f"logged in as {me.name}", permissions=me.scopes)

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        yield from self.balances(ctx) if feed == "balances" else self.payouts(cursor, ctx)

    def balances(self, ctx: Context) -> Iterator[Batch]:
        failed: list[RetryLater] = []
        for wallet in ("spot", "earn"):
            try:
                held = read_answer(self.get(f"/wallets/{wallet}", ctx), list[Holding])
            except RetryLater as error:
                failed.append(error)
                continue
            records = [Snapshot(account=wallet, asset=one.asset, quantity=one.total, at=ctx.tick) for one in held]
            account = AccountInfo(account=wallet, name=f"Acme {wallet}", kind=AccountKind.WALLET_SPOT)
            yield Batch(records=[account, *records], covers=Covers.ITS_ACCOUNTS)
        if len(failed) == 2:
            raise failed[0]
        if failed:
            raise PartlyRead(str(failed[0]))

    def payouts(self, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        after = str(cursor.data) if cursor is not None else ""
        while True:
            page = read_answer(self.get("/payouts", ctx, after=after), Page)
            yield Batch(records=map(booked, page.payouts), cursor=Cursor(data=page.next or after))
            if page.next is None or page.next <= after or ctx.time_left() < SHORT:
                return
            after = page.next

    def get(self, path: str, ctx: Context, **params: str) -> Any:
        key = self.config.key.get_secret_value()
        return ctx.http.get(self.config.url + path, params=params, headers={"authorization": f"Bearer {key}"})


def booked(one: Payout) -> Transaction:
    """One payout as a transaction."""
    return Transaction(
        account="main",
        external_id=one.id,
        booked_at=one.at,
        amount=one.net,
        asset=one.currency,
        kind=FlowClass.PAYOUT,
        description=one.description,
    )


CONNECTOR = ConnectorType(
    name="acme",
    config=AcmeConfig,
    connect=Acme,
    feeds=[
        Feed(name="balances", every=timedelta(minutes=5)),
        Feed(name="payouts", every=timedelta(hours=1)),
    ],
    limit=RateLimit(calls=10, per=timedelta(seconds=1)),
    summary="an account at Acme",
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `acme`."""
    register(CONNECTOR)
