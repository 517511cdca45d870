"""Every query of every dashboard, as Grafana sends it, as the role Grafana logs in with."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
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
DOCUMENTS = {document["title"]: document for document in documents()}
by_panel = pytest.mark.parametrize("panel", PANELS, ids=[panel.label for panel in PANELS])

Connection = psycopg.Connection[tuple[Any, ...]]

# streams, days
SMALL = {"home": (6, 100), "other": (3, 100)}
FIFTY, FIVE_YEARS = 50, 1826


class Viewer:
    """Somebody who looks at the dashboards: what a login gets, with every choice as the page opens."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        """Look with this connection at this tenant."""
        self.connection = connection
        self._tenant = tenant
        self._opened: dict[str, dict[str, Value]] = {}

    def values(self, dashboard: str) -> dict[str, Value]:
        """What the choices at the top are when the page opens; asked for once."""
        if dashboard not in self._opened:
            document = json.loads(json.dumps(DOCUMENTS[dashboard]))
            for variable in document["templating"]["list"]:
                if variable["name"] == "tenant":
                    variable["current"]["value"] = self._tenant
            self._opened[dashboard] = opened(document, lambda sql: self.ask(sql).fetchall())
        return self._opened[dashboard]

    def ask(self, sql: str) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run one statement."""
        return self.connection.execute(sql.encode())

    def expanded(self, panel: Panel, span: Range, chosen: Mapping[str, Value]) -> str:
        """The SQL of a panel over a time, with some choices made."""
        return expand(panel.sql, {**self.values(panel.dashboard), **chosen}, span)

    def look(self, panel: Panel, span: Range, **chosen: Value) -> list[tuple[Any, ...]]:
        """The rows a panel gets."""
        return self.ask(self.expanded(panel, span, chosen)).fetchall()

    def check(self, panel: Panel, span: Range, **chosen: Value) -> tuple[list[str], list[tuple[Any, ...]]]:
        """The names and rows a panel gets, which have the shape it needs."""
        cursor = self.ask(self.expanded(panel, span, chosen))
        assert cursor.description is not None
        names, types = [c.name for c in cursor.description], [c.type_code for c in cursor.description]
        found = cursor.fetchall()
        check_shape(panel, names, types, found)
        return names, found

    def seconds(self, panel: Panel, span: Range, **chosen: Value) -> float:
        """How long a panel takes."""
        text = self.expanded(panel, span, chosen)
        begun = time.perf_counter()
        self.ask(text).fetchall()
        return time.perf_counter() - begun


def today() -> Any:
    return datetime.now(ZoneInfo("Europe/Berlin")).date()


def fill(url: str, tenant: str, *, streams: int, days: int, large: bool = False) -> None:
    with Database(url, tenant=tenant) as database, database.transaction(deadline=120) as connection:
        for words in (rows.income, rows.large) if large else (rows.income,):
            text = words(database.tenant_id, tenant, streams=streams, days=days, today=today())
            connection.execute(text.encode())


@contextmanager
def grafana(database: Database, tenant: str) -> Iterator[Viewer]:
    role = ensure_grafana_login(database, tenant, PASSWORD)
    address = make_conninfo(database.dsn, user=role, password=PASSWORD)
    with psycopg.connect(address, autocommit=True) as connection:
        yield Viewer(connection, tenant)


@pytest.fixture(scope="module")
def nothing(server: Any, template: str) -> Iterator[Viewer]:
    """The Grafana of `home`, where nothing was read yet."""
    with Database(server.address(server.create(template)), tenant="home") as database, grafana(database, "home") as one:
        yield one


@pytest.fixture(scope="module")
def two_tenants(server: Any, template: str) -> Iterator[Database]:
    """`home` has 6 streams over 100 days, `other` has 3; both are on one server."""
    url = server.address(server.create(template))
    with Database(url, tenant="home") as database:
        ensure_tenant(database, "other", base_currency="EUR", timezone="Europe/Berlin")
        for name, (streams, days) in SMALL.items():
            fill(url, name, streams=streams, days=days)
        yield database


@pytest.fixture(scope="module")
def home(two_tenants: Database) -> Iterator[Viewer]:
    """The Grafana of `home`."""
    with grafana(two_tenants, "home") as viewer:
        yield viewer


@pytest.fixture(scope="module")
def other(two_tenants: Database) -> Iterator[Viewer]:
    """The Grafana of `other`."""
    with grafana(two_tenants, "other") as viewer:
        yield viewer


@pytest.fixture(scope="module")
def administrator(server: Any, two_tenants: Database) -> Iterator[Viewer]:
    """An administrator, who may see both tenants, and looks at `other`."""
    role = f"flowd_test_admin_{os.getpid()}"
    superuser = server.dsn if server.embedded is None else server.embedded.url("postgres")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}' IN ROLE flowd_admin".encode())
    try:
        address = make_conninfo(two_tenants.dsn, user=role, password=PASSWORD)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("SET TIME ZONE 'UTC'")
            yield Viewer(connection, "other")
    finally:
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute(f"DROP ROLE {role}".encode())


@pytest.fixture(scope="module")
def years(server: Any, template: str) -> Iterator[Viewer]:
    """The Grafana of a household with 50 streams over five years, and with all that years leave behind."""
    url = server.address(server.create(template))
    with Database(url, tenant="home") as database:
        fill(url, "home", streams=FIFTY, days=FIVE_YEARS, large=True)
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute("ANALYZE")
        with grafana(database, "home") as viewer:
            yield viewer


@by_panel
def test_an_empty_database_gives_empty_panels(nothing: Viewer, panel: Panel) -> None:
    _, found = nothing.check(panel, Range.last(90))
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
def test_a_panel_gives_what_it_needs(home: Viewer, panel: Panel, chosen: dict[str, Value]) -> None:
    names, found = home.check(panel, Range.last(60), **chosen)
    if not chosen or ("it's one" not in str(chosen) and panel.dashboard != "Stream"):
        assert found
    if panel.shape == "time_series" and not chosen:
        assert panel.kind in ("timeseries", "heatmap") or all(row[names.index("value")] is not None for row in found)


@by_panel
def test_a_tenant_sees_nothing_of_another(other: Viewer, panel: Panel) -> None:
    everything = repr(other.look(panel, Range.last(400)))
    assert "home" not in everything.lower()
    assert "s4" not in everything


# how much room the tables of all tenants take is told to who may see all tenants, and to nobody else
@pytest.mark.parametrize(
    "panel", [each for each in PANELS if "report.storage" not in each.sql], ids=lambda one: one.label
)
def test_an_administrator_sees_the_tenant_that_is_chosen_alone(
    administrator: Viewer, other: Viewer, panel: Panel
) -> None:
    """The same as the tenant's own login, so nothing of the others is added to it either."""
    span = Range.last(400)
    before, found, after = (viewer.look(panel, span) for viewer in (other, administrator, other))
    # what says how long ago something was goes on between two questions
    still = [place for place in range(len(before[0]) if before else 0) if column(before, place) == column(after, place)]
    assert len(found) == len(before)
    assert [column(found, place) for place in still] == [column(before, place) for place in still]
    assert "home" not in repr(found).lower()


def column(found: Sequence[Sequence[Any]], place: int) -> list[Any]:
    return [row[place] for row in found]


def test_the_day_of_a_tenant_is_told_to_who_may_see_it(administrator: Viewer, home: Viewer) -> None:
    asked = (
        "SELECT report.today('home') = report.today(), report.today('other') IS NULL, report.today('nobody') IS NULL"
    )
    assert administrator.ask(asked).fetchall() == [(True, False, True)]
    assert home.ask(asked).fetchall() == [(True, True, True)]


@pytest.mark.parametrize("document", documents(), ids=[document["title"] for document in documents()])
def test_the_choices_at_the_top_come_from_the_database(home: Viewer, document: dict[str, Any]) -> None:
    values = home.values(document["title"])
    for variable in document["templating"]["list"]:
        if variable["type"] == "query":
            found = home.ask(expand(variable["query"], values, Range.last(90))).fetchall()
            assert found, variable["name"]
            current = variable["current"]["value"]
            assert current == ["$__all"] or values[variable["name"]] in [row[-1] for row in found]


def test_two_streams_are_only_two(home: Viewer) -> None:
    panel = next(each for each in PANELS if each.title == "Income by stream")
    found = home.look(panel, Range.last(60), stream=["s1", "s2"])
    assert {row[1] for row in found} == {"Home stream 01", "Home stream 02"}
    assert len({row[2] for row in found}) == 2, "each has a colour of its own"


def test_steps_add_up_whatever_their_width(home: Viewer) -> None:
    """A month is the sum of its days; holes are filled with zeros that change nothing."""
    panel = next(each for each in PANELS if each.title == "Income by stream")
    span = Range(since=datetime(2000, 1, 1, tzinfo=ZoneInfo("UTC")), until=Range.last(0).until)
    totals = set()
    for width in ("day", "week", "month"):
        found = home.look(panel, span, granularity=width)
        totals.add(sum(row[-1] for row in found if row[-1] is not None))
    row = home.ask("SELECT sum(earned_base) FROM report.income WHERE day <= now()").fetchone()
    assert row is not None
    assert totals == {row[0]}


def test_no_panel_reads_single_readings(years: Viewer) -> None:
    """Ten times the readings take no panel longer: none looks at them, nor at their hours."""
    for panel in PANELS:
        text = years.expanded(panel, Range.last(FIVE_YEARS), {})
        (plan,) = years.ask(f"EXPLAIN (FORMAT JSON) {text}").fetchall()
        assert tables(plan[0]) & {"snapshot", "snapshot_hourly"} == set(), panel.label


@pytest.mark.parametrize(
    ("query", "condition"),
    [
        ("report.income WHERE stream = 's1'", "(stream = 's1'"),
        ("report.income WHERE day >= report.today() - 30", "(day >= (report.today() - 30)"),
        ("report.income WHERE day >= report.today('home') - 30", "(day >= (report.today('home'"),
        ("report.counterparty WHERE month >= report.today('home') - 60", "(month >= (report.today('home'"),
        ("report.income(now() - INTERVAL '5 years', now(), 'month') WHERE stream IN ('s1', 's2')", "(stream = ANY"),
        ("report.statistic WHERE scope = 'stream' AND name = 's1'", "(subject = "),
        ("report.projection_accuracy WHERE scope = 'total'", "(subject = "),
        ("report.performance WHERE scope = 'total' AND name = ''", "(scope = 'total'"),
        ("report.performance_day WHERE scope = 'account' AND day >= report.today() - 30", "(day >= "),
        ("report.activity WHERE started_at >= now() - INTERVAL '1 day'", "(started_at >= "),
    ],
)
def test_a_filter_reaches_the_index(years: Viewer, query: str, condition: str) -> None:
    """What docs/report.md promises to who writes queries."""
    plan = "\n".join(row[0] for row in years.ask(f"EXPLAIN SELECT * FROM {query}").fetchall())
    assert any(condition in line for line in plan.splitlines() if "Index Cond" in line or "Recheck Cond" in line), plan


def tables(plan: Any) -> set[str]:
    """The tables that a plan reads."""
    if isinstance(plan, list):
        return {name for part in plan for name in tables(part)}
    if isinstance(plan, dict):
        own = {plan["Relation Name"]} if "Relation Name" in plan else set()
        return own | {name for part in plan.values() for name in tables(part)}
    return set()


@pytest.mark.serial
def test_five_years_of_fifty_streams_are_quick(years: Viewer, capsys: pytest.CaptureFixture[str]) -> None:
    """The aim is 100 ms a panel on a quiet machine; a busy one gets twenty times that before this fails.

    What takes long is asked again, because something else may have been in its way; only what is always slow fails.
    """
    took: dict[str, float] = {}
    for panel in PANELS:
        for days in (90, FIVE_YEARS):
            took[f"{panel.label}, {days} days"] = quickest(years, panel, days, below=2.0, granularity="auto")
    with capsys.disabled():
        print()
        for label, spent in sorted(took.items(), key=lambda item: -item[1])[:20]:
            print(f"  {spent * 1000:7.1f} ms  {label}")
    assert {label: spent for label, spent in took.items() if spent >= 2.0} == {}


@pytest.mark.parametrize("panel", [each for each in PANELS if "${granularity" in each.sql], ids=lambda one: one.label)
def test_ten_times_the_days_take_no_hundred_times_as_long(years: Viewer, panel: Panel) -> None:
    """Day by day; what is quadratic in the days takes a hundred times as long for ten times as many."""
    few = min(years.seconds(panel, Range.last(90), granularity="day") for _ in range(3))
    limit = max(50 * few, 0.5)
    assert quickest(years, panel, 900, below=limit, granularity="day") < limit


def quickest(viewer: Viewer, panel: Panel, days: int, *, below: float, **chosen: Value) -> float:
    """How long a panel takes; the best of three where it takes long."""
    spent = viewer.seconds(panel, Range.last(days), **chosen)
    for _ in range(2):
        if spent < below:
            break
        spent = min(spent, viewer.seconds(panel, Range.last(days), **chosen))
    return spent
