"""The configuration: flowd.yaml as typed settings, with every problem named by line, column and fix."""

from __future__ import annotations

from flowd.config.loading import load_settings, parse_settings
from flowd.config.models import (
    ConnectionSettings,
    DatabaseSettings,
    FeedSettings,
    HttpSettings,
    LogFormat,
    LogLevel,
    LogSettings,
    NotifierSettings,
    Settings,
    StreamSettings,
    SwitchSettings,
    TenantSettings,
    plugin_names,
)
from flowd.config.problems import ConfigProblems, Place, Problem
from flowd.config.rules import MatchSettings, RuleSettings, Sign, like

__all__ = [
    "ConfigProblems",
    "ConnectionSettings",
    "DatabaseSettings",
    "FeedSettings",
    "HttpSettings",
    "LogFormat",
    "LogLevel",
    "LogSettings",
    "MatchSettings",
    "NotifierSettings",
    "Place",
    "Problem",
    "RuleSettings",
    "Settings",
    "Sign",
    "StreamSettings",
    "SwitchSettings",
    "TenantSettings",
    "like",
    "load_settings",
    "parse_settings",
    "plugin_names",
]
