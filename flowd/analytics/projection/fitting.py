"""Fits a stream as it is known when a window begins: its parts, each drawn in its own way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol

import numpy as np

from flowd.analytics.forecasting.method import Method
from flowd.analytics.holidays import Calendar
from flowd.analytics.projection.beats import rhythm
from flowd.analytics.projection.choosing import Chosen, apply, compare
from flowd.analytics.projection.declared import declared
from flowd.analytics.projection.ending import BELIEVED, Hazard
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
#: Of more payers than so many, only those that paid such a part of all lately are told apart.
_MANY: Final = 24
_PART: Final = 0.1
_LATELY: Final = timedelta(days=366)
#: A series of so many receipts tells how long such series last; it has ended where it is less likely alive than this.
_SETTLED: Final = 6
_ENDED: Final = 0.1
#: Payments are so many days old at least, however young: as many as the daily rate is the mean of.
_MONTH: Final = 30


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
    hazards: Mapping[Kind, Hazard] = field(default_factory=lambda: BELIEVED)


def fit(known: Known, window: Window, ground: Ground, chosen: Mapping[str, Chosen], *, closely: bool = False) -> Fitted:
    """Fit `known` (nothing of it after the window begins) with the methods chosen for its parts.

    `closely` learns rhythms with all their shifts around weekends and holidays, which takes its time.
    """
    parts: list[Part] = []
    words: list[str] = []
    if known.info.method is Source.SCHEDULE:
        history = ground.history
        hazard = ground.hazards[Kind.DECLARED] if known.may_end else None
        plan = declared(
            "terms",
            known.terms,
            window,
            hazard,
            lambda currency, day: history.last_rate(currency, history.currency, day),
        )
        return Fitted(kind=Kind.DECLARED, parts=[plan], words=["as declared", *_at_which_rate(known)])
    if known.trading:
        daily = _at_least_a_month(known, known.daily)
        steady = irregular(REST, daily, window, hazard=ground.hazards[Kind.VALUE], steady=True)
        if steady is not None:
            parts.append(steady)
            words.append(f"mean of {min(known.days, len(steady.past))} days, with months of its past around it")
        return Fitted(kind=Kind.VALUE, parts=parts, words=words)
    words += _at_which_rate(known)
    if known.unpriced:
        words.append(f"without {known.unpriced} receipt{'s' * (known.unpriced > 1)} for which there is no rate")
    told: list[Payments] = []
    for payments in _series(known):
        levels = None
        if (choice := chosen.get(payments.key)) is not None:
            levels = apply(choice, payments.amounts, window.days // 7 + 1, ground.methods, nonnegative=True)
        found = regular(
            payments,
            window,
            ground.calendar,
            hazard=ground.hazards[Kind.REGULAR],
            every=known.info.every,
            levels=levels,
            closely=closely,
        )
        if found is None:
            continue
        parts.append(found)
        text = "the usual amount" if found.amounts.fixed else choice.words if choice else "mean of the last 6"
        words.append(f"{found.rhythm.name}: {text}")
        told.append(payments)
    rest = _rest(known, told)
    level = None
    if (choice := chosen.get(REST)) is not None:
        level = _level(choice, rest, window, ground.methods)
    rest = _at_least_a_month(known, rest)
    # what is taken back as often as it comes has no level that could be multiplied
    lumps = irregular(
        REST,
        rest,
        window,
        hazard=ground.hazards[Kind.IRREGULAR],
        steady=float(rest.mean()) <= 0 if len(rest) else False,
        level=level,
        calendar=ground.calendar,
    )
    if lumps is not None:
        parts.append(lumps)
        words.append(
            f"{'the rest: ' if told else ''}{choice.words if level is not None and choice else 'its mean'} by "
            f"{'weeks' if level is not None and choice and choice.grain == 7 else 'months'}, {lumps.pattern}"
        )
    largest = max(parts, key=lambda part: abs(part.per_day), default=None)
    kind = Kind.IRREGULAR if largest is None or largest.key == REST else Kind.REGULAR
    return Fitted(kind=kind, parts=parts, words=list(dict.fromkeys(words)))


def _at_which_rate(known: Known) -> list[str]:
    return ["at the last rate known"] if known.old_rate else []


def choices(known: Known, ground: Ground) -> dict[str, Chosen]:
    """Compare methods for every part of a stream that has enough past for that."""
    found: dict[str, Chosen] = {}
    if known.trading or known.info.method is Source.SCHEDULE:
        return found
    told: list[Payments] = []
    for payments in _series(known):
        believed = rhythm(payments, ground.calendar, known.info.every)
        if believed is None:
            continue
        told.append(payments)
        steps = max(1, round(180 / believed.period))
        choice = compare(payments.amounts, steps, ground.methods, nonnegative=True)
        if choice is not None:
            found[payments.key] = choice
    rest = _rest(known, told)
    weeks = _binned(rest, 7)
    grain = 7 if len(weeks) >= _WEEKS and (weeks > 0).mean() >= _BUSY else 30
    values = _binned(rest, grain)
    if values.any():
        choice = compare(values, round(180 / grain), ground.methods, grain=grain, nonnegative=True)
        if choice is not None:
            found[REST] = choice
    return found


def _series(known: Known) -> list[Payments]:
    """The receipts that may be regular; those of a stream with a declared rhythm all follow it.

    Of many payers only those that pay a good part are looked at one by one: customers come and go, and how many there
    are is seen in their sum alone.
    """
    payers = known.payments
    if len(payers) > _MANY:
        since = known.until - _LATELY
        lately = {one.key: float(one.amounts[[day > since for day in one.days]].sum()) for one in payers}
        total = sum(lately.values())
        payers = [one for one in payers if lately[one.key] >= _PART * total > 0]
    if known.info.every is not None:
        return [one for one in payers if one.amounts.min() >= 0]
    return [series for one in payers for series in divided(one).series]


def _rest(known: Known, told: Sequence[Payments]) -> Array:
    """What came per day beside the receipts that are told apart; a day that is not known counts as nothing."""
    rest = np.nan_to_num(known.daily)
    largest = float(np.abs(rest).max(initial=0.0))
    for payments in told:
        for day, amount in zip(payments.days, payments.amounts, strict=True):
            number = (day - known.first).days
            if 0 <= number < len(rest):
                rest[number] -= amount
    rest[np.abs(rest) <= 1e-6 * largest] = 0.0
    return rest


def _at_least_a_month(known: Known, daily: Array) -> Array:
    """Put zeros before the first of payments that are younger than a month, as the daily rate does.

    Else a first salary, which came yesterday, would be what comes every day.
    """
    lacking = _MONTH - len(daily)
    if known.info.method is not Source.TRANSACTIONS or not len(daily) or lacking <= 0:
        return daily
    return np.concatenate((np.zeros(lacking), daily))


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


def hazards(streams: Iterable[Known], calendar: Calendar) -> dict[Kind, Hazard]:
    """Learn from all regular series of the household how often they end: one that has most likely ended counts as one.

    Only series whose amounts are always the same count: even pauses of others may have been chance. Of other kinds it
    is hard to say that they ended; what is believed of them stays.
    """
    found = dict(BELIEVED)
    for known in streams:
        if known.trading or not known.days:
            continue
        window = Window(made_on=known.until + timedelta(days=1), days=1)
        for payments in _series(known):
            if len(payments.days) < _SETTLED:
                continue
            series = regular(
                payments, window, calendar, hazard=BELIEVED[Kind.REGULAR], every=known.info.every, levels=None
            )
            if series is None or not series.amounts.fixed:
                continue
            ended = series.alive < _ENDED
            last = payments.days[-1] if ended else known.until
            found[Kind.REGULAR] = found[Kind.REGULAR].seen(int(ended), (last - payments.days[0]).days)
    return found
