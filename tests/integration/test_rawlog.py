"""What the raw log keeps of a batch, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, LiteralString

import pytest

from flowd.domain.flows import AccountKind, Covers, FlowClass, Side
from flowd.domain.records import (
    AccountInfo,
    Batch,
    Cursor,
    Event,
    Rate,
    Record,
    Removal,
    Snapshot,
    Trade,
    Transaction,
)
from flowd.errors import BatchRefused
from flowd.storage.database import Database
from flowd.storage.packing import Frame, pack
from flowd.storage.rawlog import RawLog, Written
from flowd.storage.runs import RunKey, Runs

TICK = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def log(database: Database) -> RawLog:
    return RawLog(database)


def rows(database: Database, query: LiteralString) -> list[tuple[Any, ...]]:
    with database.transaction() as session:
        return session.execute(query).fetchall()


def write(log: RawLog, *records: Record, connection: str = "bank", tick: datetime = TICK, **more: Any) -> Written:
    return log.write_batch(connection, Batch(records=records, **more), tick=tick)


def snapshot(quantity: str, asset: str = "BTC", account: str = "spot", at: datetime = TICK) -> Snapshot:
    return Snapshot(account=account, asset=asset, quantity=Decimal(quantity), at=at)


def spent(amount: str = "-12.30", *, name: str | None = None, day: date = date(2026, 2, 3), **more: Any) -> Transaction:
    fields: dict[str, Any] = {"account": "main", "asset": "EUR", "description": "Groceries", **more}
    return Transaction(external_id=name, booked_at=day, amount=Decimal(amount), **fields)


def schedule(*terms: tuple[str, str, str | None], key: str = "bank") -> Event:
    stated = [
        {"amount": amount, "currency": "EUR", "every": "month on L", "start": start, "end": end}
        for amount, start, end in terms
    ]
    return Event(type="schedule", key=key, at=TICK, data={"terms": stated})


SNAPSHOTS = """
    SELECT s.account, s.asset, r.at, r.quantity, r.inferred
    FROM app.snapshot r JOIN raw.series s ON s.id = r.series_id ORDER BY 3, 1, 2"""
PENDING = "SELECT connection, what, since, until FROM ops.pending ORDER BY id"
TRANSACTIONS = "SELECT amount, description, version FROM derived.transaction ORDER BY day, amount, description"


def test_readings_are_kept_once_and_the_last_word_counts(database: Database, log: RawLog) -> None:
    assert write(log, snapshot("1.5"), snapshot("2", "ETH")).snapshots_new == 2
    again = write(log, snapshot("1.50"), snapshot("3", "ETH"))
    assert (again.snapshots_new, again.unchanged) == (1, 1)
    assert rows(database, SNAPSHOTS) == [
        ("spot", "BTC", TICK, Decimal("1.5"), False),
        ("spot", "ETH", TICK, Decimal(3), False),
    ]
    assert rows(database, PENDING) == [("bank", "snapshot", TICK, TICK)] * 2


def test_of_one_reading_stated_twice_in_a_batch_the_later_counts(database: Database, log: RawLog) -> None:
    assert write(log, snapshot("1"), snapshot("2")).snapshots_new == 1
    assert [row[3] for row in rows(database, SNAPSHOTS)] == [Decimal(2)]


def test_what_changes_nothing_leaves_nothing_to_derive(database: Database, log: RawLog) -> None:
    write(log, snapshot("1"), spent(), spent(name="7"))
    before = rows(database, PENDING)
    again = write(log, snapshot("1"), spent(), spent(name="7"))
    assert again == Written(unchanged=3)
    assert rows(database, PENDING) == before


def test_rates_are_kept_per_source(database: Database, log: RawLog) -> None:
    rate = Rate(base="BTC", quote="EUR", at=TICK, value=Decimal("60000.5"))
    other = Rate(base="BTC", quote="EUR", at=TICK, value=Decimal(61000))
    assert write(log, rate, connection="ecb").rates_new == 1
    assert write(log, other, connection="blofin").rates_new == 1
    assert write(log, other, connection="ecb").rates_new == 1
    assert write(log, other, connection="ecb").unchanged == 1
    found = rows(database, "SELECT source, value FROM app.rate ORDER BY source")
    assert found == [("blofin", Decimal(61000)), ("ecb", Decimal(61000))]


def test_a_correction_is_the_next_version(database: Database, log: RawLog) -> None:
    assert write(log, spent("-5", name="7")).events_new == 1
    changed = write(log, spent("-6", name="7"))
    assert (changed.events_new, changed.events_revised) == (0, 1)
    assert write(log, spent("-5", name="7")).events_revised == 1
    versions = rows(database, "SELECT version, data ->> 'amount' FROM raw.event ORDER BY version")
    assert versions == [(1, "-5"), (2, "-6"), (3, "-5")]
    assert rows(database, TRANSACTIONS) == [(Decimal(-5), "Groceries", 3)]


def test_several_versions_in_one_batch_are_kept_in_order(database: Database, log: RawLog) -> None:
    got = write(log, *(spent(amount, name="7") for amount in ("-1", "-1", "-2", "-2", "-1", "-3")))
    assert (got.events_new, got.events_revised, got.unchanged) == (1, 3, 2)
    versions = rows(database, "SELECT data ->> 'amount' FROM raw.event ORDER BY version")
    assert versions == [("-1",), ("-2",), ("-1",), ("-3",)]
    assert rows(database, TRANSACTIONS) == [(Decimal(-3), "Groceries", 4)]


def test_a_move_in_time_makes_both_times_due(database: Database, log: RawLog) -> None:
    write(log, spent(name="7", day=date(2026, 2, 20)))
    moved = write(log, spent(name="7", day=date(2026, 1, 5)))
    assert (moved.first_day, moved.last_day) == (date(2026, 1, 5), date(2026, 2, 20))
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC), datetime(2026, 2, 20, 12, tzinfo=UTC)
    assert rows(database, PENDING)[-1] == ("bank", "transaction", *noon)


@pytest.mark.parametrize("frame_rows", [10_000, 2])
def test_equal_rows_of_a_file_are_told_apart_and_a_repeat_adds_none(
    database: Database, log: RawLog, frame_rows: int
) -> None:
    def import_(*records: Record) -> Written:
        frames = pack(Batch(records=records), connection="bank", rows=frame_rows)
        return log.write("bank", frames, tick=TICK)

    file = [spent("-3"), spent("-4"), spent("-3"), spent("-3"), spent("-5")]
    assert import_(*file).events_new == 5
    assert import_(*file) == Written(unchanged=5)
    # an overlapping statement that has one more of them
    assert import_(*file[1:], spent("-3"), spent("-3")).events_new == 1
    assert [row[0] for row in rows(database, TRANSACTIONS)] == [Decimal(n) for n in (-5, -4, -3, -3, -3, -3)]


def test_equal_rows_keep_their_type_beside_records_of_another(database: Database, log: RawLog) -> None:
    """The types of a frame are numbered in the order in which they come, which is another one for repeats."""
    info = AccountInfo(account="giro", name="Giro", kind=AccountKind.BANK)
    assert write(log, info, spent(), spent()).events_new == 3
    assert rows(database, "SELECT type, count(*) FROM raw.event GROUP BY type ORDER BY type") == [
        ("account", 1),
        ("transaction", 2),
    ]
    assert rows(database, "SELECT count(*) FROM derived.transaction") == [(2,)]


def test_a_transaction_that_was_taken_back_counts_no_more(database: Database, log: RawLog) -> None:
    write(log, spent(name="t1"), spent("-5", name="t2"))
    written = write(log, Removal(account="main", external_id="t1", at=TICK))
    assert written.events_revised == 1
    assert rows(database, "SELECT external_id FROM derived.transaction") == [("t2",)]
    assert rows(database, "SELECT count(*) FROM raw.event WHERE data ? 'removed'") == [(1,)]
    # Taken back again changes nothing; stated again it counts again.
    assert write(log, Removal(account="main", external_id="t1", at=TICK)).unchanged == 1
    write(log, spent(name="t1"))
    assert rows(database, "SELECT count(*) FROM derived.transaction") == [(2,)]


def test_every_kind_of_record_is_logged_and_projected(database: Database, log: RawLog) -> None:
    written = write(
        log,
        AccountInfo(account="main", name="Current account", kind=AccountKind.BANK, asset="EUR"),
        Transaction(
            account="main",
            external_id="7",
            booked_at=datetime(2026, 2, 3, 23, 30, tzinfo=UTC),
            amount=Decimal("4200.00"),
            asset="EUR",
            kind=FlowClass.SALARY,
            counterparty='Ärger & "Co"',
            description="Lohn\n02/26",
            pending=True,
            raw={"iban": "DE00", "list": [1, None, {"a": "b"}]},
        ),
        Trade(
            account="main",
            external_id="t1",
            at=TICK,
            base="BTC",
            quote="EUR",
            side=Side.BUY,
            quantity=Decimal("0.5"),
            price=Decimal(60000),
            fee=Decimal("1.2"),
            fee_asset="EUR",
        ),
        schedule(("4200", "2025-01-01", "2025-12-31"), ("4300", "2026-01-01", None)),
        Event(type="import", key="a1", at=TICK, data={"file": "a.csv"}),
    )
    assert written.events_new == 5
    assert rows(database, "SELECT account, name, kind, asset FROM derived.account") == [
        ("main", "Current account", "bank", "EUR")
    ]
    # half past eleven at night in UTC is the next day in Berlin
    assert rows(
        database,
        "SELECT external_id, booked_at, day, amount, kind, counterparty, description, pending FROM derived.transaction",
    ) == [
        (
            "7", datetime(2026, 2, 3, 23, 30, tzinfo=UTC), date(2026, 2, 4), Decimal(4200), "salary", 'Ärger & "Co"',
            "Lohn\n02/26", True,
        )
    ]  # fmt: skip
    assert rows(database, "SELECT side, quantity, price, fee FROM derived.trade") == [
        ("buy", Decimal("0.5"), Decimal(60000), Decimal("1.2"))
    ]
    terms = rows(database, "SELECT term, amount, start_day, end_day FROM derived.schedule_term ORDER BY term")
    assert terms == [
        (1, Decimal(4200), date(2025, 1, 1), date(2025, 12, 31)),
        (2, Decimal(4300), date(2026, 1, 1), None),
    ]
    assert {row[1] for row in rows(database, PENDING)} == {"account", "transaction", "trade", "schedule", "import"}


class TestCovers:
    def test_what_vanished_becomes_an_explicit_zero(self, database: Database, log: RawLog) -> None:
        write(log, snapshot("1"), snapshot("2", "ETH"), snapshot("0", "XRP"))
        later = TICK + MINUTE
        got = write(log, snapshot("1", at=later), tick=later, covers=Covers.CONNECTION)
        assert (got.snapshots_new, got.zeros) == (2, 1)
        assert rows(database, SNAPSHOTS)[3:] == [
            ("spot", "BTC", later, Decimal(1), False),
            ("spot", "ETH", later, Decimal(0), True),
        ]
        # once zero, it is not said again
        assert write(log, snapshot("1", at=later), tick=later + MINUTE, covers=Covers.CONNECTION).zeros == 0

    def test_other_connections_and_accounts_are_left_alone(self, database: Database, log: RawLog) -> None:
        write(log, snapshot("1"), snapshot("2", account="earn"))
        write(log, snapshot("9"), connection="other")
        later = TICK + MINUTE
        got = write(log, snapshot("5", "ETH", at=later), tick=later, covers=Covers.ITS_ACCOUNTS)
        assert got.zeros == 1
        assert [row[:2] for row in rows(database, SNAPSHOTS) if row[4]] == [("spot", "BTC")]

    def test_an_account_that_is_named_and_empty_is_zero(self, database: Database, log: RawLog) -> None:
        write(log, snapshot("1"), snapshot("2", account="earn"))
        info = AccountInfo(account="earn", name="Earn", kind=AccountKind.WALLET_EARN)
        got = write(log, info, tick=TICK + MINUTE, covers=Covers.ITS_ACCOUNTS)
        assert got.zeros == 1
        assert [row[:2] for row in rows(database, SNAPSHOTS) if row[4]] == [("earn", "BTC")]

    def test_covering_nothing_says_nothing_of_the_rest(self, log: RawLog) -> None:
        write(log, snapshot("1"), snapshot("2", "ETH"))
        assert write(log, snapshot("1", at=TICK + MINUTE), tick=TICK + MINUTE).zeros == 0

    def test_a_stated_reading_at_the_tick_is_not_overwritten(self, database: Database, log: RawLog) -> None:
        write(log, snapshot("2", "ETH"))
        assert write(log, snapshot("1"), covers=Covers.CONNECTION).zeros == 0
        assert write(log, snapshot("0", "ETH")).snapshots_new == 1

    def test_a_reading_replaces_an_explicit_zero(self, database: Database, log: RawLog) -> None:
        write(log, snapshot("2"))
        later = TICK + MINUTE
        assert write(log, tick=later, covers=Covers.CONNECTION).zeros == 1
        assert write(log, snapshot("0", at=later)).snapshots_new == 1
        assert rows(database, SNAPSHOTS)[-1] == ("spot", "BTC", later, Decimal(0), False)


class TestTogether:
    """Cursor, run, pending rows and records are one transaction."""

    @pytest.fixture
    def run(self, database: Database) -> RunKey:
        return Runs(database).open_run("bank", "balances", TICK, TICK)

    def test_cursor_and_counts_come_with_the_records(self, database: Database, log: RawLog, run: RunKey) -> None:
        cursor = Cursor(data={"since": "2026-02-03"}, version=2)
        records: list[Record] = [snapshot("1"), spent(name="7"), spent("-1", name="7")]
        log.write_batch("bank", Batch(records=records, cursor=cursor), run=run, tick=TICK)
        assert Runs(database).load_cursor("bank", "balances") == cursor
        (noted,) = Runs(database).list_runs()
        assert (noted.snapshots, noted.events, noted.revised, noted.unchanged) == (1, 1, 1, 0)

    def test_an_empty_batch_moves_the_cursor(self, database: Database, log: RawLog, run: RunKey) -> None:
        log.write_batch("bank", Batch(cursor=Cursor(data=5)), run=run, tick=TICK)
        assert Runs(database).load_cursor("bank", "balances") == Cursor(data=5)
        assert rows(database, PENDING) == []

    def test_nothing_of_a_refused_batch_is_kept(self, database: Database, log: RawLog, run: RunKey) -> None:
        def records() -> Iterator[Record]:
            yield snapshot("1")
            yield spent(name="7")
            broken = spent(name="8")
            object.__setattr__(broken, "amount", Decimal("NaN"))
            yield broken

        batch = Batch(records=records(), cursor=Cursor(data=1), covers=Covers.CONNECTION)
        with pytest.raises(BatchRefused, match=r"record 3 .*'8'"):
            log.write_batch("bank", batch, run=run, tick=TICK)
        for table in ("raw.series", "app.snapshot", "raw.event", "ops.cursor", "ops.pending", "derived.transaction"):
            assert rows(database, f"SELECT * FROM {table}") == []

    def test_a_batch_cut_off_is_refused_whole(self, database: Database, log: RawLog) -> None:
        records = [snapshot(str(n), at=TICK + n * MINUTE) for n in range(6)]
        frames = list(pack(Batch(records=records), connection="bank", rows=2))
        with pytest.raises(BatchRefused, match="broke off"):
            log.write("bank", frames[:-1], tick=TICK)
        with pytest.raises(BatchRefused, match="of 6 records of which 4 came"):
            log.write("bank", [*frames[:1], *frames[2:]], tick=TICK)
        assert rows(database, SNAPSHOTS) == []

    def test_an_error_of_the_source_in_mid_batch_passes_through(self, database: Database, log: RawLog) -> None:
        def records() -> Iterator[Record]:
            for number in range(50_000):
                yield spent(str(number))
            raise ConnectionResetError("the source hung up")

        with pytest.raises(ConnectionResetError):
            log.write_batch("bank", Batch(records=records()), tick=TICK)
        assert rows(database, "SELECT 1 FROM raw.event") == []


class TestRefused:
    def test_a_reading_from_the_future(self, log: RawLog) -> None:
        batch = Batch(records=[snapshot("1", at=TICK + timedelta(minutes=10))])
        with pytest.raises(BatchRefused, match="yet to come"):
            log.write_batch("bank", batch, tick=TICK, now=TICK)
        assert log.write_batch("bank", batch, tick=TICK, now=TICK + timedelta(minutes=6)).snapshots_new == 1

    def test_what_is_not_a_number_even_past_the_packing(self, log: RawLog) -> None:
        frames = [
            Frame(kind=frame.kind, head=frame.head, body=frame.body.replace(b"4711", b"NaN ".strip() + b"0"))
            for frame in pack(Batch(records=[snapshot("4711")]), connection="bank")
        ]
        with pytest.raises(BatchRefused, match="snapshots"):
            log.write("bank", frames, tick=TICK)

    def test_an_event_of_another_connection(self, log: RawLog) -> None:
        write(log, spent("-1", name="7"))
        forged = pack(Batch(records=[spent("-2", name="7")]), connection="bank")
        with pytest.raises(BatchRefused, match="another connection"):
            log.write("other", forged, tick=TICK)
