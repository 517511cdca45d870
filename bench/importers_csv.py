"""How many bank tables are guessed right without a profile, which are known by one, and how fast each way is.

Run with `python -m bench.importers_csv [FOLDER]`. Prints, for each file of the folder (by default bank2ynab's, which
is kept beside the project), what came of it: rows, their sum, currency, how sure the guess is; then how many are
right of those whose sum and number of rows a person has read (EXPECTED). The samples that tests hold, one for each
profile, are counted below, and so are their exports of banks and platforms that no profile knows. Last, the rate on a
generated table of 100,000 rows: guessed, and by a profile with a balance to follow.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, Final

from flowd.api import FileRefused, Hints, Transaction
from flowd.importers.delimited.catalogue import Catalogue, built_in
from flowd.importers.delimited.importer import CsvImporter, Reading

DATA: Final = Path(__file__).parents[2] / "shared/data/statements/csv_bank2ynab/test-data"
GUESSING: Final = CsvImporter(Catalogue([]))
KNOWING: Final = CsvImporter(built_in())
HINTS: Final = Hints(account="main", asset="XXX")
ROWS: Final = 100_000

#: Rows and their sum, as a person reads the file; None where it has to be refused (made anonymous beyond its dates, or
#: one positive row that says nothing of its direction).
EXPECTED: Final[dict[str, tuple[int, str] | None]] = {
    "20171001-20171106.csv": (1, "-59.99"),
    "20180226_12345678.csv": (1, "-5.00"),
    "CSV_A_20180414_112204.csv": (3, "-1037.49"),
    "MonzoDataExport_February2018_2018-02-26_174335.csv": (1, "-10"),
    "TH_20180101-20180523_strana_1.csv": None,
    "Umsaetze_KtoNr538917600_EUR_02-03-2018_1503.CSV": (1, "-17.22"),
    "W80844_EBH_201945.202122.csv": (2, "940"),
    "export_BE11123456789012_20180304_1422.csv": (1, "-3.40"),
    "export_KBC-Mastercard Business Essential_20200204_1604.csv": (3, "2.73"),
    "kta_ei.dat": (11, "-6152.22"),
    "statement_1.csv": None,
    "test_BOI_TransactionExport.csv": (27, "-419.61"),
    "test_delimiter_tab.csv": (73, "-4580.70"),
    "test_headers.csv": (73, "-4580.70"),
    "test_raiffeisen_01.csv": (73, "-4580.70"),
    "test_raiffeisen_02.csv": (73, "-4580.70"),
    "test_row_format_neg_inflow.csv": (73, "-4580.70"),
    "umsatz-1234________1234-20180227.CSV": (1, "-5.00"),
}


def read(importer: CsvImporter, file: BinaryIO, hints: Hints = HINTS) -> tuple[Reading, list[Transaction]]:
    """Return how `file` was read, and its transactions."""
    plan = importer.plan(file, hints)
    return plan, [r for batch in plan.batches() for r in batch.records if isinstance(r, Transaction)]


def files(folder: Path) -> None:
    """The table of real files."""
    print(f"{'file':52}{'rows':>6}{'sum':>12}{'':>5}{'sure':>6}  profile")
    right = known = 0
    for path in sorted(folder.iterdir()):
        if path.suffix == ".conf":
            continue
        try:
            with path.open("rb") as file:
                plan, rows = read(GUESSING, file)
            total = sum((row.amount for row in rows), Decimal())
            found: tuple[int, str] | None = (len(rows), str(total))
            told = f"{len(rows):6}{total:>12}{rows[0].asset:>5}{plan.sure:6.0%}"
        except FileRefused as refused:
            found, told = None, f"{'refused':>29}  {str(refused)[:60]}"
        with path.open("rb") as file:
            label = profile(file)
        mark = ""
        if path.name in EXPECTED:
            known += 1
            right += found == EXPECTED[path.name]
            mark = "" if found == EXPECTED[path.name] else "  WRONG"
        print(f"{path.name[:50]:52}{told}  {label}{mark}")
    print(f"guessed right without a profile: {right} of {known} (two of them are right to be refused)\n")


def profile(file: BinaryIO) -> str:
    """Return the profile that knows `file`, if one does."""
    try:
        label = KNOWING.plan(file, HINTS).label
    except FileRefused:
        return ""
    return "" if label == "guessed" else label


def samples() -> None:
    """How many of the tests' own files, one a profile, are guessed alike."""
    from tests.unit.importers.bank_samples import SAMPLES

    alike, said = 0, []
    for sample in SAMPLES:
        try:
            _, rows = read(GUESSING, io.BytesIO(sample.text.encode(sample.encoding)))
        except FileRefused:
            said.append(sample.profile)
            continue
        if [f"{row.booked_at.isoformat()} {row.amount}" for row in rows] == [
            " ".join(row.split()[:2]) for row in sample.rows
        ]:
            alike += 1
        else:
            said.append(sample.profile)
    print(f"samples of profiles that are guessed alike: {alike} of {len(SAMPLES)}; not: {', '.join(said)}\n")


def exports() -> None:
    """How many of the tests' exports of other banks, which have no profile, are guessed as they are meant."""
    from tests.unit.importers.abroad import ABROAD
    from tests.unit.importers.heldout import HELD_OUT
    from tests.unit.importers.odd import ODD
    from tests.unit.importers.venues import VENUES

    print(f"{'exports':12}{'files':>7}{'right':>7}{'rightly refused':>17}{'refused':>9}{'wrong':>7}")
    for name, lot in (("banks", ABROAD), ("platforms", VENUES), ("held out", HELD_OUT), ("odd", ODD)):
        count = dict.fromkeys(("right", "rightly refused", "refused", "wrong"), 0)
        for one in lot:
            try:
                _, rows = read(GUESSING, io.BytesIO(one.text.encode(one.encoding)))
            except FileRefused:
                count["refused" if one.rows else "rightly refused"] += 1
                continue
            said = [f"{row.booked_at.isoformat()} {row.amount} {row.asset}" for row in rows]
            meant = [" ".join(row.split()[:3]).replace("None", "XXX") for row in one.rows]
            count["right" if said == meant else "wrong"] += 1
        right, refused, failed, wrong = count.values()
        print(f"{name:12}{len(lot):>7}{right:>7}{refused:>17}{failed:>9}{wrong:>7}")
    print()


def lines() -> Iterator[str]:
    """A bank's table of `ROWS` rows with a balance."""
    balance = 0
    yield "date,counterparty,text,amount,balance\n"
    for i in range(ROWS):
        cents = -(i * 7919 % 99991) if i % 7 else i * 7919 % 799991
        balance += cents
        day = date(2015, 1, 1) + timedelta(days=i * 3650 // ROWS)
        yield f"{day},Shop {i % 500},Card payment {i * 31 % 100003},{cents / 100:.2f},{balance / 100:.2f}\n"


def rates() -> None:
    """Rows a second, in one process, nothing written."""
    data = "".join(lines()).encode()
    inline = {
        "delimiter": ",",
        "dates": "%Y-%m-%d",
        "columns": {
            "date": "date", "amount": "amount", "counterparty": "counterparty", "description": "text",
            "balance": "balance",
        },
    }  # fmt: skip
    plain = {**inline, "balances": "none"}
    print(f"{ROWS:,} rows{'':14}{'rows/s':>12}")
    for name, options in (
        ("guessed", {}),
        ("a profile", {"profile": inline}),
        ("without balances", {"profile": plain}),
    ):
        hints = Hints(account="main", asset="EUR", options=options)
        begun = time.perf_counter()
        count = sum(1 for batch in GUESSING.plan(io.BytesIO(data), hints).batches() for _ in batch.records)
        assert count >= ROWS
        print(f"{name:26}{ROWS / (time.perf_counter() - begun):12,.0f}")


def main() -> None:
    """Print all tables."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    if folder.is_dir():
        files(folder)
    else:
        print(f"{folder} is not there: real files are left out\n")
    samples()
    exports()
    rates()


if __name__ == "__main__":
    main()
