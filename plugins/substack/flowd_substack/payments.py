"""Reads what moved in the Stripe account that Substack pays through: net of Substack's and Stripe's fees."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from flowd.api import AccountInfo, AccountKind, FlowClass, Hints, Json, Record, Transaction
from flowd_substack.subscribers import moment

_ACCOUNT: Final = "substack"
#: Nothing but this is an amount: digits, in groups of three or none, and a point.
_AMOUNT: Final = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d{1,24})(?:\.\d{1,6})?", re.ASCII)
#: How Stripe describes the charges of a subscription, and the refunds of them.
_SUBSCRIBED: Final = re.compile(r"\bSubscription (?:creation|update|cycle)\b", re.IGNORECASE)
_SALES: Final = frozenset(
    {
        "charge",
        "charge_failure",
        "dispute",
        "dispute_reversal",
        "partial_capture_reversal",
        "payment",
        "payment_failure_refund",
        "payment_refund",
        "payment_reversal",
        "refund",
        "refund_failure",
    }
)
_CLASSES: Final = {
    "payout": FlowClass.TRANSFER,
    "payout_cancel": FlowClass.TRANSFER,
    "payout_failure": FlowClass.TRANSFER,
    "payout_reversal": FlowClass.TRANSFER,
    "topup": FlowClass.TRANSFER,
    "topup_reversal": FlowClass.TRANSFER,
    "reserve_transaction": FlowClass.TRANSFER,
    "reserved_funds": FlowClass.TRANSFER,
    "risk_reserved_funds": FlowClass.TRANSFER,
    "stripe_fee": FlowClass.FEE,
    "stripe_fx_fee": FlowClass.FEE,
    "tax_fee": FlowClass.FEE,
    "fee": FlowClass.FEE,
    "tax": FlowClass.FEE,
    "network_cost": FlowClass.FEE,
}
#: What Stripe, before 2017, called a payout.
_TO_BANK: Final = ("STRIPE TRANSFER", "STRIPE PAYOUT")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """What the columns of a table are called."""

    id: str
    type: str
    gross: str
    fee: str
    net: str
    currency: str
    at: str
    #: A column without which it is another one's table.
    more: str


#: "All activity" of Stripe's balance, and the report "Balance change from activity".
_TABLES: Final = (
    _Columns(
        id="id",
        type="type",
        gross="amount",
        fee="fee",
        net="net",
        currency="currency",
        at="created (utc)",
        more="available on (utc)",
    ),
    _Columns(
        id="balance_transaction_id",
        type="reporting_category",
        gross="gross",
        fee="fee",
        net="net",
        currency="currency",
        at="created_utc",
        more="description",
    ),
)


def reader(columns: Sequence[str], hints: Hints) -> Callable[[Mapping[str, str]], Iterator[Record]] | None:
    """Return what reads a table with such columns; None where it is none of Stripe's balance."""
    for one in _TABLES:
        needed = {one.id, one.type, one.gross, one.fee, one.net, one.currency, one.at, one.more}
        if needed <= set(columns):
            return _Reader(one, hints.account or _ACCOUNT)
    return None


class _Reader:
    def __init__(self, columns: _Columns, account: str) -> None:
        self._columns = columns
        self._account = account
        self._named = False

    def __call__(self, row: Mapping[str, str]) -> Iterator[Record]:
        if not self._named:
            self._named = True
            yield AccountInfo(account=self._account, name="Substack, paid by Stripe", kind=AccountKind.PAYOUT)
        columns = self._columns
        gross, fee, net = (_amount(row[name], name) for name in (columns.gross, columns.fee, columns.net))
        if gross - fee != net:
            raise ValueError(f"{gross} less {fee} is not {net}")
        currency, id_ = row[columns.currency].upper(), row[columns.id]
        if not re.fullmatch("[A-Z]{3}", currency):
            raise ValueError(f"the currency is {currency!r:.40}")
        if not re.fullmatch(r"txn_\w{1,100}", id_, re.ASCII):
            raise ValueError(f"{columns.id} is {id_!r:.40}, which is no id of Stripe's")
        description = " ".join(row.get("description", "").split())[:1000]
        raw: dict[str, Json] | None = {"gross": str(gross), "fee": str(fee)} if fee else None
        yield Transaction(
            account=self._account,
            external_id=id_,
            booked_at=moment(row[columns.at]),
            amount=net,
            asset=currency,
            kind=_class_of(row[columns.type].lower(), description),
            description=description,
            raw=raw,
        )


def _class_of(type_: str, description: str) -> FlowClass | None:
    """Return what a row is; None where Stripe's word is not known, so that flowd judges by its text."""
    if type_ in _SALES or (type_ == "adjustment" and description.lower().startswith("chargeback")):
        return FlowClass.MRR if _SUBSCRIBED.search(description) else FlowClass.OTHER
    if type_ == "transfer" and description in _TO_BANK:
        return FlowClass.TRANSFER
    return _CLASSES.get(type_)


def _amount(told: str, column: str) -> Decimal:
    if not _AMOUNT.fullmatch(told):
        raise ValueError(f"{column} is {told!r:.40}, which is no amount")
    return Decimal(told.replace(",", ""))
