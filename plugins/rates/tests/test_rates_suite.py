"""The conformance suite over recorded answers of one source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from flowd.api import RetryLater
from flowd.errors import FlowdError
from flowd.testing import ConnectorSuite
from flowd.testing.replay import Replay
from flowd_rates import CONNECTOR


class TestRates(ConnectorSuite):
    """Everything a connector must do."""

    connector = CONNECTOR
    config: ClassVar[Mapping[str, object]] = {"sources": ["kraken"], "pairs": ["BTC/EUR", "ETH/EUR"]}
    #: Nobody logs in here: a refusal is some proxy's, and passes.
    faults: ClassVar[Mapping[str, type[FlowdError] | None]] = {"401": RetryLater, "403": RetryLater}

    def settings(self, source: Replay) -> dict[str, object]:
        """Point the source at the recorded answers."""
        return {**super().settings(source), "urls": {"kraken": source.url}}
