"""How likely a goal is reached by its day, and when: counted on joint paths.

- monthly: two of three calendar months in a row bring the amount, or twelve bring it on average. So neither a bonus nor
  two paydays within 30 days are a rise, and income that comes once a quarter counts as well.
- saved: income since the goal's day, less what is spent where that is known, reaches the amount.
- net_worth: what there is now, with income and less what is spent, reaches the amount.

The probability is the share of paths that reach it by its day, or within the outlook where it has none. The day's 10th,
50th and 90th percentile are over all paths: where fewer than so many paths ever reach it, there is no such day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.projection.payments import Known, known_streams
from flowd.analytics.projection.subjects import TOTAL, Array, Outlook, Paths, Subject
from flowd.analytics.projection.window import REACH, Dice, Window
from flowd.analytics.rounding import decimal
from flowd.api.studies import History
from flowd.domain.studied import Goal, GoalOutlook, Scope

#: How far ahead a goal without a day is looked for, in days.
WHENEVER: Final = 730
_YEAR: Final = 12
#: Sums of floats are not exact to the last cent.
_SAME: Final = 1e-6
_DAYS_A_MONTH: Final = 365.2425 / 12
_BLOCK: Final = 30


def goal_subjects(goals: Sequence[Goal]) -> list[Subject]:
    """Return whose paths an outlook has to keep for `goals`."""
    return sorted({(goal.scope, goal.name) for goal in goals} | {TOTAL})


def goal_horizon(goals: Sequence[Goal]) -> int:
    """Return how many days an outlook should have for `goals`: two years, as they may be reached after their day."""
    return WHENEVER if goals else 0


def goal_outlooks(history: History, outlook: Outlook) -> list[GoalOutlook]:
    """Return the outlook of every goal of `history`; one that nothing can be said of says why in `reason`.

    `outlook` has to have kept the paths of `goal_subjects` and should have the days of `goal_horizon`.
    """
    known = known_streams(history)
    return [_outlook(goal, history, outlook, known) for goal in history.goals]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Reached:
    """Where a goal stands now, and on which day (counted from 0) each path reaches it; `days` where it does not."""

    now: float
    first: NDArray[np.int64]


def _outlook(goal: Goal, history: History, outlook: Outlook, known: dict[str, Known]) -> GoalOutlook:
    subject = (goal.scope, goal.name)
    paths = outlook.cumulated.get(subject)
    if paths is None:
        there = subject in outlook.subjects
        why = "its paths were not kept" if there else f"there is no {goal.scope} {goal.name!r}"
        return GoalOutlook(goal=goal, as_of=outlook.made_on, reason=why)
    rate = history.last_rate(goal.currency, outlook.currency, history.until)
    if rate is None:
        why = f"no rate of {goal.currency} in {outlook.currency} is near enough to {history.until}"
        return GoalOutlook(goal=goal, as_of=outlook.made_on, reason=why)
    wanted = float(goal.amount * rate)
    members = [one for one in known.values() if _belongs(subject, one)]
    spent = _spending(history, outlook, paths.shape[1]) if goal.kind != "monthly" and subject == TOTAL else None
    if goal.kind == "monthly":
        reached = _monthly(paths, members, outlook, wanted)
    else:
        start = _start(goal, history, members)
        if start is None:
            return GoalOutlook(goal=goal, as_of=outlook.made_on, reason="the net worth is not known")
        reached = _beyond(paths if spent is None else paths - spent, start, wanted)
    return _said(goal, outlook, reached, wanted, float(rate), spent)


def _belongs(subject: Subject, known: Known) -> bool:
    scope, name = subject
    return subject == TOTAL or (known.info.group if scope is Scope.GROUP else known.info.stream) == name


def _monthly(paths: Paths, members: Sequence[Known], outlook: Outlook, wanted: float) -> _Reached:
    """Look at the ends of calendar months: at the middle one of three, and at the mean of twelve, whichever is more.

    Where there are fewer whole months of history, of those there are.
    """
    began = min((one.first for one in members), default=outlook.made_on)
    first = outlook.made_on.replace(day=1)
    so_far = sum(one.total(first, (outlook.made_on - first).days) for one in members)
    past: list[float] = []
    while len(past) < _YEAR and (before := (first - timedelta(days=1)).replace(day=1)) >= began:
        past.insert(0, float(sum(one.total(before, (first - before).days) for one in members)))
        first = before
    now = float(_level(np.array(past, dtype=np.float32)[:, None])[0]) if past else 0.0
    days, enough = len(outlook.days), wanted * (1 - _SAME)
    if now >= enough:
        return _Reached(now=max(now, wanted), first=np.zeros(paths.shape[1], dtype=np.int64))
    ends = [number for number, day in enumerate(outlook.days) if (day + timedelta(days=1)).day == 1]
    found = np.full(paths.shape[1], days, dtype=np.int64)
    months = np.zeros((len(past) + len(ends), paths.shape[1]), dtype=np.float32)
    months[: len(past)] = np.array(past, dtype=np.float32)[:, None]
    for number, end in enumerate(ends):
        row = len(past) + number
        months[row] = paths[end] - paths[ends[number - 1]] if number else paths[end] + np.float32(so_far)
        reached = (found == days) & (_level(months[: row + 1]) >= enough)
        found[reached] = end
    return _Reached(now=now, first=found)


def _level(months: Paths) -> Array:
    """Return what a month brings at the end of the last of `months`, shape (months, paths)."""
    level: Array = np.maximum(np.median(months[-3:], axis=0), months[-_YEAR:].mean(axis=0, dtype=np.float64))
    return level


def _start(goal: Goal, history: History, members: Sequence[Known]) -> float | None:
    """What counts towards a goal already."""
    if goal.kind == "net_worth":
        return None if history.net_worth is None else float(history.net_worth)
    came = sum(one.total(goal.since, max((history.today - goal.since).days, 0)) for one in members)
    if history.expenses is not None and (goal.scope, goal.name) == TOTAL:
        came -= float(np.nansum(history.expenses.between(goal.since, history.until)))
    return came


def _beyond(paths: Paths, start: float, wanted: float) -> _Reached:
    if start >= wanted:
        return _Reached(now=start, first=np.zeros(paths.shape[1], dtype=np.int64))
    return _Reached(now=start, first=_first(paths >= np.float32(wanted - start)))


def _first(reached: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the first day of each path on which it is reached, the number of days where on none."""
    found: NDArray[np.int64] = np.where(reached.any(axis=0), reached.argmax(axis=0), len(reached))
    return found


def _spending(history: History, outlook: Outlook, paths: int) -> Paths | None:
    """Foretell what is spent, summed up, shape (days, paths), by months of the past; None where unknown."""
    if history.expenses is None:
        return None
    past = history.expenses.between(history.expenses.first, history.until)[-REACH:]
    known = ~np.isnan(past)
    if not known.any():
        return None
    past = np.where(known, past, past[known].mean())
    window = Window(made_on=outlook.made_on, days=len(outlook.days))
    dice = Dice(seed=history.seed, window=window, paths=paths)
    count = len(past)
    back = dice.back(count)
    own = np.tile(past, -(-(count + 31) // count))[: count + 31].astype(np.float32)
    out = np.empty((window.days, paths), dtype=np.float32)
    for number, block in enumerate(window.blocks):
        begin = count - 1 - back[number]
        for day in range(block.length):
            out[block.start + day] = own[begin + day]
    spent: Paths = np.add.accumulate(out, axis=0)
    return spent


def _said(
    goal: Goal, outlook: Outlook, reached: _Reached, wanted: float, rate: float, spent: Paths | None
) -> GoalOutlook:
    days = len(outlook.days)
    last = days if goal.by_day is None else (goal.by_day - outlook.made_on).days + 1
    within = min(max(last, 0), days)
    by = f"by {goal.by_day}" if goal.by_day is not None else f"within {days} days"
    reason = f"the share of {len(reached.first)} joint paths that reach it {by}"
    if reached.now >= wanted:
        reason = "it is reached already"
    if last > days:
        reason += f"; nothing is said after {outlook.days[-1]}"
    if goal.kind == "saved" and spent is None:
        reason += "; what is spent is not known and not taken off"
    if goal.kind == "net_worth" and spent is None:
        reason += "; what is spent is not known, and so is taken for nothing"
    if goal.kind == "monthly":
        needed: float | None = wanted
    else:
        lacking = max(wanted - reached.now, 0.0)
        spending = float(spent[within - 1].mean()) / within if spent is not None and within else 0.0
        # what is missing may come until the last day, also where that is further than is foretold
        needed = (lacking / last + spending) * _DAYS_A_MONTH if last > 0 else None
    places = {name: _day(outlook, reached.first, share) for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9))}
    chance = decimal(float((reached.first < within).mean()), 4) if within else Decimal(int(reached.now >= wanted))
    return GoalOutlook(
        goal=goal,
        as_of=outlook.made_on,
        reason=reason,
        current=_money(reached.now, rate),
        probability=chance,
        reached_p10=places["p10"],
        reached_p50=places["p50"],
        reached_p90=places["p90"],
        needed=None if needed is None else _money(needed, rate),
    )


def _day(outlook: Outlook, first: Array | NDArray[np.int64], share: float) -> date | None:
    """Return the day by which `share` of all paths have reached it, None where they do not."""
    place = int(np.sort(first)[max(int(np.ceil(share * len(first))) - 1, 0)])
    return outlook.days[place] if place < len(outlook.days) else None


def _money(value: float, rate: float) -> Decimal | None:
    """An amount in the goal's currency, to the cent."""
    return decimal(value / rate, 2) if rate else None
