"""When a feed is through with the older history that was asked for, and how soon it is run again until then."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from flowd.engine.backfilling import Backfills
from flowd.engine.conversation import CutShort
from flowd.engine.retry import Outcome
from flowd.engine.running import RunResult
from flowd.errors import DatabaseAway
from flowd.storage.backfills import Backfill
from flowd.testing.fakes import FakeClock

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ASKED = Backfill(connection="shop", since=date(2021, 1, 1), asked_at=AT)
TICK = timedelta(hours=6)


@dataclass
class Kept:
    """What was written down."""

    asked: Backfill = ASKED
    away: bool = False
    noted: list[tuple[str, list[str]]] = field(default_factory=list)

    def load(self) -> list[Backfill]:
        return [self.asked]

    def note(self, asked: Backfill, feed: str, feeds: Collection[str], now: datetime) -> None:
        if self.away:
            raise DatabaseAway("as the test wants it")
        self.noted.append((feed, sorted(feeds)))
        through = asked.through | {feed}
        self.asked = replace(asked, through=through, read_at=now if through >= set(feeds) else None)


def result(outcome: Outcome = Outcome.DONE, cut: CutShort = CutShort.NO, feed: str = "trades") -> RunResult:
    pause = None if outcome is Outcome.DONE else TICK
    return RunResult(connection="shop", feed=feed, tick=AT, outcome=outcome, cut=cut, pause=pause)


def opened(kept: Kept) -> Backfills:
    backfills = Backfills(kept, FakeClock(AT))
    backfills.use({"shop": ["balances", "trades"]})
    backfills.load()
    return backfills


def test_it_is_read_when_every_feed_is_through() -> None:
    kept = Kept()
    backfills = opened(kept)
    assert backfills.days == {"shop": date(2021, 1, 1)}
    for feed in ("balances", "trades"):
        assert backfills.unread("shop", feed) == kept.asked
        assert backfills.after(backfills.unread("shop", feed), result(feed=feed)) is None
        assert backfills.unread("shop", feed) is None
    assert kept.noted == [("balances", ["balances", "trades"]), ("trades", ["balances", "trades"])]
    assert kept.asked.read_at == AT
    # It stays asked for: the next run does not begin later again.
    assert backfills.days == {"shop": date(2021, 1, 1)}
    assert backfills.unread("other", "trades") is None


@pytest.mark.parametrize(
    ("ended", "pause"),
    [
        (result(cut=CutShort.TIME), timedelta(seconds=6)),
        (result(Outcome.PARTIAL, CutShort.TIME), timedelta(seconds=6)),
        (result(cut=CutShort.BUDGET), None),
        (replace(result(cut=CutShort.BUDGET), pause=TICK), TICK),
        (result(Outcome.PARTIAL), TICK),
        (result(Outcome.RETRY), TICK),
        (result(Outcome.AUTH), TICK),
        (result(Outcome.OVER_TIME, CutShort.TIME), TICK),
    ],
)
def test_what_did_not_get_through_is_not_called_read(ended: RunResult, pause: timedelta | None) -> None:
    kept = Kept()
    backfills = opened(kept)
    assert backfills.after(backfills.unread("shop", "trades"), ended) == pause
    assert kept.noted == []
    assert backfills.unread("shop", "trades") == ASKED


def test_a_run_that_began_before_it_was_asked_for_is_followed_at_once() -> None:
    kept = Kept()
    backfills = opened(kept)
    for before in (None, replace(ASKED, asked_at=AT - TICK, since=date(2024, 1, 1))):
        assert backfills.after(before, result()) == timedelta(seconds=1)
    assert kept.noted == []


def test_what_cannot_be_noted_is_noted_after_the_next_run() -> None:
    kept = Kept(away=True)
    backfills = opened(kept)
    assert backfills.after(ASKED, result()) is None
    assert backfills.unread("shop", "trades") == ASKED
    kept.away = False
    assert backfills.after(ASKED, result()) is None
    assert backfills.unread("shop", "trades") is None
