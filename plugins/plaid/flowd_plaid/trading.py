"""One entry of an investment account as flowd's record: a trade, a dividend, a fee, money in or out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from flowd.api import FlowClass, RetryLater, Side, Trade, Transaction
from flowd.reading import line
from flowd_plaid.accounts import Account, maybe_currency
from flowd_plaid.securities import Security, unlisted
from flowd_plaid.shape import Shape

_EXACT: Final = Context(prec=40, rounding=ROUND_HALF_EVEN)
_PLACES: Final = Decimal("1e-12")
_NOON: Final = time(12, tzinfo=UTC)
#: Not booked yet, and Plaid gives what is booked another id: it would count twice.
_NOT_YET: Final = frozenset({"pending credit", "pending debit", "request"})
_CASH: Final = {
    "dividend": FlowClass.DIVIDEND,
    "qualified dividend": FlowClass.DIVIDEND,
    "non-qualified dividend": FlowClass.DIVIDEND,
    "long-term capital gain": FlowClass.DIVIDEND,
    "short-term capital gain": FlowClass.DIVIDEND,
    "unqualified gain": FlowClass.DIVIDEND,
    "distribution": FlowClass.DIVIDEND,
    "interest": FlowClass.INTEREST,
    "interest receivable": FlowClass.INTEREST,
    "contribution": FlowClass.DEPOSIT,
    "deposit": FlowClass.DEPOSIT,
    "withdrawal": FlowClass.WITHDRAWAL,
    "loan payment": FlowClass.LOAN,
    "return of principal": FlowClass.FX,
    "tax": FlowClass.EXPENSE,
    "tax withheld": FlowClass.EXPENSE,
    "non-resident tax": FlowClass.EXPENSE,
}
#: Money or securities from outside, or to it; every other `transfer` (splits, mergers, options) stays within.
_FROM_OUTSIDE: Final = frozenset({"transfer", "send", "contribution", "deposit", "withdrawal"})


def entry(item: Shape, own: Mapping[str, Account], listed: Mapping[str, Security]) -> Trade | Transaction | None:
    """Return the record of an entry, None if it moves nothing or is not booked; RetryLater names what is wrong."""
    try:
        return _entry(item, own, listed)
    except (TypeError, ValueError) as error:
        raise RetryLater(f"Plaid's answer to {item.where} cannot be kept: {line(str(error), 200)}") from None


def _entry(item: Shape, own: Mapping[str, Account], listed: Mapping[str, Security]) -> Trade | Transaction | None:
    account, kind, subtype = item.text("account_id"), item.text("type"), item.maybe_text("subtype") or ""
    known = own.get(account)
    quote = maybe_currency(item) or (known.asset if known is not None else None)
    if quote is None:
        raise RetryLater(f"Plaid's answer to {item.where} is not understood: it has no currency")
    if kind == "cancel" or subtype in _NOT_YET:
        return None
    id = item.maybe_text("security_id")  # noqa: A001 - it is nothing else
    security = None if id is None else listed.get(id) or unlisted(id)
    quantity = item.maybe_amount("quantity") or Decimal(0)
    amount = -item.amount("amount")
    if (
        kind in {"buy", "sell"}
        and quantity
        and security is not None
        and not security.is_money
        and security.code != quote
    ):
        return _trade(item, security, quantity, amount, quote)
    moves_units = kind == "transfer" and quantity and security is not None and not security.is_money
    if moves_units and subtype in _FROM_OUTSIDE:
        assert security is not None
        return _transaction(item, quantity, security.code, FlowClass.DEPOSIT if quantity > 0 else FlowClass.WITHDRAWAL)
    return _transaction(item, amount, quote, _class(kind, subtype, amount)) if amount else None


def _trade(item: Shape, security: Security, quantity: Decimal, amount: Decimal, quote: str) -> Trade:
    stated = item.maybe_amount("price") or Decimal(0)
    worth = stated if stated > 0 else _EXACT.divide(abs(amount), abs(quantity)).quantize(_PLACES)
    return Trade(
        account=item.text("account_id"),
        external_id=item.text("investment_transaction_id"),
        at=_moment(item),
        base=security.code,
        quote=quote,
        # A short sale is a sale; its quantity says so where its type is of another opinion.
        side=Side.BUY if quantity > 0 else Side.SELL,
        quantity=abs(quantity),
        price=worth,
        fee=item.maybe_amount("fees") or Decimal(0),
        fee_asset=quote,
    )


def _moment(item: Shape) -> datetime:
    """Return when the order was given; where only the day is stated, its noon."""
    at = item.maybe_moment("transaction_datetime")
    return datetime.combine(item.day("date"), _NOON) if at is None or at.time() == time(0) else at


def _transaction(item: Shape, amount: Decimal, asset: str, kind: FlowClass) -> Transaction:
    stated = {
        "type": item.text("type"),
        "subtype": item.maybe_text("subtype"),
        "security": item.maybe_text("security_id"),
    }
    fees = item.maybe_amount("fees")
    return Transaction(
        account=item.text("account_id"),
        external_id=item.text("investment_transaction_id"),
        booked_at=item.day("date"),
        amount=amount,
        asset=asset,
        kind=kind,
        description=line(item.maybe_text("name") or ""),
        raw={
            **{name: line(value, 100) for name, value in stated.items() if value is not None},
            **({"fee": format(fees, "f")} if fees else {}),
        },
    )


def _class(kind: str, subtype: str, amount: Decimal) -> FlowClass:
    if kind == "fee":
        if amount > 0:
            return FlowClass.REFUND
        # Taxes withheld come as fees, too.
        return FlowClass.EXPENSE if "tax" in subtype else FlowClass.FEE
    if subtype in _CASH:
        return _CASH[subtype]
    if "fee" in subtype or "expense" in subtype:
        return FlowClass.FEE
    if subtype in _FROM_OUTSIDE:
        return FlowClass.DEPOSIT if amount > 0 else FlowClass.WITHDRAWAL
    # Cash for a merger, a split's odd share, an option: one asset became another, nothing was earned or put in.
    return FlowClass.FX
