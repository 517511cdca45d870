"""The readable tables are the same whether they grew with the batches or were made anew from the whole log."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, LiteralString

import pytest

from flowd.domain.flows import AccountKind, FlowClass, Side
from flowd.domain.records import AccountInfo, Batch, Event, Record, Trade, Transaction
from flowd.errors import BatchRefused
from flowd.storage.database import Database
from flowd.storage.packing import Frame, pack
from flowd.storage.projection import project_all
from flowd.storage.rawlog import RawLog

TICK = datetime(2026, 3, 1, 12, tzinfo=UTC)
TABLES: tuple[LiteralString, ...] = ("transaction", "trade", "account", "schedule_term")


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    with database.transaction() as session:
        return {
            name: session.execute(f'SELECT row::text FROM derived.{name} row ORDER BY row::text COLLATE "C"').fetchall()
            for name in TABLES
        }


def rebuilt(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    with database.transaction() as session:
        project_all(session, database.tenant_id)
    return contents(database)


class Source:
    """Makes a history of every kind of event, with repeats, corrections and corrections taken back."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def batch(self) -> list[Record]:
        return [self.record() for _ in range(self.random.choice([1, 3, 40]))]

    def record(self) -> Record:
        pick = self.random
        kind = pick.randrange(10)
        if kind < 6:
            day = date(2026, 1, 1) + timedelta(days=pick.randrange(5))
            at = datetime(2026, 1, 1 + pick.randrange(5), pick.randrange(24), tzinfo=UTC)
            return Transaction(
                account=pick.choice(["a", "b"]),
                external_id=pick.choice([None, "1", "2", "3", "4"]),
                booked_at=pick.choice([day, at]),
                amount=Decimal(pick.randrange(4)),
                asset="EUR",
                kind=pick.choice([None, FlowClass.SALARY]),
                description=pick.choice(["", "x"]),
                pending=pick.random() < 0.2,
            )
        if kind < 7:
            return Trade(
                account="a", external_id=str(pick.randrange(4)), at=TICK, base="BTC", quote="EUR",
                side=pick.choice(list(Side)), quantity=Decimal(pick.randrange(1, 4)), price=Decimal(5), fee=Decimal(0),
                fee_asset="EUR",
            )  # fmt: skip
        if kind < 8:
            return AccountInfo(account=pick.choice(["a", "b"]), name=pick.choice(["A", "B"]), kind=AccountKind.BANK)
        terms = [
            {"amount": str(pick.randrange(3)), "currency": "EUR", "every": "day", "start": "2026-01-01", "end": None}
            for _ in range(pick.randrange(4))
        ]
        key = pick.choice(["bank", "second"])
        removed = {"removed": True} if pick.random() < 0.2 else {}
        return Event(type="schedule", key=key, at=TICK, data={"terms": terms, **removed})


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_growing_with_the_batches_and_making_anew_end_in_the_same_rows(database: Database, seed: int) -> None:
    source, log = Source(seed), RawLog(database)
    for number in range(40):
        connection = source.random.choice(["bank", "broker"])
        frames = pack(Batch(records=source.batch()), connection=connection, rows=source.random.choice([2, 10_000]))
        log.write(connection, frames, tick=TICK)
        if number % 10 == 9:
            grown = contents(database)
            assert grown["transaction"]
            assert rebuilt(database) == grown


@pytest.mark.parametrize("seed", range(4))
def test_rows_without_names_are_counted_right_whatever_the_frames(database: Database, seed: int) -> None:
    """After importing statements that overlap, each row is there as often as in the statement that has it most."""
    pick, log = random.Random(seed), RawLog(database)
    expected: Counter[int] = Counter()
    for _ in range(12):
        rows = [pick.randrange(6) for _ in range(pick.randrange(30))]
        records = [
            Transaction(account="a", external_id=None, booked_at=date(2026, 1, 1), amount=Decimal(row), asset="EUR")
            for row in rows
        ]
        before = expected.copy()
        expected |= Counter(rows)
        frames = pack(Batch(records=records), connection="bank", rows=pick.choice([1, 2, 5, 10_000]))
        written = log.write("bank", frames, tick=TICK)
        assert written.events_new == (expected - before).total()
        assert (written.events_revised, written.unchanged) == (0, len(rows) - written.events_new)
        with database.transaction() as session:
            found = session.execute("SELECT amount::int, count(*) FROM derived.transaction GROUP BY 1").fetchall()
        assert Counter(dict(found)) == expected


def events(database: Database, type_: str, data: str) -> Iterator[Frame]:
    """Frames of one event that no record can state yet, under the natural key of a transaction."""
    named = Transaction(account="a", external_id="7", booked_at=TICK, amount=Decimal(1), asset="EUR")
    frame, close = pack(Batch(records=[named]), connection="bank")
    (written,) = [bytes(column) for column in frame.columns(6)[5:]]
    stated = written[24 + 1 :]
    assert len(data) <= len(stated)
    body = frame.body.replace(stated, data.ljust(len(stated)).encode())
    # another content has another key
    key = bytes(frame.columns(6)[2])[24:]
    yield Frame(kind=frame.kind, head={**frame.head, "types": [type_]}, body=body.replace(key, bytes(16)))
    yield close


def test_a_transaction_withdrawn_by_its_source_stays_in_the_log_only(database: Database) -> None:
    log = RawLog(database)
    named = Transaction(account="a", external_id="7", booked_at=TICK, amount=Decimal(1), asset="EUR")
    log.write_batch("bank", Batch(records=[named]), tick=TICK)
    assert len(contents(database)["transaction"]) == 1
    written = log.write("bank", events(database, "transaction", '{"removed":true}'), tick=TICK)
    assert (written.events_new, written.events_revised) == (0, 1)
    assert contents(database)["transaction"] == []
    assert rebuilt(database)["transaction"] == []
    # and comes back when it is stated again
    assert log.write_batch("bank", Batch(records=[named]), tick=TICK).events_revised == 1
    assert rebuilt(database) == contents(database)
    assert len(contents(database)["transaction"]) == 1


@pytest.mark.parametrize("data", ['{"account":"a"}', '{"amount":"x"}', "[]", '{"amount":"NaN"}'])
def test_what_cannot_be_read_is_not_logged_either(database: Database, data: str) -> None:
    with pytest.raises(BatchRefused, match="events"):
        RawLog(database).write("bank", events(database, "transaction", data), tick=TICK)
    with database.transaction() as session:
        assert session.execute("SELECT count(*) FROM raw.event").fetchone() == (0,)


@pytest.mark.parametrize("data", [{}, {"terms": "none"}, {"terms": [{"amount": "x"}]}, {"terms": [5]}])
def test_a_schedule_that_makes_no_sense_is_refused(database: Database, data: dict[str, Any]) -> None:
    with pytest.raises(BatchRefused, match="events"):
        RawLog(database).write_batch(
            "bank", Batch(records=[Event(type="schedule", key="bank", at=TICK, data=data)]), tick=TICK
        )


def test_days_follow_the_time_zone_when_made_anew(database: Database) -> None:
    late = Transaction(
        account="a", external_id="7", booked_at=datetime(2026, 1, 1, 23, 30, tzinfo=UTC), amount=Decimal(1), asset="EUR"
    )
    stated = Transaction(account="a", external_id="8", booked_at=date(2026, 1, 1), amount=Decimal(1), asset="EUR")
    RawLog(database).write_batch("bank", Batch(records=[late, stated]), tick=TICK)

    def days() -> list[tuple[Any, ...]]:
        with database.transaction() as session:
            return session.execute("SELECT external_id, day FROM derived.transaction ORDER BY 1").fetchall()

    assert days() == [("7", date(2026, 1, 2)), ("8", date(2026, 1, 1))]
    with database.owner() as session:
        session.execute("UPDATE ops.tenant SET timezone = 'America/New_York'")
    rebuilt(database)
    assert days() == [("7", date(2026, 1, 1)), ("8", date(2026, 1, 1))]
