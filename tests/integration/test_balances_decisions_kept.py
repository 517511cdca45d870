"""Statement balances and decisions are readable tables: the last word counts, and a rebuild makes the same rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from flowd.api import Balance, Batch, Event
from flowd.storage.database import Database
from flowd.storage.projection import project_all
from flowd.storage.rawlog import RawLog

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUBJECT = "0f3d6a3e-6f0e-4a8b-9f6b-000000000001"


def balance(day: int, amount: str) -> Balance:
    return Balance(account="giro", asset="EUR", day=date(2026, 3, day), amount=Decimal(amount))


def decision(key: str, **data: Any) -> Event:
    return Event(type="decision", key=key, at=AT, data=data)


def rows(database: Database) -> list[tuple[object, ...]]:
    with database.transaction() as session:
        return [
            *session.execute("SELECT account, asset, day, amount FROM derived.balance ORDER BY day").fetchall(),
            *session.execute("SELECT kind, about::text, version, data FROM derived.decision").fetchall(),
            *session.execute("SELECT what FROM ops.pending ORDER BY id").fetchall(),
        ]


def test_the_last_word_counts(database: Database) -> None:
    log = RawLog(database)
    log.write_batch("bank", Batch(records=[balance(1, "5.00"), balance(2, "7"), balance(1, "6")]), tick=AT)
    log.write_batch("(you)", Batch(records=[decision("a", kind="class", of=SUBJECT, **{"class": "rent"})]), tick=AT)
    log.write_batch("(you)", Batch(records=[decision("a", kind="class", of=SUBJECT, **{"class": "loan"})]), tick=AT)
    expected = [
        ("giro", "EUR", date(2026, 3, 1), Decimal(6)),
        ("giro", "EUR", date(2026, 3, 2), Decimal(7)),
        ("class", SUBJECT, 2, {"class": "loan"}),
        ("balance",),
        ("decision",),
        ("decision",),
    ]
    assert rows(database) == expected
    with database.transaction() as session:
        session.execute("DELETE FROM derived.balance")
        project_all(session, database.tenant_id)
    assert rows(database) == expected


def test_an_undone_decision_is_gone_and_stays_in_the_log(database: Database) -> None:
    log = RawLog(database)
    log.write_batch("(you)", Batch(records=[decision("a", kind="class", of=SUBJECT)]), tick=AT)
    log.write_batch("(you)", Batch(records=[decision("a", removed=True)]), tick=AT)
    assert rows(database) == [("decision",), ("decision",)]
    with database.transaction() as session:
        assert session.execute("SELECT count(*) FROM raw.event").fetchone() == (2,)
