"""OFX and QIF: which real files are read right, and how fast 100,000 postings are, beside the libraries that can.

Each reader runs in a process of its own, so that its memory is its own; rates are of processor time, which other
work on the machine does not touch. Libraries that are not installed are named as missing: they are no part of flowd.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

STATEMENTS: Final = Path(__file__).parents[2] / "shared" / "data" / "statements"
FOLDERS: Final = ("ofx_ofxparse", "ofx_ofxtools", "ofx_libofx", "qif_gnucash", "qif_quiffen")
POSTINGS: Final = 100_000
#: A reader that needs minutes for all of them is given fewer.
FEWER: Final = 10_000


def _sgml(count: int) -> Iterator[str]:
    head = (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\nCOMPRESSION:NONE\n"
        "OLDFILEUID:NONE\nNEWFILEUID:NONE\n\n<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>"
        "<DTSERVER>20240101<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0"
        "<SEVERITY>INFO</STATUS><STMTRS><CURDEF>USD<BANKACCTFROM><BANKID>123<ACCTID>456789<ACCTTYPE>CHECKING"
        "</BANKACCTFROM><BANKTRANLIST><DTSTART>20100101<DTEND>20291231\n"
    )
    yield head
    for number in range(count):
        day = f"20{number % 20 + 10:02}{number % 12 + 1:02}{number % 28 + 1:02}120000"
        yield (
            f"<STMTTRN>\n<TRNTYPE>DEBIT\n<DTPOSTED>{day}\n<TRNAMT>-{number % 977}.{number % 100:02}\n"
            f"<FITID>F{number:09}\n<NAME>Shop number {number % 3000}\n<MEMO>Card payment {number}\n</STMTTRN>\n"
        )
    yield "</BANKTRANLIST><LEDGERBAL><BALAMT>1.00<DTASOF>20291231</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1>"
    yield "</OFX>\n"


def _xml(count: int) -> Iterator[str]:
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE" '
        'OLDFILEUID="NONE" NEWFILEUID="NONE"?>\n'
    )
    for part in _sgml(count):
        body = part[part.index("<OFX>") :] if "<OFX>" in part else part
        yield re.sub(r"<([A-Z]+)>([^<\n]+)", r"<\1>\2</\1>", body)


def _qif(count: int) -> Iterator[str]:
    yield "!Account\nNGiro\nTBank\n^\n!Type:Bank\n"
    for number in range(count):
        yield (
            f"D{number % 12 + 1}/{number % 28 + 1:2}'{number % 20 + 10}\nT-{number % 977}.{number % 100:02}\nCX\n"
            f"PShop number {number % 3000}\nMCard payment {number}\nLFood:Groceries\n^\n"
        )


# --- Readers: each returns how many postings it found -------------------------------------------------------------


def _flowd(path: Path) -> int:
    from flowd.api import Hints, Transaction
    from flowd.importers import FORMATS
    from flowd.importers.lazy import LazyImporter

    name = "qif" if path.suffix == ".qif" else "ofx"
    reading = LazyImporter(name, FORMATS[name]).plan(path.open("rb"), Hints(asset="USD"))
    return sum(isinstance(record, Transaction) for batch in reading.batches() for record in batch.records)


def _expat(path: Path) -> int:
    from xml.parsers.expat import ParserCreate

    found = 0
    row: dict[str, str] = {}
    text: list[str] = []

    def start(name: str, _: object) -> None:
        text.clear()
        if name == "STMTTRN":
            row.clear()

    def end(name: str) -> None:
        nonlocal found
        if name == "STMTTRN":
            found += 1
        row[name] = "".join(text)

    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text.append
    with path.open("rb") as file:
        parser.ParseFile(file)
    return found


def _ofxtools(path: Path) -> int:
    from ofxtools.Parser import OFXTree  # type: ignore[import-not-found, unused-ignore]

    tree = OFXTree()
    with path.open("rb") as file:
        tree.parse(file)
    return sum(len(statement.transactions) for statement in tree.convert().statements)


def _ofxparse(path: Path) -> int:
    import warnings

    warnings.simplefilter("ignore")
    from ofxparse import OfxParser  # type: ignore[import-not-found, unused-ignore]

    with path.open("rb") as file:
        return sum(len(account.statement.transactions) for account in OfxParser.parse(file).accounts)


def _quiffen(path: Path) -> int:
    from quiffen import Qif  # type: ignore[import-not-found, unused-ignore]

    accounts = Qif.parse(path, day_first=False).accounts.values()
    return sum(len(rows) for account in accounts for rows in account.transactions.values())


READERS: Final[dict[str, Callable[[Path], int]]] = {
    "flowd": _flowd,
    "expat": _expat,
    "ofxtools": _ofxtools,
    "ofxparse": _ofxparse,
    "quiffen": _quiffen,
}
#: Format, who reads it, and of how many postings.
RACES: Final = (
    ("OFX SGML", ".ofx", _sgml, {"flowd": POSTINGS, "ofxtools": POSTINGS, "ofxparse": FEWER}),
    ("OFX XML", ".xml", _xml, {"flowd": POSTINGS, "expat": POSTINGS, "ofxtools": POSTINGS, "ofxparse": FEWER}),
    ("QIF", ".qif", _qif, {"flowd": POSTINGS, "quiffen": FEWER}),
)


def _time(name: str, path: Path) -> None:
    """Read `path` and print seconds, postings and memory as JSON, or why it cannot be read."""
    try:
        began = time.process_time()
        found = READERS[name](path)
        seconds = time.process_time() - began
    except ImportError:
        print(json.dumps({"why": "not installed here"}))
        return
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "postings": found, "peak": peak}))


def _race(name: str, path: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.importers_ofx_qif", name, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        return {"why": (done.stderr.strip().splitlines() or ["failed"])[-1][:60]}
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _speed() -> None:
    print(f"{'format':<10} {'reader':<10} {'postings':>9} {'a second':>10} {'peak MB':>8}  of expat")
    floor = 0.0
    rates: list[tuple[str, str, int, float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        for title, suffix, make, readers in RACES:
            for name, count in readers.items():
                path = Path(folder) / f"{count}{suffix}"
                if not path.exists():
                    with path.open("w") as file:
                        file.writelines(make(count))
                result = _race(name, path)
                if "why" in result:
                    print(f"{title:<10} {name:<10} {result['why']}")
                    continue
                assert result["postings"] == count, (title, name, result)
                rate = count / result["seconds"]
                floor = rate if name == "expat" else floor
                rates.append((title, name, count, rate, result["peak"] / 1024))
    for title, name, count, rate, peak in rates:
        share = f"{rate / floor:.2f}" if floor else ""
        print(f"{title:<10} {name:<10} {count:>9,} {rate:>10,.0f} {peak:>8.0f}  {share}")


def _files() -> None:
    from flowd.api import FileRefused, Hints, Transaction
    from flowd.importers import FORMATS
    from flowd.importers.lazy import LazyImporter

    print(f"{'folder':<14} {'files':>5} {'read':>5} {'refused':>8} {'postings':>9} {'other records':>14}")
    refused: list[str] = []
    for folder in FOLDERS:
        count = read = postings = others = 0
        for path in sorted(file for file in (STATEMENTS / folder).rglob("*") if file.is_file()):
            count += 1
            name = folder[:3]
            hints = Hints(account="main", asset="USD") if name == "qif" else Hints()
            try:
                with path.open("rb") as file:
                    reading = LazyImporter(name, FORMATS[name]).plan(file, hints)
                    records = [record for batch in reading.batches() for record in batch.records]
            except FileRefused as error:
                refused.append(f"  {path.name}: {error}"[:118])
                continue
            read += 1
            postings += sum(isinstance(record, Transaction) for record in records)
            others += sum(not isinstance(record, Transaction) for record in records)
        print(f"{folder:<14} {count:>5} {read:>5} {count - read:>8} {postings:>9} {others:>14}")
    print("refused:", *refused, sep="\n")


def main() -> None:
    """Print the tables."""
    # Speed comes first: a reader's process begins with the memory that this one has.
    _speed()
    print()
    if STATEMENTS.is_dir():
        _files()
    else:
        print("the real statements are not on this machine")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        _time(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
