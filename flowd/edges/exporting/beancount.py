"""Writes everything that was booked as a ledger for beancount, which `bean-check` accepts.

Every classified transaction is booked against what it is (income by stream, expenses, transfers …), trades at their
price, and what statements say as balance assertions. Where a statement and what was booked disagree, the difference is
a transaction of its own against Equity:Unexplained, marked with `!`: nothing is bent to fit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, TextIO

from flowd.domain.flows import INCOME, FlowClass
from flowd.edges.exporting.names import Names
from flowd.storage.exporting import Whole

_DAY: Final = timedelta(days=1)
_OWED: Final = frozenset({"card"})
_OPENING: Final = ("Equity", "Opening-Balances")
_UNEXPLAINED: Final = ("Equity", "Unexplained")
_FEES: Final = ("Expenses", "Fees")
_SPLITS: Final = ("Equity", "Splits")
#: What is neither income nor an expense, and where it is booked.
_AGAINST: Final = {
    FlowClass.TRANSFER.value: ("Equity", "Transfers"),
    FlowClass.DEPOSIT.value: ("Equity", "Deposits"),
    FlowClass.WITHDRAWAL.value: ("Equity", "Withdrawals"),
    FlowClass.FEE.value: _FEES,
    FlowClass.REFUND.value: ("Expenses", "Refunds"),
    FlowClass.LOAN.value: ("Liabilities", "Loans"),
    FlowClass.FX.value: ("Equity", "Conversions"),
}
_INCOME: Final = frozenset(one.value for one in INCOME)


@dataclass(kw_only=True)
class _Ledger:
    """What is being written: names given, and accounts opened."""

    file: TextIO
    names: Names = field(default_factory=Names)
    places: dict[tuple[str, str], str] = field(default_factory=dict)
    opened: dict[str, date] = field(default_factory=dict)
    count: int = 0

    def line(self, text: str = "") -> None:
        self.file.write(f"{text}\n")

    def place(self, connection: str, account: str) -> str:
        return self.places[connection, account]

    def entry(self, day: date, payee: str, narration: str, *, flag: str = "*", key: str = "") -> None:
        self.count += 1
        who = f"{_quoted(payee)} " if payee else ""
        self.line(f"{day} {flag} {who}{_quoted(narration)}")
        if key:
            self.line(f"  flowd: {_quoted(key)}")

    def posting(self, account: str, amount: Decimal, asset: str, total: tuple[Decimal, str] | None = None) -> None:
        cost = "" if total is None else f" @@ {_number(total[0])} {self.names.commodity(total[1])}"
        self.line(f"  {account}  {_number(amount)} {self.names.commodity(asset)}{cost}")


def write_beancount(file: TextIO, whole: Whole) -> int:
    """Write the ledger and return its number of transactions."""
    ledger = _Ledger(file=file)
    _write_head(ledger, whole)
    for write in (_write_flows, _write_trades, _write_splits, _write_balances, _write_prices):
        ledger.line()
        write(ledger, whole)
    return ledger.count


def _write_head(ledger: _Ledger, whole: Whole) -> None:
    ((tenant, base),) = whole.rows("ledger_tenant")
    # the base currency keeps its name whatever else there is
    ledger.names.commodity(base)
    opened = ledger.opened
    assets: dict[str, date] = {base: date(1970, 1, 1)}

    def begins(account: str, day: date) -> None:
        opened[account] = min(opened.get(account, day), day)

    ledger.line(f'option "title" {_quoted(f"flowd: {tenant}")}')
    ledger.line(f'option "operating_currency" "{ledger.names.commodity(base)}"')
    ledger.line()
    earliest: date | None = None
    for connection, account, name, kind, asset, first in whole.rows("ledger_places"):
        root = "Liabilities" if kind in _OWED else "Assets"
        place = ledger.names.account(root, connection, account)
        ledger.places[connection, account] = place
        begins(place, first - _DAY)
        assets[asset] = min(assets.get(asset, first), first)
        earliest = min(earliest or first, first)
        if name != account:
            ledger.line(f"; {place} is {_plain(name)}")
    for flow_class, stream, category, first in whole.rows("ledger_rest"):
        begins(_against(ledger, flow_class, stream, category), first)
    for parts in (_OPENING, _UNEXPLAINED, _FEES, _SPLITS):
        begins(ledger.names.account(*parts), (earliest or date(1970, 1, 2)) - _DAY)
    for asset, first in sorted(assets.items()):
        ledger.line(f"{first} commodity {ledger.names.commodity(asset)}")
        if ledger.names.commodity(asset) != asset:
            ledger.line(f"  name: {_quoted(asset)}")
    ledger.line()
    for account, day in sorted(opened.items()):
        ledger.line(f"{day} open {account}")


def _write_flows(ledger: _Ledger, whole: Whole) -> None:
    for row in whole.rows("ledger_flows"):
        day, connection, account, amount, asset, flow_class, stream, payee, text, key, category, note = row
        ledger.entry(day, payee, text, key=key)
        for name, value in (("category", category), ("note", note)):
            if value:
                ledger.line(f"  {name}: {_quoted(value)}")
        ledger.posting(ledger.place(connection, account), amount, asset)
        ledger.posting(_against(ledger, flow_class, stream, category), -amount, asset)


def _write_trades(ledger: _Ledger, whole: Whole) -> None:
    for row in whole.rows("ledger_trades"):
        day, connection, account, side, quantity, base, price, quote, fee, fee_asset, key = row
        place, value = ledger.place(connection, account), quantity * price
        bought = side == "buy"
        ledger.entry(day, "", f"{side} {_number(quantity)} {base} at {_number(price)} {quote}", key=key)
        ledger.posting(place, quantity if bought else -quantity, base, (value, quote))
        ledger.posting(place, -value if bought else value, quote)
        if fee:
            ledger.posting(place, -fee, fee_asset)
            ledger.posting(ledger.names.account(*_FEES), fee, fee_asset)


def _write_splits(ledger: _Ledger, whole: Whole) -> None:
    for day, connection, account, asset, units in whole.rows("ledger_splits"):
        ledger.entry(day, "", f"split of {asset}")
        ledger.posting(ledger.place(connection, account), units, asset)
        ledger.posting(ledger.names.account(*_SPLITS), -units, asset)


def _write_balances(ledger: _Ledger, whole: Whole) -> None:
    for day, connection, account, asset, amount, first, missing in whole.rows("ledger_balances"):
        place = ledger.place(connection, account)
        if missing:
            parts = _OPENING if first else _UNEXPLAINED
            words = "what was there before" if first else f"the statement of {day} has {_number(missing)} nobody booked"
            ledger.entry(ledger.opened[place] if first else day, "", words, flag="*" if first else "!")
            ledger.posting(place, missing, asset)
            ledger.posting(ledger.names.account(*parts), -missing, asset)
        # beancount asserts at the beginning of a day, statements speak of its end
        held = f"{_number(amount)} ~ 0 {ledger.names.commodity(asset)}"  # to the last digit
        ledger.line(f"{day + _DAY} balance {place}  {held}")


def _write_prices(ledger: _Ledger, whole: Whole) -> None:
    for day, base, quote, value in whole.rows("ledger_prices"):
        ledger.line(f"{day} price {ledger.names.commodity(base)}  {_number(value)} {ledger.names.commodity(quote)}")


def _against(ledger: _Ledger, flow_class: str, stream: str, category: str) -> str:
    """Return the account that a transaction of this class is booked against; an expense has that of its category."""
    if flow_class in _INCOME:
        return ledger.names.account("Income", flow_class, stream)
    return ledger.names.account(*_AGAINST.get(flow_class, ("Expenses", category or "Other")))


def _number(value: Decimal) -> str:
    return format(value, "f")


def _quoted(text: str) -> str:
    plain = _plain(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'


def _plain(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
