"""`flowd balances` shows what is held and was held, says where nobody knows, and counts gaps for Prometheus."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from flowd.api import AccountInfo, AccountKind, Balance
from flowd.domain.decisions import BalanceDecision, decision_event
from flowd.domain.goals import OWN_WORD
from flowd.edges.cli import flowd
from flowd.edges.figures import state_figures
from flowd.engine.histories import gather
from flowd.engine.telemetry import Telemetry
from flowd.plugins import Registry
from flowd.storage.database import Database
from flowd.storage.reports import Reports
from tests.commanding import CommandHome
from tests.deriving import transaction


class Home(CommandHome):
    """An account with a gap, a card of which only movements are known, and a house."""

    command = "balances"

    def fill(self) -> None:
        day = [(self.today - timedelta(days=n)).isoformat() for n in range(70)]
        self.store.write("bank", AccountInfo(account="giro", name="Giro", kind=AccountKind.BANK, asset="EUR"))
        self.store.write("bank", AccountInfo(account="visa", name="Visa", kind=AccountKind.CARD, asset="EUR"))
        self.store.write("home", AccountInfo(account="house", name="House", kind=AccountKind.MANUAL))
        self.store.write(
            "bank",
            self.stated(day[60], "1000"),
            transaction(day[40], "-100.25", account="giro"),
            self.stated(day[20], "890"),
            transaction(day[2], "10", account="giro"),
            transaction(day[5], "-45", account="visa"),
        )
        house = BalanceDecision(
            connection="home",
            account="house",
            asset="EUR",
            day=self.today - timedelta(days=65),
            amount=Decimal(250_000),
        )
        self.store.write(OWN_WORD, decision_event(house, house.day))

    def stated(self, day: str, amount: str) -> Balance:
        return Balance(account="giro", asset="EUR", day=date.fromisoformat(day), amount=Decimal(amount))


@pytest.fixture
def home(database: Database, database_url: str, tmp_path: Path) -> Home:
    return Home(database, database_url, tmp_path)


def test_what_is_held_now(home: Home) -> None:
    rows = {row["name"]: row for row in home.rows()}
    giro, visa, house = rows["Giro"], rows["Visa"], rows["House"]
    assert (giro["balance"], giro["worth"], giro["source"], giro["quality"]) == ("900", "900", "computed", "stale")
    assert giro["as_of"] == giro["told_until"] == (home.today - timedelta(days=2)).isoformat()
    assert (visa["balance"], visa["moved"], visa["source"]) == (None, "-45", "relative")
    assert (house["balance"], house["quality"], house["source"]) == ("250000", "estimated", "carried")
    text = home.run()
    assert "of Visa only movements are known: `flowd account balance`" in text
    assert "1 gap between balances and transactions" in text


def test_what_was_held_step_by_step(home: Home) -> None:
    rows = home.rows("--by", "month", "--last", "2", "--account", "giro")
    assert [row["name"] for row in rows] == ["Giro", "Giro"]
    assert rows[-1]["day"] == home.today.isoformat()
    assert rows[0]["period"] == (home.today.replace(day=1) - timedelta(days=1)).replace(day=1).isoformat()
    assert len(home.rows("--by", "day", "--last", "10", "--account", "bank/visa")) == 6
    assert home.rows("--by", "month", "--last", "2m", "--account", "giro") == rows
    assert home.rows("--by", "year", "--asset", "usd") == home.rows("--by", "year", "--currency", "usd") == []
    assert home.rows("--by", "year", "--until", "2020") == []
    (giro,) = home.rows("--on", rows[0]["day"], "--account", "giro")
    assert (giro["day"], giro["balance"]) == (rows[0]["day"], rows[0]["balance"])


def test_days_that_say_nothing_are_refused(home: Home) -> None:
    for asked, says in (
        (["--since", "2026"], "say with --by how often"),
        (["--on", "2026-01-01", "--gaps"], "one day"),
    ):
        refused = CliRunner().invoke(flowd, ["-c", str(home.config), "balances", *asked])
        assert (refused.exit_code, says in refused.stderr) == (2, True), refused.output


def test_gaps_and_their_alert(home: Home) -> None:
    ((gap),) = home.rows("--gaps")
    assert (gap["gap"], gap["stated"], gap["booked"], gap["what"]) == ("-9.75", "-110", "-100.25", "gap")
    assert gap["first_day"] == (home.today - timedelta(days=59)).isoformat()
    assert "-9.75" in home.run("--gaps")
    assert home.rows("--gaps", "--until", "2020") == []
    assert home.rows("--gaps", "--last", "100d") == [gap]
    telemetry = Telemetry()
    state_figures(Reports(home.store.database), telemetry)
    assert telemetry.registry.get_sample_value("flowd_balance_gaps", {"connection": "bank"}) == 1
    home.store.write("bank", transaction((home.today - timedelta(days=30)).isoformat(), "-9.75", account="giro"))
    home.store.derivation.catch_up()
    state_figures(Reports(home.store.database), telemetry)
    assert telemetry.registry.get_sample_value("flowd_balance_gaps", {"connection": "bank"}) is None


def test_what_statements_tell_counts_as_cash_as_long_as_they_come(home: Home) -> None:
    store = home.store
    history = gather(store.database, store.settings, Registry(), store.clock)
    assert [history.cash, history.net_worth] == [900, 250_900]
    # an account whose files ended long ago is no reason to know nothing
    ended = Balance(account="old", asset="EUR", day=home.today - timedelta(days=150), amount=Decimal(7))
    store.write("old", AccountInfo(account="old", name="Old", kind=AccountKind.BANK), ended)
    store.derivation.catch_up()
    assert gather(store.database, store.settings, Registry(), store.clock).cash == 900


def test_misuse_is_told(home: Home) -> None:
    result = CliRunner().invoke(flowd, ["-c", str(home.config), "balances", "--gaps", "--by", "day"])
    assert result.exit_code == 2
    result = CliRunner().invoke(flowd, ["-c", str(home.config), "balances", "--account", "nobody"])
    assert result.exit_code == 2
    assert "there is no account nobody" in result.output


def test_a_gap_after_the_only_day_of_a_table_is_found(home: Home, tmp_path: Path) -> None:
    days = [(home.today - timedelta(days=n)).isoformat() for n in (30, 30, 20, 19)]
    rows = zip(
        days, ("1500.00", "-80.00", "-10.00", "20.00"), ("1600.00", "1520.00", "1424.50", "1444.50"), strict=True
    )
    table = "date,description,amount,balance\n" + "".join(
        f"{day},row {number},{amount},{balance}\n" for number, (day, amount, balance) in enumerate(rows)
    )
    (tmp_path / "a.csv").write_text(table)
    home.flowd("import", str(tmp_path / "a.csv"), "--account", "z", "--currency", "EUR")
    (gap,) = home.rows("--gaps", "--account", "z")
    first = (home.today - timedelta(days=29)).isoformat()
    assert (gap["first_day"], gap["last_day"], Decimal(gap["gap"])) == (first, days[2], Decimal("-85.5"))
    held = {row["day"]: row["balance"] for row in home.rows("--by", "day", "--last", "31", "--account", "z")}
    assert Decimal(held[days[0]]) == 1520
