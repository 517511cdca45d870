"""How fast are returns, next to the quickest ways of doing the same?

Prints, from one run, medians of some repeats, taken in turns:

1. XIRR of 10,000 portfolios at once, next to pyxirr one by one, called in the quickest way it has (lists of dates and
   amounts made beforehand, which is not counted). Ratio: pyxirr's time / ours; 1 or more is as fast or faster.
2. TWR and drawdown over 1,000,000 days with flows, next to the bare numpy expressions for the same numbers, that look
   for no gap, no break and no day. Ratio: our time / the bare one's; 1 is as fast.

    python -m bench.analytics_returns
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import date

import numpy as np
import pyxirr

from flowd.analytics.returns.arrays import Days, Floats
from flowd.analytics.returns.risk import deepest
from flowd.analytics.returns.twr import chain
from flowd.analytics.returns.xirr import xirr_batch

PORTFOLIOS = 10_000
POINTS = 1_000_000
FIRST = date(2021, 1, 1).toordinal()


def investments(flows: int, seed: int) -> tuple[Days, Floats]:
    """Return the days and amounts of portfolios that were paid into at random and are worth something at the end."""
    random = np.random.Generator(np.random.SFC64(seed))
    days = FIRST + np.sort(random.integers(0, 1500, (PORTFOLIOS, flows)), axis=1)
    amounts = -random.gamma(2, 500, (PORTFOLIOS, flows))
    amounts[:, :-1] *= np.where(random.random((PORTFOLIOS, flows - 1)) < 0.2, -0.5, 1.0)
    amounts[:, 0] = -1000
    amounts[:, -1] = np.maximum(-amounts[:, :-1].sum(axis=1), 100) * np.exp(random.normal(0.1, 0.3, PORTFOLIOS))
    return days, amounts


def compare_xirr(flows: int, repeats: int) -> None:
    """Print one line: so many flows per portfolio."""
    days, amounts = investments(flows, seed=flows)
    lists = [
        ([date.fromordinal(int(day)) for day in row], money.tolist()) for row, money in zip(days, amounts, strict=True)
    ]
    offsets = np.arange(PORTFOLIOS + 1) * flows
    flat_days, flat_amounts = days.ravel(), amounts.ravel()
    ours, theirs, ratio = in_turns(
        repeats,
        lambda: xirr_batch(flat_days, flat_amounts, offsets),
        lambda: [pyxirr.xirr(when, money) for when, money in lists],
    )
    rates, _ = xirr_batch(flat_days, flat_amounts, offsets)
    said = np.array([pyxirr.xirr(when, money) for when, money in lists], dtype=np.float64)
    both = np.isfinite(rates) & np.isfinite(said)
    same = both & (np.abs(rates - said) <= 1e-6 * np.maximum(1, np.abs(said)))
    print(
        f"XIRR, {PORTFOLIOS:,} portfolios of {flows:>3} flows: flowd {ours * 1e3:7.1f} ms "
        f"({PORTFOLIOS / ours:>9,.0f}/s), pyxirr {theirs * 1e3:7.1f} ms ({PORTFOLIOS / theirs:>9,.0f}/s), "
        f"ratio {ratio:.2f}; same rate {same.sum():,}, another {np.sum(both & ~same):,}, "
        f"only flowd {np.sum(np.isfinite(rates) & ~both):,}, only pyxirr {np.sum(np.isfinite(said) & ~both):,}"
    )


def bare(value: Floats, flow: Floats) -> tuple[float, float]:
    """Return TWR and the deepest drawdown as one would write them down for arrays without gaps."""
    gain = value[1:] - value[:-1] - flow[1:]
    index = np.cumprod(1 + gain / (value[:-1] + np.maximum(flow[1:], 0)))
    return float(index[-1] - 1), float((index / np.maximum.accumulate(index) - 1).min())


def ours(value: Floats, flow: Floats) -> tuple[float, float]:
    """Return the same with what flowd looks for: gaps, breaks, idle days, and the days of the fall."""
    index = chain(value, flow).index()
    fall = deepest(index)
    return float(index[-1] - 1), fall.depth if fall else 0.0


def compare_twr(repeats: int) -> None:
    """Print a line for a million days with a flow on three of a hundred; and one with gaps, which the bare lacks."""
    random = np.random.Generator(np.random.SFC64(11))
    value = 1000 * np.exp(np.cumsum(random.normal(0, 0.0005, POINTS)))
    flow = np.where(random.random(POINTS) < 0.03, random.normal(0, 20, POINTS), 0.0)
    assert np.allclose(bare(value, flow), ours(value, flow), rtol=1e-9)
    plain, full, ratio = in_turns(repeats, lambda: bare(value, flow), lambda: ours(value, flow))
    print(
        f"TWR and drawdown, {POINTS:,} days: flowd {full * 1e3:.1f} ms, bare numpy {plain * 1e3:.1f} ms, "
        f"ratio {ratio:.2f}"
    )
    filled = value.copy()
    value[random.random(POINTS) < 0.05] = np.nan
    value[[0, -1]] = 1000
    plain, gaps, ratio = in_turns(repeats, lambda: bare(filled, flow), lambda: ours(value, flow))
    print(f"the same with 5 % of the values unknown: flowd {gaps * 1e3:.1f} ms, ratio {ratio:.2f}")


def in_turns(repeats: int, first: Callable[[], object], second: Callable[[], object]) -> tuple[float, float, float]:
    """Return the medians of the seconds that two pieces of work take in turns, and of the ratio second / first."""
    found: list[tuple[float, float]] = []
    for _ in range(repeats):
        times = []
        for work in (first, second):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
        found.append((times[0], times[1]))
    return (
        statistics.median(one for one, _ in found),
        statistics.median(two for _, two in found),
        statistics.median(two / one for one, two in found),
    )


def main(repeats: int = 9) -> None:
    """Print the table."""
    for flows in (12, 30, 120):
        compare_xirr(flows, repeats)
    compare_twr(repeats)


if __name__ == "__main__":
    main()
