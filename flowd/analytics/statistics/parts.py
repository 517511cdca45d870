"""One stream as of a day: what it earned, how often it comes, its trend and health, its months."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.cadence import detect
from flowd.analytics.statistics.coming import REACH, Coming, coming
from flowd.analytics.statistics.earning import Earning, came_in, earning, stream_window
from flowd.analytics.statistics.health import Condition, Health, Signs, health
from flowd.analytics.statistics.months import month_sums
from flowd.analytics.statistics.trend import Step, Trend, step_for, trend
from flowd.api import FlowClass, History, IncomeSeries, Method, Series, StreamInfo
from flowd.domain.periods import parse_period
from flowd.domain.time import day_start

#: Income that comes without work, where nobody says otherwise.
PASSIVE: Final = frozenset({FlowClass.DIVIDEND, FlowClass.INTEREST, FlowClass.RENT, FlowClass.STAKING})
_FOR_EVER: Final = 1_000_000
#: What came in so many days ago or later and has no rate is told of.
_LATELY: Final = 90
#: The floor looks back so many months.
FLOOR_MONTHS: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """A stream as of a day, with everything that sums of streams need of it."""

    info: StreamInfo
    income: IncomeSeries
    earned: Earning
    coming: Coming
    step: Step
    trend: Trend
    health: Health
    recurring: bool

    @property
    def alive(self) -> bool:
        """Whether it still brings something: neither stalled nor stale."""
        return self.health.condition not in {Condition.STALLED, Condition.STALE}

    def months(self, since: date, as_of: date) -> tuple[list[date], NDArray[np.float64]]:
        """Return the whole months in which it was there, and what each brought; NaN where not known.

        A month is not known if something came in it without a rate: the rest of it would be too little.
        """
        series = Series(first=self.earned.first, values=self.earned.values)
        ends, sums = month_sums(series, max(since, self.income.earned.first), as_of)
        lacking = {(day.year, day.month) for day in self.earned.unpriced}
        return ends, np.where([(end.year, end.month) in lacking for end in ends], np.nan, sums)


def is_passive(info: StreamInfo) -> bool:
    """Say whether a stream comes in without work: as its user says, else if all of it is of a passive class."""
    if info.passive is not None:
        return info.passive
    return bool(info.classes) and info.classes <= PASSIVE


def part(history: History, info: StreamInfo, as_of: date) -> Part | None:
    """Return a stream as of a day; None before its first day. When its source was read counts for the last day only."""
    income = history.income.get(info.stream)
    if income is None or income.earned.first > as_of or not len(income.earned.values):
        return None
    earned = earning(info, income, as_of)
    came = _patient(info, coming(came_in(info, income), as_of), as_of)
    step = step_for(None if info.method is Method.VALUE else came.usual)
    whole = earned.whole(step.days, earned.last)
    moving = trend(stream_window(whole, step.reach).days, step, history.currency)
    newest = as_of == history.until and info.method is not Method.SCHEDULE
    signs = Signs(
        as_of=as_of,
        now=_end_of(history, as_of),
        currency=history.currency,
        days=whole.values,
        step=step,
        trend=moving,
        coming=came,
        valued=info.method is Method.VALUE,
        read_at=info.read_at if newest else None,
        told=history.last_told(info.stream) if newest and info.read_at is None else None,
        fresh=info.fresh,
        ended=_ended(history, info),
        unpriced=[day for day in earned.unpriced if (as_of - day).days < _LATELY],
    )
    return Part(
        info=info,
        income=income,
        earned=earned,
        coming=came,
        step=step,
        trend=moving,
        health=health(signs),
        recurring=_recurring(info, came_in(info, income), as_of),
    )


def _patient(info: StreamInfo, came: Coming, as_of: date) -> Coming:
    """Wait for what is declared as long as its period says; for a declared income for ever: nobody reads if it came."""
    if info.method is Method.SCHEDULE:
        return replace(came, patience=_FOR_EVER)
    if info.every is None:
        return came
    period = math.ceil(1.5 * parse_period(info.every).span(as_of).days)
    return replace(came, patience=max(period, came.patience if came.usual is not None else 0))


def _end_of(history: History, as_of: date) -> datetime:
    return day_start(as_of + timedelta(days=1), history.zone)


def _ended(history: History, info: StreamInfo) -> date | None:
    """Return the last day of a declared income; None where it goes on, or is not declared."""
    if info.method is not Method.SCHEDULE:
        return None
    ends = [term.end for term in history.terms if term.stream == info.stream]
    known = [end for end in ends if end is not None]
    return max(known) if ends and len(known) == len(ends) else None


def _recurring(info: StreamInfo, received: Series, as_of: date) -> bool:
    """Say whether income is declared, or has come in a rhythm up to now."""
    if info.method is Method.SCHEDULE or info.every is not None:
        return True
    if info.method is Method.VALUE:
        return False
    since = as_of - timedelta(days=REACH - 1)
    days = received.between(since, as_of)
    came = np.flatnonzero(np.isfinite(days) & (days > 0))
    return detect([since + timedelta(days=int(day)) for day in came]) is not None
