"""Analytics may read what plugins state as events; their numbers follow the events, and are the same when made anew."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from flowd.analytics.income import Income
from flowd.api import Event, EventRow, Metric, View
from flowd.domain.time import day_of, day_start
from flowd.engine.derivation import Derivation
from flowd.engine.view import Facts, StoredView, stored_rates
from flowd.plugins import Registry
from flowd.storage.database import Database
from flowd.testing.facts import FactsView
from tests.deriving import NOW, Store, transaction


class Seats:
    """A plugin's analytic: how many seats were taken at the end of each day, by connection."""

    name = "seats"
    reads: Sequence[str] = ("raw.event",)
    writes: Sequence[str] = ("derived.metric",)

    def __init__(self) -> None:
        self.computed: list[tuple[date, date]] = []

    def reach(self, view: View, since: date, until: date) -> tuple[date, date]:
        return since, view.today

    def compute(self, view: View, since: date, until: date) -> Iterator[Metric]:
        self.computed.append((since, until))
        changes: dict[str, dict[date, Decimal]] = {}
        for event in view.events("acme.seat"):
            day = day_of(event.at, view.zone)
            mine = changes.setdefault(event.connection, {})
            mine[day] = mine.get(day, Decimal(0)) + Decimal(str(event.data["seats"]))
        for connection, days in changes.items():
            total = Decimal(0)
            for offset in range((min(until, view.today) - min(days)).days + 1):
                day = min(days) + timedelta(days=offset)
                total += days.get(day, Decimal(0))
                if day >= since:
                    at = day_start(day, view.zone)
                    yield Metric(subject=connection, name="seats", window="1d", at=at, value=total, unit="seats")


def seat(key: str, day: str, seats: object, **more: object) -> Event:
    data = {"seats": str(seats), "id": key, **more}
    return Event(type="acme.seat", key=key, at=datetime.fromisoformat(f"{day}T10:00:00+00:00"), data=data)  # type: ignore[arg-type]


def opened(database: Database) -> tuple[Store, Seats]:
    store, seats = Store(database), Seats()
    registry = Registry(analytics={"income": Income(), "seats": seats})
    store.derivation = Derivation(database, registry, store.settings, store.clock)
    return store, seats


def kept(store: Store) -> dict[tuple[str, str], str]:
    rows = store.rows(
        "SELECT subject, (at AT TIME ZONE 'Europe/Berlin')::date::text, value::text FROM derived.metric ORDER BY 1, 2"
    )
    return {(subject, day): value for subject, day, value in rows}


def read(database: Database, type_: str) -> list[EventRow]:
    with database.transaction() as session:
        zone = FactsView(today=date(2026, 3, 20)).zone
        facts = Facts(tenant=database.tenant_id, base_currency="EUR", zone=zone, today=date(2026, 3, 20), kinds={})
        return list(StoredView(session, facts, stored_rates(session, facts), []).events(type_))


def test_the_newest_version_of_each_event_is_read_and_one_that_was_removed_is_not(database: Database) -> None:
    store, _ = opened(database)
    store.write("shop", seat("a", "2026-03-02", 3), seat("b", "2026-03-04", 1), seat("c", "2026-03-05", 7))
    store.write("another", seat("a", "2026-03-03", 2, note="quotes ' and \U0001f600"))
    store.write("shop", seat("a", "2026-03-02", 5), seat("c", "2026-03-05", 7, removed=True))
    store.write("shop", seat("d", "2026-03-06", 1, removed="maybe"), transaction("2026-03-06", "9"))
    rows = read(database, "acme.seat")
    assert [(row.connection, row.data["id"], row.data["seats"]) for row in rows if row.connection == "another"] == [
        ("another", "a", "2")
    ]
    assert {str(row.data["id"]): row.data["seats"] for row in rows if row.connection == "shop"} == {
        "a": "5",
        "b": "1",
        "d": "1",
    }
    assert [(row.connection, row.key) for row in rows] == sorted((row.connection, row.key) for row in rows)
    assert rows[0].at == datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert read(database, "acme.other") == []
    # a view over facts answers alike
    facts = FactsView(today=date(2026, 3, 20), all_events={"acme.seat": list(reversed(rows))})
    assert list(facts.events("acme.seat")) == rows
    assert list(facts.events("acme.other")) == []


def test_metrics_made_of_events_follow_them_and_the_calendar(database: Database) -> None:
    store, seats = opened(database)
    store.write("shop", seat("a", "2026-03-18", 3))
    store.derivation.catch_up()
    assert kept(store) == {("shop", f"2026-03-{day}"): "3" for day in (18, 19, 20)}

    # what came late changes the days from then on, and no day before
    seats.computed.clear()
    store.write("shop", seat("b", "2026-03-19", 2))
    store.derivation.catch_up()
    assert kept(store) == {("shop", "2026-03-18"): "3", ("shop", "2026-03-19"): "5", ("shop", "2026-03-20"): "5"}
    assert seats.computed == [(date(2026, 3, 19), date(2026, 3, 20))]

    # an event that moves to another day changes the days of both
    store.write("shop", seat("a", "2026-03-20", 3, moved=True))
    store.derivation.catch_up()
    assert kept(store) == {("shop", "2026-03-19"): "2", ("shop", "2026-03-20"): "5"}

    # a new day is due though nothing was written; what is dated ahead counts when its day has come
    store.write("shop", seat("c", "2026-03-22", 10))
    store.derivation.catch_up()
    store.clock.step(timedelta(days=2))
    store.derivation.catch_up()
    assert kept(store) == {
        ("shop", "2026-03-19"): "2",
        ("shop", "2026-03-20"): "5",
        ("shop", "2026-03-21"): "5",
        ("shop", "2026-03-22"): "15",
    }
    before = kept(store)
    store.derivation.rebuild()
    assert kept(store) == before


def test_transactions_do_not_make_an_analytic_of_events_work(database: Database) -> None:
    store, seats = opened(database)
    store.write("shop", seat("a", "2026-03-18", 3))
    store.derivation.catch_up()
    seats.computed.clear()
    store.write("bank", transaction("2026-03-19", "10"))
    store.derivation.catch_up()
    assert seats.computed == []
    assert store.income("bank/other", "received") == {"2026-03-19": "10"}


def test_bit_by_bit_ends_in_the_same_metrics_as_all_at_once(database: Database) -> None:
    chance = random.Random(20260320)
    store, _ = opened(database)
    for _ in range(40):
        day = (NOW - timedelta(days=chance.randrange(60))).date().isoformat()
        removed = {"removed": True} if chance.random() < 0.2 else {}
        event = seat(f"s{chance.randrange(12)}", day, chance.randrange(1, 9), **removed)
        store.write(chance.choice(["shop", "stall"]), event)
        if chance.random() < 0.3:
            store.clock.step(timedelta(hours=chance.randrange(30)))
        if chance.random() < 0.6:
            store.derivation.catch_up()
    store.derivation.catch_up()
    bit_by_bit = kept(store)
    assert len(bit_by_bit) > 60
    store.derivation.rebuild()
    assert kept(store) == bit_by_bit
