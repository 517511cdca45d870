"""The watched folder in a process of its own, as the daemon runs it, into a real database."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flowd.engine.connections import Connection
from flowd.engine.retry import Outcome
from flowd.engine.target import Target
from flowd.importers import FILES
from flowd.storage.database import Database
from flowd.storage.rawlog import RawLog
from tests.engine_rig import TICK, ListStore, Rig, engine
from tests.unit.importers.workbooks import Cell, xlsx

GOOD = "date,text,amount\n2023-01-30,Shop,-20.00\n2023-01-31,Pay,1500.00\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def put(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(text)
    os.utime(path, (1_700_000_000, 1_700_000_000))


def watching(folder: Path, **config: object) -> Connection:
    (feed,) = FILES.feeds
    settings = {"folder": str(folder), "account": "main", "currency": "EUR", "settle": 0.2, **config}
    return Connection(
        name="inbox",
        type=FILES,
        target=Target("flowd.importers", "files"),
        feeds={feed.name: replace(feed, timeout=timedelta(seconds=60))},
        isolation=FILES.isolation,
        settings=json.dumps(settings).encode(),
        secrets=[],
    )


def events(rig: Rig) -> int:
    return sum(int(frame.head.get("records", 0)) for batch in rig.store.batches for frame in batch.frames)


def run(rig: Rig) -> Any:
    return rig.runner.run_once("inbox", "inbox", TICK)


def test_files_are_read_put_away_and_quarantined(tmp_path: Path, inbox: Path) -> None:
    put(inbox, "bank.csv", GOOD)
    put(inbox, "cut.csv", GOOD[:-10])
    with engine(tmp_path) as rig:
        rig.add(watching(inbox))
        result = run(rig)
        assert result.outcome is Outcome.DONE, result.message
        assert events(rig) == 4  # two payments, their account, the import
        put(inbox, "bank.csv", GOOD)
        assert run(rig).outcome is Outcome.DONE
        assert events(rig) == 4
    assert sorted(path.name for path in inbox.glob("*/*")) == ["bank (2).csv", "bank.csv", "cut.csv", "cut.csv.why.txt"]
    assert [path for path in inbox.glob("*") if path.is_file()] == []


def test_a_workbook_is_unpacked_within_the_connections_own_limits(tmp_path: Path, inbox: Path) -> None:
    rows: list[list[Cell]] = [["Date", "Text", "Amount"], ["2023-01-30", "Shop", -20.5], ["2023-01-31", "Pay", 1500]]
    (inbox / "bank.xlsx").write_bytes(xlsx({"s": rows}))
    os.utime(inbox / "bank.xlsx", (1_700_000_000, 1_700_000_000))
    with engine(tmp_path) as rig:
        rig.add(watching(inbox))
        result = run(rig)
        assert result.outcome is Outcome.DONE, result.message
        assert events(rig) == 4
    assert [path.name for path in inbox.glob("*/*")] == ["bank.xlsx"]


def test_a_wrong_profile_stops_the_connection_with_its_reason(tmp_path: Path, inbox: Path) -> None:
    put(inbox, "bank.csv", GOOD)
    with engine(tmp_path) as rig:
        rig.add(watching(inbox, profile="nobank"))
        result = run(rig)
    assert result.outcome is not Outcome.DONE
    assert "no profile 'nobank'" in str(result.message)
    assert (inbox / "bank.csv").exists()


def test_what_is_dropped_lands_in_the_database_once(tmp_path: Path, inbox: Path, database: Database) -> None:
    store = ListStore()
    put(inbox, "bank.csv", GOOD)
    written = []

    class Log:
        """The raw log, with the runs kept in the list: only events matter here."""

        def write(self, connection: str, frames: Any, *, run: Any, tick: Any, **rest: Any) -> Any:
            written.append(RawLog(database).write(connection, frames, run=None, tick=tick))
            return written[-1]

    with engine(tmp_path, store=store, log=Log()) as rig:
        rig.add(watching(inbox, after="leave"))
        for _ in range(2):  # no cursor is kept here, so the second run reads the file again
            assert run(rig).outcome is Outcome.DONE
    assert [(one.events_new, one.unchanged) for one in written if one.events_new or one.unchanged] == [(4, 0), (0, 4)]
