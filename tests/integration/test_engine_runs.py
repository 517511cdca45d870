"""The activity log, health, cursors and budgets, in a real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from flowd.domain.records import Cursor
from flowd.engine.retry import Outcome, State
from flowd.storage.database import Database
from flowd.storage.rawlog import RawLog
from flowd.storage.runs import FeedState, Runs
from tests.engine_rig import TICK, bad, engine, good

AT = datetime(2026, 3, 1, 12, 0, 0, 500, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_a_run_is_opened_once_and_closed(database: Database) -> None:
    runs = Runs(database)
    key = runs.open_run("x", "balances", TICK, AT)
    # The answer got lost, so it is entered again: it is the same run.
    assert runs.open_run("x", "balances", TICK, AT) == key
    other = runs.open_run("x", "balances", TICK + MINUTE, AT + MINUTE)
    runs.close_run(key, "done", AT + MINUTE)
    runs.close_run(other, "failed", AT + MINUTE, error_class="ValueError", error="nul \x00 and half \ud800 a character")
    newest, oldest = runs.list_runs()
    assert (oldest.outcome, oldest.duration, oldest.error) == ("done", MINUTE, None)
    assert (newest.id, newest.error_class) == (other.id, "ValueError")
    assert newest.error == "nul \ufffd and half ? a character"
    assert runs.list_runs(after=key.id) == [newest]
    assert runs.list_runs(connection="y") == []
    runs.save_state(FeedState(connection="x", feed="balances", state="failing", since=AT), every=MINUTE)
    assert runs.last_success() == {("x", "balances"): TICK}


def test_old_runs_are_dropped_but_for_the_last_success(database: Database) -> None:
    runs = Runs(database)
    for number in range(5):
        at = AT + number * MINUTE
        outcome = "failed" if number > 2 else "done"
        runs.close_run(runs.open_run("x", "balances", at, at), outcome, at)
    assert runs.drop_runs(AT + 4 * MINUTE) == 3
    assert [(run.started_at, run.outcome) for run in runs.list_runs()] == [
        (AT + 4 * MINUTE, "failed"),
        (AT + 2 * MINUTE, "done"),
    ]


def test_runs_cut_off_by_a_crash_are_said_to_be(database: Database) -> None:
    runs = Runs(database)
    runs.close_run(runs.open_run("x", "a", TICK, AT), "done", AT)
    runs.open_run("x", "b", TICK, AT)
    assert runs.interrupt_runs(AT) == 1
    assert [run.outcome for run in runs.list_runs()] == ["interrupted", "done"]


def test_health_is_remembered(database: Database) -> None:
    runs = Runs(database)
    well = FeedState(connection="x", feed="a", state="healthy", since=AT, last_success=AT)
    runs.save_state(well, every=MINUTE)
    assert runs.load_states() == [well]
    ill = FeedState(
        connection="x", feed="a", state="failing", since=AT + MINUTE, reason="busy", failures=3, next_try=AT
    )
    runs.save_state(ill, every=MINUTE)
    (found,) = runs.load_states()
    # When it last worked is not forgotten.
    assert (found.state, found.failures, found.last_success) == ("failing", 3, AT)
    runs.forget_state("x")
    assert runs.load_states() == []


def test_budgets_add_up_and_old_periods_go(database: Database) -> None:
    runs = Runs(database)
    assert [runs.take_budget("c", AT) for _ in range(3)] == [1, 2, 3]
    assert runs.take_budget("c", AT, 5) == 8
    assert runs.take_budget("c", AT + timedelta(days=1)) == 1
    assert Runs(database).take_budget("other", AT) == 1
    with database.transaction() as session:
        rows = session.execute("SELECT credential, used FROM ops.budget ORDER BY credential").fetchall()
    assert rows == [("c", 1), ("other", 1)]


def test_the_engine_runs_on_the_database(database: Database, tmp_path: Path) -> None:
    runs = Runs(database)
    with engine(tmp_path, store=runs, log=RawLog(database), healthy=database.healthy) as rig:
        rig.add(good(batches=2, rows=3), bad("refused"), bad("smuggled_nan", "smuggler"))
        assert rig.runner.run_once("good", "balances", TICK).counts == {
            "snapshots": 6,
            "rates": 0,
            "events": 0,
            "revised": 0,
            "unchanged": 0,
        }
        assert rig.runner.run_once("good", "balances", TICK + MINUTE).outcome is Outcome.DONE
        assert rig.runner.run_once("bad", "balances", TICK).outcome is Outcome.AUTH
        assert rig.runner.run_once("smuggler", "balances", TICK).outcome is Outcome.FAILED
    assert runs.load_cursor("good", "balances") == Cursor(data=4)
    assert runs.load_cursors() == {("good", "balances"): Cursor(data=4)}
    outcomes = [(run.connection, run.outcome, run.snapshots) for run in runs.list_runs()]
    assert outcomes == [("smuggler", "failed", 0), ("bad", "auth", 0), ("good", "done", 6), ("good", "done", 6)]
    states = {state.connection: state.state for state in runs.load_states()}
    assert states == {"good": "healthy", "bad": "needs_reauth", "smuggler": "failing"}


def test_old_news_is_not_told_again_after_a_restart(database: Database, tmp_path: Path) -> None:
    runs = Runs(database)
    with engine(tmp_path, store=runs, log=RawLog(database), healthy=database.healthy) as rig:
        rig.add(bad("refused"))
        rig.runner.run_once("bad", "balances", TICK)
        assert len(rig.notices) == 1
    with engine(tmp_path, store=runs, log=RawLog(database), healthy=database.healthy) as rig:
        rig.runner.remember({(state.connection, state.feed): state for state in runs.load_states()})
        rig.add(bad("refused"))
        assert rig.runner.health("bad", "balances").state is State.NEEDS_REAUTH
        rig.runner.run_once("bad", "balances", TICK)
        assert rig.notices == []
