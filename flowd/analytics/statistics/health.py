"""How a stream is, in one word and one sentence: by fixed rules, the first that applies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.statistics.coming import Coming, every
from flowd.analytics.statistics.describe import variation
from flowd.analytics.statistics.trend import Direction, Step, Trend, stretches
from flowd.analytics.statistics.wording import ago, counted, number, per_cent

#: The source is not read any more when its last reading is older than so many times what it may be.
STALE: Final = 2
#: Where nobody reads a source: statements of an account may be so many days apart.
STATEMENTS: Final = 45
#: Income swings when the standard deviation of its stretches is more than half of their mean ...
SWING: Final = 0.5
#: ... or when more than a quarter of them are below zero while most are above.
LOSING: Final = 0.25
#: Stretches that are needed to tell whether income swings.
FEWEST: Final = 4


class Condition(StrEnum):
    """How a stream is."""

    GROWING = "growing"
    STABLE = "stable"
    VOLATILE = "volatile"
    DECLINING = "declining"
    STALLED = "stalled"
    STALE = "stale"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a stream is, and why, in words."""

    condition: Condition
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Signs:
    """What health is judged by: days (earned, NaN where not known), their trend, what came in, when it was read.

    `read_at` is when the source was last read, None where nobody reads one (a declared income, files); `fresh` how old
    that may be at `now`. `told` is the last day of which files tell, where nobody reads a source. `ended` is the last
    day of a declared income that is over. `unpriced` are the days lately on which something came in without a rate.
    """

    as_of: date
    now: datetime
    currency: str
    days: NDArray[np.float64]
    step: Step
    trend: Trend
    coming: Coming
    valued: bool = False
    read_at: datetime | None = None
    fresh: timedelta = timedelta(days=1)
    told: date | None = None
    ended: date | None = None
    unpriced: Sequence[date] = ()


def health(signs: Signs) -> Health:
    """Return the condition of income (see `_health`), and how much of what came lately nobody knows the worth of."""
    found = _health(signs)
    if not signs.unpriced:
        return found
    days = counted(len(signs.unpriced), "days")
    lacks = f"what came in on {days} since {min(signs.unpriced).isoformat()} has no rate and is left out"
    return Health(condition=found.condition, reason=f"{found.reason} ({lacks})")


def _health(signs: Signs) -> Health:
    """Return the first of these that applies.

    stale: the source was not read for twice as long as a reading may be old, a value is unknown for as long, or the
    newest file ends more than 45 days ago.
    stalled: a declared income is over, or nothing came in for longer than its pauses explain (see Coming).
    growing, declining: as the trend says.
    unknown: fewer than four weeks (or months, or quarters) are known.
    volatile: these differ by more than half of their mean, or more than a quarter of them lost.
    stable: none of that.
    """
    for rule in (_stale, _stalled, _moving, _swinging):
        if (found := rule(signs)) is not None:
            return found
    means = stretches(signs.days, signs.step)
    known = means[np.isfinite(means)]
    swing = variation(known)
    mean = f"{number(float(known.mean()))} {signs.currency} a day"
    if swing is None:
        return Health(condition=Condition.STABLE, reason=f"{mean}: {signs.trend.reason}")
    return Health(
        condition=Condition.STABLE,
        reason=f"{mean}; its {signs.step.word} differ by {per_cent(swing)} of that; {signs.trend.reason}",
    )


def not_read(read_at: datetime, now: datetime, fresh: timedelta) -> bool:
    """Say whether a source that was read last at `read_at` is stale; `fresh` is how old a reading may be."""
    return now - read_at > STALE * fresh


def files_ended(told: date, as_of: date) -> bool:
    """Say whether files that tell nothing after `told` are stale on `as_of`."""
    return (as_of - told).days > STATEMENTS


def _stale(signs: Signs) -> Health | None:
    if signs.read_at is not None and not_read(signs.read_at, signs.now, signs.fresh):
        days = (signs.now - signs.read_at).days
        when = ago(days) if days else f"{(signs.now - signs.read_at) // timedelta(hours=1)} hours ago"
        return Health(condition=Condition.STALE, reason=f"its source was last read {when}: `flowd status` says why")
    if signs.told is not None and files_ended(signs.told, signs.as_of):
        silent = (signs.as_of - signs.told).days
        reason = f"its files tell nothing after {signs.told.isoformat()} ({ago(silent)}): import newer ones"
        return Health(condition=Condition.STALE, reason=reason)
    if signs.valued and len(signs.days):
        known = np.flatnonzero(np.isfinite(signs.days))
        missing = len(signs.days) - 1 - int(known[-1]) if len(known) else len(signs.days)
        if missing > STALE * max(signs.fresh // timedelta(days=1), 1):
            why = "no reading that is new enough, or no rate"
            return Health(condition=Condition.STALE, reason=f"its value is not known for {missing} days: {why}")
    return None


def _stalled(signs: Signs) -> Health | None:
    if signs.ended is not None and signs.ended < signs.as_of:
        return Health(condition=Condition.STALLED, reason=f"declared to end on {signs.ended.isoformat()}")
    last, patience = signs.coming.last, signs.coming.patience
    if last is None:
        if len(signs.days) > patience:
            return Health(condition=Condition.STALLED, reason=f"nothing came in for {len(signs.days)} days")
        return None
    # of days that no file tells about nobody knows what came
    pause = (min(signs.as_of, signs.told or signs.as_of) - last).days
    if pause <= patience:
        return None
    what = "its value last moved" if signs.valued else "something last came in"
    if signs.coming.usual is None:
        usual = "only once so far"
    else:
        usual = f"usually {every(signs.coming.usual)}, at most {counted(signs.coming.longest or 0, 'days')} apart"
    return Health(condition=Condition.STALLED, reason=f"{what} {ago(pause)} ({last.isoformat()}); {usual}")


def _moving(signs: Signs) -> Health | None:
    if signs.trend.direction is Direction.GROWING:
        return Health(condition=Condition.GROWING, reason=signs.trend.reason)
    if signs.trend.direction is Direction.DECLINING:
        return Health(condition=Condition.DECLINING, reason=signs.trend.reason)
    return None


def _swinging(signs: Signs) -> Health | None:
    means = stretches(signs.days, signs.step)
    known = means[np.isfinite(means)]
    word = signs.step.word
    if len(known) < FEWEST:
        had = counted(len(known), word) if len(known) else "nothing"
        return Health(condition=Condition.UNKNOWN, reason=f"{had} known so far: {FEWEST} {word} are needed to tell")
    losing = int((known < 0).sum())
    if LOSING * len(known) < losing <= len(known) / 2:
        return Health(condition=Condition.VOLATILE, reason=f"it lost money in {losing} of {len(known)} {word}")
    swing = variation(known)
    if swing is not None and swing > SWING:
        return Health(condition=Condition.VOLATILE, reason=f"its {word} differ by {per_cent(swing)} of their mean")
    if swing is None and known.min() < 0 < known.max():
        return Health(condition=Condition.VOLATILE, reason=f"it lost money in {losing} of {len(known)} {word}")
    return None


def together(parts: Sequence[Health], own: Health) -> Health:
    """Return the health of a sum: its own, unless every part of it is stale or stalled; with how many of them are."""
    if not parts:
        return own
    for condition in (Condition.STALE, Condition.STALLED):
        if all(part.condition is condition for part in parts):
            return Health(
                condition=condition, reason=parts[0].reason if len(parts) == 1 else f"all of it is {condition}"
            )
    lost = [part for part in parts if part.condition in {Condition.STALE, Condition.STALLED}]
    if not lost:
        return own
    counts = ", ".join(
        f"{count} {condition}"
        for condition in (Condition.STALE, Condition.STALLED)
        if (count := sum(part.condition is condition for part in lost))
    )
    return Health(condition=own.condition, reason=f"{own.reason} ({counts} of {len(parts)} streams)")
