"""Where a source has not been read for long: what came since is not nothing, it is foretold like what will come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from flowd.analytics.projection.payments import Known
from flowd.analytics.projection.subjects import Array, Paths
from flowd.analytics.projection.window import Dice, Window
from flowd.analytics.statistics.health import files_ended, not_read
from flowd.api.studies import History, StreamInfo
from flowd.domain.results import Method
from flowd.domain.time import day_start


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What is known of a stream up to the last day its source told of, and how many days lie between that and today."""

    known: Known
    days: int

    @property
    def words(self) -> str:
        """Say so; empty where nothing is lacking."""
        if not self.days:
            return ""
        return f"its source tells nothing after {self.known.until.isoformat()}: what came since is foretold as well; "

    def window(self, window: Window) -> Window:
        """Return the window that begins where the source stopped telling."""
        return replace(window, made_on=window.made_on - timedelta(days=self.days), days=window.days + self.days)

    def dice(self, dice: Dice) -> Dice:
        """Return the dice for that window."""
        return replace(dice, window=self.window(dice.window))

    def parted(self, drawn: Paths, window: Window) -> tuple[Paths, Array]:
        """Divide paths into those from today on, shape (days, paths), and what they bring in this month before it."""
        begun = min((window.made_on - window.made_on.replace(day=1)).days, self.days)
        before = drawn[self.days - begun : self.days].sum(axis=0, dtype=np.float64)
        return np.ascontiguousarray(drawn[self.days :]), before


def unread(history: History, stream: Known) -> Unread:
    """Return `stream` cut where its source is stale, as its health says (docs/numbers.md); else whole, with 0 days."""
    until = _told(history, stream.info) if stream.info.method is Method.TRANSACTIONS else None
    if until is None or until >= stream.until or until < stream.first:
        return Unread(known=stream, days=0)
    return Unread(known=stream.before(until + timedelta(days=1)), days=(stream.until - until).days)


def _told(history: History, info: StreamInfo) -> date | None:
    """Return the last day the source told of where that is too long ago; None where it is not, or nobody knows."""
    if info.read_at is not None:
        if not not_read(info.read_at, day_start(history.today, history.zone), info.fresh):
            return None
        return info.read_at.astimezone(history.zone).date() - timedelta(days=1)
    told = history.last_told(info.stream)
    return told if told is not None and files_ended(told, history.until) else None
