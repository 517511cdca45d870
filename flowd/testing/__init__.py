"""What plugin authors test with: fakes, suites and golden files; nothing in flowd imports it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowd.testing.facts import FactsView
    from flowd.testing.harness import TICK, Harness, MemoryTokens, Ran
    from flowd.testing.histories import make_history, make_income, make_portfolio, make_receipt, make_series
    from flowd.testing.replay import Asked, Replay, Reply
    from flowd.testing.suite_analytic import AnalyticSuite
    from flowd.testing.suite_connector import ConnectorSuite
    from flowd.testing.suite_importer import ImporterSuite
    from flowd.testing.suite_method import MethodSuite
    from flowd.testing.suite_notifier import NotifierSuite
    from flowd.testing.suite_rates import RateSuite
    from flowd.testing.suite_study import StudySuite

_PLACES = {
    "AnalyticSuite": "suite_analytic",
    "Asked": "replay",
    "ConnectorSuite": "suite_connector",
    "FactsView": "facts",
    "Harness": "harness",
    "ImporterSuite": "suite_importer",
    "MemoryTokens": "harness",
    "MethodSuite": "suite_method",
    "NotifierSuite": "suite_notifier",
    "RateSuite": "suite_rates",
    "Ran": "harness",
    "Replay": "replay",
    "Reply": "replay",
    "StudySuite": "suite_study",
    "TICK": "harness",
    "make_history": "histories",
    "make_income": "histories",
    "make_portfolio": "histories",
    "make_receipt": "histories",
    "make_series": "histories",
}

__all__ = [
    "TICK",
    "AnalyticSuite",
    "Asked",
    "ConnectorSuite",
    "FactsView",
    "Harness",
    "ImporterSuite",
    "MemoryTokens",
    "MethodSuite",
    "NotifierSuite",
    "Ran",
    "RateSuite",
    "Replay",
    "Reply",
    "StudySuite",
    "make_history",
    "make_income",
    "make_portfolio",
    "make_receipt",
    "make_series",
]


def __getattr__(name: str) -> Any:
    # Each only when it is used: a test of an analytic needs no HTTP server.
    if name in _PLACES:
        return getattr(import_module(f"flowd.testing.{_PLACES[name]}"), name)
    raise AttributeError(f"flowd.testing has no {name}")
