"""What a connector's process may do with its connection's tokens while it runs, from the daemon's side."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from typing import Any, Final

from flowd.domain.json import Json
from flowd.engine.protocol import Message, ProtocolBroken
from flowd.engine.tokens import TokenKeeper
from flowd.errors import AuthError, ConfigError, DatabaseAway, DatabaseUnusable, RetryLater
from flowd.storage.sealing import Keyring
from flowd.storage.tokens import Change

_log = logging.getLogger(__name__)
#: An exchange of tokens is not begun when a run has fewer seconds left.
LEAST: Final = 3.0
#: A run in the middle of an exchange gets so many seconds more: what the source gives out then must arrive.
GRACE: Final = 15.0

Reply = tuple[Mapping[str, Any], bytes]


class TokenDesk:
    """Serves one run of one connection; `close` it at the run's end, however that came."""

    def __init__(self, keeper: TokenKeeper | None, connection: str) -> None:
        self._keeper = keeper
        self._connection = connection
        self._held: tuple[ExitStack, Change, Keyring] | None = None

    @property
    def grace(self) -> float:
        """How many seconds the run's end is put off, because tokens are being exchanged."""
        return GRACE if self._held is not None else 0.0

    def answer(self, message: Message, left: float) -> Reply:
        """Do what `message` asks and return the answer's fields and body; what cannot be done is said in it."""
        try:
            if self._keeper is None:
                raise ConfigError("no tokens are kept here")
            match message.what:
                case "token_read":
                    version, tokens = self._keeper.read(self._connection)
                    return {"version": version}, _packed(tokens)
                case "token_renew":
                    return self._begin(self._keeper, message.fields.get("seen"), left)
                case "token_renewed":
                    return self._end(self._keeper, _unpacked(message.body))
                case "token_linked":
                    self._keeper.link(self._connection, _unpacked(message.body))
                    return {}, b""
                case _:
                    self.close()
                    return {}, b""
        except (DatabaseAway, DatabaseUnusable) as error:
            return refused(f"tokens cannot be renewed while nothing new could be kept: {error}")
        except (AuthError, ConfigError, RetryLater) as error:
            kind = "auth" if isinstance(error, AuthError) else "config" if isinstance(error, ConfigError) else "retry"
            after = error.after if isinstance(error, RetryLater) else None
            seconds = after.total_seconds() if isinstance(after, timedelta) else None
            return {"refused": kind, "text": str(error), "after": seconds}, b""

    def close(self) -> None:
        """Let go of tokens that are still held: they stay as they were."""
        held, self._held = self._held, None
        if held is not None:
            _abandon(held[0])

    def _begin(self, keeper: TokenKeeper, seen: object, left: float) -> Reply:
        """Hold the tokens and hand them out to be exchanged, or, if somebody renewed them meanwhile, the new ones."""
        self.close()
        if left < LEAST:
            raise RetryLater("the run has too little time left to exchange tokens in")
        # Known to be there before the source is asked, and used whatever becomes of flowd.yaml meanwhile.
        ring = keeper.ring()
        stack, change = keeper.hold(self._connection, left + GRACE)
        try:
            now = change.now
            if now is None:
                raise AuthError(f"{self._connection} was never linked: run `flowd link {self._connection}`")
            tokens = keeper.open(now)
        except BaseException:
            _abandon(stack)
            raise
        if seen is not None and seen != now.version:
            _abandon(stack)
            return {"version": now.version, "renewed": True}, _packed(tokens)
        self._held = stack, change, ring
        return {"version": now.version}, _packed(tokens)

    def _end(self, keeper: TokenKeeper, tokens: Mapping[str, Json]) -> Reply:
        held, self._held = self._held, None
        if held is None:
            raise ProtocolBroken("new tokens without a renewal")
        stack, change, ring = held
        assert change.now is not None
        sealed = keeper.seal(self._connection, change.now.version + 1, tokens, ring)
        keeper.keep(sealed, stack, change)
        return {"version": sealed.version}, b""


def refused(text: str) -> Reply:
    """Return the answer that says that something cannot be done now."""
    return {"refused": "retry", "text": text}, b""


def _abandon(stack: ExitStack) -> None:
    """Roll back, and say nothing of a database that went away meanwhile."""
    try:
        with stack:
            raise _Abandoned
    except (_Abandoned, DatabaseAway, DatabaseUnusable):
        return


class _Abandoned(Exception):
    """Nothing was changed."""


def _packed(tokens: Mapping[str, Json]) -> bytes:
    return json.dumps(dict(tokens)).encode()


def _unpacked(body: bytes) -> Mapping[str, Json]:
    try:
        tokens = json.loads(body)
    except (ValueError, RecursionError):
        tokens = None
    if not isinstance(tokens, dict):
        raise ProtocolBroken("tokens that are no JSON object")
    return tokens
