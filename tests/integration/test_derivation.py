"""Derived rows follow the raw logs: incrementally or from scratch, they are the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from flowd.analytics.income import Income
from flowd.api import (
    AccountInfo,
    AccountKind,
    Batch,
    Event,
    FlowClass,
    Rate,
    Record,
    Snapshot,
    Transaction,
)
from flowd.config import Settings
from flowd.engine.derivation import Derivation
from flowd.plugins import Registry
from flowd.storage.database import Database
from flowd.storage.rawlog import RawLog
from flowd.testing.fakes import FakeClock

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


class Store:
    """A database with its writer and its derivation, and what they made."""

    def __init__(self, database: Database, **settings: Any) -> None:
        self.database = database
        self.clock = FakeClock(NOW)
        self.rawlog = RawLog(database)
        self.set(**settings)

    def set(self, **settings: Any) -> None:
        tenant = {"base_currency": "EUR", "timezone": "Europe/Berlin"}
        self.settings = Settings.model_validate({"tenant": tenant, **settings})
        self.derivation = Derivation(self.database, Registry(analytics={"income": Income()}), self.settings, self.clock)

    def write(self, connection: str, *records: Record) -> None:
        self.rawlog.write_batch(connection, Batch(records=records), tick=self.clock.now(), now=self.clock.now())

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.database.transaction(role="owner") as session:
            session.execute("SELECT set_config('flowd.tenant', %s, true)", (str(self.database.tenant_id),))
            return session.execute(statement.encode()).fetchall()

    def income(self, stream: str, column: str = "earned") -> dict[str, str | None]:
        rows = self.rows(
            f"SELECT day::text, {column}::text FROM derived.income_daily WHERE stream = '{stream}' ORDER BY day"
        )
        return dict(rows)

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        tables = ("transaction", "flow", "stream", "rate_gap", "rate_missing", "income_daily", "snapshot_hourly",
                  "snapshot_daily", "account", "schedule_term")  # fmt: skip
        return {table: self.rows(f"SELECT t::text FROM derived.{table} t ORDER BY 1") for table in tables}


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


def transaction(day: str | datetime, amount: str, **more: Any) -> Transaction:
    values: dict[str, Any] = {"account": "main", "external_id": None, "asset": "EUR", "amount": Decimal(amount)}
    values["booked_at"] = date.fromisoformat(day) if isinstance(day, str) else day
    return Transaction(**{**values, **more})


def schedule(connection: str, **term: Any) -> Event:
    whole = {"amount": "310", "currency": "EUR", "every": "month on L", "start": "2026-03-01", "end": None, **term}
    return Event(type="schedule", key=connection, at=NOW, data={"terms": [whole]})


def test_a_schedule_accrues_day_by_day_until_today(store: Store) -> None:
    store.write("salary", schedule("salary"))
    store.derivation.catch_up()
    assert store.income("salary") == {f"2026-03-{day:02}": "10" for day in range(1, 21)}
    assert store.income("salary", "received")["2026-03-20"] == "0"
    store.clock.step(timedelta(days=12))
    store.derivation.catch_up()
    assert len(store.income("salary")) == 32
    assert store.income("salary", "received")["2026-03-31"] == "310"
    assert store.rows("SELECT stream, method, grp FROM derived.stream") == [("salary", "schedule", "declared")]


def test_a_clock_that_went_back_leaves_nothing_of_the_days_to_come(store: Store) -> None:
    store.write("salary", schedule("salary"))
    store.derivation.catch_up()
    before = store.everything()
    store.clock.step(timedelta(days=365))
    store.derivation.catch_up()
    store.clock.step(-timedelta(days=365))
    store.derivation.catch_up()
    assert store.everything() == before


def test_transactions_become_income_by_class(store: Store) -> None:
    store.write(
        "bank",
        transaction("2026-03-01", "2500", description="Gehalt März"),
        transaction("2026-03-02", "-900", description="Miete"),
        transaction("2026-03-03", "12.34", description="Habenzinsen"),
        transaction("2026-03-04", "50", description="who knows"),
        transaction("2026-03-05", "99", description="Refund"),
        transaction("2026-03-06", "1000", description="Darlehen"),
        transaction("2026-03-07", "77", description="Gehalt", pending=True),
    )
    store.derivation.catch_up()
    assert store.rows("SELECT stream, day::text, received::text, quality FROM derived.income_daily ORDER BY day") == [
        ("bank/salary", "2026-03-01", "2500", "exact"),
        ("bank/interest", "2026-03-03", "12.34", "exact"),
        ("bank/other", "2026-03-04", "50", "estimated"),
    ]
    classes = store.rows("SELECT flow_class, rule FROM derived.flow ORDER BY day")
    assert classes == [
        ("salary", "word gehalt"),
        ("expense", "sign"),
        ("interest", "word habenzinsen"),
        ("other", "sign"),
        ("refund", "word refund"),
        ("loan", "word darlehen"),
    ]


def reading(at: str, quantity: str, asset: str = "EUR", account: str = "spot") -> Snapshot:
    return Snapshot(account=account, asset=asset, quantity=Decimal(quantity), at=datetime.fromisoformat(at + "+00:00"))


SPOT = AccountInfo(account="spot", name="Spot", kind=AccountKind.WALLET_SPOT)


def test_a_valued_account_earns_its_change_in_value(store: Store) -> None:
    store.write(
        "exchange",
        SPOT,
        reading("2026-03-16T09:00:00", "1000"),
        reading("2026-03-16T20:00:00", "1005"),
        reading("2026-03-17T20:00:00", "1010"),
        reading("2026-03-18T20:00:00", "1522"),
        transaction("2026-03-18", "500", account="spot", kind=FlowClass.DEPOSIT),
    )
    store.derivation.catch_up()
    # the 19th has no reading and is over; today has none yet
    assert store.income("exchange") == {
        "2026-03-16": "5",
        "2026-03-17": "5",
        "2026-03-18": "12",
        "2026-03-19": None,
    }
    store.write("exchange", reading("2026-03-20T10:00:00", "1525"))
    store.derivation.catch_up()
    assert store.income("exchange")["2026-03-19"] == "1.5"
    assert store.income("exchange")["2026-03-20"] == "1.5"
    assert store.income("exchange", "quality")["2026-03-19"] == "spread"


def test_a_missing_rate_gives_no_number_and_says_so(store: Store) -> None:
    store.write("bank", transaction("2026-03-03", "100", asset="USD", description="salary"))
    store.derivation.catch_up()
    assert store.income("bank/salary", "received") == {"2026-03-03": "100"}
    assert store.income("bank/salary", "received_base") == {"2026-03-03": None}
    assert store.rows("SELECT base, quote, days FROM derived.rate_missing") == [("USD", "EUR", 1)]
    store.write("ecb", Rate(base="EUR", quote="USD", at=datetime(2026, 3, 2, 15, tzinfo=UTC), value=Decimal("1.25")))
    store.derivation.catch_up()
    assert store.income("bank/salary", "received_base") == {"2026-03-03": "80"}
    assert store.rows("SELECT * FROM derived.rate_missing") == []


def test_other_settings_lead_to_other_rows(store: Store) -> None:
    store.write("bank", transaction("2026-03-03", "100", counterparty="Meier", description="Apartment"))
    store.derivation.catch_up()
    assert store.income("bank/other") != {}
    store.set(rules=[{"match": {"counterparty": "meier"}, "class": "rent", "stream": "flat"}])
    assert store.derivation.catch_up().rebuilt
    assert store.income("bank/other") == {}
    assert store.income("flat") == {"2026-03-03": "100"}
    assert not store.derivation.catch_up().rebuilt
