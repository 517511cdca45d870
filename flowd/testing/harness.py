"""Runs a connector in a test as flowd does: its own HTTP client, its batches checked as the store checks them."""

from __future__ import annotations

import json
import logging
import ssl
import time
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final, TypeVar, cast

from flowd.api import (
    Batch,
    Check,
    Connector,
    ConnectorType,
    Context,
    Cursor,
    Json,
    Linkable,
    Linked,
    NoTokens,
    Record,
    Tokens,
)
from flowd.engine.http import SourceHttp
from flowd.errors import FlowdError
from flowd.storage.packing import pack

R = TypeVar("R", bound=Record)
TICK = datetime(2026, 3, 1, 12, tzinfo=UTC)
#: Where the browser comes back to when a connection is linked.
REDIRECT: Final = "http://127.0.0.1:8788/callback"


class MemoryTokens:
    """Tokens kept in memory; `history` has every set that was stored, the first included."""

    def __init__(self, tokens: Mapping[str, Json] | None = None) -> None:
        self.history: list[Mapping[str, Json]] = [] if tokens is None else [dict(tokens)]

    def read(self) -> Mapping[str, Json]:
        """Return the newest; AuthError if there is none."""
        return self.history[-1] if self.history else NoTokens().read()

    def renew(self, renewal: Callable[[Mapping[str, Json]], Mapping[str, Json]]) -> Mapping[str, Json]:
        """Exchange the newest."""
        self.store(renewal(self.read()))
        return self.history[-1]

    def store(self, tokens: Mapping[str, Json]) -> None:
        """Keep `tokens` as the newest, through JSON as in the database."""
        self.history.append(json.loads(json.dumps(dict(tokens))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What one run of a feed did: its batches (records as lists), the cursor after it, and how it ended."""

    batches: list[Batch] = field(default_factory=list)
    cursor: Cursor | None = None
    error: FlowdError | None = None
    log: list[str] = field(default_factory=list)
    expires: list[datetime] = field(default_factory=list)

    @property
    def records(self) -> list[Record]:
        """All records, in order."""
        return [record for batch in self.batches for record in batch.records]

    def of(self, kind: type[R]) -> list[R]:
        """The records of one kind."""
        return [record for record in self.records if isinstance(record, kind)]


class Harness:
    """One connection under test. `config` is what would stand in flowd.yaml, secrets in clear.

    With `hosts` (such as 127.0.0.1:4000) a request to any other host is a mistake of the test, and nothing is sent.
    """

    def __init__(
        self,
        kind: ConnectorType[Any],
        config: Mapping[str, object] | None = None,
        *,
        connection: str = "test",
        tokens: Tokens | None = None,
        seconds: float = 30.0,
        hosts: Collection[str] | None = None,
    ) -> None:
        self.kind = kind
        self._hosts = hosts
        self.tokens: Tokens = tokens or NoTokens()
        self._connection = connection
        self._seconds = seconds
        # As flowd hands it over: through JSON, where amounts and dates are text.
        self.config = kind.config.model_validate(json.loads(json.dumps(dict(config or {}), default=str)))
        self.connector: Connector = kind.connect(self.config)
        #: (weight, host) of every request that was made.
        self.turns: list[tuple[float, str]] = []

    def patience(self, seconds: float) -> None:
        """Let runs last no longer than so many seconds from now on."""
        self._seconds = seconds

    def check(self, tick: datetime = TICK) -> Check:
        """Make the cheap call."""
        with self.context(tick) as (ctx, _, _):
            return self.connector.check(ctx)

    def link(
        self, visit: Callable[[str], Mapping[str, str]] | Mapping[str, str], *, redirect: str = REDIRECT
    ) -> Linked:
        """Link as `flowd link` does, and store the tokens where the harness has MemoryTokens.

        `visit` does what a person does on the page at an address, and returns what the browser brings back to
        `redirect`; or it is what comes back (`{"typed": …}` for what is typed in).
        """
        connector = cast("Linkable", self.connector)
        with self.context() as (ctx, _, _):
            step = connector.begin_link(redirect, "state-1", ctx)
            if callable(visit):
                assert step.url is not None, "there is no page to visit"
                visit = visit(step.url)
            linked = connector.finish_link(visit, step, ctx)
        if isinstance(self.tokens, MemoryTokens):
            self.tokens.store(linked.tokens)
        return linked

    def sync(
        self,
        feed: str,
        cursor: Cursor | None = None,
        *,
        tick: datetime = TICK,
        batches: int | None = None,
        seconds: float | None = None,
    ) -> Ran:
        """Run `feed`; an error flowd reacts to is in the result, any other (the connector's bug) is raised.

        With `batches` the run is ended after so many, as a crash would; `cursor` goes through JSON first, as it would
        in the database. Every batch is packed as for the store, so BatchRefused says what the store would refuse.
        """
        before = None if cursor is None else Cursor(data=json.loads(json.dumps(cursor.data)), version=cursor.version)
        done: list[Batch] = []
        after, error = before, None
        with self.context(tick, seconds) as (ctx, log, expires):
            try:
                with closing(self.steps(feed, before, ctx)) as steps:
                    for batch in steps:
                        done.append(batch)
                        after = batch.cursor or after
                        if len(done) == batches:
                            break
            except FlowdError as problem:
                error = problem
        return Ran(batches=done, cursor=after, error=error, log=log, expires=expires)

    def steps(self, feed: str, cursor: Cursor | None, ctx: Context) -> Generator[Batch, None, None]:
        """Yield the batches of one run as they come, records as lists, each packed as for the store."""
        run = iter(self.connector.sync(feed, cursor, ctx))
        try:
            for batch in run:
                # Read once, by the store: a generator has nothing left for a second reader.
                records: list[Record] = []
                for _ in pack(_noting(batch, records), connection=self._connection):
                    pass
                yield Batch(records=records, cursor=batch.cursor, covers=batch.covers)
        finally:
            if (close := getattr(run, "close", None)) is not None:
                close()

    @contextmanager
    def context(
        self, tick: datetime = TICK, seconds: float | None = None, time_left: Callable[[], timedelta] | None = None
    ) -> Iterator[tuple[Context, list[str], list[datetime]]]:
        """Give what a run is given, the lines it logs and the ends of consents it tells.

        `time_left` may tell another time than the clock's.
        """
        until = time.monotonic() + (self._seconds if seconds is None else seconds)
        expires: list[datetime] = []
        kept = KeptLines()
        logger = logging.Logger("flowd.test", logging.DEBUG)  # noqa: LOG001 - nobody else's
        logger.addHandler(kept)

        def left() -> timedelta:
            if time_left is not None:
                return time_left()
            return timedelta(seconds=max(0.0, until - time.monotonic()))

        def take(weight: float, host: str) -> None:
            self.turns.append((weight, host))
            if self._hosts is not None and host not in self._hosts:
                raise AssertionError(
                    f"{host} was asked, which is not the test's source: let a setting name the address"
                )

        with closing(SourceHttp(take=take, time_left=left, agent="flowd/test", tls=_tls())) as http:
            ctx = Context(
                connection=self._connection,
                tick=tick,
                http=http,
                log=logging.LoggerAdapter(logger),
                time_left=left,
                tokens=self.tokens,
                expires=expires.append,
            )
            yield ctx, kept.lines, expires


@cache
def _tls() -> ssl.SSLContext:
    """Return the usual trust, read once: it takes longer than a whole run on loopback."""
    import httpx

    return httpx.create_ssl_context()


class KeptLines(logging.Handler):
    """Keeps the lines of a log as they were said."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def _noting(batch: Batch, into: list[Record]) -> Batch:
    def records() -> Iterator[Record]:
        for record in batch.records:
            into.append(record)
            yield record

    return Batch(records=records(), cursor=batch.cursor, covers=batch.covers)


__all__ = ["TICK", "Harness", "MemoryTokens", "Ran"]
