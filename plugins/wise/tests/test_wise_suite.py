"""Wise goes through the conformance suite: one profile by its statements, one by its activities."""

from __future__ import annotations

from flowd.testing import ConnectorSuite
from flowd_wise import CONNECTOR


class TestWise(ConnectorSuite):
    """The conformance suite over the recorded answers."""

    connector = CONNECTOR
