"""The regular series among the receipts of one stream: of one payer, several of one, or of one that renamed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Final

from flowd.analytics.expected.amounts import Manner
from flowd.analytics.expected.anchors import Months, Step
from flowd.analytics.expected.chains import Posting, chains
from flowd.analytics.expected.matching import pairs
from flowd.analytics.expected.payers import payer_key
from flowd.analytics.expected.rhythm import RECEIPTS, Rhythm, rhythm
from flowd.analytics.holidays import WEEKDAYS, Calendar
from flowd.api import FlowClass, Receipt

#: Gains of trading follow no calendar, however regularly they are booked.
NEVER: Final = frozenset({FlowClass.REALISED_PNL, FlowClass.FUNDING, FlowClass.FEE})
#: More receipts of one payer than this in a month follow no rhythm that can be foretold by days.
_OFTEN: Final = 8
#: No more of the newest receipts are looked at.
_MOST: Final = 1500
#: A renamed payer goes on with what it paid, but for so much: where it varies, and where it does not.
_ALIKE: Final = 1.35
_SAME: Final = 1.12

Paid = tuple[date, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Regular:
    """Receipts of one rhythm, by day; `payer` as the newest names it, `number` tells series of one payer apart.

    `account` is the one that the newest came to.
    """

    payer: str
    account: str
    currency: str
    number: int
    paid: tuple[Paid, ...]
    rhythm: Rhythm


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is regular among receipts, and the rest of them, by day."""

    series: tuple[Regular, ...]
    rest: tuple[Receipt, ...]


def find(receipts: Iterable[Receipt], calendar: Calendar = WEEKDAYS) -> Found:
    """Find the regular series among the receipts of one stream.

    What one payer (by the words of its text) paid in one currency is one series where it has a rhythm. Where it has
    none, receipts that follow each other at even pauses are looked for among them, and then among what is left of all
    payers: a payer whose text changes. A receipt is in one series at most; what was taken back is in none.
    """
    fit = sorted((one for one in receipts if usable(one)), key=lambda one: (one.day, one.payer, one.amount))
    rest: list[Receipt] = []
    found: list[list[Receipt]] = []
    groups: dict[tuple[str, str], list[Receipt]] = defaultdict(list)
    for one in fit:
        groups[one.asset, _group(one)].append(one)
    learn = _Learner(calendar)
    for (_, payer), group in sorted(groups.items()):
        regular, left = _of_payer(group, learn) if payer else _of_anybody(group, learn)
        found += regular
        rest += left
    for asset in sorted({asset for asset, _ in groups}):
        mine = [one for one in rest if one.asset == asset]
        own = [group for group in found if group[0].asset == asset]
        left = _adopted(own, mine, learn)
        more, left = _of_anybody(left, learn)
        found += more
        rest = [one for one in rest if one.asset != asset] + left
    return Found(
        series=tuple(_named(_joined(found, learn), learn)),
        rest=tuple(sorted(rest, key=lambda one: (one.day, one.asset, one.payer, one.amount))),
    )


def usable(one: Receipt) -> bool:
    """Say whether a receipt can belong to a series: nothing taken back, no gain of trading."""
    return one.amount > 0 and one.flow_class not in NEVER


def _group(one: Receipt) -> str:
    """Return what receipts of one payer have in common; where nobody is named, what they are (interest) stands in."""
    return payer_key(one.payer) or ("" if one.guessed or one.flow_class is FlowClass.OTHER else f"({one.flow_class})")


class _Learner:
    """Learns rhythms, and the same one once."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._known: dict[tuple[Paid, ...], Rhythm | None] = {}

    def __call__(self, receipts: Iterable[Receipt]) -> Rhythm | None:
        paid = tuple(paid_of(receipts))
        if paid not in self._known:
            self._known[paid] = rhythm(paid, self._calendar)
        return self._known[paid]


def paid_of(receipts: Iterable[Receipt]) -> list[Paid]:
    """Return day and amount of receipts."""
    return [(one.day, one.amount) for one in receipts]


def _of_payer(group: list[Receipt], learn: _Learner) -> tuple[list[list[Receipt]], list[Receipt]]:
    """Return the series among the receipts of one payer, and the rest."""
    if len({one.day for one in group}) < RECEIPTS:
        return [], group
    whole = learn(group)
    if whole is None:
        return _of_anybody(group, learn)
    apart = _by_place(group, whole)
    if apart and all(learn(part) for part in apart):
        return apart, []
    kept, extra = _kept(group, whole)
    if len(kept) < RECEIPTS or learn(kept) is None:
        return [group], []
    more, left = _of_payer(extra, learn)
    return [kept, *more], left


def _by_place(group: Sequence[Receipt], whole: Rhythm) -> list[list[Receipt]]:
    """Tell two payments a month apart that are not the same amount: they are two series."""
    if whole.step is not Step.TWICE_A_MONTH or not isinstance(whole.beat, Months):
        return []
    beat = whole.beat
    parts = [[one for one in group if _place(beat, one.day) == n] for n in range(2)]
    if any(len(part) < RECEIPTS for part in parts):
        return []
    first, second = (float(median(one.amount for one in part)) for part in parts)
    return parts if max(first, second) > 1.15 * min(first, second) else []


def _place(beat: Months, day: date) -> int:
    """Return which of two days of a month `day` is nearer to."""
    far = timedelta(days=20)
    off = [
        min(abs((day - due).days) for due in replace(beat, anchors=(anchor,)).due_days(day - far, day + far))
        for anchor in beat.anchors
    ]
    return off.index(min(off))


def _kept(group: Sequence[Receipt], whole: Rhythm) -> tuple[list[Receipt], list[Receipt]]:
    """Divide receipts into those that meet a due day (one each) and what came besides."""
    days = sorted({one.day for one in group})
    margin = timedelta(days=whole.days)
    due = list(whole.beat.due_days(days[0] - margin, days[-1] + margin))
    reach = int(whole.days / 2)
    met = {days[place] for _, place in pairs(due, days, reach, reach)}
    return [one for one in group if one.day in met], [one for one in group if one.day not in met]


def _of_anybody(group: list[Receipt], learn: _Learner) -> tuple[list[list[Receipt]], list[Receipt]]:
    """Return the series among receipts that nobody or everybody may have paid, and the rest."""
    newest = group[-_MOST:]
    if len(newest) < RECEIPTS or (newest[-1].day - newest[0].day).days * _OFTEN < len(newest) * 30:
        return [], group
    found: list[list[Receipt]] = []
    taken: set[int] = set()
    postings = [Posting(day=one.day, amount=one.amount, place=place) for place, one in enumerate(newest)]
    for chain in chains(postings):
        part = [newest[one.place] for one in chain]
        if learn(part) is not None:
            found.append(part)
            taken |= {one.place for one in chain}
    return found, group[:-_MOST] + [one for place, one in enumerate(newest) if place not in taken]


def _adopted(groups: list[list[Receipt]], rest: list[Receipt], learn: _Learner) -> list[Receipt]:
    """Give receipts to a series that lacks one just then and of just so much; return those that remain."""
    for group in groups:
        known = learn(group)
        if known is None or not rest:
            continue
        days = sorted({one.day for one in group})
        margin = timedelta(days=known.days)
        due = list(known.beat.due_days(days[0] - margin, rest[-1].day + margin))
        reach = int(known.days / 2)
        met = {place for place, _ in pairs(due, days, reach, reach)}
        usual = float(known.amount.typical)
        alike = _ALIKE if known.amount.manner is Manner.VARYING else _SAME
        silent = 0
        for place, one in enumerate(due):
            silent = 0 if place in met else silent + 1
            if place in met or silent > 2:
                continue
            fitting = [
                receipt
                for receipt in rest
                if -known.early <= (receipt.day - one).days <= known.late
                and 1 / alike < float(receipt.amount) / usual < alike
            ]
            if len(fitting) == 1:
                silent = 0
                group.append(fitting[0])
                rest = [receipt for receipt in rest if receipt is not fitting[0]]
        group.sort(key=lambda receipt: receipt.day)
    return rest


def _joined(groups: list[list[Receipt]], learn: _Learner) -> list[list[Receipt]]:
    """Join a series that stopped with the one that began when it should have gone on: a payer that renamed."""
    groups = sorted(groups, key=lambda group: (group[0].day, group[0].payer, len(group)))
    joined: list[list[Receipt]] = []
    for group in groups:
        usual = float(median(one.amount for one in group[:3]))
        for earlier in joined:
            known = learn(earlier)
            if known is None or earlier[0].asset != group[0].asset:
                continue
            pause = (group[0].day - earlier[-1].day).days
            ratio = usual / float(known.amount.typical)
            if not (0.6 * known.days < pause < 1.6 * known.days and 1 / _ALIKE < ratio < _ALIKE):
                continue
            both = learn(earlier + group)
            if both is not None and both.step == known.step and both.words == known.words:
                earlier += group
                break
        else:
            joined.append(group)
    return joined


def _named(groups: Iterable[list[Receipt]], learn: _Learner) -> list[Regular]:
    """Learn each group's rhythm, and number those of the same payer and currency by their first day."""
    numbers: dict[tuple[str, str], int] = defaultdict(int)
    named: list[Regular] = []
    for group in sorted(groups, key=lambda one: (one[0].day, -one[0].amount, one[0].payer)):
        known = learn(group)
        if known is None:
            continue
        key = group[-1].payer, group[-1].asset
        paid = tuple(sorted(paid_of(group)))
        named.append(
            Regular(
                payer=key[0], account=group[-1].account, currency=key[1], number=numbers[key], paid=paid, rhythm=known
            )
        )
        numbers[key] += 1
    return named
