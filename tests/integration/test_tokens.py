"""Stored tokens on a real database, connectors in real processes: renewed once, never lost."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from flowd.engine.retry import Outcome
from flowd.engine.running import RunResult
from flowd.storage.database import Database
from tests.keeping_tokens import NAME, Flowd, connection, refreshes, rows, run, running, serving, unlinked, wait_until
from tests.oauth import OAuth

one = pytest.fixture(unlinked)
source = pytest.fixture(serving)


def test_tokens_are_read_renewed_and_kept(one: Flowd, source: OAuth, tmp_path: Path) -> None:
    with running(one, tmp_path / "a", connection(source, renews=True)) as rig:
        missing = run(rig)
        assert (missing.outcome, missing.message) == (
            Outcome.AUTH,
            "my-bank was never linked: run `flowd link my-bank`",
        )
        one.tokens.link(NAME, source.tokens())
        assert run(rig).skipped  # it waits for somebody to log in
        rig.runner.resume(NAME)
        assert run(rig).outcome is Outcome.DONE
        assert run(rig).outcome is Outcome.DONE
    version, tokens = one.tokens.read(NAME)
    assert version == 3
    assert tokens["refresh_token"] in source.refresh
    assert one.files() == []
    ((sealed, key),) = rows(one.database, "SELECT ciphertext, key_id FROM ops.token")
    assert key == one.tokens.ring().current
    assert not any(secret.encode() in bytes(sealed) for secret in source.given)


def test_of_two_processes_one_renews_and_the_other_gets_what_it_got(
    one: Flowd, source: OAuth, database_url: str, tmp_path: Path
) -> None:
    one.tokens.link(NAME, source.tokens())
    note = tmp_path / "note"
    with Database(database_url, tenant="home") as pool:
        other = Flowd(pool, tmp_path, one.keys)
        with (
            running(one, tmp_path / "a", connection(source, renews=True, note=note, lingers=1)) as first,
            running(other, tmp_path / "b", connection(source, renews=True)) as second,
        ):
            results: list[RunResult] = []
            thread = threading.Thread(target=lambda: results.append(run(first)))
            thread.start()
            # The first has exchanged the tokens and not stored them: the second reads the old ones and wants new ones.
            wait_until("the exchange", note.exists)
            results.append(run(second))
            thread.join()
        assert one.tokens.read(NAME) == other.tokens.read(NAME)
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.DONE]
    assert refreshes(source) == 1
    assert not source.stolen


def test_whoever_waits_too_long_for_another_tries_later(one: Flowd, source: OAuth, tmp_path: Path) -> None:
    one.tokens.link(NAME, source.tokens())
    hasty = Flowd(one.database, tmp_path, one.keys, patience=0.2)
    held, _ = one.tokens.hold(NAME, 5)
    with held, running(hasty, tmp_path / "a", connection(source, renews=True)) as rig:
        result = run(rig)
    assert result.outcome is Outcome.RETRY
    assert "another flowd has been renewing" in result.message
    assert refreshes(source) == 0


def test_a_refused_renewal_leaves_the_tokens_as_they_were(one: Flowd, source: OAuth, tmp_path: Path) -> None:
    one.tokens.link(NAME, source.tokens())
    before = one.tokens.read(NAME)
    source.refresh.clear()
    with running(one, tmp_path / "a", connection(source, renews=True)) as rig:
        assert run(rig).outcome is Outcome.AUTH
        # Nothing is held any more.
        held, change = one.tokens.hold(NAME, 0)
        with held:
            assert change.now is not None
    assert one.tokens.read(NAME) == before


def test_no_exchange_begins_while_flowd_stops_or_in_a_runs_last_seconds(
    one: Flowd, source: OAuth, tmp_path: Path
) -> None:
    one.tokens.link(NAME, source.tokens())
    hurried = connection(source, renews=True)
    (feed,) = hurried.feeds.values()
    short = replace(hurried, feeds={feed.name: replace(feed, timeout=timedelta(seconds=2))})
    with running(one, tmp_path / "a", short) as rig:
        result = run(rig)
        assert (result.outcome, "too little time left" in result.message) == (Outcome.RETRY, True)
    reading = connection(source, renews=True, waits=tmp_path / "go")
    with running(one, tmp_path / "b", reading) as rig:
        results: list[RunResult] = []
        thread = threading.Thread(target=lambda: results.append(run(rig)))
        thread.start()
        wait_until("it reads", (tmp_path / "go.seen").exists)
        rig.runner.stop(within=0)
        (tmp_path / "go").touch()
        thread.join()
        assert (results[0].outcome, results[0].message) == (Outcome.RETRY, "flowd is stopping")
    assert refreshes(source) == 0


def test_a_process_that_dies_in_an_exchange_holds_nothing(one: Flowd, source: OAuth, tmp_path: Path) -> None:
    one.tokens.link(NAME, source.tokens())
    note = tmp_path / "note"
    with running(one, tmp_path / "a", connection(source, renews=True, note=note, lingers=20)) as rig:
        results: list[RunResult] = []
        thread = threading.Thread(target=lambda: results.append(run(rig)))
        thread.start()
        wait_until("the exchange", note.exists)
        import psutil

        (child,) = psutil.Process(rig.launcher()).children()
        child.kill()
        thread.join()
        assert results[0].outcome is Outcome.FAILED
        held, _ = one.tokens.hold(NAME, 0)
        held.close()
    # What the source gave out in that moment is lost, and that is said: the connection has to be linked again.
    assert one.tokens.read(NAME)[0] == 1
