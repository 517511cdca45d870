"""Asks the rate providers for rates that numbers lack, and lays what they know into the raw log."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final

from flowd.api import Batch, Rate, RateProvider, RateQuery
from flowd.engine.clock import Clock
from flowd.errors import FlowdError
from flowd.storage.rawlog import RawLog

_log: Final = logging.getLogger(__name__)
#: A provider that has no rate for a day (a Sunday) may have one for the days before, which then counts.
BEFORE: Final = 4
#: Currencies that most providers state their rates in: asked for where they do not know the pair itself.
BETWEEN: Final = ("EUR", "USD")
#: What was asked for in vain is asked for again after this time.
AGAIN: Final = timedelta(hours=20)
#: More rates than any query can need are not taken.
MOST: Final = 50_000


class RateSeeker:
    """Asks each provider, in the order of flowd.yaml, until nothing is missing; remembers what was asked in vain."""

    def __init__(self, providers: Mapping[str, RateProvider], rawlog: RawLog, clock: Clock) -> None:
        self._providers = providers
        self._rawlog = rawlog
        self._clock = clock
        self._asked: dict[tuple[str, str, str, date], datetime] = {}

    def use(self, providers: Mapping[str, RateProvider]) -> None:
        """Ask these from now on."""
        self._providers = providers

    def seek(self, missing: Iterable[tuple[str, str, Sequence[date]]]) -> int:
        """Ask for `missing` (base, quote, days); return how many new rates were stored, to be derived from next.

        A provider that fails is logged and passed over. Raises DatabaseAway when what was found cannot be stored.
        """
        wanted: dict[tuple[str, str], Sequence[date]] = {(base, quote): days for base, quote, days in missing}
        stored = 0
        for name, provider in self._providers.items():
            rates = list(islice(self._rates(name, provider, wanted), MOST))
            wanted = _rest(wanted, rates)
            if rates:
                tick = self._clock.now()
                stored += self._rawlog.write_batch(name, Batch(records=rates), tick=tick, now=tick).rates_new
        return stored

    def _rates(
        self, name: str, provider: RateProvider, wanted: Mapping[tuple[str, str], Sequence[date]]
    ) -> Iterator[Rate]:
        for (base, quote), days in wanted.items():
            new = [day for day in days if self._is_due(name, base, quote, day)]
            if not new:
                continue
            spread = sorted({day - timedelta(days=back) for day in new for back in range(BEFORE + 1)})
            found = False
            for one, other in _ways(base, quote):
                if found and (one, other) != (base, quote):
                    break
                for rate in self._ask(name, provider, RateQuery(base=one, quote=other, days=spread)):
                    found = found or (one, other) == (base, quote)
                    yield rate

    def _ask(self, name: str, provider: RateProvider, query: RateQuery) -> Iterator[Rate]:
        try:
            for rate in provider.rates(query):
                if not isinstance(rate, Rate):
                    raise TypeError(f"a rate provider gives Rate objects, not {type(rate).__name__}")
                yield rate
        except FlowdError as error:
            _log.warning("no rates of %s/%s from %s: %s", query.base, query.quote, name, error)
        except Exception:
            _log.exception("the rate provider %s failed at %s/%s", name, query.base, query.quote)

    def _is_due(self, name: str, base: str, quote: str, day: date) -> bool:
        now = self._clock.now()
        last = self._asked.get((name, base, quote, day))
        if last is not None and timedelta(0) <= now - last < AGAIN:
            return False
        self._asked[name, base, quote, day] = now
        return True


def _rest(
    wanted: Mapping[tuple[str, str], Sequence[date]], rates: Iterable[Rate]
) -> dict[tuple[str, str], Sequence[date]]:
    """Return what the next provider is asked for: the days on which `rates` have nothing, or nothing near before."""
    found: defaultdict[frozenset[str], set[date]] = defaultdict(set)
    for rate in rates:
        found[frozenset((rate.base, rate.quote))].add(rate.at.date())
    rest = {
        pair: [
            day
            for day in days
            if not any(day - timedelta(days=back) in found[frozenset(pair)] for back in range(BEFORE + 1))
        ]
        for pair, days in wanted.items()
    }
    return {pair: days for pair, days in rest.items() if days}


def _ways(base: str, quote: str) -> Iterator[tuple[str, str]]:
    """Yield the pair itself, then the pairs that lead there over a currency in between."""
    yield base, quote
    for middle in BETWEEN:
        if middle not in {base, quote}:
            yield base, middle
            yield middle, quote
