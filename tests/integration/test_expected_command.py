"""`flowd expected` shows what is stored, computes the same where nothing is, and metrics count the trouble."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from flowd.api import AccountInfo, AccountKind, FlowClass, Record
from flowd.edges.cli import flowd
from flowd.edges.commands.expected import sentences
from flowd.storage.database import Database
from flowd.storage.reports import Reports
from tests.commanding import CommandHome
from tests.deriving import transaction

BANK = AccountInfo(account="main", name="Main", kind=AccountKind.BANK)
#: Weekly pay; which of the last ten weeks brought how much of it.
PAID = {10: 200, 9: 200, 8: 200, 7: 200, 6: 200, 4: 200, 3: 150, 2: 200}


class Home(CommandHome):
    """A bank into which somebody pays weekly: one payment was missed, one was short, the last two did not come."""

    command = "expected"

    def fill(self) -> None:
        records: list[Record] = [BANK]
        # the last pay day was four days ago: two more were left to pay in time
        for week, amount in PAID.items():
            day = self.today - timedelta(days=4 + 7 * (week - 1))
            records.append(transaction(day.isoformat(), str(amount), kind=FlowClass.SALARY, counterparty="Acme"))
        # something else says that the account is known up to yesterday
        yesterday = self.today - timedelta(days=1)
        records.append(transaction(yesterday.isoformat(), "-5", kind=FlowClass.EXPENSE, counterparty="Bakery"))
        self.store.write("bank", *records)


@pytest.fixture
def home(database: Database, database_url: str, tmp_path: Path) -> Home:
    return Home(database, database_url, tmp_path)


def test_the_oldest_trouble_comes_first_and_then_what_comes(home: Home) -> None:
    rows = home.rows()
    assert [row["state"] for row in rows[:3]] == ["missed", "short", "late"]
    assert [row["due"] for row in rows[:3]] == sorted(row["due"] for row in rows[:3])
    short = rows[1]
    assert (short["stream"], short["payer"], short["amount"], short["received"], short["difference"]) == (
        "bank/salary", "acme", "200", "150", "-50",
    )  # fmt: skip
    assert {row["state"] for row in rows[3:]} == {"expected"}
    assert len(rows) == 3 + 5
    assert [row["state"] for row in home.rows("--late")] == ["missed", "short", "late"]
    assert len(home.rows("--days", "7")) == 3 + 1
    assert home.rows("--stream", "bank/rent") == []


def test_people_read_how_much_is_to_come(home: Home) -> None:
    shown = home.run()
    assert "1,000.00 EUR due or expected within 35 days" in shown
    assert "1 late, 1 missed, 1 short in the last 90 days" in shown
    assert "50 EUR less than usual" in shown


def test_what_is_stored_is_shown_and_counted(home: Home) -> None:
    computed, people = home.rows(), home.run()
    assert Reports(home.store.database).in_trouble() == []
    home.study()
    assert home.rows() == computed
    assert home.run() == people
    assert {(row["state"], row["receipts"]) for row in Reports(home.store.database).in_trouble()} == {
        ("late", 1), ("missed", 1), ("short", 1)
    }  # fmt: skip
    # one that was stored otherwise shows that it is read
    home.store.rows("UPDATE derived.expected SET received = 1 WHERE state = 'short' RETURNING 1")
    assert Decimal(home.rows()[1]["difference"]) == -199


def test_a_study_that_is_switched_off_says_nothing(home: Home) -> None:
    home.config.write_text(home.config.read_text() + "analytics: {expected: {enabled: false}}\n")
    assert "no regular receipt is known" in home.run()


def test_a_calendar_that_is_none_is_refused_with_those_near_to_it(home: Home) -> None:
    home.config.write_text(home.config.read_text() + "analytics: {expected: {config: {holidays: DE-BX}}}\n")
    result = CliRunner().invoke(flowd, ["-c", str(home.config), "check"])
    assert "DE-BY" in result.output + str(result.exception)


def test_a_missing_package_is_named_with_how_to_install_it(tmp_path: Path) -> None:
    (tmp_path / "holidays.py").write_text("raise ImportError('not installed')\n")
    words = (
        "from flowd.analytics.holidays import calendar\n"
        "try:\n    calendar('DE')\nexcept ValueError as problem:\n    print(problem)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", words],
        env={"PYTHONPATH": f"{tmp_path}{os.pathsep}{root}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "pip install 'flowd-daemon[holidays]'" in done.stdout


def test_the_last_digits_of_a_coin_are_not_nothing() -> None:
    row = {"state": "expected", "amount": Decimal("0.0000000100"), "currency": "BTC"}
    assert sentences([row], 35) == ["0.00000001 BTC due or expected within 35 days"]
