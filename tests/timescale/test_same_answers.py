"""The same rows on TimescaleDB and on plain PostgreSQL: every report and every panel answers the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from flowd.storage.database import Database
from flowd.storage.tenants import ensure_grafana_login, ensure_tenant
from tests import rows
from tests.panels import Panel, Range, Value, documents, expand, opened, panels
from tests.timescale.pglite import OWNER, Pglite

TENANTS = {"home": 8, "other": 3}  # streams
DAYS = 400
PASSWORD = "for-this-test-only"
PANELS = panels()
DOCUMENTS = {document["title"]: document for document in documents()}

# these say how long ago something was, so no two questions have the same answer
MOVING = {"age_s", "last_success", "used_up"}


def today() -> date:
    return datetime.now(ZoneInfo("Europe/Berlin")).date()


@pytest.fixture(scope="module")
def plain(server: Any, template: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """Plain PostgreSQL with the rows, seen by the Grafana of `home`."""
    url = server.address(server.create(template))
    with Database(url, tenant="home") as database:
        for name, streams in TENANTS.items():
            ensure_tenant(database, name, base_currency="EUR", timezone="Europe/Berlin")
            with Database(url, tenant=name) as own, own.transaction(deadline=60) as connection:
                words = rows.income(own.tenant_id, name, streams=streams, days=DAYS, today=today())
                connection.execute(words.encode())
        role = ensure_grafana_login(database, "home", PASSWORD)
    with psycopg.connect(make_conninfo(url, user=role, password=PASSWORD), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def timescale(pglite: Pglite) -> Iterator[Pglite]:
    """TimescaleDB with the same rows; rolled back at the end."""
    with pglite.undone():
        for name, streams in TENANTS.items():
            tenant = pglite.query(
                "INSERT INTO ops.tenant (name, base_currency, timezone) VALUES ($1, 'EUR', 'Europe/Berlin')"
                " RETURNING id",
                name,
            ).rows[0][0]
            pglite.script(f"SET SESSION AUTHORIZATION {OWNER}; SET ROLE flowd_app; SET flowd.tenant = '{tenant}'")
            pglite.script(rows.income(tenant, name, streams=streams, days=DAYS, today=today()))
            pglite.script("RESET ROLE; SET SESSION AUTHORIZATION postgres; RESET flowd.tenant")
            pglite.script(
                f"CREATE ROLE grafana_{name} LOGIN IN ROLE flowd_report;"
                f"INSERT INTO ops.login VALUES ('grafana_{name}', {tenant})"
            )
        yield pglite


@contextmanager
def grafana(server: Pglite, tenant: str = "home") -> Iterator[None]:
    with server.login(f"grafana_{tenant}"):
        yield


@pytest.fixture(scope="module")
def choices() -> dict[tuple[str, str], dict[str, Value]]:
    """What the choices at the top of each dashboard are when somebody opens it: asked for once."""
    return {}


def chosen_by(
    choices: dict[tuple[str, str], dict[str, Value]], who: str, panel: Panel, run: Callable[[str], Any]
) -> dict[str, Value]:
    if (who, panel.dashboard) not in choices:
        choices[who, panel.dashboard] = opened(DOCUMENTS[panel.dashboard], run)
    return choices[who, panel.dashboard]


def comparable(names: tuple[str, ...], found: list[tuple[Any, ...]], *, ordered: bool) -> list[tuple[str, ...]]:
    """Rows as texts that are equal where the values are."""
    kept = [place for place, name in enumerate(names) if name not in MOVING]
    made = [tuple(_plain(row[place]) for place in kept) for row in found]
    return made if ordered else sorted(made)


def _plain(value: Any) -> str:
    if hasattr(value, "normalize"):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict | list):  # jsonb, which the other server hands over as text
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def views(connection: psycopg.Connection[tuple[Any, ...]]) -> list[str]:
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'report'::regnamespace AND relkind = 'v' ORDER BY 1"
    )
    return [row[0] for row in found]


def test_every_view_answers_the_same(plain: psycopg.Connection[tuple[Any, ...]], timescale: Pglite) -> None:
    names = views(plain)
    assert {"income", "stream", "daily_rate", "connection", "activity", "account", "transaction"} <= set(names)
    for name in names:
        cursor = plain.execute(f"SELECT * FROM report.{name}".encode())
        assert cursor.description is not None
        columns = tuple(column.name for column in cursor.description)
        with grafana(timescale):
            there = timescale.query(f"SELECT * FROM report.{name}")
        assert there.columns == columns, name
        assert there.types == tuple(column.type_code for column in cursor.description), name
        here = cursor.fetchall()
        assert here, f"report.{name} has no row: the rows of this test are too few"
        if name == "activity":  # run numbers are counted over all tenants of a server
            columns = tuple("age_s" if column == "run" else column for column in columns)
        assert comparable(columns, there.rows, ordered=False) == comparable(columns, here, ordered=False), name


@pytest.mark.parametrize("chosen", [{}, {"granularity": "month", "basis": "received", "currency": "USD"}], ids=str)
@pytest.mark.parametrize("panel", PANELS, ids=[panel.label for panel in PANELS])
def test_every_panel_answers_the_same(
    plain: psycopg.Connection[tuple[Any, ...]],
    timescale: Pglite,
    choices: dict[tuple[str, str], dict[str, Value]],
    panel: Panel,
    chosen: dict[str, str],
) -> None:
    values = {**chosen_by(choices, "home", panel, lambda sql: plain.execute(sql.encode()).fetchall()), **chosen}
    span = Range.last(200)
    cursor = plain.execute(expand(panel.sql, values, span).encode())
    assert cursor.description is not None
    with grafana(timescale):
        there = timescale.query(expand(panel.sql, values, span, timescale=True))
    columns = tuple(
        "age_s" if column.name == "time" and panel.kind == "stat" else column.name for column in cursor.description
    )
    assert len(there.columns) == len(columns)
    assert there.types == tuple(column.type_code for column in cursor.description)
    here = cursor.fetchall()
    assert here or (chosen and panel.dashboard == "Stream")
    assert comparable(columns, there.rows, ordered=True) == comparable(columns, here, ordered=True)


@pytest.mark.parametrize("panel", PANELS, ids=[panel.label for panel in PANELS])
def test_a_tenant_sees_nothing_of_another(
    timescale: Pglite, choices: dict[tuple[str, str], dict[str, Value]], panel: Panel
) -> None:
    with grafana(timescale, "other"):
        values = chosen_by(choices, "other", panel, lambda sql: timescale.query(sql).rows)
        everything = repr(timescale.query(expand(panel.sql, values, Range.last(DAYS))).rows)
    assert "home" not in everything.lower()
    assert "s4" not in everything


@pytest.fixture(scope="module")
def nobody(pglite: Pglite) -> Iterator[Pglite]:
    """TimescaleDB with a login that has no tenant, and so sees no row."""
    with pglite.undone():
        pglite.script("CREATE ROLE grafana_nobody LOGIN IN ROLE flowd_report")
        yield pglite


@pytest.mark.parametrize("panel", PANELS, ids=[panel.label for panel in PANELS])
def test_an_empty_database_gives_empty_panels(
    nobody: Pglite, choices: dict[tuple[str, str], dict[str, Value]], panel: Panel
) -> None:
    with grafana(nobody, "nobody"):
        values = chosen_by(choices, "nobody", panel, lambda sql: nobody.query(sql).rows)
        found = nobody.query(expand(panel.sql, values, Range.last(90))).rows
    assert [row for row in found if any(value is not None for value in row)] == []
