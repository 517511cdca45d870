"""Stored tokens on a real database, connectors in real processes: renewed once, never lost, opened by nobody else."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from flowd.engine.access import Access
from flowd.engine.connections import Connection
from flowd.engine.retry import Outcome
from flowd.engine.running import RunResult
from flowd.engine.target import Target
from flowd.engine.tokens import TokenKeeper
from flowd.errors import AuthError, BatchRefused, DatabaseAway, RetryLater
from flowd.storage.aside import Aside
from flowd.storage.database import Database
from flowd.storage.sealing import Keyring, KeyTrouble, new_key
from flowd.storage.tenants import ensure_grafana_login
from flowd.storage.tokens import TokenStore
from flowd.testing.replay import Replay
from tests.conftest import Server
from tests.engine_rig import TICK, Rig, engine
from tests.oauth import OAuth
from tests.plugins.linked import flowd_test_links

NAME = "my-bank"
#: Ends every session of flowd's that may hold tokens, in this database.
CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE application_name = 'flowd-tokens' AND datname = current_database()"
)


@dataclass
class Flowd:
    """What one flowd has of its own: a pool, keys, a state folder."""

    database: Database
    folder: Path
    keys: list[SecretStr]
    away: bool = False
    patience: float = 10.0
    deadline: float = 5.0
    tokens: TokenKeeper = field(init=False)

    def __post_init__(self) -> None:
        self.aside = Aside(self.folder / "tokens", "home")
        self.tokens = TokenKeeper(
            store=TokenStore(self.database, patience=self.patience, deadline=self.deadline),
            aside=self.aside,
            keys=lambda: Keyring(self.keys[0], self.keys[1:]),
            away=lambda: self.away,
        )

    def files(self) -> list[Path]:
        return sorted((self.folder / "tokens").glob("*")) if (self.folder / "tokens").exists() else []


@pytest.fixture
def source() -> Iterator[OAuth]:
    with Replay() as replay:
        yield OAuth(replay)


@pytest.fixture
def one(database_url: str, tmp_path: Path) -> Iterator[Flowd]:
    """A flowd whose connection is not linked yet."""
    with Database(database_url, tenant="home", application_name="flowd-tokens") as database:
        yield Flowd(database, tmp_path, [SecretStr(new_key())])


def connection(source: OAuth, **config: object) -> Connection:
    kind = flowd_test_links.LINKS
    (feed,) = kind.feeds
    return Connection(
        name=NAME,
        type=kind,
        target=Target("tests.plugins.linked.flowd_test_links", kind.name),
        feeds={feed.name: feed},
        isolation=kind.isolation,
        settings=json.dumps({"url": source.url, **config}, default=str).encode(),
        secrets=[],
    )


@contextmanager
def running(flowd: Flowd, folder: Path, *connections: Connection) -> Iterator[Rig]:
    folder.mkdir(exist_ok=True)
    with engine(folder, access=Access(flowd.tokens)) as rig:
        rig.add(*connections)
        yield rig


def run(rig: Rig) -> RunResult:
    return rig.runner.run_once(NAME, "balances", TICK)


def refreshes(source: OAuth) -> int:
    return source.grants.count("refresh_token")


def wait_until(what: str, done: Callable[[], bool], seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, what
        time.sleep(0.01)


def rows(database: Database, words: str) -> list[tuple[Any, ...]]:
    with database.transaction() as session:
        return session.execute(words.encode()).fetchall()


# --- Reading and renewing --------------------------------------------------------------------------------------------


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


# --- The database goes away ------------------------------------------------------------------------------------------


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


# --- Keys ------------------------------------------------------------------------------------------------------------


def test_a_lost_key_stops_only_who_needs_it_and_heals_when_it_is_back(
    one: Flowd, source: OAuth, tmp_path: Path
) -> None:
    one.tokens.link(NAME, source.tokens())
    key = one.keys[0]
    one.keys[:] = [SecretStr(new_key())]
    one.tokens.forget_keys()
    with running(one, tmp_path / "a", connection(source)) as rig:
        result = run(rig)
        assert result.outcome is Outcome.CONFIG
        assert "or run `flowd link my-bank` again" in result.message
        assert key.get_secret_value() not in result.message
        one.keys.append(key)
        rig.runner.resume(NAME)
        assert run(rig).outcome is Outcome.DONE


def test_tokens_of_another_connection_or_tenant_are_refused(one: Flowd, source: OAuth) -> None:
    one.tokens.link(NAME, source.tokens())
    one.tokens.link("other", source.tokens())
    with one.database.transaction() as session:
        session.execute(
            "UPDATE ops.token SET ciphertext = (SELECT t.ciphertext FROM ops.token t WHERE t.connection = 'my-bank')"
            " WHERE connection = 'other'"
        )
    with pytest.raises(KeyTrouble, match="tokens of another connection"):
        one.tokens.read("other")
    with one.database.transaction() as session:
        session.execute("UPDATE ops.token SET ciphertext = 'rubbish' WHERE connection = 'other'")
    with pytest.raises(KeyTrouble, match="damaged"):
        one.tokens.read("other")


def test_a_new_key_seals_all_or_nothing(one: Flowd, source: OAuth) -> None:
    for name in ("a", "b", "c"):
        one.tokens.link(name, source.tokens())
    before = {name: one.tokens.read(name) for name in ("a", "b", "c")}
    one.aside.put(one.tokens.seal("c", 2, (newest := source.tokens())))
    one.keys.insert(0, SecretStr(new_key()))
    assert one.tokens.rotate() == ["a", "b", "c"]
    one.keys.pop()
    one.tokens.forget_keys()
    assert {name: one.tokens.read(name) for name in ("a", "b", "c")} == {**before, "c": (2, newest)}
    stored = rows(one.database, "SELECT connection, ciphertext, key_id FROM ops.token ORDER BY 1")
    with one.database.transaction() as session:
        session.execute("UPDATE ops.token SET key_id = 'lost' WHERE connection = 'b'")
    one.keys.insert(0, SecretStr(new_key()))
    with pytest.raises(KeyTrouble, match="the tokens of b were sealed with the key lost"):
        one.tokens.rotate()
    after = rows(one.database, "SELECT connection, ciphertext FROM ops.token ORDER BY 1")
    assert after == [(name, sealed) for name, sealed, _ in stored]


def test_a_rotation_waits_for_a_renewal_and_keeps_what_it_brought(one: Flowd, source: OAuth) -> None:
    one.tokens.link(NAME, source.tokens())
    other = Flowd(one.database, one.folder, [SecretStr(new_key()), *one.keys])
    held, change = one.tokens.hold(NAME, 5)
    thread = threading.Thread(target=other.tokens.rotate)
    thread.start()
    newer = source.tokens()
    one.tokens.keep(one.tokens.seal(NAME, 2, newer), held, change)
    thread.join()
    other.keys.pop()
    other.tokens.forget_keys()
    assert other.tokens.read(NAME) == (2, newer)


# --- Who may see ------------------------------------------------------------------------------------------------------


def test_unlinking_deletes_everything(one: Flowd, source: OAuth) -> None:
    one.tokens.link(NAME, source.tokens())
    one.aside.put(one.tokens.seal(NAME, 2, source.tokens()))
    assert one.tokens.unlink(NAME)
    assert not one.tokens.unlink(NAME)
    assert one.files() == []
    with pytest.raises(AuthError):
        one.tokens.read(NAME)


@pytest.mark.parametrize("table", ["ops.token", "ops.consent"])
def test_dashboards_and_other_tenants_see_no_token(
    one: Flowd, source: OAuth, server: Server, database_url: str, table: str
) -> None:
    one.tokens.link(NAME, source.tokens())
    with one.database.transaction() as session:
        session.execute("INSERT INTO ops.consent SELECT tenant_id, 'x', now(), NULL, now() FROM ops.token")
    role = ensure_grafana_login(one.database, "home", "only for this test")
    with one.database.owner() as session:
        name = session.info.dbname
    address = server.address(name, user=role, password="only for this test")
    with psycopg.connect(address) as grafana, pytest.raises(psycopg.errors.InsufficientPrivilege):
        grafana.execute(f"SELECT * FROM {table}".encode())
    with psycopg.connect(database_url) as owner:
        # Forced: not even the owner of the table sees rows without naming a tenant.
        if not owner.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()[0]:  # type: ignore[index]
            assert owner.execute(f"SELECT * FROM {table}".encode()).fetchall() == []
        owner.rollback()
        ((forced,),) = owner.execute(
            f"SELECT relforcerowsecurity FROM pg_class WHERE oid = '{table}'::regclass"
        ).fetchall()
        assert forced


def test_a_token_row_of_another_tenant_is_refused(one: Flowd) -> None:
    with pytest.raises((BatchRefused, DatabaseAway)), one.database.transaction() as session:
        session.execute("INSERT INTO ops.token VALUES (2, 'x', 'x', 'x', 1, now())")
