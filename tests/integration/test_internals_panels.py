"""Every PromQL expression of every dashboard: it names what flowd tells, and a real Prometheus answers it."""

from __future__ import annotations

import json
import platform
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from flowd.engine.retry import Outcome
from flowd.engine.telemetry import Telemetry
from tests.panels import Expression, expressions
from tests.prometheus import Tools

EXPRESSIONS = expressions()
by_expression = pytest.mark.parametrize("expression", EXPRESSIONS, ids=[each.label for each in EXPRESSIONS])

#: What Prometheus itself says, with its labels.
OWN = {"up": set[str](), "ALERTS": {"alertname", "alertstate"}}
EVERYWHERE = {"job", "instance"}
GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
OPERATORS = {"and", "or", "unless", "bool", "offset"}
SETTINGS = """
global: {{scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}}
rule_files: [{rules}]
scrape_configs:
  - job_name: flowd
    static_configs: [{{targets: ["{target}"]}}]
"""
RULES = "groups: [{name: test, rules: [{alert: FlowdTest, expr: flowd_database_up == 0}]}]"
# straight there, whatever proxy the machine has
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def told() -> dict[str, set[str]]:
    """Every name that an expression may use, with its labels."""
    found = {name: set(labels) for name, labels in OWN.items()}
    for family in busy().registry.collect():
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                found.setdefault(sample.name, set()).update(sample.labels)
    return found


def parts(expression: str) -> tuple[set[str], set[str]]:
    """The names of metrics and of labels in an expression."""
    text = re.sub(r'"[^"]*"', '""', expression)
    labels = {label for inside in re.findall(r"\{([^}]*)\}", text) for label in re.findall(r"(\w+)\s*[=!]", inside)}
    text = re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", text)
    labels |= {label for inside in GROUPING.findall(text) for label in re.findall(r"\w+", inside)}
    text = GROUPING.sub("", text)
    words = {found[1] for found in re.finditer(r"\b([a-zA-Z_:][\w:]*)\b(?!\s*\()", text)}
    return words - OPERATORS, labels


@by_expression
def test_an_expression_names_only_what_flowd_tells(expression: Expression) -> None:
    known = told()
    names, labels = parts(expression.expression)
    assert names
    assert names <= known.keys()
    allowed = EVERYWHERE.union(*(known[name] for name in names))
    assert labels <= allowed
    assert set(re.findall(r"\{\{(\w+)\}\}", legend(expression))) <= allowed
    if "ALERTS" not in names:
        chosen = expression.expression.count("${instance:raw}")
        assert chosen >= sum(len(re.findall(rf"\b{name}\b", expression.expression)) for name in names)


def test_what_is_no_metric_of_flowds_is_found() -> None:
    assert parts('sum by (le) (rate(flowd_typo_bucket{a="b"}[5m])) > on (x) flowd_y and time()') == (
        {"flowd_typo_bucket", "flowd_y"},
        {"le", "a", "x"},
    )


def legend(expression: Expression) -> str:
    (text,) = (each["legendFormat"] for each in expression.body["targets"] if each["expr"] == expression.expression)
    return str(text)


# --- With a real Prometheus ------------------------------------------------------------------------------------------


def busy() -> Telemetry:
    """What a flowd tells to which everything has happened once."""
    telemetry = Telemetry()
    telemetry.build("1.2.3")
    telemetry.notifier("mail")
    telemetry.broken(["bad"])
    telemetry.spool(3, 1024)
    telemetry.spool_limit(4096)
    telemetry.children(2)
    telemetry.missing_rates(4)
    telemetry.disagreements({("BTC", "EUR"): Decimal("0.02")})
    telemetry.derivation_lag(timedelta(seconds=7))
    telemetry.budget_left("bank", 1, 4)
    for connection, state in (("bank", "needs_reauth"), ("shop", "healthy"), ("wallet", "partial"), ("fresh", "new")):
        telemetry.feed(connection, "feed", timedelta(seconds=100))
        telemetry.state(connection, "feed", state)
    telemetry.study_failed("goals")
    happen(telemetry)
    return telemetry


def happen(telemetry: Telemetry) -> None:
    """Let everything that is counted happen once more, and say anew what depends on the time."""
    now = datetime.now(UTC)
    telemetry.started(now - timedelta(hours=1))
    telemetry.database_up(False)
    telemetry.delay(0.02)
    telemetry.missed("bank", "feed")
    telemetry.rows("bank", {"events": 2, "unchanged": 5})
    telemetry.succeeded("bank", "feed", now - timedelta(seconds=250))
    telemetry.consent("shop", now + timedelta(days=20))
    telemetry.consent("bank", now + timedelta(days=2))
    telemetry.derived(now - timedelta(seconds=60))
    telemetry.studied("returns", now - timedelta(seconds=30), 0.5)
    telemetry.studied("goals", now - timedelta(seconds=90), 1.5)
    telemetry.study_failed("goals")
    telemetry.child_started()
    telemetry.child_killed("bank", "crashed")
    telemetry.launcher_restarted()
    telemetry.printed("bank", 10)
    telemetry.spool_refused()
    telemetry.notice("mail", "sent")
    telemetry.clock_step()
    for outcome in Outcome:
        telemetry.ended("bank", "feed", "demo", outcome, 0.2)


@dataclass(frozen=True)
class Prometheus:
    """A Prometheus that watches a busy flowd."""

    address: str

    def asks(self, expression: str, *, instance: str = ".*", at: float | None = None) -> list[Mapping[str, Any]]:
        """What an expression of a panel gives."""
        text = expression.replace("${instance:raw}", instance).replace("$__rate_interval", "20s")
        question = {"query": text, "time": f"{time.time() if at is None else at:.3f}"}
        found: list[Mapping[str, Any]] = json.loads(self.get(f"/api/v1/query?{urllib.parse.urlencode(question)}"))[
            "data"
        ]["result"]
        return found

    def sees(self, expression: str) -> list[Mapping[str, Any]]:
        """The same once there is any: a busy machine may miss a scrape, after which nothing is known until the next."""
        awaited(lambda: self.asks(expression))
        return self.asks(expression) or self.sees(expression)

    def get(self, path: str) -> bytes:
        """One of its pages; what is refused fails with Prometheus's own words."""
        try:
            with OPENER.open(self.address + path, timeout=10) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as refused:
            raise AssertionError(refused.read().decode()) from None

    def panel(self, title: str) -> dict[str, float]:
        """What a panel shows: values by the names of its lines, rounded."""
        shown: dict[str, float] = {}
        for each in (each for each in EXPRESSIONS if each.title == title):
            for found in self.sees(each.expression):
                name = legend(each)
                for label, value in found["metric"].items():
                    name = name.replace(f"{{{{{label}}}}}", value)
                shown[name if name != "__auto" else json.dumps(found["metric"])] = round(float(found["value"][1]), 2)
        return shown


@pytest.fixture(scope="module")
def prometheus(prometheus_tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A real Prometheus that has read a busy flowd four times."""
    folder = tmp_path_factory.mktemp("prometheus")
    telemetry, read, times = busy(), threading.Event(), 0

    class Metrics(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            nonlocal times
            happen(telemetry)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(telemetry.text())
            times += 1
            if times == 4:
                read.set()

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Metrics) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        (folder / "rules.yml").write_text(RULES, encoding="utf-8")
        settings = SETTINGS.format(target=f"127.0.0.1:{server.server_port}", rules=folder / "rules.yml")
        (folder / "prometheus.yml").write_text(settings, encoding="utf-8")
        with running(prometheus_tools.prometheus, folder) as address:
            assert read.wait(30), (folder / "log").read_text(encoding="utf-8")
            watching = Prometheus(address)
            watching.sees("ALERTS")
            yield watching
        server.shutdown()


@contextmanager
def running(program: Path, folder: Path) -> Iterator[str]:
    """A Prometheus with the settings in `folder`; gives its address once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                program,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
        try:
            address = f"http://127.0.0.1:{port}"

            def ready() -> bool:
                assert process.poll() is None, (folder / "log").read_text(encoding="utf-8")
                try:
                    return bool(Prometheus(address).get("/-/ready"))
                except (AssertionError, urllib.error.URLError):
                    return False

            awaited(ready)
            yield address
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def awaited(happened: Callable[[], object], seconds: float = 30) -> None:
    """Return once something is so."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)


@by_expression
def test_a_panel_has_data_of_a_busy_flowd_and_none_of_another(prometheus: Prometheus, expression: Expression) -> None:
    found = prometheus.sees(expression.expression)
    for label in re.findall(r"\{\{(\w+)\}\}", legend(expression)):
        assert all(each["metric"].get(label) for each in found), label
    if "ALERTS" not in expression.expression:
        assert prometheus.asks(expression.expression, instance="another:1") == []


@by_expression
def test_a_panel_is_empty_where_nothing_was_told(prometheus: Prometheus, expression: Expression) -> None:
    assert prometheus.asks(expression.expression, at=time.time() - 86400) == []
    assert len(expression.body["fieldConfig"]["defaults"]["noValue"]) >= 4


def test_the_numbers_are_those_of_flowd(prometheus: Prometheus) -> None:
    assert prometheus.panel("Database") == {"{}": 0}
    assert prometheus.panel("Feeds not well") == {"{}": 2}
    assert prometheus.panel("Feeds by state") == {"needs_reauth": 1, "healthy": 1, "partial": 1, "new": 1}
    assert prometheus.panel("Requests left of what sources allow") == {"bank": 0.25}
    assert prometheus.panel("Version") == {f"1.2.3, Python {platform.python_version()}": 1}
    assert prometheus.panel("Broken plugins") == {"bad": 1}
    assert prometheus.panel("Age of feeds, in their intervals").keys() == {"bank/feed"}
    assert 2.5 <= prometheus.panel("Age of feeds, in their intervals")["bank/feed"] < 2.6
    assert 60 <= prometheus.panel("Numbers are old")["{}"] < 65
    age = prometheus.panel("Age of studies")
    assert age.keys() == {"returns", "goals", "goals fails"}
    assert 90 <= age["goals fails"] < 95
    assert prometheus.panel("Runs per minute by how they ended").keys() == {str(outcome) for outcome in Outcome}
    assert prometheus.panel("How late runs begin")["p50"] == 0.03


def test_the_nearest_end_of_a_consent_stands_first(prometheus: Prometheus) -> None:
    (asked,) = (each for each in EXPRESSIONS if each.title == "Keys and consents that end" and each.expression)
    found = [
        (each["metric"]["connection"], round(float(each["value"][1]))) for each in prometheus.sees(asked.expression)
    ]
    assert found == [("bank", 2), ("shop", 20)]
