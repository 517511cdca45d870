"""A store whose balances are looked at, and what is stated and said of them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flowd.api import AccountInfo, AccountKind, Balance, Rate, Record
from flowd.domain.decisions import BalanceDecision, decision_event
from flowd.domain.goals import OWN_WORD
from flowd.storage.database import Database
from tests.deriving import Store

MAIN = AccountInfo(account="main", name="Giro", kind=AccountKind.BANK, asset="EUR")
TABLES = ("balance_day", "balance_line", "balance_left_out", "balance_gap", "snapshot_daily", "rate_gap")


def stated(day: str, amount: str, asset: str = "EUR", account: str = "main") -> Balance:
    return Balance(account=account, asset=asset, day=date.fromisoformat(day), amount=Decimal(amount))


def said(
    day: str, amount: str, *, connection: str = "bank", account: str = "main", asset: str = "EUR"
) -> BalanceDecision:
    return BalanceDecision(
        connection=connection, account=account, asset=asset, day=date.fromisoformat(day), amount=Decimal(amount)
    )


def rate(day: str, value: str) -> Rate:
    return Rate(base="USD", quote="EUR", at=datetime.fromisoformat(f"{day}T00:00+00:00"), value=Decimal(value))


class Books(Store):
    """A store whose balances are looked at."""

    def put(self, *records: Record, connection: str = "bank") -> None:
        self.write(connection, *records)
        self.derivation.catch_up()

    def decide(self, decision: Any, day: str = "2026-03-01") -> None:
        self.put(decision_event(decision, date.fromisoformat(day)), connection=OWN_WORD)

    def days(self, account: str = "main", asset: str = "EUR") -> list[tuple[str, str, str]]:
        """Day, balance and where that is from, of each day on which something was booked or stated."""
        found = self.rows(
            "SELECT day::text, amount::text, source FROM derived.balance_day"
            f" WHERE account = '{account}' AND asset = '{asset}' ORDER BY day"
        )
        return [(day[5:], amount, source) for day, amount, source in found]

    def held(self, account: str = "main", asset: str = "EUR") -> dict[str, str]:
        """What is known at the end of every day."""
        return {
            day.removeprefix("2026-"): last
            for day, last in self.rows(
                "SELECT d.day::text, d.last::text FROM derived.snapshot_daily d JOIN raw.series s"
                f" ON s.id = d.series_id WHERE s.account = '{account}' AND s.asset = '{asset}' ORDER BY d.day"
            )
        }

    def gaps(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "SELECT against, first_day::text, last_day::text, stated::text, booked::text, gap::text, what"
            " FROM derived.balance_gap ORDER BY account, asset, last_day"
        )

    def agrees(self) -> None:
        """What was derived step by step is what a rebuild makes."""
        before = self.all()
        self.derivation.rebuild()
        assert self.all() == before

    def all(self) -> dict[str, list[tuple[Any, ...]]]:
        return {table: self.rows(f"SELECT t::text FROM derived.{table} t ORDER BY 1") for table in TABLES}


def opened(database: Database) -> Books:
    return Books(database)
