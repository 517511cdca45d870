"""The event log takes additions and nothing else, whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import LiteralString

import psycopg
import pytest

from flowd.domain.records import Batch, Event
from flowd.storage.database import Database, Role
from flowd.storage.rawlog import RawLog

TICK = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("role", ["app", "owner"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE raw.event SET data = '{}'", "DELETE FROM raw.event", "TRUNCATE raw.event"],
    ids=["update", "delete", "truncate"],
)
def test_the_log_refuses_every_change(database: Database, role: Role, statement: LiteralString) -> None:
    RawLog(database).write_batch(
        "bank", Batch(records=[Event(type="note", key="1", at=TICK, data={"text": "kept"})]), tick=TICK
    )
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        connection.execute("SELECT set_config('flowd.tenant', %s, false)", (str(database.tenant_id),))
        if role == "app":
            connection.execute("SET ROLE flowd_app")
        with pytest.raises(psycopg.Error) as refused:
            connection.execute(statement)
    assert isinstance(refused.value, psycopg.errors.InsufficientPrivilege | psycopg.errors.RestrictViolation)
    with database.transaction() as session:
        assert session.execute("SELECT data FROM raw.event").fetchall() == [({"text": "kept"},)]
