"""What is known of a stream: its receipts payer by payer, its days, or its schedule, up to a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Final

import numpy as np

from flowd.analytics.projection.subjects import Array
from flowd.api.studies import History, StreamInfo
from flowd.domain.flows import FlowClass
from flowd.domain.results import Method, ScheduleTerm

#: Gains and losses of trading: they go up and down, and no level of them is to be counted on.
_TRADING: Final = frozenset({FlowClass.REALISED_PNL, FlowClass.FUNDING, FlowClass.FEE})


class Kind(StrEnum):
    """What a stream is like, which decides what is believed of it before its past is looked at."""

    DECLARED = "declared"
    REGULAR = "regular"
    IRREGULAR = "irregular"
    VALUE = "value"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Payments:
    """The receipts of one payer: days (ascending, none twice) and amounts in the projection's currency."""

    key: str
    days: Sequence[date]
    amounts: Array

    def before(self, day: date) -> Payments:
        """Return those before `day`."""
        count = int(np.searchsorted(np.array(self.days, dtype="datetime64[D]"), np.datetime64(day)))
        return replace(self, days=self.days[:count], amounts=self.amounts[:count])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """All that is known of a stream on the days from `first` to `until`: `daily` is what came, NaN where not known."""

    info: StreamInfo
    first: date
    until: date
    daily: Array
    payments: Sequence[Payments] = ()
    terms: Sequence[ScheduleTerm] = ()
    signed: bool = False
    trading: bool = False
    #: Whether it may end by chance: what somebody adds to see what would be is taken at its word.
    may_end: bool = True
    #: How many receipts nobody knows the worth of.
    unpriced: int = 0
    #: Whether what is owed now is counted at a rate that is older than a number of today may use.
    old_rate: bool = False

    @property
    def days(self) -> int:
        """How many days of history there are."""
        return len(self.daily)

    def before(self, day: date) -> Known:
        """Return what was known when `day` began."""
        until = min(self.until, day - timedelta(days=1))
        payments = [cut for one in self.payments if len((cut := one.before(day)).days)]
        return replace(
            self,
            until=until,
            daily=self.daily[: max((until - self.first).days + 1, 0)],
            payments=payments,
            terms=[term for term in self.terms if term.start < day],
        )

    def total(self, since: date, days: int) -> float:
        """Return what came in the `days` days from `since` on; a day that is not known counts as nothing."""
        low = (since - self.first).days
        return float(np.nansum(self.daily[max(low, 0) : max(low + days, 0)]))


#: In what was paid within so many days more may be paid.
_RECENT: Final = 400
#: What came within so many days tells whether its worth is known.
_LATELY: Final = 60


def digest(text: str) -> str:
    """Return a short text that stands for a longer one."""
    return blake2b(text.encode(), digest_size=6).hexdigest()


def known_streams(history: History) -> dict[str, Known]:
    """Return what is known of each stream that has a history or a schedule."""
    found: dict[str, Known] = {}
    for info in history.streams:
        terms = [term for term in history.terms if term.stream == info.stream]
        known = _known(history, info, terms)
        if known is not None:
            found[info.stream] = known
    return found


def _known(history: History, info: StreamInfo, terms: Sequence[ScheduleTerm]) -> Known | None:
    running = [term for term in terms if term.end is None or term.end >= history.today]
    if any(history.last_rate(term.currency, history.currency, history.until) is None for term in running):
        # nobody knows what it will be worth: that is not nothing
        return None
    if info.method is Method.TRANSACTIONS and _unknown_worth(history, info.stream):
        return None
    income = history.income.get(info.stream)
    payments = _payments(history, info.stream) if info.method is Method.TRANSACTIONS else []
    if income is not None and len(income.received.values):
        first = income.received.first
        daily = income.received.between(first, history.until)
        if income.received.last < history.until:
            # no row is nothing that came
            daily[len(income.received.values) :] = 0.0
        _fill(daily, first, payments)
    elif payments:
        first = min(one.days[0] for one in payments)
        daily = np.full((history.until - first).days + 1, np.nan)
        _fill(daily, first, payments)
        daily = np.nan_to_num(daily)
    elif terms:
        first, daily = history.today, np.empty(0)
    else:
        return None
    if info.method is Method.TRANSACTIONS and not payments:
        payments = _one_payer(first, daily)
    return Known(
        info=info,
        first=first,
        until=history.until,
        daily=daily,
        payments=payments,
        terms=terms,
        signed=info.method is Method.VALUE or bool(np.nanmin(daily, initial=0.0) < 0),
        unpriced=0 if info.method is not Method.TRANSACTIONS else _unpriced(history, info.stream),
        old_rate=_old_rate(history, info, running),
        trading=info.method is Method.VALUE or bool(_TRADING & {str(one) for one in info.classes}),
    )


def _payments(history: History, stream: str) -> list[Payments]:
    """Group receipts by payer, at the last rate known on their day; without any they are left out.

    A receipt of a day that lacks a rate came all the same: it is not one that was missed.
    """
    sums: dict[tuple[str, str, str, str], dict[date, float]] = {}
    for receipt in history.receipts.get(stream, ()):
        rate = history.last_rate(receipt.asset, history.currency, receipt.day)
        if rate is None or receipt.day > history.until:
            continue
        days = sums.setdefault((receipt.account, receipt.payer, receipt.flow_class.value, receipt.asset), {})
        days[receipt.day] = days.get(receipt.day, 0.0) + float(receipt.amount * rate)
    # payers' names stay where they are: a digest tells them apart as well
    return [_ordered(digest("\0".join(key)), days) for key, days in sorted(sums.items())]


def _unpriced(history: History, stream: str) -> int:
    return sum(
        history.last_rate(one.asset, history.currency, one.day) is None
        for one in history.receipts.get(stream, ())
        if one.asset != history.currency
    )


def _old_rate(history: History, info: StreamInfo, running: Sequence[ScheduleTerm]) -> bool:
    paid = history.receipts.get(info.stream, ()) if info.method is Method.TRANSACTIONS else ()
    recent = {one.asset for one in paid if (history.until - one.day).days <= _RECENT}
    currencies = recent | {term.currency for term in running}
    now, into = history.until, history.currency
    return any(history.rate(one, into, now) is None and history.last_rate(one, into, now) for one in sorted(currencies))


def _unknown_worth(history: History, stream: str) -> bool:
    """Say whether nobody knows what most of what came lately was worth: then nobody knows what will come."""
    recent = [one for one in history.receipts.get(stream, ()) if 0 <= (history.until - one.day).days <= _LATELY]
    priced = [one for one in recent if history.last_rate(one.asset, history.currency, one.day) is not None]
    return 2 * len(priced) < len(recent)


def _fill(daily: Array, first: date, payments: Sequence[Payments]) -> None:
    """Set the days that are not known for want of a rate to what came on them, at the last rate known."""
    came: dict[int, float] = {}
    for one in payments:
        for day, amount in zip(one.days, one.amounts.tolist(), strict=True):
            place = (day - first).days
            came[place] = came.get(place, 0.0) + amount
    for place, amount in sorted(came.items()):
        if 0 <= place < len(daily) and np.isnan(daily[place]):
            daily[place] = amount


def _one_payer(first: date, daily: Array) -> list[Payments]:
    came = np.flatnonzero(np.nan_to_num(daily))
    if not len(came):
        return []
    return [_ordered("", {first + timedelta(days=int(number)): float(daily[number]) for number in came})]


def _ordered(key: str, amounts: Mapping[date, float]) -> Payments:
    days = sorted(amounts)
    return Payments(key=key, days=days, amounts=np.array([amounts[day] for day in days]))
