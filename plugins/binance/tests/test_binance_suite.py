"""What every connector must do, on a small account."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from flowd.api import RetryLater
from flowd.errors import FlowdError
from flowd.testing import ConnectorSuite
from flowd.testing.cases import answering, read_cases
from flowd.testing.replay import Asked, Replay, Reply
from flowd_binance import CONNECTOR


class TestFutures(ConnectorSuite):
    """Spot and USD-M futures."""

    connector = CONNECTOR
    config: ClassVar[dict[str, object]] = {
        "since": "2026-02-20",
        "wallets": ["spot", "futures_usdm", "bots"],
        "quotes": ["USDT"],
    }
    most_runs = 3
    # A 403 without a code of Binance's is its firewall, which counts requests and forgets.
    faults: ClassVar[dict[str, type[FlowdError] | None]] = {"403": RetryLater}

    def source(self) -> Replay:
        """Answer with the cases, hanging up after each: a kept connection waits 40 ms for each answer's second half."""
        answer = answering(read_cases(self.folder / self.cases))

        def and_hang_up(asked: Asked) -> Reply:
            reply = answer(asked)
            return replace(reply, headers={**reply.headers, "Connection": "close"})

        made = Replay()
        made.otherwise(and_hang_up)
        return made
