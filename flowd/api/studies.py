"""What a study is: a computation over whole histories, made once a day and after corrections, outside the daemon."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Protocol
from zoneinfo import ZoneInfo

from flowd.api.sources import Config
from flowd.domain.results import Method, Metric, Receipt, ScheduleTerm
from flowd.domain.studied import Goal, ProjectionModel, Scope, StudyRow

if TYPE_CHECKING:
    # the daemon never imports numpy: studies do, in a process of their own
    import numpy as np
    from numpy.typing import NDArray


#: So many days back the last known rate is looked for; each rate is good for a week.
_LAST_RATE: Final = 57
_RATE_LASTS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """One number per day from `first` on, without holes: NaN where it is not known."""

    first: date
    values: NDArray[np.float64]

    @property
    def last(self) -> date:
        """The last day; the day before `first` where there is none."""
        return self.first + timedelta(days=len(self.values) - 1)

    def between(self, since: date, until: date) -> NDArray[np.float64]:
        """Return the numbers of the days from `since` to `until`, both included; NaN outside of what there is."""
        import numpy as np

        wanted = np.full(max((until - since).days + 1, 0), np.nan)
        offset = (self.first - since).days
        low, high = max(offset, 0), min(offset + len(self.values), len(wanted))
        if low < high:
            wanted[low:high] = self.values[low - offset : high - offset]
        return wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamInfo:
    """One line of income, how it is made and shown, and what its user says of it.

    `tax` is the share to set aside (0.3), `passive` None where nobody said. `read_at` is when its connection was last
    read with success, `fresh` how old that may be. `classes` are the flow classes booked in it.
    """

    stream: str
    method: Method
    connection: str
    name: str
    group: str
    color: str | None = None
    target: Decimal | None = None
    tax: Decimal | None = None
    passive: bool | None = None
    every: str | None = None
    read_at: datetime | None = None
    fresh: timedelta = timedelta(days=1)
    classes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IncomeSeries:
    """What a stream brought in, per day in base currency, from its first day to the last whole day.

    A day without a row is 0; one that is not known (no reading, no rate, a payment still awaited) is NaN. `estimated`
    is True where the quality of the day is other than exact.
    """

    earned: Series
    received: Series
    estimated: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Portfolio:
    """Daily performance of accounts, connections, groups or everything: see derived.performance.

    All arrays have one entry per day from `first` on; NaN where not known, `reasons` says why (else empty).
    """

    scope: Scope
    name: str
    first: date
    value: NDArray[np.float64]
    flow: NDArray[np.float64]
    pnl: NDArray[np.float64]
    day_return: NDArray[np.float64]
    income: NDArray[np.float64]
    price: NDArray[np.float64]
    fx: NDArray[np.float64]
    fees: NDArray[np.float64]
    other: NDArray[np.float64]
    qualities: Sequence[str]
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Said:
    """All sums foretold before whose last day has come, as columns of one length: there are many of them.

    `subject` is the number of one of `subjects`; days are ordinals (`date.toordinal`); `quantiles` has the shape
    (7, length), p05 to p95. Ordered by subject, made_on and for_day.
    """

    subjects: Sequence[tuple[Scope, str]]
    subject: NDArray[np.int64]
    made_on: NDArray[np.int64]
    for_day: NDArray[np.int64]
    quantiles: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """Everything a study may read: the tenant's derived history up to the last whole day, always in the same order.

    Amounts are in `currency`: the tenant's base currency for what is stored, another one where somebody asked for it.
    """

    currency: str
    zone: ZoneInfo
    #: The tenant's day on which this is computed: it is not over, so histories end on the day before.
    today: date
    #: For random numbers: the same for the same tenant.
    seed: int = 0
    streams: Sequence[StreamInfo] = ()
    income: Mapping[str, IncomeSeries] = field(default_factory=dict)
    #: By stream: income booked, summed per payer and day, by day.
    receipts: Mapping[str, Sequence[Receipt]] = field(default_factory=dict)
    terms: Sequence[ScheduleTerm] = ()
    #: By CONNECTION/ACCOUNT (as in receipts): the last day of which the account's source told anything.
    told: Mapping[str, date] = field(default_factory=dict)
    #: What was spent per day, above zero; None where no account tells of expenses.
    expenses: Series | None = None
    portfolios: Sequence[Portfolio] = ()
    #: What is in bank, card, cash and payout accounts, and all there is, by the last readings; None where not known.
    cash: Decimal | None = None
    net_worth: Decimal | None = None
    goals: Sequence[Goal] = ()
    #: Sums foretold before whose day has come (`flowd.engine.said.read_said`); None in another currency than the base.
    said: Said | None = None
    #: How each was foretold last, by (scope, name).
    models: Mapping[tuple[Scope, str], ProjectionModel] = field(default_factory=dict)
    #: Stands for the history of each stream: the same text, the same numbers.
    digests: Mapping[str, str] = field(default_factory=dict)
    #: What one of the first was worth in the second at the end of a day; None where no dated rate is near enough.
    rate: Callable[[str, str, date], Decimal | None] = lambda base, quote, _: Decimal(1) if base == quote else None

    @property
    def until(self) -> date:
        """The last whole day."""
        return self.today - timedelta(days=1)

    def last_told(self, stream: str) -> date | None:
        """The last day of which the sources of a stream's accounts told anything; None where that is not known."""
        accounts = {receipt.account for receipt in self.receipts.get(stream, ())}
        return max((self.told[account] for account in accounts if account in self.told), default=None)

    def last_rate(self, base: str, quote: str, day: date) -> Decimal | None:
        """What one `base` was worth in `quote` when that was last known by the end of `day`, at most two months back.

        For what is foretold only: what came is worth what it was worth on its day, or nobody knows what.
        """
        days = (day - timedelta(days=back) for back in range(0, _LAST_RATE, _RATE_LASTS))
        return next((rate for one in days if (rate := self.rate(base, quote, one)) is not None), None)


class Study(Protocol):
    """A computation over whole histories: pure, so that the same history gives the same rows."""

    @property
    def name(self) -> str:
        """The name under which it is switched on, configured and shown."""

    @property
    def config(self) -> type[Config]:
        """Its settings, under `analytics: {NAME: {config: …}}` of flowd.yaml."""

    @property
    def reads(self) -> Sequence[str]:
        """The tables it depends on, such as `derived.income_daily`."""

    @property
    def writes(self) -> Sequence[str]:
        """The tables whose rows it makes: for each, what it does not give is dropped (but never what was foretold)."""

    def study(self, history: History, config: Any) -> Iterable[StudyRow | Metric]:
        """Return all its rows; of metrics, all there are for every day."""


class ProjectionMethod(Protocol):
    """One way to foretell a series: plugins bring more of them."""

    @property
    def name(self) -> str:
        """The name it is shown by."""

    def forecast(self, values: NDArray[np.float64], season: int, horizon: int) -> NDArray[np.float64]:
        """Return the `horizon` numbers that follow `values`; `season` is the period of the season, 1 without one."""
