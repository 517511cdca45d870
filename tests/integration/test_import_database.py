"""Files into the raw log: whole or not at all, once however often."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flowd.api import FileRefused, Hints, Importer
from flowd.engine.imports import HEAD, choose_importer, import_file, read_file
from flowd.importers import register_importers
from flowd.storage.database import Database
from flowd.storage.rawlog import RawLog

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HINTS = Hints(account="main", asset="EUR")
GOOD = "date,text,amount\n2023-01-30,Shop,-20.00\n2023-01-30,Shop,-20.00\n2023-01-31,Pay,1500.00\n"


@pytest.fixture
def importers() -> dict[str, Importer]:
    found: list[Importer] = []
    register_importers(found.append)
    return {importer.name: importer for importer in found}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bank.csv"
    path.write_text(GOOD)
    return path


def rows(database: Database, sql: str) -> list[tuple[Any, ...]]:
    with database.transaction() as session:
        return session.execute(sql).fetchall()


def test_a_dry_run_says_what_is_in_the_file(file: Path, importers: dict[str, Importer]) -> None:
    plan = read_file(file, importers, HINTS, at=AT, preview=2)
    assert (plan.importer, plan.rows, dict(plan.accounts), plan.guessed) == ("csv", 3, {"main": 3}, True)
    assert (str(plan.first), str(plan.last)) == ("2023-01-30", "2023-01-31")
    assert [getattr(record, "description", "") for record in plan.preview] == ["Shop", "Shop"]
    assert "amount: 'amount'" in plan.how


def test_a_file_lands_once_however_often_it_is_imported(
    database: Database, file: Path, importers: dict[str, Importer]
) -> None:
    log = RawLog(database)
    first = import_file(file, importers, HINTS, log=log, connection="inbox", at=AT)
    assert (first.written.events_new, first.plan.rows) == (5, 3)
    again = import_file(file, importers, HINTS, log=log, connection="inbox", at=AT.replace(year=2027))
    assert (again.written.events_new, again.written.events_revised, again.written.unchanged) == (0, 0, 5)
    assert rows(database, "SELECT type, count(*)::int FROM raw.event GROUP BY type ORDER BY type") == [
        ("account", 1),
        ("import", 1),
        ("transaction", 3),
    ]


def test_two_equal_rows_are_two_payments_and_a_longer_file_adds_only_what_is_new(
    database: Database, file: Path, importers: dict[str, Importer]
) -> None:
    log = RawLog(database)
    import_file(file, importers, HINTS, log=log, connection="inbox", at=AT)
    file.write_text(GOOD + "2023-01-30,Shop,-20.00\n2023-02-01,New,-1.00\n")
    later = import_file(file, importers, HINTS, log=log, connection="inbox", at=AT)
    assert later.written.events_new == 3  # two payments, and the event of another file
    assert rows(database, "SELECT count(*)::int FROM raw.event WHERE type = 'transaction'") == [(5,)]


def test_nothing_of_a_refused_file_is_kept(database: Database, file: Path, importers: dict[str, Importer]) -> None:
    lines = "".join(f"2023-01-{number % 28 + 1:02},Shop {number},-{number}.25\n" for number in range(30_000))
    file.write_text("date,text,amount\n" + lines + "2023-99-99,bad,-1.00\n")
    with pytest.raises(FileRefused, match="line 30002: the date '2023-99-99' cannot be read"):
        import_file(file, importers, HINTS, log=RawLog(database), connection="inbox", at=AT)
    assert rows(database, "SELECT count(*)::int FROM raw.event") == [(0,)]


def test_progress_goes_from_nothing_to_all(database: Database, file: Path, importers: dict[str, Importer]) -> None:
    file.write_text("date,text,amount\n" + "2023-01-30,Shop,-20.00\n" * 40_000)
    seen: list[tuple[int, int]] = []
    import_file(
        file, importers, HINTS, log=RawLog(database), connection="inbox", at=AT,
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    size = file.stat().st_size
    assert seen == sorted(seen)
    assert {total for _, total in seen} == {size}
    assert seen[-1][0] == size
    assert seen[0][0] < size


def test_memory_does_not_grow_with_the_file(file: Path, importers: dict[str, Importer]) -> None:
    def peak(count: int) -> int:
        with file.open("w") as out:
            out.write("id,date,text,amount\n")
            for number in range(count):
                out.write(f"{number},2023-01-{number % 28 + 1:02},Shop {number},-{number % 1000}.25\n")
        tracemalloc.start()
        try:
            assert read_file(file, importers, HINTS, at=AT).rows == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)  # what is loaded once
    small, large = peak(20_000), peak(60_000)
    # Eight bytes a row keep ids apart; a thousandth of what the rows themselves would take.
    assert large - small < 40_000 * 64


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"\x00\x01" * 500, "NUL byte"),
        (b"hello\n", "no table"),
    ],
)
def test_what_is_no_statement_is_refused(file: Path, importers: dict[str, Importer], content: bytes, says: str) -> None:
    file.write_bytes(content)
    with pytest.raises(FileRefused, match=says):
        read_file(file, importers, HINTS, at=AT)


def test_what_is_no_file_is_refused(tmp_path: Path, importers: dict[str, Importer]) -> None:
    with pytest.raises(FileRefused, match="is not a file"):
        read_file(tmp_path, importers, HINTS, at=AT)
    with pytest.raises(FileRefused, match="No such file"):
        read_file(tmp_path / "missing.csv", importers, HINTS, at=AT)


def test_the_surest_importer_reads(importers: dict[str, Importer]) -> None:
    importer, sure = choose_importer("bank.csv", GOOD.encode()[:HEAD], importers)
    assert (importer.name, sure) == ("csv", 0.8)


def test_a_day_that_was_not_over_is_put_right_by_the_longer_file(
    database: Database, file: Path, importers: dict[str, Importer]
) -> None:
    log = RawLog(database)
    noon = "date,text,amount,balance\n2023-01-30,Shop,-20.00,80.00\n2023-01-31,Shop,-5.00,75.00\n"
    file.write_text(noon)
    import_file(file, importers, HINTS, log=log, connection="inbox", at=AT)
    # The rest of the 31st, above it the newer days, and none of the first: as a bank's next download looks.
    file.write_text(
        "date,text,amount,balance\n2023-02-02,Pay,100.00,172.00\n2023-01-31,Late,-3.00,72.00\n"
        "2023-01-31,Shop,-5.00,75.00\n"
    )
    import_file(file, importers, HINTS, log=log, connection="inbox", at=AT)
    assert rows(database, "SELECT count(*)::int FROM raw.event WHERE type = 'transaction'") == [(4,)]
    assert rows(database, "SELECT day::text, amount::text FROM derived.balance ORDER BY day") == [
        ("2023-01-29", "100"),
        ("2023-01-30", "80"),
        ("2023-01-31", "72"),
        ("2023-02-02", "172"),
    ]
