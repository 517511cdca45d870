"""An export has every row, in tables that programs read back, and in a ledger that bean-check accepts."""

from __future__ import annotations

import csv
import io
import json
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TextIO

import pytest
from click.testing import CliRunner

from flowd.api import AccountInfo, AccountKind, Balance, Event, FlowClass, Rate, Side, Trade
from flowd.domain.decisions import ClassDecision, Said, decision_event
from flowd.domain.goals import OWN_WORD
from flowd.edges.cli import flowd
from flowd.edges.exporting.beancount import write_beancount
from flowd.edges.exporting.names import Names
from flowd.edges.exporting.tables import write_csv, write_json_lines
from flowd.storage.database import Database
from flowd.storage.exporting import TABLES, Rows, one_moment
from tests.deriving import NOW, SPOT, Store, reading, transaction
from tests.integration.test_positions import Books, trade

NASTY = 'He said "no", \\ then\n=1+1; left'


def fill(database: Database) -> Store:
    store = Store(database)
    giro = AccountInfo(account="DE00 1", name='Giro; of "mine"', kind=AccountKind.BANK)
    card = AccountInfo(account="visa_1", name="Visa", kind=AccountKind.CARD)
    store.write(
        "my_bank",
        giro,
        card,
        transaction("2026-01-30", "3100.00", account="DE00 1", description="Gehalt", counterparty="ACME"),
        transaction("2026-02-02", "-12.50", account="DE00 1", description=NASTY, counterparty="=cmd()"),
        transaction("2026-02-03", "-7", account="visa_1", description="Kaffee", pending=True),
        transaction("2026-02-03", "-20", account="visa_1", description="Buch"),
        transaction("2026-02-04", "0.000000000000000001", account="DE00 1", asset="1INCH", kind=FlowClass.STAKING),
        *[
            Balance(account="DE00 1", asset="EUR", day=date.fromisoformat(day), amount=Decimal(amount))
            for day, amount in [("2026-01-31", "5100.00"), ("2026-02-28", "5087.50"), ("2026-03-10", "5000")]
        ],
    )
    trade = {"account": "spot", "at": NOW, "base": "BTC", "quote": "EUR", "fee": Decimal("0.0001")}
    amounts = {"quantity": Decimal("0.123456789"), "price": Decimal("50000.987654321")}
    store.write(
        "wallet",
        SPOT,
        Trade(external_id="1", side=Side.BUY, fee_asset="BTC", **trade, **amounts),  # type: ignore[arg-type]
        Trade(external_id="2", side=Side.SELL, fee_asset="BNB", **trade, **amounts),  # type: ignore[arg-type]
        reading("2026-03-14T10:00:00", "0.5", asset="BTC"),
    )
    store.write("ecb", Rate(base="BTC", quote="EUR", at=NOW, value=Decimal("50000.5")))
    store.derivation.catch_up()
    return store


def exported(database: Database, name: str, writer: Callable[[TextIO, Rows], int]) -> str:
    file = io.StringIO()
    with one_moment(database, "Europe/Berlin") as whole, whole.table(name) as table:
        writer(file, table)
    return file.getvalue()


def test_tables_come_back_as_they_were(database: Database) -> None:
    store = fill(database)
    rows = [json.loads(line) for line in exported(database, "transactions", write_json_lines).splitlines()]
    assert [row["amount"] for row in rows] == ["3100", "-12.5", "-7", "-20", "0.000000000000000001"]
    assert rows[1]["description"] == NASTY
    assert rows[0]["day"] == "2026-01-30"
    assert [row["flow_class"] for row in rows] == ["salary", "expense", None, "expense", "staking"]
    table = list(csv.DictReader(io.StringIO(exported(database, "transactions", write_csv))))
    assert [row["amount"] for row in table] == [row["amount"] for row in rows]
    assert table[1]["description"] == NASTY
    assert table[1]["counterparty"] == "'=cmd()"  # no spreadsheet runs it
    assert table[2]["flow_class"] == ""
    assert table[2]["pending"] == "true"
    with one_moment(database, "Europe/Berlin") as whole:
        counts = {name: sum(1 for _ in whole.rows(name)) for name in TABLES}
    assert counts == {
        "accounts": 3, "transactions": 5, "trades": 2, "balances": 3, "readings": 1, "rates": 1, "projections": 0,
        "income": len(store.rows("SELECT 1 FROM derived.income_daily")),
        "worth": len(store.rows("SELECT 1 FROM derived.performance")),
        "events": len(store.rows("SELECT 1 FROM raw.event")),
    }  # fmt: skip


def ledger(database: Database, folder: Path) -> Path:
    path = folder / "flowd.beancount"
    with one_moment(database, "Europe/Berlin") as whole, path.open("w", encoding="utf-8") as file:
        write_beancount(file, whole)
    return path


def check(path: Path) -> str:
    command = [sys.executable, "-m", "beancount.scripts.check", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return f"{done.returncode}{done.stdout}{done.stderr}"


def test_bean_check_accepts_the_ledger(database: Database, tmp_path: Path) -> None:
    store = fill(database)
    ((book,),) = store.rows("SELECT subject FROM derived.transaction WHERE amount = -20")
    said = Said(category="Books & more", note='for "M"')
    store.write(OWN_WORD, decision_event(ClassDecision(of=book, said=said), date(2026, 2, 3)))
    store.derivation.catch_up()
    path = ledger(database, tmp_path)
    assert check(path) == "0"
    text = path.read_text()
    # what was there before, and what nobody booked, are said and not bent
    assert '2026-01-29 * "what was there before"\n  Assets:My-bank:DE00-1  2000 EUR' in text
    assert '2026-03-10 ! "the statement of 2026-03-10 has -87.5 nobody booked"' in text
    assert "Liabilities:My-bank:Visa-1  -20 EUR" in text
    assert " -7 EUR" not in text  # it is not booked yet
    # what somebody filed and noted goes along
    assert '  category: "Books & more"\n  note: "for \\"M\\""\n' in text
    assert "  Expenses:Books-more  20 EUR" in text
    assert "  Expenses:Other  12.5 EUR" in text
    # a ledger that is wrong is refused, so the check above says something
    path.write_text(text.replace(" 5087.5 ~ 0 EUR", " 5087.5001 ~ 0 EUR"))
    assert "Balance failed" in check(path)


def test_a_split_of_shares_changes_how_many_there_are(database: Database, tmp_path: Path) -> None:
    store = Books(database)
    halved = Event(
        type="split",
        key="1",
        at=NOW - timedelta(days=2),
        data={"account": "spot", "asset": "WIDG", "numerator": "2", "denominator": "1"},
    )
    deals = [
        ("2026-03-02 12:00", "buy", "10", "40"),
        ("2026-03-18 18:00", "buy", "1", "20"),
        ("2026-03-19 12:00", "sell", "21", "25"),
    ]
    store.write("broker", SPOT, halved, *[trade(*deal, base="WIDG") for deal in deals])
    store.derivation.catch_up()
    path = ledger(database, tmp_path)
    # the whole of it is gone in the end
    path.write_text(path.read_text() + "2026-03-20 balance Assets:Broker:Spot  0 ~ 0 WIDG\n")
    assert check(path) == "0"
    assert '2026-03-18 * "split of WIDG"\n  Assets:Broker:Spot  10 WIDG' in path.read_text()


def test_an_empty_store_is_a_ledger_too(database: Database, tmp_path: Path) -> None:
    assert check(ledger(database, tmp_path)) == "0"


def test_names_are_what_beancount_allows_and_never_the_same() -> None:
    names = Names()
    assets = ["EUR", "eur", "BTC", "1INCH", "BRK.B", "NASDAQ:AAPL", "A" * 30, "A" * 31, "X", "元", "円", "-", "A-"]
    given = [names.commodity(asset) for asset in assets]
    assert given[0] == "EUR"
    assert max(Counter(given).values()) == 1
    assert [names.commodity(asset) for asset in assets] == given
    places = [names.account("Assets", *parts) for parts in [("a", "b"), ("A", "b"), ("a_b",), ("ä", "元"), ("", "x/y")]]
    assert max(Counter(places).values()) == 1
    import re

    from beancount.core.account import is_valid
    from beancount.core.amount import CURRENCY_RE

    assert all(re.fullmatch(CURRENCY_RE, name) for name in given)
    assert all(is_valid(name) for name in places)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "beancount"])
def test_the_command_writes_what_only_you_can_read_and_overwrites_nothing(
    database: Database, database_url: str, tmp_path: Path, kind: str
) -> None:
    fill(database)
    config = tmp_path / "flowd.yaml"
    config.write_text(
        "tenant: {name: home, base_currency: EUR, timezone: Europe/Berlin}\n"
        f"database: {{url: {json.dumps(database_url)}}}\nstate: {json.dumps(str(tmp_path / 'var'))}\n"
    )
    target = tmp_path / "out"
    arguments = ["-c", str(config), "export", str(target), "--format", kind]
    result = CliRunner().invoke(flowd, arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    files = [target] if kind == "beancount" else sorted(target.iterdir())
    assert kind == "beancount" or [file.name for file in files] == sorted(f"{name}.{kind}" for name in TABLES)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    before = {file: file.read_bytes() for file in files}
    again = CliRunner().invoke(flowd, arguments)
    assert again.exit_code == 1
    assert "exists already" in str(again.exception)
    assert {file: file.read_bytes() for file in files} == before
    assert {path.name for path in tmp_path.iterdir()} == {"flowd.yaml", "out", "var"} & {
        p.name for p in tmp_path.iterdir()
    }
