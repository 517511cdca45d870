"""Every query of every dashboard, as Grafana sends it, as the role Grafana logs in with."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from flowd.storage.database import Database
from flowd.storage.tenants import ensure_grafana_login, ensure_tenant
from tests import rows
from tests.panels import Panel, Range, Value, check_shape, documents, expand, opened, panels

PASSWORD = "for-this-test-only"
PANELS = panels()
by_panel = pytest.mark.parametrize("panel", PANELS, ids=[panel.label for panel in PANELS])

Connection = psycopg.Connection[tuple[Any, ...]]


def today() -> Any:
    return datetime.now(ZoneInfo("Europe/Berlin")).date()


def fill(url: str, tenant: str, *, streams: int, days: int) -> None:
    with Database(url, tenant=tenant) as database, database.transaction(deadline=60) as connection:
        words = rows.income(database.tenant_id, tenant, streams=streams, days=days, today=today())
        connection.execute(words.encode())


@contextmanager
def grafana(database: Database, tenant: str) -> Iterator[Connection]:
    role = ensure_grafana_login(database, tenant, PASSWORD)
    address = make_conninfo(database.dsn, user=role, password=PASSWORD)
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


def values_of(panel: Panel, connection: Connection, **chosen: Value) -> dict[str, Value]:
    document = next(each for each in documents() if each["title"] == panel.dashboard)
    return {**opened(document, lambda sql: ask(connection, sql).fetchall()), **chosen}


def ask(connection: Connection, sql: str) -> psycopg.Cursor[tuple[Any, ...]]:
    return connection.execute(sql.encode())


@pytest.fixture(scope="module")
def two_tenants(server: Any, template: str) -> Iterator[Database]:
    """`home` has 6 streams over 100 days, `other` has 3; both are on one server."""
    url = server.address(server.create(template))
    with Database(url, tenant="home") as database:
        ensure_tenant(database, "other", base_currency="EUR", timezone="Europe/Berlin")
        fill(url, "home", streams=6, days=100)
        fill(url, "other", streams=3, days=100)
        yield database


@by_panel
def test_an_empty_database_gives_empty_panels(database: Database, panel: Panel) -> None:
    with grafana(database, "home") as connection:
        cursor = ask(connection, expand(panel.sql, values_of(panel, connection), Range.last(90)))
        assert cursor.description is not None
        names, types = [c.name for c in cursor.description], [c.type_code for c in cursor.description]
        found = cursor.fetchall()
    check_shape(panel, names, types, found)
    if panel.title == "What to know about these numbers":
        assert [row[1] for row in found] == ["Income"]
        assert "flowd.yaml" in found[0][3]
    else:
        assert [row for row in found if any(value is not None for value in row)] == []


@by_panel
@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"basis": "received", "granularity": "week"},
        {"granularity": "month", "currency": "USD"},
        {"grp": ["group 1", "group 2"], "stream": ["s1", "s2"]},
        {"stream": "it's one that is not there", "one": "it's one that is not there"},
    ],
    ids=["as it opens", "received by week", "dollars by month", "two streams", "an unknown stream"],
)
def test_a_panel_gives_what_it_needs(two_tenants: Database, panel: Panel, chosen: dict[str, Value]) -> None:
    with grafana(two_tenants, "home") as connection:
        cursor = ask(connection, expand(panel.sql, values_of(panel, connection, **chosen), Range.last(60)))
        assert cursor.description is not None
        names, types = [c.name for c in cursor.description], [c.type_code for c in cursor.description]
        found = cursor.fetchall()
    check_shape(panel, names, types, found)
    if not chosen or ("it's one" not in str(chosen) and panel.dashboard != "Stream"):
        assert found
    if panel.shape == "time_series" and not chosen:
        assert panel.kind in ("timeseries", "heatmap") or all(row[names.index("value")] is not None for row in found)


@by_panel
def test_a_tenant_sees_nothing_of_another(two_tenants: Database, panel: Panel) -> None:
    with grafana(two_tenants, "other") as connection:
        everything = repr(ask(connection, expand(panel.sql, values_of(panel, connection), Range.last(400))).fetchall())
    assert "Home" not in everything
    assert "s4" not in everything


@pytest.mark.parametrize("document", documents(), ids=[document["title"] for document in documents()])
def test_the_choices_at_the_top_come_from_the_database(two_tenants: Database, document: dict[str, Any]) -> None:
    with grafana(two_tenants, "home") as connection:
        values = opened(document, lambda sql: ask(connection, sql).fetchall())
        for variable in document["templating"]["list"]:
            if variable["type"] == "query":
                found = ask(connection, expand(variable["query"], values, Range.last(90))).fetchall()
                assert found, variable["name"]
                current = variable["current"]["value"]
                assert current == ["$__all"] or values[variable["name"]] in [row[-1] for row in found]


def test_two_streams_are_only_two(two_tenants: Database) -> None:
    panel = next(each for each in PANELS if each.title == "Income by stream")
    with grafana(two_tenants, "home") as connection:
        chosen = values_of(panel, connection, stream=["s1", "s2"])
        found = ask(connection, expand(panel.sql, chosen, Range.last(60))).fetchall()
    assert {row[1] for row in found} == {"Home stream 01", "Home stream 02"}
    assert len({row[2] for row in found}) == 2, "each has a colour of its own"


def test_steps_add_up_whatever_their_width(two_tenants: Database) -> None:
    """A month is the sum of its days; holes are filled with zeros that change nothing."""
    panel = next(each for each in PANELS if each.title == "Income by stream")
    span = Range(since=datetime(2000, 1, 1, tzinfo=ZoneInfo("UTC")), until=Range.last(0).until)
    totals = set()
    with grafana(two_tenants, "home") as connection:
        for width in ("day", "week", "month"):
            found = ask(connection, expand(panel.sql, values_of(panel, connection, granularity=width), span)).fetchall()
            totals.add(sum(row[-1] for row in found if row[-1] is not None))
        row = ask(connection, "SELECT sum(earned_base) FROM report.income WHERE day <= now()").fetchone()
    assert row is not None
    assert totals == {row[0]}


def test_five_years_of_fifty_streams_are_quick(server: Any, template: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The aim is 100 ms a panel on a quiet machine; a busy one gets twenty times that before this fails."""
    url = server.address(server.create(template))
    took: dict[tuple[str, str, int], float] = {}
    with Database(url, tenant="home") as database:
        fill(url, "home", streams=50, days=1826)
        with database.owner() as owner:
            owner.execute("ANALYZE derived.income_daily")
            owner.execute("ANALYZE derived.stream")
        with grafana(database, "home") as connection:
            for panel in PANELS:
                for width, days in (("day", 90), ("month", 1826), ("day", 1826)):
                    text = expand(panel.sql, values_of(panel, connection, granularity=width), Range.last(days))
                    took[panel.title, width, days] = min(seconds(connection, text) for _ in range(2))
    with capsys.disabled():
        print()
        for (title, width, days), spent in sorted(took.items(), key=lambda item: -item[1]):
            print(f"  {spent * 1000:7.1f} ms  {title}, {days} days by {width}")
    assert max(spent for (_, width, days), spent in took.items() if (width, days) != ("day", 1826)) < 2.0
    for (title, width, days), spent in took.items():
        if (width, days) == ("day", 1826):
            # twenty times the days; what is quadratic in them takes four hundred times as long
            assert spent < max(100 * took[title, "day", 90], 0.5), title


def seconds(connection: Connection, text: str) -> float:
    begun = time.perf_counter()
    ask(connection, text).fetchall()
    return time.perf_counter() - begun
