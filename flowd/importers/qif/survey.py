"""The first pass over a QIF file: its accounts, its securities, the order of its dates and its decimal sign."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO, Final

from flowd.api import FileRefused
from flowd.importers.delimited.amounts import POINT, NumberStyle, StyleVotes
from flowd.importers.delimited.months import fold
from flowd.importers.qif.days import DateVotes, Order
from flowd.importers.qif.entries import Entries, Entry, Holds

#: How programs call the record with which an account begins.
OPENINGS: Final = frozenset(
    {
        "opening balance",
        "initial balance",
        "starting balance",
        "balance forward",
        "solde initial",
        "solde d'ouverture",
        "ouverture du compte",
        "anfangsbestand",
        "anfangssaldo",
        "eroffnungssaldo",
        "saldo inicial",
        "saldo iniziale",
        "saldo di apertura",
        "beginsaldo",
        "openingssaldo",
        "startsaldo",
        "ingaende saldo",
        "pocatecni zustatek",
        "saldo poczatkowe",
    }
)
_PRICE: Final = re.compile(r'"([^"]{1,200})"\s?,\s?"?([^"]{0,40}?)"?\s?,\s?"?([^",]{4,40})"?')
_MOST: Final = 100_000
_DECLARED: Final = {"mdy": Order.MONTH, "dmy": Order.DAY, "ymd": Order.YEAR}


@dataclass(kw_only=True)
class Survey:
    """What the first pass found; `accounts` maps each section with postings to the account the file says it is of."""

    encoding: str
    accounts: dict[int, str] = field(default_factory=dict)
    titles: dict[str, None] = field(default_factory=dict)
    symbols: dict[str, str] = field(default_factory=dict)
    securities: set[str] = field(default_factory=set)
    records: int = 0
    prices: int = 0
    order: Order = Order.MONTH
    style: NumberStyle = POINT
    sure: float = 1.0
    words: list[str] = field(default_factory=list)

    @property
    def named(self) -> list[str]:
        """The accounts that the file itself names."""
        return list(dict.fromkeys(name for name in self.accounts.values() if name))


def price_of(line: str) -> tuple[str, str, str] | None:
    """Return security, price and date of a line of the list of prices; None for any other line."""
    found = _PRICE.fullmatch(line)
    return (found[1], found[2].strip(), found[3].strip()) if found is not None else None


def is_opening(payee: str) -> bool:
    """Say whether a record with this payee is the balance an account begins with."""
    return len(payee) < 64 and fold(payee.strip()) in OPENINGS


def survey(file: BinaryIO, encoding: str, asset: str | None, today: date | None = None) -> Survey:
    """Read all of `file` once; FileRefused where it is no QIF, or its dates or amounts contradict each other."""
    found = Survey(encoding=encoding)
    entries = Entries(file, encoding, lambda _: None)
    dates, numbers = DateVotes(), StyleVotes()
    sure_point, sure_comma = 0, 0
    for entry in entries:
        holds = entry.section.holds
        if holds is Holds.POSTINGS or holds is Holds.TRADES:
            found.records += 1
            _account(found, entry)
            split = False
            for line in entry.lines:
                letter = line[0]
                if letter == "D" and not split:
                    dates.add(line[1:])
                elif letter in "TU":
                    mark = line[-3:-2]
                    if mark == "." and "," not in line[-3:]:
                        sure_point += 1
                        if sure_point == 1 or ("." in line[:-3] and sure_point < _MOST):
                            numbers.add(line[1:])
                    elif mark == ",":
                        sure_comma += 1
                        if sure_comma == 1:
                            numbers.add(line[1:])
                    elif "." in line or "," in line:
                        numbers.add(line[1:])
                elif letter in "$OIQ" and not numbers.settled:
                    _weigh(numbers, line[1:])
                elif letter == "S" and holds is Holds.POSTINGS:
                    split = True
                elif letter == "Y" and holds is Holds.TRADES and len(found.securities) < _MOST:
                    found.securities.add(line[1:].strip())
        elif holds is Holds.SECURITIES:
            _security(found, entry)
        elif holds is Holds.PRICES:
            for line in entry.lines:
                price = price_of(line)
                if price is not None:
                    found.prices += 1
                    dates.add(price[2])
                    if not numbers.settled:
                        _weigh(numbers, price[1])
    _decide(found, entries, dates, numbers, asset, today)
    return found


def _weigh(numbers: StyleVotes, text: str) -> None:
    # Prices and quantities have three decimals and more: only what cannot be thousands says something.
    if not re.fullmatch(r"[+-]?\d{1,3}[.,]\d{3}", text.strip()):
        numbers.add(text)


def _account(found: Survey, entry: Entry) -> None:
    """Note the account of the record's section: that of !Account, or the one its opening balance names."""
    section = entry.section
    if len(found.titles) < 100:
        found.titles[section.title] = None
    if found.accounts.get(section.number):
        return
    name = section.account
    if not name:
        category = next((line[1:].strip() for line in entry.lines if line[0] == "L"), "")
        if category.startswith("[") and any(line[0] == "P" and is_opening(line[1:]) for line in entry.lines):
            name = " ".join(category[1:].partition("]")[0].split())[:200]
    found.accounts[section.number] = name
    if len(found.accounts) > _MOST:
        raise FileRefused(f"line {entry.line}: more than {_MOST:,} sections in one file")


def _security(found: Survey, entry: Entry) -> None:
    name = next((line[1:].strip() for line in entry.lines if line[0] == "N"), "")
    symbol = next((line[1:].strip() for line in entry.lines if line[0] == "S"), "")
    if name and symbol and len(found.symbols) < _MOST:
        found.symbols.setdefault(name, symbol)


def _decide(
    found: Survey, entries: Entries, dates: DateVotes, numbers: StyleVotes, asset: str | None, today: date | None
) -> None:
    style = numbers.decide(";")
    if style.style is None:
        raise FileRefused(f"{style.why}: the file mixes decimal point and decimal comma; export it again")
    found.style = style.style
    order = dates.decide(asset, comma=style.style.decimal == ",", today=today)
    declared = _DECLARED.get(entries.declared)
    if declared is not None and order.order is not None and order.sure < 1:
        found.order, why, sure = declared, f"dates {declared}, as it declares", 1.0
    elif order.order is None:
        raise FileRefused(f"{order.why}; export the file again")
    else:
        found.order, why, sure = order.order, order.why, order.sure
    found.sure = min(sure, style.sure)
    found.words = [word for word in (why, style.why) if word]
