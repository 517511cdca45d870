"""Statements of many banks and programs, each read as a person would read it."""

from __future__ import annotations

import io

import pytest

from flowd.api import Balance, Importer, Transaction
from flowd.importers import register_importers

from .others import Other
from .others_in_camt import IN_CAMT
from .others_of_many import OTHERS
from .others_of_more import MORE


def _importers() -> dict[str, Importer]:
    found: list[Importer] = []
    register_importers(found.append)
    return {importer.name: importer for importer in found}


IMPORTERS = _importers()


@pytest.mark.parametrize("other", [*OTHERS, *IN_CAMT, *MORE], ids=lambda other: other.name)
def test_it_is_read_as_a_person_would(other: Other) -> None:
    importer = IMPORTERS[other.format]
    assert importer.identify("download", other.data) == max(
        each.identify("download", other.data) for each in IMPORTERS.values()
    )
    records = [r for batch in importer.parse(io.BytesIO(other.data), other.hints) for r in batch.records]
    rows = [record for record in records if isinstance(record, Transaction)]
    told = [f"{row.booked_at.isoformat()[:10]} {row.amount} {row.asset}{_state(row)}" for row in rows]
    assert sorted(told) == sorted(other.rows)
    assert other.account in {row.account for row in rows}
    for amount, words in other.said:
        texts = [f"{row.counterparty} {row.description} {row.raw}" for row in rows if str(row.amount) == amount]
        assert any(words in text for text in texts), texts
    held = {f"{record.day} {record.amount}" for record in records if isinstance(record, Balance)}
    assert held == set(other.balances)


def _state(row: Transaction) -> str:
    return " pending" if row.pending else ""
