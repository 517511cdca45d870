"""The database freezes, is killed and comes back while twenty feeds run: nothing is lost, late, or out of order."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flowd.engine.retry import Outcome
from flowd.engine.running import RunResult
from flowd.storage.database import Database
from flowd.storage.embedded import Embedded
from flowd.storage.migrate import migrate
from flowd.storage.postgres_process import processes_of
from flowd.storage.rawlog import RawLog
from flowd.storage.runs import Runs
from flowd.storage.tenants import ensure_tenant
from tests.engine_rig import Rig, engine, good

FEEDS = 20
DEADLINE = 1.0
#: Between two runs of a feed: thirty times as often as a real one.
PAUSE = 1.0
#: How long the database stays frozen: FLOWD_OUTAGE=60 is the long form.
FROZEN = float(os.environ.get("FLOWD_OUTAGE", "4"))


@pytest.fixture(scope="module")
def server() -> Iterator[Embedded]:
    """A server of this module's own: the others must not be frozen with it.

    The machine stays up, so nothing needs to reach the disk; but a commit must be one (synchronous_commit stays on).
    """
    folder = Path(tempfile.mkdtemp(prefix="flowd-test-"))
    folder.chmod(0o711)  # as root the server runs as another account, which has to pass through
    try:
        with Embedded(folder / "db", settings={"fsync": "off"}) as running:
            with Database(running.url()) as database:
                migrate(database)
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(server: Embedded, request: pytest.FixtureRequest) -> Iterator[Database]:
    tenant = request.node.name[:60]
    with Database(server.url(), tenant=tenant, deadline=DEADLINE) as opened:
        ensure_tenant(opened, tenant, base_currency="EUR", timezone="Europe/Berlin")
        yield opened


class Load:
    """Twenty feeds, each run again and again for a new tick, until told to stop."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._stop = threading.Event()
        self.results: dict[str, list[RunResult]] = {f"feed-{number}": [] for number in range(FEEDS)}
        self.slowest = 0.0
        self._threads = [threading.Thread(target=self._run, args=(name,)) for name in self.results]
        rig.add(*[good(name) for name in self.results])

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, name: str) -> None:
        while not self._stop.wait(PAUSE):
            begun = time.monotonic()
            self.results[name].append(self._rig.runner.run_once(name, "balances", datetime.now(UTC)))
            self.slowest = max(self.slowest, time.monotonic() - begun)


@contextlib.contextmanager
def feeds(folder: Path, database: Database) -> Iterator[tuple[Rig, Load]]:
    # Short checks, so that the way back is found soon after the server is.
    with engine(
        folder, store=Runs(database), log=RawLog(database), healthy=lambda: database.healthy(0.5), size=FEEDS
    ) as rig:
        load = Load(rig)
        yield rig, load


def wait_for(true: object, within: float) -> float:
    begun = time.monotonic()
    while not true():  # type: ignore[operator]
        assert time.monotonic() - begun < within
        time.sleep(0.02)
    return time.monotonic() - begun


def check_everything_arrived(database: Database, load: Load) -> None:
    """Each run that ended well stands in the log once, with its own tick, in order, counted through."""
    with database.transaction(10.0) as session:
        for name, results in load.results.items():
            assert {result.outcome for result in results} == {Outcome.DONE}, {result.message for result in results}
            rows = session.execute(
                "SELECT s.at, s.quantity FROM app.snapshot s JOIN raw.series r ON r.id = s.series_id"
                " AND r.tenant_id = s.tenant_id WHERE r.connection = %s ORDER BY s.at",
                (name,),
            ).fetchall()
            assert [int(quantity) for _, quantity in rows] == list(range(1, len(results) + 1))
            assert [at for at, _ in rows] == [result.tick for result in results]
        ended = session.execute("SELECT outcome, count(*) FROM ops.run GROUP BY outcome").fetchall()
        assert ended == [("done", sum(map(len, load.results.values())))]
        snapshots = session.execute("SELECT sum(snapshots) FROM ops.run").fetchone()
        assert snapshots is not None
        assert snapshots[0] == sum(map(len, load.results.values()))


def test_a_frozen_database_holds_no_run_and_loses_no_reading(
    tmp_path: Path, server: Embedded, database: Database
) -> None:
    with feeds(tmp_path, database) as (rig, load):
        with load:
            time.sleep(1)
            stopped = processes_of(server.folder / "data")
            for process in stopped:
                process.send_signal(signal.SIGSTOP)
            try:
                assert wait_for(lambda: rig.keeper.away, 10) < 2 * DEADLINE + 1
                assert b"flowd_database_up 0.0" in rig.telemetry.text()
                before = sum(map(len, load.results.values()))
                time.sleep(FROZEN)
                # They go on at their pace meanwhile, into the spool.
                assert sum(map(len, load.results.values())) - before > FEEDS * 2
                assert rig.spool.depth() > FEEDS
            finally:
                for process in stopped:
                    process.send_signal(signal.SIGCONT)
            wait_for(lambda: not rig.keeper.spooling, 20 + 2 * FROZEN)
            assert b"flowd_database_up 1.0" in rig.telemetry.text()
            time.sleep(1)
        wait_for(lambda: not rig.keeper.spooling, 20)
        # At worst a run finds the database gone at its begin, at its batch and at its end: one of them waits.
        assert load.slowest < 2 * DEADLINE + 2
        check_everything_arrived(database, load)


def test_a_database_killed_in_mid_write_loses_nothing(tmp_path: Path, server: Embedded, database: Database) -> None:
    with feeds(tmp_path, database) as (rig, load):
        with load:
            for _ in range(3):
                time.sleep(0.7)
                for process in processes_of(server.folder / "data"):
                    with contextlib.suppress(Exception):
                        process.kill()
                wait_for(lambda: rig.keeper.away, 10)
                time.sleep(0.5)
                assert server.ensure_running()
                wait_for(lambda: not rig.keeper.away, 20)
            time.sleep(0.5)
        wait_for(lambda: not rig.keeper.spooling, 20)
        check_everything_arrived(database, load)


def test_what_waits_in_the_spool_is_written_after_a_restart_of_flowd(
    tmp_path: Path, server: Embedded, database: Database
) -> None:
    with feeds(tmp_path, database) as (rig, load):
        with load:
            time.sleep(0.5)
            for process in processes_of(server.folder / "data"):
                with contextlib.suppress(Exception):
                    process.kill()
            wait_for(lambda: rig.keeper.away, 10)
            time.sleep(1)
        assert rig.spool.depth() > 0
    with feeds(tmp_path, database) as (rig, again):
        for name, results in again.results.items():
            results += load.results[name]
        # Still away, and a new daemon: the feeds go on where the spool says they have got to.
        with again:
            time.sleep(1)
            assert server.ensure_running()
            wait_for(lambda: not rig.keeper.spooling, 20)
        check_everything_arrived(database, again)
