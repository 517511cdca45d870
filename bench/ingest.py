"""How fast does what sources say become durable, next to a bare COPY of the same rows?

Prints, from one run on an embedded PostgreSQL in a temporary folder, with `fsync` on:

1. rows per second of the batch writer (packing, deduplication, row security, projection, pending work, commit) for
   snapshots and for transactions, and their ratio to psycopg's binary `write_row` with `set_types` of the same rows
   into a table of the same shape with its primary key: taken in turns, medians;
2. how long a batch of 100 snapshots takes, next to one bare INSERT from arrays;
3. a file of a million CSV transactions, from `import_file` to committed events and their projection: seconds, and the
   peak memory of the process (PostgreSQL not counted).

    python -m bench.ingest [--rows 100000] [--repeats 5] [--csv 1000000]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from flowd.domain.keys import data_of, digest, occurred_at, subject_of
from flowd.domain.records import Batch, Snapshot, Transaction
from flowd.storage.database import Database
from flowd.storage.embedded import Embedded
from flowd.storage.migrate import migrate
from flowd.storage.rawlog import RawLog
from flowd.storage.tenants import ensure_tenant

START = datetime(2024, 1, 1, tzinfo=UTC)
SERIES = 100

BARE: dict[str, tuple[LiteralString, LiteralString, list[str]]] = {
    "snapshots": (
        """CREATE TABLE bare (tenant_id int NOT NULL, series_id int NOT NULL, at timestamptz NOT NULL,
               quantity numeric NOT NULL CHECK (abs(quantity) < 1e30), inferred boolean NOT NULL DEFAULT false,
               PRIMARY KEY (tenant_id, series_id, at))""",
        "COPY bare (tenant_id, series_id, at, quantity) FROM STDIN (FORMAT BINARY)",
        ["int4", "int4", "timestamptz", "numeric"],
    ),
    "transactions": (
        """CREATE TABLE bare (tenant_id int NOT NULL, subject uuid NOT NULL, version int NOT NULL, type text NOT NULL,
               connection text NOT NULL, key uuid NOT NULL, data jsonb NOT NULL, occurred_at timestamptz,
               added_at timestamptz NOT NULL DEFAULT now(), position bigint GENERATED ALWAYS AS IDENTITY,
               PRIMARY KEY (tenant_id, subject, version))""",
        """COPY bare (tenant_id, subject, version, type, connection, key, data, occurred_at)
           FROM STDIN (FORMAT BINARY)""",
        ["int4", "uuid", "int4", "text", "text", "uuid", "jsonb", "timestamptz"],
    ),
}


def snapshots(count: int, begin: datetime = START) -> list[Snapshot]:
    """Readings of a hundred assets, one moment after the other."""
    names = [f"A{number}" for number in range(SERIES)]
    ticks = [begin + timedelta(seconds=30) * number for number in range(count // SERIES + 1)]
    return [
        Snapshot(account="spot", asset=names[i % SERIES], quantity=Decimal(i * 7919) / 1000, at=ticks[i // SERIES])
        for i in range(count)
    ]


def transactions(count: int) -> list[Transaction]:
    """Card payments as a bank states them, with its names for them."""
    first = date(2015, 1, 1)
    return [
        Transaction(
            account="main",
            external_id=f"T{i}",
            booked_at=first + timedelta(days=i * 3650 // count),
            amount=Decimal(-(i * 7919 % 99991)) / 100,
            asset="EUR",
            counterparty=f"Shop {i % 500}",
            description=f"Card payment {i * 31 % 100003} branch {i % 77}",
        )
        for i in range(count)
    ]


def bare_rows(kind: str, records: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The same rows as bare COPY takes them; making them is not measured."""
    if kind == "snapshots":
        return [(1, int(record.asset[1:]) + 1, record.at, record.quantity) for record in records]
    from uuid import UUID

    from psycopg.types.json import Jsonb

    found = []
    for record in records:
        subject, data = subject_of("bank", record), data_of(record)
        key = UUID(bytes=digest(subject.hex(), data))
        content = Jsonb(json.loads(data))
        found.append((1, UUID(bytes=subject), 1, "transaction", "bank", key, content, occurred_at(record)))
    return found


@contextmanager
def server() -> Iterator[Embedded]:
    """A PostgreSQL of our own, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="flowd-bench-"))
    folder.chmod(0o711)
    try:
        with Embedded(folder / "db") as embedded:
            yield embedded
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh(embedded: Embedded, number: list[int]) -> Iterator[Database]:
    """A database of its own with flowd's schema, dropped afterwards, so that every repeat begins the same."""
    number[0] += 1
    name = f"bench_{number[0]}"
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as root:
        root.execute(f"CREATE DATABASE {name} OWNER flowd_owner TEMPLATE bench".encode())
    try:
        with Database(embedded.url(database=name), tenant="home", deadline=120.0) as database:
            yield database
    finally:
        with psycopg.connect(embedded.url("postgres"), autocommit=True) as root:
            root.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
            root.execute("CHECKPOINT")


def timed(work: Callable[[], object]) -> float:
    """How long `work` takes, in seconds."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def copy_bare(dsn: str, words: LiteralString, types: list[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """The reference: psycopg's binary COPY, row by row, and the commit."""
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor, cursor.copy(words) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def bulk(embedded: Embedded, rows: int, repeats: int) -> None:
    """Part 1."""
    print(f"{'':14}{'bare COPY':>12}{'batch writer':>14}{'ratio':>8}   (rows/s, medians of {repeats}, {rows:,} rows)")
    number = [0]
    for kind, records in (("snapshots", snapshots(rows)), ("transactions", transactions(rows))):
        table, copy, types = BARE[kind]
        plain = bare_rows(kind, records)
        bare_times, our_times = [], []
        for _ in range(repeats):
            with fresh(embedded, number) as database:
                with psycopg.connect(database.dsn) as connection:
                    connection.execute(table)
                bare_times.append(timed(partial(copy_bare, database.dsn, copy, types, plain)))
            with fresh(embedded, number) as database:
                log = RawLog(database)
                log.write_batch("warm", Batch(records=records[:1]), tick=START)
                our_times.append(timed(partial(log.write_batch, "bank", Batch(records=records), tick=START)))
        bare, ours = rows / statistics.median(bare_times), rows / statistics.median(our_times)
        print(f"{kind:14}{bare:12,.0f}{ours:14,.0f}{ours / bare:8.2f}")


def latency(embedded: Embedded, repeats: int) -> None:
    """Part 2."""
    with fresh(embedded, [1000]) as database:
        log = RawLog(database)
        readings = snapshots(SERIES * repeats)
        batches = [readings[i : i + SERIES] for i in range(0, len(readings), SERIES)]
        with psycopg.connect(database.dsn) as connection:
            connection.execute(BARE["snapshots"][0])
            connection.commit()
            bare_times, our_times = [], []
            for batch in batches:
                series = [int(record.asset[1:]) for record in batch]
                at, quantity = [record.at for record in batch], [record.quantity for record in batch]

                def insert(values: tuple[Any, ...] = (series, at, quantity)) -> None:
                    connection.execute(
                        "INSERT INTO bare (tenant_id, series_id, at, quantity)"
                        " SELECT 1, * FROM unnest(%s::int[], %s::timestamptz[], %s::numeric[])",
                        values,
                    )
                    connection.commit()

                bare_times.append(timed(insert))
                our_times.append(timed(partial(log.write_batch, "bank", Batch(records=batch), tick=START)))
    print(f"\n{'100 snapshots':24}{'p50 ms':>8}{'p99 ms':>8}   ({repeats} batches, in turns)")
    for name, times in (("bare INSERT of arrays", bare_times), ("batch writer", our_times)):
        cuts = statistics.quantiles(times, n=100)
        print(f"{name:24}{cuts[49] * 1000:8.2f}{cuts[98] * 1000:8.2f}")


def csv_file(embedded: Embedded, rows: int) -> None:
    """Part 3, in a process of its own, so that its memory can be told."""
    with tempfile.TemporaryDirectory(prefix="flowd-bench-") as folder, fresh(embedded, [2000]) as database:
        path = Path(folder) / "bank.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write("date,counterparty,text,amount\n")
            for i in range(rows):
                day = date(2015, 1, 1) + timedelta(days=i * 3650 // rows)
                cents = -(i * 7919 % 99991)
                file.write(f"{day},Shop {i % 500},Card payment {i * 31 % 100003} branch {i % 77},{cents / 100:.2f}\n")
        size = path.stat().st_size / 1e6
        print(f"\n{rows:,} CSV transactions ({size:.0f} MB)")
        for what in ("first import", "the same again"):
            answer = subprocess.run(
                [sys.executable, "-m", "bench.ingest", "--import-into", database.dsn, "--file", str(path)],
                check=True, capture_output=True, text=True,
            )  # fmt: skip
            said = json.loads(answer.stdout)
            rate, cpu = rows / said["seconds"], f"CPU {said['cpu']:.1f} s + {said['server_cpu']:.1f} s of PostgreSQL"
            print(f"{what:16}{said['seconds']:6.1f} s{rate:10,.0f} rows/s  {cpu}  {said['peak_mb']:.0f} MB peak")
            print(f"{'':16}{said['written']}")
        with database.transaction() as session:
            counts = session.execute(
                "SELECT (SELECT count(*) FROM raw.event WHERE type = 'transaction'), count(*) FROM derived.transaction"
            )
            print(f"events, projected rows: {counts.fetchone()}")


def import_one(dsn: str, path: Path) -> None:
    """What the process of part 3 does: says its time and memory as JSON."""
    import resource

    from flowd.api import Hints, Importer
    from flowd.engine.imports import import_file
    from flowd.importers import register_importers

    importers: list[Importer] = []
    register_importers(importers.append)
    with Database(dsn, tenant="home", deadline=60.0) as database:
        begun = time.perf_counter()
        done = import_file(
            path,
            {importer.name: importer for importer in importers},
            Hints(account="main", asset="EUR"),
            log=RawLog(database),
            connection="inbox",
            at=datetime.now(UTC),
        )
        seconds = time.perf_counter() - begun
        with database.transaction() as session:
            # the session that wrote is the one lent again
            stat = Path(f"/proc/{session.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    used = resource.getrusage(resource.RUSAGE_SELF)
    said = {
        "seconds": seconds,
        "cpu": used.ru_utime + used.ru_stime,
        "server_cpu": (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK"),
        "peak_mb": int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024,
        "written": f"{done.written.events_new:,} new, {done.written.unchanged:,} unchanged",
    }
    print(json.dumps(said))


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--batches", type=int, default=300)
    parser.add_argument("--csv", type=int, default=1_000_000)
    parser.add_argument("--import-into", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.import_into:
        import_one(asked.import_into, asked.file)
        return
    with server() as embedded:
        with psycopg.connect(embedded.url("postgres"), autocommit=True) as root:
            root.execute("CREATE DATABASE bench OWNER flowd_owner")
        with Database(embedded.url(database="bench")) as database:
            migrate(database)
            ensure_tenant(database, "home", base_currency="EUR", timezone="Europe/Berlin")
        if asked.rows:
            bulk(embedded, asked.rows, asked.repeats)
        if asked.batches:
            latency(embedded, asked.batches)
        if asked.csv:
            csv_file(embedded, asked.csv)


if __name__ == "__main__":
    main()
