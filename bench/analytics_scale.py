"""Derivation and studies on years of readings every five minutes: one new reading, everything anew, and memory.

`python -m bench.analytics_scale --years 0.2 --streams 10` is a small one. The full size (five years of 50 streams, 26
million readings) takes about five gigabytes in a temporary folder, which is deleted afterwards.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from bench.panels_household import write_readings
from flowd.api import AccountInfo, AccountKind, Batch, Snapshot
from flowd.config import Settings
from flowd.engine.derivation import Derivation
from flowd.engine.studying import Studies
from flowd.plugins import Registry, load_plugins
from flowd.storage.database import Database
from flowd.storage.embedded import Embedded
from flowd.storage.migrate import migrate
from flowd.storage.rawlog import RawLog
from flowd.storage.tenants import ensure_tenant
from flowd.testing.fakes import FakeClock


class _Clock(FakeClock):
    """Days of the test, seconds of the machine."""

    def monotonic(self) -> float:
        """Return the machine's seconds."""
        return time.monotonic()


NOW: Final = datetime(2026, 3, 20, 12, tzinfo=UTC)
_STEP: Final = timedelta(minutes=5)
_TRIES: Final = 20


def main(arguments: list[str] | None = None) -> None:
    """Print one table; it asserts nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=float, default=5.0)
    parser.add_argument("--streams", type=int, default=50)
    parser.add_argument("--study", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments or [])
    if given.study:
        _study(given.study, given.streams)
        return
    folder = Path(tempfile.mkdtemp(prefix="flowd-bench-"))
    folder.chmod(0o711)
    try:
        with Embedded(folder / "db") as server, Database(server.url(), tenant="home", deadline=3600.0) as database:
            migrate(database)
            ensure_tenant(database, "home", base_currency="EUR", timezone="Europe/Berlin")
            _measure(database, given.years, given.streams)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def settings_of(streams: int) -> Settings:
    """Return the settings of a tenant with so many exchanges."""
    connections = {f"exchange{number:02}": {"type": "any"} for number in range(streams)}
    tenant = {"base_currency": "EUR", "timezone": "Europe/Berlin"}
    return Settings.model_validate({"tenant": tenant, "connections": connections})


def _measure(database: Database, years: float, streams: int) -> None:
    clock, settings, registry = _Clock(NOW), settings_of(streams), load_plugins((), path=[])
    rawlog = RawLog(database)
    for name in settings.connections:
        _write(rawlog, clock, name, AccountInfo(account="spot", name="Spot", kind=AccountKind.WALLET_SPOT))
        _write(rawlog, clock, name, Snapshot(account="spot", asset="EUR", quantity=Decimal(1), at=_long_ago(years)))
    count = round(years * 365.25 * 288)
    begun = time.monotonic()
    written = write_readings(database, count, streams, now=NOW, step=_STEP)
    with database.owner(3600.0) as session:
        session.execute("ANALYZE raw.snapshot")
    _say("readings", f"{written:,}")
    _say("written in", f"{time.monotonic() - begun:.0f} s")
    derivation = Derivation(database, registry, settings, clock)
    derived = derivation.rebuild()
    _say("everything derived anew", f"{derived.seconds:.1f} s, {derived.rows:,} rows of days")
    _say("  most memory of flowd", f"{_memory():,.0f} MB")
    _say("  most memory of PostgreSQL's process", f"{_server_memory(database):,.0f} MB")
    _say("nothing new", _in_ms([_round(derivation) for _ in range(5)]))
    _say("one new reading", _in_ms(_new_readings(derivation, rawlog, clock, 1)))
    _say("one new reading, first of a day", _in_ms(_new_readings(derivation, rawlog, clock, 288, tries=3)))
    _say(f"one of each of {streams}", _in_ms(_new_readings(derivation, rawlog, clock, 1, streams=streams, tries=5)))
    _studies(database, streams, clock)


def _new_readings(
    derivation: Derivation, rawlog: RawLog, clock: FakeClock, steps: int, *, streams: int = 1, tries: int = _TRIES
) -> list[float]:
    """Return the seconds that deriving took after new readings, each so many steps after the last."""
    found = []
    for number in range(tries):
        clock.advance(_STEP * steps)
        for stream in range(streams):
            amount = Decimal(2900) + number + stream
            reading = Snapshot(account="spot", asset="EUR", quantity=amount, at=clock.now())
            _write(rawlog, clock, f"exchange{(number + stream) % max(streams, 10):02}", reading)
        found.append(_round(derivation))
    return found


def _round(derivation: Derivation) -> float:
    begun = time.monotonic()
    derivation.catch_up()
    return time.monotonic() - begun


def _studies(database: Database, streams: int, clock: FakeClock) -> None:
    """Have studies made by a process of their own, as the daemon does, so that their memory can be told."""
    command = [sys.executable, "-m", "bench.analytics_scale", "--streams", str(streams), "--study", database.dsn]
    environ = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "FLOWD_BENCH_NOW": clock.now().isoformat()}
    subprocess.run(command, env=environ, check=True, timeout=3600)


def _study(dsn: str, streams: int) -> None:
    now = datetime.fromisoformat(os.environ["FLOWD_BENCH_NOW"])
    registry: Registry = load_plugins((), path=[])
    with Database(dsn, tenant="home", deadline=3600.0) as database:
        studies = Studies(database, registry, settings_of(streams), _Clock(now))
        begun = time.monotonic()
        results = studies.run()
        _say("studies", f"{time.monotonic() - begun:.1f} s, {_memory():,.0f} MB at most")
        for one in results:
            words = one.reason or f"{one.seconds:.1f} s, {one.rows:,} rows"
            _say(f"  {one.study}", words)
        begun = time.monotonic()
        studies.run()
        _say("studies, nothing new", f"{(time.monotonic() - begun) * 1000:.0f} ms")


def _write(rawlog: RawLog, clock: FakeClock, connection: str, *records: Any) -> None:
    rawlog.write_batch(connection, Batch(records=records), tick=clock.now(), now=clock.now())


def _long_ago(years: float) -> datetime:
    return NOW - timedelta(days=365.25 * years + 1)


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _server_memory(database: Database) -> float:
    """Return the most memory that the server's process of the last transaction ever held of its own."""
    with database.transaction() as session:
        row = session.execute("SELECT pg_backend_pid()").fetchone()
    assert row is not None
    try:
        status = Path(f"/proc/{row[0]}/status").read_text()
    except OSError:
        return float("nan")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _in_ms(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.0f} ms (at most {max(seconds) * 1000:.0f} ms)"


def _say(what: str, words: str) -> None:
    print(f"{what:<40} {words}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
