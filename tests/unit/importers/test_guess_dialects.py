"""Banks' own ways of writing, read without a profile."""

from __future__ import annotations

import io
from datetime import datetime

import pytest

from flowd.api import FileRefused, Hints, Transaction
from flowd.importers.delimited.catalogue import Catalogue
from flowd.importers.delimited.importer import CsvImporter

from .dialects import DIALECTS, Dialect

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


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
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
    assert records[0].external_id == dialect.external_id


@pytest.mark.parametrize("dialect", [d for d in DIALECTS if d.rows], ids=lambda dialect: dialect.name)
def test_the_file_is_recognised(dialect: Dialect) -> None:
    assert PLAIN.identify("export.csv", dialect.text.encode(dialect.encoding)) >= 0.5
