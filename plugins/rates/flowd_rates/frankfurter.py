"""Currencies from Frankfurter, or any server with its interface: the ECB's and other central banks' daily rates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Final

from flowd.api import Context, Rate, RetryLater
from flowd_rates.source import price

_CURRENCY: Final = re.compile(r"[A-Z]{3}")
#: What it answers for a currency it does not have.
_UNKNOWN: Final = (404, 422)


class Frankfurter:
    """Reads `latest` and ranges of days."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def last(self, base: str, quote: str, ctx: Context) -> Rate | None:
        """Return the rate of the newest working day."""
        told = self._ask("latest", base, quote, ctx)
        if told is None:
            return None
        value = _dict(told.get("rates")).get(quote)
        return None if value is None else self._rate(base, quote, told.get("date"), value)

    def daily(self, base: str, quote: str, first: date, last: date, ctx: Context) -> Iterator[Rate]:
        """Yield the rates of the working days from `first` to `last`."""
        told = self._ask(f"{first}..{last}", base, quote, ctx)
        for day, rates in sorted(_dict(told.get("rates")).items()) if told else []:
            value = _dict(rates).get(quote)
            if value is not None and str(first) <= str(day) <= str(last):
                yield self._rate(base, quote, day, value)

    def _ask(self, what: str, base: str, quote: str, ctx: Context) -> dict[str, object] | None:
        if not (_CURRENCY.fullmatch(base) and _CURRENCY.fullmatch(quote)):
            return None
        answer = ctx.http.get(f"{self._url}/{what}", params={"base": base, "symbols": quote}, allow=_UNKNOWN)
        if answer.status in _UNKNOWN:
            return None
        told = answer.json()
        if not isinstance(told, dict):
            raise RetryLater(f"{self._url}/{what} did not answer with rates")
        # Some servers answer in a base of their own rather than refuse: that would be a rate of something else.
        if told.get("base") != base:
            raise RetryLater(f"{self._url}/{what} answered in {told.get('base')!r:.10}, not in {base}")
        return told

    def _rate(self, base: str, quote: str, day: object, value: object) -> Rate:
        try:
            # Central banks state their rates in the afternoon.
            at = datetime.combine(date.fromisoformat(str(day)), time(15), UTC)
        except ValueError:
            raise RetryLater(f"{self._url} gave the day {day!r:.40}") from None
        return Rate(base=base, quote=quote, at=at, value=price(value, self._url))


def _dict(told: object) -> dict[str, object]:
    return told if isinstance(told, dict) else {}
