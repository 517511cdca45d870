"""`flowd returns` shows what is stored, and computes the same where nothing is or another currency is asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flowd.api import FlowClass, Rate
from flowd.edges.cli import flowd
from flowd.storage.database import Database
from tests.commanding import CommandHome
from tests.deriving import SPOT, reading, transaction

DAYS = 60


class Home(CommandHome):
    """A wallet that grew by a tenth of a per cent a day, with 500 paid in after half the time, and flowd's commands."""

    command = "returns"

    def fill(self) -> None:
        value = Decimal(1000)
        records: list[Any] = [SPOT]
        for age in range(DAYS, 0, -1):
            noon = self.now.replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=age)
            at = noon.astimezone(UTC).replace(tzinfo=None)
            if age == DAYS // 2:
                records.append(transaction(at.date().isoformat(), "500", account="spot", kind=FlowClass.DEPOSIT))
                value += 500
            value = (value * Decimal("1.001")).quantize(Decimal("0.01")) if age < DAYS else value
            records.append(reading(at.isoformat(), str(value)))
            records.append(Rate(base="USD", quote="EUR", at=at.replace(tzinfo=UTC), value=Decimal("0.8")))
        self.closing = value
        self.store.write("exchange", *records)


@pytest.fixture
def home(database: Database, database_url: str, tmp_path: Path) -> Home:
    return Home(database, database_url, tmp_path)


def test_returns_of_a_wallet(home: Home) -> None:
    rows = {row["window"]: row for row in home.rows()}
    assert list(rows) == ["7d", "30d", "90d", "365d", "ytd", "total"]
    week, total = rows["7d"], rows["total"]
    assert float(week["twr"]) == pytest.approx(1.001**7 - 1, abs=1e-4)
    assert Decimal(week["closing"]) == home.closing
    assert Decimal(week["pnl"]) == Decimal(week["closing"]) - Decimal(week["opening"])
    assert (total["opening"], total["days"], total["quality"]) == ("0", DAYS, "partial")
    assert Decimal(total["flow"]) == 1500
    assert float(total["twr"]) == pytest.approx(1.001 ** (DAYS - 1) - 1, abs=1e-3)
    assert rows["90d"]["twr"] is None
    assert "is known from" in rows["90d"]["reason"]
    names = {scope: {row["name"] for row in home.rows("--by", scope)} for scope in ("group", "connection", "account")}
    assert names == {"group": {"investments"}, "connection": {"exchange"}, "account": {"exchange/spot"}}


def test_what_is_stored_is_shown_and_is_the_same(home: Home) -> None:
    computed, people = home.rows("--by", "account"), home.run("--by", "account")
    home.study()
    assert home.rows("--by", "account") == computed
    assert home.run("--by", "account") == people
    assert home.rows("--by", "account", "--currency", "EUR") == computed
    # one that was stored otherwise shows that it is read
    home.store.rows("UPDATE derived.return_window SET twr = 0.5 WHERE \"window\" = '7d' RETURNING 1")
    assert home.rows("--by", "account", "--window", "7d")[0]["twr"] == "0.5"


def test_in_another_currency(home: Home) -> None:
    euro, dollar = (home.rows("--window", "30d", "--currency", currency)[0] for currency in ("EUR", "USD"))
    assert dollar["base_currency"] == "USD"
    assert float(dollar["closing"]) == pytest.approx(float(euro["closing"]) / 0.8)
    assert float(dollar["twr"]) == pytest.approx(float(euro["twr"]))


def test_people_see_a_table_with_a_line_and_the_reasons(home: Home) -> None:
    words = home.run()
    assert "▁" in words
    assert "█" in words
    assert f"{home.closing:,.2f}" in words
    assert "90d: its value is known from" in words
    assert "in EUR, to " in words
    one = home.run("--window", "7d", "--by", "account")
    assert "exchange/spot" in one
    assert "30d" not in one


def test_nothing_worth_anything_is_said(database: Database, database_url: str, tmp_path: Path) -> None:
    config = tmp_path / "flowd.yaml"
    config.write_text(
        "tenant: {name: home, base_currency: EUR, timezone: Europe/Berlin}\n"
        f"database: {{url: {json.dumps(database_url)}}}\nstate: {json.dumps(str(tmp_path / 'var'))}\n"
    )
    result = CliRunner().invoke(flowd, ["-c", str(config), "returns"])
    assert result.exit_code == 0, result.exception
    assert result.stdout.startswith("no returns yet: ")


def test_who_lists_studies_and_commands_needs_no_numpy() -> None:
    words = "import sys, flowd.analytics.returns.study, flowd.edges.commands.returns; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", words], check=False).returncode == 0
