"""What the readers need of a client: one way to ask, so that they do without the library that does it."""

from __future__ import annotations

from typing import Any, Protocol

from flowd_binance.endpoints import Endpoint


class Asking(Protocol):
    """Asks Binance."""

    def ask(self, endpoint: Endpoint, **params: str | int) -> Any:
        """Return what Binance answers; one of flowd's errors otherwise."""
