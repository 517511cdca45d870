"""What the dashboards Income and Stream say is right: their queries over income that is easy to reckon."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from flowd.storage.database import Database
from flowd.storage.tenants import ensure_grafana_login
from tests.integration.test_report_numbers import Book
from tests.panels import Range, Value, documents, expand, opened, panels

PASSWORD = "for-this-test-only"


class Household(Book):
    """Income that is put in, and the panels that show it."""

    def sql(self, words: str, **values: object) -> None:
        self._run(words, **values)

    @contextmanager
    def grafana(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        role = ensure_grafana_login(self.database, "home", PASSWORD)
        address = make_conninfo(self.database.dsn, user=role, password=PASSWORD)
        with psycopg.connect(address, autocommit=True) as connection:
            yield connection

    def panel(
        self, dashboard: str, title: str, *, ref: str = "A", days: int = 90, **chosen: Value
    ) -> list[dict[str, Any]]:
        """The rows of one panel, by column."""
        (panel,) = [each for each in panels() if (each.dashboard, each.title, each.ref) == (dashboard, title, ref)]
        document = next(each for each in documents() if each["title"] == dashboard)
        with self.grafana() as connection:
            values = opened(document, lambda sql: connection.execute(sql.encode()).fetchall())
            cursor = connection.execute(expand(panel.sql, {**values, **chosen}, Range.last(days)).encode())
            assert cursor.description is not None
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture
def home(database: Database) -> Household:
    with database.transaction() as connection:
        row = connection.execute(b"SELECT report.today()").fetchone()
    assert row is not None
    return Household(database, row[0])


def test_a_spark_is_drawn_from_zero_and_leaves_out_what_is_not_known(home: Household) -> None:
    drawn = home.ask(
        "SELECT report.spark(ARRAY[0, 7, NULL, 3.5]), report.spark(ARRAY[5, 5]), report.spark(ARRAY[0, 0]),"
        " report.spark(ARRAY[-7, 0, 7]), report.spark(ARRAY[]::numeric[])"
    )
    assert drawn == [("▁█·▅", "██", "▁▁", "▁▅█", None)]


def test_a_sparkline_is_of_whole_weeks_and_of_the_days_that_are_known(home: Household) -> None:
    home.stream("wallet", "value")
    home.stream("gigs", "transactions")
    home.earn("wallet", range(8), "10")  # today, which is left out, and a whole week
    home.earn("wallet", [8], "20")  # the only day of the week before that is known
    home.earn("gigs", [84], "35")  # the first of the twelve weeks; then nothing, which is zero
    home.earn("gigs", [1], None, "estimated")
    found = home.ask("SELECT stream, weeks, lowest, highest FROM report.sparkline ORDER BY 1")
    assert found == [("gigs", "█▁▁▁▁▁▁▁▁▁▁▁", 0, 5), ("wallet", "··········█▅", 10, 20)]


@pytest.mark.parametrize(
    ("bucket", "days", "moved"),
    [("day", 9, 10), ("week", 20, None), ("month", 70, None), ("quarter", 200, None), ("year", 400, None)],
)
def test_the_time_before_is_as_long_and_laid_on_this_one(
    home: Household, bucket: str, days: int, moved: int | None
) -> None:
    home.stream("salary", "schedule")
    home.earn("salary", range(2000), "1")
    until = datetime(home.today.year, home.today.month, home.today.day, 12, tzinfo=UTC)
    window = f"'{until - timedelta(days=days)}', '{until}', '{bucket}'"
    now = home.ask(f'SELECT "time", amount FROM report.income({window}) ORDER BY 1')
    before = home.ask(f'SELECT "time", amount FROM report.income_before({window}) ORDER BY 1')
    assert [row[0] for row in before] == [row[0] for row in now]
    assert sum(row[1] for row in before) == (now[0][0].date() - _earlier(now, bucket)).days
    if moved:
        assert sum(row[1] for row in before) == moved


def _earlier(rows: list[tuple[Any, ...]], bucket: str) -> date:
    """The first day of as many whole buckets before the first of `rows`."""
    first: date = rows[0][0].date()
    if bucket in ("day", "week"):
        return first - timedelta(days=len(rows) * (7 if bucket == "week" else 1))
    months = first.year * 12 + first.month - 1 - len(rows) * {"month": 1, "quarter": 3, "year": 12}[bucket]
    return date(months // 12, months % 12 + 1, 1)
