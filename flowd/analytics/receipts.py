"""Income of booked transactions: received on its day, earned over the days it pays for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Final

from flowd.analytics.cadence import detect
from flowd.analytics.cadence import spans as spans_of
from flowd.analytics.converting import PLACES, in_base
from flowd.analytics.spread import Spread
from flowd.api import FlowClass, IncomeDay, Quality, Receipt, Span, Stream, View, parse_period
from flowd.domain.shares import EXACT, places_of
from flowd.domain.time import days

#: Gains of trading belong to their day, however regularly they are booked.
_NEVER_SPREAD: Final = frozenset({FlowClass.REALISED_PNL, FlowClass.FUNDING, FlowClass.FEE})
_ZERO: Final = Decimal(0)
_ONE: Final = timedelta(days=1)
#: How long after its due day a payment of a declared rhythm is still waited for.
_GRACE: Final = timedelta(days=7)


@dataclass(slots=True)
class _Sums:
    """What one stream brought in one currency, per day."""

    earned: Spread
    earned_base: Spread
    received: dict[date, Decimal] = field(default_factory=dict)
    received_base: dict[date, Decimal | None] = field(default_factory=dict)
    # spans, not days: many receipts of a stream pay for the same one
    estimated: set[Span] = field(default_factory=set)
    awaited: set[Span] = field(default_factory=set)
    unpriced: set[Span] = field(default_factory=set)


def received(view: View, stream: Stream, since: date, until: date) -> Iterator[IncomeDay]:
    """Yield a row for each day from `since` to `until` (not after today) that has income of `stream`, per currency.

    Days for which a regular payment is still to come have a row that says that nobody knows yet what was earned on
    them (None), unless somebody else paid for them; once it is overdue, they are zero. A receipt is worth in base
    currency what it was worth on the day it came, also where it is spread.
    """
    sums: dict[str, _Sums] = {}
    known = (receipt for receipt in view.receipts(stream.stream) if receipt.day <= view.today)
    for (asset, flow_class, _, _), group in groupby(known, key=_payer):
        if asset not in sums:
            earned = Spread(places_of(asset))
            # in base currency both are one: the same cents on the same days
            sums[asset] = _Sums(earned=earned, earned_base=earned if asset == view.base_currency else Spread(PLACES))
        _add(view, stream, sums[asset], asset, flow_class, list(group))
    for asset in sorted(sums):
        yield from _rows(sums[asset], stream.stream, asset, since, min(until, view.today))


def _payer(receipt: Receipt) -> tuple[str, FlowClass, str, str]:
    return receipt.asset, receipt.flow_class, receipt.account, receipt.payer


def _add(
    view: View, stream: Stream, sums: _Sums, asset: str, flow_class: FlowClass, receipts: Sequence[Receipt]
) -> None:
    for receipt, span, spread in _paid_for(stream, flow_class, receipts):
        base = in_base(receipt.amount, view.rate(asset, view.base_currency, receipt.day))
        sums.received[receipt.day] = EXACT.add(sums.received.get(receipt.day, _ZERO), receipt.amount)
        so_far = sums.received_base.get(receipt.day, _ZERO)
        sums.received_base[receipt.day] = None if base is None or so_far is None else EXACT.add(so_far, base)
        sums.earned.add(span, receipt.amount)
        if base is None:
            sums.unpriced.add(span)
        elif sums.earned_base is not sums.earned:
            sums.earned_base.add(span, base)
        if spread or receipt.guessed:
            sums.estimated.add(span)
    awaited = _awaited(stream, flow_class, receipts)
    if awaited is not None and awaited.last >= view.today:
        sums.awaited.add(awaited)


def _paid_for(
    stream: Stream, flow_class: FlowClass, receipts: Sequence[Receipt]
) -> Iterator[tuple[Receipt, Span, bool]]:
    """Yield each receipt of one payer with the days it pays for, and whether these are only found by its rhythm.

    What was taken back belongs to its own day.
    """
    paid = [receipt for receipt in receipts if receipt.amount > 0]
    yield from ((receipt, _day(receipt.day), False) for receipt in receipts if receipt.amount <= 0)
    if stream.every is not None:
        period = parse_period(stream.every)
        yield from ((receipt, period.paid_by(receipt.day), False) for receipt in paid)
        return
    cadence = None if flow_class in _NEVER_SPREAD else detect([receipt.day for receipt in paid])
    if cadence is None:
        yield from ((receipt, _day(receipt.day), False) for receipt in paid)
        return
    for receipt, span in zip(paid, spans_of([receipt.day for receipt in paid], cadence), strict=True):
        yield receipt, span, True


def _awaited(stream: Stream, flow_class: FlowClass, receipts: Sequence[Receipt]) -> Span | None:
    """Return the days after the last payment that the next one may pay for: it is overdue after the last of them."""
    paid = [receipt.day for receipt in receipts if receipt.amount > 0]
    if not paid:
        return None
    if stream.every is not None:
        period = parse_period(stream.every)
        known = period.paid_by(paid[-1]).last
        return Span(first=known + _ONE, last=period.due(period.span(known + _ONE)) + _GRACE)
    cadence = None if flow_class in _NEVER_SPREAD else detect(paid)
    if cadence is None:
        return None
    return Span(first=paid[-1] + _ONE, last=paid[-1] + timedelta(days=cadence.longest))


def _day(day: date) -> Span:
    return Span(first=day, last=day)


def _rows(sums: _Sums, stream: str, asset: str, since: date, until: date) -> Iterable[IncomeDay]:
    earned, earned_base = dict(sums.earned.daily()), dict(sums.earned_base.daily())
    estimated, unpriced, awaited = _days(sums.estimated), _days(sums.unpriced), _days(sums.awaited)
    for day in sorted(earned.keys() | sums.received.keys() | awaited):
        came, grew = sums.received.get(day, _ZERO), earned.get(day, _ZERO)
        came_base = sums.received_base.get(day, _ZERO)
        grew_base = None if day in unpriced else earned_base.get(day, _ZERO)
        if not since <= day <= until:
            continue
        if not (came or grew or came_base or grew_base or day in sums.received):
            if day in awaited:
                yield _unknown(stream, asset, day)
            continue
        quality = Quality.ESTIMATED if day in estimated else Quality.EXACT
        if came_base is None or grew_base is None:
            quality = Quality.PARTIAL
        yield IncomeDay(
            stream=stream,
            day=day,
            currency=asset,
            received=came,
            earned=grew,
            received_base=came_base,
            earned_base=grew_base,
            quality=quality,
        )


def _unknown(stream: str, asset: str, day: date) -> IncomeDay:
    return IncomeDay(
        stream=stream,
        day=day,
        currency=asset,
        received=_ZERO,
        earned=None,
        received_base=_ZERO,
        earned_base=None,
        quality=Quality.ESTIMATED,
    )


def _days(spans: Iterable[Span]) -> set[date]:
    return {day for span in spans for day in days(span.first, span.last)}
