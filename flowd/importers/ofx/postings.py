"""A bank's posting (`<STMTTRN>`, `<STMTTRNP>`) as a transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NoReturn

from flowd.api import FlowClass, Transaction
from flowd.domain.money import check_asset
from flowd.importers.delimited.making import NAME_LIMIT, TEXT_LIMIT, make_transaction
from flowd.importers.ofx.values import When, read_number, read_when

#: What the type of a posting states. The rest (credit, debit, cheque, card payment, …) says how, not what for.
_KINDS: Final[Mapping[str, FlowClass | None]] = {
    "INT": FlowClass.INTEREST,
    "DIV": FlowClass.DIVIDEND,
    "FEE": FlowClass.FEE,
    "SRVCHG": FlowClass.FEE,
    "XFER": FlowClass.TRANSFER,
    **dict.fromkeys(("CREDIT", "DEBIT", "POS", "ATM", "CHECK", "PAYMENT", "DEP", "CASH", "OTHER", "DIRECTDEBIT")),
}
#: Fields kept beside a transaction, and under which name.
_KEPT: Final = (
    ("CHECKNUM", "check_number"),
    ("REFNUM", "reference"),
    ("SIC", "merchant_code"),
    ("PAYEEID", "payee_id"),
    ("EXTDNAME", "full_name"),
    ("BANKACCTTO/ACCTID", "counterparty_account"),
    ("BANKACCTTO/BANKID", "counterparty_bank"),
    ("CCACCTTO/ACCTID", "counterparty_account"),
    ("PAYEE/CITY", "payee_city"),
    ("PAYEE/COUNTRY", "payee_country"),
    ("CATEGORY", "category"),
    ("INV401KSOURCE", "source"),
)
_SEEN: Final = frozenset(name for name, _ in _KEPT)
_DATES: Final = (("DTUSER", "user_date"), ("DTAVAIL", "available_date"), ("VALUEDATE", "value_date"))
_DATED: Final = frozenset(name for name, _ in _DATES)
_USUAL: Final = frozenset({"TRNTYPE", "DTPOSTED", "TRNAMT", "FITID", "NAME", "MEMO"})

NO_CURRENCY: Final = "the file does not say its currency; give it (`currency: EUR` of the connection, or `--currency`)"
Refuse = Callable[[str], NoReturn]


def number(row: Mapping[str, str], name: str, points: bool, refuse: Refuse) -> Decimal:
    """Return the amount `name` of `row`; refuse the file where it is missing or none."""
    text = row.get(name, "").strip()
    value = read_number(text, points=points)
    if value is None:
        if not text:
            refuse(f"a posting without <{name}>; the file is damaged, download it again")
        refuse(f"<{name}> {text[:40]!r} is not an amount")
    return value


def posted_day(row: Mapping[str, str], name: str, refuse: Refuse) -> When:
    """Return the day `name` of `row`; refuse the file where it is missing or none."""
    text = row.get(name, "")
    when = read_when(text)
    if when is None:
        if not text.strip():
            refuse(f"a posting without <{name}>; the file is damaged, download it again")
        refuse(f"<{name}> {text.strip()[:40]!r} is not a date (expected YYYYMMDD)")
    return when


@dataclass(kw_only=True)
class Postings:
    """Reads the postings of one statement; `named` says that ids can be used, `points` that points are decimal."""

    account: str
    asset: str
    named: bool
    points: bool
    refuse: Refuse

    def transaction(self, row: Mapping[str, str], pending: bool) -> Transaction:
        """Return the transaction that `row` states.

        It is booked on the day the bank says, in the bank's own calendar: a statement's balances count by those days.
        """
        get = row.get
        when = read_when(get("DTPOSTED", ""))
        if when is None:
            when = posted_day(row, "DTTRAN" if "DTTRAN" in row and "DTPOSTED" not in row else "DTPOSTED", self.refuse)
        amount = read_number(get("TRNAMT", "").strip(), points=self.points)
        if amount is None:
            amount = number(row, "TRNAMT", self.points, self.refuse)
        text = get("TRNTYPE", "").strip()
        raw = {"type": text} if text else {}
        try:
            kind = _KINDS[text]
        except KeyError:
            kind = _KINDS.get(text.upper())
            pending = pending or text.upper() == "HOLD"
        if kind is FlowClass.INTEREST and amount < 0:
            # Interest that is paid is a cost; only interest that is taken back would be negative income.
            kind = FlowClass.FEE
        who, what = get("NAME", "").strip(), get("MEMO", "").strip()
        if when.telling:
            raw["posted"] = get("DTPOSTED", "").strip()
        asset = self.asset
        if not row.keys() <= _USUAL:
            asset = _more(row, raw, asset, when, self.refuse)
            who = who or get("PAYEE/NAME", "").strip() or get("EXTDNAME", "").strip()
        elif not asset:
            self.refuse(NO_CURRENCY)
        external = get("FITID", "").strip() if self.named else None
        if external is not None and len(external) > NAME_LIMIT:
            self.refuse(f"the id {external[:40]!r}… is longer than {NAME_LIMIT} characters")
        if len(who) > TEXT_LIMIT or len(what) > TEXT_LIMIT:
            raw["full_text"] = f"{who} {what}".strip()
            who, what = who[:TEXT_LIMIT], what[:TEXT_LIMIT]
        return make_transaction(self.account, external, when.day, amount, asset, kind, who, what, pending, raw)


def _more(row: Mapping[str, str], raw: dict[str, str], asset: str, when: When, refuse: Refuse) -> str:
    """Fill `raw` with what else `row` says, and return the currency its amount is in."""
    for name, title in _KEPT:
        text = row.get(name, "").strip()
        if text and (name != "CHECKNUM" or text.strip("0")):
            raw[title] = text[:TEXT_LIMIT]
    for name, title in _DATES:
        other = read_when(row.get(name, ""))
        if other is not None and other.day != when.day:
            raw[title] = other.day.isoformat()
    unusual = row.keys() - _USUAL - _SEEN - _DATED
    for name in sorted(unusual):
        text = row[name].strip()
        if text and "/" not in name and name not in {"DTTRAN", "SRVRTID", "CORRECTFITID", "CORRECTACTION"}:
            raw[name.lower()[:60]] = text[:TEXT_LIMIT]
    stated = row.get("CURRENCY/CURSYM", "").strip().upper()
    if stated and stated != asset:
        # The amount is in that currency, not yet converted to the account's.
        raw["rate"] = row.get("CURRENCY/CURRATE", "").strip()[:40]
        asset = stated
    original = row.get("ORIGCURRENCY/CURSYM", "").strip().upper()
    if original and original != asset:
        raw["original_currency"] = original[:20]
        raw["original_rate"] = row.get("ORIGCURRENCY/CURRATE", "").strip()[:40]
    if asset:
        checked_asset(asset, refuse)
    else:
        refuse(NO_CURRENCY)
    return asset


def checked_asset(code: str, refuse: Refuse) -> str:
    """Return `code` if it is an asset code; refuse the file else."""
    try:
        return check_asset(code, "the currency")
    except ValueError as error:
        refuse(str(error))
