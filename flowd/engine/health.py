"""How feeds are doing: remembered, shown, logged when it changes, and told to people once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

from flowd.api import Notice, Severity
from flowd.engine.clock import Clock
from flowd.engine.retry import NEWS_AFTER, WAITING, Health, News, Outcome, State, Step, step
from flowd.engine.telemetry import Telemetry
from flowd.errors import DatabaseAway, DatabaseUnusable
from flowd.storage.runs import FeedState

_log = logging.getLogger(__name__)


class States(Protocol):
    """Where the health of feeds is noted."""

    def save_state(self, state: FeedState, *, every: timedelta) -> None:
        """Note how a feed is doing."""

    def forget_state(self, connection: str, feed: str | None = None) -> None:
        """Drop what was noted of a connection, or of one of its feeds."""


class HealthBook:
    """The health of every feed; `away` says that there is no database to note it in just now."""

    def __init__(
        self,
        *,
        states: States,
        telemetry: Telemetry,
        clock: Clock,
        notify: Callable[[Notice], None],
        away: Callable[[], bool],
    ) -> None:
        self._states = states
        self._telemetry = telemetry
        self._clock = clock
        self._notify = notify
        self._away = away
        self._lock = threading.Lock()
        self._health: dict[tuple[str, str], Health] = {}

    def of(self, connection: str, feed: str) -> Health:
        """Return how a feed is doing."""
        with self._lock:
            return self._health.get((connection, feed)) or Health(state=State.NEW, since=self._clock.now())

    def remember(self, states: Mapping[tuple[str, str], FeedState]) -> None:
        """Take up how feeds were doing before flowd was restarted, so that old news is not told again."""
        for (connection, feed), known in states.items():
            state = State(known.state)
            health = Health(
                state=state,
                since=known.since,
                reason=known.reason,
                failures=known.failures,
                last_success=known.last_success,
                told=state in WAITING or known.failures >= NEWS_AFTER,
            )
            with self._lock:
                self._health[connection, feed] = health

    def show(self, connection: str, feed: str) -> None:
        """Tell Prometheus how a feed is doing that is read from now on, and when it was last read before."""
        health = self.of(connection, feed)
        self._telemetry.state(connection, feed, health.state.value)
        if health.last_success is not None:
            self._telemetry.succeeded(connection, feed, health.last_success)

    def misconfigured(self, reasons: Mapping[str, str]) -> None:
        """Note which connections cannot run as they are configured, each told once; of others that is forgotten."""
        with self._lock:
            mended = [name for name, feed in self._health if feed == "" and name not in reasons]
            for name in mended:
                del self._health[name, ""]
        for name in mended:
            self._telemetry.forget(name, "")
            if not self._away():
                with suppress(DatabaseAway, DatabaseUnusable):
                    self._states.forget_state(name, "")
        for name, reason in reasons.items():
            after = step(self.of(name, ""), Outcome.CONFIG, at=self._clock.now(), reason=reason)
            self.note(name, "", after, every=timedelta(0), pause=None)

    def note(self, connection: str, feed: str, step: Step, *, every: timedelta, pause: timedelta | None) -> None:
        """Take in what a run changed: show it, log and tell it if it is news, and write it down if that is possible."""
        before, health = self.of(connection, feed), step.health
        with self._lock:
            self._health[connection, feed] = health
        now = self._clock.now()
        self._telemetry.state(connection, feed, health.state.value)
        if step.changed:
            _say(connection, feed, before, health)
        if step.news is not News.NONE:
            self._notify(_notice(connection, feed, step, self._clock))
        state = FeedState(
            connection=connection,
            feed=feed,
            state=health.state.value,
            since=health.since,
            reason=health.reason,
            failures=health.failures,
            last_success=health.last_success,
            next_try=now + (pause if pause is not None else every),
        )
        if not self._away():
            # Otherwise it is in the metrics, and the next run notes it.
            with suppress(DatabaseAway, DatabaseUnusable):
                self._states.save_state(state, every=every)


def _say(name: str, feed: str, before: Health, health: Health) -> None:
    extra = {"connection": name, "feed": feed, "state": health.state.value}
    if health.state is State.HEALTHY:
        if before.state is not State.NEW:
            _log.info("%s/%s works again", name, feed, extra=extra)
        return
    words = {
        State.FAILING: "fails",
        State.PARTIAL: "can be read in part only",
        State.NEEDS_REAUTH: "needs to be logged in again",
        State.MISCONFIGURED: "is misconfigured",
    }
    _log.warning("%s/%s %s: %s", name, feed, words[health.state], health.reason, extra=extra)


def _notice(name: str, feed: str, step: Step, clock: Clock) -> Notice:
    key, at, health = f"connection/{name}/{feed}", clock.now(), step.health
    if step.news is News.BACK:
        return Notice(key=key, severity=Severity.INFO, at=at, title=f"{name}: {feed} works again")
    titles = {
        State.NEEDS_REAUTH: f"{name} needs to be logged in again",
        State.MISCONFIGURED: f"{name} is misconfigured",
        State.PARTIAL: f"{name}: {feed} lacks something, {health.failures} times in a row",
    }
    title = titles.get(health.state, f"{name}: {feed} has failed {health.failures} times in a row")
    severity = Severity.ERROR if health.state in WAITING else Severity.WARNING
    return Notice(key=key, severity=severity, at=at, title=title, body=health.reason)
