"""What a public source of rates is to the connector: the last price of a pair, and its closing prices of the past."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, Protocol

from flowd.api import Context, Rate, RetryLater
from flowd.reading import decimal

_DAY: Final = timedelta(days=1)


class Source(Protocol):
    """One public source. Both methods yield nothing for a pair it does not have, and never the pair turned round."""

    def last(self, base: str, quote: str, ctx: Context) -> Rate | None:
        """Return the newest price of one `base` in `quote`."""

    def daily(self, base: str, quote: str, first: date, last: date, ctx: Context) -> Iterator[Rate]:
        """Yield the prices at the ends of the days (UTC) from `first` to `last` that are over."""


def price(told: object, where: str) -> Decimal:
    """Read a price; RetryLater where it is none, so that no rate is ever made up."""
    value = decimal(told, where)
    if value <= 0:
        raise RetryLater(f"{where} gave the price {value}")
    return value


def moment(told: object, where: str, *, per_second: int = 1) -> datetime:
    """Read a time since 1970; RetryLater where it is none."""
    try:
        return datetime.fromtimestamp(int(str(told)) / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        raise RetryLater(f"{where} gave {told!r:.40} where a time should be") from None


def rows(told: object, least: int, where: str) -> Sequence[Sequence[object]]:
    """Read a list of candles; RetryLater where it is none."""
    if not isinstance(told, list) or not all(isinstance(row, list) and len(row) >= least for row in told):
        raise RetryLater(f"{where} did not answer with a list of candles")
    return told


def standing(day: date) -> datetime:
    """Return the moment under which a day's closing price is kept: noon UTC, which is on that day in nearly all zones.

    Kept at the day's last second it would count for the next day everywhere east of Greenwich.
    """
    return datetime.combine(day, time(12), UTC)


def is_over(day: date, now: datetime) -> bool:
    """Say whether a day (UTC) has its closing price."""
    return datetime.combine(day, time(), UTC) + _DAY <= now


def spans(first: date, last: date, longest: int) -> Iterator[tuple[date, date]]:
    """Cut the days from `first` to `last` into spans of at most `longest` days."""
    while first <= last:
        end = min(last, first + timedelta(days=longest - 1))
        yield first, end
        first = end + _DAY
