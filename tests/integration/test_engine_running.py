"""A feed is run in a process of its own, and what it yields is kept batch by batch."""

from __future__ import annotations

from pathlib import Path

from flowd.engine.retry import Outcome
from tests.engine_rig import TICK, engine, good


def test_a_run_keeps_every_batch_and_moves_the_cursor(tmp_path: Path) -> None:
    with engine(tmp_path) as rig:
        rig.add(good(batches=3, rows=2))
        result = rig.runner.run_once("good", "balances", TICK)
        assert result.outcome is Outcome.DONE, result.message
        assert result.counts["snapshots"] == 6
        again = rig.runner.run_once("good", "balances", TICK)
        assert again.outcome is Outcome.DONE
        cursor = rig.store.cursors["good", "balances"]
        assert cursor.data == 6
        assert rig.store.outcomes() == ["done", "done"]
        assert [batch.connection for batch in rig.store.batches] == ["good"] * 6
