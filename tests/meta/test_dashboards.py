"""What holds for every dashboard that Grafana is given, and for how it is given."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowd.storage.database import Database
from grafana.__main__ import rendered, stale
from grafana.board import LIVE, NIGHTLY
from grafana.look import PALETTE
from tests.panels import FILES, flat

ROOT = Path(__file__).parents[2]
DOCUMENTS: list[dict[str, Any]] = [json.loads(path.read_text(encoding="utf-8")) for path in FILES]
every_dashboard = pytest.mark.parametrize("document", DOCUMENTS, ids=[document["title"] for document in DOCUMENTS])

# what Grafana 9.4 and today's both have
PANELS = {"stat", "timeseries", "table", "heatmap", "barchart", "bargauge", "gauge", "piechart", "text", "row"}
COLOURS = {"thresholds", "palette-classic", "fixed", "continuous-GrYlRd", "continuous-greens"}
SOURCE = {"type": "postgres", "uid": "flowd-postgres"}
METRICS = {"type": "prometheus", "uid": "flowd-prometheus"}


def provisioned(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(
        (ROOT / "grafana" / "provisioning" / kind / "flowd.yaml").read_text(encoding="utf-8")
    )
    return found


def within(part: Any, key: str) -> list[Any]:
    """Every value under `key`, however deep."""
    found = []
    if isinstance(part, dict):
        found += [part[key]] if key in part else []
        found += [each for value in part.values() for each in within(value, key)]
    elif isinstance(part, list):
        found += [each for value in part for each in within(value, key)]
    return found


def test_the_files_are_what_the_code_makes() -> None:
    assert stale() == [], "run: make dashboards"
    assert set(rendered()) == set(FILES)


def test_a_changed_file_is_found_to_be_stale(tmp_path: Path) -> None:
    assert [path.name for path in stale(tmp_path)] == [path.name for path in FILES]
    for path, text in rendered(tmp_path).items():
        path.write_text(text + " ", encoding="utf-8")
    (tmp_path / "old.json").write_text("{}", encoding="utf-8")
    assert [path.name for path in stale(tmp_path)] == [*(path.name for path in FILES), "old.json"]
    for path, text in rendered(tmp_path).items():
        path.write_text(text, encoding="utf-8")
    assert [path.name for path in stale(tmp_path)] == ["old.json"]


def test_every_dashboard_has_an_address_of_its_own() -> None:
    uids = [document["uid"] for document in DOCUMENTS]
    assert len(set(uids)) == len(uids)
    assert all(re.fullmatch(r"flowd-[a-z-]{1,30}", uid) for uid in uids)


@every_dashboard
def test_it_opens_in_old_and_new_grafanas(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    assert "${DS_" not in text
    assert "__inputs" not in document
    assert document["schemaVersion"] <= 38, "Grafana 9.4 knows 38"
    assert document.get("id") is None
    for panel in flat(document["panels"]):
        assert panel["type"] in PANELS, panel["title"]
    for colour in within(document["panels"], "color"):
        if isinstance(colour, dict) and "mode" in colour and "scheme" not in colour:
            assert colour["mode"] in COLOURS


@every_dashboard
def test_it_is_live_and_its_own_data_source_everywhere(document: dict[str, Any]) -> None:
    assert document["refresh"] in {LIVE, NIGHTLY}
    assert document["timezone"] == "utc", "days are the tenant's, not the browser's"
    assert document["editable"] is False
    assert "flowd" in document["tags"]
    sources = within(document["panels"], "datasource") + within(document["templating"], "datasource")
    assert sources
    assert all(source in (SOURCE, METRICS) for source in sources)


@every_dashboard
def test_every_panel_explains_itself_and_says_what_to_do_when_empty(document: dict[str, Any]) -> None:
    for panel in flat(document["panels"]):
        if panel["type"] in {"row", "text"}:
            continue
        assert len(panel.get("description", "")) > 40, panel["title"]
        assert panel["fieldConfig"]["defaults"].get("noValue"), panel["title"]


@every_dashboard
def test_what_an_empty_tile_says_fits_into_it(document: dict[str, Any]) -> None:
    """In two lines, where the size of the letters is given; a letter is some 17 pixels wide then."""
    for panel in flat(document["panels"]):
        if panel["type"] == "stat" and panel["options"]["text"].get("valueSize") == 32:
            room = 2 * (65 * panel["gridPos"]["w"] - 24) // 17
            assert len(panel["fieldConfig"]["defaults"]["noValue"]) <= room, panel["title"]


@every_dashboard
def test_panels_have_numbers_and_lie_beside_each_other(document: dict[str, Any]) -> None:
    panels = flat(document["panels"])
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        here = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not here & taken, f"{panel['title']} lies on another panel"
        taken |= here


@every_dashboard
def test_queries_read_reports_only(document: dict[str, Any]) -> None:
    queries = within(document["panels"], "rawSql")
    queries += [each["query"] for each in document["templating"]["list"] if each["type"] == "query"]
    assert queries or within(document["panels"], "expr")
    for query in queries:
        assert re.findall(r"\b(?:FROM|JOIN)\s+(\w+)\.", query)
        assert not re.search(r"\b(raw|derived|app|ops|pg_catalog)\.", query)


@every_dashboard
def test_variables_are_quoted_where_they_stand(document: dict[str, Any]) -> None:
    """A stream called O'Neill must neither break a query nor change it."""
    names = {each["name"] for each in document["templating"]["list"]}
    for query in within(document["panels"], "rawSql"):
        for name, how in re.findall(r"\$\{(\w+)(?::(\w+))?\}", query):
            assert name in names
            assert how == "sqlstring", query
        assert not re.search(rf"\$({'|'.join(names)})\b", query)


@every_dashboard
def test_queries_read_one_tenant_only(document: dict[str, Any]) -> None:
    """An administrator's login sees several, whose amounts have no common currency."""
    for query in within(document["panels"], "rawSql"):
        assert "${tenant:sqlstring}" in query, query


@every_dashboard
def test_links_lead_to_dashboards_there_are(document: dict[str, Any]) -> None:
    known = {each["uid"] for each in DOCUMENTS}
    for uid in re.findall(r"/d/([\w-]+)/", json.dumps(document)):
        assert uid in known


@every_dashboard
def test_names_with_any_sign_in_them_get_through_a_link(document: dict[str, Any]) -> None:
    # left to itself, Grafana leaves & and # in a link as they are, and a stream called R&D would end at R
    for url in within(document["panels"], "url"):
        assert set(re.findall(r"\$\{__data\.fields\.\w+(.*?)\}", url)) <= {":percentencode"}, url


def test_the_colours_are_those_the_reports_count(database: Database) -> None:
    with database.transaction() as session:
        found = session.execute("SELECT colour FROM report.palette() ORDER BY slot").fetchall()
    assert tuple(colour for (colour,) in found) == PALETTE
    assert len(set(PALETTE)) == len(PALETTE)


def test_the_data_source_has_the_uid_the_dashboards_name_and_no_password_in_it() -> None:
    (source,) = provisioned("datasources")["datasources"]
    assert {"type": source["type"], "uid": source["uid"]} == SOURCE
    assert source["secureJsonData"]["password"].startswith("$__file{/")
    # Grafana expands files before variables: a variable inside the braces would be taken for the file's name
    assert "$" not in source["secureJsonData"]["password"][1:]
    assert source["jsonData"]["maxOpenConns"] <= 12, "the login is allowed twelve connections"
    assert source["editable"] is False


def test_the_dashboards_are_read_from_their_folder_and_not_changed_in_the_browser() -> None:
    (provider,) = provisioned("dashboards")["providers"]
    assert provider["type"] == "file"
    assert provider["allowUiUpdates"] is False
    assert provider["folderUid"] == "flowd"


def test_they_are_valid_against_the_sdks_models() -> None:
    from grafana_foundation_sdk.models.dashboard import Dashboard

    for document in DOCUMENTS:
        assert Dashboard.from_json(document).uid == document["uid"]
