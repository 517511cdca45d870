"""flowd's conformance suite, on a made-up household."""

from __future__ import annotations

from flowd.testing import ConnectorSuite
from flowd.testing.replay import Replay
from flowd_simplefin import CONNECTOR


class TestSimpleFin(ConnectorSuite):
    """Everything a connector must do."""

    connector = CONNECTOR
    most_runs = 20

    def settings(self, source: Replay) -> dict[str, object]:
        """Point the access at the source."""
        return {
            **super().settings(source),
            "access_url": f"http://someone:s3cr3t-word@127.0.0.1:{source.port}/simplefin",
        }
