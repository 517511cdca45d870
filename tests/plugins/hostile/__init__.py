"""A plugin for tests: connectors that behave, and connectors that misbehave in every way we know."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from flowd.api import (
    AuthError,
    Batch,
    Check,
    Config,
    ConfigError,
    ConnectorType,
    Context,
    Covers,
    Cursor,
    Feed,
    Isolation,
    RateLimit,
    RetryLater,
    Secret,
    Snapshot,
    hookimpl,
)

EVERY = timedelta(seconds=1)
FEEDS = (Feed(name="balances", every=EVERY, timeout=timedelta(seconds=10)),)


class Good(Config):
    """A connector that behaves; `latency` in seconds."""

    latency: float = 0.0
    batches: int = 1
    rows: int = 1
    url: str = ""
    key: Secret = Secret("")


@dataclass
class GoodConnector:
    """Yields `batches` batches of `rows` readings, each at the tick, and counts them in its cursor."""

    config: Good

    def check(self, ctx: Context) -> Check:
        return Check(summary=f"key {self.config.key.get_secret_value()} works", permissions=("read",))

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        count = 0 if cursor is None else int(str(cursor.data))
        for _ in range(self.config.batches):
            time.sleep(self.config.latency)
            count += 1
            if self.config.url:
                answer = ctx.http.get(self.config.url, params={"n": str(count)})
                ctx.log.info("answered %s", answer.status)
            yield Batch(
                records=[
                    Snapshot(account="main", asset=f"A{row}", quantity=Decimal(count), at=ctx.tick)
                    for row in range(self.config.rows)
                ],
                cursor=Cursor(data=count),
                covers=Covers.NOTHING,
            )


class Bad(Config):
    """A connector that misbehaves in the way `how`; `note` is a file in which it leaves traces."""

    how: str
    note: Path | None = None
    key: Secret = Secret("")
    first: bool = False


def _one(ctx: Context, value: str = "666") -> Batch:
    return Batch(records=[Snapshot(account="bad", asset="EUR", quantity=Decimal(value), at=ctx.tick)])


@dataclass
class BadConnector:
    """Does the one bad thing it is configured to do."""

    config: Bad

    def check(self, ctx: Context) -> Check:
        raise AuthError(f"the key {self.config.key.get_secret_value()} was refused")

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        if self.config.first:
            yield _one(ctx)
        yield from WAYS[self.config.how](self, ctx)


def endless(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    while not _never():
        pass
    yield _one(ctx)


def sleeps(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    time.sleep(10_000)
    yield _one(ctx)


def holds_gil(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    # A call through PyDLL keeps the interpreter lock: no other thread of the process ever runs.
    ctypes.PyDLL(None).sleep(10_000)
    yield _one(ctx)


def eats_memory(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    held = []
    for _ in range(64):
        held.append(b"x" * (64 << 20))
    yield _one(ctx)


def forks(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    # Bounded, so that a mistake in the wall costs 200 sleeping processes and not the machine.
    for number in range(200):
        try:
            if os.fork() == 0:
                if number % 2:
                    os.setsid()
                if number % 3 == 0 and os.fork():
                    os._exit(0)
                time.sleep(600)
                os._exit(0)
        except OSError:
            break
    time.sleep(600)
    yield _one(ctx)


def daemonises(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    # Leaves a process behind that has nothing to do with it any more, as daemons do.
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            assert self.config.note is not None
            self.config.note.write_text(str(os.getpid()))
            time.sleep(600)
        os._exit(0)
    while not (self.config.note and self.config.note.exists() and self.config.note.read_text()):
        time.sleep(0.01)
    yield _one(ctx, "1")


def exits(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    print("so long")
    sys.stdout.flush()
    if not _never():
        os._exit(3)
    yield _one(ctx)


def sys_exits(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    if not _never():
        sys.exit(4)
    yield _one(ctx)


def crashes(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    ctypes.string_at(0)
    yield _one(ctx)


def many_rows(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    yield Batch(
        records=(
            Snapshot(account="bad", asset=f"X{row}", quantity=Decimal(row), at=ctx.tick) for row in range(10_000_000)
        )
    )


def not_a_number(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    yield _one(ctx, "NaN")


def smuggled_nan(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    reading = Snapshot(account="bad", asset="EUR", quantity=Decimal(1), at=ctx.tick)
    object.__setattr__(reading, "quantity", Decimal("NaN"))
    yield Batch(records=[reading])


def naive_time(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    yield Batch(records=[Snapshot(account="bad", asset="EUR", quantity=Decimal(1), at=datetime(2026, 1, 1))])


def chatters(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    part = b"y" * (1 << 20)
    for _ in range(1024):
        os.write(1, part)
    yield _one(ctx, "1")


def leaks(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    secret = self.config.key.get_secret_value()
    ctx.log.warning("my key is %s", secret)
    if not _never():
        raise RuntimeError(f"GET https://api.example/?key={secret} failed")
    yield _one(ctx)


def rubbish(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    for handle in range(3, 10):
        try:
            os.write(handle, b"\xff" * 4096)
        except OSError:
            continue
    time.sleep(600)
    yield _one(ctx)


def not_a_batch(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    yield {"records": []}  # type: ignore[misc]


def half_a_batch(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    def records() -> Iterator[Snapshot]:
        for row in range(50_000):
            yield Snapshot(account="bad", asset=f"X{row}", quantity=Decimal(row), at=ctx.tick)
        os._exit(5)

    yield Batch(records=records())


def refused(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    if not _never():
        raise AuthError(f"key {self.config.key.get_secret_value()} is not valid any more")
    yield _one(ctx)


def later(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    if not _never():
        raise RetryLater("busy", after=timedelta(seconds=90))
    yield _one(ctx)


def misconfigured(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    if not _never():
        raise ConfigError("there is no such account")
    yield _one(ctx)


def own_exception(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    class Weird(BaseException):
        def __str__(self) -> str:
            raise ValueError("no words")

    if not _never():
        raise Weird
    yield _one(ctx)


def looks_around(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    assert self.config.note is not None
    found = [
        "environ=" + ",".join(sorted(os.environ)),
        "handles=" + ",".join(sorted((entry.name for entry in os.scandir("/proc/self/fd")), key=int)),
        f"session={os.getsid(0) == os.getpid()}",
    ]
    self.config.note.write_text("\n".join(found))
    yield _one(ctx, "1")


def borrows_names(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    # The nearest a record can get to being somebody else's: there is no field for a tenant or a connection.
    object.__setattr__(ctx, "connection", "good-0")
    yield Batch(records=[Snapshot(account="good-0/main", asset="EUR", quantity=Decimal(1), at=ctx.tick)])


def late_tick(self: BadConnector, ctx: Context) -> Iterator[Batch]:
    yield Batch(
        records=[Snapshot(account="bad", asset="EUR", quantity=Decimal(1), at=datetime(2199, 1, 1, tzinfo=UTC))]
    )


def _never() -> bool:
    """Say no, where a type checker cannot see it."""
    return not time.monotonic()


WAYS: dict[str, Callable[[BadConnector, Context], Iterator[Batch]]] = {
    function.__name__: function
    for function in (
        endless,
        sleeps,
        holds_gil,
        eats_memory,
        forks,
        daemonises,
        exits,
        sys_exits,
        crashes,
        many_rows,
        not_a_number,
        smuggled_nan,
        naive_time,
        chatters,
        leaks,
        rubbish,
        not_a_batch,
        half_a_batch,
        refused,
        later,
        misconfigured,
        own_exception,
        looks_around,
        borrows_names,
        late_tick,
    )
}

GOOD = ConnectorType(name="good", config=Good, connect=GoodConnector, feeds=FEEDS)
QUIET = ConnectorType(name="quiet", config=Good, connect=GoodConnector, feeds=FEEDS, isolation=Isolation.THREAD)
LIMITED = ConnectorType(
    name="limited",
    config=Good,
    connect=GoodConnector,
    feeds=FEEDS,
    limit=RateLimit(calls=2, per=timedelta(seconds=1), budget=4),
)
BAD = ConnectorType(name="bad", config=Bad, connect=BadConnector, feeds=FEEDS)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Good] | ConnectorType[Bad]], None]) -> None:
    for kind in (GOOD, QUIET, LIMITED, BAD):
        register(kind)
