"""What assets are worth: Binance's last prices, over the markets that lead to money."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from flowd.api import Rate
from flowd_binance import endpoints
from flowd_binance.asking import Asking
from flowd_binance.assets import code
from flowd_binance.reading import Row, amount, at, milliseconds, rows, text

#: Where a route may end: from each of these the ECB's and others' rates lead on.
_MONEY: Final = ("EUR", "USD", "GBP", "TRY", "BRL", "PLN", "CZK", "JPY", "AUD", "MXN", "ZAR", "RON")
#: What a route may go over, the most trusted first.
_OVER: Final = ("USDT", "USDC", "FDUSD", "BTC", "ETH", "BNB", "EUR")
#: Dollars by name: each stands at about one, but only a market says at how much.
_LONGEST: Final = 4

Prices = Mapping[str, Decimal]


def last(client: Asking) -> Prices:
    """Return the last price of every spot market, by symbol."""
    where = endpoints.PRICES.path
    listed = rows(client.ask(endpoints.PRICES), where)
    # Some coins are named in Chinese: their markets are named as flowd names the coins.
    read = {code(text(row, "symbol", where)): amount(row, "price", where) for row in listed}
    return {symbol: price for symbol, price in read.items() if price > 0}


def symbols_for(assets: Iterable[str], prices: Prices, quotes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield base and quote of every market there is of `assets` against `quotes`, each once."""
    for base in dict.fromkeys(assets):
        for quote in quotes:
            if base != quote and f"{base}{quote}" in prices:
                yield base, quote


def rates(assets: Iterable[str], prices: Prices, quotes: Sequence[str], when: datetime) -> Iterator[Rate]:
    """Yield the rates that lead from each of `assets` to money; nothing for an asset without a market."""
    told: set[tuple[str, str]] = set()
    over = tuple(dict.fromkeys([*_OVER, *quotes]))
    for asset in dict.fromkeys(assets):
        for base, quote in _route(asset, prices, over):
            if (base, quote) not in told:
                told.add((base, quote))
                yield Rate(base=base, quote=quote, at=when, value=prices[f"{base}{quote}"])


def _route(asset: str, prices: Prices, over: Sequence[str]) -> list[tuple[str, str]]:
    """Return the markets of the shortest way from `asset` to money, each as it is quoted."""
    if asset in _MONEY:
        return []
    queue: deque[tuple[str, list[tuple[str, str]]]] = deque([(asset, [])])
    seen = {asset}
    best: list[tuple[str, str]] = []
    while queue:
        here, way = queue.popleft()
        if len(way) == _LONGEST:
            continue
        for there in (*over, *_MONEY):
            market = _market(here, there, prices)
            if there in seen or market is None:
                continue
            # The first leg counts even where the way to money is not found: others may know the rest.
            best = best or [*way, market]
            if there in _MONEY:
                return [*way, market]
            seen.add(there)
            queue.append((there, [*way, market]))
    return best


def _market(one: str, other: str, prices: Prices) -> tuple[str, str] | None:
    if f"{one}{other}" in prices:
        return one, other
    return (other, one) if f"{other}{one}" in prices else None


def closes(answer: object, base: str, quote: str, where: str = "klines") -> Iterator[Rate]:
    """Read candles as rates: each one's closing price, at its end.

    A candle is a list: begin, open, high, low, close, volume, end, and more that is not needed.
    """
    if not isinstance(answer, list):
        answer = [answer]
    for candle in answer:
        names = ("begin", "open", "high", "low", "close", "volume", "end")
        row: Row = dict(zip(names, candle, strict=False)) if isinstance(candle, list) else {}
        price = amount(row, "close", where)
        if price > 0:
            yield Rate(base=base, quote=quote, at=at(milliseconds(row, "end", where)), value=price)
