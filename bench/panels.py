"""How long each panel of each dashboard takes on years of readings, asked as Grafana asks.

Builds a household (five years of 50 exchanges read every 5 minutes, 26 million readings, 100,000 movements of a bank,
transfers, statements with gaps, 20 coins traded for years, a year of runs and of projections), derives and studies it
as flowd does, and runs every query of every dashboard, also of the choices at its top, as the tenant's Grafana login:
over the time the dashboard opens with, over a year and over five years. First with a tenth of the readings, then with
all of them: the last column is by how much the slowest of the three takes longer then. Milliseconds are medians; the
reference is to count the rows of report.income. It asserts nothing.

    python -m bench.panels                                       # twenty minutes, seven gigabytes, then deleted
    python -m bench.panels --days 400 --streams 10 --every 60    # a small one

FLOWD_BENCH_DATABASE_URL is the address of an empty database to use instead of flowd's own, such as a TimescaleDB. What
is written there stays, and `--as-it-is` measures it again without writing.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo

from bench.panels_household import Household, Part, Size
from flowd.storage.database import Database
from flowd.storage.embedded import Embedded
from flowd.storage.migrate import migrate
from flowd.storage.tenants import ensure_grafana_login, ensure_tenant
from tests.panels import Range, Value, documents, expand, opened, panels

Connection = psycopg.Connection[tuple[Any, ...]]

# what is thrown away afterwards need not wait for the disk; how long questions take is the same
_HASTY: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "4GB"}
_PASSWORD: Final = "for-this-benchmark-only"
_COUNT: Final = "SELECT count(*) FROM report.income"
_UNITS: Final = {"m": 1 / 1440, "h": 1 / 24, "d": 1, "w": 7, "M": 30, "y": 365}
_WIDTHS: Final = (None, 365, 1826)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One query, and the days it is asked about when its dashboard opens."""

    label: str
    sql: str
    values: Mapping[str, Value]
    opens: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The median milliseconds of one question over each stretch of time, and the rows over the last."""

    spent: Sequence[float]
    rows: int


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=1826)
    parser.add_argument("--streams", type=int, default=50)
    parser.add_argument("--every", type=float, default=5.0, help="minutes between two readings of an exchange")
    parser.add_argument("--movements", type=int, default=55, help="movements of the bank account a day")
    parser.add_argument("--nights", type=int, default=365, help="nights on which projections were made")
    parser.add_argument("--tries", type=int, default=5)
    parser.add_argument("--as-it-is", action="store_true", help="write nothing, measure what is there")
    given = parser.parse_args(arguments)
    size = Size(
        days=given.days,
        streams=given.streams,
        every=timedelta(minutes=given.every),
        movements=given.movements,
        nights=given.nights,
    )
    with _database() as database:
        migrate(database)
        if given.as_it_is:
            count, asked = _ask_all(database, given.tries)
            _table({}, asked, count)
            return
        ensure_tenant(database, "home", base_currency="EUR", timezone="Europe/Berlin")
        _measure(database, size, given.tries)


@contextmanager
def _database() -> Iterator[Database]:
    address = os.environ.get("FLOWD_BENCH_DATABASE_URL")
    if address:
        with Database(address, tenant="home", deadline=3600.0) as database:
            yield database
        return
    folder = Path(tempfile.mkdtemp(prefix="flowd-bench-"))
    folder.chmod(0o711)  # as root the server runs as another account, which has to pass through
    try:
        with (
            Embedded(folder / "db", settings=_HASTY) as server,
            Database(server.url(), tenant="home", deadline=3600.0) as database,
        ):
            yield database
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(database: Database, size: Size, tries: int) -> None:
    household = Household(database, size, datetime.now(UTC))
    household.begin()
    found = []
    for part in Part:
        begun = time.monotonic()
        readings = household.read(part)
        _say(f"readings written, {part.name.lower()}", f"{readings:,} in {time.monotonic() - begun:.0f} s")
        derived, studied = household.derive()
        _say("  derived, studied", f"{derived:.0f} s, {studied:.0f} s")
        found.append(_ask_all(database, tries))
    with database.owner() as session:
        row = session.execute("SELECT pg_size_pretty(pg_database_size(current_database()))").fetchone()
    _say("size of the database", str(row and row[0]))
    (_, before), (count, after) = found
    _table(before, after, count)


def _ask_all(database: Database, tries: int) -> tuple[float, dict[str, Asked]]:
    """Return how long counting takes, and what came of each question."""
    with _grafana(database) as connection:
        bare, count = _spent(connection, "SELECT 1", tries)[0], _spent(connection, _COUNT, tries)[0]
        _say("  SELECT 1, counting report.income", f"{bare:.2f} ms, {count:.1f} ms")
        return count, {one.label: _ask(connection, one, tries) for one in _questions(connection)}


def _table(before: Mapping[str, Asked], after: Mapping[str, Asked], count: float) -> None:
    width = max(len(label) for label in after)
    print(f"\n{'':<{width}}    opens   1 year  5 years     rows  against  with ten times")
    print(f"{'':<{width}}       ms       ms       ms          counting    the readings")
    for label, asked in sorted(after.items(), key=lambda item: -max(item[1].spent)):
        times = "".join(f"{spent:9.1f}" for spent in asked.spent)
        ratio = max(asked.spent) / max(before[label].spent) if label in before else float("nan")
        print(f"{label:<{width}}{times}{asked.rows:9,}{max(asked.spent) / count:9.2f}{ratio:16.2f}")


@contextmanager
def _grafana(database: Database) -> Iterator[Connection]:
    role = ensure_grafana_login(database, "home", _PASSWORD)
    address = make_conninfo(database.dsn, user=role, password=_PASSWORD)
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


def _questions(connection: Connection) -> list[Question]:
    """Every query of every panel, and of every choice at the top."""
    found = []
    for document in documents():
        values = opened(document, lambda sql: connection.execute(sql.encode()).fetchall())
        span, title = _range(document["time"]), document["title"]
        found += [
            Question(label=panel.label, sql=panel.sql, values=values, opens=span)
            for panel in panels()
            if panel.dashboard == title
        ]
        found += [
            Question(label=f"{title}: choice of {each['name']}", sql=each["query"], values=values, opens=span)
            for each in document["templating"]["list"]
            if each["type"] == "query"
        ]
    return found


def _ask(connection: Connection, question: Question, tries: int) -> Asked:
    now = datetime.now(UTC)
    spent, rows = [], 0
    for days in _WIDTHS:
        span = question.opens if days is None else Range(since=now - timedelta(days=days), until=question.opens.until)
        values = question.values if days is None else {**question.values, "granularity": "auto"}
        took, rows = _spent(connection, expand(question.sql, values, span), tries)
        spent.append(took)
    return Asked(spent=spent, rows=rows)


def _spent(connection: Connection, sql: str, tries: int) -> tuple[float, int]:
    spent, rows = [], 0
    for _ in range(tries):
        begun = time.perf_counter()
        try:
            rows = len(connection.execute(sql.encode()).fetchall())
        except psycopg.errors.QueryCanceled:  # the login is stopped after 15 seconds
            return float("inf"), 0
        spent.append((time.perf_counter() - begun) * 1000)
    return statistics.median(spent), rows


def _range(given: Mapping[str, str]) -> Range:
    return Range(since=_moment(given["from"]), until=_moment(given["to"]))


def _moment(text: str) -> datetime:
    """Read Grafana's words for a moment, such as now-90d; what it is rounded to (now/M) is left out."""
    parts = re.fullmatch(r"now(?:([+-])(\d+)([mhdwMy]))?(?:/[dwMy])?", text)
    if parts is None:
        raise ValueError(f"no moment: {text!r}")
    if parts[1] is None:
        return datetime.now(UTC)
    days = float(parts[2]) * _UNITS[parts[3]]
    return datetime.now(UTC) + timedelta(days=days if parts[1] == "+" else -days)


def _say(what: str, words: str) -> None:
    print(f"{what:<40} {words}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
