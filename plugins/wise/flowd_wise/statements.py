"""Reads balance statements: every row is booked, with its fee inside its amount."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from flowd.api import Context, FlowClass, Json, RetryLater, Transaction
from flowd_wise.balances import Balance, Profile
from flowd_wise.client import Client, told
from flowd_wise.shape import listed, moment, money, needed, text, thing, word

#: What `details.type` says where it is clear; else flowd judges by the text.
_CLASSES: Final = {
    "CONVERSION": FlowClass.FX,
    "INCOMING_CROSS_BALANCE": FlowClass.TRANSFER,
    "OUTGOING_CROSS_BALANCE": FlowClass.TRANSFER,
    "MONEY_ADDED": FlowClass.TRANSFER,
    "INVESTMENT_TRADE_ORDER": FlowClass.TRANSFER,
    "BALANCE_INTEREST": FlowClass.INTEREST,
    "BALANCE_CASHBACK": FlowClass.REBATE,
    "CARD_CASHBACK": FlowClass.REBATE,
    "ACCRUAL_CHARGE": FlowClass.FEE,
    "ACQUIRING_PAYMENT": FlowClass.OTHER,
}


def statement(
    client: Client, profile: Profile, balance: Balance, start: datetime, end: datetime, ctx: Context
) -> list[Transaction]:
    """Return what was booked in `balance` from `start` to `end`, at most a year."""
    where = f"/v1/profiles/{profile.id}/balance-statements/{balance.id}/statement.json"
    params = {
        "currency": balance.currency,
        "intervalStart": told(start),
        "intervalEnd": told(end),
        "type": "COMPACT",
    }
    answer = thing(client.get(where, params, ctx), where)
    found = [
        _transaction(thing(one, f"row {at} of {where}"), balance, f"row {at} of {where}")
        for at, one in enumerate(listed(needed(answer, "transactions", where), where), 1)
    ]
    return _told_apart(found)


def key(reference: str, *, comes_in: bool) -> str:
    """Return the id of a row: Wise's reference, and which way the money went (a card's refund has the same one)."""
    return f"{reference[:160]}:{'CREDIT' if comes_in else 'DEBIT'}"


def _transaction(row: Mapping[str, object], balance: Balance, where: str) -> Transaction:
    amount, currency = money(row, "amount", where)
    direction = word(row, "type", where)
    if direction not in {"CREDIT", "DEBIT"} or (amount != 0 and (amount > 0) is not (direction == "CREDIT")):
        raise RetryLater(f"{where} is a {direction!r:.20} of {amount}")
    details = row.get("details")
    details = details if isinstance(details, Mapping) else {}
    type_ = text(details.get("type"))
    raw: dict[str, Json] = {"type": type_}
    if row.get("totalFees") is not None:
        fee, fee_currency = money(row, "totalFees", where)
        if fee and fee_currency == currency:
            raw |= {"gross": str(amount + fee), "fee": str(fee)}
    try:
        return Transaction(
            account=balance.id,
            external_id=key(word(row, "referenceNumber", where), comes_in=direction == "CREDIT"),
            booked_at=moment(row, "date", where),
            amount=amount,
            asset=currency,
            kind=_class_of(type_, amount),
            counterparty=_counterparty(details),
            description=_words(details),
            raw=raw,
        )
    except ValueError as problem:
        raise RetryLater(f"{where}: {problem}") from None


def _class_of(type_: str, amount: Decimal) -> FlowClass | None:
    if type_ == "CARD":
        return FlowClass.EXPENSE if amount <= 0 else FlowClass.REFUND
    return _CLASSES.get(type_)


def _counterparty(details: Mapping[str, object]) -> str:
    for name in ("merchant", "recipient"):
        part = details.get(name)
        if isinstance(part, Mapping) and (found := text(part.get("name"))):
            return found
    return text(details.get("senderName"))


def _words(details: Mapping[str, object]) -> str:
    words = (details.get("description"), details.get("paymentReference"))
    return " · ".join(dict.fromkeys(found for one in words if (found := text(one))))


def _told_apart(found: list[Transaction]) -> list[Transaction]:
    """Give rows that Wise calls the same each their moment too; the earliest keeps the plain name."""
    apart: dict[str | None, Transaction] = {}
    for one in sorted(found, key=lambda row: str(row.booked_at)):
        first = apart.setdefault(one.external_id, one)
        if first != one:
            named = f"{one.external_id}:{one.booked_at}"
            apart[named] = replace(one, external_id=named)
    return list(apart.values())
