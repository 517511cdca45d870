"""What Grafana is given in files: valid for 9.4 and today's, without a password, and named as the rest names it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from grafana.source import POSTGRES, PROMETHEUS
from tests.meta.test_compose import SERVICES

FOLDER = Path(__file__).parents[2] / "grafana" / "provisioning"
FILES = sorted(FOLDER.rglob("*.yaml"))
TEXT = {path: path.read_text(encoding="utf-8") for path in FILES}
every_file = pytest.mark.parametrize("path", FILES, ids=[path.relative_to(FOLDER).as_posix() for path in FILES])


def provisioned(kind: str, part: str) -> dict[str, dict[str, Any]]:
    """Every entry of that kind, by its name."""
    found = [each for path in FILES if path.parent.name == kind for each in yaml.safe_load(TEXT[path]).get(part, [])]
    return {each["name"]: each for each in found}


def body(path: Path) -> str:
    """A file without its comments."""
    return "\n".join(re.split(r"(?:^|\s)#", line)[0] for line in TEXT[path].splitlines())


@every_file
def test_it_is_where_and_as_grafana_reads_it(path: Path) -> None:
    assert path.parent.name in {"datasources", "dashboards", "alerting"}
    assert yaml.safe_load(TEXT[path])["apiVersion"] == 1


@every_file
def test_its_variables_and_secrets_are_in_the_stack_and_explained(path: Path) -> None:
    grafana = SERVICES["grafana"]
    names = set(re.findall(r"\$\{?(FLOWD_\w+)", body(path)))
    assert names <= set(grafana["environment"])
    if path.parent.name != "dashboards":
        comments = "\n".join(line for line in TEXT[path].splitlines() if line.startswith("#"))
        assert all(name in comments for name in names)
    assert set(re.findall(r"\$__file\{/run/secrets/(\w+)\}", body(path))) <= set(grafana["secrets"])
    # anything else with a $ would be taken for a variable, and be empty
    assert not re.search(r"\$(?!FLOWD_|__file\{)", body(path))


@every_file
def test_no_password_is_in_it(path: Path) -> None:
    for line in re.findall(r"(?i)^.*(?:password|secret|token|credential).*:\s*\S.*$", body(path), flags=re.MULTILINE):
        assert "$__file{/" in line, line
    assert "@" not in body(path)


def test_every_variable_of_the_stack_is_used() -> None:
    given = {name for name in SERVICES["grafana"]["environment"] if name.startswith("FLOWD_")}
    assert given == {name for path in FILES for name in re.findall(r"\$\{?(FLOWD_\w+)", body(path))}


def test_the_data_sources_are_those_the_dashboards_name() -> None:
    sources = provisioned("datasources", "datasources")
    named = {(each["uid"], each["type"]) for each in sources.values()}
    assert named == {
        (POSTGRES.uid, POSTGRES.type_val),
        (PROMETHEUS.uid, PROMETHEUS.type_val),
        ("flowd-alertmanager", "alertmanager"),
    }
    assert len({each["uid"] for each in sources.values()}) == len(sources)
    for each in sources.values():
        assert each["access"] == "proxy", "the browser never talks to them itself"
        assert each["editable"] is False
        assert not each.get("isDefault"), "another Grafana may have a default of its own"


def test_prometheus_and_its_alertmanager_know_each_other() -> None:
    sources = {each["uid"]: each for each in provisioned("datasources", "datasources").values()}
    prometheus, alertmanager = sources["flowd-prometheus"], sources["flowd-alertmanager"]
    assert prometheus["jsonData"]["alertmanagerUid"] == alertmanager["uid"]
    assert alertmanager["jsonData"]["implementation"] == "prometheus", "Mimir is what Grafana would take it for"
    scrape = yaml.safe_load((FOLDER.parents[1] / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    assert prometheus["jsonData"]["timeInterval"] == scrape["global"]["scrape_interval"]


def test_alerts_made_in_grafana_go_to_alertmanager_before_it_takes_them_for_over() -> None:
    (point,) = provisioned("alerting", "contactPoints").values()
    (receiver,) = point["receivers"]
    assert receiver["type"] == "prometheus-alertmanager"
    assert re.fullmatch(r"[\w-]{1,40}", receiver["uid"])
    (policy,) = yaml.safe_load(TEXT[FOLDER / "alerting" / "policies.yaml"])["policies"]
    assert policy["receiver"] == point["name"]
    assert {"alertname", "grafana_folder"} <= set(policy["group_by"]), "Grafana 9 asks for both"
    # Alertmanager's resolve_timeout is five minutes where nobody says otherwise
    assert policy["repeat_interval"] == policy["group_interval"] == "1m"


def test_the_first_page_is_a_dashboard_there_is() -> None:
    environment = SERVICES["grafana"]["environment"]
    home = environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home.startswith(environment["FLOWD_DASHBOARDS"] + "/")
    assert (FOLDER.parent / "dashboards" / Path(home).name).exists()
    (provider,) = provisioned("dashboards", "providers").values()
    assert provider["options"]["path"] == "$FLOWD_DASHBOARDS"
