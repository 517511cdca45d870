"""What the store would hold after some batches: one row for each key, the last word said of it."""

from __future__ import annotations

from collections.abc import Iterable

from flowd.api import Batch, Covers, Rate, Record, Snapshot, Transaction
from flowd.domain.keys import data_of, occurred_at, subject_of
from flowd.domain.money import plain

Key = tuple[object, ...]


def rows(batches: Iterable[Batch], connection: str = "test") -> dict[Key, str]:
    """Return key → content of everything in `batches`, whose records are lists."""
    found: dict[Key, str] = {}
    for batch in batches:
        found |= batch_rows(batch, connection)
    return found


def batch_rows(batch: Batch, connection: str = "test") -> dict[Key, str]:
    """Return key → content of one batch: equal rows without an id are told apart by their number, as the store does."""
    found: dict[Key, str] = {}
    seen: dict[Key, int] = {}
    for record in batch.records:
        key = key_of(record, connection)
        if isinstance(record, Transaction) and record.external_id is None:
            seen[key] = seen.get(key, 0) + 1
            key = (*key, seen[key])
        found[key] = content_of(record)
    return found


def key_of(record: Record, connection: str = "test") -> Key:
    """Return what the store knows `record` by."""
    if isinstance(record, Snapshot):
        return ("snapshot", record.account, record.asset, record.at)
    if isinstance(record, Rate):
        return ("rate", record.base, record.quote, record.at)
    return ("event", subject_of(connection, record))


def content_of(record: Record) -> str:
    """Return what `record` says, in one form that equal statements share."""
    if isinstance(record, Snapshot):
        return plain(record.quantity)
    if isinstance(record, Rate):
        return plain(record.value)
    return f"{occurred_at(record)} {data_of(record)}"


def name_of(record: Record) -> str:
    """Name `record` in a message."""
    for part in ("external_id", "key", "asset", "account"):
        value = getattr(record, part, None)
        if isinstance(value, str):
            return f"{type(record).__name__} {value!r}"
    return f"{type(record).__name__} {getattr(record, 'base', '')}/{getattr(record, 'quote', '')}"


def claimed(batches: Iterable[Batch]) -> list[tuple[set[str] | None, set[tuple[str, str]]]]:
    """Return for each batch that claims to be whole: of which accounts (None: of all), and what is held there."""
    found: list[tuple[set[str] | None, set[tuple[str, str]]]] = []
    for batch in batches:
        if batch.covers is Covers.NOTHING:
            continue
        records = list(batch.records)
        held = {(one.account, one.asset) for one in records if isinstance(one, Snapshot)}
        accounts = {str(getattr(one, "account", "")) for one in records} - {""}
        found.append((None if batch.covers is Covers.CONNECTION else accounts, held))
    return found
