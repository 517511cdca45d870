"""One account of an answer as flowd's records: its balance, its holdings, its transactions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_EVEN, Decimal
from decimal import Context as Arithmetic
from hashlib import blake2b
from typing import Final
from urllib.parse import urlsplit

from flowd.api import AccountInfo, FlowClass, Json, Rate, Record, RetryLater, Snapshot, Transaction
from flowd_simplefin.config import Sort
from flowd_simplefin.shape import Shape, clean

_EXACT: Final = Arithmetic(prec=80, rounding=ROUND_HALF_EVEN)
_PLACES: Final = Decimal("1e-12")
_SYMBOL: Final = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,29}")
_NOT_IN_CODES: Final = re.compile(r"[^A-Z0-9._:/-]")
#: A day without a time of day: servers put it at noon, or at midnight.
_DAYS: Final = frozenset({time(0), time(12)})
_CARD: Final = re.compile(
    r"\b(credit(?! union)|visa|mastercard|amex|american express|discover|rewards?|sapphire|quicksilver|card)\b",
    re.IGNORECASE,
)
_NOT_CARD: Final = re.compile(r"\b(debit|checking|savings|gift|prepaid|line of credit)\b", re.IGNORECASE)
_FROM_OUTSIDE: Final = re.compile(
    r"\b(contributions?|contrib|deposits?|withdrawals?|rollover|transfers?|ach|wire|eft|electronic funds)\b",
    re.IGNORECASE,
)
_LOAN: Final = re.compile(r"\b(loan|mortgage|heloc|line of credit)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One account as the server states it, under the name flowd keeps it by."""

    key: str
    connection: str | None
    item: Shape
    asset: str
    sort: Sort
    name: str

    def standing(self, tick: datetime) -> Iterator[Record]:
        """Yield the account and what it holds, at the moment the server says; what holdings do not explain is money."""
        at = min(self.item.maybe_moment("balance-date") or tick, tick)
        yield AccountInfo(account=self.key, name=self.name, kind=self.sort.kind, asset=self.asset)
        money = self.item.amount("balance")
        units: dict[str, Decimal] = {}
        for holding in self.item.maybe_each("holdings"):
            shares, worth = holding.maybe_amount("shares"), holding.maybe_amount("market_value")
            currency = holding.maybe_text("currency")
            if not shares or worth is None or (currency is not None and asset_code(currency, holding) != self.asset):
                continue
            code = _security(holding, self.asset)
            money = _EXACT.subtract(money, worth)
            units[code] = _EXACT.add(units.get(code, Decimal(0)), shares)
            each = _EXACT.divide(worth, shares).quantize(_PLACES, context=_EXACT)
            if each > 0:
                yield Rate(base=code, quote=self.asset, at=at, value=each)
        yield Snapshot(account=self.key, asset=self.asset, quantity=money, at=at)
        for code, quantity in units.items():
            yield Snapshot(account=self.key, asset=code, quantity=quantity, at=at)

    def transactions(self, tick: datetime) -> Iterator[Transaction]:
        """Yield what moved, pending or booked; RetryLater names what is not understood."""
        for item in self.item.maybe_each("transactions"):
            posted = item.maybe_moment("posted")
            pending = item.data.get("pending") is True or posted is None
            happened = item.maybe_moment("transacted_at")
            amount = item.amount("amount")
            yield Transaction(
                account=self.key,
                external_id=item.text("id"),
                booked_at=_booked(posted or happened or tick, stated=posted is not None or happened is not None),
                amount=amount,
                asset=self.asset,
                kind=self._class(item, amount),
                counterparty=clean(item.maybe_text("payee") or "", 200),
                description=_description(item),
                pending=pending,
                raw=_raw(item, happened),
            )

    def _class(self, item: Shape, amount: Decimal) -> FlowClass | None:
        """Return what a transaction is where the account says it; else flowd judges by the text."""
        if self.sort is Sort.LOAN and amount > 0:
            # What pays a loan off is no income; of cards, flowd knows by their kind.
            return FlowClass.LOAN
        if self.sort is Sort.BROKER and amount and _FROM_OUTSIDE.search(_description(item)):
            # A broker's account earns by its value: money put in must not look like a gain.
            return FlowClass.DEPOSIT if amount > 0 else FlowClass.WITHDRAWAL
        return None


def statements(answer: Shape, sorts: Mapping[str, Sort]) -> list[Statement]:
    """Return the accounts of an answer; `sorts` says what an account is, by its name or id."""
    banks = {one.text("conn_id"): clean(one.maybe_text("name") or "", 80) for one in answer.maybe_each("connections")}
    items = list(answer.each("accounts"))
    ids = [item.text("id") for item in items]
    found = []
    for item, id in zip(items, ids, strict=True):  # noqa: A001 - it is nothing else
        connection = item.maybe_text("conn_id")
        org = item.maybe_inner("org")
        bank = banks.get(connection or "", "")
        if not bank and org is not None:
            bank = clean(org.maybe_text("name") or org.maybe_text("domain") or "", 80)
        name = clean(item.maybe_text("name") or id, 100)
        # An id is an account's own within its connection only; all servers known make it so everywhere.
        key = id if ids.count(id) == 1 else f"{connection or bank}/{id}"
        sort = sorts.get(id) or sorts.get(name) or _sort(name, has_holdings=bool(item.data.get("holdings")))
        asset = asset_code(item.text("currency"), item)
        full = name if not bank or bank.lower() in name.lower() else f"{bank}: {name}"
        found.append(Statement(key=key, connection=connection, item=item, asset=asset, sort=sort, name=full))
    return found


def asset_code(currency: str, item: Shape) -> str:
    """Return a currency as an asset code; one of a server's own, which is an address, goes by host and path."""
    text = currency.strip()
    if "://" in text:
        parts = urlsplit(text)
        text = f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}"
    code = _NOT_IN_CODES.sub("-", text.upper())[:40].lstrip("._:/-")
    if not code:
        raise RetryLater(f"SimpleFIN's answer is not understood: {item.where} currency is none")
    return code


def _sort(name: str, *, has_holdings: bool) -> Sort:
    if has_holdings:
        return Sort.BROKER
    if _LOAN.search(name):
        return Sort.LOAN
    return Sort.CARD if _CARD.search(name) and not _NOT_CARD.search(name) else Sort.BANK


def _security(holding: Shape, quote: str) -> str:
    symbol = (holding.maybe_text("symbol") or "").strip().upper().replace("/", ".").replace(" ", ".")
    if _SYMBOL.fullmatch(symbol):
        # Shares are called ALL or BTC, too: with the prefix no price of one is taken for the other's.
        return f"SEC:{symbol}{'' if quote == 'USD' else f':{quote}'}"[:40]
    known = holding.maybe_text("id") or holding.maybe_text("description") or "?"
    return f"SIMPLEFIN:{blake2b(known.encode('utf-8', 'replace'), digest_size=8).hexdigest().upper()}"


def _booked(at: datetime, *, stated: bool) -> datetime | date:
    return at.date() if not stated or at.time() in _DAYS else at


def _description(item: Shape) -> str:
    text, memo = clean(item.maybe_text("description") or ""), clean(item.maybe_text("memo") or "")
    return text if not memo or memo in text else f"{text} {memo}".strip()[:1000]


def _raw(item: Shape, happened: datetime | None) -> Mapping[str, Json] | None:
    extra = item.maybe_inner("extra")
    category = extra.data.get("category") if extra is not None else None
    stated = {
        "transacted_at": None if happened is None else happened.isoformat(),
        "mcc": item.data.get("mcc"),
        "category": category,
    }
    kept = {
        name: clean(str(value), 100) for name, value in stated.items() if isinstance(value, str | int) and value != ""
    }
    return kept or None
