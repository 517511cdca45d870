"""From the daily performance of a portfolio to the rows of its windows, in decimals that add up exactly."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import numpy as np

from flowd.analytics.returns.windows import Track, WindowReturn, windows
from flowd.analytics.rounding import decimal
from flowd.api import Portfolio, Quality, ReturnWindow
from flowd.domain.shares import EXACT

#: Decimal places of shares: a hundredth of a millionth of a per cent.
_SHARE: Final = 10
_PARTS: Final = ("income", "price", "fx", "fees", "other")
_ZERO: Final = Decimal(0)


def window_rows(
    portfolio: Portfolio, until: date, *, risk_free: float = 0.0, target: float = 0.0
) -> list[ReturnWindow]:
    """Return a row per window; none where no value of the portfolio is known. See `windows` for the two rates."""
    found = windows(track_of(portfolio), until, risk_free=risk_free, target=target)
    return [_row(portfolio, window) for window in found]


def track_of(portfolio: Portfolio) -> Track:
    """Return its values and flows from the end of the day before its first known value.

    The first day tells what was there when it began: value - flow - pnl, which is nothing where its first reading
    counts as money from outside. So what was gained on that day counts too.
    """
    value, flow = portfolio.value.copy(), portfolio.flow
    first = portfolio.first
    qualities = list(portfolio.qualities)
    known = np.flatnonzero(np.isfinite(value))
    if len(known):
        at = int(known[0])
        begun = round(float(value[at] - flow[at] - portfolio.pnl[at]), 8)
        if np.isfinite(begun):
            if at:
                value[at - 1] = begun
            else:
                first -= timedelta(days=1)
                value, flow = np.concatenate(([begun], value)), np.concatenate(([0.0], flow))
                qualities.insert(0, Quality.EXACT)
    return Track(first=first, value=value, flow=flow, qualities=qualities)


def _row(portfolio: Portfolio, window: WindowReturn) -> ReturnWindow:
    opening, closing, flow = decimal(window.opening), decimal(window.closing), decimal(window.flow)
    pnl: Decimal | None = None
    parts: dict[str, Decimal | None] = dict.fromkeys(_PARTS)
    reasons = [window.reason]
    if window.pnl is not None and opening is not None and closing is not None and flow is not None:
        pnl = EXACT.subtract(EXACT.subtract(closing, opening), flow)
        parts = _parts(portfolio, window, pnl)
        if parts["other"] is None:
            reasons.append("where it came from: not known of all days")
    xirr = decimal(window.xirr, _SHARE)
    if xirr is None and window.xirr is not None:
        reasons.append("xirr: too large a rate per year to be of use")
    return ReturnWindow(
        scope=portfolio.scope,
        name=portfolio.name,
        window=window.window,
        since=window.since,
        until=window.until,
        days=window.days,
        quality=Quality(window.quality),
        reason="; ".join(reason for reason in reasons if reason),
        opening=opening,
        closing=closing,
        flow=flow,
        pnl=pnl,
        pnl_pct=decimal(window.pnl_pct, _SHARE),
        twr=decimal(window.twr, _SHARE),
        twr_annual=decimal(window.twr_annual, _SHARE),
        xirr=xirr,
        mwr=decimal(window.mwr, _SHARE),
        volatility=decimal(window.volatility, _SHARE),
        sharpe=decimal(window.sharpe, _SHARE),
        sortino=decimal(window.sortino, _SHARE),
        drawdown=decimal(window.drawdown, _SHARE),
        max_drawdown=decimal(window.max_drawdown, _SHARE),
        peak_day=window.peak_day,
        trough_day=window.trough_day,
        recovered_day=window.recovered_day,
        **parts,
    )


def _parts(portfolio: Portfolio, window: WindowReturn, pnl: Decimal) -> dict[str, Decimal | None]:
    """Return the parts of the gain; the last one takes what rounding leaves, so that they are the gain exactly."""
    low = (window.since - portfolio.first).days + 1
    high = (window.until - portfolio.first).days + 1
    sums = {name: decimal(float(getattr(portfolio, name)[low:high].sum())) for name in _PARTS}
    rest = pnl
    for name in _PARTS[:-1]:
        rest = EXACT.subtract(rest, sums[name] or _ZERO)
    if all(part is not None for part in sums.values()):
        sums["other"] = rest
    else:
        sums["other"] = None
    return sums
