"""Balances at the end of days: chained from what is stated, checked against what is booked, counted in net worth."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from flowd.api import AccountInfo, AccountKind, Balance, FlowClass, Rate, Record
from flowd.domain.decisions import BalanceDecision, DuplicateDecision, decision_event, undo_event
from flowd.domain.goals import OWN_WORD
from flowd.storage.database import Database
from tests.deriving import Store, reading, transaction

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


@pytest.fixture
def books(database: Database) -> Books:
    return Books(database)


def test_balances_chain_from_the_latest_one_stated_and_back_from_the_first(books: Books) -> None:
    books.put(
        MAIN, transaction("2026-03-02", "-10"), transaction("2026-03-05", "100.50"), stated("2026-03-05", "190.50")
    )
    books.put(transaction("2026-03-05", "-0.50"), stated("2026-03-05", "190"), transaction("2026-03-09", "-20"))
    assert books.days() == [("03-02", "90", "computed"), ("03-05", "190", "stated"), ("03-09", "170", "computed")]
    # the days between are known, too; what came after the last entry is not
    assert list(books.held()) == [f"03-{day:02}" for day in range(2, 10)]
    assert books.held()["03-04"] == "90"
    assert books.held()["03-09"] == "170"
    assert books.gaps() == []
    books.agrees()


def test_a_gap_has_a_size_and_a_span(books: Books) -> None:
    books.put(MAIN, stated("2026-01-31", "100"), transaction("2026-02-10", "-30"), stated("2026-02-28", "50"))
    books.put(transaction("2026-03-03", "5"), stated("2026-03-10", "55"))
    assert books.gaps() == [("statement", "2026-02-01", "2026-02-28", "-50", "-30", "-20", "gap")]
    assert books.held()["02-27"] == "70"
    assert books.held()["02-28"] == "50"
    # what was missing closes it
    books.put(transaction("2026-02-11", "-20"))
    assert books.gaps() == []
    assert books.held()["02-27"] == "50"
    books.agrees()


def test_value_dates_are_timing_and_no_gap(books: Books) -> None:
    books.put(MAIN, stated("2026-01-31", "100"), transaction("2026-02-10", "-30"), transaction("2026-03-02", "-20"))
    books.put(stated("2026-02-28", "50"), stated("2026-03-15", "50"))
    assert [gap[-1] for gap in books.gaps()] == ["timing", "timing"]
    books.agrees()


def test_a_bank_that_rounds_makes_no_gap(books: Books) -> None:
    books.put(MAIN, stated("2026-01-31", "100.20"), transaction("2026-02-10", "-30.1"), stated("2026-02-28", "70"))
    assert [(gap[-2], gap[-1]) for gap in books.gaps()] == [("-0.1", "rounding")]
    books.put(stated("2026-02-28", "69.70"))
    assert [(gap[-2], gap[-1]) for gap in books.gaps()] == [("-0.4", "gap")]


def test_what_meets_again_within_days_is_timing(books: Books) -> None:
    books.put(MAIN, transaction("2026-03-01", "1"), stated("2026-03-01", "100"), stated("2026-03-03", "93"))
    books.put(stated("2026-03-04", "70"), transaction("2026-03-02", "-8"), stated("2026-03-05", "92"))
    assert {gap[-1] for gap in books.gaps()} == {"timing"}
    books.put(stated("2026-03-05", "91"))
    assert {gap[-1] for gap in books.gaps()} == {"gap"}
    books.agrees()


def test_a_corrected_statement_and_a_removed_transaction(books: Books) -> None:
    entry = transaction("2026-03-04", "-25", external_id="x1")
    books.put(MAIN, stated("2026-03-01", "100"), entry, stated("2026-03-08", "80"))
    assert [gap[-2] for gap in books.gaps()] == ["5"]
    books.put(stated("2026-03-08", "75"))
    assert books.gaps() == []
    books.put(transaction("2026-03-05", "-25", external_id="x1"))
    assert books.days() == [("03-01", "100", "stated"), ("03-05", "75", "computed"), ("03-08", "75", "stated")]
    books.agrees()


def test_two_currencies_of_an_account_are_two_lines_known_as_long_as_each_other(books: Books) -> None:
    books.put(MAIN, stated("2026-03-01", "100"), stated("2026-03-01", "7", "USD"), transaction("2026-03-06", "-1"))
    books.put(transaction("2026-03-03", "2", asset="USD"))
    assert books.held()["03-06"] == "99"
    assert books.held(asset="USD")["03-06"] == "9"
    assert max(books.held(asset="USD")) == "03-06"
    # nobody has a rate: the worth is not known, and the rate is asked for
    assert ("USD", "EUR") in [(base, quote) for base, quote, _ in books.derivation.missing_rates()]
    books.put(
        Rate(base="USD", quote="EUR", at=datetime(2026, 3, 1, tzinfo=UTC), value=Decimal("0.9")), connection="ecb"
    )
    assert books.derivation.missing_rates() == []
    books.agrees()


def test_a_card_is_a_debt(books: Books) -> None:
    books.put(AccountInfo(account="card", name="Card", kind=AccountKind.CARD, asset="EUR"))
    books.put(stated("2026-03-10", "-150", account="card"), transaction("2026-03-12", "-50", account="card"))
    rows = books.rows(
        "SELECT quantity::text, worth::text, quality FROM report.worth"
        " WHERE account = 'card' AND step = 'day' AND day = '2026-03-14'"
    )
    assert rows == [("-200", "-200", "stale")]
    totals = books.rows(
        "SELECT worth::text, assets::text, debts::text FROM report.net_worth"
        " WHERE step = 'day' AND by = 'total' AND day = '2026-03-12'"
    )
    assert totals == [("-200", "0", "-200")]


def test_without_any_balance_only_movements_are_known(books: Books) -> None:
    books.put(MAIN, transaction("2026-03-02", "-10"), transaction("2026-03-05", "4"))
    assert books.days() == [("03-02", "-10", "relative"), ("03-05", "-6", "relative")]
    assert books.held() == {}
    assert books.rows("SELECT FROM raw.series") == []
    ((quantity, reason),) = books.rows("SELECT quantity, reason FROM report.account")
    assert quantity is None
    assert "flowd account balance" in reason
    # a wallet's transactions do not say what it holds
    books.put(
        AccountInfo(account="main", name="Spot", kind=AccountKind.WALLET_SPOT), stated("2026-03-05", "9"),
        transaction("2026-03-05", "4"), connection="exchange",
    )  # fmt: skip
    assert books.rows("SELECT FROM derived.balance_day WHERE connection = 'exchange'") == []
    books.agrees()


def test_an_opening_balance_somebody_stated_and_took_back(books: Books) -> None:
    books.put(MAIN, transaction("2026-03-02", "-10"), transaction("2026-03-05", "4"))
    before = books.all()
    opening = said("2026-03-01", "50")
    books.decide(opening)
    assert books.days() == [("03-01", "50", "you"), ("03-02", "40", "computed"), ("03-05", "44", "computed")]
    # a person's word counts more than a statement's
    books.put(stated("2026-03-01", "49"))
    assert books.days()[0] == ("03-01", "50", "you")
    books.agrees()
    books.put(undo_event(opening, books.clock.now()), connection=OWN_WORD)
    assert books.days()[0] == ("03-01", "49", "stated")
    books.agrees()
    assert before["balance_day"] != books.all()["balance_day"]


def test_an_opening_balance_taken_back_leaves_no_balance(books: Books) -> None:
    books.put(MAIN, transaction("2026-03-02", "-10"))
    before = books.all()
    books.decide(said("2026-03-01", "50"))
    assert books.held() == {"03-01": "50", "03-02": "40"}
    books.put(undo_event(said("2026-03-01", "50"), books.clock.now()), connection=OWN_WORD)
    assert books.all() == before


def test_balances_before_and_after_everything_that_is_booked(books: Books) -> None:
    books.put(MAIN, transaction("2026-02-10", "5"), stated("2026-02-01", "10"), stated("2026-02-20", "15"))
    assert books.held()["02-01"] == "10"
    assert books.held()["02-20"] == "15"
    assert len(books.held()) == 20
    assert books.gaps() == []
    books.agrees()


def test_duplicates_do_not_count(books: Books) -> None:
    books.put(MAIN, stated("2026-03-01", "100"), transaction("2026-03-02", "-10", external_id="a"))
    books.put(transaction("2026-03-03", "-10", external_id="b"))
    first, second = (row[0] for row in books.rows("SELECT subject FROM derived.transaction ORDER BY day"))
    books.decide(DuplicateDecision(of=second, other=first))
    assert books.days() == [("03-01", "100", "stated"), ("03-02", "90", "computed")]
    books.agrees()
    books.put(undo_event(DuplicateDecision(of=second, other=first), books.clock.now()), connection=OWN_WORD)
    assert books.days()[-1] == ("03-03", "80", "computed")
    books.agrees()


def test_pending_transactions_do_not_count(books: Books) -> None:
    books.put(MAIN, stated("2026-03-01", "100"), transaction("2026-03-02", "-10", external_id="a", pending=True))
    assert books.days() == [("03-01", "100", "stated")]
    books.put(transaction("2026-03-02", "-10", external_id="a"))
    assert books.days()[-1] == ("03-02", "90", "computed")


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
