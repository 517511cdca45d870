"""Ends of consents: told 14, 7 and 1 days before and when they are over, each once, whatever happens in between."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from flowd.api import Notice, Severity
from flowd.engine.consents import Consents, noted, warning_due
from flowd.engine.telemetry import Telemetry
from flowd.errors import DatabaseAway
from flowd.storage.consents import Consent
from flowd.testing.fakes import FakeClock

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Book:
    """The table, as a dict."""

    rows: dict[str, Consent] = field(default_factory=dict)
    away: bool = False

    def load(self) -> list[Consent]:
        self._answer()
        return list(self.rows.values())

    def save(self, consent: Consent) -> None:
        self._answer()
        self.rows[consent.connection] = consent

    def tell(self, connection: str, days: int) -> bool:
        self._answer()
        row = self.rows.get(connection)
        if row is None or (row.told is not None and row.told <= days):
            return False
        self.rows[connection] = replace(row, told=days)
        return True

    def remove(self, connection: str) -> None:
        self._answer()
        self.rows.pop(connection, None)

    def _answer(self) -> None:
        if self.away:
            raise DatabaseAway("as the test wants it")


@dataclass
class Watch:
    """Consents over a book and a clock that is put forward."""

    book: Book = field(default_factory=Book)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    told: list[Notice] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.telemetry = Telemetry()
        self.restart()

    def restart(self) -> None:
        self.consents = Consents(
            store=self.book, telemetry=self.telemetry, clock=self.clock, notify=self.told.append, away=lambda: False
        )
        self.consents.load()

    def look(self, *, linked: bool = True) -> list[str]:
        before = len(self.told)
        for _ in range(3):
            self.consents.look({"bank": linked})
        return [notice.title for notice in self.told[before:]]


@pytest.mark.parametrize(
    ("left", "due"),
    [(15 * DAY, None), (14 * DAY, 14), (8 * DAY, 14), (7 * DAY, 7), (DAY, 1), (timedelta(seconds=1), 1), (-DAY, 0)],
)
def test_which_warning_is_due(left: timedelta, due: int | None) -> None:
    assert warning_due(NOW + left, NOW) == due


def test_each_warning_is_told_once_also_over_restarts() -> None:
    watch = Watch()
    watch.consents.note("bank", NOW + 15 * DAY)
    titles = []
    for _ in range(17 * 4):
        titles += watch.look()
        watch.restart()
        titles += watch.look()
        watch.clock.advance(DAY / 4)
    assert titles == [
        "bank: the access ends in 14 days",
        "bank: the access ends in 7 days",
        "bank: the access ends in 1 day",
        "bank: the access has ended",
    ]
    assert [notice.severity for notice in watch.told] == [*[Severity.WARNING] * 3, Severity.ERROR]
    assert "run `flowd link bank`" in watch.told[0].body
    assert "2026-03-16 12:00 UTC" in watch.told[0].body


def test_a_late_start_tells_only_what_is_due_now() -> None:
    watch = Watch()
    watch.consents.note("bank", NOW + 3 * DAY)
    assert watch.look(linked=False) == ["bank: the access ends in 3 days"]
    assert "renew the key or the consent at the source" in watch.told[0].body


def test_a_renewed_consent_is_told_anew() -> None:
    watch = Watch()
    watch.consents.note("bank", NOW + DAY)
    assert len(watch.look()) == 1
    watch.consents.note("bank", NOW + 90 * DAY)
    assert watch.look() == []
    watch.clock.advance(77 * DAY)
    assert watch.look() == ["bank: the access ends in 13 days"]


def test_an_end_that_is_counted_anew_with_every_call_is_told_once() -> None:
    watch = Watch()
    titles = []
    for _ in range(50):
        watch.consents.note("bank", watch.clock.now() + 14 * DAY)
        titles += watch.look()
        watch.clock.advance(timedelta(hours=6))
    assert titles == ["bank: the access ends in 14 days"]


def test_an_end_a_little_later_keeps_what_was_told_and_tells_what_comes() -> None:
    known = Consent(connection="bank", expires_at=NOW + DAY, told=1)
    fresh = Consent(connection="bank", expires_at=NOW + 5 * DAY)
    assert noted(known, fresh, NOW).told == 7
    assert noted(known, replace(fresh, expires_at=NOW + DAY + timedelta(hours=1)), NOW).told == 1
    assert noted(known, replace(fresh, expires_at=NOW + 30 * DAY), NOW).told is None


def test_nothing_is_told_or_lost_while_the_database_is_away() -> None:
    watch = Watch()
    watch.book.away = True
    watch.consents.note("bank", NOW + DAY)
    assert watch.look() == []
    watch.book.away = False
    watch.clock.advance(timedelta(minutes=2))
    assert watch.look() == ["bank: the access ends in 1 day"]
    assert watch.book.rows["bank"].told == 1


def test_of_two_processes_one_tells() -> None:
    watch = Watch()
    watch.consents.note("bank", NOW + DAY)
    other = Watch(book=watch.book, clock=watch.clock)
    assert len(watch.look()) + len(other.look()) == 1


def test_what_other_processes_note_is_seen_and_measured() -> None:
    watch = Watch()
    watch.book.save(Consent(connection="bank", expires_at=NOW + 30 * DAY))
    watch.clock.advance(timedelta(minutes=2))
    watch.look()
    line = 'flowd_consent_expires_timestamp_seconds{connection="bank"}'
    assert f"{line} {(NOW + 30 * DAY).timestamp():.11g}"[:60] in watch.telemetry.text().decode()
    watch.book.remove("bank")
    watch.clock.advance(timedelta(minutes=2))
    watch.look()
    assert line not in watch.telemetry.text().decode()
    assert watch.consents.known() == {}
