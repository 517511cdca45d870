"""flowd's conformance suite, on a made-up bank and broker."""

from __future__ import annotations

from flowd.testing import ConnectorSuite
from flowd_plaid import CONNECTOR


class TestPlaid(ConnectorSuite):
    """Everything a connector must do."""

    connector = CONNECTOR
    config = {"products": ["transactions", "investments"], "since": "2026-01-20"}
    most_runs = 12
    tokens = {"access_token": "access-sandbox-of-the-tests", "item_id": "item-1"}
