"""What Enable Banking says of accounts, balances and transactions, as flowd's records: pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Final

from flowd.api import AccountInfo, AccountKind, FlowClass, Json, Snapshot, Transaction
from flowd.reading import clean, currency, day, decimal, mapping, needed, part, text

_TEXT: Final = 1_000
_NAME: Final = 200
_KINDS: Final = {"CARD": AccountKind.CARD, "CASH": AccountKind.CASH}
#: What is booked by now comes first, then what is expected, then what could be spent.
_BALANCES: Final = ("ITBD", "CLBD", "VALU", "XPCD", "ITAV", "CLAV", "OPBD", "PRCD", "OTHR", "INFO")
#: What the bank itself calls it, by the last part of ISO 20022's transaction code.
_COMES_IN: Final = {"SALA": FlowClass.SALARY, "INTR": FlowClass.INTEREST, "DVCA": FlowClass.DIVIDEND}
_GOES_OUT: Final = {"CHRG": FlowClass.FEE, "COMM": FlowClass.FEE, "FEES": FlowClass.FEE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of one session: `uid` is its name there, `id` the one that outlasts the session."""

    id: str
    uid: str
    name: str
    kind: str
    currency: str

    @property
    def unit(self) -> str:
        """What is read at once: accounts in several currencies share a number, and so an id."""
        return f"{self.id}|{self.currency}"

    def info(self, *, shared: bool) -> AccountInfo:
        """Return what is shown of it; `shared` says that its number has several currencies."""
        return AccountInfo(
            account=self.id,
            name=self.name,
            kind=_KINDS.get(self.kind, AccountKind.BANK),
            asset=None if shared else self.currency or None,
        )

    def stored(self) -> Mapping[str, Json]:
        """Return it as it is kept with the session."""
        return {"id": self.id, "uid": self.uid, "name": self.name, "kind": self.kind, "currency": self.currency}


def account(data: Mapping[str, object]) -> Account:
    """Read an account of a new session; `uid` is empty where the bank does not let it be read."""
    where = "/sessions (accounts)"
    ids = part(data, "account_id")
    number = text(ids, "iban") or text(part(ids, "other"), "identification")
    currency = text(data, "currency").upper()
    return Account(
        id=_short(needed(data, "identification_hash", where)),
        uid=text(data, "uid"),
        name=_named(text(data, "details") or text(data, "product") or "Account", number),
        kind=text(data, "cash_account_type"),
        currency=currency if currency.isascii() and currency.isalnum() and len(currency) <= 12 else "",
    )


def stored_account(data: object) -> Account | None:
    """Read an account as `stored` wrote it; None where it is something else."""
    if not isinstance(data, Mapping):
        return None
    found = {name: clean(data.get(name)) for name in ("id", "uid", "name", "kind", "currency")}
    return Account(**found) if found["id"] and found["name"] else None


def snapshots(one: Account, balances: Sequence[Mapping[str, object]], at: datetime) -> list[Snapshot]:
    """Return one reading for each currency: of its balances the one nearest to what is booked now."""
    where = "/accounts/{uid}/balances"
    best: dict[str, tuple[int, Decimal]] = {}
    for balance in balances:
        kind = text(balance, "balance_type")
        if kind not in _BALANCES:
            continue
        quantity, asset = _money(balance.get("balance_amount"), f"{where} (balance_amount)")
        rank = _BALANCES.index(kind)
        if asset not in best or rank < best[asset][0]:
            best[asset] = (rank, quantity)
    return [Snapshot(account=one.id, asset=asset, quantity=found, at=at) for asset, (_, found) in best.items()]


def transaction(one: Account, row: Mapping[str, object]) -> Transaction | None:
    """Return a booked transaction; None for what is only announced, reserved, refused or taken back."""
    where = "/accounts/{uid}/transactions"
    status = text(row, "status")
    if status != "BOOK" and not (status == "OTHR" and text(row, "booking_date")):
        return None
    amount, asset = _money(row.get("transaction_amount"), f"{where} (transaction_amount)")
    incoming = needed(row, "credit_debit_indicator", where) == "CRDT"
    # Some banks sign the amount as well: the indicator alone says the direction.
    amount = amount.copy_abs() if incoming or not amount else amount.copy_abs().copy_negate()
    booked = day(
        text(row, "booking_date") or text(row, "value_date") or text(row, "transaction_date"), f"{where} (booking_date)"
    )
    code = part(row, "bank_transaction_code")
    who, what = _texts(row, code, incoming=incoming)
    reference = text(row, "entry_reference")
    return Transaction(
        account=one.id,
        # A reference alone is not enough: some banks give one to all parts of a batch, or the same again each month.
        external_id=_short(f"{reference}/{booked}/{_plain(amount)} {asset}") if reference else None,
        booked_at=booked,
        amount=amount,
        asset=asset,
        kind=(_COMES_IN if incoming else _GOES_OUT).get(text(code, "sub_code")),
        counterparty=who,
        description=what,
        raw=_raw(row, code),
    )


def _texts(row: Mapping[str, object], code: Mapping[str, object], *, incoming: bool) -> tuple[str, str]:
    who = text(part(row, "debtor" if incoming else "creditor"), "name")
    remittance = row.get("remittance_information")
    lines = [clean(line) for line in remittance] if isinstance(remittance, list) else [clean(remittance)]
    lines += [text(row, "reference_number"), text(row, "note")]
    said = " ".join(dict.fromkeys(line for line in lines if line)) or text(code, "description")
    return (who or said)[:_TEXT], said[:_TEXT]


def _raw(row: Mapping[str, object], code: Mapping[str, object]) -> Mapping[str, Json] | None:
    kept: dict[str, Json] = {
        "code": "/".join(filter(None, (text(code, "code"), text(code, "sub_code")))),
        "code_text": text(code, "description")[:_TEXT],
        "merchant_category": text(row, "merchant_category_code"),
        "value_day": text(row, "value_date"),
    }
    return {name: value for name, value in kept.items() if value} or None


def _named(name: str, number: str) -> str:
    last = "".join(number.split())[-4:]
    # Some banks call an account by its number.
    if sum(sign.isdigit() for sign in name) > 6:
        name = "Account"
    if len(last) < 4 or last in name:
        return name[:_NAME]
    return f"{name[: _NAME - 8]} ••{last}"


def _plain(amount: Decimal) -> str:
    """Write an amount so that 12.3 and 12.30 are the same."""
    written = format(amount, "f")
    return (written.rstrip("0").rstrip(".") if "." in written else written) or "0"


def _short(name: str) -> str:
    """Return a name that the store takes: a long one by its digest."""
    return name if len(name) <= _NAME else blake2b(name.encode(), digest_size=16).hexdigest()


def _money(value: object, where: str) -> tuple[Decimal, str]:
    """Read an amount with its currency, both as written."""
    parts = mapping(value, where)
    return decimal(parts.get("amount"), where), currency(parts, "currency", where)
