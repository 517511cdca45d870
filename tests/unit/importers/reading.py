"""What the importer's tests share: reading a text as a file."""

from __future__ import annotations

import io
from dataclasses import replace

from flowd.api import Hints, Transaction
from flowd.importers.delimited.catalogue import Catalogue, built_in, read_profile
from flowd.importers.delimited.importer import CsvImporter, Reading

GUESSING = CsvImporter(Catalogue([]))
HINTS = Hints(account="main", asset="EUR")


def read(data: str | bytes, *, profile: str = "", hints: Hints = HINTS) -> list[Transaction]:
    """Return the transactions of `data`, read by a YAML `profile` or by guessing."""
    _, records = read_all(data, profile=profile, hints=hints)
    return records


def read_all(data: str | bytes, *, profile: str = "", hints: Hints = HINTS) -> tuple[Reading, list[Transaction]]:
    """Return how `data` was read, and its transactions."""
    importer = GUESSING
    if profile:
        own = read_profile(profile, "test.yaml")
        importer = CsvImporter(Catalogue([own]))
        hints = replace(hints, profile=own.name)
    reading = importer.plan(io.BytesIO(data.encode() if isinstance(data, str) else data), hints)
    return reading, [r for batch in reading.batches() for r in batch.records if isinstance(r, Transaction)]


def by_built_in(name: str, data: bytes, hints: Hints = HINTS) -> list[Transaction]:
    """Return the transactions of `data`, read by the built-in profile `name`."""
    reading = CsvImporter(built_in()).plan(io.BytesIO(data), replace(hints, profile=name))
    return [r for batch in reading.batches() for r in batch.records if isinstance(r, Transaction)]
