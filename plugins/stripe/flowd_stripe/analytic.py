"""The analytic `stripe_mrr`: monthly recurring revenue and its movements, per currency, day and month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from flowd.api import Metric, View
from flowd_stripe.subscriptions import CHANGE, STATE
from flowd_stripe.timeline import subscriptions

#: Why MRR changed: a customer's first, more, less, none any more, some again after none.
MOVEMENTS: Final = ("new", "expansion", "contraction", "churn", "reactivation")
_ZERO: Final = Decimal(0)


@dataclass(slots=True)
class _Line:
    """One connection and currency: for each day, what each customer's subscriptions changed by."""

    changes: dict[date, dict[str, Decimal]] = field(default_factory=dict)


@dataclass(slots=True)
class _Month:
    first: date
    moved: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(MOVEMENTS, _ZERO))


class StripeMrr:
    """What all subscriptions together are worth per month at the end of each day.

    A customer's movement of a day is the difference between the ends of two days, so movements add up to the change of
    MRR exactly. After the end of the day a customer comes to be `new` once; who comes back is a `reactivation`.
    """

    name = "stripe_mrr"
    reads: Sequence[str] = ("raw.event",)
    writes: Sequence[str] = ("derived.metric",)

    def reach(self, view: View, since: date, until: date) -> tuple[date, date]:  # noqa: ARG002 - always all
        """Return all days: a subscription that is read for the first time may have begun years ago."""
        return date.min, max(until, view.today)

    def compute(self, view: View, since: date, until: date) -> Iterator[Metric]:
        """Yield `mrr` and `mrr_customers` for each day, `mrr_new` and so on where something moved, and all by month."""
        last = min(until, view.today)
        for (connection, currency), line in sorted(_lines(view).items()):
            subject = f"{connection}/{currency}"
            for metric in _of_line(line, subject, currency, last, view):
                if since <= metric.at.astimezone(view.zone).date():
                    yield metric


def _lines(view: View) -> Mapping[tuple[str, str], _Line]:
    lines: dict[tuple[str, str], _Line] = {}
    for (connection, _), one in subscriptions(view.events(STATE), view.events(CHANGE)).items():
        value = _ZERO
        for at, amount in one.steps():
            if amount != value:
                line = lines.setdefault((connection, one.currency), _Line())
                customers = line.changes.setdefault(at.astimezone(view.zone).date(), {})
                customers[one.customer] = customers.get(one.customer, _ZERO) + amount - value
            value = amount
    return lines


def _of_line(line: _Line, subject: str, currency: str, last: date, view: View) -> Iterator[Metric]:
    worth: dict[str, Decimal] = {}
    total, paying = _ZERO, 0
    day = min(line.changes)
    month = _Month(first=day.replace(day=1))
    while day <= last:
        moved = dict.fromkeys(MOVEMENTS, _ZERO)
        for customer, change in line.changes.get(day, {}).items():
            before = worth.get(customer)
            after = (before or _ZERO) + change
            if (name := _movement(before, after)) is not None:
                moved[name] += change
            if after != (before or _ZERO) or before is not None:
                worth[customer] = after
            total += change
            paying += (after > 0) - ((before or _ZERO) > 0)
        at = _at(day, view)
        yield Metric(subject=subject, name="mrr", window="1d", at=at, value=total, unit=currency)
        yield Metric(subject=subject, name="mrr_customers", window="1d", at=at, value=Decimal(paying), unit="customers")
        for name, amount in moved.items():
            month.moved[name] += amount
            if amount:
                yield Metric(subject=subject, name=f"mrr_{name}", window="1d", at=at, value=amount, unit=currency)
        following = day + timedelta(days=1)
        if following.day == 1 or day == last:
            at = _at(month.first, view)
            yield Metric(subject=subject, name="mrr", window="1mo", at=at, value=total, unit=currency)
            for name, amount in month.moved.items():
                yield Metric(subject=subject, name=f"mrr_{name}", window="1mo", at=at, value=amount, unit=currency)
            month = _Month(first=following)
        day = following


def _movement(before: Decimal | None, after: Decimal) -> str | None:
    """Name what happened to a customer; `before` is None for one who never was worth anything."""
    if before is None:
        return "new" if after > 0 else None
    if after == before:
        return None
    if before == 0:
        return "reactivation"
    if after == 0:
        return "churn"
    return "expansion" if after > before else "contraction"


def _at(day: date, view: View) -> datetime:
    """Return the moment a day is kept under: its beginning where the tenant lives."""
    return datetime.combine(day, time(0), tzinfo=view.zone).astimezone(UTC)
