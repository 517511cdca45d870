"""What follows from how a run ended: the next try, and how its feed is doing. Pure arithmetic, no clock, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

#: The first pause after a failure; it doubles with every further one.
FIRST_PAUSE: Final = timedelta(seconds=5)
#: The longest pause flowd chooses itself; a source may ask for a longer one.
LONGEST_PAUSE: Final = timedelta(minutes=15)
#: How often a connection that waits for a person is tried all the same, so that it heals by itself.
PATIENT_PAUSE: Final = timedelta(hours=1)
#: A source that asks for more patience than this is asked again after this.
LONGEST_WISH: Final = timedelta(days=2)
#: Failures, or partial runs, in a row before somebody is told; one hiccup is not news.
NEWS_AFTER: Final = 3
_SPREAD: Final = 0.2


class Outcome(StrEnum):
    """How a run ended; the words of `ops.run.outcome`."""

    DONE = "done"
    PARTIAL = "partial"
    RETRY = "retry"
    AUTH = "auth"
    CONFIG = "config"
    OVER_TIME = "over_time"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class State(StrEnum):
    """How a feed is doing; the words of `ops.connection_state.state`."""

    NEW = "new"
    HEALTHY = "healthy"
    PARTIAL = "partial"
    FAILING = "failing"
    NEEDS_REAUTH = "needs_reauth"
    MISCONFIGURED = "misconfigured"


class News(StrEnum):
    """Whether somebody should be told: something was lost, it came back, or there is nothing to tell."""

    NONE = "none"
    LOST = "lost"
    BACK = "back"


#: What a person has to mend: a refused key, a wrong setting.
WAITING: Final = frozenset({State.NEEDS_REAUTH, State.MISCONFIGURED})
#: Outcomes of a run that read what could be read: its feed is as fresh as it can be.
READ: Final = frozenset({Outcome.DONE, Outcome.PARTIAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a feed is doing, since when, why, after how many failures in a row, and whether somebody was told.

    Runs that read a part only are counted as `failures` of their own; they count as successes for `last_success`.
    """

    state: State
    since: datetime
    reason: str = ""
    failures: int = 0
    last_success: datetime | None = None
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a run changes: the feed's health, whether its state is another one now, and what to tell."""

    health: Health
    changed: bool
    news: News


_STATES: Final = {
    Outcome.DONE: State.HEALTHY,
    Outcome.PARTIAL: State.PARTIAL,
    Outcome.AUTH: State.NEEDS_REAUTH,
    Outcome.CONFIG: State.MISCONFIGURED,
    Outcome.RETRY: State.FAILING,
    Outcome.OVER_TIME: State.FAILING,
    Outcome.FAILED: State.FAILING,
}


def pause_after(outcome: Outcome, failures: int, *, after: timedelta | None, chance: float) -> timedelta | None:
    """Return how long to wait before the next run, or None for the feed's own interval.

    `failures` counts this one. `chance` is a random number from 0 up to 1 that spreads retries, so that feeds that fail
    together do not come back together. `after` is what the source asked for: it is waited for in full, and exceeded by
    at most a fifth. A run that is done has it where flowd's own limit on requests ended it.
    """
    if outcome in (Outcome.PARTIAL, Outcome.INTERRUPTED) or (outcome is Outcome.DONE and after is None):
        return None
    if after is not None and after > timedelta(0):
        wished = min(after, LONGEST_WISH)
        return wished + min(wished, LONGEST_PAUSE) * _SPREAD * chance
    if outcome in (Outcome.AUTH, Outcome.CONFIG):
        return PATIENT_PAUSE * (1 + _SPREAD * chance)
    doubled: timedelta = FIRST_PAUSE * (1 << min(max(failures, 1) - 1, 20))
    return min(doubled, LONGEST_PAUSE) * (1 - _SPREAD * chance)


def step(health: Health, outcome: Outcome, *, at: datetime, reason: str = "") -> Step:
    """Return what becomes of `health` when a run ends with `outcome` at `at`; an interrupted run changes nothing."""
    if outcome is Outcome.INTERRUPTED:
        return Step(health=health, changed=False, news=News.NONE)
    state = _STATES[outcome]
    changed = state is not health.state
    since = at if changed else health.since
    if state is State.HEALTHY:
        news = News.BACK if health.told else News.NONE
        return Step(health=Health(state=state, since=since, last_success=at), changed=changed, news=news)
    # A feed that lacks a part and one that fails are two troubles: each is counted, and told, by itself.
    other = changed and State.PARTIAL in (state, health.state)
    failures = 1 if other else health.failures + 1
    # A person can do something about a refused key or a wrong setting at once; other trouble mostly passes by itself.
    waits = state in WAITING
    lasting = waits or failures >= NEWS_AFTER
    tell = lasting and (not health.told or (changed if waits else failures == NEWS_AFTER))
    success = at if outcome in READ else health.last_success
    after = replace(
        health,
        state=state,
        since=since,
        reason=reason,
        failures=failures,
        told=health.told or lasting,
        last_success=success,
    )
    return Step(health=after, changed=changed, news=News.LOST if tell else News.NONE)
