"""The good connector in the suite, as an author would write it."""

from __future__ import annotations

from flowd.testing import ConnectorSuite
from tests.testing.acme import CONNECTOR


class TestAcme(ConnectorSuite):
    connector = CONNECTOR
    module = "tests.testing.acme"
