"""What the wallets held on each of the last thirty days, where Binance kept it: asked for once, on the first run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from flowd.api import Batch, Context, Cursor, Json, Record, RetryLater, Snapshot
from flowd_binance import endpoints, prices, wallets
from flowd_binance.asking import Asking
from flowd_binance.reading import ZERO, Row, milliseconds, rows
from flowd_binance.reading import at as moment_of
from flowd_binance.refusals import PERMANENT, Crowded
from flowd_binance.settings import BinanceConfig, Wallet

#: The days that Binance keeps.
_DAYS: Final = 30
_KINDS: Final = {Wallet.SPOT: "SPOT", Wallet.CROSS: "MARGIN", Wallet.USDM: "FUTURES"}
#: Asking costs a fifth of a minute's limit: what failed is tried again no sooner.
_AGAIN: Final = timedelta(hours=1)
_MOST_ASSETS: Final = 40


def sync(
    client: Asking,
    config: BinanceConfig,
    cursor: Cursor | None,
    ctx: Context,
    held: Mapping[Wallet, wallets.Held],
    last: prices.Prices,
) -> Iterator[Batch]:
    """Yield the days before the first reading, once.

    Left out where money lies in a wallet whose past Binance does not tell: with the others' past alone, that money
    would seem to have been earned on the day of the first reading.
    """
    known = cursor.data if cursor is not None and isinstance(cursor.data, dict) else {}
    again = known.get("again")
    if config.testnet or known.get("backfill") or (again and ctx.tick < datetime.fromisoformat(str(again))):
        return
    elsewhere = [
        wallet for wallet, one in held.items() if wallet not in _KINDS and any(holds for holds in one.accounts.values())
    ]
    if elsewhere:
        ctx.log.info("no past is read: Binance keeps none of %s, where money is", ", ".join(elsewhere))
        yield _done("left out")
        return
    try:
        records = list(_past(client, config, ctx, held, last))
    except Crowded:
        raise
    except RetryLater as error:
        ctx.log.warning("the last %s days could not be read, asked again later: %s", _DAYS, error)
        yield Batch(cursor=Cursor(data={"again": (ctx.tick + _AGAIN).isoformat()}))
        return
    yield _done("read", records)


def _done(how: Json, records: list[Record] | None = None) -> Batch:
    return Batch(records=records or [], cursor=Cursor(data={"backfill": how}))


def _past(
    client: Asking,
    config: BinanceConfig,
    ctx: Context,
    held: Mapping[Wallet, wallets.Held],
    last: prices.Prices,
) -> Iterator[Record]:
    assets: dict[str, None] = {}
    for wallet, kind in _KINDS.items():
        if wallet not in held:
            continue
        try:
            answer = client.ask(endpoints.DAILY_SNAPSHOT, type=kind, limit=_DAYS)
        except PERMANENT as error:
            ctx.log.info("the past of %s is not read: %s", wallet, error)
            continue
        for one in day_snapshots(answer, wallet, frozenset(last)):
            if one.at < ctx.tick and one.asset not in config.ignore:
                assets[one.asset] = None
                yield one
    wanted = [*assets][:_MOST_ASSETS]
    for rate in prices.rates(wanted, last, config.quotes, ctx.tick):
        where = endpoints.KLINES
        answer = client.ask(where, symbol=f"{rate.base}{rate.quote}", interval="1d", limit=_DAYS + 1)
        for close in prices.closes(answer, rate.base, rate.quote, where.path):
            if close.at < ctx.tick:
                yield close


def day_snapshots(answer: object, wallet: Wallet, traded: frozenset[str]) -> Iterator[Snapshot]:
    """Read the days of one wallet; zeros are told where an asset was there on another day and not on this one."""
    where = endpoints.DAILY_SNAPSHOT.path
    days: list[tuple[datetime, dict[tuple[str, str], Snapshot]]] = []
    for row in rows(answer, where, "snapshotVos"):
        when = moment_of(milliseconds(row, "updateTime", where))
        found = {
            (account, asset): Snapshot(account=str(account), asset=asset, quantity=quantity, at=when)
            for account, holds in _day(row, wallet, traded, where).accounts.items()
            for asset, quantity in holds.items()
        }
        days.append((when, found))
    every = dict.fromkeys(key for _, found in days for key in found)
    for when, found in sorted(days, key=lambda one: one[0]):
        for account, asset in every:
            zero = Snapshot(account=str(account), asset=asset, quantity=ZERO, at=when)
            yield found.get((account, asset), zero)


def _day(row: Row, wallet: Wallet, traded: frozenset[str], where: str) -> wallets.Held:
    data = row.get("data")
    if wallet is Wallet.SPOT:
        return wallets.spot(data, where, traded)
    if wallet is Wallet.CROSS:
        return wallets.cross(data, where)
    return wallets.futures(data, wallet, where)
