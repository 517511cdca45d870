"""The thread that has studies made: a real `flowd study`, what is wrong is said once, and stopping ends it."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowd.config import parse_settings
from flowd.edges.studying import Studying
from flowd.engine.clock import SystemClock
from flowd.engine.derivation import Derivation
from flowd.engine.processes import children
from flowd.engine.studying import Studies
from flowd.engine.telemetry import Telemetry
from flowd.plugins import load_plugins
from flowd.storage.database import Database

CONFIG = """\
tenant: {{name: home, base_currency: EUR, timezone: Europe/Berlin}}
database: {{url: {{file: ./url}}}}
state: {state}
"""


class Desk:
    """One thread for one database."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.path = folder / "flowd.yaml"
        (folder / "url").write_text(database.dsn)
        (folder / "url").chmod(0o600)
        self.path.write_text(CONFIG.format(state=folder))
        settings = parse_settings(self.path.read_text(), file=self.path)
        self.clock, self.registry, self.telemetry = SystemClock(), load_plugins((), path=[]), Telemetry()
        self.database, self.settings = database, settings
        self.studies = Studies(database, self.registry, settings, self.clock)

    def derive(self) -> None:
        Derivation(self.database, self.registry, self.settings, self.clock).catch_up()

    def thread(self, path: Path | None = None, studies: Studies | None = None) -> Studying:
        return Studying(studies or self.studies, self.telemetry, self.clock, path=path or self.path, environ=os.environ)

    def metric(self, name: str) -> str:
        lines = self.telemetry.text().decode().splitlines()
        return next(
            (line.rpartition(" ")[2] for line in lines if line.startswith(f'flowd_study_{name}{{study="returns"}}')), ""
        )


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


@pytest.fixture
def stopping() -> Iterator[list[Studying]]:
    threads: list[Studying] = []
    yield threads
    for one in threads:
        one.stop()


def until(done: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_is_due_is_made_by_another_process(desk: Desk, stopping: list[Studying]) -> None:
    desk.derive()
    assert "returns" in desk.studies.due()
    thread = desk.thread()
    stopping.append(thread)
    thread.start()
    thread.changed()
    until(lambda: desk.metric("last_success_timestamp_seconds"))
    assert desk.studies.due() == []
    assert desk.metric("failing") == "0.0"
    assert thread.trouble == ""


def test_what_is_wrong_is_said_once_and_not_tried_again_at_once(
    desk: Desk, stopping: list[Studying], caplog: pytest.LogCaptureFixture
) -> None:
    desk.derive()
    with caplog.at_level(logging.INFO, logger="flowd.edges.studying"):
        thread = desk.thread(path=desk.path.parent / "missing.yaml")
        stopping.append(thread)
        thread.start()
        thread.changed()
        until(lambda: desk.metric("failing") == "1.0")
        said = [one.getMessage() for one in caplog.records if "could not be made" in one.getMessage()]
        assert len(said) == 1
        assert "there is no" in said[0]
        assert "missing.yaml" in said[0]
        thread.use(desk.studies)
        thread.changed()
        time.sleep(0.1)
        assert len([one for one in caplog.records if "could not be made" in one.getMessage()]) == 1


def test_stopping_ends_the_process_that_is_under_way(desk: Desk) -> None:
    desk.derive()
    thread = desk.thread()
    before = set(children(os.getpid()))
    thread.start()
    thread.changed()
    until(lambda: set(children(os.getpid())) - before)
    begun = time.monotonic()
    thread.stop()
    assert time.monotonic() - begun < 8
    assert not set(children(os.getpid())) - before
    assert not [one for one in threading.enumerate() if one.name == "flowd-study"]


def test_a_database_that_is_away_is_named_and_tried_again(desk: Desk, stopping: list[Studying]) -> None:
    with Database("postgresql://nobody@127.0.0.1:1/none", tenant="home", deadline=1.0) as away:
        thread = desk.thread(studies=Studies(away, desk.registry, desk.settings, desk.clock))
        stopping.append(thread)
        thread.start()
        thread.changed()
        until(lambda: thread.trouble)
        desk.derive()
        thread.use(desk.studies)
        until(lambda: desk.metric("last_success_timestamp_seconds"))
        until(lambda: not thread.trouble)
