"""One transaction of Plaid as flowd's record: the sign turned, the day it was booked, who was paid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flowd.api import Json, RetryLater, Transaction
from flowd.reading import line
from flowd_plaid.accounts import Account, maybe_currency
from flowd_plaid.categories import flow_class
from flowd_plaid.shape import Shape

_BEST_FIRST: Final = ("VERY_HIGH", "HIGH", "MEDIUM", "LOW", "UNKNOWN")


def transaction(item: Shape, known: Mapping[str, Account]) -> Transaction:
    """Return the record of a transaction of /transactions/sync; RetryLater names what is not understood.

    Plaid's positive is money going out. It is booked on `date`, the day the bank states, without the time in
    `datetime`: that may be a made-up midnight, and in another zone another day. When it was authorised is in `raw`.
    """
    account = known.get(item.text("account_id"))
    amount = -item.amount("amount")
    asset = maybe_currency(item) or (account.asset if account is not None else None)
    if asset is None:
        raise RetryLater(f"Plaid's answer to {item.where} is not understood: it has no currency")
    category = item.maybe_inner("personal_finance_category")
    pending = item.flag("pending")
    try:
        return Transaction(
            account=item.text("account_id"),
            external_id=item.text("transaction_id"),
            booked_at=item.day("date"),
            amount=amount,
            asset=asset,
            kind=flow_class(category, account.type if account is not None else "", amount),
            counterparty=_counterparty(item, incoming=amount > 0),
            description=line(item.maybe_text("original_description") or item.maybe_text("name") or ""),
            pending=pending,
            raw=_raw(item, category),
        )
    except (TypeError, ValueError) as error:
        raise RetryLater(f"Plaid's answer to {item.where} cannot be kept: {line(str(error), 200)}") from None


def replaced(item: Shape) -> str | None:
    """Return the id of the pending transaction that this booked one takes the place of, if Plaid names one."""
    return None if item.flag("pending") else item.maybe_text("pending_transaction_id")


def _counterparty(item: Shape, *, incoming: bool) -> str:
    if merchant := item.maybe_text("merchant_name"):
        return line(merchant, 200)
    named = [
        (_rank(other.maybe_text("confidence_level")), other.maybe_text("name"))
        for other in item.maybe_each("counterparties")
    ]
    for _, name in sorted(named, key=lambda one: one[0]):
        if name:
            return line(name, 200)
    meta = item.maybe_inner("payment_meta")
    return line((meta.maybe_text("payer" if incoming else "payee") if meta is not None else None) or "", 200)


def _rank(level: str | None) -> int:
    return _BEST_FIRST.index(level) if level in _BEST_FIRST else len(_BEST_FIRST)


def _raw(item: Shape, category: Shape | None) -> Mapping[str, Json]:
    stated = {
        "category": category.maybe_text("detailed") if category is not None else None,
        "confidence": category.maybe_text("confidence_level") if category is not None else None,
        "authorized": item.maybe_text("authorized_datetime") or item.maybe_text("authorized_date"),
        "datetime": item.maybe_text("datetime"),
        "channel": item.maybe_text("payment_channel"),
        "check": item.maybe_text("check_number"),
        "was_pending": item.maybe_text("pending_transaction_id"),
    }
    return {name: line(value, 200) for name, value in stated.items() if value is not None}
