"""The demo does what every connector must."""

from __future__ import annotations

from datetime import UTC, datetime

from flowd.testing import ConnectorSuite
from flowd_demo import CONNECTOR


class TestDemo(ConnectorSuite):
    connector = CONNECTOR
    config = {"months": 2}
    tick = datetime(2020, 6, 1, 12, tzinfo=UTC)
