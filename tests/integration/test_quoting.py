"""Connections that are asked for rates of the past, the order of those that state one, and how far they differ."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flowd.api import Isolation, Rate, RateQuery, RetryLater
from flowd.engine.connections import Connection
from flowd.engine.quoting import QuotingConnection, providers
from flowd.engine.seeking import RateSeeker
from flowd.engine.target import Target
from flowd.storage.database import Database
from flowd.storage.reports import Reports
from flowd.testing.replay import Asked, Replay, Reply
from flowd_rates import CONNECTOR
from tests.deriving import NOW, Store, transaction
from tests.engine_rig import engine


def quoting(name: str, url: str) -> Connection:
    config = {"sources": ["coinbase"], "urls": {"coinbase": url}}
    return Connection(
        name=name,
        type=CONNECTOR,
        target=Target("flowd_rates", "rates"),
        feeds={feed.name: feed for feed in CONNECTOR.feeds},
        isolation=Isolation.PROCESS,
        settings=json.dumps(config).encode(),
        secrets=[],
    )


def candles(asked: Asked) -> Reply:
    """One candle for each day asked for, of this year's day as price."""
    first, last = (date.fromisoformat(asked.query[name][:10]) for name in ("start", "end"))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rows = [
        [int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()), 1, 2, 1, day.timetuple().tm_yday * 100, 1]
        for day in days
    ]
    return Reply(body=rows)


def test_what_a_number_lacks_is_asked_of_a_connection_in_its_own_process(database: Database, tmp_path: Path) -> None:
    store = Store(database)
    store.write("bank", transaction("2026-03-10", "2", asset="BTC", description="salary"))
    store.derivation.catch_up()
    with Replay() as site, engine(tmp_path) as rig:
        site.on("GET", "/products/BTC-EUR/candles", candles)
        one = quoting("prices", site.url)
        rig.add(one)
        seeker = RateSeeker(providers({}, [one], rig.runner), store.rawlog, store.clock)
        assert seeker.seek(store.derivation.missing_rates()) > 0
        store.derivation.catch_up()
        assert store.rows("SELECT DISTINCT source FROM raw.rate") == [("prices",)]
        # 10 March is the 69th day of 2026.
        assert store.rows("SELECT received_base::text FROM derived.income_daily") == [("13800",)]
        # What is known is not asked for again.
        asked = len(site.asked)
        seeker.seek(store.derivation.missing_rates())
        assert len(site.asked) == asked


def test_a_long_question_is_put_in_parts_and_a_failure_is_flowds_own(tmp_path: Path) -> None:
    with Replay() as site, engine(tmp_path) as rig:
        site.on("GET", "/products/BTC-EUR/candles", candles)
        rig.add(quoting("prices", site.url))
        table = QuotingConnection("prices", rig.runner)
        days = [date(2023, 1, 1) + timedelta(days=n) for n in range(1000)]
        found = list(table.rates(RateQuery(base="BTC", quote="EUR", days=days)))
        assert len({rate.at.date() for rate in found}) == 1000
        assert found[0] == Rate(base="BTC", quote="EUR", at=datetime(2023, 1, 1, 12, tzinfo=UTC), value=Decimal(100))

    class Away:
        def ask(self, connection: str, what: str, allowed: timedelta, **more: object) -> Mapping[str, Any]:
            raise RetryLater("at work")

    with pytest.raises(RetryLater):
        list(QuotingConnection("prices", Away()).rates(RateQuery(base="BTC", quote="EUR", days=days[:1])))


def test_only_connections_that_quote_are_asked_and_tables_come_first() -> None:
    class Table:
        name = "table"

        def rates(self, query: RateQuery) -> list[Rate]:
            return []

    class Nobody:
        def ask(self, connection: str, what: str, allowed: timedelta, **more: object) -> Mapping[str, Any]:
            raise AssertionError(connection)

    one = quoting("prices", "http://127.0.0.1:1")
    asked = providers({"table": Table()}, [one], Nobody())
    assert list(asked) == ["table", "prices"]


def at(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def state(store: Store, source: str, hours: float, value: str) -> None:
    store.write(source, Rate(base="EUR", quote="USD", at=at(hours), value=Decimal(value)))


def received(store: Store) -> list[tuple[Any, ...]]:
    store.derivation.catch_up()
    return store.rows("SELECT received_base::text FROM derived.income_daily WHERE received IS NOT NULL")


CONNECTIONS = {"first": {"type": "rates"}, "second": {"type": "rates"}}


def test_of_rates_of_about_the_same_time_the_first_connections_counts(database: Database) -> None:
    store = Store(database, connections=CONNECTIONS)
    store.write("bank", transaction("2026-03-20", "100", asset="USD", description="salary"))
    state(store, "second", 1, "2")
    assert received(store) == [("50",)]
    state(store, "first", 1.5, "1.25")
    assert received(store) == [("80",)]
    # A source that stopped hours ago does not hold up what it was worth since.
    state(store, "second", 0.1, "1")
    state(store, "first", 3, "4")
    assert received(store) == [("80",)]
    store.set(connections=dict(reversed(CONNECTIONS.items())))
    store.derivation.rebuild()
    assert received(store) == [("100",)]


def test_a_source_that_fell_silent_is_stood_in_for(database: Database) -> None:
    store = Store(database, connections=CONNECTIONS)
    store.write("bank", transaction("2026-03-20", "100", asset="USD", description="salary"))
    state(store, "first", 9, "1.25")
    state(store, "second", 0.5, "2")
    assert received(store) == [("50",)]


def test_how_far_sources_differ_is_reported(database: Database) -> None:
    store = Store(database)
    reports = Reports(database)
    state(store, "first", 1, "1.20")
    assert reports.rate_disagreements() == []
    state(store, "second", 0.5, "1.26")
    (row,) = reports.rate_disagreements()
    assert (row["base"], row["quote"], row["sources"]) == ("EUR", "USD", 2)
    assert row["disagreement"] == pytest.approx(Decimal("0.05"))
    # One that fell silent is no opinion of now.
    state(store, "second", 0, "1.26")
    store.write("third", Rate(base="EUR", quote="USD", at=at(5), value=Decimal(9)))
    assert [row["sources"] for row in reports.rate_disagreements()] == [2]
