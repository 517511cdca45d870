"""How well and how fast are MT940 and CAMT files read?

Prints, in one run:

1. of the real files in `../shared/data/statements`: how many are read as another parser read them (days, amounts,
   currencies, references), how many are refused that hold nothing or are wrong, how many postings that makes;
2. postings per second of processor time for a generated file of 100,000 postings: MT940 next to the package mt-940 (if
   it is installed), CAMT next to a bare pass of expat and to ElementTree's iterparse, which read the same bytes and
   make nothing of them; and the peak memory of reading it.

    python -m bench.importers_statements [--postings 100000]
"""

from __future__ import annotations

import argparse
import importlib
import io
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import iterparse
from xml.parsers import expat

from flowd.api import FileRefused, Hints, Importer, Transaction
from flowd.importers.camt.importer import CamtImporter
from flowd.importers.swift.importer import SwiftImporter

DATA = Path(__file__).parents[2] / "shared" / "data" / "statements"
#: Postings that mt-940 is given: it needs memory for all of them at once.
FEW = 20_000


@dataclass
class Score:
    """What became of the files of one format."""

    files: int = 0
    right: int = 0
    refused: int = 0
    wrong: int = 0
    postings: int = 0

    def row(self, name: str) -> str:
        """Return the score as a line of the table."""
        return f"{name:8}{self.files:7}{self.right:12}{self.refused:17}{self.wrong:7}{self.postings:10}"


def transactions(importer: Importer, data: bytes, hints: Hints) -> list[Transaction]:
    """Return the transactions of a file."""
    batches = importer.parse(io.BytesIO(data), hints)
    return [record for batch in batches for record in batch.records if isinstance(record, Transaction)]


def score_mt940() -> Score:
    """Read the real MT940 files; a file the other parser has no result for is right if its balances are explained."""
    score, folder = Score(), DATA / "mt940"
    known = json.loads((folder / "expected.json").read_text("utf-8"))
    for path in sorted(path for path in folder.rglob("*") if path.suffix in {".sta", ".txt"}):
        data = path.read_bytes()
        wanted = known.get(str(path.relative_to(folder).with_suffix("")))
        # fragments do not say their account or currency
        account = None if b":25:" in data else "main"
        hints = Hints(account=account, asset=None if re.search(rb":(60F|34F):", data) else "EUR")
        score.files += 1
        reading = None
        try:
            reading = SwiftImporter().plan(io.BytesIO(data), hints)
            records = [record for batch in reading.batches() for record in batch.records]
        except FileRefused:
            empty = wanted is not None and not wanted.get("transactions")
            score.refused, score.wrong = score.refused + empty, score.wrong + (not empty)
            continue
        found = [record for record in records if isinstance(record, Transaction)]
        score.postings += len(found)
        if wanted is None:
            right = bool(found) and not reading.notes
        else:
            facts = [
                (posting.get("entry_date") or posting["date"], Decimal(posting["amount"]["amount"]))
                for posting in wanted.get("transactions", ())
            ]
            right = [(str(record.booked_at), record.amount) for record in found] == facts
        score.right, score.wrong = score.right + right, score.wrong + (not right)
    return score


def score_camt() -> Score:
    """Read the real CAMT files; one without a parser's result beside it is taken to be wrong on purpose."""
    score = Score()
    for path in sorted((DATA / "camt").glob("*.xml")):
        beside = path.with_suffix(".json")
        score.files += 1
        try:
            found = transactions(CamtImporter(), path.read_bytes(), Hints())
        except FileRefused:
            score.refused, score.wrong = score.refused + (not beside.exists()), score.wrong + beside.exists()
            continue
        score.postings += len(found)
        entries: list[dict[str, Any]] = json.loads(beside.read_text("utf-8"))["getEntries"] if beside.exists() else []
        facts = [
            (Decimal(entry["getAmount"]["getAmount"]) / 100, entry["getAmount"]["getCurrency"]["getCode"])
            for entry in entries
        ]
        right = beside.exists() and [(record.amount, record.asset) for record in found] == facts
        score.right, score.wrong = score.right + right, score.wrong + (not right)
    return score


def write_mt940(path: Path, count: int) -> None:
    """Write a message with `count` postings in the German structure."""
    with path.open("w", newline="") as file:
        file.write(":20:STMT\r\n:25:10020030/1234567\r\n:28C:1/1\r\n:60F:C240101EUR1000,00\r\n")
        for number in range(count):
            day = f"{1 + number // 28 % 12:02}{1 + number % 28:02}"
            file.write(
                f":61:24{day}{day}D{number % 900 + 1},25NTRFNONREF//B{number:09}\r\n"
                f":86:177?00ONLINE-UEBERWEISUNG?109310?20EREF+E{number:012}?21SVWZ+Invoice {number:07} of May\r\n"
                f"?22 with thanks?30GENODEF1XXX?31DE89370400440532013000?32Erika Mustermann {number % 300}?34997\r\n"
            )
        file.write(":62F:C241231EUR1,00\r\n-\r\n")


ENTRY = (
    '<Ntry><Amt Ccy="EUR">{amount}.25</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt>'
    "</BookgDt><ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>R{number:012}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly>"
    "<Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>E{number:012}"
    "</EndToEndId></Refs><RltdPties><Cdtr><Pty><Nm>Erika Mustermann {name}</Nm></Pty></Cdtr><CdtrAcct><Id><IBAN>"
    "DE89370400440532013000</IBAN></Id></CdtrAcct></RltdPties><RmtInf><Ustrd>Invoice {number:07} of May</Ustrd>"
    "</RmtInf></TxDtls></NtryDtls></Ntry>\n"
)


def write_camt(path: Path, count: int) -> None:
    """Write a statement with `count` entries of thirty elements."""
    with path.open("w") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">'
            "<BkToCstmrStmt><GrpHdr><MsgId>M</MsgId><CreDtTm>2024-12-31T10:00:00</CreDtTm></GrpHdr><Stmt><Id>S</Id>"
            "<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>\n"
        )
        for number in range(count):
            day = f"2024-{1 + number // 28 % 12:02}-{1 + number % 28:02}"
            file.write(ENTRY.format(number=number, amount=number % 900 + 1, day=day, name=number % 300))
        file.write("</Stmt></BkToCstmrStmt></Document>\n")


def read_all(importer: Importer, path: Path) -> int:
    """Read a file to its end; return the number of records."""
    with path.open("rb") as file:
        return sum(1 for batch in importer.parse(file, Hints()) for _ in batch.records)


def bare_expat(path: Path) -> None:
    """Let expat read a file, with one handler that does nothing."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _name, _attributes: None
    with path.open("rb") as file:
        parser.ParseFile(file)


def bare_iterparse(path: Path) -> None:
    """Let ElementTree read a file and throw each entry away."""
    for _, element in iterparse(path):
        if element.tag.endswith("}Ntry"):
            element.clear()


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of `work`, the best of three."""
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best


def rates(count: int) -> Iterator[str]:
    """Yield the lines of the second table."""
    with tempfile.TemporaryDirectory() as folder:
        messages, few, document = (Path(folder) / name for name in ("a.sta", "few.sta", "a.xml"))
        write_mt940(messages, count)
        write_camt(document, count)
        yield line("MT940, flowd", count / seconds(lambda: read_all(SwiftImporter(), messages)))
        try:
            other = importlib.import_module("mt940")
        except ImportError:
            yield "MT940, mt-940: not installed, left out (pip install mt-940)"
        else:
            write_mt940(few, min(FEW, count))
            yield line("MT940, mt-940", min(FEW, count) / seconds(lambda: other.parse(str(few))))
        yield line("camt.053, flowd", count / seconds(lambda: read_all(CamtImporter(), document)))
        yield line("camt.053, iterparse, nothing made of it", count / seconds(lambda: bare_iterparse(document)))
        yield line("camt.053, bare expat, nothing made of it", count / seconds(lambda: bare_expat(document)))
        for name, path in (("MT940", messages), ("camt.053", document)):
            yield line(f"MB of memory at most for {name} of {path.stat().st_size >> 20} MB", peak(path))


def line(name: str, number: float) -> str:
    """Return a line of the second table."""
    return f"{name:50}{number:>12,.0f}"


def peak(path: Path) -> int:
    """Return the megabytes a process of its own needs at most to read `path`."""
    asked = [sys.executable, "-m", "bench.importers_statements", "--read", str(path)]
    return int(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postings", type=int, default=100_000)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.read is not None:
        read_all(SwiftImporter() if given.read.suffix == ".sta" else CamtImporter(), given.read)
        print(int(Path("/proc/self/status").read_text("utf-8").split("VmHWM:")[1].split()[0]) // 1024)
        return
    print("format    files  read right  refused rightly  wrong  postings")
    if DATA.is_dir():
        print(score_mt940().row("MT940"))
        print(score_camt().row("CAMT"))
    else:
        print("(the real statements are not on this machine)")
    print("\npostings a second of processor time, best of three")
    for text in rates(given.postings):
        print(text)


if __name__ == "__main__":
    main()
