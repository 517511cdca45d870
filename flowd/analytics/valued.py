"""Income of accounts that are worth something: their change in value that no money from outside explains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from flowd.analytics.converting import PLACES, in_base
from flowd.api import Flow, IncomeDay, Level, Quality, Stream, View
from flowd.domain.shares import EXACT, share
from flowd.domain.time import day_bounds, days

_DAY: Final = timedelta(days=1)
_ZERO: Final = Decimal(0)
#: How far is looked for the nearest day with a value, at first; then twice as far, and so on.
_LOOK: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How much of an asset an account held at the end of a day, what that was worth, and the day's first reading."""

    quantity: Decimal
    worth: Decimal
    begun: Decimal


_NONE_HELD: Final = Held(quantity=_ZERO, worth=_ZERO, begun=_ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayValue:
    """What a connection's accounts were worth at the end of a day; `value` is None where `why` says what is lacking.

    `opening` is the worth of the day's first readings, at the day's own prices. `read_from` and `read_to` are the times
    of the day's first and last reading, None on a day without any. `held` says by account and asset what is known,
    `lacks` of which assets there is no rate, or no reading that is new enough.
    """

    day: date
    value: Decimal | None
    why: Quality
    opening: Decimal | None
    read_from: datetime | None
    read_to: datetime | None
    held: Mapping[tuple[str, str], Held] = field(default_factory=dict)
    lacks: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuedDay:
    """What a day brought: the change in value and the money from outside in it; None where that is not known.

    `opened` is the time of the first reading, on the day from which on there are any.
    """

    day: date
    change: Decimal | None
    outside: Decimal | None
    quality: Quality
    opened: datetime | None = None

    @property
    def gain(self) -> Decimal | None:
        """The change in value that no money from outside explains."""
        if self.change is None or self.outside is None:
            return None
        return EXACT.subtract(self.change, self.outside)


def day_values(view: View, stream: Stream, since: date, until: date) -> Iterator[DayValue]:
    """Yield the value at the end of each day from `since` to `until`, from the first day with a reading on."""
    levels = iter(view.levels(stream.connection, since, until))
    ahead = next(levels, None)
    state: dict[tuple[str, str], Level] = {}
    for day in days(since, until):
        today: list[Level] = []
        while ahead is not None and ahead.day <= day:
            state[ahead.account, ahead.asset] = ahead
            if ahead.day == day:
                today.append(ahead)
            ahead = next(levels, None)
        if state:
            yield _day_value(view, stream, day, state, today)


def _day_value(
    view: View, stream: Stream, day: date, state: Mapping[tuple[str, str], Level], today: list[Level]
) -> DayValue:
    end = day_bounds(day, view.zone)[1]
    value, opening, why = _ZERO, _ZERO, Quality.EXACT
    held: dict[tuple[str, str], Held] = {}
    stale: list[tuple[str, str]] = []
    unpriced: list[tuple[str, str]] = []
    for level in state.values():
        key = (level.account, level.asset)
        # What is known to be gone needs no further reading.
        fresh = level.quantity == 0 or end - level.at <= stream.fresh
        if not fresh:
            why = Quality.STALE
            stale.append(key)
            continue
        if not level.quantity and not (level.day == day and level.first):
            held[key] = _NONE_HELD
            continue
        rate = view.rate(level.asset, view.base_currency, day)
        worth = in_base(level.quantity, rate)
        begun = in_base(level.first if level.day == day else level.quantity, rate)
        if worth is None or begun is None:
            why = Quality.PARTIAL if why is Quality.EXACT else why
            unpriced.append(key)
            continue
        held[key] = Held(quantity=level.quantity, worth=worth, begun=begun)
        value, opening = EXACT.add(value, worth), EXACT.add(opening, begun)
    known = why is Quality.EXACT
    return DayValue(
        day=day,
        value=value if known else None,
        why=why,
        opening=opening if known else None,
        read_from=min((level.first_at for level in today), default=None),
        read_to=max((level.at for level in today), default=None),
        held=held,
        lacks=stale or unpriced,
    )


def widen(view: View, stream: Stream, since: date, until: date) -> tuple[date, date]:
    """Return the days whose income depends on the value of any day from `since` to `until`.

    Those are all days after the last known value before, up to the first known value after: a gap between known values
    is one sum that is spread.
    """
    first, look = since, _LOOK
    while True:
        before = list(day_values(view, stream, since - timedelta(days=look), since - _DAY))
        known = [item.day for item in before if item.value is not None]
        if known:
            first = known[-1] + _DAY
            break
        if not before or before[0].day > since - timedelta(days=look):
            first = before[0].day if before else since
            break
        look *= 2
    last, look = until, _LOOK
    while last < view.today:
        after = list(day_values(view, stream, until + _DAY, min(until + timedelta(days=look), view.today)))
        known = [item.day for item in after if item.value is not None]
        last = known[0] if known else min(until + timedelta(days=look), view.today)
        if known:
            break
        look *= 2
    return first, max(last, until)


def valued(view: View, stream: Stream, since: date, until: date) -> Iterator[IncomeDay]:
    """Yield the income of each day from `since` to `until` (not after today), from the day of the first reading on.

    Income is V(end) - V(start) - money from outside. The first known value opens the account: its day counts from its
    first reading. Days without a known value get an equal share of the change across the gap once it is over, until
    then NULL. Today has no row before it is known.
    """
    until = min(until, view.today)
    for day in valued_days(view, stream, since, until)[0]:
        yield _row(view, stream, day.day, day.gain, day.quality)


def valued_days(view: View, stream: Stream, since: date, until: date) -> tuple[list[ValuedDay], list[DayValue]]:
    """Return what each day from `since` to `until` brought (see `valued`), and the values that it was told from."""
    rows, values = changes(view, stream, *widen(view, stream, since, until))
    return [row for row in rows if since <= row.day <= until], values


def changes(view: View, stream: Stream, first: date, last: date) -> tuple[list[ValuedDay], list[DayValue]]:
    """Return what the days brought, and the values of those and the day before `first`; see `widen` for the days."""
    values = list(day_values(view, stream, first - _DAY, last))
    outside = Moves(view, values, view.flows(stream.connection, first - _DAY, last))
    known: DayValue | None = None
    gap: list[DayValue] = []
    rows: list[ValuedDay] = []
    for item in values:
        if item.value is None:
            gap.append(item)
        elif known is None:
            rows += [_unknown(missed.day, missed.why) for missed in gap]
            if item.opening is not None and item.read_from is not None:
                moved = outside.after(item.read_from, item.day)
                rows.append(
                    ValuedDay(
                        day=item.day,
                        change=EXACT.subtract(item.value, item.opening),
                        outside=moved,
                        quality=Quality.PARTIAL,
                        opened=item.read_from,
                    )
                )
        else:
            assert known.value is not None
            change = EXACT.subtract(item.value, known.value)
            rows += _across(known.day, item.day, change, outside)
        if item.value is not None:
            known, gap = item, []
    rows += [_unknown(item.day, item.why) for item in gap if item.day < view.today or item.why is not Quality.STALE]
    return rows, values


def _across(before: date, day: date, change: Decimal, outside: Moves) -> Iterator[ValuedDay]:
    """Yield the days after `before` up to `day`, over which the value changed by `change`."""
    gained = list(days(before + _DAY, day))
    moved = outside.between(gained[0], day)
    if moved is None:
        yield from (_unknown(one, Quality.PARTIAL) for one in gained)
        return
    each, rest = share(EXACT.subtract(change, moved), len(gained), PLACES)
    quality = Quality.SPREAD if len(gained) > 1 else Quality.EXACT
    for one in gained:
        came = outside.between(one, one) or _ZERO
        gain = rest if one == day else each
        yield ValuedDay(day=one, change=EXACT.add(gain, came), outside=came, quality=quality)


def _unknown(day: date, why: Quality) -> ValuedDay:
    return ValuedDay(day=day, change=None, outside=None, quality=why)


class Moves:
    """What was booked, in base currency, on the day whose closing value has it in it for the first time.

    Where the source states the time, that is the day itself if a reading was taken later on it, else the next day.
    """

    def __init__(self, view: View, values: Iterable[DayValue], flows: Iterable[Flow]) -> None:
        closed = {item.day: item.read_to for item in values}
        self._days: dict[date, list[tuple[datetime | None, Decimal | None]]] = {}
        for flow in flows:
            rate = view.rate(flow.asset, view.base_currency, flow.day)
            read_to = closed.get(flow.day)
            late = flow.at is not None and (read_to is None or flow.at > read_to)
            day = flow.day + _DAY if late else flow.day
            self._days.setdefault(day, []).append((flow.at, in_base(flow.amount, rate)))

    def on_any(self, wanted: Iterable[date]) -> bool:
        """Say whether anything was booked on one of these days."""
        return any(day in self._days for day in wanted)

    def between(self, first: date, last: date) -> Decimal | None:
        """Return the sum over the days from `first` to `last`; None where one of them has no rate."""
        return _sum(amount for day in days(first, last) for _, amount in self._days.get(day, ()))

    def after(self, moment: datetime, day: date) -> Decimal | None:
        """Return the sum on `day` of what came after `moment`; None where one of them has no rate."""
        return _sum(amount for at, amount in self._days.get(day, ()) if at is not None and at > moment)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    total = _ZERO
    for amount in amounts:
        if amount is None:
            return None
        total = EXACT.add(total, amount)
    return total


def _row(view: View, stream: Stream, day: date, gain: Decimal | None, quality: Quality) -> IncomeDay:
    return IncomeDay(
        stream=stream.stream,
        day=day,
        currency=view.base_currency,
        received=gain,
        earned=gain,
        received_base=gain,
        earned_base=gain,
        quality=quality,
    )
