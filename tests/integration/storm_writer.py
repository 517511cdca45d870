"""The process that the kill storm kills: writes batches for ever, and notes each one outside once it is acknowledged.

    python storm_writer.py DSN LEDGER

The content of a batch follows from its number alone, so whoever continues after a kill writes the same again.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from flowd.domain.flows import Covers
from flowd.domain.records import Batch, Cursor, Record, Snapshot, Transaction
from flowd.errors import DatabaseAway
from flowd.storage.database import Database
from flowd.storage.packing import pack
from flowd.storage.rawlog import RawLog
from flowd.storage.runs import Runs

START = datetime(2026, 1, 1, tzinfo=UTC)
ASSETS = 20
CORRECTED = 50
FILE_ROWS = 3_000


def tick_of(number: int) -> datetime:
    """The moment of batch `number`."""
    return START + timedelta(seconds=30) * number


def sync(number: int) -> Batch:
    """Readings and transactions of a sync, some of them corrections of earlier ones."""
    tick = tick_of(number)
    records: list[Record] = [
        Snapshot(account="spot", asset=f"A{asset}", quantity=Decimal(number + asset), at=tick)
        for asset in range(ASSETS)
        if asset or number % 3  # one asset comes and goes: its zeros are part of what must hold
    ]
    for name in (f"new-{number}", f"old-{number % CORRECTED}"):
        records.append(
            Transaction(
                account="main", external_id=name, booked_at=date(2026, 1, 1), amount=Decimal(number), asset="EUR"
            )
        )
    return Batch(records=records, cursor=Cursor(data={"number": number}), covers=Covers.CONNECTION)


def file_rows(number: int) -> Iterator[Record]:
    """A file whose rows have no names; each comes three times."""
    for row in range(FILE_ROWS):
        yield Transaction(
            account="main",
            external_id=None,
            booked_at=date(2026, 1, 1) + timedelta(days=row % 7),
            amount=Decimal(row % 1_000),
            asset="EUR",
            description=f"file {number}",
        )


def main(dsn: str, ledger: Path) -> None:
    """Write batch after batch, each fifth a file, going on where the ledger ends."""
    done = [line for line in ledger.read_text().splitlines() if line.endswith(".")] if ledger.exists() else []
    number = len(done)
    noted = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with Database(dsn, tenant="home", deadline=5.0) as database:
        log, runs = RawLog(database), Runs(database)
        while True:
            try:
                if number % 5 == 4:
                    frames = pack(Batch(records=file_rows(number)), connection="files", rows=500)
                    log.write("files", frames, tick=tick_of(number))
                else:
                    run = runs.open_run("exchange", "balances", tick_of(number), datetime.now(UTC))
                    log.write_batch("exchange", sync(number), run=run, tick=tick_of(number))
                    runs.close_run(run, "done", datetime.now(UTC))
            except DatabaseAway:
                time.sleep(0.05)
                continue
            # acknowledged from here on: one whole line, on the disk
            os.write(noted, f"{number}.\n".encode())
            os.fsync(noted)
            number += 1


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
