"""A declared income does what every connector must."""

from __future__ import annotations

from flowd.testing import ConnectorSuite
from flowd_recurring import CONNECTOR


class TestRecurring(ConnectorSuite):
    connector = CONNECTOR
