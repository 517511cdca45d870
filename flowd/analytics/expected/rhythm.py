"""The rhythm of one payer, learned from its receipts: how often, on which day, how punctual, how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, pairwise, product
from statistics import median
from typing import Final

from flowd.analytics.expected.amounts import Amounts, Manner, amounts
from flowd.analytics.expected.anchors import MONTHS, WEEKS, Anchor, Beat, Months, Place, Shift, Step, Weeks
from flowd.analytics.expected.lags import NEWEST, lags, misfit, window
from flowd.analytics.holidays import WEEKDAYS, Calendar

#: A rhythm is believed from this many receipts on, when so much of them came within the tolerance of its days.
RECEIPTS: Final = 3
SHARE: Final = 0.75
_PAUSES: Final = {
    Step.WEEKLY: (5, 9), Step.FORTNIGHTLY: (12, 17), Step.FOUR_WEEKLY: (26, 30), Step.TWICE_A_MONTH: (11, 19),
    Step.MONTHLY: (25, 36), Step.TWO_MONTHLY: (54, 68), Step.QUARTERLY: (81, 101), Step.HALF_YEARLY: (170, 196),
    Step.YEARLY: (348, 382),
}  # fmt: skip
#: How many days a receipt may be from its due day.
TOLERANCE: Final = {
    Step.WEEKLY: 1, Step.FORTNIGHTLY: 3, Step.FOUR_WEEKLY: 4, Step.TWICE_A_MONTH: 4, Step.MONTHLY: 6,
    Step.TWO_MONTHLY: 8, Step.QUARTERLY: 10, Step.HALF_YEARLY: 14, Step.YEARLY: 18,
}  # fmt: skip
#: How far receipts may be from their due days on average, as a share of the period: where the amount is always the
#: same, and for each receipt (up to eight) where it varies.
_LOOSE: Final = 0.12
_STRICT: Final = 0.0125
_LONG: Final = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When a payer pays and how much: `beat` has the due days, money comes `early` days before to `late` days after.

    `confidence` is the share of due receipts that came within that window so far, as if one more had come and one more
    had not (rule of succession). `declared` ones are the user's own word.
    """

    step: Step | None
    words: str
    beat: Beat
    days: float
    early: int
    late: int
    amount: Amounts
    confidence: float
    receipts: int
    first: date
    last: date
    #: The due day that the newest receipt paid for: nothing is due up to it any more.
    settled: date
    declared: bool = False

    def window(self, due: date) -> tuple[date, date]:
        """Return the first and last day on which what is due on `due` is in time."""
        return due - timedelta(days=self.early), due + timedelta(days=self.late)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One receipt to come: the day, its window, and the amount (`spread` around it is in the rhythm's amounts)."""

    day: date
    earliest: date
    latest: date
    amount: Decimal


def rhythm(paid: Sequence[tuple[date, Decimal]], calendar: Calendar = WEEKDAYS) -> Rhythm | None:
    """Learn the rhythm of one payer from receipts (day, amount above zero), in any order; None where there is none.

    Each way to count days (a day of the month, the last, a working day, a weekday; every one to twelve months or one to
    four weeks) is laid over the newest 24 receipts; the one with the smallest mean distance wins, simple ones first.
    """
    days, summed = merged(paid)
    if len(days) < RECEIPTS:
        return None
    newest = days[-NEWEST:]
    pauses = [(after - before).days for before, after in pairwise(newest)]
    typical = median(pauses)
    best: tuple[float, Step, Weeks | Months] | None = None
    for step, (shortest, longest) in _PAUSES.items():
        if not shortest <= typical <= longest:
            continue
        for extra, beat in _beats(step, newest, calendar):
            due = list(beat.due_days(newest[0] - timedelta(days=step.days), newest[-1] + timedelta(days=step.days)))
            cost = extra + (1 + 2 * extra) * misfit(newest, due, 2 * TOLERANCE[step])
            if best is None or cost < best[0]:
                best = cost, step, beat
    if best is None:
        return None
    cost, step, beat = best
    amount = amounts(summed)
    # of few receipts some rhythm comes near anyhow: they must be punctual, or always of the same amount
    loose = _LOOSE if amount.manner is not Manner.VARYING else _STRICT * min(len(newest), 8)
    if cost > max(loose * step.days, 0.34):
        return None
    due = list(beat.due_days(days[0] - timedelta(days=step.days), days[-1] + timedelta(days=step.days)))
    found = lags(days, due)
    if sum(abs(lag) <= TOLERANCE[step] for lag in found[-NEWEST:]) < SHARE * len(newest):
        return None
    early, late = window(found, step.days)
    return Rhythm(
        step=step,
        words=f"{step} on {beat.words}" if step is not Step.TWICE_A_MONTH else f"twice a month, on {beat.words}",
        beat=beat,
        days=step.days,
        early=early,
        late=late,
        amount=amount,
        confidence=kept(newest, due, early, late),
        receipts=len(days),
        first=days[0],
        last=days[-1],
        settled=days[-1] - timedelta(days=found[-1]),
    )


def next_due(known: Rhythm, after: date, n: int) -> Sequence[Due]:
    """Return the next `n` receipts that are due after the day `after` and not paid yet, by day.

    Fewer where ten years have no more.
    """
    found: list[Due] = []
    after = day = max(after, known.settled)
    while len(found) < n:
        until = day + max(timedelta(days=known.days * (n + 1)), _LONG)
        before = len(found)
        for due in known.beat.due_days(day + timedelta(days=1), until):
            earliest, latest = known.window(due)
            found.append(Due(day=due, earliest=earliest, latest=latest, amount=known.amount.of(due)))
        if len(found) == before and until.year > after.year + 10:
            break
        day = until
    return found[:n]


def merged(paid: Iterable[tuple[date, Decimal]]) -> tuple[list[date], list[tuple[date, Decimal]]]:
    """Return the days of receipts and what came on each, by day."""
    sums: dict[date, Decimal] = {}
    for day, amount in sorted(paid):
        sums[day] = sums.get(day, Decimal(0)) + amount
    return list(sums), list(sums.items())


def kept(days: Sequence[date], due: Sequence[date], early: int, late: int) -> float:
    """Return the share of due days between the first and the last receipt that were met in time."""
    asked = [one for one in due if days[0] - timedelta(days=late) <= one <= days[-1] + timedelta(days=early)]
    kept = sum(any(-early <= (day - one).days <= late for day in days) for one in asked)
    return (min(kept, len(asked)) + 1) / (len(asked) + 2)


def _beats(step: Step, days: Sequence[date], calendar: Calendar) -> Iterator[tuple[float, Weeks | Months]]:
    """Yield ways to count the due days of `step`, each with what it costs to be less simple than others."""
    if step in WEEKS:
        length = 7 * WEEKS[step]
        phases = Counter(day.toordinal() % length for day in reversed(days))
        shifts = [(0.0, Shift.NONE)]
        if calendar.name:
            shifts += [(0.02, Shift.BEFORE), (0.03, Shift.AFTER)]
        for (phase, _), (cost, shift) in product(phases.most_common(4), shifts):
            origin = date.fromordinal(days[-1].toordinal() // length * length + phase)
            extra = cost + (0.6 if step is Step.FOUR_WEEKLY else 0.0)
            yield extra, Weeks(count=WEEKS[step], origin=origin, shift=shift, calendar=calendar)
        return
    anchors = list(_anchors(days))
    if step is Step.TWICE_A_MONTH:
        for (cost, one), (more, other) in combinations(anchors, 2):
            if (
                one.shift is other.shift
                and one.place in {Place.DAY, Place.LAST}
                and other.place in {Place.DAY, Place.LAST}
            ):
                ordered = sorted((one, other), key=lambda anchor: anchor.n if anchor.place is Place.DAY else 32)
                if 8 <= (ordered[1].n or 31) - ordered[0].n <= 22:
                    yield 0.5 + cost + more, Months(count=1, anchors=tuple(ordered), calendar=calendar)
        return
    count = MONTHS[step]
    months = [day.year * 12 + day.month - 1 for day in days]
    common = Counter(month % count for month in months).most_common(2)
    phases_ = sorted({(phase + move) % count for phase, _ in common for move in (-1, 0, 1)})
    for phase, (cost, anchor) in product(phases_, anchors):
        yield cost, Months(count=count, anchors=(anchor,), phase=phase, calendar=calendar)


def _anchors(days: Sequence[date]) -> Iterator[tuple[float, Anchor]]:
    """Yield the places in a month that some of `days` are near to, each with its cost."""
    shifts = ((0.0, Shift.NONE), (0.08, Shift.BEFORE), (0.09, Shift.AFTER), (0.12, Shift.NEAREST))
    common = [n for n, _ in Counter(day.day for day in reversed(days)).most_common(4)]
    # where weekends move the day, the day itself may hardly have been seen
    near = sorted({n + move for n in common for move in (-2, -1, 0, 1, 2) if 1 <= n + move <= 30})
    for n, (cost, shift) in product(near, shifts):
        yield cost, Anchor(place=Place.DAY, n=n, shift=shift)
    if any(n <= 4 or n >= 26 for n in common):
        for cost, shift in shifts:
            yield cost, Anchor(place=Place.LAST, shift=shift)
    weekdays = [weekday for weekday, _ in Counter(day.weekday() for day in reversed(days)).most_common(2)]
    for weekday in weekdays:
        for n in [*sorted({(day.day - 1) // 7 + 1 for day in days if day.weekday() == weekday} - {5}), -1]:
            yield 0.2, Anchor(place=Place.WEEKDAY, n=n, weekday=weekday)
    if any(n <= 12 for n in common):
        for n in (2, 3, 4, 5):
            yield 0.15, Anchor(place=Place.WORKING, n=n)
    if any(n >= 20 for n in common):
        for n in (-2, -3, -4, -5):
            yield 0.15, Anchor(place=Place.WORKING, n=n)
