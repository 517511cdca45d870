"""What was due, what came, and what is to come: every regular receipt with its state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from flowd.analytics.expected.amounts import Amounts, Manner, amounts
from flowd.analytics.expected.declared import declared, scheduled
from flowd.analytics.expected.lags import NEWEST, lags
from flowd.analytics.expected.matching import pairs
from flowd.analytics.expected.payers import payer_key
from flowd.analytics.expected.rhythm import RECEIPTS, Rhythm
from flowd.analytics.expected.series import Paid, Regular, find
from flowd.analytics.holidays import WEEKDAYS, Calendar
from flowd.api import ExpectedReceipt, History, Method, Receipt, StreamInfo

#: How far ahead receipts are expected, and how far back they are told of, in days.
AHEAD: Final = 180
BACK: Final = 1096
#: A late receipt is given up when the next one is due, at the latest after so many days.
_GIVEN_UP: Final = 60
#: So many missed in a row: the payer has stopped. Long periods and declared ones have their own number.
_STOPPED: Final = 3
_STOPPED_LONG: Final = 2
_STOPPED_DECLARED: Final = 6
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How far the source of a stream is known: every day up to `until`; `fresh` says whether it is being read."""

    today: date
    until: date
    fresh: bool


@dataclass(slots=True, kw_only=True)
class _Slot:
    """One due day, and what was paid for it."""

    due: date
    expected: Amounts | None
    day: date | None = None
    amount: Decimal = Decimal(0)
    notes: list[str] = field(default_factory=list)

    def wanted(self) -> Decimal | None:
        return None if self.expected is None else self.expected.of(self.due)


def expectations(
    history: History, calendar: Calendar = WEEKDAYS, *, ahead: int = AHEAD, back: int = BACK
) -> Sequence[ExpectedReceipt]:
    """Return every regular receipt due from `back` days ago to `ahead` days ahead, by stream, series and day.

    Declared schedules are taken as they are; so is the period that flowd.yaml names for a stream. Of other streams that
    are made of transactions, series are found among the receipts.
    """
    since, until = history.today - timedelta(days=back), history.today + timedelta(days=ahead)
    rows = list(scheduled(history.terms, history.today, since, until))
    for info in history.streams:
        if info.method is not Method.TRANSACTIONS:
            continue
        receipts = [one for one in history.receipts.get(info.stream, ()) if one.day <= history.today]
        if info.every is not None:
            regular, rest = declared(receipts, info.every), []
        else:
            found = find(receipts, calendar)
            regular, rest = list(found.series), list(found.rest)
        for one in regular:
            seen = seen_of(history, info, one)
            besides = [*_same_payer(one, rest), *_taken_back(one, regular, receipts)]
            rows += _of_series(info.stream, one, besides, seen, since, until, followed(one, regular))
    return sorted(rows, key=lambda row: (row.stream, row.payer, row.series, row.currency, row.due))


def seen_of(history: History, info: StreamInfo, one: Regular) -> Seen:
    """Say how far the source of a series is known.

    The day of the last successful reading is not over in it: only the days before are known. Where nobody reads the
    source (files), the last day of which the account's statements tell is as far as anything is known.
    """
    if info.read_at is None:
        told = max(history.told.get(one.account, one.rhythm.last), one.rhythm.last)
        return Seen(today=history.today, until=min(told, history.today - _DAY), fresh=False)
    day = info.read_at.astimezone(history.zone).date()
    fresh = history.today - day <= max(info.fresh, _DAY)
    return Seen(today=history.today, until=min(day, history.today) - _DAY, fresh=fresh)


def followed(one: Regular, others: Iterable[Regular]) -> bool:
    """Say whether another series of the stream began when `one` ended and took its place.

    It pays about as much: a new employer; or the same payer pays in another currency from then on.
    """
    return any(
        other is not one
        and timedelta() < other.rhythm.first - one.rhythm.last <= timedelta(days=1.6 * one.rhythm.days)
        and other.rhythm.last > one.rhythm.last + timedelta(days=one.rhythm.days)
        and (_as_much(one, other) if other.currency == one.currency else _same(one, other))
        for other in others
    )


def _as_much(one: Regular, other: Regular) -> bool:
    usual = one.rhythm.amount.typical
    return usual / 2 <= other.rhythm.amount.typical <= usual * 2


def _same(one: Regular, other: Regular) -> bool:
    return bool(payer_key(one.payer)) and payer_key(one.payer) == payer_key(other.payer)


def _same_payer(one: Regular, rest: Iterable[Receipt]) -> list[Paid]:
    """Return what the payer of a series paid besides."""
    key = payer_key(one.payer)
    return sorted(
        (other.day, other.amount)
        for other in rest
        if other.asset == one.currency and key and payer_key(other.payer) == key
    )


def _taken_back(one: Regular, others: Iterable[Regular], receipts: Iterable[Receipt]) -> list[Paid]:
    """Return what the payer of a series took back of it: a payment that bounced, too much by mistake."""
    key = payer_key(one.payer)
    mine = [other for other in others if other.currency == one.currency and payer_key(other.payer) == key]
    return [
        (receipt.day, receipt.amount)
        for receipt in receipts
        if receipt.amount < 0
        and receipt.asset == one.currency
        and payer_key(receipt.payer) == key
        and one is min(mine, key=lambda other: abs(other.rhythm.amount.typical + receipt.amount))
    ]


def _of_series(
    stream: str, one: Regular, besides: Sequence[Paid], seen: Seen, since: date, until: date, replaced: bool
) -> Iterator[ExpectedReceipt]:
    known = one.rhythm
    slots = _slots(one, besides, until)
    stop = _STOPPED_DECLARED if known.declared else _STOPPED_LONG if known.days > 150 else _STOPPED
    missed = 0
    last_paid = max((slot.due for slot in slots if slot.day is not None), default=known.last)
    for place, slot in enumerate(slots):
        following = slots[place + 1].due if place + 1 < len(slots) else slot.due + timedelta(days=known.days)
        state = _state(slot, known, following, slot.due < last_paid, seen)
        if replaced and slot.due > last_paid:
            return
        missed = missed + 1 if state == "missed" else 0
        resumed = slot.due < last_paid
        if missed == stop:
            went_on = next((later.due for later in slots[place:] if later.day is not None), None)
            on = f", until it went on with {went_on}" if went_on is not None else ""
            slot.notes.append(f"{missed} in a row: taken as ended{on}")
        # what was not due in a long pause is not missed month after month, but what came after it is told of
        if slot.due >= since and missed <= stop:
            yield _row(stream, one, slot, state, seen)
        if missed >= stop and not resumed:
            return


def _slots(one: Regular, besides: Sequence[Paid], until: date) -> list[_Slot]:
    """Return the due days of a series with what was paid for each, by day."""
    known = one.rhythm
    sums: dict[date, Decimal] = {}
    for day, amount in one.paid:
        sums[day] = sums.get(day, Decimal(0)) + amount
    days = list(sums)
    newest = _lived(days, known)
    before = min(known.early + max(2, round(known.days * 0.12)), int(known.days / 2))
    after = max(int(known.days) - before - 1, 0)
    due = list(known.beat.due_days(newest[0] - timedelta(days=after), until))
    met = dict(pairs(due, newest, before, after))
    first = min(met, default=len(due))
    slots = []
    for place, day in enumerate(due):
        if place < first:
            continue
        at = newest[met[place]] if place in met else None
        earlier = [(one_day, sums[one_day]) for one_day in days if one_day < (at or day)][-3 * NEWEST :]
        slot = _Slot(due=day, expected=amounts(earlier) if earlier else None)
        if at is not None:
            slot.day, slot.amount = at, sums[at]
        slots.append(slot)
    paired = {newest[place] for place in met.values()}
    left = sorted([*((day, sums[day]) for day in newest if day not in paired), *besides])
    _less(slots, [paid for paid in left if paid[1] < 0])
    left = [paid for paid in left if paid[1] > 0]
    _late_or_more(slots, known, left, int(known.days / 2), after)
    _together(slots, known)
    return slots


def _lived(days: Sequence[date], known: Rhythm) -> Sequence[date]:
    """Return the newest receipts that a rhythm holds for: those it was learned from, and those before in time as well.

    Older habits are left alone: by today's rhythm they would have been late.
    """
    older = days[:-NEWEST]
    if older:
        far = timedelta(days=known.days)
        found = lags(older, list(known.beat.due_days(older[0] - far, older[-1] + far)))
        while older and -known.early <= found[len(older) - 1] <= known.late:
            older = older[:-1]
    return days[len(older) :]


def _less(slots: Sequence[_Slot], back: Sequence[Paid]) -> None:
    """Take back what was paid last before it was taken back."""
    for day, amount in back:
        before = [slot for slot in slots if slot.day is not None and slot.day <= day]
        if not before:
            continue
        slot = max(before, key=lambda one: one.day or one.due)
        slot.amount += amount
        slot.notes.append(f"{_number(-amount)} taken back on {day}")
        if slot.amount <= 0:
            slot.day, slot.amount = None, Decimal(0)


def _late_or_more(slots: Sequence[_Slot], known: Rhythm, left: Sequence[Paid], before: int, after: int) -> None:
    """Give what the payer paid besides to a due day that nothing came for, or that too little came for."""
    open_ = [slot for slot in slots if slot.day is None]
    like = [(day, amount) for day, amount in left if known.amount.typical / 2 <= amount <= known.amount.typical * 2]
    used: set[int] = set()
    for place, other in pairs([slot.due for slot in open_], [day for day, _ in like], before, after):
        open_[place].day, open_[place].amount = like[other]
        used.add(other)
    taken = {like[other] for other in used}
    for slot in slots:
        if slot.day is None or slot.expected is None or not slot.expected.is_short(slot.amount, slot.due):
            continue
        more = [paid for paid in left if paid not in taken and slot.day < paid[0] <= slot.due + timedelta(days=after)]
        wanted = slot.expected.of(slot.due)
        for paid in more:
            if slot.amount + paid[1] <= wanted * Decimal("1.02"):
                slot.amount += paid[1]
                slot.notes.append(f"the rest on {paid[0]}")
                taken.add(paid)


def _together(slots: Sequence[_Slot], known: Rhythm) -> None:
    """Divide a receipt that paid for two or three due days at once: for missed ones before it, or in advance."""
    if known.amount.manner is Manner.VARYING:
        return
    for place, slot in enumerate(slots):
        wanted = slot.wanted()
        if slot.day is None or not wanted:
            continue
        fold = round(slot.amount / wanted)
        if not 2 <= fold <= 3 or abs(slot.amount - fold * wanted) > Decimal("0.02") * slot.amount:
            continue
        open_before = _run(slots, place, -1)
        chosen = open_before[: fold - 1] if len(open_before) >= fold - 1 else _run(slots, place, 1)[: fold - 1]
        if len(chosen) < fold - 1:
            continue
        for other in chosen:
            other.day, other.amount = slot.day, wanted
            other.notes.append(f"paid together with {slot.due}")
        slot.amount -= wanted * (fold - 1)


def _run(slots: Sequence[_Slot], place: int, step: int) -> list[_Slot]:
    """Return the unpaid slots next to one, the nearest first."""
    found = []
    place += step
    while 0 <= place < len(slots) and slots[place].day is None:
        found.append(slots[place])
        place += step
    return found


def _state(slot: _Slot, known: Rhythm, following: date, later_paid: bool, seen: Seen) -> str:
    earliest, latest = known.window(slot.due)
    if slot.day is not None:
        enough = slot.expected is not None and known.receipts >= RECEIPTS and len(slot.expected.recent) >= RECEIPTS
        return "short" if enough and slot.expected and slot.expected.is_short(slot.amount, slot.due) else "received"
    if later_paid:
        return "missed"
    if earliest > seen.today:
        return "expected"
    if latest >= seen.today:
        return "due"
    if latest > seen.until:
        return "due" if seen.fresh else "unknown"
    given_up = max(min(following, latest + timedelta(days=_GIVEN_UP)), latest + _DAY)
    return "missed" if given_up <= seen.until else "late"


def _row(stream: str, one: Regular, slot: _Slot, state: str, seen: Seen) -> ExpectedReceipt:
    earliest, latest = one.rhythm.window(slot.due)
    notes = list(slot.notes)
    wanted = slot.wanted()
    if slot.day is not None:
        if slot.day > latest:
            notes.insert(0, f"{_days((slot.day - slot.due).days)} late")
        elif slot.day < earliest:
            notes.insert(0, f"{_days((slot.due - slot.day).days)} early")
        if state == "short" and wanted:
            notes.insert(0, f"{_number(wanted - slot.amount)} {one.currency} less than usual")
    elif state in {"late", "missed"}:
        notes.insert(0, f"nothing came up to {min(seen.until, seen.today)}" if state == "late" else "nothing came")
    elif state == "unknown":
        notes.insert(0, f"nothing is known after {seen.until}")
    return ExpectedReceipt(
        stream=stream,
        payer=one.payer,
        series=one.number,
        currency=one.currency,
        due=slot.due,
        earliest=earliest,
        latest=latest,
        amount=wanted,
        source="declared" if one.rhythm.declared else "detected",
        state=state,
        received_on=slot.day,
        received=slot.amount if slot.day is not None else None,
        reason="; ".join([*notes, *([one.rhythm.words] if not one.rhythm.declared else [])]),
    )


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _number(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
