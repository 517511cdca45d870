"""A backup holds everything that cannot be derived, as it was at one moment, and a restored store is the same store."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from flowd.api import Balance, Batch, Cursor, Event, Rate
from flowd.errors import BackupRefused
from flowd.storage.backfills import BackfillStore
from flowd.storage.backup import Manifest, write_backup
from flowd.storage.database import Database
from flowd.storage.parts import LEFT_OUT, PARTS
from flowd.storage.restoring import check_backup, restore_backup
from flowd.storage.runs import Runs
from flowd.storage.tenants import ensure_tenant
from tests.conftest import Server
from tests.deriving import NOW, SPOT, Store, reading, schedule, transaction

DAY = timedelta(days=1)


@pytest.fixture
def other(server: Server, template: str) -> Iterator[Database]:
    """An empty store to restore into, whose tenant has another number."""
    name = server.create(template)
    try:
        with Database(server.address(name), tenant="moved") as opened:
            ensure_tenant(opened, "moved", base_currency="EUR", timezone="Europe/Berlin")
            yield opened
    finally:
        server.drop(name)


def fill(store: Store) -> None:
    """Write some of everything: names that need quotes in CSV, texts in other letters, nothing, and many digits."""
    store.write(
        'bank, "best"\n',
        *[transaction(f"2026-03-{day:02}", "-12.50", description=f'Ünï "{day}",\n;') for day in range(1, 9)],
    )
    store.write(
        "bank",
        transaction("2026-02-27", "3100.00", description="Gehalt"),
        transaction("2026-03-02", "0.000000000000000001", asset="BTC"),
    )
    store.write("bank", Balance(account="main", asset="EUR", day=date(2026, 3, 1), amount=Decimal("17.20")))
    store.write("salary", schedule("salary"))
    store.write("wallet", SPOT, *[reading(f"2026-03-{day:02}T10:00:00", f"{day * 1000}.5") for day in range(1, 15)])
    store.write("ecb", Rate(base="BTC", quote="EUR", at=NOW - DAY, value=Decimal("50000.123456789012345678")))
    store.write("(you)", Event(type="goal", key="house", at=NOW, data={"name": "Häuschen", "nothing": None}))
    BackfillStore(store.database).ask("bank", date(2021, 1, 1), NOW)
    store.rows(
        "INSERT INTO ops.token (tenant_id, connection, ciphertext, key_id, version, updated_at)"
        r" SELECT id, 'tink', '\\x00ff5c2c22', 'k', 3, now() FROM ops.tenant WHERE id = (ops.visible_tenants())[1]"
        " RETURNING 1"
    )
    store.derivation.catch_up()


def facts(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return everything a backup is to hold, but for the tenant's number."""
    with database.transaction(role="owner") as session:
        session.execute("SELECT set_config('flowd.tenant', %s, true)", (str(database.tenant_id),))
        return {
            part.name: session.execute(
                f"SELECT to_jsonb(t) - 'tenant_id' FROM {part.relation} t ORDER BY {part.order}".encode()
            ).fetchall()
            for part in PARTS
        }


def derived(store: Store) -> dict[str, list[tuple[object, ...]]]:
    tables = store.rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'derived'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1"
    )
    return {
        name: store.rows(f"SELECT to_jsonb(t) - 'tenant_id' FROM derived.{name} t ORDER BY 1") for (name,) in tables
    }


def backup(database: Database, path: Path) -> Manifest:
    return write_backup(database, path, made_at=NOW, version="9.9")


def test_a_restored_store_is_the_same_and_derives_the_same(database: Database, other: Database, tmp_path: Path) -> None:
    store = Store(database)
    fill(store)
    store.derivation.rebuild()
    file = tmp_path / "it.zip"
    manifest = backup(database, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["it.zip"]
    assert manifest.rows == sum(len(rows) for rows in facts(database).values()) > 20
    assert check_backup(file) == restore_backup(other, file) == manifest
    assert facts(other) == facts(database)
    again = Store(other)
    again.derivation.rebuild()
    assert derived(again) == derived(store)
    assert derived(again)["income_daily"]
    # and it goes on as a store does: numbers given from now on are new ones
    for one in (store, again):
        one.write("wallet", reading("2026-03-16T10:00:00", "5", asset="BTC"), reading("2026-03-16T10:00:00", "7"))
        one.write("bank", transaction("2026-03-18", "-1"))
    assert facts(other)["raw.series"] == facts(database)["raw.series"]
    positions = [row[0]["position"] for row in facts(other)["raw.event"]]  # type: ignore[index]
    assert len(set(positions)) == len(positions)


def test_it_is_as_it_was_at_one_moment(database: Database, other: Database, tmp_path: Path) -> None:
    store = Store(database)
    fill(store)
    before = facts(database)
    late: list[str] = []

    def meanwhile(part: str, size: int) -> None:
        if not late:
            late.append(part)
            store.write("wallet", reading("2026-03-17T10:00:00", "9"))
            store.write("bank", transaction("2026-03-17", "-9"))

    write_backup(database, tmp_path / "it.zip", made_at=NOW, version="9.9", progress=meanwhile)
    assert late == ["raw.series"]
    assert facts(database) != before
    restore_backup(other, tmp_path / "it.zip")
    assert facts(other) == before


def test_every_table_of_a_tenant_is_in_it_or_left_out_on_purpose(database: Database) -> None:
    with database.owner() as session:
        tables = session.execute(
            "SELECT table_schema || '.' || table_name FROM information_schema.columns"
            " JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema IN ('raw', 'ops') AND column_name = 'tenant_id' AND table_type = 'BASE TABLE'"
        ).fetchall()
    assert {name for (name,) in tables} == {part.name for part in PARTS} | LEFT_OUT


def test_what_is_damaged_is_refused_and_nothing_is_written(database: Database, other: Database, tmp_path: Path) -> None:
    fill(Store(database))
    good = tmp_path / "good.zip"
    backup(database, good)
    empty = facts(other)
    content = good.read_bytes()
    bad = tmp_path / "bad.zip"
    for cut in (0, 10, len(content) // 2, len(content) - 1):
        bad.write_bytes(content[:cut])
        with pytest.raises(BackupRefused, match=r"no backup of flowd|damaged"):
            restore_backup(other, bad)
    with zipfile.ZipFile(good) as archive:
        place = archive.getinfo("raw.event.csv").header_offset + 200
    bad.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    with pytest.raises(BackupRefused, match=r"raw\.event\.csv .*damaged or was cut off"):
        check_backup(bad)
    for name, change in {"raw.event.csv": (b"-12.5", b"-92.5"), "raw.series.csv": (b"spot", b"s")}.items():
        rewrite(good, bad, name, *change)
        with pytest.raises(BackupRefused, match="checksum differs"):
            restore_backup(other, bad)
    rewrite(good, bad, "manifest.json", b'"format": 1', b'"format": 2')
    with pytest.raises(BackupRefused, match=r"made by flowd 9\.9: update flowd first"):
        restore_backup(other, bad)
    rewrite(good, bad, "manifest.json", b'"migrations/0001_begin"', b'"migrations/0001_begin", "migrations/9999_more"')
    with pytest.raises(BackupRefused, match="which knows migrations/9999_more: update flowd"):
        restore_backup(other, bad)
    bad.write_bytes(b"day,amount\n2026-01-01,5\n")
    with pytest.raises(BackupRefused, match="no backup of flowd"):
        check_backup(bad)
    assert facts(other) == empty


def rewrite(source: Path, target: Path, name: str, old: bytes, new: bytes) -> None:
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w") as after:
        for member in before.namelist():
            content = before.read(member)
            if member == name:
                assert old in content
                content = content.replace(old, new)
            after.writestr(member, content)


def test_only_an_empty_store_takes_one(database: Database, tmp_path: Path) -> None:
    fill(Store(database))
    backup(database, tmp_path / "it.zip")
    before = facts(database)
    with pytest.raises(BackupRefused, match=r"the store is not empty \(raw\.series has rows\): restore into a new one"):
        restore_backup(database, tmp_path / "it.zip")
    assert facts(database) == before


def test_nothing_is_overwritten_and_nothing_half_is_left(database: Database, tmp_path: Path) -> None:
    fill(Store(database))
    file = tmp_path / "it.zip"
    file.write_text("mine")
    with pytest.raises(BackupRefused, match="exists already"):
        backup(database, file)
    assert file.read_text() == "mine"
    with pytest.raises(BackupRefused, match="cannot be written: No such file or directory"):
        backup(database, tmp_path / "nowhere" / "it.zip")
    with pytest.raises(ZeroDivisionError):
        write_backup(database, tmp_path / "b.zip", made_at=NOW, version="1", progress=lambda part, size: divide(size))
    assert [path.name for path in tmp_path.iterdir()] == ["it.zip"]


def divide(size: int) -> None:
    assert 1 // (size * 0)


def test_cursors_belong_to_what_was_read_with_them(database: Database, other: Database, tmp_path: Path) -> None:
    store = Store(database)
    run = Runs(database).open_run("bank", "transactions", NOW, NOW)
    store.rawlog.write_batch(
        "bank",
        Batch(records=[transaction("2026-03-01", "5")], cursor=Cursor(data={"seen": [1, "é"]})),
        tick=NOW,
        run=run,
    )
    backup(database, tmp_path / "it.zip")
    restore_backup(other, tmp_path / "it.zip")
    kept = facts(other)
    later = datetime(2026, 3, 21, tzinfo=UTC)
    assert json.dumps(kept["ops.cursor"], default=str).count('"seen"') == 1
    assert len(kept["ops.run"]) == 1
    assert Runs(other).open_run("bank", "transactions", later, later).id > run.id
