"""What Grafana's own code, that of 9.4 and today's, makes of every panel and of what its queries give.

Everything else reads the dashboards as we believe that Grafana does; this asks Grafana.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from flowd.storage.database import Database
from flowd.storage.tenants import ensure_grafana_login
from grafana.look import PALETTE
from tests import rows
from tests.answers import answered
from tests.node_packages import Unavailable, installed
from tests.panels import documents

HERE = Path(__file__).parent
PASSWORD = "for-this-test-only"

Told = list[dict[str, Any]]


@pytest.fixture(scope="module")
def given(server: Any, template: str) -> list[dict[str, Any]]:
    """Every dashboard as it opens, with what its queries give over made-up rows."""
    url = server.address(server.create(template))
    today = datetime.now(ZoneInfo("Europe/Berlin")).date()
    with Database(url, tenant="home") as database:
        with database.transaction(deadline=60) as connection:
            words = rows.income(database.tenant_id, "home", streams=6, days=100, today=today)
            connection.execute(words.encode())
        role = ensure_grafana_login(database, "home", PASSWORD)
    with psycopg.connect(make_conninfo(url, user=role, password=PASSWORD), autocommit=True) as grafana:
        return [answered(document, grafana) for document in documents()]


@pytest.fixture(scope="module")
def by_version(given: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Told]:
    """What both versions say of every panel."""
    try:
        packages = installed(HERE, "reading")
    except Unavailable as error:
        pytest.skip(str(error))
    file = tmp_path_factory.mktemp("reading") / "given.json"
    file.write_text(json.dumps(given), encoding="utf-8")
    done = subprocess.run(["node", HERE / "check.mjs", file], cwd=packages, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    made: dict[str, Told] = json.loads(done.stdout)
    return made


@pytest.fixture(params=["old", "new"])
def told(request: pytest.FixtureRequest, by_version: dict[str, Told]) -> Told:
    """What one of the two versions says."""
    found = by_version[request.param]
    assert len(found) > 90
    return found


def asked(told: Told) -> Iterator[tuple[str, dict[str, Any]]]:
    """The panels whose queries gave something, each with its name."""
    for panel in told:
        if panel["fields"]:
            yield f"{panel['dashboard']}: {panel['panel']}", panel


def test_it_knows_every_unit_and_every_property(told: Told) -> None:
    assert {panel["panel"]: panel["refused"] for panel in told if panel["refused"]} == {}


def test_every_override_fits_a_field(told: Told) -> None:
    """But for those of lines that come and go: each of these panels has at least one that fits."""
    for name, panel in asked(told):
        dead = [each for each in panel["dead"] if "paint=" not in each]
        if any(field["labels"] for field in panel["fields"]) or panel["kind"] == "timeseries":
            dead = [each for each in dead if each.startswith("byName")]
        assert dead == [], name


def test_every_line_has_the_colour_and_the_name_of_its_stream(told: Told) -> None:
    seen = 0
    for name, panel in asked(told):
        painted = {field["title"]: field for field in panel["fields"] if "paint" in field["labels"]}
        seen += len(painted)
        for title, field in painted.items():
            assert title == field["labels"]["metric"], name
            assert field["colour"] == PALETTE[int(field["labels"]["paint"]) - 1], name
        slots = {field["labels"]["paint"] for field in painted.values()}
        assert len({field["colour"] for field in painted.values()}) == len(slots), name
    assert seen >= 10


def test_no_two_lines_or_columns_have_one_name(told: Told) -> None:
    for name, panel in asked(told):
        if panel["kind"] in {"table", "timeseries", "barchart"}:
            titles = [field["title"] for field in panel["fields"] if not field["hidden"] and field["type"] != "time"]
            assert len(set(titles)) == len(titles), name
            assert not [title for title in titles if "{" in title], name


def test_every_word_has_its_colour(told: Told) -> None:
    for name, panel in asked(told):
        for field in panel["fields"]:
            words = {str(each["value"]) for each in field["shown"] if each["value"] is not None}
            if field["mapped"] and field["type"] == "string" and panel["kind"] == "table":
                assert words <= set(field["mapped"]), f"{name}: {field['title']}"


def test_an_empty_cell_does_not_say_what_an_empty_table_says(told: Told) -> None:
    empty = 0
    for name, panel in asked(told):
        if panel["kind"] == "table":
            texts = {each["text"] for field in panel["fields"] for each in field["shown"] if each["value"] is None}
            empty += len(texts)
            assert texts <= {"–"}, name
    assert empty > 5


def test_bars_in_cells_have_ends_of_their_own(told: Told) -> None:
    """Else Grafana measures them by the largest number of any column."""
    ends = [(name, field["ends"]) for name, panel in asked(told) for field in panel["fields"] if field["ends"]]
    assert len(ends) > 3
    assert [name for name, both in ends if None in both] == []


def test_what_nobody_knows_is_not_coloured_as_bad(told: Told) -> None:
    for name, panel in asked(told):
        if panel["kind"] in {"table", "stat"}:
            assert [field["title"] for field in panel["fields"] if field["unknown"] == "red"] == [], name


def test_every_tile_says_something(told: Told) -> None:
    for name, panel in asked(told):
        if panel["shown"] is not None:
            assert panel["shown"], name
            for each in panel["shown"]:
                assert each["text"].strip(), name
                assert "$" not in each["title"], name


def test_links_ask_for_columns_there_are(told: Told) -> None:
    linked = 0
    for name, panel in asked(told):
        columns = {field["name"] for field in panel["fields"]}
        for field in panel["fields"]:
            for url in field["links"]:
                linked += 1
                assert set(re.findall(r"\$\{__data\.fields\.(\w+)", url)) <= columns, name
    assert linked > 5


def test_columns_that_are_there_for_links_only_are_hidden(told: Told) -> None:
    for name, panel in asked(told):
        for field in panel["fields"]:
            if panel["kind"] == "table" and field["name"] == "stream":
                assert field["hidden"], name
