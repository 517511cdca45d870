"""How well statements of 32 banks and brokers are read without knowing the bank: recall, precision, speed.

Run with `python -m bench.importers_pdf [BANK…]`. What is found is compared with what a parser written for each bank
takes. Such a parser leaves out what it reads from other documents (trades, currency exchanges) and joins some rows
(interest and its tax), so beside plain precision the table shows how many more postings the statement's own balances
prove. A third of the banks, chosen by a hash of the name, was not looked at while the reader was written.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Final

from flowd.api import FileRefused, Hints, Transaction
from flowd.importers.pdf.deals import Purpose
from flowd.importers.pdf.importer import PdfImporter
from flowd.importers.pdf.statement import Posting

DATA: Final = Path(__file__).parents[2] / "shared/data/statements/pdf_text"
_HINTS: Final = Hints(account="main", asset="EUR")
Posted = tuple[str, Decimal]
_IN: Final = frozenset(["deposit", "interest", "dividends", "dividend", "sale", "sell", "taxRefund", "feeRefund"])
_OUT: Final = frozenset(["removal", "fees", "fee", "taxes", "tax", "purchase", "buy", "interestCharge"])


@dataclass(kw_only=True)
class Score:
    """Counts of one bank, or of several."""

    files: int = 0
    refused: int = 0
    expected: int = 0
    found: int = 0
    hit: int = 0
    near: int = 0
    joined: int = 0
    parts: int = 0
    moved: int = 0
    proved: int = 0
    #: Of the postings found whose direction is known: all, and those that went the right way.
    told: int = 0
    right: int = 0
    missed: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Add another's counts."""
        for each in fields(self):
            if each.name != "missed":
                setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    @property
    def recall(self) -> float:
        """Share of the expected postings that were found on their booking day."""
        return self.hit / self.expected if self.expected else 1.0

    @property
    def recall_either(self) -> float:
        """The same where the expected day may also be the value day the statement prints beside it."""
        return self.near / self.expected if self.expected else 1.0

    @property
    def recall_joined(self) -> float:
        """The same where postings of a day may make an expected one (interest less its tax), or the reverse."""
        return (self.near + self.joined) / self.expected if self.expected else 1.0

    @property
    def directed(self) -> float:
        """Share of the postings found that went the way their type says."""
        return self.right / self.told if self.told else 1.0

    @property
    def precision(self) -> float:
        """Share of the found postings that the bank's own parser takes too."""
        return self.near / self.found if self.found else 1.0

    @property
    def precision_aside(self) -> float:
        """The same of all but money for securities and currencies; rows that make up an expected one are right."""
        return (self.near + self.parts) / (self.found - self.moved) if self.found > self.moved else 1.0

    @property
    def supported(self) -> float:
        """Share of the found postings that it takes, alone or with others, or that the statement's balances prove."""
        return (self.near + self.parts + self.proved) / self.found if self.found else 1.0


def held_out(bank: str) -> bool:
    """Return whether the bank was kept aside while the reader was written."""
    return int(hashlib.sha256(bank.encode()).hexdigest(), 16) % 3 == 0


def truth() -> dict[str, dict[str, Counter[Posted]]]:
    """Return what is expected of each bank's files; an item without day or amount (or of zero) cannot be compared."""
    banks: dict[str, dict[str, Counter[Posted]]] = {}
    for line in (DATA / "expected.jsonl").read_text("utf-8").splitlines():
        test = json.loads(line)
        files = banks.setdefault(test["bank"], {})
        here: dict[str, Counter[Posted]] = {name: Counter() for name in test["files"]}
        for item in test["transactions"]:
            if item.get("date") and item.get("amount"):
                name = item.get("file") or test["files"][0]
                here.setdefault(name, Counter())[item["date"][:10], Decimal(str(item["amount"]))] += 1
        for name, expected in here.items():
            # Two tests of one file may state the same postings: the larger count of each holds.
            files[name] = files.get(name, Counter()) | expected
    return banks


def directions(bank: str, file: str) -> Counter[Posted]:
    """Return the days and signed amounts of a file's postings whose type says which way the money went."""
    found: Counter[Posted] = Counter()
    for line in (DATA / "expected.jsonl").read_text("utf-8").splitlines():
        test = json.loads(line)
        here: Counter[Posted] = Counter()
        for item in test["transactions"] if test["bank"] == bank else ():
            sign = (item["type"] in _IN) - (item["type"] in _OUT)
            if sign and item.get("date") and item.get("amount") and (item.get("file") or test["files"][0]) == file:
                here[item["date"][:10], sign * Decimal(str(item["amount"]))] += 1
        found |= here
    return found


def read(path: Path) -> list[Posting]:
    """Return the postings flowd reads from a file; each becomes one transaction."""
    reading = PdfImporter().plan(io.BytesIO(path.read_bytes()), _HINTS)
    made = [record for batch in reading.batches() for record in batch.records if isinstance(record, Transaction)]
    stated = [(posting.day, posting.amount) for posting in reading.postings]
    assert [(record.booked_at, record.amount) for record in made] == stated
    return list(reading.postings)


def score_file(path: Path, expected: Counter[Posted]) -> Score:
    """Compare one file."""
    score = Score(files=1, expected=expected.total())
    try:
        postings = read(path)
    except FileRefused as error:
        score.refused = 1
        score.missed = [f"refused: {str(error)[:150]}"] if expected else []
        return score
    score.found = len(postings)
    signed = directions(path.parent.name, path.name)
    for way in (1, -1):
        for posting in postings:
            for day in _days(posting):
                if signed[day, way * posting.amount] > 0:
                    signed[day, way * posting.amount] -= 1
                    score.told += 1
                    score.right += way == 1
                    break
    strict, either = expected.copy(), expected.copy()
    extra: list[Posting] = []
    for posting in postings:
        days, amount = _days(posting), abs(posting.amount)
        if strict[days[0], amount] > 0:
            strict[days[0], amount] -= 1
            score.hit += 1
        match = next((day for day in days if either[day, amount] > 0), None)
        if match is not None:
            either[match, amount] -= 1
            score.near += 1
        else:
            extra.append(posting)
    extra = _join(score, either, extra)
    score.proved = sum(posting.proved for posting in extra)
    score.moved = sum(posting.meant.purpose is not Purpose.OPEN for posting in extra)
    score.missed = [f"{day} {amount} x{count}" for (day, amount), count in either.items() if count > 0]
    return score


def _days(posting: Posting) -> list[str]:
    return [day.isoformat() for day in (posting.day, posting.value_day) if day is not None]


def _join(score: Score, missing: Counter[Posted], extra: list[Posting]) -> list[Posting]:
    """Find postings of one day that together make an expected one, or the other way round; return what is left."""
    for day, amount in [*missing.elements()]:
        near = [posting for posting in extra if day in _days(posting)][:12]
        sets = (some for size in (2, 3, 4) for some in combinations(near, size))
        parts = next((some for some in sets if abs(sum(posting.amount for posting in some)) == amount), None)
        if parts is not None:
            missing[day, amount] -= 1
            score.joined += 1
            score.parts += len(parts)
            extra = [posting for posting in extra if all(posting is not part for part in parts)]
    left = []
    for posting in extra:
        wanted = [(day, amount) for day, amount in missing.elements() if day in _days(posting)][:8]
        some = (found for size in (2, 3, 4) for found in combinations(wanted, size))
        whole = next((found for found in some if sum(each[1] for each in found) == abs(posting.amount)), None)
        if whole is None:
            left.append(posting)
            continue
        missing.subtract(whole)
        score.joined += len(whole)
        score.parts += 1
    return left


def score_bank(bank: str, files: dict[str, Counter[Posted]], *, talk: bool = False) -> Score:
    """Compare all files of one bank."""
    total = Score()
    for name, expected in sorted(files.items()):
        path = DATA / bank / name
        if not path.exists():
            continue
        score = score_file(path, expected)
        total.add(score)
        if talk and score.missed:
            print(f"  {bank}/{name}:", *score.missed, sep="\n    ")
    return total


def _row(name: str, score: Score) -> str:
    return (
        f"{name:<32}{score.files:>6}{score.refused:>8}{score.expected:>9}{score.found:>7}{score.recall:>8.3f}"
        f"{score.recall_either:>8.3f}{score.recall_joined:>8.3f}{score.directed:>10.3f}"
        f"{score.precision:>10.3f}{score.precision_aside:>8.3f}{score.supported:>10.3f}"
    )


def main(arguments: Sequence[str]) -> None:
    """Print the table; banks named in `arguments` alone, with what is missing."""
    if not DATA.exists():
        sys.exit(f"{DATA} is not here")
    banks = {bank: files for bank, files in truth().items() if not arguments or bank in arguments}
    print(
        f"{'':<32}{'files':>6}{'refused':>8}{'expected':>9}{'found':>7}{'recall':>8}{'either':>8}{'joined':>8}{'direction':>10}{'precision':>10}{'aside':>8}{'supported':>10}"
    )
    begun = time.perf_counter()
    totals = {"seen": Score(), "held out": Score()}
    for bank, files in sorted(banks.items()):
        score = score_bank(bank, files, talk=bool(arguments))
        totals["held out" if held_out(bank) else "seen"].add(score)
        print(_row(bank + (" *" if held_out(bank) else ""), score))
    whole = Score()
    for name, score in totals.items():
        print(_row(name, score))
        whole.add(score)
    print(_row("all", whole))
    seconds = time.perf_counter() - begun
    print(f"\n* held out. {whole.found / seconds:,.0f} postings a second, {whole.files / seconds:,.0f} files a second")
    print("either: booking or value day. joined: or as the sum of several postings of that day")
    print("direction: of the postings found, how many came in or went out as their type says")
    print("aside: precision without money for securities or currencies; rows that make up an expected one are right")
    print("supported: expected, part of an expected one, or proved by the statement's own balances")


if __name__ == "__main__":
    main(sys.argv[1:])
