"""Foretells the past: what would have been said at the first day of each past month, against what came.

It decides how far levels wander, it is what confidence is counted on, and its bands say how good the calibration is.
Source of the method: L. J. Tashman, Out-of-sample tests of forecasting accuracy (2000): rolling origins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from flowd.analytics.projection.choosing import Chosen
from flowd.analytics.projection.fitting import Ground, fit
from flowd.analytics.projection.payments import Kind, Known
from flowd.analytics.projection.subjects import Array
from flowd.analytics.projection.window import Dice, Window

#: Sums over so many days are rehearsed.
REHEARSED: Final = (30, 90, 180)
#: From at most so many months of the past, each with so many days before it at least.
ORIGINS: Final = 18
BEFORE: Final = 45
PATHS: Final = 400
#: By how much a level wanders in 30 days (logarithm), before anything was seen, by kind; of values the factor by which
#: the standard error of their mean is too small. What is seen moves it within a factor of four.
WANDERS: Final = {Kind.DECLARED: 0.0, Kind.REGULAR: 0.10, Kind.IRREGULAR: 0.12, Kind.VALUE: 1.5}
_STEPS: Final = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
#: Regular income younger than so many days wanders further.
YOUNG: Final = 540
#: How sure that belief is: the standard deviation of its logarithm.
_BELIEF: Final = 0.7
#: Degrees of freedom of the distribution that errors are held against: some are far off, and one must not decide.
_FREEDOM: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was said at one origin of the sum over `horizon` days, and what came."""

    origin: date
    horizon: int
    mean: float
    median: float
    deviation: float
    low: float
    high: float
    came: float

    @property
    def inside(self) -> bool:
        """Whether it was within the 80 per cent band; what is hit to a thousandth was not outside of it."""
        slack = 1e-3 * abs(self.median)
        return self.low - slack <= self.came <= self.high + slack

    @property
    def near(self) -> bool:
        """Whether it fell within 20 per cent of the median."""
        return abs(self.came - self.median) <= 0.2 * abs(self.median)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """How far the stream's levels wander, and what was said and came at each origin."""

    wander: float
    said: Sequence[Said]


def origins(first: date, until: date) -> list[date]:
    """Return the first days of past months from which there is something to look back on and something to come."""
    found: list[date] = []
    day = until.replace(day=1)
    while len(found) < ORIGINS and (day - first).days >= BEFORE:
        if (until - day).days + 1 >= REHEARSED[0]:
            found.append(day)
        day = (day - timedelta(days=1)).replace(day=1)
    return found[::-1]


def rehearse(known: Known, kind: Kind, ground: Ground, chosen: Mapping[str, Chosen], seed: int) -> Rehearsal:
    """Foretell `known` from every origin; without origins its levels wander as those of its kind do."""
    runs: list[tuple[date, int, Array, float, float]] = []
    fixed = 1.0
    for origin in origins(known.first, known.until):
        before = known.before(origin)
        window = Window(made_on=origin, days=min(REHEARSED[-1], (known.until - origin).days + 1))
        fitted = fit(before, window, ground, chosen)
        # nothing wanders: what is seen beyond chance is what wanders
        paths = fitted.draw(Dice(seed=seed, window=window, paths=PATHS), known.info.stream, wander=0.0, loss=True)
        for horizon in REHEARSED:
            if horizon <= window.days:
                sums = paths[:horizon].sum(axis=0, dtype=np.float64)
                unit = _unit(fitted.parts, horizon) if kind is Kind.VALUE else abs(float(sums.mean())) * fixed
                runs.append((origin, horizon, sums, known.total(origin, horizon), unit))
    believed = WANDERS[kind]
    if kind is Kind.REGULAR:
        # what is new mostly still grows into what it will be
        believed *= float(np.clip(np.sqrt(YOUNG / max(known.days, 1)), 1.0, 2.0))
    wander = max((believed * step for step in _STEPS), key=lambda one: _likelihood(runs, one, believed, kind))
    if not runs:
        wander = believed
    draw = np.random.Generator(np.random.SFC64(seed))
    normal = draw.standard_normal(PATHS)
    normal = (normal - normal.mean()) / normal.std()
    return Rehearsal(wander=wander, said=[_said(*run, wander=wander, kind=kind, normal=normal) for run in runs])


def growth(horizon: int, kind: Kind) -> float:
    """Return the standard deviation of a sum over so many days, per unit of wander.

    The mean of a random walk over t steps has a third of the variance of its end; a mean that is off stays off.
    """
    return 1.0 if kind is Kind.VALUE else float(np.sqrt(horizon / 30 / 3))


def _unit(parts: Sequence[object], horizon: int) -> float:
    return float(sum(getattr(part, "sure", 0.0) for part in parts)) * horizon


def _likelihood(
    runs: Sequence[tuple[date, int, Array, float, float]], wander: float, believed: float, kind: Kind
) -> float:
    """The log-likelihood of a wander: of what came by Student's t, overlapping sums counting less, and the belief."""
    if believed <= 0:
        return 0.0
    total = -0.5 * (np.log(wander / believed) / _BELIEF) ** 2
    for _, horizon, sums, came, unit in runs:
        variance = sums.var() + (unit * wander * growth(horizon, kind)) ** 2
        if variance <= 0:
            continue
        off = (came - sums.mean()) ** 2 / variance
        weight = REHEARSED[0] / horizon
        total -= weight * (0.5 * np.log(variance) + (_FREEDOM + 1) / 2 * np.log1p(off / (_FREEDOM - 2)))
    return float(total)


def _said(
    origin: date, horizon: int, sums: Array, came: float, unit: float, *, wander: float, kind: Kind, normal: Array
) -> Said:
    step = wander * growth(horizon, kind)
    wide = sums + normal * unit * step if kind is Kind.VALUE else sums * np.exp(normal * step - step**2 / 2)
    low, median, high = np.quantile(wide, (0.1, 0.5, 0.9))
    return Said(
        origin=origin,
        horizon=horizon,
        mean=float(wide.mean()),
        median=float(median),
        deviation=float(wide.std()),
        low=float(low),
        high=float(high),
        came=came,
    )
