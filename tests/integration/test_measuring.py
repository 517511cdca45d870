"""Numbers that analytics derive beside income are kept, follow what changes, and are the same when made anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from flowd.analytics.income import Income
from flowd.api import Metric, View
from flowd.domain.time import day_start
from flowd.engine.derivation import Derivation
from flowd.plugins import Registry
from flowd.storage.database import Database
from tests.deriving import Store, schedule, transaction


class SumReceipts:
    """A plugin's analytic: what each stream received per day."""

    name = "sums"
    reads: Sequence[str] = ("derived.flow",)
    writes: Sequence[str] = ("derived.metric",)

    def reach(self, view: View, since: date, until: date) -> tuple[date, date]:
        return since, min(until, view.today)

    def compute(self, view: View, since: date, until: date) -> Iterator[Metric]:
        for stream in view.streams():
            found: dict[date, Decimal] = {}
            for receipt in view.receipts(stream.stream):
                if since <= receipt.day <= until:
                    found[receipt.day] = found.get(receipt.day, Decimal(0)) + receipt.amount
            for day, value in found.items():
                at = day_start(day, view.zone)
                yield Metric(subject=stream.stream, name="receipts", window="1d", at=at, value=value, unit="EUR")


def kept(store: Store) -> list[tuple[str, ...]]:
    return store.rows(
        "SELECT analytic, subject, name, (at AT TIME ZONE 'Europe/Berlin')::date::text, value::text, unit"
        " FROM derived.metric ORDER BY 1, 2, 4"
    )


def test_metrics_of_an_analytic_follow_the_log_and_survive_a_rebuild(database: Database) -> None:
    store = Store(database)
    registry = Registry(analytics={"income": Income(), "sums": SumReceipts()})
    store.derivation = Derivation(database, registry, store.settings, store.clock)
    store.write("bank", transaction("2026-03-02", "10"), transaction("2026-03-02", "11"))
    store.write("salary", schedule("salary"))
    store.derivation.catch_up()
    assert kept(store) == [("sums", "bank/other", "receipts", "2026-03-02", "21", "EUR")]

    store.clock.step(timedelta(hours=1))
    store.write("bank", transaction("2026-03-09", "5"))
    store.derivation.catch_up()
    grown = kept(store)
    assert [row[3:5] for row in grown] == [("2026-03-02", "21"), ("2026-03-09", "5")]
    store.derivation.rebuild()
    assert kept(store) == grown

    # An analytic that is switched off leaves nothing behind once everything is made anew.
    store.derivation = Derivation(database, Registry(analytics={"income": Income()}), store.settings, store.clock)
    store.derivation.catch_up()
    assert kept(store) == []
