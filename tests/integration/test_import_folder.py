"""The connector `files`: whole files are read once and put away, others are quarantined with the reason."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flowd.api import (
    AccountInfo,
    Batch,
    ConfigError,
    Context,
    Cursor,
    Event,
    FileRefused,
    Http,
    Record,
    RetryLater,
    Transaction,
)
from flowd.importers import FILES, register_importers
from flowd.importers.files.config import FilesConfig
from flowd.importers.files.connector import FilesConnector
from flowd.importers.files.state import REMEMBERED, State, bucket_of, digest_of

GOOD = "date,text,amount\n2023-01-30,Shop,-20.00\n2023-01-31,Pay,1500.00\n"
TICK = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass
class Bench:
    """A folder, its connector as a fresh process would make it, and what the raw log would hold."""

    folder: Path
    extra: dict[str, Any] = field(default_factory=dict)
    cursor: Cursor | None = None
    records: list[Record] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    later: float = 60.0

    def context(self, seconds: float = 600) -> Context:
        logger = logging.Logger("files")  # noqa: LOG001 - of this test alone
        handler = logging.Handler()
        handler.emit = lambda record: self.log.append(record.getMessage())  # type: ignore[method-assign]
        logger.addHandler(handler)
        no_http: Http = None  # type: ignore[assignment]
        return Context(
            connection="inbox",
            tick=TICK,
            http=no_http,
            log=logging.LoggerAdapter(logger),
            time_left=lambda: timedelta(seconds=seconds),
        )

    def connector(self) -> FilesConnector:
        config = {"folder": str(self.folder), "account": "main", "currency": "EUR", **self.extra}
        # The clock stands a minute after the files were written, so they are quiet already.
        return FilesConnector(
            FilesConfig.model_validate(config), now=lambda: _newest(self.folder) + self.later, pause=self.pause
        )

    def pause(self, seconds: float) -> None:
        self.log.append(f"paused {seconds:g}")

    def batches(self, seconds: float = 600) -> Iterator[Batch]:
        return self.connector().sync("inbox", self.cursor, self.context(seconds))

    def run(self) -> list[Record]:
        """Run once as the engine does: consume a batch, keep it with its cursor, ask for the next."""
        new: list[Record] = []
        for batch in self.batches():
            new += list(batch.records)
            self.cursor = batch.cursor or self.cursor
        self.records += new
        return new

    def put(self, name: str, text: str | bytes = GOOD) -> Path:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def names(self, inside: str = "") -> list[str]:
        return sorted(path.name for path in (self.folder / inside).glob("*") if path.is_file())


def _newest(folder: Path) -> float:
    return max((path.lstat().st_ctime for path in folder.iterdir()), default=0.0)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return Bench(folder=folder)


def test_a_file_becomes_one_batch_with_its_accounts_and_its_event(bench: Bench) -> None:
    bench.put("bank.csv")
    records = bench.run()
    assert [type(record) for record in records] == [Transaction, Transaction, AccountInfo, Event]
    event = records[-1]
    assert isinstance(event, Event)
    assert event.type == "import"
    assert {key: event.data[key] for key in ("file", "importer", "rows", "accounts", "first", "last")} == {
        "file": "bank.csv", "importer": "csv", "rows": 2, "accounts": ["main"],
        "first": "2023-01-30", "last": "2023-01-31",
    }  # fmt: skip
    assert "amount: 'amount'" in str(event.data["guessed"])
    assert bench.names() == []
    assert bench.names("done") == ["bank.csv"]


def test_the_same_file_again_changes_nothing_whatever_its_name(bench: Bench) -> None:
    bench.put("bank.csv")
    bench.run()
    bench.put("bank.csv")
    bench.put("bank (1).csv")
    assert bench.run() == []
    assert bench.names() == []
    assert bench.names("done") == ["bank (1).csv", "bank (2).csv", "bank.csv"]


def test_a_second_look_with_nothing_new_yields_nothing(bench: Bench) -> None:
    bench.put("bank.csv")
    bench.run()
    assert list(bench.batches()) == []


def test_a_crash_between_commit_and_move_neither_loses_nor_doubles(bench: Bench) -> None:
    bench.put("bank.csv")
    batches = bench.batches()
    batch = next(batches)
    list(batch.records)
    bench.cursor = batch.cursor  # committed, and then the process is killed: the generator never goes on
    batches.close()  # type: ignore[attr-defined]
    assert bench.names() == ["bank.csv"]
    assert bench.run() == []
    assert bench.names("done") == ["bank.csv"]


def test_a_crash_before_the_commit_reads_the_file_again(bench: Bench) -> None:
    bench.put("bank.csv")
    batches = bench.batches()
    list(next(batches).records)
    batches.close()  # type: ignore[attr-defined]
    assert bench.names() == ["bank.csv"]
    assert len(bench.run()) == 4


def test_a_bad_file_is_quarantined_with_its_reason_and_the_rest_goes_on(bench: Bench) -> None:
    bench.put("a.csv", "date,text,amount\n2023-01-30,Shop,-20.00\n2023-99-31,Pay,1500.00\n")
    bench.put("b.csv")
    bench.put("c.bin", b"\x00\x01\x02" * 100)
    bench.put("d.csv", GOOD.replace("1500", "1600"))
    records = bench.run()
    assert sum(isinstance(record, Transaction) for record in records) == 4
    assert bench.names() == []
    assert bench.names("quarantine") == ["a.csv", "a.csv.why.txt", "c.bin", "c.bin.why.txt"]
    why = (bench.folder / "quarantine" / "a.csv.why.txt").read_text()
    assert "line 3: the date '2023-99-31' cannot be read" in why
    assert any("a.csv was refused: line 3" in line for line in bench.log)
    assert bench.run() == []


def test_a_file_that_the_log_would_refuse_does_not_hold_up_those_behind_it(bench: Bench) -> None:
    bench.put("a.qif", '!Type:Prices\n"FND",10.50,"13/12/2026"\n^\n')
    bench.put("b.csv")
    assert sum(isinstance(record, Transaction) for record in bench.run()) == 2
    assert bench.names("quarantine") == ["a.qif", "a.qif.why.txt"]
    assert "dated 2026-12-13, which is yet to come" in (bench.folder / "quarantine" / "a.qif.why.txt").read_text()


def test_a_corrected_file_is_read(bench: Bench) -> None:
    bench.put("a.csv", "date,text,amount\n2023-01-30,Shop,\n")
    assert bench.run() == []
    bench.put("a.csv")
    assert len(bench.run()) == 4
    assert bench.names("quarantine") == ["a.csv", "a.csv.why.txt"]


@pytest.mark.parametrize(
    "name", [".hidden.csv", "a.csv.part", "a.csv.crdownload", "a.tmp", "a.csv~", "a.csv.why.txt", "~a.csv.download"]
)
def test_unfinished_and_hidden_files_are_left_alone(bench: Bench, name: str) -> None:
    bench.put(name)
    assert bench.run() == []
    assert bench.names() == [name]


def test_a_download_under_way_keeps_its_name_for_itself(bench: Bench) -> None:
    bench.put("a.csv", "")
    bench.put("a.csv.part", "date,te")
    bench.later = 100
    assert bench.run() == []
    assert bench.names() == ["a.csv", "a.csv.part"]


def test_an_empty_file_gets_a_minute_and_is_then_refused(bench: Bench) -> None:
    bench.put("a.csv", "")
    bench.later = 30
    assert (bench.run(), bench.names()) == ([], ["a.csv"])
    bench.later = 90
    assert (bench.run(), bench.names()) == ([], [])
    assert "empty" in (bench.folder / "quarantine" / "a.csv.why.txt").read_text()


def test_a_file_still_being_written_waits(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    path = bench.put("a.csv")
    bench.later = 0.5

    def grow(_: float) -> None:
        with path.open("a") as file:
            file.write("2023-02-01,More,-1.00\n")

    connector = FilesConnector(
        FilesConfig(folder=bench.folder, account="main", currency="EUR"),
        now=lambda: _newest(bench.folder) + 0.5,
        pause=grow,
    )
    assert list(connector.sync("inbox", None, bench.context())) == []
    assert bench.names() == ["a.csv"]
    records = bench.run()  # half a second old, but nobody writes during the pause
    assert sum(isinstance(record, Transaction) for record in records) == 3
    assert "paused 2" in bench.log


def test_a_file_dated_in_the_future_is_read(bench: Bench) -> None:
    path = bench.put("a.csv")
    os.utime(path, (4e9, 4e9))
    assert len(bench.run()) == 4


def test_links_folders_and_pipes_are_not_followed(bench: Bench, tmp_path: Path) -> None:
    outside = tmp_path / "secret.csv"
    outside.write_text(GOOD)
    (bench.folder / "link.csv").symlink_to(outside)
    (bench.folder / "folder.csv").mkdir()
    os.mkfifo(bench.folder / "pipe.csv")
    assert bench.run() == []
    assert (bench.folder / "link.csv").is_symlink()
    assert stat.S_ISFIFO((bench.folder / "pipe.csv").stat().st_mode)


def test_patterns_choose_files(bench: Bench) -> None:
    bench.extra = {"patterns": "*.CSV"}
    bench.put("a.csv")
    bench.put("notes.md", "hello")
    bench.run()
    assert bench.names() == ["notes.md"]


def test_files_may_be_left_where_they_are(bench: Bench) -> None:
    bench.extra = {"after": "leave"}
    bench.put("a.csv")
    bench.put("bad.csv", "nonsense")
    assert len(bench.run()) == 4
    assert bench.names() == ["a.csv", "bad.csv"]
    assert list(bench.batches()) == []
    bench.put("b.csv", GOOD.replace("1500", "1600"))
    assert sum(isinstance(record, Transaction) for record in bench.run()) == 2
    bench.put("a.csv", GOOD + "2023-02-01,More,-1.00\n")
    assert sum(isinstance(record, Transaction) for record in bench.run()) == 3
    assert sum("bad.csv was refused" in line for line in bench.log) == 1


def test_thousands_of_files_left_fit_the_cursor(bench: Bench) -> None:
    state = State()
    for number in range(5_000):
        name = f"statement-{number}.csv"
        state.left[bucket_of(name)] = digest_of([(name, 1, 2)], "how")
        state.remember(number.to_bytes(8))
    assert len(state.seen) == REMEMBERED
    again = State.read(state.cursor())  # a Cursor refuses more than 16 KiB
    assert again == state


def test_another_way_of_reading_reads_again(bench: Bench) -> None:
    bench.put("bank.csv")
    bench.run()
    bench.extra = {"account": "other"}
    bench.put("bank.csv")
    assert {record.account for record in bench.run() if isinstance(record, Transaction)} == {"other"}


def test_a_profile_may_be_written_into_the_configuration(bench: Bench) -> None:
    bench.extra = {"profile": {"columns": {"date": 1, "amount": 3}, "dates": "%Y-%m-%d", "sign": "inverted", "skip": 1}}
    bench.put("bank.csv")
    assert [str(r.amount) for r in bench.run() if isinstance(r, Transaction)] == ["20.00", "-1500.00"]


def test_a_folder_of_own_profiles(bench: Bench, tmp_path: Path) -> None:
    own = tmp_path / "profiles"
    own.mkdir()
    (own / "mine.yaml").write_text(
        "name: mine\nmatch: {header: [date, text, amount]}\nsign: inverted\n"
        'columns: {date: date, amount: amount}\ndates: "%Y-%m-%d"\n'
    )
    bench.extra = {"profiles": str(own)}
    bench.put("bank.csv")
    records = bench.run()
    assert [str(r.amount) for r in records if isinstance(r, Transaction)] == ["20.00", "-1500.00"]
    assert isinstance(records[-1], Event)
    assert (records[-1].data["profile"], records[-1].data["guessed"]) == ("mine", None)


def test_a_wrong_profile_is_a_matter_of_configuration(bench: Bench) -> None:
    bench.extra = {"profile": "nobank"}
    bench.put("bank.csv")
    with pytest.raises(ConfigError, match="no profile 'nobank'"):
        bench.run()
    assert bench.names() == ["bank.csv"]


def test_a_folder_that_is_away_is_asked_again_later(bench: Bench) -> None:
    bench.folder.rmdir()
    with pytest.raises(RetryLater, match="cannot be read"):
        FilesConnector(FilesConfig(folder=bench.folder)).sync("inbox", None, bench.context()).__next__()
    with pytest.raises(ConfigError, match="make it, or correct"):
        FilesConnector(FilesConfig(folder=bench.folder)).check(bench.context())


def test_check_counts_files_and_names_the_quarantine(bench: Bench) -> None:
    bench.put("bad.csv", "nonsense")
    bench.run()
    bench.put("a.csv")
    check = bench.connector().check(bench.context())
    assert check.summary == f"1 files in {bench.folder}"
    assert "1 files in" in check.warnings[0]


def test_a_run_short_of_time_leaves_files_for_the_next(bench: Bench) -> None:
    bench.put("a.csv")
    assert list(bench.batches(seconds=5)) == []
    assert bench.names() == ["a.csv"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_read_only_folder_is_read_once(bench: Bench) -> None:
    bench.put("a.csv")
    bench.folder.chmod(0o555)
    try:
        assert len(bench.run()) == 4
        assert list(bench.batches()) == []
    finally:
        bench.folder.chmod(0o755)


def test_a_folder_where_nothing_can_be_moved_is_read_once(bench: Bench) -> None:
    (bench.folder / "done").write_text("a file where the folder should be")
    bench.extra = {"patterns": "*.csv"}
    bench.put("a.csv")
    assert len(bench.run()) == 4
    assert list(bench.batches()) == []
    assert any("cannot be moved" in line for line in bench.log)


def test_a_file_changed_between_two_reads_is_not_kept(bench: Bench) -> None:
    path = bench.put("a.csv")
    batch = next(bench.batches())
    path.write_text(GOOD.replace("-20.00", "-2"))
    records = iter(batch.records)
    next(records)
    path.write_text(GOOD + GOOD)
    with pytest.raises(FileRefused, match="changed while it was read"):
        list(records)


def test_the_connector_is_described_and_its_formats_are_registered() -> None:
    found: list[Any] = []
    register_importers(found.append)
    assert {importer.name for importer in found} >= {"csv", "xlsx"}
    assert FILES.feeds[0].every == timedelta(seconds=10)
