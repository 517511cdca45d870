"""Prices of coins from Binance's public market data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from flowd.api import Context, Rate, RetryLater
from flowd_rates.source import is_over, moment, price, rows, spans, standing

#: Candles in one answer, at most.
_CANDLES: Final = 1000
_NO_SUCH_PAIR: Final = -1121


class Binance:
    """Reads the ticker and the daily candles."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def last(self, base: str, quote: str, ctx: Context) -> Rate | None:
        """Return the price of the last trade, as of this run."""
        told = self._ask("ticker/price", {"symbol": f"{base}{quote}"}, ctx)
        if told is None:
            return None
        if not isinstance(told, dict) or "price" not in told:
            raise RetryLater(f"{self._url}/api/v3/ticker/price gave no price of {base}{quote}")
        return Rate(base=base, quote=quote, at=ctx.tick, value=price(told["price"], self._url))

    def daily(self, base: str, quote: str, first: date, last: date, ctx: Context) -> Iterator[Rate]:
        """Yield closing prices."""
        for since, until in spans(first, last, _CANDLES):
            params = {
                "symbol": f"{base}{quote}",
                "interval": "1d",
                "startTime": _milliseconds(since),
                "endTime": str(int(_milliseconds(until + timedelta(days=1))) - 1),
                "limit": str(_CANDLES),
            }
            told = self._ask("klines", params, ctx)
            if told is None:
                return
            for candle in rows(told, 5, f"{self._url}/api/v3/klines"):
                day = moment(candle[0], self._url, per_second=1000).date()
                if since <= day <= until and is_over(day, ctx.tick):
                    yield Rate(base=base, quote=quote, at=standing(day), value=price(candle[4], self._url))

    def _ask(self, what: str, params: Mapping[str, str], ctx: Context) -> object | None:
        where = f"{self._url}/api/v3/{what}"
        answer = ctx.http.get(where, params=params, allow=(400,), weight=2)
        told = answer.json()
        if answer.status != 400:
            return told
        code = told.get("code") if isinstance(told, dict) else None
        if code == _NO_SUCH_PAIR:
            return None
        raise RetryLater(f"{where} refused the question (code {code})")


def _milliseconds(day: date) -> str:
    return str(int(datetime.combine(day, time(), UTC).timestamp()) * 1000)
