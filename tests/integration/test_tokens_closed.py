"""Stored tokens are opened by nobody else: keys that are lost or changed, tenants, dashboards."""

from __future__ import annotations

import threading
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from flowd.engine.retry import Outcome
from flowd.errors import AuthError, BatchRefused, DatabaseAway
from flowd.storage.sealing import KeyTrouble, new_key
from flowd.storage.tenants import ensure_grafana_login
from tests.conftest import Server
from tests.keeping_tokens import NAME, Flowd, connection, rows, run, running, serving, unlinked
from tests.oauth import OAuth

one = pytest.fixture(unlinked)
source = pytest.fixture(serving)

# --- Keys -------------------------------------------------------------------------------------------------------------


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
