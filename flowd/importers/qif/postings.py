"""A record of a bank's, card's or cash account as a transaction, or as the balance the account began with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, NoReturn

from flowd.api import FlowClass, Transaction
from flowd.importers.delimited.making import TEXT_LIMIT, make_transaction
from flowd.importers.qif.survey import is_opening

#: Categories that Quicken itself gives to what an account earns.
_KINDS: Final = {"_DivInc": FlowClass.DIVIDEND, "_IntInc": FlowClass.INTEREST}
#: How a record says that the bank confirmed it.
_CLEARED: Final = {"x": "reconciled", "r": "reconciled", "*": "cleared", "c": "cleared"}


@dataclass(slots=True)
class Fields:
    """What the lines of one record say, by letter; `splits` are category, memo, amount and percent of each part."""

    date: str = ""
    amount: str = ""
    other_amount: str = ""
    payee: str = ""
    memo: str = ""
    category: str = ""
    number: str = ""
    cleared: str = ""
    address: list[str] = field(default_factory=list)
    splits: list[dict[str, str]] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)


def read_fields(lines: list[str]) -> Fields:
    """Sort the lines of a record; what follows a split's first line belongs to the split."""
    found = Fields()
    splits = found.splits
    for line in lines:
        letter, text = line[0], line[1:].strip()
        if letter == "D":
            # Some programs date the parts of a split too.
            if not splits and not found.date:
                found.date = text
        elif letter == "T":
            found.amount = found.amount or text
        elif letter == "P":
            found.payee = found.payee or text
        elif letter == "M":
            found.memo = f"{found.memo} {text}" if found.memo else text
        elif letter == "L":
            found.category = found.category or text
        elif letter == "N":
            found.number = text
        elif letter == "C":
            found.cleared = text
        elif letter == "S":
            splits.append({"category": text})
        elif letter == "E" and splits:
            splits[-1]["memo"] = text
        elif letter == "$" and splits:
            splits[-1]["amount"] = text
        elif letter == "%" and splits:
            splits[-1]["percent"] = text
        elif letter == "U":
            found.other_amount = text
        elif letter == "A":
            if text:
                found.address.append(text)
        elif text:
            found.rest.append(line)
    return found


def transfer_of(category: str) -> str:
    """Return the account that `category` names as the other side (`[Savings]/class` -> `Savings`), or nothing."""
    if not category.startswith("["):
        return ""
    return " ".join(category[1:].partition("]")[0].split())


@dataclass(kw_only=True)
class Postings:
    """Reads the records of one account; `refuse` and `note` name the line."""

    account: str
    asset: str
    named: str
    read_date: Callable[[str], date | None]
    read_number: Callable[[str], Decimal | None]
    refuse: Callable[[str], NoReturn]
    note: Callable[[str], None]

    def day(self, text: str) -> date:
        """Return the date `text`; refuse the file if it is none."""
        day = self.read_date(text)
        if day is None:
            if not text:
                self.refuse("a record with an amount but without a date (D); correct it, or export again")
            self.refuse(f"the date {text[:40]!r} cannot be read as the others of this file")
        return day

    def amount(self, text: str) -> Decimal:
        """Return the amount `text`; refuse the file if it is none."""
        value = self.read_number(text)
        if value is None:
            self.refuse(f"{text[:40]!r} is not an amount as the others of this file")
        return value

    def opening(self, found: Fields) -> bool:
        """Say whether the record is the balance that the account began with: that is no income."""
        return is_opening(found.payee) and (not found.category or found.category.startswith("["))

    def transaction(self, found: Fields) -> Transaction | None:
        """Return the transaction that `found` states; None for a record without an amount, of which a note is made."""
        text = found.amount or found.other_amount
        if not text:
            if found.splits or found.date:
                self.note("a record without an amount was left out")
            return None
        day, amount = self.day(found.date), self.amount(text)
        raw: dict[str, str] = {}
        kind: FlowClass | None = None
        if found.category:
            raw["category"] = found.category[:TEXT_LIMIT]
            other = transfer_of(found.category)
            if other and other not in {self.account, self.named}:
                kind = FlowClass.TRANSFER
                raw["transfer_account"] = other[:200]
            else:
                kind = _KINDS.get(found.category)
        if found.number:
            raw["number"] = found.number[:200]
        if found.cleared:
            raw["cleared"] = _CLEARED.get(found.cleared.lower(), found.cleared[:20])
        if found.address:
            raw["address"] = "\n".join(found.address)[:TEXT_LIMIT]
        for line in found.rest[:20]:
            raw[f"field {line[0]}"] = line[1:].strip()[:TEXT_LIMIT]
        who, what = found.payee, found.memo
        if len(who) > TEXT_LIMIT or len(what) > TEXT_LIMIT:
            raw["full_text"] = f"{who} {what}".strip()
            who, what = who[:TEXT_LIMIT], what[:TEXT_LIMIT]
        if found.splits:
            return self._split(found, day, amount, kind, who, what, raw)
        return make_transaction(self.account, None, day, amount, self.asset, kind, who, what, False, raw)

    def _split(
        self,
        found: Fields,
        day: date,
        amount: Decimal,
        kind: FlowClass | None,
        who: str,
        what: str,
        raw: dict[str, str],
    ) -> Transaction:
        parts = found.splits
        amounts = [self.amount(part["amount"]) for part in parts if part.get("amount")]
        for part, value in zip((part for part in parts if part.get("amount")), amounts, strict=True):
            part["amount"] = f"{value:f}"
        total = sum(amounts, Decimal())
        if len(amounts) == len(parts) and total != amount:
            self.note(f"the parts of a split make {total}, but the whole is {amount}; the whole counts")
        if not all(transfer_of(part["category"]) for part in parts):
            kind = None if kind is FlowClass.TRANSFER else kind
        return Transaction(
            account=self.account,
            external_id=None,
            booked_at=day,
            amount=amount,
            asset=self.asset,
            kind=kind,
            counterparty=who,
            description=what,
            raw={**raw, "splits": [{key: text for key, text in part.items() if text} for part in parts]},
        )
