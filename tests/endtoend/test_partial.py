"""An exchange of which one wallet cannot be read, as a person at the command line sees it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.endtoend.home import Home

ROOT = Path(__file__).parents[2]
YAML = """
tenant: {base_currency: EUR, timezone: Europe/Berlin}
database: {embedded: ./var/db}
state: ./var
connections:
  exchange: {type: wallets, config: {world: ./world.json}}
"""


@pytest.fixture
def exchange(home: Home) -> Home:
    """A home with the test's exchange installed as a plugin."""
    about = home.folder / "site" / "flowd_wallets-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: flowd-wallets\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[flowd]\nwallets = tests.plugins.wallets\n")
    home.write(YAML)
    return replace(home, environ={**home.environ, "PYTHONPATH": f"{ROOT}:{home.folder / 'site'}"})


def test_what_is_missing_is_named_everywhere_and_nothing_becomes_zero(exchange: Home) -> None:
    world = exchange.folder / "world.json"
    world.write_text(json.dumps({"spot": {"EUR": "100"}, "earn": {"EUR": "250"}}))
    assert [row["outcome"] for row in exchange.json("sync")] == ["done"]
    world.write_text(json.dumps({"spot": {"EUR": "90"}, "earn": "the source answered 503"}))
    said = exchange.run("run", "--once", code=1)
    assert "read in part: exchange/balances: earn: the source answered 503" in said

    status = exchange.json_of_failure("status")
    (feed,) = status["feeds"]
    assert (feed["state"], feed["reason"], feed["late"]) == ("partial", "earn: the source answered 503", False)
    runs = exchange.json("activity")
    assert [row["outcome"] for row in runs] == ["done", "partial"]
    assert (runs[1]["snapshots"], runs[1]["error"]) == (1, "earn: the source answered 503")

    rows = {row["what"]: row for row in exchange.json("check")}
    found = rows["connections.exchange"]
    assert (found["covers"], found["unread"]) == (["spot"], ["earn: the source answered 503"])
    assert (found["budget_left"], found["budget"]) == (4, 4)
    assert "earn: the source answered 503" in exchange.run("check")

    held = exchange.run(
        "db", "shell", "--", "-Atc", "SELECT account, quantity, at FROM report.account ORDER BY account"
    )
    (earn, spot) = [line.split("|") for line in held.splitlines()]
    assert (earn[1], spot[1]) == ("250", "90")
    assert earn[2] < spot[2]
