"""What runs are given of a connection's access: its tokens, and where to say until when it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import SecretStr

from flowd.engine.connections import Connection
from flowd.engine.consents import Consents
from flowd.engine.token_desk import TokenDesk
from flowd.engine.tokens import TokenKeeper


class Access:
    """The tokens and the consents of all connections; without them connectors are told that none are kept."""

    def __init__(self, tokens: TokenKeeper | None = None, consents: Consents | None = None) -> None:
        self._tokens = tokens
        self._consents = consents

    def desk(self, connection: str) -> TokenDesk:
        """Return what serves one run of `connection` its tokens."""
        return TokenDesk(self._tokens, connection)

    def expires(self, connection: str, at: datetime | None) -> None:
        """Take note of what a connector said of the end of its access, if it said something."""
        if self._consents is not None and at is not None:
            self._consents.note(connection, at)

    def secrets(self, connection: Connection) -> Sequence[SecretStr]:
        """Return what no text that comes from `connection` may show."""
        return [*connection.secrets, *(self._tokens.secrets(connection.name) if self._tokens is not None else ())]
