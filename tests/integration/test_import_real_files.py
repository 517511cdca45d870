"""Real banks' files, read without a profile and by flowd's own, against what a person reads in them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import pytest

from flowd.api import Balance, FileRefused, FlowClass, Hints, Transaction
from flowd.engine.imports import import_file
from flowd.importers.delimited.catalogue import Catalogue, built_in
from flowd.importers.delimited.importer import CsvImporter, Reading
from flowd.storage.database import Database
from flowd.storage.rawlog import RawLog

DATA = Path(__file__).parents[3] / "shared" / "data"
BANKS = DATA / "statements" / "csv_bank2ynab" / "test-data"
pytestmark = pytest.mark.skipif(not BANKS.is_dir(), reason="the real statements are not on this machine")


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A file's rows, sum, first row (day, amount), currency where the file says it, and words of its first row."""

    rows: int
    total: str
    first: tuple[date, str]
    asset: str = "XXX"
    said: str = ""
    account: str = "main"
    profile: str | None = None
    sure: float = 0.5
    notes: list[str] = field(default_factory=list)


EXPECTED = {
    "20171001-20171106.csv": Expected(
        rows=1, total="-59.99", first=(date(2017, 10, 1), "-59.99"), asset="EUR", said="NINTENDO OF EUROPE",
        profile="n26",
    ),
    "20180226_12345678.csv": Expected(
        rows=1, total="-5.00", first=(date(2018, 2, 10), "-5.00"), said="MERCHANT NAME@12:34"
    ),
    "CSV_A_20180414_112204.csv": Expected(
        rows=3, total="-1037.49", first=(date(2018, 3, 1), "-337.49"), asset="EUR", said="RENTE LENING",
        account="NL77RABO0311467415", profile="rabobank",
    ),
    "Umsaetze_KtoNr538917600_EUR_02-03-2018_1503.CSV": Expected(
        rows=1, total="-17.22", first=(date(2018, 3, 2), "-17.22"), asset="EUR", said="Kartenzahlung REWE",
        account="DE44200400000538917600", profile="commerzbank",
    ),
    "W80844_EBH_201945.202122.csv": Expected(
        rows=2, total="940", first=(date(2019, 4, 19), "-350"), asset="HUF", said="memo goes here",
        account="bank account", profile="ebh",
    ),
    "export_BE11123456789012_20180304_1422.csv": Expected(
        rows=1, total="-3.40", first=(date(2018, 2, 28), "-3.40"), asset="EUR", said="BIJDRAGE 01-02-2018",
        account="BE11123456789012", profile="kbc",
    ),
    "export_KBC-Mastercard Business Essential_20200204_1604.csv": Expected(
        rows=3, total="2.73", first=(date(2020, 2, 1), "-16.52"), asset="EUR", said="More info", profile="kbc-card"
    ),
    "kta_ei.dat": Expected(
        rows=11, total="-6152.22", first=(date(2019, 3, 11), "-89.30"), asset="EUR", said="FORSTINGER",
        profile="easybank-kta",
    ),
    "test_BOI_TransactionExport.csv": Expected(
        rows=27, total="-419.61", first=(date(2017, 9, 1), "428.03"), said="Random Name"
    ),
    "test_delimiter_tab.csv": Expected(
        rows=73, total="-4580.70", first=(date(2017, 9, 18), "-33.87"), said="HOFER DANKT"
    ),
    "test_headers.csv": Expected(
        rows=73, total="-4580.70", first=(date(2017, 9, 18), "-33.87"), asset="EUR", said="HOFER DANKT"
    ),
    "test_raiffeisen_01.csv": Expected(
        rows=73, total="-4580.70", first=(date(2017, 9, 18), "-33.87"), asset="EUR", said="HOFER DANKT"
    ),
    "test_raiffeisen_02.csv": Expected(
        rows=73, total="-4580.70", first=(date(2017, 9, 18), "-33.87"), asset="EUR", said="HOFER DANKT"
    ),
    "test_row_format_neg_inflow.csv": Expected(
        rows=73, total="-4580.70", first=(date(2017, 9, 18), "-33.87"), asset="EUR", said="HOFER DANKT"
    ),
    "umsatz-1234________1234-20180227.CSV": Expected(
        rows=1, total="-5.00", first=(date(2018, 2, 20), "-5.00"), asset="EUR", said="AMREST STARBUCKS DE",
        profile="dkb-card",
    ),
}  # fmt: skip
GUESSING = CsvImporter(Catalogue([]))
KNOWING = CsvImporter(built_in())


@contextmanager
def reading(importer: CsvImporter, name: str, hints: Hints) -> Iterator[tuple[Reading, Iterator[Transaction]]]:
    file: BinaryIO
    with (BANKS / name).open("rb") as file:
        plan = importer.plan(file, hints)
        yield plan, (r for batch in plan.batches() for r in batch.records if isinstance(r, Transaction))


def check(records: list[Transaction], expected: Expected) -> None:
    first = records[0]
    assert len(records) == expected.rows
    assert sum(record.amount for record in records) == Decimal(expected.total)
    assert (first.booked_at, str(first.amount), first.asset) == (*expected.first, expected.asset)
    assert expected.said in f"{first.counterparty} {first.description}"


@pytest.mark.parametrize("name", EXPECTED)
def test_is_read_without_a_profile(name: str) -> None:
    with reading(GUESSING, name, Hints(account="main", asset="XXX")) as (plan, rows):
        records = list(rows)
    check(records, EXPECTED[name])
    assert plan.guessed
    assert {record.account for record in records} == {"main"}


@pytest.mark.parametrize("name", [name for name, expected in EXPECTED.items() if expected.profile])
def test_is_known_by_its_header(name: str) -> None:
    expected = EXPECTED[name]
    with reading(KNOWING, name, Hints(account="main", fallback=True)) as (plan, rows):
        records = list(rows)
    check(records, expected)
    assert plan.label == expected.profile
    assert {record.account for record in records} == {expected.account}
    assert KNOWING.identify(name, (BANKS / name).read_bytes()) >= 0.8


def test_monzo_has_times_and_ids() -> None:
    name = "MonzoDataExport_February2018_2018-02-26_174335.csv"
    for importer in (GUESSING, KNOWING):
        with reading(importer, name, Hints(account="main")) as (_, rows):
            (record,) = rows
        assert record.booked_at == datetime(2018, 2, 25, 12, 34, 56, tzinfo=UTC)
        assert (str(record.amount), record.asset, record.external_id) == ("-10", "GBP", "tx_00009TziTeST1NG1ZWIPGS")
        assert "Tesco" in record.counterparty + record.description


def test_the_bank_of_ireland_profile_reads_as_the_guess_does() -> None:
    name = "test_BOI_TransactionExport.csv"
    with reading(KNOWING, name, Hints(account="main", profile="bank-of-ireland")) as (_, rows):
        check(list(rows), Expected(rows=27, total="-419.61", first=(date(2017, 9, 1), "428.03"), asset="EUR"))


@pytest.mark.parametrize("importer", [GUESSING, KNOWING])
def test_a_file_made_anonymous_beyond_dates_is_refused_by_line(importer: CsvImporter) -> None:
    name = "TH_20180101-20180523_strana_1.csv"
    with (
        pytest.raises(FileRefused, match="line 2: the date '1111/11/11' is out of range"),
        reading(importer, name, Hints(account="main")) as (_, rows),
    ):
        list(rows)


def test_the_same_file_with_possible_dates_is_read(tmp_path: Path) -> None:
    file = tmp_path / "TH.csv"
    file.write_bytes((BANKS / "TH_20180101-20180523_strana_1.csv").read_bytes().replace(b"1111/11/11", b"2018/01/11"))
    for importer in (GUESSING, KNOWING):
        with file.open("rb") as opened:
            plan = importer.plan(opened, Hints(account="main"))
            records = [r for batch in plan.batches() for r in batch.records if isinstance(r, Transaction)]
        assert [str(record.amount) for record in records] == [
            "-111.11", "-11.11", "-11.11", "-1111.11", "-11.11", "-111.11", "-11.11", "-111.11", "-1111.11",
        ]  # fmt: skip
        assert {record.asset for record in records} == {"CZK"}
        assert records[3].counterparty == "XX účXX X ČX, X.X."


def test_one_positive_card_row_says_too_little() -> None:
    with (
        pytest.raises(FileRefused, match="nothing says whether money came in or went out"),
        reading(GUESSING, "statement_1.csv", Hints(account="main", asset="GBP")) as (_, rows),
    ):
        list(rows)


def test_what_is_no_statement_is_not_claimed() -> None:
    assert KNOWING.identify("test.conf", (BANKS / "test.conf").read_bytes()) < 0.15


@pytest.fixture
def berka(tmp_path: Path) -> Path:
    source = DATA / "berka" / "trans.first3MiB.asc.gz"
    if not source.is_file():
        pytest.skip("the Berka data is not on this machine")
    file = tmp_path / "trans.asc"
    file.write_bytes(gzip.decompress(source.read_bytes()))
    return file


def test_berka_as_it_came_is_cut_off_and_says_so(berka: Path) -> None:
    with berka.open("rb") as opened:
        (batch,) = KNOWING.parse(opened, Hints())
        with pytest.raises(FileRefused, match="line 49104: the file ends inside a quoted cell"):
            list(batch.records)


def assert_every_day_end_chains(truth: list[list[str]], balances: list[Balance], notes: Sequence[str]) -> None:
    """All accounts; what does not chain is the month's last interest, which the cut took from the end of the file."""
    stated: dict[tuple[str, date], set[Decimal]] = {}
    for row in truth:
        day = datetime.strptime(row[2], "%y%m%d").replace(tzinfo=UTC).date()
        stated.setdefault((row[1], day), set()).add(Decimal(row[6]))
    days: dict[str, dict[date, set[Decimal]]] = {}
    for (account, day), sums in stated.items():
        days.setdefault(account, {})[day] = sums
    assert {balance.account for balance in balances} == set(days)
    for balance in balances:
        before = [day for day in days[balance.account] if day <= balance.day]
        if before:
            assert balance.amount in days[balance.account][max(before)]
        else:
            assert balance.day == min(days[balance.account]) - timedelta(days=1)
            assert balance.amount == 0  # every account of this file was opened in it
    gaps = [note for note in notes if "missing" in note]
    assert len(gaps) == 20
    assert all("to 31 Mar 1994" in note or "to 28 Feb 1994" in note for note in gaps)


@pytest.mark.parametrize("importer", [KNOWING, GUESSING], ids=["profile", "guess"])
def test_berka_without_its_last_line(berka: Path, importer: CsvImporter) -> None:
    data = berka.read_bytes()
    berka.write_bytes(data[: data.rindex(b"\n") + 1])
    with berka.open("rb") as opened:
        plan = importer.plan(opened, Hints(asset="CZK"))
        everything = [r for batch in plan.batches() for r in batch.records]
    records = [r for r in everything if isinstance(r, Transaction)]
    balances = [r for r in everything if isinstance(r, Balance)]
    truth = [line.split(";") for line in data.decode().splitlines()[1:-1]]
    assert [record.external_id for record in records] == [row[0] for row in truth]
    assert [record.account for record in records] == [row[1] for row in truth]
    assert [f"{record.booked_at:%y%m%d}" for record in records] == [row[2] for row in truth]
    assert [record.amount for record in records] == [
        Decimal(row[5]) if row[3] == '"PRIJEM"' else -Decimal(row[5]) for row in truth
    ]
    if importer is KNOWING:
        assert_every_day_end_chains(truth, balances, plan.notes)
        assert sum(record.kind is FlowClass.INTEREST for record in records) == 9463
        assert sum(record.kind is FlowClass.SALARY for record in records) == 1770
        assert sum(record.kind is FlowClass.LOAN for record in records) == 123


def test_berka_twice_in_the_log_is_once(berka: Path, database: Database) -> None:
    data = berka.read_bytes()
    berka.write_bytes(data[: data.rindex(b"\n") + 1])
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    log, formats = RawLog(database), {"csv": KNOWING}
    first = import_file(berka, formats, Hints(), log=log, connection="inbox", at=at)
    assert (first.plan.rows, len(first.plan.accounts), len(first.plan.statements)) == (49_102, 1_229, 1_229)
    again = import_file(berka, formats, Hints(), log=log, connection="inbox", at=at)
    assert (again.written.events_new, again.written.events_revised) == (0, 0)
    assert again.written.unchanged == first.written.events_new
    with database.transaction() as session:
        rows = session.execute("SELECT type, count(*)::int FROM raw.event GROUP BY type").fetchall()
    counts: dict[str, int] = dict(rows)
    assert counts["balance"] > 10_000
    assert counts["transaction"] == 49_102
    assert counts["account"] == 1_229
