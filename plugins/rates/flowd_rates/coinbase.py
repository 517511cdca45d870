"""Prices of coins from Coinbase Exchange's public interface."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from flowd.api import Context, Rate, RetryLater
from flowd_rates.source import is_over, moment, price, rows, spans, standing

#: Candles in one answer, at most.
_CANDLES: Final = 300
_UNKNOWN: Final = (400, 404)


class Coinbase:
    """Reads the ticker and the daily candles."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def last(self, base: str, quote: str, ctx: Context) -> Rate | None:
        """Return the price of the last trade, as of this run."""
        answer = ctx.http.get(f"{self._url}/products/{base}-{quote}/ticker", allow=_UNKNOWN)
        if answer.status in _UNKNOWN:
            return None
        told = answer.json()
        if not isinstance(told, dict) or "price" not in told:
            raise RetryLater(f"{self._url}/products/{base}-{quote}/ticker gave no price")
        return Rate(base=base, quote=quote, at=ctx.tick, value=price(told["price"], self._url))

    def daily(self, base: str, quote: str, first: date, last: date, ctx: Context) -> Iterator[Rate]:
        """Yield closing prices."""
        where = f"{self._url}/products/{base}-{quote}/candles"
        for since, until in spans(first, last, _CANDLES):
            params = {"granularity": "86400", "start": f"{since}T00:00:00Z", "end": f"{until}T23:59:59Z"}
            answer = ctx.http.get(where, params=params, allow=_UNKNOWN)
            if answer.status in _UNKNOWN:
                return
            # The newest comes first.
            for candle in sorted(rows(answer.json(), 5, where), key=lambda row: str(row[0])):
                day = moment(candle[0], where).date()
                if since <= day <= until and is_over(day, ctx.tick):
                    yield Rate(base=base, quote=quote, at=standing(day), value=price(candle[4], where))
