"""The connector against the suite every connector passes."""

from __future__ import annotations

from typing import ClassVar

from flowd.api import RetryLater
from flowd.errors import FlowdError
from flowd.testing import ConnectorSuite
from flowd.testing.cases import answering, read_cases
from flowd.testing.replay import Asked, Replay, Reply
from flowd_bybit import CONNECTOR


class TestBybit(ConnectorSuite):
    """All wallets and feeds."""

    connector = CONNECTOR
    config: ClassVar[dict[str, object]] = {"since": "2026-02-20"}
    most_runs = 3
    # Bybit answers 403 to an address that asks too often, and forgets it after ten minutes.
    faults: ClassVar[dict[str, type[FlowdError] | None]] = {"403": RetryLater}

    def source(self) -> Replay:
        """Answer with the cases, hanging up after each: a kept connection waits 40 ms for each answer's second half."""
        answer = answering(read_cases(self.folder / self.cases))

        def hang_up(asked: Asked) -> Reply:
            reply = answer(asked)
            return Reply(status=reply.status, body=reply.body, headers={**reply.headers, "connection": "close"})

        server = Replay()
        server.otherwise(hang_up)
        return server
