"""One entry of a CAMT message: what it says, and the payments it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from flowd.api import FlowClass
from flowd.importers.camt.values import reference
from flowd.importers.camt.walk import Fields
from flowd.importers.stated import iban
from flowd.importers.swift.codes import GVC, kind_of
from flowd.importers.swift.details import Details, sepa_parts

#: A piece of text this long was cut, and the next one goes on with it.
_FULL: Final = 140
_IN: Final = {"SALA": FlowClass.SALARY, "DVCA": FlowClass.DIVIDEND, "DVOP": FlowClass.DIVIDEND}
_PURPOSES: Final = {
    "SALA": FlowClass.SALARY,
    "PAYR": FlowClass.SALARY,
    "BONU": FlowClass.SALARY,
    "INTE": FlowClass.INTEREST,
    "DIVD": FlowClass.DIVIDEND,
    "DIVI": FlowClass.DIVIDEND,
}
_FEES: Final = frozenset(("CHRG", "FEES", "COMM", "COMT"))
_KEPT: Final = (
    ("end_to_end", "end_to_end"),
    ("mandate", "mandate"),
    ("creditor_id", "creditor"),
    ("transaction", "transaction"),
    ("uetr", "uetr"),
    ("instruction", "instruction"),
    ("payment", "payment"),
    ("cheque", "cheque"),
    ("purpose", "purpose_code"),
    ("returned", "return_reason"),
)


@dataclass(slots=True, kw_only=True)
class Payment:
    """What one payment is about: the other side, the text, the bank's references and codes."""

    counterparty: str
    description: str
    kind: FlowClass | None
    raw: dict[str, str]


def shares(entry: Fields, details: Sequence[Fields], total: Decimal, asset: str) -> list[Decimal] | None:
    """Return what each of `details` moved, signed, if all say it in `asset` and together they are `total`."""
    if len(details) < 2:
        return None
    amounts: list[Decimal] = []
    signed: list[Decimal] = []
    for detail in details:
        amount = _in_asset(detail, asset)
        if amount is None:
            return None
        amounts.append(amount if total >= 0 else -amount)
        side = detail.get("side", "") or entry.get("side", "")
        signed.append(amount if side == "CRDT" else -amount)
    if sum(signed) == total:
        return signed
    # banks that repeat the payer's view in the details
    return amounts if sum(amounts) == total else None


def _in_asset(detail: Fields, asset: str) -> Decimal | None:
    for name in ("amount", "transacted", "counter", "instructed"):
        text = detail.get(name, "")
        if text and detail.get(f"{name}_asset", "") == asset:
            digits = text.replace(".", "", 1)
            return Decimal(text) if digits.isdecimal() and digits.isascii() and len(digits) <= 30 else None
    return None


def describe(entry: Fields, detail: Fields, own: str, asset: str, amount: Decimal) -> Payment:
    """Return what `entry`, or the one payment `detail` of it, is about."""
    raw: dict[str, str] = {}
    came_in = amount >= 0
    if entry.get("reversal", "").lower() in {"true", "1"}:
        raw["reversal"] = "true"
        # the parties are those of the payment that is taken back
        came_in = not came_in
    who = _other_side(detail, "debtor" if came_in else "creditor", own, raw)
    text = _text(detail, raw)
    if "SVWZ+" in text:
        parts = Details()
        sepa_parts(parts, text)
        text = parts.description
        for name, value in parts.raw.items():
            raw.setdefault(name, value)
    for name, kept in _KEPT:
        if name in detail:
            value = reference(detail, name)
            if value:
                raw[kept] = value
    if "payment" not in raw and "payment" in entry:
        raw["payment"] = entry["payment"]
    code = detail.get("own_code") or entry.get("own_code", "")
    coded = detail if "subfamily" in detail else entry
    family = coded.get("subfamily", "")
    if family:
        raw["code"] = f"{coded.get('domain', '')}/{coded.get('family', '')}/{family}"
    gvc = ""
    if code:
        raw["bank_code"] = code
        gvc = _gvc(code)
    _money(detail, asset, raw)
    _money(entry, asset, raw)
    added = entry.get("added", "")
    if added:
        raw["posting_text"] = added
    description = text or detail.get("added") or added or GVC.get(gvc, "")
    return Payment(
        counterparty=" ".join(who.split()),
        description=" ".join(description.split()),
        kind=_kind(family, detail.get("purpose", ""), gvc, amount),
        raw=raw,
    )


#: For either side: its account, its name, who stands behind it, its bank.
_SIDES: Final = {side: (f"{side}_account", side, f"ultimate_{side}", f"{side}_bank") for side in ("debtor", "creditor")}


def _other_side(detail: Fields, side: str, own: str, raw: dict[str, str]) -> str:
    """Return the other side's name: that of `side`, unless it is the account's own or says nothing."""
    number, name, behind, bank = _SIDES[side]
    account = "".join(detail.get(number, "").split()).upper()
    silent = not (account or name in detail or behind in detail)
    if silent or account == own:
        opposite = _SIDES["creditor" if side == "debtor" else "debtor"]
        other = "".join(detail.get(opposite[0], "").split()).upper()
        if other != own:
            number, name, behind, bank = opposite
            account = other
        elif silent:
            return ""
    if account:
        raw["counterparty_iban" if iban(account) == account else "counterparty_account"] = account
    if bank in detail:
        raw["counterparty_bank"] = detail[bank]
    if behind not in detail:
        return detail.get(name, "")
    if name not in detail:
        return detail[behind]
    raw["on_behalf_of"] = detail[behind]
    return detail[name]


def _text(detail: Fields, raw: dict[str, str]) -> str:
    structured = detail.get("structured", "").replace("\0", " ")
    if structured:
        raw["creditor_reference"] = structured
    text = detail.get("text", "")
    if "\0" in text:
        pieces = text.split("\0")
        return "".join([piece if len(piece) >= _FULL else piece + " " for piece in pieces])
    if text:
        return text
    said = [structured, *(detail.get(name, "").replace("\0", " ") for name in ("remark", "return_text"))]
    return " ".join(filter(str.strip, said))


def _gvc(code: str) -> str:
    """Return the German transaction code in a bank's own code (`NTRF+166+9310`), or nothing."""
    parts = code.split("+")
    return parts[1] if len(parts) > 1 and len(parts[1]) == 3 and parts[1].isdigit() else ""


def _money(where: Fields, asset: str, raw: dict[str, str]) -> None:
    """Keep an amount in another currency, its rate, and charges."""
    for name in ("instructed", "transacted", "amount"):
        if name in where:
            other, text = where.get(f"{name}_asset", ""), where[name]
            if other and other != asset and text.strip("0."):
                raw.setdefault("original_amount", f"{text} {other}")
    if "rate" in where:
        raw.setdefault("rate", where["rate"])
    if "charges" in where and where["charges"].strip("0."):
        raw.setdefault("charges", f"{where['charges']} {where.get('charges_asset', '')}".strip())


def _kind(family: str, purpose: str, gvc: str, amount: Decimal) -> FlowClass | None:
    if amount > 0:
        if family == "INTR":
            return FlowClass.INTEREST
        found = _IN.get(family) or _PURPOSES.get(purpose)
        if found is not None:
            return found
    elif family in _FEES:
        return FlowClass.FEE
    return kind_of(gvc, "", amount)
