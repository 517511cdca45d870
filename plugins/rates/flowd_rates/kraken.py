"""Prices of coins and currencies from Kraken's public interface."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from flowd.api import Context, Rate, RetryLater
from flowd_rates.source import is_over, moment, price, rows, standing

#: Kraken's own names.
_NAMES: Final = {"BTC": "XBT", "DOGE": "XDG"}
_DAY_IN_MINUTES: Final = "1440"


class Kraken:
    """Reads the ticker and the daily candles (of which Kraken keeps 720)."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def last(self, base: str, quote: str, ctx: Context) -> Rate | None:
        """Return the price of the last trade, as of this run."""
        told = self._ask("Ticker", {"pair": _pair(base, quote)}, ctx)
        for ticker in (told or {}).values():
            last = ticker.get("c") if isinstance(ticker, dict) else None
            if not isinstance(last, list) or not last:
                raise RetryLater(f"{self._url}/0/public/Ticker gave no last trade of {base}/{quote}")
            return Rate(base=base, quote=quote, at=ctx.tick, value=price(last[0], self._url))
        return None

    def daily(self, base: str, quote: str, first: date, last: date, ctx: Context) -> Iterator[Rate]:
        """Yield closing prices; nothing from before Kraken's last 720 days."""
        since = datetime.combine(first, time(), UTC) - timedelta(seconds=1)
        params = {"pair": _pair(base, quote), "interval": _DAY_IN_MINUTES, "since": str(int(since.timestamp()))}
        told = self._ask("OHLC", params, ctx) or {}
        for name, candles in told.items():
            if name == "last":
                continue
            for candle in rows(candles, 5, f"{self._url}/0/public/OHLC"):
                day = moment(candle[0], self._url).date()
                if first <= day <= last and is_over(day, ctx.tick):
                    yield Rate(base=base, quote=quote, at=standing(day), value=price(candle[4], self._url))

    def _ask(self, what: str, params: Mapping[str, str], ctx: Context) -> dict[str, object] | None:
        where = f"{self._url}/0/public/{what}"
        told = ctx.http.get(where, params=params).json()
        if not isinstance(told, dict):
            raise RetryLater(f"{where} did not answer in Kraken's way")
        errors = told.get("error") or []
        if any("Unknown asset pair" in str(error) for error in errors):
            return None
        result = told.get("result")
        if errors or not isinstance(result, dict):
            raise RetryLater(f"{where}: {'; '.join(map(str, errors))[:200] or 'no result'}")
        return result


def _pair(base: str, quote: str) -> str:
    return f"{_NAMES.get(base, base)}{_NAMES.get(quote, quote)}"
