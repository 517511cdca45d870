"""flowd's conformance suite, on a made-up bank."""

from __future__ import annotations

from flowd.testing import ConnectorSuite
from flowd_truelayer import CONNECTOR


class TestTrueLayer(ConnectorSuite):
    """Everything a connector must do."""

    connector = CONNECTOR
    config = {"since": "2026-01-01", "reads_per_day": 96}
    tokens = {
        "access_token": "made-up-access-1",
        "refresh_token": "made-up-refresh-1",
        "expires_at": "2026-03-01T13:00:00+00:00",
    }
    most_runs = 6
