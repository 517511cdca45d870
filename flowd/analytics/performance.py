"""The analytic `performance`: what accounts and connections were worth at the end of each day, and why that changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from flowd.analytics.combining import combine, day_return, total
from flowd.analytics.converting import PLACES
from flowd.analytics.revalued import revalued
from flowd.analytics.valued import DayValue, Held, Moves, changes, widen
from flowd.api import About, Flow, FlowClass, Performance, Quality, Stream, View
from flowd.domain.shares import EXACT, share
from flowd.domain.time import days

_DAY: Final = timedelta(days=1)
_ZERO: Final = Decimal(0)
#: So many assets are named where they lack a rate or a reading.
_NAMED: Final = 3
_NO_RATE: Final = "no rate for money that came or left"
_UNPRICED: Final = "no rate for what was booked"
_UNREAD: Final = "this account was never read"
_FIRST: Final = "read for the first time: what was there counts as money from outside"


class DailyPerformance:
    """Says for accounts that are worth something what each was worth, and what made the difference, day by day.

    One row per account and one per connection, its sum: pnl = change in value - flow = income + price + fx + fees +
    other, exactly. Values, gaps and money from outside are those of income by value, so the pnl of a connection whose
    income is by value is its income of that day.
    """

    name = "performance"
    reads: Sequence[str] = ("derived.flow", "derived.snapshot_daily", "raw.rate")
    writes: Sequence[str] = ("derived.performance",)

    def reach(self, view: View, since: date, until: date) -> tuple[date, date]:
        """Return the days to compute anew: a value reaches to the known values around it."""
        worth = view.worth()
        first, last = since, until
        for stream in worth.streams():
            start, end = widen(worth, stream, since, min(until, view.today))
            first, last = min(first, start), max(last, end)
        return first, last

    def compute(self, view: View, since: date, until: date) -> Iterator[Performance]:
        """Yield the rows of each connection that is worth something, and of its accounts, by day."""
        worth = view.worth()
        for stream in worth.streams():
            for row in _Connection(worth, stream, since, min(until, view.today)).rows():
                if since <= row.day <= until:
                    yield row


@dataclass(frozen=True, slots=True)
class _Change:
    """How one account came from one known value to the next: amounts over all days between."""

    account: str
    opening: Decimal
    gain: Decimal
    price: Decimal
    fx: Decimal


class _Connection:
    """One connection over a stretch of days, told from known values to known values."""

    def __init__(self, view: View, stream: Stream, since: date, until: date) -> None:
        self.view = view
        self.name = stream.connection
        first, last = widen(view, stream, since, until)
        told, self.values = changes(view, stream, first, last)
        self.told = {day.day: day for day in told}
        # one booked after the last reading of the day before the first is in the value of the first
        self.outside = _Books(view, self.values, view.flows(self.name, first - _DAY, last))
        gains = list(view.gains(self.name, first - _DAY, last))
        self.income = _Books(view, self.values, (flow for flow in gains if flow.flow_class.is_income))
        self.fees = _Books(view, self.values, (flow for flow in gains if flow.flow_class is FlowClass.FEE))

    def rows(self) -> Iterator[Performance]:
        """Yield the rows of every day there are values of, and of the known one before."""
        known: DayValue | None = None
        gap: list[DayValue] = []
        for item in self.values:
            if item.value is None:
                gap.append(item)
                continue
            if known is None:
                for missed in gap:
                    yield from self._unknown(missed)
                yield from self._opened(item)
            else:
                yield from self._across(known, gap, item)
            known, gap = item, []
        for missed in gap:
            # today has no row before it is known
            if missed.day in self.told:
                yield from self._unknown(missed)

    def _across(self, known: DayValue, gap: Sequence[DayValue], item: DayValue) -> Iterator[Performance]:
        """Yield the days after the known value up to the next one, over which the changes are divided."""
        gained = list(days(known.day + _DAY, item.day))
        if self.told[item.day].gain is None:
            for missed in gap:
                yield from self._unknown(missed, _NO_RATE)
            yield from self._unmoved(item)
            return
        before, after = _by_account(known), _by_account(item)
        booked = {account for book in self._books() for account in book.of_days(gained)}
        found = [self._change(account, before, after, known, gained) for account in sorted({*after, *booked})]
        reason = "" if len(gained) == 1 else f"not known between {known.day} and {item.day}: the change is spread"
        running = {change.account: change.opening for change in found}
        each = [_shares(change, len(gained)) for change in found]
        for day in gained:
            told = self.told[day]
            rows: list[Performance] = []
            rest = told.gain or _ZERO
            for change, (daily, final) in zip(found, each, strict=True):
                gain, price, fx = final if day == item.day else daily
                if len(rows) == len(found) - 1 and len(gained) > 1:
                    # shares are rounded: the last account takes what that leaves, so that all are the connection's
                    gain = rest
                rest = EXACT.subtract(rest, gain)
                account = change.account
                flow = self.outside.between(account, day, day) or _ZERO
                opening, running[account] = running[account], _sum(running[account], gain, flow)
                read = account in after
                rows.append(
                    self._row(
                        account,
                        day,
                        (opening, running[account], flow, gain),
                        (self.income.between(account, day, day), price, fx, self.fees.between(account, day, day)),
                        told.quality if read else Quality.PARTIAL,
                        reason if read else _UNREAD,
                    )
                )
            yield from self._with_sum(day, rows, told.quality, reason)

    def _change(
        self,
        account: str,
        before: Mapping[str, Mapping[str, Held]],
        after: Mapping[str, Mapping[str, Held]],
        known: DayValue,
        gained: Sequence[date],
    ) -> _Change:
        held, holds = before.get(account, {}), after.get(account, {})
        opening, closing = _worth(held), _worth(holds)
        moved = self.outside.between(account, gained[0], gained[-1]) or _ZERO
        price, fx = revalued(self.view, held, holds, known.day, gained[-1])
        return _Change(account, opening, EXACT.subtract(EXACT.subtract(closing, opening), moved), price, fx)

    def _opened(self, item: DayValue) -> Iterator[Performance]:
        """Yield the first day with a known value: it counts from its first reading, whose worth came from outside."""
        told = self.told.get(item.day)
        if told is not None and told.gain is None:
            yield from self._unmoved(item)
            return
        at = None if told is None else told.opened
        accounts = _by_account(item)
        booked = {account for book in self._books() for account in book.of_days([item.day])} if at is not None else ()
        rows = []
        for account in sorted({*accounts, *booked}):
            held = accounts.get(account, {})
            value = _worth(held)
            begun, moved = value, _ZERO
            income: Decimal | None = _ZERO
            fees: Decimal | None = _ZERO
            if at is not None:
                begun = _sum(*(one.begun for one in held.values()))
                moved = self.outside.after(account, at, item.day) or _ZERO
                income, fees = self.income.after(account, at, item.day), self.fees.after(account, at, item.day)
            gain = EXACT.subtract(EXACT.subtract(value, begun), moved)
            amounts = (_ZERO, value, EXACT.add(begun, moved), gain)
            reason = _FIRST if account in accounts else _UNREAD
            rows.append(self._row(account, item.day, amounts, (income, _ZERO, _ZERO, fees), Quality.PARTIAL, reason))
        yield from self._with_sum(item.day, rows, Quality.PARTIAL, _FIRST)

    def _unknown(self, item: DayValue, reason: str = "") -> Iterator[Performance]:
        accounts = {account for account, _ in (*item.held, *item.lacks)}
        said, quality = reason or _lacking(item), self.told[item.day].quality
        rows = [_blank(f"{self.name}/{account}", item.day, None, quality, said) for account in sorted(accounts)]
        yield from self._with_sum(item.day, rows, quality, said)

    def _unmoved(self, item: DayValue) -> Iterator[Performance]:
        """Yield a day whose value is known, but not what of it came from outside."""
        worths = {account: _worth(held) for account, held in _by_account(item).items()}
        rows = [
            _blank(f"{self.name}/{account}", item.day, worth, Quality.PARTIAL, _NO_RATE)
            for account, worth in sorted(worths.items())
        ]
        yield from self._with_sum(item.day, rows, Quality.PARTIAL, _NO_RATE)

    def _row(
        self,
        account: str,
        day: date,
        amounts: tuple[Decimal, Decimal, Decimal, Decimal],
        parts: tuple[Decimal | None, Decimal, Decimal, Decimal | None],
        quality: Quality,
        reason: str,
    ) -> Performance:
        """Return a row of (opening, value, flow, pnl) and (income, price, fx, fees); other is what these leave."""
        opening, value, flow, pnl = amounts
        income, price, fx, fees = parts
        gained, why = day_return(opening, flow, pnl)
        explained = total(parts)
        if explained is None:
            reason = _joined(reason, _UNPRICED)
        return Performance(
            scope=About.ACCOUNT,
            name=f"{self.name}/{account}",
            day=day,
            value=value,
            flow=flow,
            pnl=pnl,
            day_return=gained,
            income=income,
            price=price,
            fx=fx,
            fees=fees,
            other=None if explained is None else EXACT.subtract(pnl, explained),
            quality=quality,
            reason=_joined(reason, why),
        )

    def _with_sum(self, day: date, rows: list[Performance], quality: Quality, reason: str) -> Iterator[Performance]:
        yield from rows
        if any(row.pnl is not None and row.other is None for row in rows):
            reason = _joined(reason, _UNPRICED)
        yield combine(About.CONNECTION, self.name, day, rows, quality, reason)

    def _books(self) -> Sequence[_Books]:
        return self.outside, self.income, self.fees


class _Books:
    """What was booked in each account of a connection, on the day whose closing value has it for the first time."""

    def __init__(self, view: View, values: Sequence[DayValue], flows: Iterable[Flow]) -> None:
        booked: defaultdict[str, list[Flow]] = defaultdict(list)
        for flow in flows:
            booked[flow.account].append(flow)
        self._moves = {account: Moves(view, values, own) for account, own in booked.items()}

    def of_days(self, wanted: Sequence[date]) -> set[str]:
        """Return the accounts in which something was booked on any of these days."""
        return {account for account, moves in self._moves.items() if moves.on_any(wanted)}

    def between(self, account: str, first: date, last: date) -> Decimal | None:
        """Return the sum over some days; None where a rate is missing."""
        return self._moves[account].between(first, last) if account in self._moves else _ZERO

    def after(self, account: str, moment: datetime, day: date) -> Decimal | None:
        """Return the sum on `day` of what came after `moment`; None where a rate is missing."""
        return self._moves[account].after(moment, day) if account in self._moves else _ZERO


def _by_account(item: DayValue) -> dict[str, dict[str, Held]]:
    accounts: dict[str, dict[str, Held]] = {}
    for (account, asset), held in item.held.items():
        accounts.setdefault(account, {})[asset] = held
    return accounts


def _worth(held: Mapping[str, Held]) -> Decimal:
    return _sum(*(one.worth for one in held.values()))


def _sum(*amounts: Decimal) -> Decimal:
    found = _ZERO
    for amount in amounts:
        found = EXACT.add(found, amount)
    return found


_Amounts = tuple[Decimal, Decimal, Decimal]


def _shares(change: _Change, count: int) -> tuple[_Amounts, _Amounts]:
    """Return (gain, price, fx) of each day but the last, and of the last."""
    gain, price, fx = (share(one, count, PLACES) for one in (change.gain, change.price, change.fx))
    return (gain[0], price[0], fx[0]), (gain[1], price[1], fx[1])


def _lacking(item: DayValue) -> str:
    what = "no reading that is new enough" if item.why is Quality.STALE else "no rate"
    named = sorted({f"{account} {asset}" if item.why is Quality.STALE else asset for account, asset in item.lacks})
    more = [f"and {len(named) - _NAMED} more"] if len(named) > _NAMED else []
    return f"{what}: {', '.join([*named[:_NAMED], *more])}"


def _joined(*reasons: str) -> str:
    return "; ".join(reason for reason in reasons if reason)


def _blank(name: str, day: date, value: Decimal | None, quality: Quality, reason: str) -> Performance:
    return Performance(
        scope=About.ACCOUNT,
        name=name,
        day=day,
        value=value,
        flow=None,
        pnl=None,
        day_return=None,
        income=None,
        price=None,
        fx=None,
        fees=None,
        other=None,
        quality=quality,
        reason=reason,
    )
