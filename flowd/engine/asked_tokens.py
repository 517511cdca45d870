"""The tokens of a connection as its own process has them: asked for, never kept there."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from flowd.domain.json import Json
from flowd.engine.protocol import Channel, Closed, Message, ProtocolBroken, TimeUp
from flowd.errors import AuthError, ConfigError, OverTime, RetryLater


class AskedTokens:
    """`ctx.tokens` of one run: every word goes through the daemon."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._seen: int | None = None
        self._renewing = threading.Lock()
        self._renewer: int | None = None

    def read(self) -> Mapping[str, Json]:
        """Return what is stored."""
        return self._tokens(self._ask("token_read"))

    def renew(self, renewal: Callable[[Mapping[str, Json]], Mapping[str, Json]]) -> Mapping[str, Json]:
        """Exchange what is stored, unless another run did so meanwhile; the new ones are durable before they return."""
        if self._renewer == threading.get_ident():
            raise RuntimeError("a renewal asked for another renewal of the same tokens")
        with self._renewing:
            self._renewer = threading.get_ident()
            try:
                before = self._ask("token_renew", {"seen": self._seen})
                if before.fields.get("renewed"):
                    return self._tokens(before)
                return self._exchange(renewal, self._tokens(before))
            finally:
                self._renewer = None

    def link(self, tokens: Mapping[str, Json]) -> None:
        """Store what linking obtained."""
        self._ask("token_linked", body=as_json(tokens))

    def _exchange(
        self, renewal: Callable[[Mapping[str, Json]], Mapping[str, Json]], before: Mapping[str, Json]
    ) -> Mapping[str, Json]:
        try:
            body = as_json(renewal(before))
        except BaseException:
            with suppress(Closed, TimeUp, ProtocolBroken):
                self._channel.ask("token_left")
            raise
        self._seen = self._ask("token_renewed", body=body).fields.get("version")
        fresh: Mapping[str, Json] = json.loads(body)
        return fresh

    def _tokens(self, answer: Message) -> Mapping[str, Json]:
        self._seen = answer.fields.get("version")
        tokens: Mapping[str, Json] = json.loads(answer.body)
        return tokens

    def _ask(self, what: str, fields: Mapping[str, Any] | None = None, body: bytes = b"") -> Message:
        try:
            answer = self._channel.ask(what, fields, body)
        except Closed:
            raise OverTime("the run was ended") from None
        refused = answer.fields.get("refused")
        if refused is None:
            return answer
        text, after = str(answer.fields.get("text")), answer.fields.get("after")
        if refused == "auth":
            raise AuthError(text)
        if refused == "config":
            raise ConfigError(text)
        raise RetryLater(text, after=None if after is None else timedelta(seconds=float(after)))


def as_json(tokens: object) -> bytes:
    """Return tokens as JSON; amounts and moments become text, because what a source gave out once must not be lost."""
    if not isinstance(tokens, Mapping):
        raise TypeError(f"tokens must be a mapping, got {type(tokens).__name__}")
    return json.dumps({str(name): value for name, value in tokens.items()}, default=_text).encode()


def _text(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return str(value)
