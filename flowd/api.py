"""The one module a plugin imports: records, errors, and what a connector, importer or analytic must be."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import BinaryIO, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

import pluggy
from pydantic import BaseModel, ConfigDict
from pydantic import SecretStr as Secret

from flowd.domain.flows import AccountKind, Covers, FlowClass, Maturity, Quality, Side
from flowd.domain.periods import Period, Span, parse_period
from flowd.domain.records import (
    AccountInfo,
    Batch,
    Cursor,
    Event,
    Rate,
    Record,
    Snapshot,
    Trade,
    Transaction,
)
from flowd.domain.results import Flow, IncomeDay, Level, Method, Metric, Receipt, ScheduleTerm, Stream
from flowd.errors import AuthError, BudgetSpent, ConfigError, FileRefused, OverTime, RetryLater

hookimpl = pluggy.HookimplMarker("flowd")


class Config(BaseModel):
    """The settings of one connection: subclass it with typed fields; keys it does not name are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


C = TypeVar("C", bound=Config)


class Isolation(StrEnum):
    """Where a connection runs: in a child process that can be killed, or in a thread (only light code without I/O)."""

    PROCESS = "process"
    THREAD = "thread"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One thing a connection reads on its own interval; a run that passes `timeout` is ended."""

    name: str
    every: timedelta
    timeout: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """How often a credential may call: at most `calls` in `per`; `budget` calls in `budget_per` survive restarts."""

    calls: int
    per: timedelta
    budget: int | None = None
    budget_per: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one cheap authenticated call found: the key's permissions in words, and when it expires if that is known."""

    summary: str
    permissions: Sequence[str] = ()
    expires_at: datetime | None = None
    warnings: Sequence[str] = ()


class Response(Protocol):
    """An answer of a source, read whole."""

    @property
    def status(self) -> int:
        """The HTTP status code."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The answer's headers, names in lower case."""

    @property
    def content(self) -> bytes:
        """The body as it came."""

    @property
    def text(self) -> str:
        """The body as text."""

    def json(self) -> object:
        """The body read as JSON, numbers with a point as Decimal; RetryLater if it is cut off or not JSON."""


class Http(Protocol):
    """The only way out: declared limits, timeouts, Retry-After and redaction are its business, not the plugin's.

    401 and 403 raise AuthError; 429, 5xx, timeouts and broken connections raise RetryLater; other answers of 400 and
    above raise RetryLater too unless `allow` names their status.
    """

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        allow: Sequence[int] = (),
    ) -> Response:
        """Ask with GET."""

    def post(
        self,
        url: str,
        *,
        json: object = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        allow: Sequence[int] = (),
    ) -> Response:
        """Ask with POST, a JSON or a form body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything a run gets; nothing else is reachable."""

    connection: str
    tick: datetime
    http: Http
    log: logging.LoggerAdapter[logging.Logger]
    time_left: Callable[[], timedelta]


class Connector(Protocol):
    """A source, connected."""

    def check(self, ctx: Context) -> Check:
        """Make one cheap authenticated call and report what the key may do; AuthError when it is refused."""

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        """Yield what is new since `cursor`; each batch is durable before the next one is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorType(Generic[C]):
    """The description of a kind of source: data that flowd can show and check without running anything."""

    name: str
    config: type[C]
    connect: Callable[[C], Connector]
    feeds: Sequence[Feed]
    summary: str = ""
    limit: RateLimit | None = None
    maturity: Maturity = Maturity.ALPHA
    accounts: AccountKind = AccountKind.BANK
    isolation: Isolation = Isolation.PROCESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What the user said about a file: the account it belongs to, its currency, the profile to read it with."""

    account: str | None = None
    asset: str | None = None
    profile: str | None = None
    options: Mapping[str, object] = field(default_factory=dict)


class Importer(Protocol):
    """A file format."""

    @property
    def name(self) -> str:
        """The name users see and may ask for."""

    def identify(self, name: str, head: bytes) -> float:
        """Return how sure this importer is (0 to 1) that the file `name`, beginning with `head`, is its own."""

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        """Yield what the file says; FileRefused, with line and reason, before anything of a bad file is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateQuery:
    """A wish for the worth of `base` in `quote` on each of `days`."""

    base: str
    quote: str
    days: Sequence[date]


class RateProvider(Protocol):
    """A source of prices and exchange rates asked for what is missing."""

    @property
    def name(self) -> str:
        """The name it is called by in flowd.yaml."""

    def rates(self, query: RateQuery) -> Iterable[Rate]:
        """Yield what is known of `query`, possibly nothing: the next provider fills the rest."""


class View(Protocol):
    """What an analytic may read: the tenant's stored facts, always in the same order, nothing else."""

    @property
    def base_currency(self) -> str:
        """The currency everything is added up in."""

    @property
    def zone(self) -> ZoneInfo:
        """The tenant's time zone, which says when a day ends."""

    @property
    def today(self) -> date:
        """The tenant's day for which this is computed; nothing later has happened."""

    def streams(self) -> Sequence[Stream]:
        """The streams whose rows are asked for."""

    def receipts(self, stream: str) -> Iterable[Receipt]:
        """All income booked in `stream`, summed per payer and day, ordered by asset, class, account, payer and day."""

    def flows(self, connection: str, since: date, until: date) -> Iterable[Flow]:
        """Money that came into or left the valued accounts of `connection` without being gain or loss, by day."""

    def levels(self, connection: str, since: date, until: date) -> Iterable[Level]:
        """Daily readings of a connection's valued accounts, with the last one before `since` of each asset, by day."""

    def schedules(self) -> Iterable[ScheduleTerm]:
        """The declared incomes, by stream and term."""

    def rate(self, base: str, quote: str, day: date) -> Decimal | None:
        """What one `base` was worth in `quote` at the end of `day`; None where no dated rate is near enough."""


class Analytic(Protocol):
    """A computation over stored facts: pure, so that it can be replayed and gives the same rows again."""

    @property
    def name(self) -> str:
        """The name under which it is switched on and shown."""

    @property
    def reads(self) -> Sequence[str]:
        """The tables it depends on, such as `derived.flow`."""

    @property
    def writes(self) -> Sequence[str]:
        """The tables whose rows it makes, such as `derived.income_daily`."""

    def reach(self, view: View, since: date, until: date) -> tuple[date, date]:
        """Return the first and last day whose rows may change when facts of the days `since` to `until` changed."""

    def compute(self, view: View, since: date, until: date) -> Iterable[IncomeDay | Metric]:
        """Return every row of the view's streams for the days from `since` to `until`, both included."""


class Severity(StrEnum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something a person should know, said once per change of state; `key` names the state."""

    key: str
    severity: Severity
    at: datetime
    title: str
    body: str = ""


class Notifier(Protocol):
    """A way to tell somebody."""

    @property
    def name(self) -> str:
        """The name used as `type` in flowd.yaml."""

    def send(self, notice: Notice, settings: Mapping[str, object], http: Http) -> None:
        """Deliver `notice`; RetryLater to have it tried again."""


__all__ = [
    "AccountInfo",
    "AccountKind",
    "Analytic",
    "AuthError",
    "Batch",
    "BudgetSpent",
    "Check",
    "Config",
    "ConfigError",
    "Connector",
    "ConnectorType",
    "Context",
    "Covers",
    "Cursor",
    "Event",
    "Feed",
    "FileRefused",
    "Flow",
    "FlowClass",
    "Hints",
    "Http",
    "Importer",
    "IncomeDay",
    "Isolation",
    "Level",
    "Maturity",
    "Method",
    "Metric",
    "Notice",
    "Notifier",
    "OverTime",
    "Period",
    "Quality",
    "Rate",
    "RateLimit",
    "RateProvider",
    "RateQuery",
    "Receipt",
    "Record",
    "Response",
    "RetryLater",
    "ScheduleTerm",
    "Secret",
    "Severity",
    "Side",
    "Snapshot",
    "Span",
    "Stream",
    "Trade",
    "Transaction",
    "View",
    "hookimpl",
    "parse_period",
]
