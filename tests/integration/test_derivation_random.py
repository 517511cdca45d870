"""Whatever arrives in whatever order, deriving step by step ends in the rows of a rebuild, to the last digit."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from flowd.analytics.attribution import Attribution
from flowd.analytics.income import Income
from flowd.analytics.performance import DailyPerformance
from flowd.analytics.portfolios import Portfolios
from flowd.api import AccountInfo, AccountKind, Analytic, Batch, Event, FlowClass, Rate, Record, Snapshot, Transaction
from flowd.config import Settings
from flowd.engine.derivation import Derivation
from flowd.plugins import Registry
from flowd.storage.database import Database
from flowd.storage.rawlog import RawLog
from flowd.storage.tenants import ensure_tenant
from flowd.testing.fakes import FakeClock

BEGIN = date(2025, 9, 20)  # a change of the clocks lies within
DAYS = 70
TABLES = (
    "transaction", "flow", "stream", "rate_gap", "rate_missing", "income_daily", "snapshot_hourly", "snapshot_daily",
    "account", "schedule_term", "metric", "performance", "transfer", "transfer_rate",
    "counterparty_month",
)  # fmt: skip
SETTINGS: dict[str, Any] = {
    "tenant": {"base_currency": "EUR", "timezone": "Europe/Berlin"},
    "rules": [{"match": {"text": "bonus", "min": 100}, "class": "salary", "stream": "extra"}],
    "streams": {"extra": {"name": "Extras", "group": "work"}, "broker": {"group": "shares"}},
}
TEXTS = ["Gehalt", "interest", "bonus", "who knows", "refund", "transfer to savings", "Storno Dividende", "fee", ""]


class History:
    """Facts about three months, made from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def day(self) -> date:
        return BEGIN + timedelta(days=self.random.randrange(DAYS))

    def moment(self) -> datetime:
        day = self.day()
        minutes = self.random.randrange(24 * 60)
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes)

    def amount(self) -> Decimal:
        return Decimal(self.random.randrange(-200_000, 200_000)).scaleb(-self.random.choice([0, 2, 2, 4]))

    def transaction(self) -> tuple[str, Record]:
        connection, account = self.random.choice(
            [
                ("bank", "main"),
                ("bank", "savings"),
                ("card", "visa"),
                ("exchange", "spot"),
                ("broker", "spot"),
                ("stripe", "acct"),
            ]
        )
        return connection, Transaction(
            account=account,
            external_id=str(self.random.randrange(60)),
            booked_at=self.random.choice([self.day, self.moment])(),
            amount=self.random.choice([self.amount(), Decimal(50), Decimal(-50)]),
            asset=self.random.choice(["EUR", "EUR", "USD", "BTC"]),
            kind=self.random.choice(
                [None, None, FlowClass.DEPOSIT, FlowClass.WITHDRAWAL, FlowClass.TRANSFER, FlowClass.DIVIDEND]
            ),
            counterparty=self.random.choice(["", "ACME 1", "ACME 2"]),
            description=self.random.choice(TEXTS),
            pending=self.random.random() < 0.1,
        )

    def salary(self) -> tuple[str, Record]:
        return "bank", Transaction(
            account="main",
            external_id=f"salary-{self.random.randrange(4)}",
            booked_at=date(2025, self.random.randrange(9, 12), self.random.randrange(24, 27)),
            amount=Decimal(self.random.randrange(1000, 4000)),
            asset=self.random.choice(["EUR", "USD"]),
            counterparty="ACME",
            description="Gehalt",
        )

    def snapshot(self) -> tuple[str, Record]:
        quantity = Decimal(self.random.randrange(-5, 1000)).scaleb(-self.random.choice([0, 3]))
        connection = self.random.choice(["exchange", "exchange", "broker"])
        return connection, Snapshot(
            account=self.random.choice(["spot", "futures"]),
            asset=self.random.choice(["EUR", "BTC"]),
            quantity=self.random.choice([quantity, Decimal(0)]),
            at=self.moment(),
        )

    def rate(self) -> tuple[str, Record]:
        base, quote = self.random.choice([("EUR", "USD"), ("BTC", "USDT"), ("USDT", "USD"), ("BTC", "EUR")])
        value = Decimal(self.random.randrange(1, 99_999)).scaleb(-self.random.choice([0, 4]))
        return "rates", Rate(base=base, quote=quote, at=self.moment(), value=value)

    def account(self) -> tuple[str, Record]:
        connection, account, kinds = self.random.choice(
            [
                ("bank", "main", [AccountKind.BANK]),
                ("bank", "savings", [AccountKind.BANK]),
                ("card", "visa", [AccountKind.CARD, AccountKind.BANK]),
                ("stripe", "acct", [AccountKind.PAYOUT]),
                ("exchange", "spot", [AccountKind.WALLET_SPOT, AccountKind.BANK]),
                ("exchange", "futures", [AccountKind.WALLET_FUTURES]),
                ("broker", "spot", [AccountKind.BROKER, AccountKind.BROKER, AccountKind.CARD]),
                ("broker", "futures", [AccountKind.BROKER]),
            ]
        )
        return connection, AccountInfo(account=account, name=account, kind=self.random.choice(kinds))

    def schedule(self) -> tuple[str, Record]:
        end = self.random.choice([None, self.day()])
        term: dict[str, str | None] = {
            "amount": str(self.random.randrange(1, 5000)),
            "currency": self.random.choice(["EUR", "USD"]),
            "every": self.random.choice(["month on L", "week on fri", "month on 15W", "every 10 days from 2025-09-01"]),
            "start": str(min(self.day(), end or date.max)),
            "end": None if end is None else str(end),
        }
        return "pension", Event(type="schedule", key="pension", at=self.moment(), data={"terms": [term]})

    def batches(self, count: int) -> Iterator[tuple[str, list[Record]]]:
        makers = [self.transaction] * 5 + [self.snapshot] * 5 + [self.rate] * 2 + [self.account, self.schedule]
        makers += [self.salary] * 2
        for _ in range(count):
            by_connection: dict[str, list[Record]] = {}
            for _ in range(self.random.choice([1, 1, 5, 30])):
                connection, record = self.random.choice(makers)()
                by_connection.setdefault(connection, []).append(record)
            yield from by_connection.items()


def everything(database: Database) -> dict[str, list[str]]:
    with database.transaction(role="owner") as session:
        session.execute("SELECT set_config('flowd.tenant', %s, true)", (str(database.tenant_id),))
        return {
            table: [row[0] for row in session.execute(f"SELECT t::text FROM derived.{table} t ORDER BY 1".encode())]
            for table in TABLES
        }


def dense(history: History) -> list[Record]:
    """A wallet read on most days, another that is empty for weeks: their value is known nearly always."""
    records: list[Record] = [
        AccountInfo(account=account, name=account, kind=AccountKind.WALLET_SPOT) for account in ("spot", "futures")
    ]
    for number in range(DAYS):
        day = datetime(BEGIN.year, BEGIN.month, BEGIN.day, tzinfo=UTC) + timedelta(days=number)
        for account in ("spot", "futures"):
            empty = account == "futures" and number % 20 > 2
            if history.random.random() < (0.05 if empty and number % 20 > 3 else 0.9):
                at = day + timedelta(minutes=history.random.randrange(24 * 60))
                quantity = Decimal(0) if empty else Decimal(history.random.randrange(1, 99_999)).scaleb(-2)
                records.append(Snapshot(account=account, asset="EUR", quantity=quantity, at=at))
    return records


def small_change(history: History) -> Record:
    """A late reading, money that came or went, or a gain that the ledger states."""
    account = history.random.choice(["spot", "futures"])
    if history.random.random() < 0.5:
        quantity = history.random.choice([Decimal(0), Decimal(history.random.randrange(9999)).scaleb(-2)])
        return Snapshot(account=account, asset="EUR", quantity=quantity, at=history.moment())
    return Transaction(
        account=account,
        external_id=str(history.random.randrange(40)),
        booked_at=history.random.choice([history.day, history.moment])(),
        amount=Decimal(history.random.randrange(-500, 500)),
        asset="EUR",
        kind=history.random.choice([FlowClass.DEPOSIT, FlowClass.TRANSFER, FlowClass.FEE, FlowClass.FUNDING]),
    )


class Bench:
    """A store whose step-by-step rows are compared with those of a rebuild."""

    def __init__(self, database: Database, *, ledger: bool = False) -> None:
        self.database = database
        self.clock = FakeClock(datetime(2025, 11, 28, 20, tzinfo=UTC))
        said = {"connections": {"exchange": {"type": "any", "income": "ledger"}}} if ledger else {}
        settings = Settings.model_validate({**SETTINGS, **said})
        analytics: list[Analytic] = [Income(), Attribution(), DailyPerformance(), Portfolios()]
        registry = Registry(analytics={analytic.name: analytic for analytic in analytics})
        self.derivation = Derivation(database, registry, settings, self.clock)
        self.rawlog = RawLog(database)

    def write(self, connection: str, records: list[Record]) -> None:
        far = datetime(2026, 1, 1, tzinfo=UTC)
        self.rawlog.write_batch(connection, Batch(records=records), tick=self.clock.now(), now=far)

    def compare(self) -> dict[str, list[str]]:
        self.derivation.catch_up()
        step_by_step = everything(self.database)
        self.derivation.rebuild()
        again = everything(self.database)
        for table in TABLES:
            assert step_by_step[table] == again[table], table
        return again


@pytest.mark.parametrize(
    ("seed", "zone"), [(0, "Europe/Berlin"), (1, "America/New_York"), (2, "Asia/Kolkata"), (3, "Australia/Lord_Howe")]
)
def test_step_by_step_equals_a_rebuild(database: Database, seed: int, zone: str) -> None:
    # a zone off by half an hour has days that begin within an hour of UTC
    ensure_tenant(database, "home", base_currency="EUR", timezone=zone)
    history, bench = History(seed), Bench(database, ledger=seed == 2)
    compared = 0
    for number, (connection, records) in enumerate(history.batches(25)):
        bench.write(connection, records)
        if history.random.random() < 0.6:
            bench.derivation.catch_up()
        if history.random.random() < 0.1:
            bench.clock.step(timedelta(days=history.random.choice([-1, 1, 1, 2])))
        if number % 8 == 7:
            compared += sum(map(len, bench.compare().values()))
    assert compared > 1000


@pytest.mark.parametrize(("seed", "zone"), [(0, "Europe/Berlin"), (1, "Asia/Kolkata")])
def test_late_readings_and_deposits_reach_as_far_as_they_must(database: Database, seed: int, zone: str) -> None:
    ensure_tenant(database, "home", base_currency="EUR", timezone=zone)
    history, bench = History(seed), Bench(database)
    for connection in ("exchange", "broker"):
        bench.write(connection, dense(history))
    for number in range(60):
        bench.write(history.random.choice(["exchange", "broker"]), [small_change(history)])
        bench.derivation.catch_up()
        if number % 10 == 9:
            found = bench.compare()
    rows = found["income_daily"]
    assert sum("exact" in row for row in rows) > 20
    assert any("spread" in row for row in rows)
    totals = [row for row in found["performance"] if ",total," in row]
    assert sum("exact" in row for row in totals) > 20
    assert any("spread" in row for row in totals)
