"""Natural keys: the same fact always gets the same 16 bytes, whoever brings it and however often."""

from __future__ import annotations

from datetime import UTC, datetime, time
from hashlib import blake2b
from typing import Final

from flowd.domain.flows import FlowClass
from flowd.domain.json import canonical
from flowd.domain.money import plain
from flowd.domain.records import AccountInfo, Balance, Event, EventRecord, Removal, Trade, Transaction

#: Returns a new hash of 16 bytes with nothing in it yet; a copy takes a third of the time of making one.
empty_hash: Final = blake2b(digest_size=16).copy
#: Where a day without a time of day is put on the time line; its day is kept beside it and is what counts.
NOON = time(12)

_TYPES: Final = {
    Transaction: "transaction",
    Removal: "transaction",
    Trade: "trade",
    Balance: "balance",
    AccountInfo: "account",
}


def digest(*parts: str) -> bytes:
    """Return 16 bytes that stand for `parts`; lengths are part of it, so no two lists of parts read alike."""
    text = "".join(f"{len(part)}:{part}" for part in parts)
    made = empty_hash()
    made.update(text.encode())
    return made.digest()


def subject_of(connection: str, record: EventRecord) -> bytes:
    """Return the key of what `record` is about: equal for every version of the same fact.

    For a transaction without an id this is its fingerprint; the n-th equal row of a batch is told apart later, when the
    batch is written.
    """
    if isinstance(record, Transaction | Removal):
        if record.external_id is not None:
            return digest("transaction", connection, record.account, record.external_id)
        return digest(
            "transaction-row",
            connection,
            record.account,
            record.booked_at.isoformat(),
            plain(record.amount),
            record.asset,
            " ".join(record.counterparty.split()),
            " ".join(record.description.split()),
        )
    if isinstance(record, Trade):
        return digest("trade", connection, record.account, record.external_id)
    if isinstance(record, Balance):
        return digest("balance", connection, record.account, record.asset, record.day.isoformat())
    if isinstance(record, AccountInfo):
        return digest("account", connection, record.account)
    return digest("event", connection, record.type, record.key)


def occurred_at(record: EventRecord) -> datetime | None:
    """Return when what `record` says happened, in UTC (a day alone stands at its noon); None where it has no time."""
    if isinstance(record, AccountInfo):
        return None
    if isinstance(record, Balance):
        return datetime.combine(record.day, NOON, tzinfo=UTC)
    at = record.booked_at if isinstance(record, Transaction) else record.at
    return at if isinstance(at, datetime) else datetime.combine(at, NOON, tzinfo=UTC)


def type_of(record: EventRecord) -> str:
    """Return the event type under which `record` is logged."""
    if isinstance(record, Event):
        return record.type
    return _TYPES[type(record)]


def data_of(record: EventRecord) -> str:
    """Return the canonical JSON text under which `record` is logged; amounts are strings, empty parts are left out."""
    if isinstance(record, Event):
        return canonical(record.data)
    if isinstance(record, Transaction):
        return canonical(_transaction(record))
    if isinstance(record, Removal):
        return canonical({"account": record.account, "id": record.external_id, "removed": True})
    if isinstance(record, Trade):
        return canonical(
            {
                "account": record.account,
                "id": record.external_id,
                "base": record.base,
                "quote": record.quote,
                "side": record.side.value,
                "quantity": plain(record.quantity),
                "price": plain(record.price),
                "fee": plain(record.fee),
                "fee_asset": record.fee_asset,
            }
        )
    if isinstance(record, Balance):
        return canonical(
            {
                "account": record.account,
                "asset": record.asset,
                "day": record.day.isoformat(),
                "amount": plain(record.amount),
            }
        )
    known = {"account": record.account, "name": record.name, "kind": record.kind.value}
    return canonical(known if record.asset is None else {**known, "asset": record.asset})


def _transaction(record: Transaction) -> dict[str, object]:
    data: dict[str, object] = {"account": record.account, "amount": plain(record.amount), "asset": record.asset}
    if record.external_id is not None:
        data["id"] = record.external_id
    if not isinstance(record.booked_at, datetime):
        data["day"] = record.booked_at.isoformat()
    if isinstance(record.kind, FlowClass):
        data["kind"] = record.kind.value
    if record.counterparty:
        data["counterparty"] = record.counterparty
    if record.description:
        data["description"] = record.description
    if record.pending:
        data["pending"] = True
    if record.raw:
        data["raw"] = dict(record.raw)
    return data
