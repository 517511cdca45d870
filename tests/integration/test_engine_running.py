"""A feed is run in a process of its own; what it yields is kept, and what becomes of it is decided."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from flowd.api import AuthError, Severity
from flowd.engine.retry import Outcome, State
from flowd.engine.running import RunResult
from flowd.storage.packing import Kind
from flowd.storage.runs import FeedState
from tests.engine_rig import TICK, Rig, bad, connection, engine, good
from tests.plugins import hostile


def run(rig: Rig, name: str) -> RunResult:
    return rig.runner.run_once(name, "balances", TICK)


def metric(rig: Rig, line: str) -> float:
    (found,) = [text for text in rig.telemetry.text().decode().splitlines() if text.startswith(line)]
    return float(found.rpartition(" ")[2])


def test_a_run_keeps_every_batch_and_moves_the_cursor(tmp_path: Path) -> None:
    with engine(tmp_path) as rig:
        rig.add(good(batches=3, rows=2))
        result = run(rig, "good")
        assert result.outcome is Outcome.DONE, result.message
        assert result.counts["snapshots"] == 6
        assert result.pause is None
        assert run(rig, "good").outcome is Outcome.DONE
        assert rig.store.cursors["good", "balances"].data == 6
        assert rig.store.outcomes() == ["done", "done"]
        assert [batch.connection for batch in rig.store.batches] == ["good"] * 6
        assert rig.store.states["good", "balances"].state == "healthy"
        assert metric(rig, 'flowd_runs_total{connection="good",feed="balances",outcome="done"}') == 2
        assert metric(rig, 'flowd_rows_total{connection="good",kind="snapshots"}') == 12


def test_a_light_connector_runs_in_a_thread_with_the_same_rules(tmp_path: Path) -> None:
    with engine(tmp_path) as rig:
        rig.add(connection("quiet", hostile.QUIET, batches=2))
        assert run(rig, "quiet").outcome is Outcome.DONE
        assert run(rig, "quiet").outcome is Outcome.DONE
        assert rig.store.cursors["quiet", "balances"].data == 4
        assert rig.workers.started == 0


def test_a_thread_past_its_deadline_is_left_alone_and_not_doubled(tmp_path: Path) -> None:
    with engine(tmp_path) as rig:
        rig.add(connection("quiet", hostile.QUIET, latency=1.5, timeout=0.2))
        assert run(rig, "quiet").outcome is Outcome.OVER_TIME
        again = run(rig, "quiet")
        assert again.skipped
        assert "still at work" in again.message
        assert rig.store.batches == []


def test_a_process_is_kept_for_a_connection_that_comes_back_soon(tmp_path: Path) -> None:
    with engine(tmp_path, warm=30) as rig:
        rig.add(good())
        for _ in range(5):
            assert run(rig, "good").outcome is Outcome.DONE
        # The first is ended: nobody knew that the connection would come back so soon.
        assert rig.workers.started == 2


def test_a_process_is_not_kept_for_a_connection_that_comes_back_late(tmp_path: Path) -> None:
    with engine(tmp_path, warm=0.01) as rig:
        rig.add(good())
        for _ in range(3):
            assert run(rig, "good").outcome is Outcome.DONE
            time.sleep(0.02)
        assert rig.workers.started == 3
        assert rig.workers.kept_warm == 0


def test_another_connection_gets_the_place_of_one_that_is_only_kept(tmp_path: Path) -> None:
    with engine(tmp_path, size=1, warm=30) as rig:
        rig.add(good("one"), good("two"))
        for _ in range(2):
            assert run(rig, "one").outcome is Outcome.DONE
        assert rig.workers.kept_warm == 1
        assert run(rig, "two").outcome is Outcome.DONE


def test_changed_settings_reach_a_kept_process(tmp_path: Path) -> None:
    with engine(tmp_path, warm=30) as rig:
        rig.add(good(rows=1))
        for _ in range(2):
            run(rig, "good")
        rig.add(good(rows=7))
        assert run(rig, "good").counts["snapshots"] == 7


def test_hanging_connections_leave_places_to_the_others(tmp_path: Path) -> None:
    """The first time they hang they may take all places; from then on a quarter."""
    with engine(tmp_path, size=4) as rig:
        hanging = [f"hanging-{number}" for number in range(8)]
        rig.add(good(), *[bad("sleeps", name, timeout=0.5) for name in hanging])
        for name in hanging:
            assert run(rig, name).outcome is Outcome.OVER_TIME
        threads = [threading.Thread(target=run, args=(rig, name)) for name in hanging]
        for thread in threads:
            thread.start()
        begun = time.monotonic()
        assert run(rig, "good").outcome is Outcome.DONE
        assert time.monotonic() - begun < 0.5
        for thread in threads:
            thread.join()


def test_two_runs_of_a_connection_never_overlap(tmp_path: Path) -> None:
    with engine(tmp_path) as rig:
        rig.add(good(latency=0.2))
        results: list[RunResult] = []
        threads = [threading.Thread(target=lambda: results.append(run(rig, "good"))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [result.outcome for result in results] == [Outcome.DONE] * 3
        # Each began where the one before had ended.
        assert rig.store.cursors["good", "balances"].data == 3


@pytest.mark.parametrize(
    ("how", "outcome", "state", "least", "most"),
    [
        ("refused", Outcome.AUTH, State.NEEDS_REAUTH, 3600, 4400),
        ("misconfigured", Outcome.CONFIG, State.MISCONFIGURED, 3600, 4400),
        ("later", Outcome.RETRY, State.FAILING, 90, 120),
        ("sys_exits", Outcome.FAILED, State.FAILING, 4, 5),
    ],
)
def test_what_a_connector_raises_decides_what_comes_next(
    tmp_path: Path, how: str, outcome: Outcome, state: State, least: int, most: int
) -> None:
    with engine(tmp_path) as rig:
        rig.add(bad(how))
        result = run(rig, "bad")
        assert (result.outcome, rig.runner.health("bad", "balances").state) == (outcome, state)
        assert result.pause is not None
        assert least <= result.pause.total_seconds() <= most
        assert rig.store.states["bad", "balances"].state == state.value
        assert rig.store.outcomes() == [outcome.value]


def test_a_refused_key_pauses_the_connection_tells_once_and_heals_on_new_settings(tmp_path: Path) -> None:
    secret = "k" * 20
    with engine(tmp_path) as rig:
        rig.add(bad("refused", "mine", secret=secret))
        assert run(rig, "mine").outcome is Outcome.AUTH
        waiting = run(rig, "mine")
        assert waiting.skipped
        assert waiting.pause is not None
        assert waiting.pause > timedelta(minutes=59)
        (notice,) = rig.notices
        assert notice.severity is Severity.ERROR
        assert "logged in again" in notice.title
        assert secret not in notice.body
        # The user mends it and reloads: no need to wait for the hour.
        rig.add(good("mine"))
        assert run(rig, "mine").outcome is Outcome.DONE
        assert [notice.title for notice in rig.notices][1:] == ["mine: balances works again"]


def test_a_connection_that_was_misconfigured_is_told_once_and_forgotten_when_it_is_mended(tmp_path: Path) -> None:
    state = 'flowd_connection_state{connection="mine",feed="",state="misconfigured"}'
    with engine(tmp_path) as rig:
        rig.add()
        for _ in range(2):  # the start, and a reload that mends nothing
            rig.runner.misconfigured({"mine": "a key is missing", "other": "the same"})
        assert metric(rig, state) == 1
        assert [notice.title for notice in rig.notices] == ["mine is misconfigured", "other is misconfigured"]
        assert rig.store.states["mine", ""].reason == "a key is missing"
        rig.add(good("mine"))
        rig.runner.misconfigured({"other": "the same"})
        assert state not in rig.telemetry.text().decode()
        assert list(rig.store.states) == [("other", "")]
        assert run(rig, "mine").outcome is Outcome.DONE


def test_when_a_feed_was_last_read_is_known_after_a_restart_too(tmp_path: Path) -> None:
    before = FeedState(
        connection="mine",
        feed="balances",
        state="failing",
        since=TICK,
        reason="gone",
        failures=5,
        last_success=TICK - timedelta(days=1),
        next_try=TICK,
    )
    success = 'flowd_last_success_timestamp_seconds{connection="mine",feed="balances"}'
    with engine(tmp_path) as rig:
        rig.runner.remember({("mine", "balances"): before, ("gone", "balances"): replace(before, connection="gone")})
        rig.add(good("mine"))
        assert metric(rig, success) == (TICK - timedelta(days=1)).timestamp()
        assert metric(rig, 'flowd_missed_ticks_total{connection="mine",feed="balances"}') == 0
        assert 'connection="gone"' not in rig.telemetry.text().decode()
        # the feed is taken out of the connection
        rig.add(replace(good("mine"), feeds={}))
        assert success not in rig.telemetry.text().decode()


def test_only_changes_of_state_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with engine(tmp_path) as rig, caplog.at_level("INFO"):
        rig.add(bad("leaks", "x"))
        for _ in range(4):
            run(rig, "x")
        rig.add(good("x"))
        for _ in range(3):
            run(rig, "x")
    said = [
        record.getMessage()
        for record in caplog.records
        if record.name in ("flowd.engine.running", "flowd.engine.health")
    ]
    assert len([line for line in said if "Traceback" in line]) == 1
    assert len([line for line in said if line.startswith("x/balances fails")]) == 1
    assert len([line for line in said if line.startswith("x/balances works again")]) == 1
    assert [notice.severity for notice in rig.notices] == [Severity.WARNING, Severity.INFO]


def test_a_check_reports_and_redacts(tmp_path: Path) -> None:
    secret = "s" * 24
    with engine(tmp_path) as rig:
        rig.add(good("fine", secret=secret), bad("sleeps", "refused", secret=secret))
        check = rig.runner.check("fine")
        assert check.permissions == ("read",)
        assert secret not in check.summary
        with pytest.raises(AuthError) as caught:
            rig.runner.check("refused")
        assert secret not in str(caught.value)


def test_a_launcher_that_dies_is_replaced_and_costs_one_run(tmp_path: Path) -> None:
    with engine(tmp_path) as rig:
        rig.add(good(), bad("sleeps", timeout=5))
        results: list[RunResult] = []
        thread = threading.Thread(target=lambda: results.append(run(rig, "bad")))
        thread.start()
        while not rig.store.runs:
            time.sleep(0.01)
        time.sleep(0.2)
        os.kill(rig.launcher(), signal.SIGKILL)
        thread.join(5)
        assert [result.outcome for result in results] == [Outcome.FAILED]
        assert run(rig, "good").outcome is Outcome.DONE
        assert rig.workers.restarts == 1


def test_stopping_lets_a_run_end_with_its_batch(tmp_path: Path) -> None:
    with engine(tmp_path) as rig:
        rig.add(good(batches=1000, latency=0.05))
        results: list[RunResult] = []
        thread = threading.Thread(target=lambda: results.append(run(rig, "good")))
        thread.start()
        assert rig.store.wait_for(lambda: len(rig.store.batches) >= 2)
        begun = time.monotonic()
        assert rig.runner.stop(within=5)
        assert time.monotonic() - begun < 1
        thread.join()
        assert [result.outcome for result in results] == [Outcome.INTERRUPTED]
        # What was kept stays, and the cursor stands behind it.
        assert rig.store.cursors["good", "balances"].data == len(rig.store.batches)
        assert rig.store.outcomes() == ["interrupted"]


def test_a_batch_is_sent_whole_and_larger_ones_through_a_file(tmp_path: Path) -> None:
    with engine(tmp_path) as rig:
        rig.add(good(rows=60_000, timeout=30))
        assert run(rig, "good").counts["snapshots"] == 60_000
        (batch,) = rig.store.batches
        assert [frame.kind for frame in batch.frames][-1] is Kind.CLOSE
        assert not [path for path in tmp_path.iterdir() if not path.name.startswith("spool")]


def test_a_batch_the_store_refuses_is_the_connectors_failure(tmp_path: Path) -> None:
    with engine(tmp_path) as rig:
        rig.store.refuse = lambda frame: frame.kind is Kind.SNAPSHOTS
        rig.add(good(batches=3))
        result = run(rig, "good")
        assert result.outcome is Outcome.FAILED
        assert "refused a row" in result.message
        assert rig.store.batches == []
        assert rig.store.cursors == {}
