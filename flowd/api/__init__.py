"""The one module a plugin imports: records, errors, and what a connector, importer or analytic must be."""

from __future__ import annotations

import pluggy
from pydantic import SecretStr as Secret

from flowd.api.analytics import Analytic, View
from flowd.api.answers import read_answer
from flowd.api.context import Context, Http, NoTokens, Response, Tokens
from flowd.api.formats import Explaining, Hints, Importer, Reading
from flowd.api.notices import Notice, Notifier, Severity
from flowd.api.sources import (
    Check,
    Config,
    Connector,
    ConnectorType,
    Feed,
    Isolation,
    Linkable,
    Linked,
    LinkStep,
    Past,
    RateLimit,
    Scope,
)
from flowd.api.studies import History, IncomeSeries, Portfolio, ProjectionMethod, Series, StreamInfo, Study
from flowd.api.worth import Quoting, RateProvider, RateQuery
from flowd.domain.flows import AccountKind, Covers, FlowClass, Maturity, Quality, Side
from flowd.domain.json import Json
from flowd.domain.periods import Period, Span, parse_period
from flowd.domain.records import (
    AccountInfo,
    Balance,
    Batch,
    Cursor,
    Event,
    Rate,
    Record,
    Removal,
    Snapshot,
    Trade,
    Transaction,
)
from flowd.domain.recurring import recurring_revenue
from flowd.domain.results import EventRow, Flow, IncomeDay, Level, Method, Metric, Receipt, ScheduleTerm, Stream
from flowd.domain.studied import (
    ExpectedReceipt,
    Goal,
    GoalOutlook,
    Performance,
    Projected,
    ProjectionModel,
    ProjectionScore,
    ReturnWindow,
    StreamState,
)
from flowd.domain.studied import Scope as About
from flowd.errors import AuthError, BudgetSpent, ConfigError, FileRefused, OverTime, PartlyRead, RetryLater

hookimpl = pluggy.HookimplMarker("flowd")

__all__ = [
    "About",
    "AccountInfo",
    "AccountKind",
    "Analytic",
    "AuthError",
    "Balance",
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
    "EventRow",
    "ExpectedReceipt",
    "Explaining",
    "Feed",
    "FileRefused",
    "Flow",
    "FlowClass",
    "Goal",
    "GoalOutlook",
    "Hints",
    "History",
    "Http",
    "Importer",
    "IncomeDay",
    "IncomeSeries",
    "Isolation",
    "Json",
    "Level",
    "LinkStep",
    "Linkable",
    "Linked",
    "Maturity",
    "Method",
    "Metric",
    "NoTokens",
    "Notice",
    "Notifier",
    "OverTime",
    "PartlyRead",
    "Past",
    "Performance",
    "Period",
    "Portfolio",
    "Projected",
    "ProjectionMethod",
    "ProjectionModel",
    "ProjectionScore",
    "Quality",
    "Quoting",
    "Rate",
    "RateLimit",
    "RateProvider",
    "RateQuery",
    "Reading",
    "Receipt",
    "Record",
    "Removal",
    "Response",
    "RetryLater",
    "ReturnWindow",
    "ScheduleTerm",
    "Scope",
    "Secret",
    "Series",
    "Severity",
    "Side",
    "Snapshot",
    "Span",
    "Stream",
    "StreamInfo",
    "StreamState",
    "Study",
    "Tokens",
    "Trade",
    "Transaction",
    "View",
    "hookimpl",
    "parse_period",
    "read_answer",
    "recurring_revenue",
]
