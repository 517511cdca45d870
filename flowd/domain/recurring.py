"""Monthly recurring revenue and its movements, from what each customer was worth per month since when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from flowd.domain.results import Metric
from flowd.domain.shares import EXACT
from flowd.domain.time import day_of, day_start

#: From a moment on, something is worth so much per month.
Step = tuple[datetime, Decimal]

#: Why recurring revenue changed: a customer's first, more, less, none any more, some again after none.
MOVEMENTS: Final = ("new", "expansion", "contraction", "churn", "reactivation")
_ZERO: Final = Decimal(0)


@dataclass(slots=True)
class _Month:
    first: date
    moved: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(MOVEMENTS, _ZERO))


def recurring_revenue(
    worth: Iterable[tuple[str, Sequence[Step]]], *, subject: str, unit: str, zone: ZoneInfo, today: date
) -> Iterator[Metric]:
    """Yield what all of `worth` brings per month, for each day up to `today` and each month, and why that changed.

    `worth` has (customer, steps) for each subscription: what it is worth per month from which moment on, in `unit`; a
    customer may have several. Each day has `mrr` and `mrr_customers` at its end; `mrr_new`, `mrr_expansion`,
    `mrr_contraction`, `mrr_churn` and `mrr_reactivation` where something moved. Rows of a day have the window `1d`,
    those of a month `1mo`, and the moment at which it begins.

    A movement is the difference of one customer between the ends of two days, so that movements add up to the change of
    `mrr` exactly; a customer is new once. Formula: the sum of the monthly worth of all subscriptions, as "Monthly
    recurring revenue" in the documentation of Stripe Billing.
    """
    changes = _changes(worth, zone)
    if not changes:
        return
    held: dict[str, Decimal] = {}
    total, paying = _ZERO, 0
    day = min(changes)
    month = _Month(first=day.replace(day=1))
    while day <= today:
        moved = dict.fromkeys(MOVEMENTS, _ZERO)
        for customer, change in changes.get(day, {}).items():
            before = held.get(customer)
            after = EXACT.add(before or _ZERO, change)
            if (name := _movement(before, after)) is not None:
                moved[name] = EXACT.add(moved[name], change)
            if after or before is not None:
                held[customer] = after
            total = EXACT.add(total, change)
            paying += (after > 0) - ((before or _ZERO) > 0)
        at = day_start(day, zone)
        yield Metric(subject=subject, name="mrr", window="1d", at=at, value=total, unit=unit)
        yield Metric(subject=subject, name="mrr_customers", window="1d", at=at, value=Decimal(paying), unit="customers")
        for name, amount in moved.items():
            month.moved[name] = EXACT.add(month.moved[name], amount)
            if amount:
                yield Metric(subject=subject, name=f"mrr_{name}", window="1d", at=at, value=amount, unit=unit)
        following = day + timedelta(days=1)
        if following.day == 1 or day == today:
            at = day_start(month.first, zone)
            yield Metric(subject=subject, name="mrr", window="1mo", at=at, value=total, unit=unit)
            for name, amount in month.moved.items():
                yield Metric(subject=subject, name=f"mrr_{name}", window="1mo", at=at, value=amount, unit=unit)
            month = _Month(first=following)
        day = following


def _changes(worth: Iterable[tuple[str, Sequence[Step]]], zone: ZoneInfo) -> dict[date, dict[str, Decimal]]:
    """Return by how much each customer changed on each day."""
    changes: dict[date, dict[str, Decimal]] = {}
    for customer, steps in worth:
        value = _ZERO
        for at, amount in steps:
            if amount != value:
                customers = changes.setdefault(day_of(at, zone), {})
                customers[customer] = EXACT.add(customers.get(customer, _ZERO), EXACT.subtract(amount, value))
            value = amount
    return changes


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
