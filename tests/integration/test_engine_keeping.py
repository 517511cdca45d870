"""Where batches go while the database is away, with a store that the test takes away and gives back."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from flowd.domain.records import Batch, Cursor
from flowd.engine.retry import Outcome
from flowd.storage.packing import Frame, Kind, pack
from tests.engine_rig import TICK, ListStore, Rig, engine, good


def run(rig: Rig, name: str = "good") -> Outcome:
    return rig.runner.run_once(name, "balances", TICK).outcome


def quantities(store: ListStore) -> list[object]:
    """The cursors that came with the batches, in the order in which they were written."""
    return [batch.frames[-1].head["cursor"]["data"] for batch in store.batches]


def drained(rig: Rig) -> None:
    """Wait until the keeper has written what waited: it says so to nobody, so it is asked."""
    until = time.monotonic() + 10
    while rig.keeper.spooling or rig.spool.depth():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_runs_go_on_while_the_database_is_away_and_arrive_in_order(tmp_path: Path) -> None:
    with engine(tmp_path) as rig:
        rig.add(good(batches=2))
        assert run(rig) is Outcome.DONE
        rig.store.away = True
        for _ in range(3):
            assert run(rig) is Outcome.DONE
        assert rig.keeper.away
        assert rig.keeper.away_since is not None
        # Two batches and an end for each run; the first also tried the database.
        assert rig.spool.depth() == 9
        assert len(rig.store.batches) == 2
        rig.store.away = False
        drained(rig)
        assert run(rig) is Outcome.DONE
        assert quantities(rig.store) == list(range(1, 11))
        assert rig.store.outcomes() == ["done"] * 5
        assert not rig.keeper.away


def test_a_database_that_goes_away_in_the_middle_of_a_run_costs_nothing(tmp_path: Path) -> None:
    with engine(tmp_path) as rig:
        rig.add(good(batches=4))

        def away_after_two(frame: Frame) -> bool:
            rig.store.away = len(rig.store.batches) == 2 and not rig.spool.depth()
            return False

        rig.store.refuse = away_after_two
        assert run(rig) is Outcome.DONE
        rig.store.refuse = lambda frame: False
        rig.store.away = False
        drained(rig)
        assert quantities(rig.store) == [1, 2, 3, 4]
        assert rig.store.outcomes() == ["done"]


def test_a_run_that_began_while_the_database_was_away_is_entered_before_its_batch_is_written(tmp_path: Path) -> None:
    with engine(tmp_path) as rig:
        rig.add(good())
        assert run(rig) is Outcome.DONE
        rig.store.away = True
        ticket, cursor = rig.keeper.begin("good", "balances", TICK, TICK)
        assert ticket.key is None
        assert cursor is not None
        rig.store.away = False
        drained(rig)
        after = Cursor(data=99)
        frames = [frame.to_bytes() for frame in pack(Batch(cursor=after), connection="good")]
        rig.keeper.keep(ticket, frames, after)
        rig.keeper.finish(ticket, Outcome.DONE)
        # Without its run, what it brought would be counted nowhere and its cursor would not be kept.
        assert rig.store.batches[-1].feed == "balances"
        assert rig.store.cursors["good", "balances"] == after
        assert rig.store.outcomes() == ["done"] * 2


def test_a_full_spool_is_said_and_the_source_is_read_again(tmp_path: Path) -> None:
    with engine(tmp_path, spool_limit=1500) as rig:
        rig.add(good())
        rig.store.away = True
        outcomes = [run(rig) for _ in range(8)]
        kept = outcomes.count(Outcome.DONE)
        assert 0 < kept < 8
        assert outcomes == [Outcome.DONE] * kept + [Outcome.RETRY] * (8 - kept)
        assert "has reached its limit" in rig.runner.health("good", "balances").reason
        assert b"flowd_spool_refused_total 0.0" not in rig.telemetry.text()
        rig.store.away = False
        drained(rig)
        assert run(rig) is Outcome.DONE
        # The cursor stood still while there was no room: nothing is missing.
        assert quantities(rig.store) == list(range(1, kept + 2))


def test_what_the_store_refuses_later_is_set_apart(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with engine(tmp_path) as rig:
        rig.add(good())
        assert run(rig) is Outcome.DONE
        rig.store.away = True
        for _ in range(2):
            assert run(rig) is Outcome.DONE
        rig.store.refuse = lambda frame: frame.kind is Kind.CLOSE and frame.head["cursor"]["data"] == 2
        rig.store.away = False
        drained(rig)
        assert quantities(rig.store) == [1, 3]
        assert rig.spool.refused() == 1
        assert "kept apart" in caplog.text


def test_without_a_cursor_nothing_begins_from_the_start_by_mistake(tmp_path: Path) -> None:
    store = ListStore(away=True)
    with engine(tmp_path, store=store) as rig:
        rig.add(good())
        assert run(rig) is Outcome.RETRY
        assert "which is away" in rig.runner.health("good", "balances").reason
        store.away = False
        drained(rig)
        assert run(rig) is Outcome.DONE


def test_a_stop_while_the_database_is_away_keeps_everything_for_the_next_start(tmp_path: Path) -> None:
    store = ListStore()
    with engine(tmp_path, store=store) as rig:
        rig.add(good(batches=2))
        run(rig)
        store.away = True
        run(rig)
    with engine(tmp_path, store=store) as rig:
        rig.add(good(batches=2))
        # Still away: it goes on where the spool says it has got to.
        assert run(rig) is Outcome.DONE
        store.away = False
        drained(rig)
    assert quantities(store) == [1, 2, 3, 4, 5, 6]
