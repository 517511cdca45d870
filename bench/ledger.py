"""How long does a ledger take to come in, and how long to say what every account held at the end of each month?

The same generated transactions (20 accounts over ten years, four currencies) are given to flowd as a bank's CSV and to
hledger, ledger and beancount as journals. Each of those reads its journal anew for every question; flowd reads once.
Prints seconds, ratios to hledger in the same run, peak memory of the largest process, and whether the month ends agree.
What is not installed is left out and said to be: `apt install hledger ledger`, `pip install beancount`.

    python -m bench.ledger [--transactions 100000] [--transactions 1000000] [--without hledger]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final, Protocol

import psycopg

FIRST: Final = date(2016, 1, 1)
DAYS: Final = 3650
ACCOUNTS: Final = 20
CURRENCIES: Final = ("EUR", "USD", "CHF", "GBP")
_PAYERS: Final = ("ACME Corp Salary", "Landlord", "Groceries", "Electric Power", "Coffee House", "Book Shop")
#: (account, month as YYYY-MM) → what it held at the end of it.
Balances = dict[tuple[str, str], Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One transaction, and what its account held after it."""

    day: date
    account: str
    amount: Decimal
    currency: str
    payer: str
    number: int
    balance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one process took: seconds, the peak of its memory in MB, and what it printed."""

    seconds: float
    megabytes: float
    output: str


def rows(count: int) -> Iterator[Row]:
    """Yield `count` transactions by day, always the same ones."""
    chance = random.Random(20)
    held = [Decimal(0)] * ACCOUNTS
    for number in range(count):
        which = chance.randrange(ACCOUNTS)
        amount = Decimal(chance.randrange(-200_00, 210_00)).scaleb(-2)
        held[which] += amount
        yield Row(
            day=FIRST + timedelta(days=number * DAYS // count),
            account=f"bank{which:02}",
            amount=amount,
            currency=CURRENCIES[which % len(CURRENCIES)],
            payer=chance.choice(_PAYERS),
            number=number,
            balance=held[which],
        )


def write(count: int, folder: Path) -> Balances:
    """Write the three files; return what the accounts hold at the end of each month they have anything in."""
    held: Balances = {}
    with (
        (folder / "bank.csv").open("w", newline="", encoding="utf-8") as table,
        (folder / "bank.journal").open("w", encoding="utf-8") as journal,
        (folder / "bank.beancount").open("w", encoding="utf-8") as beans,
    ):
        writer = csv.writer(table)
        writer.writerow(["Date", "Account", "Amount", "Currency", "Payee", "Description", "Balance"])
        for which in range(ACCOUNTS):
            beans.write(f"2015-12-31 open Assets:Bank{which:02}\n")
        beans.write("2015-12-31 open Equity:Rest\n")
        for row in rows(count):
            text = f"payment {row.number}"
            writer.writerow([row.day, row.account, row.amount, row.currency, row.payer, text, row.balance])
            money = f"{row.amount} {row.currency}"
            journal.write(f"{row.day} {row.payer} | {text}\n    assets:{row.account}  {money}\n    equity:rest\n\n")
            beans.write(
                f'{row.day} * "{row.payer}" "{text}"\n  Assets:{row.account.title()}  {money}\n  Equity:Rest\n\n'
            )
            held[row.account, f"{row.day:%Y-%m}"] = row.balance
    return held


def take(command: Sequence[str | Path], folder: Path, **environ: str) -> Taken:
    """Run one process to its end."""
    with (folder / "out").open("w+", encoding="utf-8") as out, (folder / "err").open("w+", encoding="utf-8") as err:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [str(word) for word in command], stdout=out, stderr=err, env={**os.environ, **environ}
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            err.seek(0)
            raise SystemExit(f"{' '.join(map(str, command))} failed: {err.read()[-2000:]}")
        out.seek(0)
        return Taken(seconds=seconds, megabytes=usage.ru_maxrss / 1024, output=out.read())


class Peer(Protocol):
    """A program that is asked for the month ends of a journal."""

    def __call__(self, folder: Path) -> tuple[Taken, Balances]:
        """Return what that took, and the month ends it found."""


def ask_hledger(folder: Path) -> tuple[Taken, Balances]:
    """Ask hledger for the balance of every account at the end of each month."""
    journal = folder / "bank.journal"
    taken = take(["hledger", "-f", journal, "balance", "assets", "-MH", "-O", "csv", "--no-total"], folder)
    table = list(csv.reader(taken.output.splitlines()))
    held: Balances = {}
    for line in table[1:]:
        for month, cell in zip(table[0][1:], line[1:], strict=True):
            held[line[0].removeprefix("assets:"), month[:7]] = _amount(cell)
    return taken, held


def ask_ledger(folder: Path) -> tuple[Taken, Balances]:
    """Ask ledger for a register by month, one account's balance after the other."""
    journal = folder / "bank.journal"
    form = "%(format_date(date, '%Y-%m')),%(account),%(quantity(scrub(display_amount)))\\n"
    options = ["--monthly", "--collapse-if-zero", "--date-format", "%Y-%m-%d", "--register-format", form]
    taken = take(["ledger", "-f", journal, "register", "assets", *options], folder)
    running: dict[str, Decimal] = {}
    held: Balances = {}
    for month, account, amount in csv.reader(taken.output.splitlines()):
        name = account.removeprefix("assets:")
        running[name] = running.get(name, Decimal(0)) + Decimal(amount)
        held[name, month] = running[name]
    return taken, held


_BEANS: Final = """
import collections, sys
from beancount import loader
from beancount.core.data import Transaction
entries, errors, _ = loader.load_file(sys.argv[1])
assert not errors, errors[:3]
held = collections.defaultdict(int)
for entry in entries:
    if isinstance(entry, Transaction):
        for posting in entry.postings:
            if posting.account.startswith("Assets:"):
                held[posting.account] += posting.units.number
                ends = entry.date.strftime("%Y-%m")
                seen = globals().setdefault("seen", {})
                seen[posting.account[7:].lower(), ends] = held[posting.account]
for (account, month), amount in seen.items():
    print(account, month, amount, sep=",")
"""


def ask_beancount(folder: Path) -> tuple[Taken, Balances]:
    """Have beancount load its ledger (its cache off: a changed ledger is read anew) and add up the months."""
    command = [sys.executable, "-c", _BEANS, str(folder / "bank.beancount")]
    taken = take(command, folder, BEANCOUNT_DISABLE_LOAD_CACHE="1")
    table = csv.reader(taken.output.splitlines())
    return taken, {(account, month): Decimal(amount) for account, month, amount in table}


PEERS: Final[dict[str, Peer]] = {"hledger": ask_hledger, "ledger": ask_ledger, "beancount": ask_beancount}


def _amount(cell: str) -> Decimal:
    number = cell.split()[0] if cell.split() else "0"
    return Decimal(number)


@contextmanager
def home(folder: Path) -> Iterator[list[str | Path]]:
    """Yield how to call flowd on a store of its own whose server runs already, as beside a daemon."""
    from flowd.storage.embedded import Embedded

    config = folder / "flowd.yaml"
    config.write_text(
        "tenant: {name: home, base_currency: EUR, timezone: Europe/Berlin}\n"
        f"database: {{embedded: {json.dumps(str(folder / 'db'))}}}\nstate: {json.dumps(str(folder / 'var'))}\n"
    )
    flowd: list[str | Path] = [sys.executable, "-m", "flowd.edges.cli", "-c", config]
    take([*flowd, "status", "--json"], folder)  # makes the store, which a person does once
    with Embedded(folder / "db") as _:
        yield flowd


def measure(count: int, without: Sequence[str]) -> None:
    """Print what `count` transactions take each program."""
    folder = Path(tempfile.mkdtemp(prefix="flowd-bench-"))
    try:
        folder.chmod(0o711)  # as root the server runs as another account, which has to pass through
        truth = write(count, folder)
        print(f"\n{count:,} transactions, {ACCOUNTS} accounts, {len({month for _, month in truth})} months")
        asked: dict[str, Taken] = {}
        for name, ask in PEERS.items():
            if name in without or (name != "beancount" and shutil.which(name) is None):
                print(f"  {name}: left out")
                continue
            asked[name], held = ask(folder)
            print(
                f"  {name:9}  reads and answers in {asked[name].seconds:8.2f} s, {asked[name].megabytes:6,.0f} MB, "
                f"{_agreeing(truth, held)}"
            )
        with home(folder) as flowd:
            imported = take([*flowd, "import", folder / "bank.csv", "--json"], folder)
            again = take([*flowd, "import", folder / "bank.csv", "--json"], folder)
            (told,) = json.loads(again.output)
            report = take([*flowd, "balances", "--by", "month", "--last", "200", "--json"], folder)
            held = {
                (str(row["account"]), str(row["period"])[:7]): Decimal(row["balance"])
                for row in json.loads(report.output)
                if row["balance"] is not None
            }
            query = _query(flowd, folder)
        print(f"  flowd      imports and derives in {imported.seconds:6.2f} s, {imported.megabytes:6,.0f} MB (its own)")
        found = f"{told['new']} new, {told['unchanged']} unchanged"
        print(f"             the same file again    {again.seconds:6.2f} s: {found}")
        print(f"             flowd balances         {report.seconds:6.2f} s, {_agreeing(truth, held)}")
        print(f"             its query alone        {query * 1000:6.1f} ms (median of 9)")
        reference = asked.get("hledger")
        if reference is not None:
            print(
                f"  hledger / flowd: import {reference.seconds / imported.seconds:.2f}, "
                f"command {reference.seconds / report.seconds:.1f}, query {reference.seconds / query:,.0f}"
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _agreeing(truth: Balances, held: Balances) -> str:
    wrong = [place for place, amount in truth.items() if held.get(place) != amount]
    return f"{len(truth) - len(wrong):,} of {len(truth):,} month ends right" + (
        f", first wrong {wrong[0]}" if wrong else ""
    )


def _query(flowd: Sequence[str | Path], folder: Path) -> float:
    """Return the seconds the report's own query takes on an open connection, the median of nine."""
    from flowd.storage.statements import statements

    url = take([*flowd, "db", "url", "--role", "owner"], folder).output.strip()
    words = statements("balance_reports")["by_step"].encode()
    asked = {
        "step": "month",
        "since": FIRST,
        "until": FIRST + timedelta(days=DAYS),
        "connection": None,
        "account": None,
        "asset": None,
    }
    times, found = [], 0
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET ROLE flowd_app")
        connection.execute("SELECT set_config('flowd.tenant', id::text, false) FROM ops.tenant")
        for _ in range(9):
            begun = time.perf_counter()
            found = len(connection.execute(words, asked).fetchall())
            times.append(time.perf_counter() - begun)
    if found < ACCOUNTS:
        raise SystemExit(f"the query found {found} rows: it does not ask what it should")
    return sorted(times)[4]


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--transactions", type=int, action="append", help="how many (may be given several times)")
    parser.add_argument("--without", action="append", default=[], choices=[*PEERS], help="leave a program out")
    chosen = parser.parse_args()
    for count in chosen.transactions or [100_000]:
        measure(count, chosen.without)


if __name__ == "__main__":
    main()
