"""Everything that is said of one portfolio over 7, 30, 90 and 365 days, the year to date and the whole time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

import numpy as np

from flowd.analytics.returns.arrays import Floats
from flowd.analytics.returns.dietz import Timing, weights
from flowd.analytics.returns.risk import DAYS_A_YEAR, FEWEST, deepest, drawdowns, sharpe, sortino, volatility
from flowd.analytics.returns.twr import Chain, Link, chain
from flowd.analytics.returns.xirr import xirr

#: The windows, by name, and how many days each is; None for those that depend on the calendar or the portfolio.
WINDOWS: Final[dict[str, int | None]] = {"7d": 7, "30d": 30, "90d": 90, "365d": 365, "ytd": None, "total": None}
_WORST: Final = ("exact", "estimated", "spread", "partial", "stale")
_DAY: Final = timedelta(days=1)
#: Other rates that fit are told where they are between these, and so many of them: a rate of 10**98 is no alternative.
_LEAST: Final = -0.9999
_MOST: Final = 1000.0
_TOLD: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """One portfolio day by day from `first` on: the value at each day's end and the flow of each day (n each).

    NaN where one is not known. `qualities` (n) say how far each day is to be trusted.
    """

    first: date
    value: Floats
    flow: Floats
    qualities: Sequence[str]

    def day(self, place: int) -> date:
        """Return the day at a place."""
        return self.first + place * _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowReturn:
    """The returns of one window: amounts in the portfolio's currency, shares else; None where `reasons` says why."""

    window: str
    #: The day whose end is the opening, and the last one.
    since: date
    until: date
    quality: str
    #: By field: why it is None, or what there is to know about it.
    reasons: dict[str, str] = field(default_factory=dict)
    opening: float | None = None
    closing: float | None = None
    flow: float | None = None
    pnl: float | None = None
    #: Gain over the average capital (Modified Dietz over the whole window).
    pnl_pct: float | None = None
    twr: float | None = None
    #: Per year; only for 365 days and more.
    twr_annual: float | None = None
    #: Per year, by its definition; for a window under 365 days see `mwr`.
    xirr: float | None = None
    #: The money-weighted return over the window, not per year.
    mwr: float | None = None
    volatility: float | None = None
    sharpe: float | None = None
    sortino: float | None = None
    #: How far the end is below the highest point of the window, and the deepest fall in it: 0 or below.
    drawdown: float | None = None
    max_drawdown: float | None = None
    peak_day: date | None = None
    trough_day: date | None = None
    recovered_day: date | None = None

    @property
    def days(self) -> int:
        """How many days it is over."""
        return (self.until - self.since).days

    @property
    def reason(self) -> str:
        """What is not known and why, in one line; empty where all is known."""
        words: dict[str, list[str]] = {}
        for name, why in self.reasons.items():
            words.setdefault(why, []).append(name)
        return "; ".join(f"{', '.join(names)}: {why}" if names != [""] else why for why, names in words.items())


def windows(
    track: Track, until: date, *, risk_free: float = 0.0, target: float = 0.0, names: Sequence[str] = tuple(WINDOWS)
) -> list[WindowReturn]:
    """Return the windows of `names` that end on `until`, or on the last day before it whose value is known.

    A window of 7 days opens with the value at the end of the day seven days before its last. The year to date opens
    with the end of the year before, or with the first known value of a portfolio begun this year; `total` with the
    first one. A window that the portfolio is too young for is all None, with the reason. `risk_free` and `target` are
    per year, for Sharpe and Sortino. Nothing at all where no value is known up to `until`.

    Source: GIPS standards (2010 edition), provision 5.A.4, for telling nothing per year under a year.
    """
    known = np.flatnonzero(np.isfinite(track.value[: max((until - track.first).days + 1, 0)]))
    if not len(known):
        return []
    first, last = int(known[0]), int(known[-1])
    end = track.day(last)
    found: list[WindowReturn] = []
    for name in names:
        length = WINDOWS[name]
        if name == "ytd":
            start = max((date(until.year - 1, 12, 31) - track.first).days, first)
        else:
            start = first if length is None else last - length
        since = track.day(start)
        if start < first:
            why = f"its value is known from {track.day(first)} on only, {last - first} days"
            found.append(WindowReturn(window=name, since=since, until=end, quality="partial", reasons={"": why}))
        elif start >= last:
            why = f"no value is known after {since}"
            found.append(WindowReturn(window=name, since=since, until=since, quality="partial", reasons={"": why}))
        else:
            found.append(_window(track, name, start, last, risk_free=risk_free, target=target))
    if end < until:
        why = f"its value is not known since {end}"
        found = [replace(one, quality="stale", reasons={**one.reasons, "as of": why}) for one in found]
    return found


def opening_value(value: Floats, flow: Floats, place: int) -> float:
    """Return the value at the end of a day; within a gap the one that divides the gap's gain evenly over its days.

    That is how income of a gap is divided too. NaN where no value is known before or after it, or a flow is not known.
    """
    if math.isfinite(value[place]):
        return float(value[place])
    known = np.flatnonzero(np.isfinite(value))
    before, after = known[known < place], known[known > place]
    if not len(before) or not len(after):
        return math.nan
    low, high = int(before[-1]), int(after[0])
    gain = value[high] - value[low] - flow[low + 1 : high + 1].sum()
    return float(value[low] + flow[low + 1 : place + 1].sum() + gain * (place - low) / (high - low))


def _window(track: Track, name: str, start: int, last: int, *, risk_free: float, target: float) -> WindowReturn:
    since, until = track.day(start), track.day(last)
    value, flow = track.value[start : last + 1].copy(), track.flow[start : last + 1]
    seen = {*track.qualities[start + 1 : last + 1], "exact"}
    reasons: dict[str, str] = {}
    value[0] = opening_value(track.value, track.flow, start)
    linked = chain(value, flow)
    if not math.isfinite(track.value[start]):
        reasons["opening"] = f"no value is known for {since}, so the gain of the gap around it is divided evenly"
        seen.add("spread")
    if np.any(linked.links == Link.BRIDGED):
        seen.add("spread")
    result = WindowReturn(window=name, since=since, until=until, quality=max(seen, key=_WORST.index), reasons=reasons)
    if not math.isfinite(value[0]):
        reasons["opening"] = "a flow in the gap around it is not known"
        return result
    result = _gain(replace(result, opening=float(value[0]), closing=float(value[-1])), flow[1:])
    result = _money_weighted(result, value, flow)
    return _risk(_time_weighted(result, linked), linked, risk_free, target)


def _gain(result: WindowReturn, flow: Floats) -> WindowReturn:
    assert result.opening is not None
    assert result.closing is not None
    if np.any(np.isnan(flow)):
        place = int(np.flatnonzero(np.isnan(flow))[0])
        result.reasons["pnl"] = f"money that came or went on {result.since + (place + 1) * _DAY} is not known"
        return result
    moved = float(flow.sum())
    pnl = result.closing - result.opening - moved
    share = weights(np.arange(1.0, len(flow) + 1), len(flow), flow, Timing.BY_SIGN)
    base = result.opening + float(flow @ share)
    why = ""
    if base <= 0:
        why = f"the average capital is not above zero ({base:.2f})"
    elif result.opening < 0:
        # what repays a debt is no capital, and of the little that is left beside it any gain is a thousand per cent
        why = f"it began with a debt ({result.opening:.2f}), and there is no share of that"
    if why:
        result.reasons.update(dict.fromkeys(("pnl_pct", "xirr", "mwr"), why))
        return replace(result, flow=moved, pnl=pnl)
    return replace(result, flow=moved, pnl=pnl, pnl_pct=pnl / base)


def _time_weighted(result: WindowReturn, linked: Chain) -> WindowReturn:
    if linked.broken is not None:
        day = result.since + linked.broken * _DAY
        no_base = linked.links[linked.broken] == Link.NO_BASE
        why = (
            "there was no capital above zero to earn a return"
            if no_base
            else "the money that came or went is not known"
        )
        result.reasons["twr"] = f"the chain breaks on {day}: {why}"
        return result
    if not np.any(linked.spans):
        result.reasons["twr"] = "there was no capital to earn a return"
        return result
    twr = linked.total
    lost = np.flatnonzero(linked.returns <= -1)
    if len(lost):
        result.reasons["twr"] = f"all was lost on {result.since + int(lost[0]) * _DAY}, and no later gain undoes that"
    if result.days < DAYS_A_YEAR:
        annual = None
    elif twr <= -1:
        annual = -1.0 if twr == -1 else None
    else:
        annual = math.expm1(math.log1p(twr) * DAYS_A_YEAR / result.days)
    return replace(result, twr=twr, twr_annual=annual)


def _money_weighted(result: WindowReturn, value: Floats, flow: Floats) -> WindowReturn:
    if result.flow is None:
        result.reasons["xirr"] = result.reasons["pnl"]
        return result
    if result.pnl_pct is None:
        # the rate of a debt would show what it costs as a gain
        return result
    amounts = -flow
    amounts[0] = -value[0]
    amounts[-1] += value[-1]
    found = xirr(np.arange(len(flow)), amounts)
    if found.rate is None:
        result.reasons["xirr"] = found.why.words
    else:
        rates = [f"{rate:.1%}" for rate in found.others if _LEAST < rate < _MOST]
        if rates:
            result.reasons["xirr"] = f"the flows fit other rates as well ({', '.join(rates[:_TOLD])})"
    return replace(result, xirr=found.rate, mwr=found.period)


def _risk(result: WindowReturn, linked: Chain, risk_free: float, target: float) -> WindowReturn:
    if result.twr is None:
        return result
    index = linked.index()
    fall = deepest(index)
    result = replace(
        result,
        drawdown=float(drawdowns(index)[-1]),
        max_drawdown=fall.depth if fall else 0.0,
        peak_day=result.since + fall.peak * _DAY if fall else None,
        trough_day=result.since + fall.trough * _DAY if fall else None,
        recovered_day=result.since + fall.recovered * _DAY if fall and fall.recovered is not None else None,
    )
    there = linked.spans > 0
    returns, spans = linked.returns[there], linked.spans[there]
    if len(returns) < FEWEST:
        why = f"{FEWEST} returns are needed to say how they vary, here are {len(returns)}"
        result.reasons.update(dict.fromkeys(("volatility", "sharpe", "sortino"), why))
        return result
    ratios = {"sharpe": sharpe(returns, risk_free, spans), "sortino": sortino(returns, target, spans)}
    for name, words in (("sharpe", "the returns do not vary"), ("sortino", "no return was below the target")):
        if math.isnan(ratios[name]):
            result.reasons[name] = words
    return replace(
        result,
        volatility=volatility(returns, spans) * math.sqrt(DAYS_A_YEAR),
        **{name: None if math.isnan(ratio) else ratio for name, ratio in ratios.items()},  # type: ignore[arg-type]
    )
