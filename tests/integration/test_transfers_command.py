"""`flowd transfers` lists pairs, takes a word on them, and says what to do where it cannot."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from flowd.api import AccountInfo, AccountKind, FlowClass, Rate
from flowd.edges.cli import flowd
from flowd.edges.figures import state_figures
from flowd.engine.telemetry import Telemetry
from flowd.storage.database import Database
from flowd.storage.reports import Reports
from tests.commanding import CommandHome
from tests.deriving import transaction


class Home(CommandHome):
    """Two banks: one transfer that is sure, one that may be one, one whose other side is nowhere, and a salary."""

    command = "transfers"

    def fill(self) -> None:
        day = [(self.today - timedelta(days=n)).isoformat() for n in range(30)]
        for name in ("giro", "savings"):
            self.store.write("bank", AccountInfo(account=name, name=name.title(), kind=AccountKind.BANK))
        self.store.write("other", AccountInfo(account="main", name="Other", kind=AccountKind.BANK))
        move = {"account": "giro", "kind": FlowClass.TRANSFER}
        self.store.write(
            "bank",
            transaction(day[20], "-300", **move, external_id="a"),
            transaction(day[19], "299.10", account="savings", kind=FlowClass.TRANSFER, external_id="b"),
            transaction(day[10], "-250", **move, external_id="c"),
            transaction(day[2], "-77", **move, external_id="d"),
            transaction(day[25], "-90", **move, external_id="e"),
        )
        self.store.write(
            "other",
            transaction(day[9], "250", counterparty="Anna Berg", external_id="f"),
            transaction(day[5], "2000", counterparty="ACME 7", kind=FlowClass.SALARY, external_id="g"),
            transaction(day[4], "100", counterparty="Acme", kind=FlowClass.SALARY, asset="USD", external_id="h"),
            transaction(day[3], "-5", counterparty="Bakery", asset="JPY", external_id="i"),
        )
        at = self.store.clock.now() - timedelta(days=5)
        self.store.write("ecb", Rate(base="EUR", quote="USD", at=at, value=Decimal("1.25")))

    def refused(self, *arguments: str) -> str:
        result = CliRunner().invoke(flowd, ["-c", str(self.config), *arguments])
        assert result.exit_code == 2, result.output
        return result.output


@pytest.fixture
def home(database: Database, database_url: str, tmp_path: Path) -> Home:
    return Home(database, database_url, tmp_path)


def test_it_lists_what_is_found_proposed_and_open(home: Home) -> None:
    rows = home.rows()
    assert [row["state"] for row in rows] == ["open", "applied", "proposed", "open"]
    sure = rows[1]
    assert (sure["out_amount"], sure["in_amount"], sure["fee"], sure["fee_asset"]) == ("300", "299.1", "0.9", "EUR")
    assert (sure["out_name"], sure["in_name"], sure["kind"], sure["days"]) == ("Giro", "Savings", "within", 1)
    assert [row["state"] for row in home.rows("--state", "proposed", "--state", "applied")] == ["applied", "proposed"]
    assert len(home.rows("--last", "7d")) == len(home.rows("--days", "7")) == 1
    assert home.rows("--until", "2020") == []
    assert len(home.rows("-n", "2")) == 2
    shown = home.run("--why")
    assert "equal amounts +50" in shown
    assert "1 proposed: say flowd transfers confirm ID" in shown
    # what left two days ago may still arrive, what left long ago did not
    assert "on its way" in shown
    assert "not seen" in shown


def test_what_is_confirmed_is_no_income_and_can_be_undone(home: Home) -> None:
    telemetry = Telemetry()
    (row,) = home.rows("--state", "proposed")
    state_figures(Reports(home.store.database), telemetry)
    assert b"flowd_transfers_proposed 1.0" in telemetry.text()
    assert "confirmed: " in home.run("confirm", row["transfer"][:8])
    assert [one["state"] for one in home.rows()] == ["open", "applied", "confirmed", "open"]
    assert home.store.rows("SELECT flow_class FROM derived.flow WHERE amount = 250") == [("transfer",)]
    state_figures(Reports(home.store.database), telemetry)
    assert b"flowd_transfers_proposed 0.0" in telemetry.text()
    home.flowd("undo", row["out_subject"][:8])
    assert len(home.rows("--state", "proposed")) == 1
    assert "refused: " in home.run("refuse", row["transfer"][:8])
    assert [one["state"] for one in home.rows("--state", "refused")] == ["refused"]
    # a pair nobody proposed can be named too
    home.flowd("transaction", "transfer", row["out_subject"][:8], row["in_subject"][:8])
    assert len(home.rows("--state", "confirmed")) == 1


def test_it_says_what_to_do_where_it_cannot(home: Home) -> None:
    assert "flowd transfers lists them" in home.refused("transfers", "confirm", "00000000")
    assert "is no transfer's id" in home.refused("transfers", "refuse", "%")
    (row, *_) = home.rows("--state", "open")
    assert "one side was not seen" in home.refused("transfers", "confirm", row["transfer"])
    assert home.run("--state", "refused").startswith("no such transfer")


def test_counterparties_by_month_and_currency(home: Home) -> None:
    rows = home.store.rows(
        "SELECT name, direction, flow_class, asset, own, sum(amount)::text, sum(amount_base)::text, sum(count)::int"
        " FROM report.counterparty GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5"
    )
    # names are one without digits and capitals; a currency nobody has a rate for stands without a sum
    assert {row for row in rows if row[0].strip() == "acme"} == {
        ("acme", "in", "salary", "EUR", False, "2000", "2000", 1),
        ("acme", "in", "salary", "USD", False, "100", "80", 1),
    }
    assert ("bakery", "out", "expense", "JPY", False, "-5", None, 1) in rows
    assert [row[4] for row in rows if row[2] == "transfer"] == [True, False, True]
