"""Reads PayPal's reports: a row becomes a transaction of its net amount, with gross and fee kept beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from flowd.api import Json, RetryLater, Transaction
from flowd.reading import decimal, line
from flowd_paypal.codes import NOTHING_MOVED, class_of

ACCOUNT: Final = "paypal"
_DENIED: Final = "D"
_PENDING: Final = "P"


def needed(told: object, name: str, where: str) -> object:
    """Return a field; RetryLater where it is not there."""
    if not isinstance(told, Mapping) or told.get(name) is None:
        raise RetryLater(f"{where} has no {name}")
    return told[name]


def money(told: object, where: str) -> tuple[Decimal, str]:
    """Read an amount with its currency; RetryLater where it is none."""
    amount, currency = decimal(needed(told, "value", where), where), str(needed(told, "currency_code", where))
    if len(currency) != 3:
        raise RetryLater(f"{where} has the amount {amount} in {currency!r:.10}")
    return amount, currency


def moment(told: object, where: str) -> datetime:
    """Read a time with its zone; RetryLater where it is none."""
    try:
        at = datetime.fromisoformat(str(told))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise RetryLater(f"{where} has {told!r:.40} where a time should be")
    return at


def transactions(details: object) -> Iterator[Transaction]:
    """Yield what moved money, in PayPal's order; RetryLater where a row is not as documented."""
    if not isinstance(details, list):
        raise RetryLater("PayPal's report has no transaction_details")
    for number, one in enumerate(details, 1):
        found = _transaction(one, f"transaction {number} of PayPal's report")
        if found is not None:
            yield found


def _transaction(told: object, where: str) -> Transaction | None:
    info = needed(told, "transaction_info", where)
    assert isinstance(told, Mapping)
    code, status = str(needed(info, "transaction_event_code", where)), str(needed(info, "transaction_status", where))
    if status == _DENIED or code.startswith(NOTHING_MOVED):
        return None
    assert isinstance(info, Mapping)
    gross, currency = money(needed(info, "transaction_amount", where), where)
    fee = Decimal(0)
    if info.get("fee_amount") is not None:
        fee, fee_currency = money(info["fee_amount"], where)
        if fee_currency != currency:
            raise RetryLater(f"{where} has a fee in {fee_currency} on an amount in {currency}")
    raw: dict[str, Json] = {"code": code, "status": status}
    if fee:
        raw |= {"gross": str(gross), "fee": str(fee)}
    try:
        return Transaction(
            account=ACCOUNT,
            # One payment may have lines of several sorts under one id.
            external_id=f"{needed(info, 'transaction_id', where)}:{code}",
            booked_at=moment(needed(info, "transaction_initiation_date", where), where),
            # PayPal states fees below zero.
            amount=gross + fee,
            asset=currency,
            kind=class_of(code, comes_in=gross >= 0),
            counterparty=_name(told.get("payer_info")),
            description=_words(info),
            pending=status == _PENDING,
            raw=raw,
        )
    except ValueError as problem:
        raise RetryLater(f"{where}: {problem}") from None


def _name(payer: object) -> str:
    if not isinstance(payer, Mapping):
        return ""
    name = payer.get("payer_name")
    told = name.get("alternate_full_name") if isinstance(name, Mapping) else None
    return line(told or payer.get("email_address"))


def _words(info: Mapping[object, object]) -> str:
    words = (info.get("transaction_subject"), info.get("transaction_note"), info.get("invoice_id"))
    return " · ".join(dict.fromkeys(text for word in words if (text := line(word))))
