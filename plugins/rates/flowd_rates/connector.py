"""Asks the sources in order, for the newest prices on an interval and for those of the past when numbers lack them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, field_validator

from flowd.api import (
    AuthError,
    Batch,
    BudgetSpent,
    Check,
    Config,
    Context,
    Cursor,
    OverTime,
    PartlyRead,
    Rate,
    RateQuery,
    RetryLater,
)
from flowd_rates.binance import Binance
from flowd_rates.coinbase import Coinbase
from flowd_rates.frankfurter import Frankfurter
from flowd_rates.kraken import Kraken
from flowd_rates.source import Source

_PAIR: Final = r"^[A-Z0-9][A-Z0-9._-]{0,29}/[A-Z0-9][A-Z0-9._-]{0,29}$"
#: A run leaves this much of its time for what is still to be stored.
_SPARE: Final = timedelta(seconds=5)
#: What concerns the whole run, not one source.
_OWN: Final = (BudgetSpent, OverTime)


class SourceName(StrEnum):
    """The public sources there are."""

    FRANKFURTER = "frankfurter"
    KRAKEN = "kraken"
    COINBASE = "coinbase"
    BINANCE = "binance"


_SOURCES: Final[Mapping[SourceName, tuple[Callable[[str], Source], str]]] = {
    SourceName.FRANKFURTER: (Frankfurter, "https://api.frankfurter.dev/v1"),
    SourceName.KRAKEN: (Kraken, "https://api.kraken.com"),
    SourceName.COINBASE: (Coinbase, "https://api.exchange.coinbase.com"),
    SourceName.BINANCE: (Binance, "https://data-api.binance.vision"),
}


class RatesConfig(Config):
    """Which pairs, and who is asked for them."""

    sources: tuple[SourceName, ...] = Field(
        (SourceName.KRAKEN, SourceName.COINBASE, SourceName.BINANCE),
        min_length=1,
        description="who is asked, in this order: each pair comes from the first that has it and answers",
    )
    pairs: tuple[Annotated[str, Field(pattern=_PAIR)], ...] = Field(
        (), description="pairs read on every run, such as BTC/EUR; those of the past are asked for as they are needed"
    )
    urls: Mapping[SourceName, Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")]] = Field(
        default_factory=dict, description="other addresses of sources, such as a Frankfurter of your own"
    )

    @field_validator("pairs")
    @classmethod
    def _different(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pair in value:
            base, _, quote = pair.partition("/")
            if base == quote:
                raise ValueError(f"{pair} is a pair of one with itself: write two different ones")
        return tuple(dict.fromkeys(value))


class Rates:
    """The connector for public rates."""

    def __init__(self, config: RatesConfig) -> None:
        self._pairs = [(base, quote) for base, _, quote in (pair.partition("/") for pair in config.pairs)]
        self._sources: dict[str, Source] = {}
        for name in dict.fromkeys(config.sources):
            make, url = _SOURCES[name]
            self._sources[name.value] = make(config.urls.get(name, url))

    def check(self, ctx: Context) -> Check:
        """Ask every source for the first pair."""
        base, quote = self._pairs[0] if self._pairs else ("EUR", "USD")
        covers: list[str] = []
        unread: list[str] = []
        after: timedelta | None = None
        for name, source in self._sources.items():
            try:
                found = source.last(base, quote, ctx) or source.last(quote, base, ctx)
            except (RetryLater, AuthError) as error:
                unread.append(f"{name}: {error}")
                after = getattr(error, "after", None) or after
            else:
                (covers if found else unread).append(name if found else f"{name}: it does not have {base}/{quote}")
        if not covers:
            raise RetryLater("; ".join(unread), after=after)
        return Check(summary=f"{base}/{quote} by {', '.join(covers)}", covers=covers, unread=unread)

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:  # noqa: ARG002 - has one feed
        """Yield the newest rate of each pair; what no source has or gives is said, never made up."""
        found: list[Rate] = []
        missing: list[str] = []
        first: RetryLater | None = None
        for number, (base, quote) in enumerate(self._pairs):
            if number and ctx.time_left() < _SPARE:
                missing.append(f"{base}/{quote} (no time was left)")
                continue
            rate, failures = self._newest(base, quote, ctx)
            if rate is not None:
                found.append(rate)
            else:
                first = first or next(iter(failures), None)
                why = "; ".join(map(str, failures)) or "no source has it"
                missing.append(f"{base}/{quote} ({why})")
        if found:
            yield Batch(records=found)
        if missing and not found and first is not None:
            raise first
        if missing:
            raise PartlyRead(f"no rate of {', '.join(missing)}")

    def rates(self, query: RateQuery, ctx: Context) -> Iterator[Rate]:
        """Yield closing prices of the days asked for, each day from the first source that has one."""
        open_days = sorted(set(query.days))
        failures: list[RetryLater] = []
        for source in self._sources.values():
            for base, quote in ((query.base, query.quote), (query.quote, query.base)):
                if not open_days or query.base == query.quote:
                    return
                try:
                    known = list(source.daily(base, quote, open_days[0], open_days[-1], ctx))
                except _OWN:
                    raise
                except (RetryLater, AuthError) as error:
                    failures.append(error if isinstance(error, RetryLater) else RetryLater(str(error)))
                    break
                answered = _of(known, open_days)
                yield from answered
                got = {rate.at.date() for rate in answered}
                open_days = [day for day in open_days if day not in got]
                if known:
                    break
        if failures and open_days:
            ctx.log.warning("%s/%s: %s", query.base, query.quote, "; ".join(map(str, failures)))

    def _newest(self, base: str, quote: str, ctx: Context) -> tuple[Rate | None, list[RetryLater]]:
        failures: list[RetryLater] = []
        for source in self._sources.values():
            try:
                rate = source.last(base, quote, ctx) or source.last(quote, base, ctx)
            except _OWN:
                raise
            except (RetryLater, AuthError) as error:
                # Nobody logs in here: a refusal is some proxy's, and passes.
                failures.append(error if isinstance(error, RetryLater) else RetryLater(str(error)))
                continue
            if rate is not None:
                return rate, failures
        return None, failures


def _of(known: Sequence[Rate], days: Sequence[date]) -> list[Rate]:
    wanted = set(days)
    return [rate for rate in known if rate.at.date() in wanted]
