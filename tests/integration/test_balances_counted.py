"""Balances beside readings and in net worth, by the days of a tenant, and the same after a rebuild."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from flowd.api import AccountInfo, AccountKind, FlowClass, Rate
from flowd.domain.decisions import decision_event
from flowd.domain.goals import OWN_WORD
from flowd.storage.database import Database
from tests.books import MAIN, Books, opened, said, stated
from tests.deriving import reading, transaction

books = pytest.fixture(opened)


def test_readings_stand_above_what_is_computed_and_anchor_it(books: Books) -> None:
    books.put(MAIN, transaction("2026-03-02", "-10"), transaction("2026-03-12", "-5"))
    books.put(*(reading(f"2026-03-{day:02} 10:00", "100", account="main") for day in (9, 10)))
    books.put(reading("2026-03-14 10:00", "95", account="main"))
    held = books.held()
    # computed before the first reading, on the days nobody read, and never beyond the last word
    assert (held["03-02"], held["03-08"], held["03-10"], held["03-11"], held["03-12"]) == (
        "100",
        "100",
        "100",
        "100",
        "95",
    )
    assert max(held) == "03-14"
    assert min(held) == "03-02"
    # a reading that comes late takes the place of what was computed
    books.put(reading("2026-03-11 10:00", "101", account="main"))
    assert books.held()["03-11"] == "101"
    books.agrees()


def test_readings_are_checked_but_not_for_what_is_on_its_way(books: Books) -> None:
    books.put(MAIN, transaction("2026-02-01", "1"), transaction("2026-03-19", "1"))
    level = {day: Decimal(100) for day in range(1, 20)}
    level[5] = level[6] = Decimal(80)  # held for some days, and released again
    books.put(*(reading(f"2026-03-{day:02} 08:00", str(amount), account="main") for day, amount in level.items()))
    assert books.gaps() == []
    # money that nobody booked
    books.put(*(reading(f"2026-03-{day:02} 20:00", "60", account="main") for day in range(12, 20)))
    assert books.gaps() == [("reading", "2026-03-12", "2026-03-12", "-40", "0", "-20", "gap")]
    books.put(transaction("2026-03-12", "-40"))
    assert books.gaps() == []
    books.agrees()


def test_days_are_those_of_the_tenant(database: Database) -> None:
    books = Books(database)
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # half past midnight in Berlin
    books.put(MAIN, stated("2026-03-01", "100"), transaction(late, "-10"))
    assert books.days() == [("03-01", "100", "stated"), ("03-02", "90", "computed")]
    ((ends,),) = books.rows("SELECT max(last_at)::text FROM derived.snapshot_daily")
    assert ends.startswith("2026-03-02 22:59:59.999999")
    books.agrees()


def test_what_a_person_keeps_counts_on_and_files_end(books: Books) -> None:
    house = AccountInfo(account="house", name="House", kind=AccountKind.MANUAL)
    books.put(house, connection="home")
    books.decide(said("2025-06-30", "300000", connection="home", account="house"))
    books.put(MAIN, stated("2025-06-30", "10"), transaction("2025-07-02", "5"))
    quality = {
        account: (worth, quality)
        for account, worth, quality in books.rows(
            "SELECT account, worth::text, quality FROM report.worth WHERE step = 'day' AND day = '2025-09-01'"
        )
    }
    assert quality == {"house": ("300000", "estimated"), "main": ("15", "stale")}
    # after a hundred days, nobody knows what was in a file's account
    late = "SELECT account, worth::text FROM report.worth WHERE step = 'day' AND day = '2026-01-01' ORDER BY 1"
    assert books.rows(late) == [("house", "300000"), ("main", None)]
    # a day that comes is a day more
    books.clock.advance(timedelta(days=1))
    books.derivation.catch_up()
    assert "03-21" in books.held("house")
    assert "03-22" not in books.held("house")
    # what it is worth now is no gap
    books.decide(said("2026-03-15", "310000", connection="home", account="house"))
    assert books.gaps() == []
    assert books.held("house")["03-21"] == "310000"
    books.agrees()


def test_cash_begins_with_nothing(books: Books) -> None:
    books.put(AccountInfo(account="purse", name="Purse", kind=AccountKind.CASH), connection="home")
    books.put(transaction("2026-03-02", "50", account="purse"), connection="home")
    assert books.days("purse") == [("03-02", "50", "computed")]
    assert books.held("purse")["03-20"] == "50"
    books.agrees()


def test_salary_stays_income_and_net_worth_adds_up(books: Books) -> None:
    books.put(MAIN, stated("2026-02-28", "1000"), stated("2026-02-28", "10", "USD"))
    books.put(
        transaction("2026-03-02", "2000", kind=FlowClass.SALARY), transaction("2026-03-03", "-300", description="Miete")
    )
    books.put(
        Rate(base="USD", quote="EUR", at=datetime(2026, 3, 3, tzinfo=UTC), value=Decimal("0.5")), connection="ecb"
    )
    books.put(AccountInfo(account="loan", name="Loan", kind=AccountKind.MANUAL), connection="home")
    books.decide(said("2026-03-01", "-500", connection="home", account="loan"))
    streams = books.rows("SELECT stream, method FROM derived.stream")
    assert ("bank/salary", "transactions") in streams
    assert not any(method == "value" for _, method in streams)
    assert books.rows("SELECT FROM derived.performance") == []

    def worth(by: str) -> list[tuple[Any, ...]]:
        return books.rows(
            "SELECT name, worth::text, assets::text, debts::text FROM report.net_worth"
            f" WHERE step = 'day' AND day = '2026-03-03' AND by = '{by}' ORDER BY 1"
        )

    assert worth("total") == [("", "2205", "2705", "-500")]
    assert worth("kind") == [("bank", "2705", "2705", "0"), ("manual", "-500", "0", "-500")]
    assert worth("asset") == [("EUR", "2200", "2700", "-500"), ("USD", "5", "5", "0")]


def test_by_value_the_parts_of_the_change_add_up(database: Database) -> None:
    books = Books(database, connections={"bank": {"type": "files", "income": "value"}})
    books.put(MAIN, stated("2026-02-28", "1000"), transaction("2026-03-02", "2000", kind=FlowClass.SALARY))
    books.put(transaction("2026-03-03", "-300", kind=FlowClass.EXPENSE), stated("2026-03-05", "2690"))
    rows = books.rows(
        "SELECT day::text, value::text, flow::text, pnl::text, income::text, other::text,"
        " pnl = income + price + fx + fees + other FROM derived.performance"
        " WHERE scope = 'connection' AND day BETWEEN '2026-03-01' AND '2026-03-05' ORDER BY day"
    )
    assert rows == [
        ("2026-03-01", "1000", "0", "0", "0", "0", True),
        ("2026-03-02", "3000", "0", "2000", "2000", "0", True),
        ("2026-03-03", "2700", "0", "-300", "0", "-300", True),
        ("2026-03-04", "2700", "0", "0", "0", "0", True),
        ("2026-03-05", "2690", "0", "-10", "0", "-10", True),
    ]
    books.agrees()


@pytest.mark.parametrize("seed", range(3))
def test_whatever_arrives_in_whatever_order_is_what_a_rebuild_makes(database: Database, seed: int) -> None:
    books = Books(database)
    chance = random.Random(seed)
    books.put(MAIN, AccountInfo(account="old", name="Old", kind=AccountKind.CARD, asset="EUR"))

    def any_day(span: int = 80) -> str:
        # some are yet to come
        return (date(2026, 1, 10) + timedelta(days=chance.randrange(span))).isoformat()

    def amount() -> str:
        return str(Decimal(chance.randrange(-9999, 9999)).scaleb(-chance.choice([0, 1, 2])))

    for _ in range(25):
        account, asset = chance.choice(["main", "old"]), chance.choice(["EUR", "USD"])
        match chance.randrange(7):
            case 0 | 1 | 2:
                known = f"t{chance.randrange(12)}"
                books.write("bank", transaction(any_day(), amount(), account=account, asset=asset, external_id=known))
            case 3:
                books.write("bank", stated(any_day(), amount(), asset, account))
            case 4:
                books.write("bank", reading(f"{any_day(68)} 0{chance.randrange(9)}:00", amount(), asset, account))
            case 5:
                day = any_day()
                event = decision_event(said(day, amount(), account=account, asset=asset), date.fromisoformat(day))
                books.write(OWN_WORD, event)
            case _:
                kind = chance.choice([AccountKind.BANK, AccountKind.CASH, AccountKind.BROKER])
                books.write("bank", AccountInfo(account="old", name="Old", kind=kind, asset="EUR"))
        if chance.random() < 0.6:
            books.derivation.catch_up()
        if chance.random() < 0.2:
            books.clock.advance(timedelta(days=1))
    books.derivation.catch_up()
    books.agrees()


def test_a_batch_of_a_year_is_told_at_once(books: Books) -> None:
    begin = date(2025, 1, 1)
    entries = [transaction((begin + timedelta(days=n)).isoformat(), "1") for n in range(365)]
    books.put(MAIN, *entries, stated("2024-12-31", "0"))
    assert books.rows("SELECT amount::text FROM derived.balance_day WHERE day = '2025-12-31'") == [("365",)]
