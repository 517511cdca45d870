"""kill -9 of the writer, of PostgreSQL, of both, at random moments: nothing acknowledged is lost, nothing doubled.

Short here; `FLOWD_STORM=50` makes it fifty kills. The seed is printed, `FLOWD_STORM_SEED` replays it.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, LiteralString

import pytest

from flowd.errors import FlowdError
from flowd.storage.database import Database
from flowd.storage.embedded import Embedded
from flowd.storage.migrate import migrate
from flowd.storage.projection import project_all
from flowd.storage.rawlog import RawLog
from flowd.storage.tenants import ensure_tenant

WRITER = Path(__file__).with_name("storm_writer.py")
TABLES: tuple[LiteralString, ...] = ("transaction", "trade", "account", "schedule_term")
KILLS = int(os.environ.get("FLOWD_STORM", "12"))
SEED = int(os.environ.get("FLOWD_STORM_SEED", "20260301"))


@pytest.fixture
def embedded() -> Iterator[Embedded]:
    with tempfile.TemporaryDirectory(prefix="flowd-test-storm-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        with Embedded(Path(folder) / "db") as server:
            with Database(server.url()) as database:
                migrate(database)
                ensure_tenant(database, "home", base_currency="EUR", timezone="Europe/Berlin")
            yield server


class Writer:
    """The writing process, started anew after each of its deaths."""

    def __init__(self, dsn: str, ledger: Path) -> None:
        self.command = [sys.executable, str(WRITER), dsn, str(ledger)]
        self.ledger = ledger
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        if not self.running:
            self.process = subprocess.Popen(self.command, stderr=subprocess.PIPE)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        _, said = self.process.communicate()
        assert self.process.returncode == -signal.SIGKILL, said.decode()

    def acknowledged(self) -> int:
        return len([line for line in self.ledger.read_text().splitlines() if line.endswith(".")])


def kill_postgres(server: Embedded) -> None:
    """Kill the postmaster and everything it started, as a power cut would."""
    postmaster = server.pid
    assert postmaster is not None
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    for pid in (postmaster, *map(int, children)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def answer_again(server: Embedded, database: Database, within: float = 30.0) -> float:
    begun = time.monotonic()
    while True:
        with contextlib.suppress(FlowdError):
            server.ensure_running()
            if database.healthy():
                return time.monotonic() - begun
        assert time.monotonic() - begun < within, "the database did not come back"


def rows(database: Database, query: LiteralString) -> list[tuple[Any, ...]]:
    with database.transaction() as session:
        return session.execute(query).fetchall()


def check(database: Database, acknowledged: int) -> None:
    """Compare the store with what batches 0 to `acknowledged` - 1 say, and the one under way, whole or not at all."""
    from tests.integration import storm_writer as made

    numbers = [n for n in range(acknowledged + 1) if n % 5 != 4]
    readings = {
        (f"A{asset}", made.tick_of(n)): Decimal(n + asset)
        for n in numbers
        for asset in range(made.ASSETS)
        if asset or n % 3
    }
    stated = rows(
        database,
        """SELECT s.asset, r.at, r.quantity, r.inferred FROM app.snapshot r
           JOIN raw.series s ON s.tenant_id = r.tenant_id AND s.id = r.series_id""",
    )
    found = {(asset, at): quantity for asset, at, quantity, inferred in stated if not inferred}
    assert len(found) == len([row for row in stated if not row[3]])
    under_way = {key: value for key, value in readings.items() if key[1] == made.tick_of(acknowledged)}
    settled = readings.keys() - under_way.keys()
    assert {key: found[key] for key in settled} == {key: readings[key] for key in settled}
    assert found.keys() - settled in (set(), under_way.keys())
    # what vanished is zero, said once each time it went
    went = [n for n in numbers if n % 3 == 0 and any(m % 3 for m in numbers if m < n)]
    zeros = {row[1] for row in stated if row[3]}
    expected = {made.tick_of(n) for n in went if (before(numbers, n) or 0) % 3}
    assert zeros in (expected, expected - {made.tick_of(acknowledged)})

    named = {f"new-{n}": Decimal(n) for n in numbers}
    for n in numbers:
        named[f"old-{n % made.CORRECTED}"] = Decimal(n)
    transactions = rows(database, "SELECT external_id, amount FROM derived.transaction WHERE external_id IS NOT NULL")
    assert len(transactions) == len(dict(transactions))
    missing = named.items() - dict(transactions).items()
    assert {name for name, _ in missing} <= {f"new-{acknowledged}", f"old-{acknowledged % made.CORRECTED}"}
    assert len(missing) in {0, 2}
    for number, count, different in rows(
        database,
        """SELECT substr(description, 6)::int, count(*), count(DISTINCT subject) FROM derived.transaction
           WHERE external_id IS NULL GROUP BY 1 ORDER BY 1""",
    ):
        assert (count, different) == (made.FILE_ROWS, made.FILE_ROWS), f"file {number}"
    files = {
        row[0]
        for row in rows(
            database, "SELECT DISTINCT substr(description, 6)::int FROM derived.transaction WHERE external_id IS NULL"
        )
    }
    assert {n for n in range(acknowledged) if n % 5 == 4} <= files <= {n for n in range(acknowledged + 1) if n % 5 == 4}

    ((cursor,),) = rows(database, "SELECT data ->> 'number' FROM ops.cursor")
    assert int(cursor) in {max(n for n in numbers if n < acknowledged), acknowledged}


def before(numbers: list[int], number: int) -> int | None:
    """The number before `number`."""
    return max((n for n in numbers if n < number), default=None)


def wait_for_sessions(database: Database) -> None:
    """Wait until no session whose client was killed is still at work: it may be committing."""
    query = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
          AND state <> 'idle'"""
    while True:
        with database.owner() as session:
            if session.execute(query).fetchone() == (0,):
                return
        time.sleep(0.05)


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    return {name: rows(database, f"SELECT row::text FROM derived.{name} row ORDER BY 1") for name in TABLES}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_storm_of_kills_loses_and_doubles_nothing(embedded: Embedded, tmp_path: Path) -> None:
    pick = random.Random(SEED)
    print(f"\nseed {SEED}, {KILLS} kills")
    ledger = tmp_path / "ledger"
    writer = Writer(embedded.url(), ledger)
    counts = {"writer": 0, "PostgreSQL": 0, "both": 0}
    recoveries: list[float] = []
    with Database(embedded.url(), tenant="home", deadline=60.0) as database:
        for kill in range(KILLS):
            writer.start()
            seen = writer.acknowledged() if ledger.exists() else 0
            # the next kill may come at any moment of a batch, but something has to be under way
            while not ledger.exists() or writer.acknowledged() == seen:
                time.sleep(0.01)
            time.sleep(pick.uniform(0.0, 0.7))
            victim = pick.choice(list(counts)) if kill >= len(counts) else list(counts)[kill]
            counts[victim] += 1
            if victim != "PostgreSQL":
                writer.kill()
            if victim != "writer":
                kill_postgres(embedded)
                recoveries.append(answer_again(embedded, database))
        if writer.running:
            writer.kill()
        acknowledged = writer.acknowledged()
        answer_again(embedded, database)
        wait_for_sessions(database)
        check(database, acknowledged)
        grown = contents(database)
        with database.transaction() as session:
            project_all(session, database.tenant_id)
        assert contents(database) == grown
        # and going on is possible: the batch under way is written again, whole
        from tests.integration import storm_writer as made

        if acknowledged % 5 != 4:
            RawLog(database).write_batch("exchange", made.sync(acknowledged), tick=made.tick_of(acknowledged))
    print(f"{counts}, {acknowledged} batches acknowledged, back after at most {max(recoveries):.1f} s")
