"""One income method per account: by value or by ledger; the other is its attribution and never a second income."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from flowd.analytics.attribution import PARTS
from flowd.api import AccountInfo, AccountKind, FlowClass, Rate, Record
from flowd.storage.database import Database
from tests.deriving import SPOT, Store, reading, transaction

FUTURES = AccountInfo(account="futures", name="Futures", kind=AccountKind.WALLET_FUTURES)


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


def connections(**exchange: Any) -> dict[str, Any]:
    return {"connections": {"exchange": {"type": "any", **exchange}}}


def booked(day: int, hour: int, amount: str, kind: FlowClass, account: str = "spot", asset: str = "EUR") -> Record:
    at = datetime(2026, 3, day, hour, tzinfo=UTC)
    key = f"{account}-{kind.value}-{day}-{hour}"
    return transaction(at, amount, account=account, kind=kind, asset=asset, external_id=key)


LEDGER = [
    booked(17, 10, "30", FlowClass.REALISED_PNL),
    booked(17, 11, "-2", FlowClass.FUNDING),
    booked(17, 12, "-1.5", FlowClass.FEE),
    booked(18, 10, "0.25", FlowClass.REBATE),
    booked(18, 11, "1", FlowClass.STAKING),
    booked(18, 12, "100", FlowClass.DEPOSIT),
    booked(18, 13, "0.125", FlowClass.INTEREST),
    # after the day's last reading: the next day's value has it
    booked(18, 22, "4", FlowClass.REALISED_PNL),
]
READINGS: list[Record] = [
    SPOT,
    reading("2026-03-16T20:00:00", "1000"),
    reading("2026-03-17T20:00:00", "1030"),
    reading("2026-03-18T20:00:00", "1131"),
    reading("2026-03-19T20:00:00", "1140"),
    reading("2026-03-20T10:00:00", "1140"),
]


def attribution(store: Store) -> dict[str, dict[str, str | None]]:
    columns = ("change", "outside", *PARTS, "unexplained")
    rows = store.rows(f"SELECT day::text, {', '.join(columns)} FROM report.attribution ORDER BY connection, day")
    found: dict[str, dict[str, str | None]] = {}
    for day, change, *parts in rows:
        if change is not None and None not in parts:
            assert sum(parts) == change, day
        texts = [None if value is None else str(value.normalize() + 0) for value in (change, *parts)]
        found[day] = {name: text for name, text in zip(columns, texts, strict=True) if text not in ("0", None)}
    return found


def streams(store: Store) -> list[str]:
    return [name for (name,) in store.rows("SELECT stream FROM derived.stream ORDER BY 1")]


def total(store: Store) -> Decimal:
    ((found,),) = store.rows("SELECT sum(earned_base) FROM derived.income_daily")
    assert isinstance(found, Decimal)
    return found.normalize()


def check_rebuild(store: Store) -> None:
    before, view = store.everything(), attribution(store)
    assert store.derivation.rebuild().rebuilt
    assert store.everything() == before
    assert attribution(store) == view


def test_by_value_the_ledger_is_attribution_and_no_second_income(store: Store) -> None:
    store.write("exchange", *READINGS, *LEDGER)
    store.derivation.catch_up()
    assert streams(store) == ["exchange"]
    income = {"2026-03-16": "0", "2026-03-17": "30", "2026-03-18": "1", "2026-03-19": "9", "2026-03-20": "0"}
    assert store.income("exchange") == income
    assert attribution(store) == {
        "2026-03-16": {},
        "2026-03-17": {
            "change": "30", "realised_pnl": "30", "funding": "-2", "fees": "-1.5", "unexplained": "3.5",
        },
        "2026-03-18": {
            "change": "101", "outside": "100", "rebates": "0.25", "staking": "1", "other": "0.125",
            "unexplained": "-0.375",
        },
        "2026-03-19": {"change": "9", "realised_pnl": "4", "unexplained": "5"},
        "2026-03-20": {},
    }  # fmt: skip
    check_rebuild(store)


def test_by_ledger_its_transactions_are_the_income_and_the_value_is_not(store: Store) -> None:
    store.write("exchange", *READINGS, *LEDGER)
    store.derivation.catch_up()
    by_value, parts = store.everything(), attribution(store)
    store.set(**connections(income="ledger"))
    assert store.derivation.catch_up().rebuilt
    classes = ("fee", "funding", "interest", "realised_pnl", "rebate", "staking")
    assert streams(store) == [f"exchange/{name}" for name in classes]
    assert store.income("exchange/fee") == {"2026-03-17": "-1.5"}
    assert store.income("exchange/realised_pnl") == {"2026-03-17": "30", "2026-03-18": "4"}
    # The fees it charges are part of the result; the deposit is not.
    assert total(store) == Decimal("30") - 2 - Decimal("1.5") + Decimal("0.25") + 1 + Decimal("0.125") + 4
    # What became of its value is told all the same, in the same words.
    assert attribution(store) == parts
    check_rebuild(store)
    # More readings and bookings change the attribution and, of the income, only what is booked.
    store.write("exchange", reading("2026-03-20T11:00:00", "1150"), booked(20, 9, "7", FlowClass.REALISED_PNL))
    store.derivation.catch_up()
    assert attribution(store)["2026-03-20"] == {"change": "10", "realised_pnl": "7", "unexplained": "3"}
    assert store.income("exchange/realised_pnl")["2026-03-20"] == "7"
    check_rebuild(store)
    store.set(**connections(income="value"))
    assert store.derivation.catch_up().rebuilt
    assert streams(store) == ["exchange"]
    assert attribution(store)["2026-03-17"] == parts["2026-03-17"]
    check_rebuild(store)
    fresh = [row for row in by_value["income_daily"] if "2026-03-20" not in str(row)]
    assert [row for row in store.everything()["income_daily"] if "2026-03-20" not in str(row)] == fresh


def test_one_account_by_ledger_beside_another_by_value(store: Store) -> None:
    store.set(**connections(accounts={"futures": {"income": "ledger"}}))
    store.write(
        "exchange",
        *READINGS,
        FUTURES,
        reading("2026-03-16T20:00:00", "500", account="futures"),
        reading("2026-03-17T20:00:00", "520", account="futures"),
        reading("2026-03-18T20:00:00", "420", account="futures"),
        reading("2026-03-20T10:00:00", "420", account="futures"),
        booked(17, 9, "15", FlowClass.REALISED_PNL, "futures"),
        # From one of its wallets to the other: no money from outside for both together.
        booked(18, 12, "-100", FlowClass.TRANSFER, "futures"),
        booked(18, 12, "100", FlowClass.TRANSFER, "spot"),
        booked(17, 10, "30", FlowClass.REALISED_PNL),
    )
    store.derivation.catch_up()
    assert streams(store) == ["exchange", "exchange/realised_pnl"]
    assert store.income("exchange")["2026-03-18"] == "1"
    assert store.income("exchange/realised_pnl") == {"2026-03-17": "15"}
    found = attribution(store)
    assert found["2026-03-17"] == {"change": "50", "realised_pnl": "45", "unexplained": "5"}
    assert found["2026-03-18"] == {"change": "1", "unexplained": "1"}
    check_rebuild(store)


def test_a_bank_may_be_valued_and_its_transactions_are_then_no_income(store: Store) -> None:
    store.set(connections={"bank": {"type": "any", "accounts": {"savings": {"income": "value"}}}})
    store.write(
        "bank",
        reading("2026-03-17T20:00:00", "100", account="savings"),
        reading("2026-03-18T20:00:00", "103", account="savings"),
        transaction("2026-03-18", "3", account="savings", description="interest"),
        transaction("2026-03-18", "2500", account="main", description="salary"),
        transaction("2026-03-18", "-3", account="main", kind=FlowClass.FEE),
    )
    store.derivation.catch_up()
    # A bank's fees are an expense: only a wallet's or broker's are part of its result.
    assert streams(store) == ["bank", "bank/salary"]
    assert store.income("bank")["2026-03-18"] == "3"
    assert attribution(store)["2026-03-18"] == {"change": "3", "other": "3"}
    check_rebuild(store)


@pytest.mark.parametrize("method", ["value", "ledger"])
def test_what_arrives_late_ends_in_the_rows_of_a_rebuild(store: Store, method: str) -> None:
    store.set(**connections(income=method))
    usdt: list[Record] = [
        reading("2026-03-10T20:00:00", "1000", "USDT"),
        reading("2026-03-11T20:00:00", "1010", "USDT"),
        reading("2026-03-14T20:00:00", "1040", "USDT"),
        reading("2026-03-20T09:00:00", "1041", "USDT"),
        booked(11, 10, "8", FlowClass.REALISED_PNL, asset="USDT"),
        booked(13, 10, "12", FlowClass.FUNDING, asset="USDT"),
        booked(19, 23, "-1", FlowClass.FEE, asset="BNB"),
    ]
    rates: list[Record] = [
        Rate(base="USDT", quote="EUR", at=datetime(2026, 3, day, 15, tzinfo=UTC), value=Decimal(value))
        for day, value in ((9, "0.9"), (16, "0.8"))
    ]
    for part in ([SPOT, *usdt[:1]], usdt[5:6], usdt[2:4], rates[:1], usdt[1:2], usdt[6:], usdt[4:5], rates[1:]):
        store.write("exchange", *part)
        store.derivation.catch_up()
        check_rebuild(store)
    found = attribution(store)
    # The change over a gap is spread; what was booked in it counts when there is a value that has it.
    assert (found["2026-03-11"]["change"], found["2026-03-11"]["realised_pnl"]) == ("9", "7.2")
    assert [found[f"2026-03-{day}"]["change"] for day in (12, 13, 14)] == ["9", "9", "9"]
    assert found["2026-03-14"]["unexplained"] == "-1.8"
    # No rate for BNB: its part is unknown, and with it the rest, and nothing is taken for zero.
    assert "fees" not in found["2026-03-20"]
    assert "unexplained" not in found["2026-03-20"]
    store.clock.step(timedelta(days=2))
    store.derivation.catch_up()
    check_rebuild(store)
