"""Fits a stream as it is known when a window begins: its parts, each drawn in its own way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from flowd.analytics.forecasting.method import Method
from flowd.analytics.holidays import Calendar
from flowd.analytics.projection.beats import rhythm
from flowd.analytics.projection.choosing import Chosen, apply, compare
from flowd.analytics.projection.declared import declared
from flowd.analytics.projection.irregular import irregular
from flowd.analytics.projection.payments import Kind, Known, Payments
from flowd.analytics.projection.regular import regular
from flowd.analytics.projection.series import divided
from flowd.analytics.projection.subjects import Array, Paths
from flowd.analytics.projection.window import Dice, Window
from flowd.api.studies import History
from flowd.domain.results import Method as Source

#: Weeks are foretold where so many are known and something came in most of them, else stretches of 30 days.
_WEEKS: Final = 26
_BUSY: Final = 0.5
REST: Final = "rest"


class Part(Protocol):
    """A part of a stream that is foretold in one way."""

    @property
    def key(self) -> str:
        """Which part it is."""

    @property
    def per_day(self) -> float:
        """What a day brings, in the mean."""

    def draw(self, dice: Dice, name: str, out: Paths, *, wander: float, loss: bool) -> None:
        """Add what comes to `out`, shape (days, paths)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """A stream's parts as known when the window begins, what kind of stream they make, and how in words."""

    kind: Kind
    parts: Sequence[Part]
    words: Sequence[str]

    def draw(self, dice: Dice, name: str, *, wander: float, loss: bool) -> Paths:
        """Return joint paths of the stream's days, shape (days, paths)."""
        out = np.zeros((dice.window.days, dice.paths), dtype=np.float32)
        for part in self.parts:
            part.draw(dice, name, out, wander=wander, loss=loss)
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What fitting needs besides the stream: the history for rates, methods by name, and working days."""

    history: History
    methods: Sequence[Method]
    calendar: Calendar


def fit(known: Known, window: Window, ground: Ground, chosen: Mapping[str, Chosen], *, closely: bool = False) -> Fitted:
    """Fit `known` (nothing of it after the window begins) with the methods chosen for its parts.

    `closely` learns rhythms with all their shifts around weekends and holidays, which takes its time.
    """
    parts: list[Part] = []
    words: list[str] = []
    if known.info.method is Source.SCHEDULE:
        history = ground.history
        parts.append(
            declared("terms", known.terms, window, lambda currency, day: history.rate(currency, history.currency, day))
        )
        return Fitted(kind=Kind.DECLARED, parts=parts, words=["as declared"])
    if known.trading:
        steady = irregular(REST, known.daily, window, kind=Kind.VALUE, steady=True)
        if steady is not None:
            parts.append(steady)
            words.append(f"mean of {min(known.days, len(steady.past))} days, with months of its past around it")
        return Fitted(kind=Kind.VALUE, parts=parts, words=words)
    rest = np.nan_to_num(known.daily)
    for payments in _series(known):
        levels = None
        if (choice := chosen.get(payments.key)) is not None:
            levels = apply(choice, payments.amounts, window.days // 7 + 1, ground.methods, nonnegative=True)
        found = regular(
            payments,
            window,
            ground.calendar,
            kind=Kind.REGULAR,
            every=known.info.every,
            levels=levels,
            closely=closely,
        )
        if found is None:
            continue
        parts.append(found)
        text = "the usual amount" if found.amounts.fixed else choice.words if choice else "mean of the last 6"
        words.append(f"{found.rhythm.name}: {text}")
        for day, amount in zip(payments.days, payments.amounts, strict=True):
            rest[(day - known.first).days] -= amount
    rest[np.abs(rest) < 1e-6 * max(float(np.abs(known.daily[~np.isnan(known.daily)]).max(initial=0.0)), 1e-9)] = 0.0
    level = None
    if (choice := chosen.get(REST)) is not None:
        level = _level(choice, rest, window, ground.methods)
    lumps = irregular(REST, rest, window, kind=Kind.IRREGULAR, steady=False, level=level)
    if lumps is not None:
        parts.append(lumps)
        words.append(
            f"the rest: {choice.words if level is not None and choice else 'its mean'} by "
            f"{'weeks' if level is not None and choice and choice.grain == 7 else 'months'}, {lumps.pattern}"
        )
    largest = max(parts, key=lambda part: abs(part.per_day), default=None)
    kind = Kind.IRREGULAR if largest is None or largest.key == REST else Kind.REGULAR
    return Fitted(kind=kind, parts=parts, words=words)


def choices(known: Known, ground: Ground) -> dict[str, Chosen]:
    """Compare methods for every part of a stream that has enough past for that."""
    found: dict[str, Chosen] = {}
    if known.trading or known.info.method is Source.SCHEDULE:
        return found
    rest = np.nan_to_num(known.daily)
    for payments in _series(known):
        believed = rhythm(payments, ground.calendar, known.info.every)
        if believed is None:
            continue
        for day, amount in zip(payments.days, payments.amounts, strict=True):
            rest[(day - known.first).days] -= amount
        steps = max(1, round(180 / believed.period))
        choice = compare(payments.amounts, steps, ground.methods, nonnegative=True)
        if choice is not None:
            found[payments.key] = choice
    weeks = _binned(rest, 7)
    grain = 7 if len(weeks) >= _WEEKS and (weeks > 0).mean() >= _BUSY else 30
    values = _binned(rest, grain)
    if values.any():
        choice = compare(values, round(180 / grain), ground.methods, grain=grain, nonnegative=True)
        if choice is not None:
            found[REST] = choice
    return found


def _series(known: Known) -> list[Payments]:
    """The receipts that may be regular; those of a stream with a declared rhythm all follow it."""
    if known.info.every is not None:
        return [one for one in known.payments if one.amounts.min() >= 0]
    return [series for one in known.payments for series in divided(one).series]


def _binned(daily: Array, grain: int) -> Array:
    """Sum days to stretches of `grain` days, the last one whole."""
    binned: Array = daily[len(daily) % grain :].reshape(-1, grain).sum(axis=1)
    return binned


def _level(choice: Chosen, rest: Array, window: Window, methods: Sequence[Method]) -> Array | None:
    """What a day is to bring in each block, by the chosen methods."""
    values = _binned(rest, choice.grain)
    if len(values) < 4:
        return None
    steps = -(-window.days // choice.grain)
    path = apply(choice, values, steps, methods, nonnegative=True)
    if path is None:
        return None
    daily = np.repeat(path / choice.grain, choice.grain)[: window.days]
    return np.array([daily[block.start : block.start + block.length].mean() for block in window.blocks])
