"""What TrueLayer says of accounts, cards and their transactions, as flowd's records: pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from flowd.api import AccountInfo, AccountKind, FlowClass, Json, RetryLater, Snapshot, Transaction
from flowd.reading import currency, decimal, maybe_decimal, moment, needed, part, text
from flowd_truelayer.settings import CardAmounts

_TEXT: Final = 1_000
_NAME: Final = 200
#: What the bank itself calls income or a fee.
_COMES_IN: Final = {
    "INTEREST": FlowClass.INTEREST,
    "DIVIDEND": FlowClass.DIVIDEND,
    "CASHBACK": FlowClass.REBATE,
    # What was paid for, and came back.
    "PURCHASE": FlowClass.REFUND,
    "DIRECT_DEBIT": FlowClass.REFUND,
    "CORRECTION": FlowClass.REFUND,
}
_GOES_OUT: Final = {"FEE_CHARGE": FlowClass.FEE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account or a card, and how its amounts are signed."""

    id: str
    info: AccountInfo
    path: str
    is_card: bool
    owed: bool

    def snapshot(self, balance: Mapping[str, object], at: datetime) -> Snapshot:
        """Return what it holds; what is owed on a card is negative."""
        where = f"{self.path}/balance"
        current = maybe_decimal(balance.get("current"))
        if current is None:
            overdraft = maybe_decimal(balance.get("overdraft")) or Decimal(0)
            current = decimal(balance.get("available"), f"{where} (available)") - overdraft
        elif self.is_card and _is_debt(current, balance):
            # copy_negate, for arithmetic would round to the 28 digits of the context
            current = current.copy_negate() if current else current
        return Snapshot(account=self.id, asset=currency(balance, "currency", where), quantity=current, at=at)

    def transaction(self, row: Mapping[str, object]) -> Transaction:
        """Return a booked transaction, named as its bank names it, or not at all.

        TrueLayer's own `transaction_id` is made of the text and the amount and changes with them.
        """
        where = f"{self.path}/transactions"
        amount = signed(decimal(row.get("amount"), f"{where} (amount)"), text(row, "transaction_type"), owed=self.owed)
        meta = part(row, "meta")
        name = text(row, "normalised_provider_transaction_id") or text(row, "provider_transaction_id")
        said = text(row, "description")
        reference = text(meta, "provider_reference")
        who = text(row, "merchant_name") or text(meta, "counter_party_preferred_name")
        category = text(row, "transaction_category")
        return Transaction(
            account=self.id,
            external_id=name[:_NAME] or None,
            booked_at=_booked(text(row, "timestamp"), f"{where} (timestamp)"),
            amount=amount,
            asset=currency(row, "currency", where),
            kind=(_COMES_IN if amount > 0 else _GOES_OUT).get(category),
            counterparty=(who or said)[:_TEXT],
            description=(f"{said} · {reference}" if reference and reference not in said else said)[:_TEXT],
            raw=_raw(row, category),
        )


def account(data: Mapping[str, object]) -> Account:
    """Read an account."""
    where = "/data/v1/accounts"
    id_ = needed(data, "account_id", where)[:_NAME]
    numbers = part(data, "account_number")
    known = text(numbers, "iban") or text(numbers, "number")
    info = AccountInfo(
        account=id_,
        name=_named(text(data, "display_name") or "Account", known),
        kind=AccountKind.BANK,
        asset=currency(data, "currency", where) if text(data, "currency") else None,
    )
    return Account(id=id_, info=info, path=f"{where}/{id_}", is_card=False, owed=False)


def card(data: Mapping[str, object], amounts: CardAmounts) -> Account:
    """Read a card; `amounts` says how its transactions are signed."""
    where = "/data/v1/cards"
    id_ = needed(data, "account_id", where)[:_NAME]
    info = AccountInfo(
        account=id_,
        name=_named(text(data, "display_name") or "Card", text(data, "partial_card_number")),
        kind=AccountKind.CARD,
        asset=currency(data, "currency", where) if text(data, "currency") else None,
    )
    mock = "mock" in text(part(data, "provider"), "provider_id").lower().split("-")
    owed = amounts is CardAmounts.OWED or (amounts is CardAmounts.AUTO and not mock)
    return Account(id=id_, info=info, path=f"{where}/{id_}", is_card=True, owed=owed)


def signed(amount: Decimal, label: str, *, owed: bool) -> Decimal:
    """Return `amount` with the sign it has for its holder: positive came in.

    On accounts, and on the cards of the mock bank, TrueLayer's sign is the holder's, whatever the label says: the mock
    bank calls a purchase of -60.00 a CREDIT. Real cards count what is `owed`: a purchase is a DEBIT of +60.00 and a
    payment a CREDIT, so there the label decides, and without one the sign is turned round.
    """
    if not owed:
        return amount
    if label == "CREDIT":
        return amount.copy_abs()
    if label == "DEBIT":
        return amount.copy_abs().copy_negate() if amount else amount
    return amount.copy_negate() if amount else amount


def _booked(value: str, where: str) -> datetime | date:
    """Read when something was booked: a day where the time is midnight, which is how a bank's day alone is written."""
    at = moment(value)
    if at is None or not 1900 < at.year < 2200:
        raise RetryLater(f"{where} is not as documented: {value[:40]!r} is no time")
    return at.date() if at.timetz().replace(tzinfo=None) == time(0) else at


def _is_debt(current: Decimal, balance: Mapping[str, object]) -> bool:
    """Say whether a card's balance counts what is owed, as documented; its limit and what is left of it prove it."""
    limit, available = maybe_decimal(balance.get("credit_limit")), maybe_decimal(balance.get("available"))
    if limit is None or available is None:
        return True
    used = limit - available
    return abs(used - current) <= abs(used + current)


def _named(name: str, number_: str) -> str:
    last = "".join(number_.split())[-4:]
    # Some banks call an account by its number.
    if sum(sign.isdigit() for sign in name) > 6:
        name = "Account"
    if len(last) < 4 or last in name:
        return name[:_NAME]
    return f"{name[: _NAME - 8]} ••{last}"


def _raw(row: Mapping[str, object], category: str) -> Mapping[str, Json] | None:
    kept: dict[str, Json] = {
        "type": text(row, "transaction_type"),
        "category": category,
        "bank_category": text(part(row, "meta"), "provider_transaction_category"),
    }
    return {name: value for name, value in kept.items() if value} or None
