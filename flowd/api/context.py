"""What a run gets and may reach: a tick, a log, the time it has left, HTTP within limits, and its tokens."""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from flowd.domain.json import Json
from flowd.errors import AuthError


class Response(Protocol):
    """An answer of a source, read whole."""

    @property
    def status(self) -> int:
        """The HTTP status code."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The answer's headers, names in lower case."""

    @property
    def content(self) -> bytes:
        """The body as it came."""

    @property
    def text(self) -> str:
        """The body as text."""

    def json(self) -> object:
        """The body read as JSON, numbers with a point as Decimal; RetryLater if it is cut off or not JSON."""


class Http(Protocol):
    """The only way out: declared limits, timeouts, Retry-After and redaction are its business, not the plugin's.

    401 and 403 raise AuthError; 429, 5xx, timeouts and broken connections raise RetryLater; other answers of 400 and
    above raise RetryLater too unless `allow` names their status.
    """

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        allow: Container[int] = (),
        weight: float = 1,
    ) -> Response:
        """Ask with GET."""

    def post(
        self,
        url: str,
        *,
        json: object = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        allow: Container[int] = (),
        weight: float = 1,
    ) -> Response:
        """Ask with POST, a JSON or a form body."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        allow: Container[int] = (),
        weight: float = 1,
    ) -> Response:
        """Ask with any method and a body that is sent as it is: for signed requests, and for others' libraries."""


class Tokens(Protocol):
    """The tokens of one connection, which `flowd link` obtained: kept encrypted, and replaced when they rotate."""

    def read(self) -> Mapping[str, Json]:
        """Return what is stored; AuthError if the connection was never linked, RetryLater while the store is away."""

    def renew(self, renewal: Callable[[Mapping[str, Json]], Mapping[str, Json]]) -> Mapping[str, Json]:
        """Exchange the stored tokens for new ones, which are durable before this returns them.

        One renewal at a time: where another run renewed them since this one read them, its result is returned and
        `renewal` is not called. It is given what is stored, and its errors pass through and leave that as it was.
        """


class NoTokens:
    """The tokens of a connection that has none."""

    def read(self) -> Mapping[str, Json]:
        """Raise AuthError."""
        raise AuthError("this connection was never linked: run `flowd link` with its name")

    def renew(self, renewal: Callable[[Mapping[str, Json]], Mapping[str, Json]]) -> Mapping[str, Json]:  # noqa: ARG002
        """Raise AuthError."""
        return self.read()


def _forget(at: datetime) -> None:
    """Take note of an expiry nobody wants to know of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything a run gets; nothing else is reachable."""

    connection: str
    tick: datetime
    http: Http
    log: logging.LoggerAdapter[logging.Logger]
    time_left: Callable[[], timedelta]
    tokens: Tokens = field(default_factory=NoTokens)
    #: Tell until when the source will answer without somebody logging in again (a consent's or a key's end).
    expires: Callable[[datetime], None] = _forget
