"""Income that a test puts into the database, and what reports and panels say of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from flowd.storage.database import Database
from flowd.storage.tenants import ensure_grafana_login
from tests.panels import Range, Value, documents, expand, opened, panels

PASSWORD = "for-this-test-only"


@dataclass
class Book:
    """Puts income into the database and asks the reports for it; days are counted back from today."""

    database: Database
    today: date

    def stream(self, name: str, method: str) -> None:
        self._run(
            "INSERT INTO derived.stream (tenant_id, stream, method, connection, name, grp)"
            " VALUES (%(tenant)s, %(name)s, %(method)s, 'c', %(name)s, 'g')",
            name=name,
            method=method,
        )

    def earn(
        self,
        stream: str,
        ages: range | list[int],
        amount: str | None,
        quality: str = "exact",
        received: str | None = None,
        currency: str = "EUR",
        base: str | None = None,
    ) -> None:
        self._run(
            "INSERT INTO app.income_daily SELECT %(tenant)s, %(stream)s, %(currency)s, day, %(received)s::numeric,"
            " %(amount)s::numeric, %(received)s::numeric, %(base)s::numeric, 'EUR', %(quality)s"
            " FROM unnest(%(days)s::date[]) day",
            stream=stream,
            currency=currency,
            days=[self.today - timedelta(days=age) for age in ages],
            amount=amount,
            base=amount if base is None and currency == "EUR" else base,
            received=amount if received is None else received,
            quality=quality,
        )

    def rate(self, stream: str) -> dict[str, Any]:
        with self.database.transaction() as connection:
            cursor = connection.execute(b"SELECT * FROM report.daily_rate WHERE stream = %s", (stream,))
            assert cursor.description is not None
            (row,) = cursor.fetchall()
            return dict(zip([column.name for column in cursor.description], row, strict=True))

    def ask(self, words: str) -> list[tuple[Any, ...]]:
        with self.database.transaction() as connection:
            return connection.execute(words.encode()).fetchall()

    def _run(self, words: str, **values: object) -> None:
        with self.database.transaction() as connection:
            connection.execute(words.encode(), {"tenant": self.database.tenant_id, **values})


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
        return self.panel_over(Range.last(days), dashboard, title, ref, chosen)

    def panel_over(
        self, span: Range, dashboard: str, title: str, ref: str, chosen: Mapping[str, Value]
    ) -> list[dict[str, Any]]:
        """The same over any time."""
        (panel,) = [each for each in panels() if (each.dashboard, each.title, each.ref) == (dashboard, title, ref)]
        document = next(each for each in documents() if each["title"] == dashboard)
        with self.grafana() as connection:
            values = opened(document, lambda sql: connection.execute(sql.encode()).fetchall())
            cursor = connection.execute(expand(panel.sql, {**values, **chosen}, span).encode())
            assert cursor.description is not None
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def a_home(database: Database) -> Household:
    """The household whose today is that of the reports."""
    with database.transaction() as connection:
        row = connection.execute(b"SELECT report.today()").fetchone()
    assert row is not None
    return Household(database, row[0])


def foretell(home: Household, scope: str, name: str, span: str, for_day: date, amount: int) -> None:
    """Say today that it will be `amount`, between half and twice of it."""
    home.sql(
        "INSERT INTO app.projection (tenant_id, scope, name, made_on, made_at, span, for_day, p05, p10, p25, p50, "
        "p75, p90, p95, mean, method, base_currency) SELECT %(tenant)s, %(scope)s, %(name)s, %(today)s, now(), "
        "%(span)s, %(day)s, a * 0.25, a * 0.5, a * 0.75, a, a * 1.5, a * 2, a * 4, a, 'theta', 'EUR' FROM (SELECT "
        "%(amount)s::numeric AS a) x",
        scope=scope,
        name=name,
        today=home.today,
        span=span,
        day=for_day,
        amount=amount,
    )


def found_stable(home: Household, stream: str, due: date) -> None:
    """Look at a stream and find it stable."""
    home.sql(
        "INSERT INTO derived.stream_state (tenant_id, scope, name, as_of, trend, slope, slope_pct, p_value, "
        "trend_reason, health, health_reason, share, cadence, next_due, next_amount, passive, tax_rate, tax_reserve, "
        "base_currency) VALUES (%(tenant)s, 'stream', %(stream)s, %(today)s, 'flat', -0.5, -0.0625, 0.75, 'no "
        "direction', 'stable', 'much the same', 0.5, 'monthly', %(due)s, 310, false, 0.125, 300, 'EUR')",
        stream=stream,
        today=home.today,
        due=due,
    )
