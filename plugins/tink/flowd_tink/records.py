"""What Tink says of accounts and transactions, as flowd's records: pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from flowd.api import AccountInfo, AccountKind, FlowClass, Json, Snapshot, Transaction
from flowd.reading import day, needed, part, text
from flowd_tink.shape import money

_KINDS: Final = {
    "CREDIT_CARD": AccountKind.CARD,
    "INVESTMENT": AccountKind.BROKER,
    "PENSION": AccountKind.BROKER,
}
#: What comes into these pays a debt off, which is no income whatever its text says.
_LENT: Final = frozenset({"LOAN", "MORTGAGE"})
_TEXT: Final = 1_000
_NAME: Final = 200


def account_id(account: Mapping[str, object]) -> str:
    """Return Tink's own id of an account, which stays while its user stays."""
    return needed(account, "id", "/data/v2/accounts")[:_NAME]


def is_lent(account: Mapping[str, object]) -> bool:
    """Say whether an account is a debt."""
    return text(account, "type") in _LENT


def account_info(account: Mapping[str, object]) -> AccountInfo:
    """Name an account as its bank does, with the last four digits of its number and never more of it."""
    number = (
        text(part(account, "identifiers", "iban"), "iban")
        or text(part(account, "identifiers", "pan"), "masked")
        or text(part(account, "identifiers", "financialInstitution"), "accountNumber")
    )
    last = "".join(number.split())[-4:]
    name = text(account, "name") or text(account, "type").replace("_", " ").capitalize() or "Account"
    # Some banks call an account by its number.
    if len(last) == 4 and last in name.replace(" ", "") and sum(sign.isdigit() for sign in name) > 6:
        name = "Account"
    shown = f"{name[: _NAME - 8]} ••{last}" if len(last) == 4 else name[:_NAME]
    balance = _balance(account)
    asset = balance[1] if balance is not None else None
    return AccountInfo(
        account=account_id(account),
        name=shown,
        kind=_KINDS.get(text(account, "type"), AccountKind.BANK),
        asset=asset,
    )


def snapshot(account: Mapping[str, object], at: datetime) -> Snapshot | None:
    """Return what an account holds: its booked balance, else the available one, None where neither is given."""
    balance = _balance(account)
    if balance is None:
        return None
    return Snapshot(account=account_id(account), asset=balance[1], quantity=balance[0], at=at)


def transaction(row: Mapping[str, object], *, lent: bool = False) -> Transaction | None:
    """Return a transaction; None for one that is only reserved and has no name of its bank's, which may never come.

    `lent` says that its account is a debt.
    """
    where = "/data/v2/transactions"
    amount, asset = money(row.get("amount"), f"{where} (amount)")
    name = text(part(row, "identifiers"), "providerTransactionId")
    pending = _is_pending(row)
    if pending and not name:
        return None
    who, what = _texts(row, incoming=amount > 0)
    return Transaction(
        account=needed(row, "accountId", where)[:_NAME],
        external_id=(name or needed(row, "id", where))[:_NAME],
        booked_at=_day(row, where),
        amount=amount,
        asset=asset,
        kind=FlowClass.LOAN if lent else None,
        counterparty=who,
        description=what,
        pending=pending,
        raw=_raw(row),
    )


def _balance(account: Mapping[str, object]) -> tuple[Decimal, str] | None:
    for kind in ("booked", "available"):
        amount = part(account, "balances", kind).get("amount")
        if amount is not None:
            return money(amount, f"/data/v2/accounts ({kind} balance)")
    return None


def _is_pending(row: Mapping[str, object]) -> bool:
    status = text(row, "status")
    if status == "BOOKED":
        return False
    # Where Tink does not know, a day of booking says that it was booked.
    return status == "PENDING" or not text(part(row, "dates"), "booked")


def _day(row: Mapping[str, object], where: str) -> date:
    dates = part(row, "dates")
    found = (
        text(dates, "booked")
        or text(row, "bookedDateTime")
        or text(dates, "value")
        or text(dates, "transaction")
        or text(row, "transactionDateTime")
    )
    return day(found, f"{where} (dates)")


def _texts(row: Mapping[str, object], *, incoming: bool) -> tuple[str, str]:
    parties = part(row, "counterparties")
    who = (
        text(part(parties, "payer" if incoming else "payee"), "name")
        or text(part(row, "merchantInformation"), "merchantName")
        or text(part(row, "descriptions"), "display")
    )
    lines = [
        text(part(row, "descriptions"), "original"),
        text(part(row, "descriptions", "detailed"), "unstructured"),
        text(row, "reference"),
    ]
    said = list(dict.fromkeys(line for line in lines if line)) or [text(part(row, "descriptions"), "display")]
    return who[:_TEXT], " · ".join(said)[:_TEXT]


def _raw(row: Mapping[str, object]) -> Mapping[str, Json] | None:
    kept: dict[str, Json] = {
        "type": text(part(row, "types"), "type"),
        "bank_type": text(part(row, "types"), "financialInstitutionTypeCode"),
        "merchant_category": text(part(row, "merchantInformation"), "merchantCategoryCode"),
        "category": text(part(row, "categories", "pfm"), "name"),
        "value_day": text(part(row, "dates"), "value"),
    }
    return {name: value for name, value in kept.items() if value} or None
