"""What analytics read and write: classified flows, daily levels, schedules, events, income days and metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from flowd.domain.flows import FlowClass, Quality
from flowd.domain.json import Json


class Method(StrEnum):
    """Where a stream's income is read from: changes in value, classified transactions, or a declared schedule."""

    VALUE = "value"
    TRANSACTIONS = "transactions"
    SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One line of income, made by `method` from `connection`.

    `fresh` is how old a reading may be at the end of a day and still tell that day's value (method value). `every` is
    the period its receipts pay for, in words, where the user declared one (method transactions). `group` is where a
    connection that is worth something is shown (in `View.worth().streams()`; empty elsewhere).
    """

    stream: str
    method: Method
    connection: str
    fresh: timedelta = timedelta(days=1)
    every: str | None = None
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A booked transaction with what it is: `amount` of `asset` on the tenant's `day`, in `stream` if charted.

    `at` is None where the source stated only the day.
    """

    connection: str
    account: str
    day: date
    at: datetime | None
    amount: Decimal
    asset: str
    flow_class: FlowClass
    stream: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What one payer paid into one account on one day: the sum of the transactions of `flow_class` in one asset.

    `guessed` says that only the sign told that this is income.
    """

    account: str
    payer: str
    flow_class: FlowClass
    asset: str
    day: date
    amount: Decimal
    guessed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The last reading of one asset of one account on `day`, when it was taken, and the day's first beside it."""

    connection: str
    account: str
    asset: str
    day: date
    at: datetime
    quantity: Decimal
    first_at: datetime
    first: Decimal


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
class EventRow:
    """An event as a connection stated it last: when it happened and its data.

    `key` stands for the natural key under which it was stated, the same for all its versions (the key itself is only in
    `data`, if the plugin put it there).
    """

    connection: str
    key: str
    at: datetime
    data: Mapping[str, Json]


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
