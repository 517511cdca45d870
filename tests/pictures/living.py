"""Lets the made-up household live: half a year week by week, then a daemon of today that a Prometheus watches."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from tests.panels import Range
from tests.pictures import household
from tests.prometheus import tools

FLOWD: Final = (sys.executable, "-m", "flowd.edges.cli")
RULES: Final = Path(__file__).parents[2] / "prometheus" / "rules"
WEEKS: Final = 26
SCRAPE: Final = 5  # seconds, so that a few minutes are enough for a picture

PROMETHEUS: Final = """\
global: {{scrape_interval: {scrape}s, evaluation_interval: {scrape}s}}
rule_files: ["{rules}/*.rules.yml"]
scrape_configs:
  - job_name: flowd
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


def live(folder: Path, today: date) -> None:
    """Make the household in `folder`, unless it is there: week by week, so that past projections meet what came."""
    if (folder / "lived").exists():
        return
    if shutil.which("faketime") is None:
        raise SystemExit("faketime is needed, to let the household live through half a year (Debian: faketime)")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "flowd.yaml").write_text(household.config(today, port=free_port()), encoding="utf-8")
    first = since = household.begin(today)
    for week in range(WEEKS, -1, -1):
        day = today - timedelta(weeks=week)
        household.write(folder, since, day, first=first)
        since = day + timedelta(days=1)
        print(f"living through {day}", flush=True)
        then = () if day == today else ("faketime", "-f", f"@{day} 21:30:00")
        flowd(folder, "run", "--once", before=then)
    for goal in household.goals(today):
        flowd(folder, "goal", "add", *goal)
    (folder / "lived").touch()


def flowd(folder: Path, *words: str, before: tuple[str, ...] = ()) -> str:
    """Run a command of flowd in the household; a feed that cannot be read (the shop's) is part of it."""
    done = subprocess.run([*before, *FLOWD, *words], cwd=folder, capture_output=True, text=True, timeout=300)
    if done.returncode not in (0, 1):
        raise SystemExit(f"flowd {words[0]} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout.strip()


@contextmanager
def watched(folder: Path, *, minutes: float) -> Iterator[Callable[[Mapping[str, Any], Range], list[Any]]]:
    """Run the daemon and a Prometheus that reads it for so long; gives the answers to a panel's PromQL."""
    port = int((folder / "flowd.yaml").read_text(encoding="utf-8").split("127.0.0.1:")[1].split('"')[0])
    own = free_port()
    settings = folder / "prometheus.yml"
    settings.write_text(PROMETHEUS.format(scrape=SCRAPE, rules=RULES, port=port), encoding="utf-8")
    shutil.rmtree(folder / "prometheus", ignore_errors=True)
    watching = [
        str(tools().prometheus),
        f"--config.file={settings}",
        f"--storage.tsdb.path={folder / 'prometheus'}",
        f"--web.listen-address=127.0.0.1:{own}",
    ]
    with _running(folder, [*FLOWD, "run"], "daemon.log"), _running(folder, watching, "prometheus.log"):
        time.sleep(minutes * 60)
        yield lambda target, span: _asked(own, target, span)


@contextmanager
def _running(folder: Path, words: list[str], log: str) -> Iterator[None]:
    with (folder / log).open("w") as said:
        process = subprocess.Popen(words, cwd=folder, stdout=said, stderr=subprocess.STDOUT)
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)


def _asked(port: int, target: Mapping[str, Any], span: Range) -> list[Any]:
    """One PromQL expression, as Grafana would ask it."""
    expression = target["expr"].replace("${instance:raw}", ".*").replace("$__rate_interval", f"{4 * SCRAPE}s")
    words = {"query": expression.replace("$__interval", f"{SCRAPE}s"), "time": f"{span.until.timestamp():.0f}"}
    how = "query"
    if not target.get("instant"):
        how = "query_range"
        words |= {"start": f"{span.since.timestamp():.0f}", "end": words.pop("time"), "step": str(SCRAPE)}
    with urllib.request.urlopen(
        f"http://127.0.0.1:{port}/api/v1/{how}?{urllib.parse.urlencode(words)}", timeout=20
    ) as answer:
        found: list[Any] = json.load(answer)["data"]["result"]
    return found


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        number: int = one.getsockname()[1]
    return number
