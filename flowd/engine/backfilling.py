"""Older history that somebody asked for: which connections are read since when, and which feeds are through."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from flowd.engine.clock import Clock
from flowd.engine.conversation import CutShort
from flowd.engine.retry import READ, Outcome
from flowd.engine.running import RunResult
from flowd.errors import DatabaseAway
from flowd.storage.backfills import Backfill

_log = logging.getLogger(__name__)
#: How soon a run follows the one whose time was up: other feeds of its connection come in between.
_BREATH: Final = timedelta(seconds=6)
_AT_ONCE: Final = timedelta(seconds=1)


class Store(Protocol):
    """Where it is written down what was asked for."""

    def load(self) -> Sequence[Backfill]:
        """Return all that were asked for."""

    def note(self, asked: Backfill, feed: str, feeds: Collection[str], now: datetime) -> None:
        """Note that a feed is through."""


class Backfills:
    """What was asked for, as far as this process knows; `load` looks again."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: dict[str, Backfill] = {}
        self._feeds: Mapping[str, Collection[str]] = {}

    def load(self) -> None:
        """Read what was asked for; DatabaseAway leaves what is known."""
        found = {one.connection: one for one in self._store.load()}
        with self._lock:
            self._asked = found

    def use(self, feeds: Mapping[str, Collection[str]]) -> None:
        """Take the feeds that each connection has from now on."""
        self._feeds = dict(feeds)

    @property
    def days(self) -> Mapping[str, date]:
        """Since when connections are to be read, also those that were."""
        with self._lock:
            return {name: one.since for name, one in self._asked.items()}

    def unread(self, connection: str, feed: str) -> Backfill | None:
        """Return what was asked for, where the feed has not read all of it."""
        with self._lock:
            asked = self._asked.get(connection)
        return None if asked is None or asked.read_at is not None or feed in asked.through else asked

    def after(self, before: Backfill | None, result: RunResult) -> timedelta | None:
        """Note what a run brought; return after which pause to run again (None: at the feed's next tick).

        `before` is what was unread when the run began: what was asked for while it ran is for the next one.
        """
        now = self.unread(result.connection, result.feed)
        if now is None or result.outcome not in READ:
            return result.pause
        if before is None or before.asked_at != now.asked_at:
            return _AT_ONCE
        if result.cut is CutShort.TIME:
            return _BREATH
        if result.cut is CutShort.NO and result.outcome is Outcome.DONE:
            try:
                self._store.note(now, result.feed, self._feeds.get(result.connection, ()), self._clock.now())
                self.load()
            except DatabaseAway:
                _log.debug("that %s/%s is through will be noted after its next run", result.connection, result.feed)
            else:
                self._tell(now)
        return result.pause

    def _tell(self, asked: Backfill) -> None:
        with self._lock:
            now = self._asked.get(asked.connection)
        if now is not None and now.asked_at == asked.asked_at and now.read_at is not None:
            _log.info("%s has read all there is since %s", asked.connection, asked.since)
