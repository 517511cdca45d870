"""How many own transfers of a made-up household are found, how many of those are none, and how long it takes.

A household of twelve accounts at eight sources over ten years, made from a seed, knows which transactions are the two
sides of one transfer: between banks that say nothing and banks that say so, with fees, over two currencies at a dated
rate, on chain with the fee in the coin, of cards, payouts and standing orders. Between them lie pay and presents of the
same round amounts, refunds, and transfers to accounts nobody reads. Prints, per kind and in all, precision and recall
of what is applied, the recall with what is proposed, the same for matching by equal amounts alone (each the only
candidate of the other within three days), how much income is called a transfer and the other way round, and seconds.

    python -m bench.transfers [--rows 100000] [--seed 1]
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from flowd.config import Settings
from flowd.domain.flows import AccountKind, FlowClass
from flowd.domain.records import AccountInfo, Batch, Rate, Record, Transaction
from flowd.engine.clock import SystemClock
from flowd.engine.derivation import Derivation
from flowd.plugins import Registry
from flowd.storage.database import Database
from flowd.storage.embedded import Embedded
from flowd.storage.migrate import migrate
from flowd.storage.rawlog import RawLog
from flowd.storage.tenants import ensure_tenant

BEGIN = date(2015, 1, 1)
DAYS = 3650
GIRO, JOINT, SAVINGS = "DE02120300000000202051", "DE02100500000054540402", "DE02500105170137075030"
ACCOUNTS = {
    ("quiet", GIRO): AccountKind.BANK,  # states no kinds, only texts
    ("quiet", JOINT): AccountKind.BANK,
    ("telling", SAVINGS): AccountKind.BANK,  # says what is a transfer
    ("telling", "71234567"): AccountKind.BANK,
    ("wise", "eur"): AccountKind.BANK,
    ("wise", "usd"): AccountKind.BANK,
    ("visa", "card"): AccountKind.CARD,
    ("stripe", "acct"): AccountKind.PAYOUT,
    ("kraken", "spot"): AccountKind.WALLET_SPOT,
    ("kraken", "earn"): AccountKind.WALLET_EARN,
    ("binance", "spot"): AccountKind.WALLET_SPOT,
    ("depot", "cash"): AccountKind.BROKER,
}
SHOPS = [
    "REWE",
    "Lidl",
    "Amazon",
    "Shell",
    "IKEA",
    "Apotheke am Markt",
    "Deutsche Bahn",
    "Cafe Luna",
    "Netflix",
    "Spotify",
]
FRIENDS = ["Anna Berg", "Jonas Weber", "Mia Koch", "Paul Adler"]
ME = "Max Muster"


@dataclass(slots=True)
class Household:
    """Transactions by connection, and which two are one transfer."""

    chance: Random
    rows: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    truth: dict[tuple[str, str], str] = field(default_factory=dict)
    income: set[str] = field(default_factory=set)
    #: Rows that nothing tells from one another have one number.
    alike: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def add(self, place: tuple[str, str], day: date, amount: Decimal, **more: Any) -> str:
        """Book a transaction; returns its name."""
        self.count += 1
        name = f"n{self.count}"
        values: dict[str, Any] = {"asset": "EUR", "booked_at": day, **more}
        connection, account = place
        told = (more.get("counterparty"), more.get("description"))
        self.alike[name] = hash((place, day, amount, values["asset"], told))
        self.rows[connection].append(Transaction(account=account, external_id=name, amount=amount, **values))
        return name

    def pair(self, kind: str, out: str, into: str) -> None:
        """Note that the two are one transfer."""
        self.truth[out, into] = kind

    def round(self) -> Decimal:
        """An amount as people choose it."""
        return Decimal(self.chance.choice([20, 25, 30, 50, 50, 75, 100, 100, 150, 200, 250, 300, 400, 500, 750, 1000]))

    def odd(self, most: int = 150) -> Decimal:
        """An amount as shops charge it."""
        return Decimal(int(self.chance.paretovariate(1.2) * 700) % (most * 100) + 99).scaleb(-2)

    def lag(self, *days: int) -> timedelta:
        """So many days, one of these."""
        return timedelta(days=self.chance.choice(days))


def made(rows: int, seed: int) -> tuple[Household, list[Record]]:
    """Return a household of about so many transactions and its rates."""
    home = Household(chance=Random(seed))
    chance, months = home.chance, DAYS // 30
    rates: list[Record] = []
    worth = {}
    level = Decimal("1.1")
    for number in range(DAYS):
        day = BEGIN + timedelta(days=number)
        level = min(max(level + Decimal(chance.randrange(-60, 61)).scaleb(-4), Decimal("0.98")), Decimal("1.35"))
        if day.weekday() < 5:
            at = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
            rates.append(Rate(base="EUR", quote="USD", at=at, value=level))
            worth[day] = level
        else:
            worth[day] = worth.get(day - timedelta(days=1), level)
    for month in range(months):
        _month(home, BEGIN + timedelta(days=30 * month), worth)
    left = rows - home.count
    for _ in range(max(0, left)):
        day = BEGIN + timedelta(days=chance.randrange(DAYS))
        place = chance.choice([("quiet", GIRO), ("quiet", GIRO), ("quiet", JOINT), ("visa", "card"), ("wise", "eur"),
                               ("telling", "71234567")])  # fmt: skip
        amount = home.odd() if chance.random() < 0.9 else home.round()
        shop = f"{chance.choice(SHOPS)} {chance.randrange(900)}"
        text = f"Kartenzahlung {day:%d.%m.} {chance.randrange(10**6)}"
        if place[0] == "quiet" and chance.random() < 0.3:
            home.add(place, day, -amount, description=f"{shop} {text}")  # a bank that has one field for all
        else:
            home.add(place, day, -amount, counterparty=shop, description=text)
    return home, rates


def _month(home: Household, first: date, worth: dict[date, Decimal]) -> None:
    chance = home.chance

    def day(number: int) -> date:
        return first + timedelta(days=number + chance.randrange(0, 3))

    giro, joint, savings, second = ("quiet", GIRO), ("quiet", JOINT), ("telling", SAVINGS), ("telling", "71234567")
    eur, usd, card = ("wise", "eur"), ("wise", "usd"), ("visa", "card")
    stripe, kraken, earn = ("stripe", "acct"), ("kraken", "spot"), ("kraken", "earn")
    binance, depot = ("binance", "spot"), ("depot", "cash")
    move, out, into = FlowClass.TRANSFER, FlowClass.WITHDRAWAL, FlowClass.DEPOSIT

    # pay, at times just as much as is moved the same days; presents; refunds
    pay = Decimal(2500) if chance.random() < 0.5 else Decimal(2500 + chance.randrange(90000)).scaleb(0)
    text = chance.choice(["Gehalt", "Salary", "Lohn/Gehalt", "Monatsabrechnung", "Zahlung"])
    home.income.add(home.add(giro, day(25), pay, counterparty="ACME Widgets GmbH", description=text))
    for _ in range(4):
        friend, text = chance.choice(FRIENDS), chance.choice(["danke", "Essen", "Geschenk", ""])
        place, when = chance.choice([giro, joint, eur]), day(chance.randrange(27))
        home.income.add(home.add(place, when, home.round(), counterparty=friend, description=text))
    for _ in range(2):
        client, text = f"{chance.choice(['Nord', 'Sued', 'Blau'])} Agentur GmbH", f"Rechnung {chance.randrange(9999)}"
        when = day(chance.randrange(27))
        home.income.add(home.add(second, when, home.odd(900) * 4, counterparty=client, description=text))
    home.add(giro, day(12), home.odd(), counterparty="Amazon", description="refund")

    # a standing order, and transfers between banks
    gone = day(1)
    a = home.add(giro, gone, Decimal(-200), counterparty=ME, description="Sparen")
    b = home.add(savings, gone + home.lag(0, 1, 2), Decimal(200), counterparty=ME, description="Gutschrift", kind=move)
    home.pair("standing order", a, b)
    for number in range(3):
        amount, gone = home.round() if chance.random() < 0.6 else home.odd(900), day(3 + 7 * number)
        a = home.add(second, gone, -amount, counterparty=chance.choice([ME, ""]), description="Transfer", kind=move)
        b = home.add(joint, gone + home.lag(0, 1, 1, 3), amount, counterparty=chance.choice([ME, ME, ""]),
                     description="Gutschrift")  # fmt: skip
        home.pair("bank to bank", a, b)
    amount, gone = home.round(), day(9)
    a = home.add(giro, gone, -amount, description=f"an {JOINT} Haushalt")
    b = home.add(joint, gone, amount, description=f"von {GIRO} Haushalt")
    home.pair("numbers in texts", a, b)
    # to accounts nobody reads, on the days of pay too
    home.add(
        second, day(24), Decimal(-2500) if chance.random() < 0.3 else -home.round(), description="Transfer", kind=move
    )
    # two equal ones a day
    if chance.random() < 0.3:
        gone = day(15)
        for _ in range(2):
            a = home.add(second, gone, Decimal(-100), kind=move, description="Transfer")
            b = home.add(eur, gone + timedelta(days=1), Decimal(100), counterparty=ME, kind=move)
            home.pair("two equal a day", a, b)

    # a fee on the way; two currencies
    amount, gone = home.odd(900) * 5, day(6)
    kept = Decimal(chance.choice(["1.50", "0.30", "5", "12.50"]))
    if amount > kept * 12:
        a = home.add(second, gone, -amount, counterparty=ME, description="SWIFT", kind=move)
        b = home.add(eur, gone + home.lag(1, 2, 3), amount - kept, counterparty=ME, description="Received")
        home.pair("fee on the way", a, b)
    amount, gone = home.odd(900) * 3, day(18)
    got = (amount * worth[gone] * (1 - Decimal(chance.randrange(0, 150)).scaleb(-4))).quantize(Decimal("0.01"))
    a = home.add(eur, gone, -amount, kind=move, description="Converted to USD")
    b = home.add(usd, gone, got, asset="USD", kind=move, description="Converted from EUR")
    home.pair("two currencies", a, b)
    amount, gone = home.round(), day(21)
    got = (amount / worth[gone] * (1 - Decimal(chance.randrange(0, 100)).scaleb(-4))).quantize(Decimal("0.01"))
    a = home.add(usd, gone, -amount, asset="USD", kind=move, counterparty=ME)
    b = home.add(giro, gone + home.lag(1, 2), got, counterparty=ME, description="Auslandszahlung")
    home.pair("two currencies", a, b)

    # a card, payouts, exchanges, a broker
    amount, gone = home.odd(900) * 3, day(22)
    a = home.add(giro, gone, -amount, counterparty="VISA SERVICE", description="Kreditkartenabrechnung")
    b = home.add(card, gone + home.lag(0, 1, 2), amount, description="Zahlung - Danke")
    home.pair("card settled", a, b)
    for number in range(4):
        amount, gone = home.odd(900), day(2 + 7 * number) if number < 3 else day(24)
        home.income.add(home.add(stripe, gone, amount, kind=FlowClass.MRR))
        a = home.add(stripe, gone, -amount, kind=move)
        kept = Decimal(0) if chance.random() < 0.8 else Decimal("0.25")
        if amount < 5:
            kept = Decimal(0)
        b = home.add(giro, gone + home.lag(1, 2, 3, 5), amount - kept, counterparty="STRIPE TECHNOLOGY",
                     description=chance.choice(["STRIPE", "Payout", "Gutschrift"]))  # fmt: skip
        home.pair("payout", a, b)
    for _ in range(2):
        coin, sizes = chance.choice([("BTC", (-2, -3)), ("ETH", (-1, -2)), ("USDT", (2, 1))])
        amount = Decimal(chance.randrange(10, 99)).scaleb(chance.choice(sizes))
        network = {"BTC": Decimal("0.0002"), "ETH": Decimal("0.002"), "USDT": Decimal(1)}[coin]
        gone = day(chance.randrange(26))
        a = home.add(kraken, gone, -(amount + network), asset=coin, kind=out)
        b = home.add(binance, gone + home.lag(0, 0, 1), amount, asset=coin, kind=into)
        home.pair("on chain", a, b)
        c = home.add(kraken, gone, -amount, asset=coin, kind=move)
        home.pair("within an exchange", c, home.add(earn, gone, amount, asset=coin, kind=move))
        home.add(binance, day(chance.randrange(26)), -amount, asset=coin, kind=out)  # to somewhere unseen
    amount, gone = home.round(), day(11)
    a = home.add(giro, gone, -amount, counterparty="Payward Ltd", description="Kraken deposit")
    home.pair("bank to exchange", a, home.add(kraken, gone + home.lag(0, 1), amount, kind=into))
    amount, gone = home.round(), day(17)
    a = home.add(kraken, gone, -amount, kind=out)
    b = home.add(second, gone + home.lag(1, 2, 4), amount, counterparty="Payward Ltd", description="withdrawal")
    home.pair("exchange to bank", a, b)
    amount, gone = home.round(), day(4)
    a = home.add(giro, gone, -amount, counterparty=ME, description="Depot Einzahlung")
    home.pair("to the broker", a, home.add(depot, gone + home.lag(0, 1), amount, kind=into))


NAIVE = """
WITH leg AS (
    SELECT t.subject, t.external_id, t.connection, t.account, t.day, t.amount, t.asset FROM derived.transaction t
), pair AS (
    SELECT o.external_id AS gone, i.external_id AS came,
        count(*) OVER (PARTITION BY o.subject) AS out_choices, count(*) OVER (PARTITION BY i.subject) AS in_choices
    FROM leg o
    JOIN leg i
        ON i.asset = o.asset AND i.amount = -o.amount AND i.day BETWEEN o.day - 3 AND o.day + 3
        AND (i.connection, i.account) <> (o.connection, o.account)
    WHERE o.amount < 0
)
SELECT gone, came FROM pair WHERE out_choices = 1 AND in_choices = 1
"""
FOUND = """
SELECT o.external_id, i.external_id, d.state FROM derived.transfer d
JOIN derived.transaction o ON o.tenant_id = d.tenant_id AND o.subject = d.out_subject
JOIN derived.transaction i ON i.tenant_id = d.tenant_id AND i.subject = d.in_subject
"""
CALLED = """
SELECT t.external_id FROM derived.flow f JOIN derived.transaction t USING (tenant_id, subject)
WHERE f.amount > 0 AND f.flow_class = 'transfer'
"""


@contextmanager
def store() -> Iterator[Database]:
    """An empty store on a PostgreSQL of its own."""
    folder = Path(tempfile.mkdtemp(prefix="flowd-bench-"))
    try:
        with Embedded(folder / "db") as embedded, Database(embedded.url(), tenant="home") as database:
            migrate(database)
            ensure_tenant(database, "home", base_currency="EUR", timezone="Europe/Berlin")
            yield database
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def share(part: int, whole: int) -> str:
    """Write a share with one digit."""
    return f"{100 * part / whole:5.1f} %" if whole else "    —  "


def main() -> None:
    """Make the household, derive it, and compare."""
    parser = argparse.ArgumentParser(description="precision, recall and time of matching own transfers")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wrong", action="store_true", help="also print the pairs that are none")
    asked = parser.parse_args()
    home, rates = made(asked.rows, asked.seed)
    known = {row.external_id: row for rows in home.rows.values() for row in rows if isinstance(row, Transaction)}
    with store() as database:
        log, clock = RawLog(database), SystemClock()
        for (connection, account), kind in ACCOUNTS.items():
            info = AccountInfo(account=account, name=account, kind=kind)
            log.write_batch(connection, Batch(records=(info,)), tick=clock.now())
        log.write_batch("ecb", Batch(records=rates), tick=clock.now(), deadline=600)
        for connection, records in home.rows.items():
            log.write_batch(connection, Batch(records=records), tick=clock.now(), deadline=600)
        tenant = {"base_currency": "EUR", "timezone": "Europe/Berlin"}
        derivation = Derivation(database, Registry(), Settings.model_validate({"tenant": tenant}), clock)
        begun = time.perf_counter()
        derivation.catch_up()
        first = time.perf_counter() - begun
        day = BEGIN + timedelta(days=2000)
        late = Transaction(account=GIRO, external_id="late", booked_at=day, amount=Decimal(-7), asset="EUR")
        log.write_batch("quiet", Batch(records=(late,)), tick=clock.now())
        begun = time.perf_counter()
        derivation.catch_up()
        one = time.perf_counter() - begun
        with database.transaction(600, role="owner") as session:
            session.execute("SELECT set_config('flowd.tenant', %s, true)", (str(database.tenant_id),))
            naive = {(gone, came) for gone, came in session.execute(NAIVE.encode()).fetchall()}
            rows = session.execute(FOUND.encode()).fetchall()
            called = {name for (name,) in session.execute(CALLED.encode()).fetchall()}
    applied = {(gone, came) for gone, came, state in rows if state == "applied"}
    proposed = {(gone, came) for gone, came, state in rows if state == "proposed"}
    tell(home, applied, proposed, naive)
    if asked.wrong:
        for out, into in sorted(applied - set(home.truth)):
            print(f"wrong: {known[out]} -> {known[into]}")
    arrived = {came for _, came in home.truth}
    print(f"\nincome called a transfer: {len(called & home.income)} of {len(home.income)} receipts")
    print(f"transfers that arrived and are called something else: {len(arrived - called)} of {len(arrived)}")
    print(f"{home.count:,} transactions derived in {first:.1f} s; one more, in the middle of them, in {one:.2f} s")


def tell(
    home: Household, applied: set[tuple[str, str]], proposed: set[tuple[str, str]], naive: set[tuple[str, str]]
) -> None:
    """Print what was found, per kind and in all; of rows that are alike it does not matter which is whose."""

    def seen(pairs: Iterable[tuple[str, str]]) -> Counter[tuple[int, int]]:
        return Counter((home.alike[out], home.alike[into]) for out, into in pairs)

    shown = [seen(applied), seen(applied | proposed), seen(naive)]
    print(f"{'kind':22}{'pairs':>7}{'applied':>10}{'or proposed':>13}{'by amount':>11}")
    for kind, count in sorted(Counter(home.truth.values()).items()):
        pairs = seen(pair for pair, one in home.truth.items() if one == kind)
        shares = [share((pairs & found).total(), count) for found in shown]
        print(f"{kind:22}{count:7}{shares[0]:>10}{shares[1]:>13}{shares[2]:>11}")
    everything = seen(home.truth)
    for label, found in (("applied", applied), ("proposed", proposed), ("by amount", naive)):
        right = (seen(found) & everything).total()
        precision, recall = share(right, len(found)), share(right, len(home.truth))
        print(f"{label:22}{len(found):7} pairs, precision {precision}, recall {recall}")


if __name__ == "__main__":
    main()
