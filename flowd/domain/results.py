"""What analytics read and write: classified flows, daily levels, schedules, income days and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowd.domain.flows import FlowClass, Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A booked transaction with what it is: `amount` of `asset` on the tenant's `day`, in `stream` if charted."""

    connection: str
    account: str
    day: date
    amount: Decimal
    asset: str
    flow_class: FlowClass
    stream: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The last reading of one asset of one account on `day`, and when it was taken."""

    connection: str
    account: str
    asset: str
    day: date
    at: datetime
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleTerm:
    """One stretch of a declared income: `amount` for every period `every` from `start` to `end`, both included."""

    stream: str
    amount: Decimal
    currency: str
    every: str
    start: date
    end: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomeDay:
    """What one stream brought in on one day, in its own currency and in base (None where a rate is missing)."""

    stream: str
    day: date
    currency: str
    received: Decimal | None
    earned: Decimal | None
    received_base: Decimal | None
    earned_base: Decimal | None
    quality: Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number an analytic derived: `value` (in `unit`) of `name` over `window` for `subject` at `at`."""

    subject: str
    name: str
    window: str
    at: datetime
    value: Decimal | None
    unit: str
