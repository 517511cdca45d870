"""A made-up household whose dashboards the documentation shows: some wages, some clients, a flat, some trading."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

CONFIG: Final = """\
# A made-up household: nothing of it is real.
tenant: {{name: home, base_currency: EUR, timezone: Europe/Berlin}}
database: {{embedded: ./db}}
state: ./state
http: {{listen: "127.0.0.1:{port}"}}
connections:
  trading: {{type: demo, config: {{seed: 11, months: 18}}}}
  salary:
    type: recurring
    config:
      amount: 2650
      currency: EUR
      every: month on L
      start: {start}
      changes: [{{from: {raise_}, amount: 2780}}]
  flat: {{type: recurring, config: {{amount: 740, currency: EUR, every: month on 3, start: {start}}}}}
  bank: {{type: files, config: {{folder: ./inbox, account: main, currency: EUR, after: leave}}}}
  savings: {{type: files, config: {{folder: ./savings, account: savings, currency: EUR, after: leave}}}}
  depot: {{type: files, config: {{folder: ./depot, currency: EUR, after: leave}}}}
  shop: {{type: stripe, config: {{key: {{env: STRIPE_KEY}}}}}}
streams:
  salary: {{name: Salary, group: Work, target: 2700}}
  flat: {{name: Flat in Halle, group: Rent, passive: true}}
  trading: {{name: Exchange, group: Trading}}
  trading/payout: {{name: Video channel, group: Creative, tax: 30%}}
  acme: {{name: Acme GmbH, group: Clients, tax: 30%, every: month on 12, target: 1500}}
  borealis: {{name: Borealis Oy, group: Clients, tax: 30%, target: 1000}}
  lessons: {{name: Lessons, group: Clients, tax: 20%}}
  royalties: {{name: Book royalties, group: Creative, tax: 30%}}
  dividends: {{name: Dividends, group: Investments}}
  savings: {{name: Interest, group: Investments}}
rules:
  - {{match: {{connection: bank, text: Acme GmbH}}, class: payout, stream: acme}}
  - {{match: {{connection: bank, text: Borealis}}, class: payout, stream: borealis}}
  - {{match: {{connection: bank, text: Piano lesson}}, class: payout, stream: lessons}}
  - {{match: {{connection: bank, text: Inkwell Books}}, class: payout, stream: royalties}}
  - {{match: {{connection: bank, text: Dividend}}, class: dividend, stream: dividends}}
  - {{match: {{connection: bank, text: Interest}}, class: interest, stream: savings}}
"""
GOALS: Final = (
    ("house", "--saved", "90000", "--since", "{since}", "--until", "{soon}"),
    ("clients", "--monthly", "3000", "--group", "Clients"),
    ("freedom", "--monthly", "9500", "--until", "{late}"),
)
OPENING: Final = 1850000  # what was in the bank before the first day, in cents
SAVED: Final = 640000  # and in the savings account
#: Shares of the depot: name, symbol, price on the first day, growth and swing a week.
SHARES: Final = (("World Fund", "WRLD", 78.0, 1.0021, 0.013), ("Nordic Turbines", "NTUR", 41.0, 1.0008, 0.045))
# what is chosen at the top of a picture, where it is not what the dashboard opens with
CHOSEN: Final[dict[str, dict[str, str]]] = {"stream": {"one": "borealis"}, "positions": {"connection": "depot"}}

Row = tuple[date, str, str, int]  # day, other side, text, whole units


def begin(today: date) -> date:
    """The first day of the household's past."""
    return date(today.year - 2, 6, 1) if today.month > 6 else date(today.year - 3, 12, 1)


def config(today: date, *, port: int) -> str:
    """Its flowd.yaml."""
    return CONFIG.format(port=port, start=begin(today), raise_=date(today.year, 1, 1))


def goals(today: date) -> list[list[str]]:
    """What `flowd goal add` is told."""
    days = {
        "since": str(date(today.year, 1, 1)),
        "soon": str(today + timedelta(days=150)),
        "late": str(today + timedelta(days=540)),
    }
    return [[part.format(**days) for part in goal] for goal in GOALS]


def write(folder: Path, since: date, until: date, *, first: date) -> None:
    """Put the bank's file of these days into the inbox; `first` is where the past begins, whatever the file holds."""
    rows = []
    balance = OPENING
    for day, other, text, amount in statement(first, until):
        balance += amount
        if day >= since:
            rows.append((day, other, text, f"{amount / 100:.2f}", "EUR", f"{balance / 100:.2f}"))
    _table(folder / "inbox" / f"bank-{since}-{until}.csv", rows)
    _savings(folder, since, until, first)
    _depot(folder, since, until, first)


def _table(path: Path, rows: list[tuple[date, str, str, str, str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target)
        writer.writerow(["Date", "Counterparty", "Description", "Amount", "Currency", "Balance"])
        writer.writerows(rows)


def _savings(folder: Path, since: date, until: date, first: date) -> None:
    """What the bank account sent arrives a day later; once something is missing in the file, but not in its balance."""
    rows, balance = [], SAVED
    for month, start in enumerate(_months(first, until)):
        day, amount = start + timedelta(days=5), 30000 + (month == 7) * 25000
        if not first <= day <= until:
            continue
        balance += amount - (month == 11) * 12000
        if day >= since:
            rows.append((day, "Household", "Savings plan", f"{amount / 100:.2f}", "EUR", f"{balance / 100:.2f}"))
    if rows:
        _table(folder / "savings" / f"savings-{since}-{until}.csv", rows)


def _depot(folder: Path, since: date, until: date, first: date) -> None:
    """Shares bought every month and sold now and then, with a price every week, as Quicken writes them."""
    chance = random.Random(21)
    lines = ["!Account", "NDepot", "TInvst", "^"]
    lines += [line for name, symbol, *_ in SHARES for line in ("!Type:Security", f"N{name}", f"S{symbol}", "^")]
    deals, prices = [], []
    known = {symbol: price for _, symbol, price, _, _ in SHARES}
    for week in range((until - first).days // 7 + 1):
        day = first + timedelta(weeks=week)
        for number, (name, symbol, _, growth, swing) in enumerate(SHARES):
            price = known[symbol] = known[symbol] * growth * chance.uniform(1 - swing, 1 + swing)
            if day < since:
                continue
            written = f"{day:%Y-%m-%d}"
            prices += ["!Type:Prices", f'"{symbol}",{price:.2f},"{written}"', "^"]
            sells = week % 37 == 36
            if week % 4 == number or sells:
                units = 3 - number
                units = 8 * units if sells else units
                total = units * round(price, 2) + (-2.5 if sells else 2.5)
                deals += [f"D{written}", f"N{'Sell' if sells else 'Buy'}", f"Y{name}", f"I{price:.2f}", f"Q{units}"]
                deals += ["O2.50", f"T{total:.2f}", "^"]
    if deals or prices:
        path = folder / "depot" / f"depot-{since}-{until}.qif"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([*lines, "!Type:Invst", *deals, *prices, ""]), encoding="utf-8")


def statement(first: date, until: date) -> list[Row]:
    """Every line of the bank account, the same whenever it is asked for."""
    chance = random.Random(20)
    rows: list[Row] = []
    for month, start in enumerate(_months(first, until)):
        rows += _clients(chance, month, start) + _home(chance, month, start)
    return sorted(row for row in rows if first <= row[0] <= until)


def _clients(chance: random.Random, month: int, start: date) -> list[Row]:
    def on(day: int) -> date:
        return start + timedelta(days=day - 1)

    late = chance.choice([0, 0, 0, 1, 2, 9])
    rows = [(on(12 + late), "Acme GmbH", f"Invoice {1040 + month}", round(96000 + 2200 * month, -2))]
    if month != 13:  # one month they paid nothing
        hours = chance.randint(9, 26)
        rows.append((on(24), "Borealis Oy", f"Workshop, {hours} hours", hours * 4800))
    summer = start.month in (7, 8)
    for week in range(4):
        if not summer and chance.random() < 0.9:
            rows.append((on(4 + 7 * week), "M. Brandt", "Piano lessons", chance.choice([4500, 4500, 9000, 13500])))
    if start.month % 3 == 1:
        rows.append((on(20), "Inkwell Books", "Royalties", chance.randint(31000, 92000)))
    if start.month in (3, 5, 6, 9, 12):
        rows.append((on(16), "Broker AG", "Dividend", chance.randint(5200, 21000)))
    rows.append((on(1), "Savings bank", "Interest", chance.randint(2100, 2900)))
    return rows


def _home(chance: random.Random, month: int, start: date) -> list[Row]:
    def on(day: int) -> date:
        return start + timedelta(days=day - 1)

    rows = [
        (on(2), "Landlord", "Rent", -115000),
        (on(5), "Power company", "Electricity", -9400),
        (on(8), "Health insurance", "Contribution", -41000),
        (on(5), "Household", "Savings plan", -30000),
    ]
    if month == 7:
        # a day apart from its other half, and 250 EUR that went by another way
        rows.append((on(3), "Household", "Transfer", -25000))
    rows += [(on(chance.randint(1, 28)), "Market", "Groceries", -chance.randint(3500, 11000)) for _ in range(9)]
    if month % 6 == 5:
        rows.append((on(21), "Travel agency", "Holiday", -chance.randint(70000, 160000)))
    return rows


def _months(first: date, until: date) -> Iterator[date]:
    start = first.replace(day=1)
    while start <= until:
        yield start
        start = (start + timedelta(days=32)).replace(day=1)
