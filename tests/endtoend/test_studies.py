"""The daemon has studies made by a process of its own: their rows appear, and numpy never comes into the daemon."""

from __future__ import annotations

import json
import re
import signal
import time
from pathlib import Path

from tests.endtoend.home import Daemon, Home

CONFIG = """\
tenant: {name: home, base_currency: EUR, timezone: Europe/Berlin}
database: {embedded: ./db}
state: ./state
connections:
  salary: {type: recurring, config: {amount: 4200, currency: EUR, every: month on L, start: 2026-01-01}}
"""
STUDIES = {"returns", "statistics", "expected", "projection"}


def made(daemon: Daemon, seconds: float = 60) -> set[str]:
    """Wait until the daemon counts studies as made, and return which."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = set(
            re.findall(r'flowd_study_last_success_timestamp_seconds\{study="(\w+)"\}', daemon.get("/metrics")[1])
        )
        if found >= STUDIES:
            return found
        time.sleep(0.2)
    raise AssertionError("no study was made:\n" + "\n".join(daemon.said))


def test_studies_are_made_outside_the_daemon_and_commands_see_their_rows(home: Home) -> None:
    home.write(CONFIG)
    with home.daemon() as daemon:
        assert made(daemon) >= STUDIES
        maps = Path(f"/proc/{daemon.process.pid}/maps").read_text()
        assert "numpy" not in maps
        assert "psycopg" in maps
        states = json.loads(home.run("status", "--json"))["studies"]
        assert {row["study"] for row in states} >= STUDIES
        assert not any(row["outdated"] for row in states)
        # the daemon did it: nothing is left to be done
        outcomes = {row["study"]: row["outcome"] for row in json.loads(home.run("study", "--json"))}
        assert set(outcomes.values()) == {"unchanged"}
        assert 'flowd_study_failing{study="returns"} 0.0' in daemon.get("/metrics")[1]
        # one that is switched off loses its rows with the next reading of flowd.yaml
        home.write(CONFIG + "analytics: {expected: {enabled: false}}\n")
        daemon.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 60
        while "expected" in {row["study"] for row in json.loads(home.run("status", "--json"))["studies"]}:
            assert time.monotonic() < until
        code, took = daemon.stop()
        assert (code, took < 8) == (0, True)


def test_once_makes_them_as_well_and_a_rebuild_gives_the_same(home: Home) -> None:
    home.write(CONFIG)
    home.run("run", "--once")
    before = home.run("streams", "--json")
    assert json.loads(before)
    assert {row["study"] for row in json.loads(home.run("rebuild", "--json"))["studies"]} >= STUDIES
    assert home.run("streams", "--json") == before
    assert "no such study: nonsense" in home.run("study", "nonsense", code=2)
    home.write(CONFIG + "analytics: {returns: {config: {nonsense: 1}}, expected: {enabled: false}}\n")
    said = json.loads(home.run("study", "--json", code=1).partition("\n]")[0] + "\n]")
    found = {row["study"]: row for row in said}
    assert "flowd.yaml:6" in found["returns"]["reason"]
    assert "analytics.returns.config.nonsense" in found["returns"]["reason"]
    assert found["statistics"]["outcome"] == "unchanged"
    assert "expected" not in found
