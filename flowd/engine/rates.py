"""What one asset was worth in another at the end of a day: as stated, turned round, or over one or two others."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise, permutations
from typing import Final

from flowd.domain.shares import EXACT

#: A rate is used for up to so many days after its own: over weekends and holidays, not longer.
AGE: Final = 7
#: What may stand between two assets, the most trusted first.
PIVOTS: Final = ("EUR", "USD", "USDT", "USDC", "BTC")
#: Significant digits of a rate that is not stated but computed.
_DIGITS: Final = 24

#: Gives the last rate of each local day on which there is one, by day: (base, quote, first day, last day).
Closing = Callable[[str, str, date, date], Sequence[tuple[date, Decimal]]]


class RateTable:
    """Rates of one tenant, read as they are needed and kept; remembers what was asked for and not found."""

    def __init__(self, pairs: Sequence[tuple[str, str]], closing: Closing, base_currency: str) -> None:
        self._pairs = frozenset(pairs)
        self._assets = frozenset(asset for pair in pairs for asset in pair)
        self._closing = closing
        self._pivots = tuple(dict.fromkeys([base_currency, *PIVOTS]))
        self._loaded: dict[tuple[str, str], _Line] = {}
        self._paths: dict[tuple[str, str], list[tuple[str, ...]]] = {}
        self._known: dict[tuple[str, str, date], tuple[Decimal | None, str]] = {}
        self._missing: set[tuple[str, str, date]] = set()
        self._since = self._until = date.min

    def prepare(self, since: date, until: date) -> None:
        """Say for which days rates will be asked, so that each pair is read once."""
        self._since, self._until = since, until

    def rate(self, base: str, quote: str, day: date) -> Decimal | None:
        """Return what one `base` was worth in `quote` at the end of `day`, from rates at most 7 days old; else None."""
        if base == quote:
            return Decimal(1)
        value = self._look(base, quote, day)[0]
        if value is None:
            self._missing.add((base, quote, day))
        return value

    def peek(self, base: str, quote: str, day: date) -> Decimal | None:
        """Return the same as `rate` without remembering that it lacks."""
        return Decimal(1) if base == quote else self._look(base, quote, day)[0]

    def quoted_in(self, base: str, quote: str, day: date) -> str:
        """Return what `base` is priced in where `rate` is asked: `quote`, or the first asset that stands between."""
        return quote if base == quote else self._look(base, quote, day)[1]

    def take_missing(self) -> set[tuple[str, str, date]]:
        """Return what was asked for and not found since the last call: (base, quote, day)."""
        missing, self._missing = self._missing, set()
        return missing

    def _look(self, base: str, quote: str, day: date) -> tuple[Decimal | None, str]:
        key = (base, quote, day)
        if key not in self._known:
            self._known[key] = self._find(base, quote, day)
        return self._known[key]

    def _find(self, base: str, quote: str, day: date) -> tuple[Decimal | None, str]:
        if (base, quote) not in self._paths:
            self._paths[base, quote] = list(self._ways(base, quote))
        for path in self._paths[base, quote]:
            value: Decimal | None = Decimal(1)
            for leg in pairwise(path):
                one = self._leg(*leg, day)
                if one is None or value is None:
                    value = None
                    break
                value = EXACT.multiply(value, one)
            if value is not None:
                return (value if len(path) == 2 else _rounded(value)), path[1]
        return None, quote

    def _ways(self, base: str, quote: str) -> Iterator[tuple[str, ...]]:
        """Yield the ways from one asset to the other for which pairs exist, the shortest first."""
        if base not in self._assets or quote not in self._assets:
            return
        between = [asset for asset in self._pivots if asset in self._assets and asset not in {base, quote}]
        for count in (0, 1, 2):
            for middle in permutations(between, count):
                path = (base, *middle, quote)
                if all((a, b) in self._pairs or (b, a) in self._pairs for a, b in pairwise(path)):
                    yield path

    def _leg(self, base: str, quote: str, day: date) -> Decimal | None:
        if (base, quote) in self._pairs and (value := self._line(base, quote, day).at(day)) is not None:
            return value
        if (quote, base) in self._pairs and (value := self._line(quote, base, day).at(day)) is not None:
            return _rounded(EXACT.divide(Decimal(1), value))
        return None

    def _line(self, base: str, quote: str, day: date) -> _Line:
        line = self._loaded.get((base, quote))
        if line is None or not line.since <= day <= line.until:
            since, until = min(day, self._since), max(day, self._until)
            if line is not None:
                since, until = min(since, line.since), max(until, line.until)
            found = self._closing(base, quote, since - timedelta(days=min(AGE, (since - date.min).days)), until)
            line = self._loaded[base, quote] = _Line(found, since, until)
        return line


class _Line:
    """The last rate of each day of one pair, for the days it was read for."""

    def __init__(self, found: Sequence[tuple[date, Decimal]], since: date, until: date) -> None:
        self._days = [day for day, _ in found]
        self._values = [value for _, value in found]
        self.since, self.until = since, until

    def at(self, day: date) -> Decimal | None:
        index = bisect_right(self._days, day) - 1
        if index < 0 or (day - self._days[index]).days > AGE:
            return None
        return self._values[index]


def _rounded(value: Decimal) -> Decimal:
    """Round to 24 significant digits."""
    return value.quantize(Decimal(1).scaleb(value.adjusted() - _DIGITS + 1), context=EXACT)
