"""What is computed over whole histories: performance, returns, states of streams, expectations, projections, goals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from flowd.domain.flows import Quality
from flowd.domain.json import Json


class Scope(StrEnum):
    """Whom a number is about; the name beside it is empty for the total, and CONNECTION/ACCOUNT for an account."""

    TOTAL = "total"
    GROUP = "group"
    STREAM = "stream"
    CONNECTION = "connection"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """What a portfolio was worth at the end of `day` in base currency, and why that changed.

    `pnl` = change in value - `flow` = income + price + fx + fees + other, exactly. `day_return` is a share (0.01 is one
    per cent). None where it is not known; `reason` says why in words.
    """

    scope: Scope
    name: str
    day: date
    value: Decimal | None
    flow: Decimal | None
    pnl: Decimal | None
    day_return: Decimal | None
    income: Decimal | None
    price: Decimal | None
    fx: Decimal | None
    fees: Decimal | None
    other: Decimal | None
    quality: Quality
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnWindow:
    """Returns of a portfolio over `window` (7d, 30d, 90d, 365d, ytd, total): amounts in base currency, the rest shares.

    `since` is the day whose close is the opening value, `until` the last day. `twr` is not annualised; `twr_annual` is,
    and None under 365 days. `xirr` is per year by its definition, `mwr` the same over the window. Drawdowns are 0 or
    below.
    """

    scope: Scope
    name: str
    window: str
    since: date
    until: date
    days: int
    quality: Quality
    reason: str = ""
    opening: Decimal | None = None
    closing: Decimal | None = None
    flow: Decimal | None = None
    pnl: Decimal | None = None
    pnl_pct: Decimal | None = None
    twr: Decimal | None = None
    twr_annual: Decimal | None = None
    xirr: Decimal | None = None
    mwr: Decimal | None = None
    volatility: Decimal | None = None
    sharpe: Decimal | None = None
    sortino: Decimal | None = None
    drawdown: Decimal | None = None
    max_drawdown: Decimal | None = None
    peak_day: date | None = None
    trough_day: date | None = None
    recovered_day: date | None = None
    income: Decimal | None = None
    price: Decimal | None = None
    fx: Decimal | None = None
    fees: Decimal | None = None
    other: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """How a stream, a group or everything is doing as of a day, in words and the numbers that decided.

    `slope` is in base currency per day per day, `slope_pct` the change per 30 days as a share of the level; `share` of
    all income of 90 days; `floor` is base currency per month; `tax_reserve` what to set aside of the year so far.
    """

    scope: Scope
    name: str
    as_of: date
    trend: str
    trend_reason: str
    health: str
    health_reason: str
    slope: Decimal | None = None
    slope_pct: Decimal | None = None
    p_value: Decimal | None = None
    share: Decimal | None = None
    floor: Decimal | None = None
    volatility: Decimal | None = None
    cadence: str | None = None
    next_due: date | None = None
    next_amount: Decimal | None = None
    passive: bool | None = None
    tax_rate: Decimal | None = None
    tax_reserve: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedReceipt:
    """A regular receipt: when it was due, how much (in `currency`), and what came.

    `state`: received, short, late, missed, due (its window is open), expected (in the future), unknown (its source was
    not read). `source`: declared or detected. `series` counts several regular series of one payer from 0.
    """

    stream: str
    payer: str
    series: int
    currency: str
    due: date
    earliest: date
    latest: date
    amount: Decimal | None
    source: str
    state: str
    received_on: date | None = None
    received: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Projected:
    """What was foretold on `made_on` for `for_day`: quantiles in base currency.

    `span`: day (income of `for_day`), month (the calendar month that ends on `for_day`, what already came included),
    sum (income from `made_on` to `for_day`).
    """

    scope: Scope
    name: str
    made_on: date
    span: str
    for_day: date
    p05: Decimal
    p10: Decimal
    p25: Decimal
    p50: Decimal
    p75: Decimal
    p90: Decimal
    p95: Decimal
    mean: Decimal
    method: str
    confidence: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectionModel:
    """How something is foretold: the method, why it was chosen, and how far it is to be trusted.

    `confidence` is the share of past projections whose total fell within ±20 % of their median; `parts` are its
    components; `candidates` the backtest's error per method; `fit` what is needed to foretell again without choosing.
    """

    scope: Scope
    name: str
    as_of: date
    method: str
    reason: str
    history_days: int
    short: bool
    origins: int
    digest: str
    error: Decimal | None = None
    coverage: Decimal | None = None
    confidence: Decimal | None = None
    parts: Mapping[str, Json] = field(default_factory=dict)
    candidates: Mapping[str, Json] = field(default_factory=dict)
    fit: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectionScore:
    """What was foretold on `made_on` as a sum over `horizon` days, against what came."""

    scope: Scope
    name: str
    made_on: date
    horizon: int
    for_day: date
    p50: Decimal
    actual: Decimal
    error: Decimal
    ape: Decimal | None
    pinball: Decimal
    inside_50: bool
    inside_80: bool
    inside_90: bool
    within_20: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What somebody wants to reach: `amount` per month, saved since `since`, or as net worth; `by_day` or whenever."""

    goal: str
    kind: str
    amount: Decimal
    currency: str
    since: date
    scope: Scope = Scope.TOTAL
    name: str = ""
    by_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalOutlook:
    """How likely a goal is reached by its day, and when: the 10th, 50th and 90th percentile of the day."""

    goal: Goal
    as_of: date
    reason: str
    current: Decimal | None = None
    probability: Decimal | None = None
    reached_p10: date | None = None
    reached_p50: date | None = None
    reached_p90: date | None = None
    needed: Decimal | None = None


StudyRow = ReturnWindow | StreamState | ExpectedReceipt | Projected | ProjectionModel | ProjectionScore | GoalOutlook
