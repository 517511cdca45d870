"""What tests of derived rows share: a store that is written to, derived and read back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from flowd.analytics.attribution import Attribution
from flowd.analytics.income import Income
from flowd.analytics.performance import DailyPerformance
from flowd.analytics.portfolios import Portfolios
from flowd.api import AccountInfo, AccountKind, Analytic, Batch, Event, Record, Snapshot, Transaction
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
        analytics: dict[str, Analytic] = {
            "income": Income(),
            "attribution": Attribution(),
            "performance": DailyPerformance(),
            "portfolios": Portfolios(),
        }
        self.derivation = Derivation(self.database, Registry(analytics=analytics), self.settings, self.clock)

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
                  "snapshot_daily", "account", "schedule_term", "metric", "performance", "transfer",
                  "transfer_rate", "counterparty_month")  # fmt: skip
        return {table: self.rows(f"SELECT t::text FROM derived.{table} t ORDER BY 1") for table in tables}


def transaction(day: str | datetime, amount: str, **more: Any) -> Transaction:
    values: dict[str, Any] = {"account": "main", "external_id": None, "asset": "EUR", "amount": Decimal(amount)}
    values["booked_at"] = date.fromisoformat(day) if isinstance(day, str) else day
    return Transaction(**{**values, **more})


def schedule(connection: str, **term: Any) -> Event:
    whole = {"amount": "310", "currency": "EUR", "every": "month on L", "start": "2026-03-01", "end": None, **term}
    return Event(type="schedule", key=connection, at=NOW, data={"terms": [whole]})


def reading(at: str, quantity: str, asset: str = "EUR", account: str = "spot") -> Snapshot:
    return Snapshot(account=account, asset=asset, quantity=Decimal(quantity), at=datetime.fromisoformat(at + "+00:00"))


SPOT = AccountInfo(account="spot", name="Spot", kind=AccountKind.WALLET_SPOT)
