"""The rules, their tests and the configurations in prometheus/ hold together, as Debian's own programs see them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowd.engine.telemetry import Telemetry, names
from tests.prometheus import Tools

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "prometheus"
RULES = sorted(FOLDER.glob("rules/*.rules.yml"))
TESTS = sorted(FOLDER.glob("tests/*.test.yml"))
ALERTMANAGER = (FOLDER / "alertmanager.yml").read_text(encoding="utf-8")
#: What Prometheus knows by itself.
ITS_OWN = {"up"}
#: Words of its language that stand where a metric's name may.
WORDS = {"and", "or", "unless", "on", "by", "group_left", "without", "ignoring", "bool", "offset"}


def load(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


def rules(kind: str) -> Iterator[dict[str, Any]]:
    for path in RULES:
        for group in load(path)["groups"]:
            yield from (rule for rule in group["rules"] if kind in rule)


ALERTS = {rule["alert"]: rule for rule in rules("alert")}
RECORDS = {rule["record"]: rule for rule in rules("record")}
every_alert = pytest.mark.parametrize("name", sorted(ALERTS))


def cases_of(kind: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every case of one kind, with the test it is in."""
    for path in TESTS:
        for test in load(path)["tests"]:
            yield from ((test, case) for case in test.get(kind, ()))


def anchor(heading: str) -> str:
    """The anchor under which a heading is found, as forges make it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def metrics_in(expr: str) -> set[str]:
    """Names of metrics in an expression: not its labels, functions or strings."""
    plain = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^]]*\]', " ", expr)
    plain = re.sub(r"\b(?:by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)", " ", plain)
    found = re.findall(r"(?<![\w:.])([a-z_][\w:]*)\b(?!\s*\()", plain)
    return set(found) - WORDS


def test_promtool_finds_no_fault_with_the_configuration(prometheus_tools: Tools) -> None:
    done = prometheus_tools.run("promtool", "check", "config", FOLDER / "prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(RULES)} rule files found" in done.stdout
    done = prometheus_tools.run("promtool", "check", "rules", "--lint=all", "--lint-fatal", *RULES)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_rules_speak_up_when_they_should_and_not_before(path: Path, prometheus_tools: Tools) -> None:
    done = prometheus_tools.run("promtool", "test", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_amtool_finds_no_fault_with_either_way_of_telling(tmp_path: Path, prometheus_tools: Tools) -> None:
    """As it stands, and with the lines taken in that stand ready."""
    ready = ALERTMANAGER.replace("#| ", "")
    assert ready.count("email_configs") == ready.count("webhook_configs") == 3
    for name, text in {"plain": ALERTMANAGER, "ready": ready}.items():
        path = tmp_path / f"{name}.yml"
        path.write_text(text, encoding="utf-8")
        done = prometheus_tools.run("amtool", "check-config", path)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ("severity=critical area=service alertname=FlowdDown", "now"),
        ("severity=warning area=feeds alertname=FlowdFeedStale", "soon"),
        ("severity=warning area=income alertname=FlowdIncomeLate", "soon"),
        ("severity=info area=income alertname=FlowdStreamFell", "some_day"),
    ],
)
def test_alerts_go_where_their_severity_says(labels: str, receiver: str, prometheus_tools: Tools) -> None:
    found = prometheus_tools.run(
        "amtool", "config", "routes", "test", "--config.file", FOLDER / "alertmanager.yml", *labels.split()
    )
    assert found.stdout.strip() == receiver, found.stdout + found.stderr


def test_no_password_is_in_it_and_nobody_is_told_unasked() -> None:
    document = yaml.safe_load(ALERTMANAGER)
    assert all(set(receiver) == {"name"} for receiver in document["receivers"])
    secret = re.findall(r"^.*(?:password|credentials|token|secret)\w*: .*$", ALERTMANAGER, re.MULTILINE)
    assert secret
    assert all(re.search(r"_file: /run/secrets/\w+", line) for line in secret)


def test_what_it_silences_exists() -> None:
    for rule in yaml.safe_load(ALERTMANAGER)["inhibit_rules"]:
        for side in ("source_matchers", "target_matchers"):
            for matcher in rule[side]:
                name, sign, words = re.fullmatch(r'(\w+) (=|=~|!=) "(.+)"', matcher).groups()  # type: ignore[union-attr]
                assert name == "alertname"
                found = [alert for alert in ALERTS if re.fullmatch(words, alert)]
                parts = 1 if sign != "=~" else words.count("|") + 1
                assert len(found) >= parts, f"{matcher} names an alert that is not there"


@every_alert
def test_an_alert_is_told_in_words_with_what_to_do(name: str) -> None:
    rule = ALERTS[name]
    assert name.startswith("Flowd")
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert rule["labels"]["area"] in {"feeds", "income", "service"}
    said = rule["annotations"]
    assert set(said) == {"summary", "description", "runbook_url"}
    assert len(said["summary"]) <= 100
    assert len(said["description"]) > 60
    assert said["description"].rstrip().endswith(".")


@every_alert
def test_its_runbook_is_there(name: str) -> None:
    page, _, place = ALERTS[name]["annotations"]["runbook_url"].partition("#")
    assert page.startswith("docs/")
    sections = re.split(r"^#+ (.+)$", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = {anchor(heading): body for heading, body in zip(sections[1::2], sections[2::2], strict=True)}
    assert place == name.lower()
    assert len(found[place].split()) >= 20, "what it means, and what to do"


def test_no_section_is_about_an_alert_that_is_gone() -> None:
    sections = re.findall(r"^### (\w+)$", (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(sections) == sorted(ALERTS)
    assert len(ALERTS) == len(list(rules("alert"))), "an alert's name is used twice"


@every_alert
def test_it_is_seen_speaking_up_and_keeping_quiet(name: str) -> None:
    cases = [(test, case) for test, case in cases_of("alert_rule_test") if case["alertname"] == name]
    assert [case for _, case in cases if case.get("exp_alerts")], "it is never seen to speak up"
    quiet = [test for test, case in cases if not case.get("exp_alerts")]
    assert quiet, "it is never seen to keep quiet"
    # quiet for want of anything to look at is no test
    assert all(test["input_series"] for test in quiet)


def test_every_recorded_number_is_reckoned_once() -> None:
    tested = " ".join(case["expr"] for _, case in cases_of("promql_expr_test"))
    assert [name for name in RECORDS if name not in tested] == []


def test_every_metric_in_the_rules_is_one_of_flowds() -> None:
    shown = set(names(Telemetry())) | {f"{name}_bucket" for name in names(Telemetry())} | ITS_OWN | set(RECORDS)
    used = {name: metrics_in(rule["expr"]) for name, rule in {**ALERTS, **RECORDS}.items()}
    assert all(used.values())
    assert {name: sorted(found - shown) for name, found in used.items() if found - shown} == {}


def test_every_label_in_the_rules_is_one_of_flowds() -> None:
    known = {label for labels in names(Telemetry()).values() for label in labels} | {"job", "instance", "le"}
    for name, rule in {**ALERTS, **RECORDS}.items():
        words = re.findall(r"(?:by|on|without|ignoring)\s*\(([^)]*)\)", rule["expr"])
        used = {label.strip() for word in words for label in word.split(",")}
        used |= set(re.findall(r"[{,]\s*(\w+)\s*(?:=~|!~|!=|=)", rule["expr"]))
        said = " ".join(rule.get("annotations", {}).values())
        used |= set(re.findall(r"\$labels\.(\w+)", said))
        assert used <= known, name


def test_prometheus_knows_whom_to_tell_and_what_to_read() -> None:
    document = load(FOLDER / "prometheus.yml")
    stack = load(ROOT / "docker-compose.yml")["services"]
    targets = [
        target
        for each in (*document["scrape_configs"], *document["alerting"]["alertmanagers"])
        for target in each["static_configs"][0]["targets"]
    ]
    assert {target.split(":")[0] for target in targets} <= set(stack)
    (job,) = [job for job in document["scrape_configs"] if "flowd:8787" in job["static_configs"][0]["targets"]]
    assert f'up{{job="{job["job_name"]}"}}' in ALERTS["FlowdDown"]["expr"]
