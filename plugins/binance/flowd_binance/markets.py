"""The feed `trades`: the markets that matter are read by trade number, everything else window by window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from flowd.api import Batch, Context, Cursor, Json, PartlyRead, Record, RetryLater, Trade
from flowd_binance import endpoints, prices, wallets
from flowd_binance.asking import Asking
from flowd_binance.assets import code
from flowd_binance.endpoints import Endpoint
from flowd_binance.paging import by_halves, by_time
from flowd_binance.reading import Row, optional, rows, since_epoch, text
from flowd_binance.refusals import PERMANENT, Crowded
from flowd_binance.settings import COINM_PART, DEBT, USDM_PART, BinanceConfig, Wallet, described
from flowd_binance.trades import conversion, dust, futures_trade, spot_trade
from flowd_binance.windows import Page, Reader, Source, walk

_DAY: Final = timedelta(days=1)
_SHORT: Final = timedelta(seconds=3)
_PAGE: Final = 1000
#: Rows in a window, from which on its halves are read one after the other; and the shortest that is halved.
_MANY: Final = 5000
_SMALLEST: Final = 3_600_000
#: Markets that are read, at most: the number of each one's last trade has to fit into the cursor.
_MOST: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One market of one wallet; `key` names it in the cursor."""

    key: str
    account: str
    base: str
    quote: str
    endpoint: Endpoint
    extra: Mapping[str, str]

    @property
    def symbol(self) -> str:
        """Binance's name for it."""
        return f"{self.base}{self.quote}"


def sync(client: Asking, config: BinanceConfig, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
    """Yield the trades of every wallet; PartlyRead names what could not be read."""
    data = cursor.data if cursor is not None and isinstance(cursor.data, dict) else {}
    windows: Json = data.get("windows")
    known = data.get("ids")
    ids = {str(key): one for key, one in known.items() if isinstance(one, int)} if isinstance(known, dict) else {}
    begun = _begun(data, config, ctx)
    since = since_epoch(since_of(config, ctx)) if config.since is not None else begun
    if since < begun:
        # Asked to go further back than before: every market again, from its first trade.
        ids = dict.fromkeys(ids, 0)
    missing: list[Exception] = []
    answered = 0
    if not data.get("midway") or since < begun:
        before = Cursor(data=windows) if windows is not None else None
        try:
            for batch in walk(sources(config), client, config, before, ctx):
                windows = batch.cursor.data if batch.cursor is not None else windows
                through = isinstance(windows, dict) and windows.get("at") is None
                yield Batch(records=batch.records, cursor=_cursor(windows, ids, since, midway=through))
        except Crowded:
            raise
        except (PartlyRead, RetryLater) as error:
            missing.append(error)
        if ctx.time_left() < _SHORT and not missing:
            return
    for market in _listed(client, config, ctx, ids, missing):
        try:
            for trades in _by_number(client, market, ids, since):
                records: list[Record] = [described(market.account), *trades]
                yield Batch(records=records, cursor=_cursor(windows, ids, since, midway=True))
                if ctx.time_left() < _SHORT:
                    return
            answered += 1
        except Crowded:
            raise
        except PERMANENT as error:
            ctx.log.info("trades of %s are not read: %s", market.symbol, error)
        except RetryLater as error:
            missing.append(error)
        if ctx.time_left() < _SHORT:
            yield Batch(cursor=_cursor(windows, ids, since, midway=True))
            return
    if missing and not answered and isinstance(missing[0], RetryLater):
        raise missing[0]
    yield Batch(cursor=_cursor(windows, ids, since))
    if missing:
        raise PartlyRead("; ".join(str(error) for error in missing))


def _cursor(windows: Json, ids: Mapping[str, int], since: int, *, midway: bool = False) -> Cursor:
    """Return where trades were read up to, and since when; `midway` in the markets, where the next run goes on."""
    return Cursor(data={"windows": windows, "ids": dict(ids), "midway": midway, "since": since})


def _begun(data: Mapping[str, Json], config: BinanceConfig, ctx: Context) -> int:
    """Return the millisecond since which a cursor's trades were read; now as it is configured, where it says none."""
    windows = data.get("windows")
    before = windows.get("since") if isinstance(windows, dict) else None
    begun = data.get("since", before)
    return begun if isinstance(begun, int) else since_epoch(since_of(config, ctx))


def _remembered(ids: Mapping[str, int], wallet: Wallet) -> Iterator[tuple[str, str]]:
    """Yield base and quote of a wallet's markets that were traded before: what is held no more is still asked for."""
    for key in ids:
        base, _, rest = key.partition("/")
        quote, _, where = rest.partition(":")
        if quote and where == ("" if wallet is Wallet.SPOT else wallet):
            yield base, quote


def since_of(config: BinanceConfig, ctx: Context) -> datetime:
    """Return the time before which trades are left out."""
    if config.since is None:
        return ctx.tick - 365 * _DAY
    return datetime(config.since.year, config.since.month, config.since.day, tzinfo=UTC)


def sources(config: BinanceConfig) -> Iterator[Source]:
    """Yield what is read window by window: the futures' trades, conversions and dust."""
    for account, income, trades in (
        (str(Wallet.USDM), endpoints.USDM_INCOME, endpoints.USDM_TRADES),
        (str(Wallet.COINM), endpoints.COINM_INCOME, endpoints.COINM_TRADES),
        (f"{Wallet.PORTFOLIO}{USDM_PART}", endpoints.PORTFOLIO_USDM_INCOME, endpoints.PORTFOLIO_USDM_TRADES),
        (f"{Wallet.PORTFOLIO}{COINM_PART}", endpoints.PORTFOLIO_COINM_INCOME, endpoints.PORTFOLIO_COINM_TRADES),
    ):
        if Wallet(account.partition(":")[0]) in config.asked:
            # Seven days is the longest that both allow.
            read = _futures(income, trades, account)
            yield Source(name=f"{account} trades", read=read, span=7 * _DAY, reach=89 * _DAY)
    if config.testnet or Wallet.SPOT not in config.asked:
        return
    converted = by_halves(endpoints.CONVERSIONS, conversion, inside=("list",), size=_PAGE)
    yield Source(name="conversions", read=converted, span=29 * _DAY, every=_DAY / 24)
    dusted = by_halves(endpoints.DUST, _dust_rows, inside=("userAssetDribblets",), size=100, limit=None)
    yield Source(name="dust", read=dusted, span=29 * _DAY, every=_DAY / 24)


def _dust_rows(row: Row) -> Iterator[Trade]:
    where = endpoints.DUST.path
    for part in rows(row, where, "userAssetDribbletDetails"):
        yield dust({"operateTime": row.get("operateTime"), "transId": row.get("transId"), **part}, where)


def _futures(income: Endpoint, endpoint: Endpoint, account: str) -> Reader:
    """Read the trades of the markets in which a fee or a gain was booked: trades are told by market only."""

    def read(client: Asking, begin: int, end: int) -> Iterator[Page]:
        symbols: Counter[str] = Counter()
        for kind in ("COMMISSION", "REALIZED_PNL"):
            noting = by_time(income, partial(_note_symbol, symbols), time="time", incomeType=kind)
            for _ in noting(client, begin, end):
                pass
        if symbols.total() > _MANY and end - begin > _SMALLEST:
            # So much that a run may not get through: what is read by halves is kept by halves.
            middle = (begin + end) // 2
            yield from read(client, begin, middle)
            yield from read(client, middle + 1, end)
            return
        found = [
            trade for symbol in sorted(symbols) for trade in _of_market(client, endpoint, account, symbol, begin, end)
        ]
        yield Page(records=found, upto=end + 1)

    return read


def _note_symbol(symbols: Counter[str], row: Row) -> tuple[()]:
    if symbol := optional(row, "symbol"):
        symbols[symbol] += 1
    return ()


def _of_market(client: Asking, endpoint: Endpoint, account: str, symbol: str, begin: int, end: int) -> Iterator[Trade]:
    """Read one market's trades in a window: its beginning by time, the rest by number."""
    where = endpoint.path
    some = rows(client.ask(endpoint, symbol=symbol, startTime=begin, endTime=end, limit=_PAGE), where)
    last = -1
    while some:
        newest = max(_number(row, where) for row in some)
        if newest <= last:
            raise RetryLater(f"{where} answered the same page twice")
        found = [futures_trade(row, account, where) for row in some]
        within = [trade for trade in found if begin <= since_epoch(trade.at) <= end]
        yield from within
        if len(some) < _PAGE or len(within) < len(found):
            return
        last = newest
        some = rows(client.ask(endpoint, symbol=symbol, fromId=last + 1, limit=_PAGE), where)


def _number(row: Row, where: str) -> int:
    found = text(row, "id", where)
    if not found.isascii() or not found.isdigit():
        raise RetryLater(f"{where} answered `id` with {found[:40]!r}, which is no number")
    return int(found)


def _by_number(client: Asking, market: Market, ids: dict[str, int], since: int) -> Iterator[list[Trade]]:
    where = market.endpoint.path
    while True:
        # The last one known is read again, so that nothing lies between two pages.
        known = ids.get(market.key, 0)
        asked: dict[str, str | int] = {"symbol": market.symbol, "fromId": known, "limit": _PAGE, **market.extra}
        some = rows(client.ask(market.endpoint, **asked), where)
        if not some:
            return
        newest = max(_number(row, where) for row in some)
        full = len(some) >= _PAGE
        if full and newest <= known:
            raise RetryLater(f"{where} answered the same page twice")
        pair = (market.base, market.quote)
        found = [spot_trade(row, market.account, pair, where) for row in some]
        ids[market.key] = max(newest, known)
        fresh = [trade for trade in found if since_epoch(trade.at) >= since]
        if fresh and newest > known:
            yield fresh
        if not full:
            return


def _listed(
    client: Asking, config: BinanceConfig, ctx: Context, ids: Mapping[str, int], missing: list[Exception]
) -> list[Market]:
    """Return the markets of what is held or came in lately, those that were traded before, and those asked for."""
    try:
        last = prices.last(client)
        found = [*_spot(client, config, ctx, last, ids), *_margin(client, config, last, ids)]
    except Crowded:
        raise
    except PERMANENT as error:
        ctx.log.info("trades of the spot markets are not read: %s", error)
        return []
    except RetryLater as error:
        missing.append(error)
        return []
    unique = {market.key: market for market in found}
    ordered = sorted(unique.values(), key=lambda market: market.key not in ids)
    if len(ordered) > _MOST:
        ctx.log.warning("of %s markets only %s are read for trades: narrow `quotes`", len(ordered), _MOST)
    return ordered[:_MOST]


def _spot(
    client: Asking, config: BinanceConfig, ctx: Context, last: prices.Prices, ids: Mapping[str, int]
) -> Iterator[Market]:
    if Wallet.SPOT not in config.asked:
        return
    answer = client.ask(endpoints.SPOT_ACCOUNT, omitZeroBalances="true")
    assets = list(wallets.spot(answer, endpoints.SPOT_ACCOUNT.path, frozenset(last)).accounts[Wallet.SPOT])
    if not config.testnet:
        where = endpoints.DEPOSITS.path
        until = since_epoch(ctx.tick)
        asked = {"startTime": until - 89 * 86_400_000, "endTime": until, "limit": _PAGE}
        assets += [code(text(row, "coin", where)) for row in rows(client.ask(endpoints.DEPOSITS, **asked), where)]
    pairs = [(base, quote) for base, _, quote in (symbol.partition("/") for symbol in config.symbols)]
    for base, quote in [
        *pairs,
        *_remembered(ids, Wallet.SPOT),
        *prices.symbols_for([*assets, *config.quotes], last, config.quotes),
    ]:
        yield Market(
            key=f"{base}/{quote}",
            account=str(Wallet.SPOT),
            base=base,
            quote=quote,
            endpoint=endpoints.SPOT_TRADES,
            extra={},
        )


def _margin(client: Asking, config: BinanceConfig, last: prices.Prices, ids: Mapping[str, int]) -> Iterator[Market]:
    for wallet, endpoint, extra in (
        (Wallet.CROSS, endpoints.MARGIN_TRADES, {"isIsolated": "FALSE"}),
        (Wallet.ISOLATED, endpoints.MARGIN_TRADES, {"isIsolated": "TRUE"}),
        (Wallet.PORTFOLIO, endpoints.PORTFOLIO_TRADES, {}),
    ):
        if wallet not in config.asked:
            continue
        try:
            held = wallets.read(client, wallet, frozenset(last))
        except PERMANENT:
            continue
        assets = [asset for account in (str(wallet), f"{wallet}{DEBT}") for asset in held.accounts[account]]
        for base, quote in [*_remembered(ids, wallet), *prices.symbols_for(assets, last, config.quotes)]:
            yield Market(
                key=f"{base}/{quote}:{wallet}",
                account=str(wallet),
                base=base,
                quote=quote,
                endpoint=endpoint,
                extra=extra,
            )
