"""Banks' own ways of writing, read without a profile."""

from __future__ import annotations

import io
import time
from datetime import datetime

import pytest

from flowd.api import FileRefused, Hints, Transaction
from flowd.importers.delimited.catalogue import Catalogue
from flowd.importers.delimited.importer import CsvImporter

from .abroad import ABROAD
from .dialects import DIALECTS, Dialect
from .heldout import HELD_OUT
from .odd import ODD
from .venues import VENUES

ALL = [*DIALECTS, *ABROAD, *VENUES, *HELD_OUT, *ODD]
PLAIN = CsvImporter(Catalogue([]))


def read(text: str, encoding: str = "utf-8", **hints: str) -> list[Transaction]:
    file = io.BytesIO(text.encode(encoding))
    batches = list(PLAIN.parse(file, Hints(**({"account": "main", "asset": "XXX"} | hints))))  # type: ignore[arg-type]
    return [record for batch in batches for record in batch.records if isinstance(record, Transaction)]


def said(record: Transaction) -> str:
    asset = "None" if record.asset == "XXX" else record.asset
    day = record.booked_at
    when = day.isoformat()
    assert not isinstance(day, datetime) or day.tzinfo is not None
    return f"{when} {record.amount} {asset}" + (" pending" if record.pending else "")


@pytest.mark.parametrize("dialect", ALL, ids=lambda dialect: dialect.name)
def test_a_banks_file_is_read_without_a_profile(dialect: Dialect) -> None:
    if not dialect.rows:
        with pytest.raises(FileRefused):
            read(dialect.text, dialect.encoding)
        return
    records = read(dialect.text, dialect.encoding)
    assert [said(record) for record in records] == dialect.rows
    if dialect.description:
        assert records[0].description == dialect.description
    if dialect.counterparty:
        assert records[0].counterparty == dialect.counterparty
    if dialect.external_id or dialect in DIALECTS:
        assert records[0].external_id == dialect.external_id


@pytest.mark.parametrize("dialect", [d for d in ALL if d.rows], ids=lambda dialect: dialect.name)
def test_the_file_is_recognised(dialect: Dialect) -> None:
    assert PLAIN.identify("export.csv", dialect.text.encode(dialect.encoding)) >= 0.5


@pytest.mark.parametrize("written", ["DE02120300000000202051", "DE02 1203 0000 0000 2020 51"])
def test_an_iban_above_the_table_is_the_account_unless_one_was_given(written: str) -> None:
    rows = "Datum;Text;Betrag\n31.01.2023;Gehalt;2.234,56\n30.01.2023;Miete;-1.200,00\n"
    text = f"Konto;{written}\nZeitraum;Januar\n\n{rows}"
    file = io.BytesIO(text.encode())
    (batch,) = PLAIN.parse(file, Hints(asset="EUR"))
    assert {r.account for r in batch.records if isinstance(r, Transaction)} == {"DE02120300000000202051"}
    assert {record.account for record in read(text)} == {"main"}
    wrong = text.replace("2051", "2052").replace("20 51", "20 52")
    (batch,) = PLAIN.parse(io.BytesIO(wrong.encode()), Hints(asset="EUR"))
    with pytest.raises(FileRefused, match="does not say which account"):
        list(batch.records)


def test_capitals_above_a_table_take_no_time() -> None:
    begun = time.monotonic()
    assert read(
        ("AA11" + "A" * 55 + ";") * 100 + "\nDatum;Text;Betrag\n31.01.2023;Gehalt;2.234,56\n30.01.2023;x;-1,00\n"
    )
    assert time.monotonic() - begun < 10


def test_a_currency_above_the_table_may_be_in_small_letters() -> None:
    (record,) = read("Report;usd\n\nDate;Text;Amount\n2023-01-31;Pay;-1.50\n")
    assert record.asset == "USD"
