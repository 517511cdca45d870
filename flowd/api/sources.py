"""What a kind of source is: its settings, its feeds, its limits, and the object that reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from flowd.api.context import Context
from flowd.domain.flows import AccountKind, Maturity
from flowd.domain.json import Json
from flowd.domain.records import Batch, Cursor


class Config(BaseModel):
    """The settings of one connection: subclass it with typed fields; keys it does not name are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


C = TypeVar("C", bound=Config)


class Isolation(StrEnum):
    """Where a connection runs: in a child process that can be killed, or in a thread (only light code without I/O)."""

    PROCESS = "process"
    THREAD = "thread"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One thing a connection reads on its own interval; a run that passes `timeout` is ended."""

    name: str
    every: timedelta
    timeout: timedelta = timedelta(seconds=60)


class Scope(StrEnum):
    """Who shares a limit: connections with the same credential, or all that ask the same host from this machine."""

    CREDENTIAL = "credential"
    HOST = "host"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """How often a source may be called: at most `calls` in `per`; `budget` calls in `budget_per` survive restarts.

    A request counts as one call, or as the `weight` it is made with where a source weighs its requests.
    """

    calls: int
    per: timedelta
    budget: int | None = None
    budget_per: timedelta = timedelta(days=1)
    scope: Scope = Scope.CREDENTIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """How far back a source is read, where its settings have a `since` that may be moved back.

    Where it is not given the first run reads so far back (`first`; None: all there is). Its source tells of no more
    than `most`, if that is known; `words` say to people what else there is to know of older history.
    """

    first: timedelta | None = timedelta(days=365)
    most: timedelta | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one cheap authenticated call found.

    The key's permissions in words, when it expires if that is known, the wallets or accounts that are read (`covers`),
    and those that are not, each with its reason (`unread`).
    """

    summary: str
    permissions: Sequence[str] = ()
    expires_at: datetime | None = None
    warnings: Sequence[str] = ()
    covers: Sequence[str] = ()
    unread: Sequence[str] = ()


class Connector(Protocol):
    """A source, connected."""

    def check(self, ctx: Context) -> Check:
        """Make one cheap authenticated call and report what the key may do; AuthError when it is refused."""

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        """Yield what is new since `cursor`; each batch is durable before the next one is asked for.

        Where some parts cannot be read and others can, yield the others, then raise PartlyRead.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStep:
    """What a person has to do to link a connection: open `url`, or type in what `ask` asks for, or both.

    With `redirects` the source sends the browser back to flowd when it is done. `memory` comes back in `finish_link`.
    """

    url: str | None = None
    ask: str | None = None
    redirects: bool = True
    memory: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What linking obtained: the tokens to keep, until when they are good, and in words what was linked."""

    tokens: Mapping[str, Json]
    expires_at: datetime | None = None
    summary: str = ""


class Linkable(Connector, Protocol):
    """A connector whose access is granted by logging in at the source: its ConnectorType says `links=True`."""

    def begin_link(self, redirect: str, state: str, ctx: Context) -> LinkStep:
        """Return where to send the person; the source must come back to `redirect` and bring `state` along."""

    def finish_link(self, answer: Mapping[str, str], step: LinkStep, ctx: Context) -> Linked:
        """Turn the redirect's query parameters (what was typed in is under "typed") into tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorType(Generic[C]):
    """The description of a kind of source: data that flowd can show and check without running anything.

    Every one of several limits holds. `links` says that `flowd link` obtains the access (see Linkable), `quotes` that
    it answers questions for rates of the past (see Quoting). `past` is for connectors whose settings have a `since`.
    """

    name: str
    config: type[C]
    connect: Callable[[C], Connector]
    feeds: Sequence[Feed]
    summary: str = ""
    limit: RateLimit | Sequence[RateLimit] | None = None
    maturity: Maturity = Maturity.ALPHA
    accounts: AccountKind = AccountKind.BANK
    isolation: Isolation = Isolation.PROCESS
    links: bool = False
    quotes: bool = False
    past: Past | None = None

    @property
    def limits(self) -> Sequence[RateLimit]:
        """All limits that hold."""
        if self.limit is None:
            return ()
        return (self.limit,) if isinstance(self.limit, RateLimit) else tuple(self.limit)
