"""A wallet that fails while others answer: theirs land, its own keeps its last reading, and the run says so."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from flowd.edges.commands.check import ask
from flowd.engine.connections import Connection
from flowd.engine.limits import counted
from flowd.engine.retry import Outcome, State
from flowd.engine.target import Target
from flowd.storage.database import Database
from flowd.storage.rawlog import RawLog
from flowd.storage.reports import Reports
from flowd.storage.runs import Runs
from tests.deriving import Store
from tests.engine_rig import TICK, engine, good
from tests.plugins.wallets import WALLETS

MINUTE = timedelta(minutes=1)
BOTH = {"spot": {"EUR": "100", "USDT": "7"}, "earn": {"EUR": "250"}}


def exchange(world: Path) -> Connection:
    return Connection(
        name="exchange",
        type=WALLETS,
        target=Target("tests.plugins.wallets", "wallets"),
        feeds={feed.name: feed for feed in WALLETS.feeds},
        isolation=WALLETS.isolation,
        settings=json.dumps({"world": str(world)}).encode(),
        secrets=[],
    )


def test_what_can_be_read_lands_and_the_rest_keeps_its_last_reading(database: Database, tmp_path: Path) -> None:
    world = tmp_path / "world.json"
    runs, store = Runs(database), Store(database)
    with engine(tmp_path, store=runs, log=RawLog(database), healthy=database.healthy) as rig:
        rig.add(exchange(world))
        world.write_text(json.dumps(BOTH))
        assert rig.runner.run_once("exchange", "balances", TICK).outcome is Outcome.DONE
        world.write_text(json.dumps({"spot": {"EUR": "90"}, "earn": "the source answered 503"}))
        for minute in (1, 2, 3):
            result = rig.runner.run_once("exchange", "balances", TICK + minute * MINUTE)
            assert (result.outcome, result.message) == (Outcome.PARTIAL, "earn: the source answered 503")
            # No backoff: the next run is at the feed's own interval.
            assert result.pause is None
        health = rig.runner.health("exchange", "balances")
        assert (health.state, health.reason) == (State.PARTIAL, "earn: the source answered 503")
        assert [notice.title for notice in rig.notices] == ["exchange: balances lacks something, 3 times in a row"]
        text = rig.telemetry.text().decode()
        assert 'flowd_runs_total{connection="exchange",feed="balances",outcome="partial"} 3.0' in text
        assert 'flowd_connection_state{connection="exchange",feed="balances",state="partial"} 1.0' in text
        store.derivation.catch_up()
        found = accounts(store)
        # USDT left the wallet that answered whole: it is gone. Nothing is said of the wallet that did not answer.
        assert found == {
            ("spot", "EUR"): (Decimal(90), TICK + 3 * MINUTE),
            ("spot", "USDT"): (Decimal(0), TICK + MINUTE),
            ("earn", "EUR"): (Decimal(250), TICK),
        }
        assert store.rows("SELECT count(*) FROM raw.snapshot WHERE quantity = 0") == [(1,)]
        assert [run.outcome for run in runs.list_runs()] == ["partial", "partial", "partial", "done"]
        assert runs.last_success() == {("exchange", "balances"): TICK + 3 * MINUTE}
        warned = {row[0] for row in store.rows("SELECT what FROM report.warning WHERE subject = 'exchange/balances'")}
        assert "could be read in part only: earn: the source answered 503" in warned
        (row,) = Reports(database).connections()
        assert (row["state"], row["reason"]) == ("partial", "earn: the source answered 503")
        world.write_text(json.dumps({"spot": {"EUR": "90"}, "earn": {"EUR": "251"}}))
        assert rig.runner.run_once("exchange", "balances", TICK + 4 * MINUTE).outcome is Outcome.DONE
        assert [notice.title for notice in rig.notices][1:] == ["exchange: balances works again"]
    store.derivation.catch_up()
    assert accounts(store)["earn", "EUR"] == (Decimal(251), TICK + 4 * MINUTE)
    before = store.everything()
    store.derivation.rebuild()
    assert store.everything() == before


def test_a_check_says_what_is_reached_what_is_not_and_what_is_left(database: Database, tmp_path: Path) -> None:
    world = tmp_path / "world.json"
    world.write_text(json.dumps({"spot": {"EUR": "90"}, "earn": "this key may not read it"}))
    runs = Runs(database)
    with engine(tmp_path, store=runs, log=RawLog(database), healthy=database.healthy) as rig:
        rig.add(exchange(world), good("free"))
        spent = rig.limits.take_all(counted("wallets", exchange(world).credential, WALLETS.limits, "host"), left=1)
        assert spent.budget_left == 3
        for _ in range(2):
            row = ask(rig.runner, "exchange")
            assert (row["state"], row["covers"], row["unread"]) == ("ok", ["spot"], ["earn: this key may not read it"])
            # Looking spends nothing.
            assert (row["budget_left"], row["budget"]) == (3, 4)
        assert "budget_left" not in ask(rig.runner, "free")
        world.write_text("no JSON")
        broken = ask(rig.runner, "exchange")
        assert (broken["state"], broken["budget_left"]) == ("wrong", 3)


def test_a_partial_run_while_the_database_is_away_is_noted_later(tmp_path: Path) -> None:
    world = tmp_path / "world.json"
    world.write_text(json.dumps({"spot": {"EUR": "90"}, "earn": "503"}))
    with engine(tmp_path) as rig:
        rig.add(exchange(world))
        rig.store.away = True
        assert rig.runner.run_once("exchange", "balances", TICK).outcome is Outcome.PARTIAL
        assert rig.store.runs == {}
        rig.store.away = False
        assert rig.store.wait_for(lambda: rig.store.outcomes() == ["partial"])
        assert len(rig.store.batches) == 1


def accounts(store: Store) -> dict[tuple[str, str], tuple[Decimal, object]]:
    rows = store.rows("SELECT account, asset, quantity, at FROM report.account WHERE connection = 'exchange'")
    return {(account, asset): (quantity, at) for account, asset, quantity, at in rows}
