"""Every number of a survey by its name, window and unit: what is kept in derived.metric."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.rounding import decimal
from flowd.analytics.statistics.concentration import Concentration
from flowd.analytics.statistics.describe import describe, variation
from flowd.analytics.statistics.earning import Window, stream_window
from flowd.analytics.statistics.months import month_ends
from flowd.analytics.statistics.parts import Part
from flowd.analytics.statistics.survey import MONTHS, Survey, resilience
from flowd.analytics.statistics.tax import received_sum, reserve
from flowd.api import History, Metric
from flowd.domain.time import day_start

WINDOWS: Final = {"7d": 7, "30d": 30, "90d": 90, "365d": 365}

#: Months of which figures are kept: a declared income may have begun in another century.
_KEPT: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number; `value` is None where it is not known."""

    subject: str
    name: str
    window: str
    value: float | None
    unit: str


def moments(history: History) -> list[date]:
    """Return the days as of which figures are kept: the ends of the last 120 whole months with income, and now."""
    first = min((income.earned.first for income in history.income.values() if len(income.earned.values)), default=None)
    if first is None:
        return []
    return sorted({*month_ends(first, history.until)[-_KEPT:], history.until})


def metrics(history: History, found: Survey) -> Iterator[Metric]:
    """Yield the figures of a survey as they are kept: `at` is the beginning of the last day they know."""
    at = day_start(found.as_of, history.zone)
    for one in figures(history, found):
        yield Metric(
            subject=one.subject, name=one.name, window=one.window, at=at, value=decimal(one.value), unit=one.unit
        )


def figures(history: History, found: Survey) -> Iterator[Figure]:
    """Yield every figure of a survey, streams first, then groups, then the total."""
    currency = history.currency
    for name, one in found.parts.items():
        subject = f"stream:{name}"
        for label, length in WINDOWS.items():
            yield from described(subject, label, stream_window(one.earned, length), currency)
        yield Figure(subject=subject, name="slope", window="trend", value=one.trend.slope, unit=f"{currency}/day")
        yield Figure(subject=subject, name="share", window="90d", value=found.by_stream.shares.get(name), unit="share")
        yield from taxes(history, subject, [one], found.as_of)
    for name, group in found.groups.items():
        subject = f"group:{name}"
        for label, length in WINDOWS.items():
            yield from described(subject, label, group.window(length), currency)
        yield Figure(subject=subject, name="slope", window="trend", value=group.trend.slope, unit=f"{currency}/day")
        yield Figure(subject=subject, name="share", window="90d", value=found.by_group.shares.get(name), unit="share")
        yield from taxes(history, subject, group.parts, found.as_of)
    for label, length in WINDOWS.items():
        yield from described("total", label, found.total.window(length), currency)
    yield Figure(subject="total", name="slope", window="trend", value=found.total.trend.slope, unit=f"{currency}/day")
    yield from taxes(history, "total", found.total.parts, found.as_of)
    yield from concentrated(found)
    yield from resilient(history, found)


def described(subject: str, label: str, window: Window, currency: str) -> Iterator[Figure]:
    """Yield the statistics of one window; nothing where it has no day."""
    if not len(window.days):
        return
    of = describe(window.days)
    for name in ("mean", "median", "std", "mad", "min", "max"):
        value: float | None = getattr(of, name)
        yield Figure(subject=subject, name=name, window=label, value=value, unit=currency)
    yield Figure(subject=subject, name="cv", window=label, value=of.cv, unit="share")
    yield Figure(subject=subject, name="days", window=label, value=float(of.known), unit="days")
    yield Figure(subject=subject, name="unknown_days", window=label, value=float(of.unknown), unit="days")


def taxes(history: History, subject: str, parts: Sequence[Part], as_of: date) -> Iterator[Figure]:
    """Yield what to set aside of what was received: per window, in the calendar month, and since the year began."""
    taxed = [one for one in parts if one.info.tax is not None]
    if not taxed:
        return
    starts = {label: as_of - timedelta(days=length - 1) for label, length in WINDOWS.items()}
    starts |= {"1mo": as_of.replace(day=1), "ytd": as_of.replace(month=1, day=1)}
    for label, since in starts.items():
        value = all_reserved(taxed, since, as_of)
        yield Figure(subject=subject, name="tax_reserve", window=label, value=value, unit=history.currency)


def all_reserved(parts: Sequence[Part], since: date, until: date) -> float | None:
    """Return what to set aside of all of them; None where that is not known of one."""
    each = [reserved(one, since, until) for one in parts]
    known = [one for one in each if one is not None]
    return sum(known) if len(known) == len(each) else None


def reserved(one: Part, since: date, until: date) -> float | None:
    """Return what to set aside of what one stream received between two days; 0 without a tax share.

    None where the worth of something that came in is not known: it would be too little.
    """
    if one.info.tax is None:
        return 0.0
    if any(since <= day <= until for day in one.earned.unpriced):
        return None
    rate = float(one.info.tax)
    return reserve(received_sum(one.income.received, since, until), rate)


def concentrated(found: Survey) -> Iterator[Figure]:
    """Yield how much hangs on single streams and groups."""
    for what, of in (("streams", found.by_stream), ("groups", found.by_group)):
        yield from _of(what, of)


def _of(what: str, of: Concentration) -> Iterator[Figure]:
    yield Figure(subject="total", name=f"hhi_{what}", window="90d", value=of.hhi, unit="share")
    yield Figure(subject="total", name=f"effective_{what}", window="90d", value=of.effective, unit=what)
    yield Figure(subject="total", name=f"largest_{what}", window="90d", value=of.largest_share, unit="share")


def resilient(history: History, found: Survey) -> Iterator[Figure]:
    """Yield floor, volatility, crossover and runway of everything."""
    standing = resilience(history, found)
    months = found.total.months(MONTHS)[1]
    ahead: float | None = None
    if (month := standing.crossover.month) is not None:
        ahead = float((month.year - found.as_of.year) * 12 + month.month - found.as_of.month)
    amounts = {
        "floor": standing.floor.amount,
        "floor_recurring": standing.recurring.amount,
        "passive": standing.crossover.passive,
        "expenses": standing.crossover.expenses,
    }
    for name, value in amounts.items():
        yield Figure(subject="total", name=name, window="month", value=value, unit=history.currency)
    yield Figure(subject="total", name="volatility", window="12mo", value=volatility(months), unit="share")
    yield Figure(subject="total", name="covered", window="month", value=standing.crossover.covered, unit="share")
    yield Figure(subject="total", name="crossover", window="month", value=ahead, unit="months")
    if found.as_of == history.until:
        cash = float(history.cash) if history.cash is not None else None
        yield Figure(subject="total", name="cash", window="now", value=cash, unit=history.currency)
        yield Figure(subject="total", name="runway", window="now", value=standing.runway.months, unit="months")
        yield Figure(subject="total", name="runway_bare", window="now", value=standing.bare.months, unit="months")


def volatility(months: NDArray[np.float64]) -> float | None:
    """Return how much months differ: sample standard deviation / mean of the last twelve whole ones."""
    return variation(months[-MONTHS:])
