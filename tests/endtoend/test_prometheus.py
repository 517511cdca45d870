"""A real Prometheus reads a real flowd by the rules that are shipped, and says to an Alertmanager what is wrong."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from flowd.testing.replay import Replay, Reply
from tests.endtoend.home import Home
from tests.prometheus import Tools

ROOT = Path(__file__).parents[2]
YAML = """
tenant: {{name: home, base_currency: EUR, timezone: Europe/Berlin}}
database: {{url: '{database}'}}
connections:
  mine:
    type: distant
    config: {{url: {source}}}
    feeds: {{balances: {{every: 1s}}}}
  salary:
    type: recurring
    config: {{amount: 3000, currency: EUR, every: month on L, start: 2025-01-01}}
    feeds: {{schedule: {{every: 2s}}}}
"""


def wait_for(what: str, ask: Callable[[], Any], seconds: float = 20) -> Any:
    """Return the first answer there is."""
    until = time.monotonic() + seconds
    while True:
        if answer := ask():
            return answer
        assert time.monotonic() < until, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)


@contextlib.contextmanager
def running(*command: str | Path, folder: Path, ready: str) -> Iterator[None]:
    """Run a server until the end of the with-block; `ready` is the page that answers when it is."""
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)

        def is_ready() -> bool:
            assert process.poll() is None, (folder / "log").read_text()
            with contextlib.suppress(OSError), urllib.request.urlopen(ready, timeout=2) as answer:
                return bool(answer.status == 200)
            return False

        try:
            wait_for(ready, is_ready)
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@dataclass
class Watching:
    """A Prometheus that watches, and what it sees."""

    url: str

    def alerts(self, *states: str) -> dict[tuple[str, str], dict[str, Any]]:
        """What fires (or is in other states), by the alert's name and the connection."""
        found = get(f"{self.url}/api/v1/alerts")["data"]["alerts"]
        there = [alert["labels"] | {"is": alert} for alert in found if alert["state"] in (states or ("firing",))]
        return {(labels["alertname"], labels.get("connection", "")): labels["is"] for labels in there}

    def rules(self) -> list[dict[str, Any]]:
        """Every rule, once each was reckoned; nothing before."""
        found = [rule for group in get(f"{self.url}/api/v1/rules")["data"]["groups"] for rule in group["rules"]]
        return [] if any(rule["health"] == "unknown" for rule in found) else found

    def count(self, expr: str) -> int:
        """How many series an expression gives now."""
        return len(get(f"{self.url}/api/v1/query?{urlencode({'query': expr})}")["data"]["result"])


def rules_in_a_hurry(folder: Path) -> None:
    """The rules as they are shipped, but for one line of each: `for: 30m` and the like become `for: 1s`."""
    folder.mkdir()
    for path in (ROOT / "prometheus" / "rules").glob("*.rules.yml"):
        hurried, count = re.subn(r"(?m)^( +for:) \w+$", r"\1 1s", path.read_text(encoding="utf-8"))
        assert count > 0
        (folder / path.name).write_text(hurried, encoding="utf-8")


@contextlib.contextmanager
def prometheus(tools: Tools, folder: Path, flowd: str, alertmanager: str) -> Iterator[Watching]:
    """Prometheus with its shipped configuration: other addresses, and it looks four times a second."""
    folder.mkdir()
    rules_in_a_hurry(folder / "rules")
    text = (ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    body = re.sub(r"(?m)^ *#.*\n", "", text)
    for old, new in (
        ('"flowd:8787"', f'"{flowd}"'),
        ('"alertmanager:9093"', f'"{alertmanager}"'),
        ("scrape_interval: 15s", "scrape_interval: 250ms"),
        ("scrape_timeout: 10s", "scrape_timeout: 250ms"),
        ("evaluation_interval: 30s", "evaluation_interval: 250ms"),
    ):
        assert body.count(old) == 1, old
        body = body.replace(old, new)
    (folder / "prometheus.yml").write_text(body, encoding="utf-8")
    address = f"127.0.0.1:{free_port()}"
    command = (tools.prometheus, "--config.file=prometheus.yml", "--storage.tsdb.path=data")
    ready = f"http://{address}/-/ready"
    with running(*command, f"--web.listen-address={address}", folder=folder, ready=ready):
        yield Watching(f"http://{address}")


@dataclass
class Told:
    """What an Alertmanager is told, and when."""

    replay: Replay

    def of(self, alert: str, *, over: bool = False) -> dict[str, Any] | None:
        """The first message about an alert: that it fires, or with `over` that it does no more."""
        for asked in list(self.replay.asked):
            for one in asked.json():
                ends = datetime.fromisoformat(one["endsAt"])
                if one["labels"]["alertname"] == alert and (ends <= datetime.now(UTC)) == over:
                    return dict(one)
        return None


@pytest.fixture
def distant(home: Home) -> Home:
    """A home with the test's distant source installed as a plugin."""
    about = home.folder / "site" / "flowd_distant-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: flowd-distant\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[flowd]\ndistant = tests.plugins.distant\n")
    return replace(home, environ={**home.environ, "PYTHONPATH": f"{ROOT}:{home.folder / 'site'}"})


class Source:
    """A server that can be cut off, and comes back where it was."""

    def __init__(self) -> None:
        self.replay = self._serve(0)

    def cut_off(self) -> None:
        """End it, and what is connected to it."""
        self.replay.on("GET", "/balance", Reply(drop=True))
        self.replay.close()

    def come_back(self) -> None:
        """Serve again, at the same address."""
        self.replay = self._serve(self.replay.port)

    def _serve(self, port: int) -> Replay:
        replay = Replay(port=port)
        replay.on("GET", "/balance", Reply(body={"balance": "1000.50"}))
        return replay


def test_a_source_that_is_cut_off_is_told_and_so_is_a_flowd_that_is_gone(
    distant: Home, database_url: str, tmp_path: Path, prometheus_tools: Tools
) -> None:
    with contextlib.ExitStack() as stack:
        manager = stack.enter_context(Replay())
        manager.on("POST", "/api/v2/alerts", Reply(body=b""))
        told = Told(manager)
        source = Source()
        stack.callback(lambda: source.replay.close())
        distant.write(YAML.format(database=database_url, source=source.replay.url))
        daemon = stack.enter_context(distant.daemon())
        flowd = daemon.address.removeprefix("http://")
        where = f"127.0.0.1:{manager.port}"
        watching = stack.enter_context(prometheus(prometheus_tools, tmp_path / "prometheus", flowd, where))

        # flowd is well, and nobody is told anything: not even by rules that wait for nothing
        daemon.wait_for(r"feeds +2 of 2 healthy", 60)
        wait_for("both feeds are seen", lambda: watching.count('flowd_connection_state{state="healthy"} == 1') == 2)
        rules = wait_for("every rule is reckoned", watching.rules)
        assert {rule["name"]: rule.get("lastError") for rule in rules if rule["health"] != "ok"} == {}
        wait_for("all is quiet", lambda: not watching.alerts("firing", "pending"))
        told_at_the_start = "flowd_spool_limit_bytes > 0 and flowd_started_timestamp_seconds > time() - 300"
        assert watching.count(f"{told_at_the_start} and flowd_derivation_last_success_timestamp_seconds > 0") == 1

        source.cut_off()
        fired = wait_for("a source that is cut off", lambda: watching.alerts().get(("FlowdFeedFailing", "mine")))
        assert fired["labels"]["severity"] == "warning"
        assert fired["annotations"]["summary"] == "mine/balances fails"
        assert ("FlowdFeedFailing", "salary") not in watching.alerts()
        message = wait_for("that is told", lambda: told.of("FlowdFeedFailing"))
        assert message["annotations"]["runbook_url"] == "docs/alerts.md#flowdfeedfailing"

        source.come_back()
        distant.run("sync", "mine")
        wait_for("it is well again", lambda: not watching.alerts())
        wait_for("that is told, too", lambda: told.of("FlowdFeedFailing", over=True))

        code, _ = daemon.stop()
        assert code == 0
        fired = wait_for("a flowd that is gone", lambda: watching.alerts().get(("FlowdDown", "")))
        assert (fired["labels"]["instance"], fired["labels"]["severity"]) == (flowd, "critical")
        wait_for("that is told", lambda: told.of("FlowdDown"))
