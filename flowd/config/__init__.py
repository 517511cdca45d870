"""The configuration: flowd.yaml as typed settings, with every problem named by line, column and fix."""

from __future__ import annotations

from flowd.config.binding import Bound, BoundConnection, BoundNotifier, bind_connections
from flowd.config.changes import Changes, diff
from flowd.config.loading import load_settings, parse_settings
from flowd.config.models import (
    AccountSettings,
    ConnectionSettings,
    DatabaseSettings,
    FeedSettings,
    HttpSettings,
    IncomeMethod,
    LogFormat,
    LogLevel,
    LogSettings,
    NotifierSettings,
    SecretsSettings,
    Settings,
    StreamSettings,
    SwitchSettings,
    TenantSettings,
    plugin_names,
)
from flowd.config.problems import ConfigProblems, Place, Problem
from flowd.config.rules import MatchSettings, RuleSettings, Sign
from flowd.config.schema import json_schema
from flowd.config.showing import show

__all__ = [
    "AccountSettings",
    "Bound",
    "BoundConnection",
    "BoundNotifier",
    "Changes",
    "ConfigProblems",
    "ConnectionSettings",
    "DatabaseSettings",
    "FeedSettings",
    "HttpSettings",
    "IncomeMethod",
    "LogFormat",
    "LogLevel",
    "LogSettings",
    "MatchSettings",
    "NotifierSettings",
    "Place",
    "Problem",
    "RuleSettings",
    "SecretsSettings",
    "Settings",
    "Sign",
    "StreamSettings",
    "SwitchSettings",
    "TenantSettings",
    "bind_connections",
    "diff",
    "json_schema",
    "load_settings",
    "parse_settings",
    "plugin_names",
    "show",
]
