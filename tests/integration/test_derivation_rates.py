"""Rates that numbers lack are asked for, stored, and the numbers come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from flowd.api import Rate, RateQuery, RetryLater
from flowd.engine.seeking import RateSeeker
from flowd.storage.database import Database
from tests.deriving import Store, transaction


class Table:
    """A provider that knows some days of some pairs, and counts how often it is asked."""

    def __init__(self, name: str, *known: Rate) -> None:
        self.name = name
        self.known = known
        self.asked = 0

    def rates(self, query: RateQuery) -> Iterator[Rate]:
        self.asked += 1
        for rate in self.known:
            if {rate.base, rate.quote} == {query.base, query.quote} and rate.at.date() in query.days:
                yield rate


class Broken(Table):
    """A provider that fails, each time in another way."""

    def rates(self, query: RateQuery) -> Iterator[Rate]:
        yield from super().rates(query)
        raise RetryLater("not now") if self.asked % 2 else ValueError("a mistake")


def rate(pair: str, day: str, value: str) -> Rate:
    base, quote = pair.split("/")
    return Rate(base=base, quote=quote, at=datetime.fromisoformat(f"{day}T16:00:00+00:00"), value=Decimal(value))


def seek(store: Store, providers: Iterable[Table]) -> RateSeeker:
    seeker = RateSeeker({one.name: one for one in providers}, store.rawlog, store.clock)
    store.derivation.catch_up()
    seeker.seek(store.derivation.missing_rates())
    store.derivation.catch_up()
    return seeker


def test_each_provider_fills_what_it_knows(database: Database) -> None:
    store = Store(database)
    store.write("bank", transaction("2026-03-08", "100", asset="USD", description="salary"))
    store.write("bank", transaction("2026-03-09", "1000", asset="CZK", description="salary"))
    first = Table("first", rate("EUR/USD", "2026-03-06", "1.25"))
    # the second knows crowns in dollars only: over one currency in between
    second = Table("second", rate("USD/CZK", "2026-03-09", "20"))
    seek(store, [Broken("broken"), first, second])
    rows = store.rows("SELECT currency, received_base::text FROM derived.income_daily ORDER BY day")
    assert rows == [("USD", "80"), ("CZK", "40")]
    assert store.rows("SELECT 1 FROM derived.rate_missing") == []
    assert store.rows("SELECT DISTINCT source FROM app.rate ORDER BY 1") == [("first",), ("second",)]


def test_what_nobody_knows_is_asked_for_once_a_day(database: Database) -> None:
    store = Store(database)
    store.write("bank", transaction("2026-03-08", "100", asset="XAU", description="salary"))
    provider = Table("only")
    seeker = seek(store, [provider])
    asked = provider.asked
    assert asked > 0
    assert seeker.seek(store.derivation.missing_rates()) == 0
    assert provider.asked == asked
    store.clock.step(timedelta(days=1))
    seeker.seek([("XAU", "EUR", [date(2026, 3, 8)])])
    assert provider.asked == 2 * asked
    assert store.income("bank/salary", "received_base") == {"2026-03-08": None}
    assert store.clock.now() > datetime(2026, 3, 21, tzinfo=UTC)
