"""Statements into the raw log: once however often, overlapping ones as their union, and no money twice."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flowd.api import Hints, Importer
from flowd.engine.imports import Imported, import_file
from flowd.importers import register_importers
from flowd.storage.database import Database
from flowd.storage.rawlog import RawLog

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BAKER = ":61:2401150115D10,00NTRFNONREF\n:86:Bakery\n"
RENT = ":61:2401160116D500,00NTRFNONREF\n:86:166?20Rent?32House\n"
WAGE = ":61:2401170117C2000,00NTRFNONREF\n:86:153?20Wage?32Firm\n"


def mt940(*lines: str, opening: str, closing: str) -> str:
    return f":20:X\n:25:1/2\n:28C:1\n:60F:{opening}\n{''.join(lines)}:62F:{closing}\n-\n"


def mt942(*lines: str) -> str:
    return f":20:X\n:25:1/2\n:28C:1\n:34F:EURD0,\n:13D:2401151730+0100\n{''.join(lines)}-\n"


NAMES = {"052": ("AcctRpt", "Rpt"), "053": ("Stmt", "Stmt"), "054": ("DbtCdtNtfctn", "Ntfctn")}


def entry(amount: str, ref: str = "", text: str = "", status: str = "BOOK") -> str:
    said = f"<NtryDtls><TxDtls><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls>" if text else ""
    bank = f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>{status}</Cd></Sts>'
        f"<BookgDt><Dt>2024-01-15</Dt></BookgDt>{bank}{said}</Ntry>"
    )


def camt(kind: str, *entries: str) -> str:
    message, statement = NAMES[kind]
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.08"><BkToCstmr{message}>'
        "<GrpHdr><MsgId>M</MsgId><CreDtTm>2024-01-16T01:00:00</CreDtTm></GrpHdr>"
        f"<{statement}><Id>S</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>"
        f"{''.join(entries)}</{statement}></BkToCstmr{message}></Document>"
    )


class Inbox:
    """Imports texts as files, and sums what is booked."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.log, self.folder = database, RawLog(database), folder
        found: list[Importer] = []
        register_importers(found.append)
        self.importers = {importer.name: importer for importer in found}

    def put(self, text: str) -> Imported:
        path = self.folder / "download.txt"
        path.write_text(text)
        return import_file(path, self.importers, Hints(), log=self.log, connection="inbox", at=AT)

    def booked(self) -> list[str]:
        sql = "SELECT t.amount::text FROM derived.transaction t WHERE NOT t.pending ORDER BY t.amount"
        with self.database.transaction() as session:
            return [str(row[0]) for row in session.execute(sql).fetchall()]

    def awaited(self) -> list[str]:
        """Return what is listed as pending."""
        sql = "SELECT t.amount::text FROM report.transaction t WHERE t.pending ORDER BY t.amount"
        with self.database.transaction() as session:
            return [str(row[0]) for row in session.execute(sql).fetchall()]


@pytest.fixture
def inbox(database: Database, tmp_path: Path) -> Inbox:
    return Inbox(database, tmp_path)


FIRST = mt940(BAKER, BAKER, RENT, opening="C240101EUR1000,", closing="C240116EUR480,")
LONGER = mt940(BAKER, BAKER, RENT, WAGE, opening="C240101EUR1000,", closing="C240117EUR2480,")


def test_the_same_statement_twice_is_one_and_a_longer_one_adds_what_is_new(inbox: Inbox) -> None:
    first = inbox.put(FIRST)
    assert (first.plan.importer, first.plan.rows, list(first.plan.notes)) == ("mt940", 3, [])
    again = inbox.put(FIRST)
    assert (again.written.events_new, again.written.events_revised) == (0, 0)
    longer = inbox.put(LONGER)
    assert longer.written.events_new == 3  # a posting, a balance, and the import itself
    assert inbox.booked() == ["-500", "-10", "-10", "2000"]


def test_an_interim_report_counts_nothing_and_takes_nothing_away(inbox: Inbox) -> None:
    inbox.put(mt942(BAKER, RENT))
    assert inbox.booked() == []
    inbox.put(FIRST)
    assert inbox.booked() == ["-500", "-10", "-10"]
    inbox.put(mt942(BAKER, RENT).replace(":28C:1", ":28C:2"))
    assert inbox.booked() == ["-500", "-10", "-10"]


def test_a_report_of_the_day_and_its_statement_are_the_same_money(inbox: Inbox) -> None:
    entries = (entry("10.00", "R1", "A"), entry("20.00", text="B"), entry("20.00", text="B"))
    inbox.put(camt("052", *entries[:2]))
    assert inbox.booked() == ["10", "20"]
    inbox.put(camt("052", *entries))
    inbox.put(camt("053", *entries))
    assert inbox.booked() == ["10", "20", "20"]
    again = inbox.put(camt("053", *entries))
    assert (again.written.events_new, again.written.events_revised) == (0, 0)
    inbox.put(camt("052", *entries[:1]))
    assert inbox.booked() == ["10", "20", "20"]


@pytest.mark.parametrize("order", [["053", "054"], ["054", "053"], ["054", "053", "054"]])
def test_a_notification_and_its_statement_are_the_same_money(inbox: Inbox, order: list[str]) -> None:
    for kind in order:
        inbox.put(camt(kind, entry("10.00", "R1", "A"), entry("20.00", text="B")))
    assert inbox.booked() == ["10", "20"]


def test_what_was_pending_is_booked_once_and_stays_booked(inbox: Inbox) -> None:
    inbox.put(camt("052", entry("10.00", "R1", status="PDNG")))
    assert inbox.booked() == []
    inbox.put(camt("053", entry("10.00", "R1")))
    inbox.put(camt("052", entry("10.00", "R1", status="PDNG")))
    assert inbox.booked() == ["10"]


def test_what_was_pending_is_listed_until_it_is_booked_or_the_account_is_booked_for_days_after(inbox: Inbox) -> None:
    late = ":61:2401210121D7,00NTRFNONREF\n:86:Kiosk\n"
    inbox.put(mt942(BAKER, RENT, late))
    assert inbox.awaited() == ["-500", "-10", "-7"]
    inbox.put(mt940(RENT, opening="C240101EUR1000,", closing="C240116EUR500,"))
    assert inbox.awaited() == ["-10", "-7"]
    # the bakery never came, and everything of its days is booked
    inbox.put(mt940(late, opening="C240116EUR500,", closing="C240121EUR493,"))
    assert inbox.awaited() == []
    sql = "SELECT count(*) FROM raw.event e WHERE e.type = 'transaction' AND e.data ->> 'pending' = 'true'"
    with inbox.database.transaction() as session:
        assert session.execute(sql).fetchall() == [(3,)]


def test_an_archive_of_reports_is_the_same_money_as_its_files(inbox: Inbox) -> None:
    first, second = entry("10.00", text="A"), entry("20.00", text="B")
    path = inbox.folder / "download.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.xml", camt("052", first))
        archive.writestr("2.xml", camt("052", first, second))
    packed = import_file(path, inbox.importers, Hints(), log=inbox.log, connection="inbox", at=AT)
    assert (packed.plan.importer, packed.plan.rows) == ("camt", 2)
    assert inbox.booked() == ["10", "20"]
    inbox.put(camt("053", first, second))
    assert inbox.booked() == ["10", "20"]
