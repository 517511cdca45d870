"""OFX and QIF files into the raw log: overlapping files are their union, a later one corrects an earlier one."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flowd.api import Hints, Importer
from flowd.engine.imports import import_file
from flowd.importers import register_importers
from flowd.storage.database import Database
from flowd.storage.rawlog import RawLog
from tests.deriving import Store

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def importers() -> dict[str, Importer]:
    found: list[Importer] = []
    register_importers(found.append)
    return {importer.name: importer for importer in found}


def rows(database: Database, sql: str) -> list[tuple[Any, ...]]:
    with database.transaction() as session:
        return session.execute(sql).fetchall()


def ofx(*postings: str, balance: str = "") -> str:
    return (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\n\n<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>"
        "</SONRS></SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><BANKID>9<ACCTID>77"
        f"</BANKACCTFROM><BANKTRANLIST>{''.join(postings)}</BANKTRANLIST>{balance}</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
    )


def posting(fitid: str, amount: str, more: str = "") -> str:
    return f"<STMTTRN><TRNTYPE>POS<DTPOSTED>20240115<TRNAMT>{amount}<FITID>{fitid}<NAME>Shop{more}</STMTTRN>"


def changed(database: Database, path: Path, text: str, importers: dict[str, Importer], hints: Hints) -> tuple[int, int]:
    """Import `text` and return how many events were new and how many revised, the import's own aside."""
    path.write_text(text)
    written = import_file(path, importers, hints, log=RawLog(database), connection="inbox", at=AT).written
    return written.events_new - 1, written.events_revised


def test_overlapping_ofx_files_are_their_union(
    database: Database, tmp_path: Path, importers: dict[str, Importer]
) -> None:
    path, hints = tmp_path / "bank.ofx", Hints()
    balance = "<LEDGERBAL><BALAMT>100<DTASOF>20240131</LEDGERBAL>"
    # The account, two postings, a balance.
    assert changed(
        database, path, ofx(posting("a1", "-1"), posting("a2", "-1"), balance=balance), importers, hints
    ) == (4, 0)
    # One posting more, one that says more now, and another balance of the same day.
    later = ofx(posting("a2", "-1", "<MEMO>now booked"), posting("a3", "-1"), balance=balance.replace("100", "99"))
    assert changed(database, path, later, importers, hints) == (1, 2)
    assert rows(database, "SELECT count(DISTINCT subject)::int FROM raw.event WHERE type = 'transaction'") == [(3,)]


def test_a_correction_takes_its_posting_back(
    database: Database, tmp_path: Path, importers: dict[str, Importer]
) -> None:
    path, hints = tmp_path / "bank.ofx", Hints()
    changed(database, path, ofx(posting("a1", "-1"), posting("a2", "-2")), importers, hints)
    gone = ofx(posting("a3", "-1", "<CORRECTFITID>a1<CORRECTACTION>DELETE"), posting("a4", "-4"))
    assert changed(database, path, gone, importers, hints) == (1, 1)
    removed = rows(database, "SELECT count(*)::int FROM raw.event WHERE data ->> 'removed' = 'true'")
    assert removed == [(1,)]


def test_overlapping_qif_files_are_their_union(
    database: Database, tmp_path: Path, importers: dict[str, Importer]
) -> None:
    path, hints = tmp_path / "bank.qif", Hints(account="main", asset="EUR")
    shop = "D1/31/24\nT-2.50\nPBus\n^\n"
    # Two equal tickets are two payments; with the account that makes three.
    assert changed(database, path, f"!Type:Bank\n{shop}{shop}", importers, hints) == (3, 0)
    longer = f"!Type:Bank\n{shop}{shop}{shop}D2/1/24\nT9.00\nPBack\n^\n"
    assert changed(database, path, longer, importers, hints) == (2, 0)
    trade = "!Type:Invst\nD1/31/24\nNBuy\nYAcme\nI5\nQ4\n^\n"
    assert changed(database, path, f"!Type:Bank\n{shop}{trade}", importers, hints) == (1, 0)
    # An equal trade more, in a section of its own.
    assert changed(database, path, f"!Type:Bank\n{shop}{trade}{trade}", importers, hints) == (1, 0)


def cash(amount: str) -> str:
    return (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\n\n<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>"
        "</SONRS></SIGNONMSGSRSV1><INVSTMTMSGSRSV1><INVSTMTTRNRS><INVSTMTRS><DTASOF>20240131<CURDEF>EUR<INVACCTFROM>"
        f"<BROKERID>b<ACCTID>5</INVACCTFROM><INVBAL><AVAILCASH>{amount}<MARGINBALANCE>0<SHORTBALANCE>0</INVBAL>"
        "</INVSTMTRS></INVSTMTTRNRS></INVSTMTMSGSRSV1></OFX>"
    )


def test_cash_at_a_broker_is_read(database: Database, tmp_path: Path, importers: dict[str, Importer]) -> None:
    path, hints = tmp_path / "broker.ofx", Hints()
    held = "SELECT s.account, s.asset, r.at, r.quantity FROM raw.snapshot r JOIN raw.series s ON s.id = r.series_id"
    changed(database, path, cash("250.10"), importers, hints)
    at = datetime(2024, 1, 31, 10, 30, tzinfo=UTC)
    assert Store(database).rows(held) == [("5", "EUR", at, Decimal("250.10"))]
    changed(database, path, cash("250.1"), importers, hints)
    assert len(Store(database).rows(held)) == 1
    # a later file that says otherwise of the same day is right
    changed(database, path, cash("251"), importers, hints)
    assert [row[3] for row in Store(database).rows(held)] == [Decimal(251)]
    # of a bank's account balances are chained with what is booked
    changed(
        database,
        tmp_path / "bank.ofx",
        ofx(balance="<LEDGERBAL><BALAMT>1<DTASOF>20240131</LEDGERBAL>"),
        importers,
        hints,
    )
    assert len(Store(database).rows(held)) == 1
