"""Tokens while the database goes away: none is spent that could not be kept, and what waits is taken up."""

from __future__ import annotations

import threading
from pathlib import Path

import psycopg
import pytest

from flowd.engine.retry import Outcome
from flowd.engine.running import RunResult
from flowd.errors import RetryLater
from flowd.storage.aside import Aside
from tests.keeping_tokens import (
    CUT,
    NAME,
    Flowd,
    connection,
    refreshes,
    rows,
    run,
    running,
    serving,
    unlinked,
    wait_until,
)
from tests.oauth import OAuth

one = pytest.fixture(unlinked)
source = pytest.fixture(serving)


def test_while_the_database_is_away_tokens_are_read_and_none_are_spent(
    one: Flowd, source: OAuth, tmp_path: Path
) -> None:
    one.tokens.link(NAME, source.tokens())
    with running(one, tmp_path / "a", connection(source)) as rig:
        assert run(rig).outcome is Outcome.DONE
        one.away = True
        assert run(rig).outcome is Outcome.DONE
        rig.add(connection(source, renews=True))
        result = run(rig)
        assert result.outcome is Outcome.RETRY
        assert "cannot be renewed while nothing new could be kept" in result.message
        assert refreshes(source) == 0
        fresh = Flowd(one.database, tmp_path, one.keys, away=True)
        with pytest.raises(RetryLater, match="in the database, which is away"):
            fresh.tokens.read(NAME)
        one.away = False
        assert run(rig).outcome is Outcome.DONE


def test_a_database_that_hangs_spends_no_token(one: Flowd, source: OAuth, database_url: str, tmp_path: Path) -> None:
    one.tokens.link(NAME, source.tokens())
    hasty = Flowd(one.database, tmp_path, one.keys, patience=0.2, deadline=0.3)
    hasty.tokens.read(NAME)
    with (
        psycopg.connect(database_url) as holding,
        running(hasty, tmp_path / "a", connection(source, renews=True)) as rig,
    ):
        # Nobody gets at the rows, not even to read them: what is remembered is read, and nothing is exchanged.
        holding.execute("LOCK TABLE ops.token IN ACCESS EXCLUSIVE MODE")
        result = run(rig)
        assert result.outcome is Outcome.RETRY, result.message
        assert refreshes(source) == 0
        holding.rollback()
        assert run(rig).outcome is Outcome.DONE
    assert refreshes(source) == 1


def test_tokens_that_the_database_could_not_take_wait_in_a_file_and_are_taken_up(
    one: Flowd, source: OAuth, database_url: str, tmp_path: Path
) -> None:
    one.tokens.link(NAME, source.tokens())
    note = tmp_path / "note"
    with running(one, tmp_path / "a", connection(source, renews=True, note=note, lingers=0.5)) as rig:
        results: list[RunResult] = []
        thread = threading.Thread(target=lambda: results.append(run(rig)))
        thread.start()
        wait_until("the exchange", note.exists)
        with psycopg.connect(database_url, autocommit=True) as admin:
            admin.execute(CUT)
        thread.join()
        # The run goes on with what it got.
        assert results[0].outcome is Outcome.DONE
    assert rows(one.database, "SELECT version FROM ops.token") == [(1,)]
    (file,) = one.files()
    assert file.stat().st_mode & 0o777 == 0o600
    assert not any(secret in file.read_text() for secret in [*source.given, one.keys[0].get_secret_value()])
    # Everybody reads what is newest, also before it is in the database.
    again = Flowd(one.database, tmp_path, one.keys)
    version, tokens = again.tokens.read(NAME)
    assert (version, tokens["refresh_token"] in source.refresh) == (2, True)
    again.tokens.take_up()
    assert again.files() == []
    assert rows(one.database, "SELECT version FROM ops.token") == [(2,)]
    assert again.tokens.read(NAME) == (version, tokens)


def test_a_renewal_takes_up_what_waits_before_it_spends_anything(one: Flowd, source: OAuth, tmp_path: Path) -> None:
    one.tokens.link(NAME, source.tokens())
    newer = source.tokens()
    source.refresh = {str(newer["refresh_token"])}
    one.aside.put(one.tokens.seal(NAME, 2, newer))
    with running(one, tmp_path / "a", connection(source, renews=True)) as rig:
        assert run(rig).outcome is Outcome.DONE
    assert rows(one.database, "SELECT version FROM ops.token") == [(3,)]
    assert not source.stolen


def test_what_waited_and_is_older_than_what_is_stored_changes_nothing(one: Flowd, source: OAuth) -> None:
    one.aside.put(one.tokens.seal(NAME, 1, source.tokens()))
    one.tokens.link(NAME, source.tokens())
    linked = one.tokens.read(NAME)
    assert linked[0] == 2
    one.aside.put(one.tokens.seal(NAME, 2, source.tokens()))
    one.tokens.take_up()
    assert one.tokens.read(NAME) == linked
    assert one.files() == []


def test_without_a_disk_tokens_wait_in_memory(one: Flowd, source: OAuth, database_url: str) -> None:
    one.tokens.link(NAME, source.tokens())
    (one.folder / "tokens").rmdir()
    (one.folder / "tokens").write_text("in the way")
    newer = source.tokens()
    sealed = one.tokens.seal(NAME, 2, newer)
    held, change = one.tokens.hold(NAME, 5)
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(CUT)
    one.tokens.keep(sealed, held, change)
    assert one.tokens.read(NAME) == (2, newer)
    one.tokens.take_up()
    assert rows(one.database, "SELECT version FROM ops.token") == [(2,)]


def test_a_link_made_while_the_database_goes_away_is_kept(one: Flowd, source: OAuth) -> None:
    one.tokens.link(NAME, source.tokens())
    one.away = True
    newest = source.tokens()
    one.tokens.link(NAME, newest)
    assert one.tokens.read(NAME) == (2, newest)
    one.away = False
    one.tokens.take_up()
    assert rows(one.database, "SELECT version FROM ops.token") == [(2,)]


def test_files_that_are_no_sealed_tokens_are_left_alone(one: Flowd, source: OAuth) -> None:
    one.tokens.link(NAME, source.tokens())
    for text in ("", "{}", '{"tenant": "home"}', '{"tenant": 1, "connection": [], "version": "x"}', "\\x00"):
        (one.folder / "tokens" / f"{NAME}@9.{len(text)}.sealed").write_text(text)
    other = Aside(one.folder / "tokens", "another tenant")
    other.put(one.tokens.seal(NAME, 9, source.tokens()))
    one.tokens.take_up()
    assert one.tokens.read(NAME)[0] == 1
    assert len(one.files()) == 6
