"""Reads one connection without a database and prints what it yields."""

from __future__ import annotations

import json
import logging
import os
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from flowd.api import Batch, Context, Cursor, Feed, Http, Json, NoTokens, Record, Tokens
from flowd.config import bind_connections, parse_settings
from flowd.config.binding import BoundConnection
from flowd.edges.record_lines import line
from flowd.engine.clock import SystemClock
from flowd.engine.http import SourceHttp
from flowd.engine.limits import RateLimits
from flowd.errors import BudgetSpent, ConfigError, FlowdError, PartlyRead
from flowd.plugins import State, load_plugins
from flowd.secrets import redact
from flowd.storage.packing import pack

#: Lets a caller see, or change, what goes out.
Wrap = Callable[[SourceHttp], Http]
_NAME = "sample"


def read_sample(path: Path) -> BoundConnection:
    """Return the connection that `path` describes; ConfigError with all that is wrong, with lines."""
    import yaml

    try:
        text = path.read_text(encoding="utf-8")
        own = yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None
    if not isinstance(own, dict) or not isinstance(own.get("type"), str):
        raise ConfigError(f"{path}: write `type:` (the connector) and `config:` (its settings)")
    registry = load_plugins([own["type"]])
    broken = [one for one in registry.plugins if one.state is State.BROKEN and one.name == own["type"]]
    if broken:
        raise ConfigError(f"{path}: the plugin {own['type']!r} {broken[0].error}")
    # One line above the sample and nothing else, so that lines are off by one at most.
    shifted = "".join(f"  {one}\n" for one in text.splitlines())
    whole = f"connections:\n {_NAME}:\n{shifted}tenant: {{base_currency: EUR, timezone: UTC}}\n"
    settings = parse_settings(whole, file=path, environ=os.environ)
    bound = bind_connections(settings, registry)
    if bound.all_problems:
        listed = [
            f"{path}:{max(one.line - 2, 1)}: {one.where.removeprefix(f'connections.{_NAME}.')} {one.message}. {one.fix}"
            for one in bound.all_problems
        ]
        raise ConfigError("\n".join(listed))
    for warning in bound.warnings:
        click.echo(f"warning: {warning.message}", err=True)
    return bound.connections[_NAME]


def run_dry(
    sample: Path,
    feeds: Sequence[str] = (),
    *,
    cursor_file: Path | None = None,
    at: datetime | None = None,
    only_check: bool = False,
    tokens_file: Path | None = None,
    wrap: Wrap | None = None,
) -> int:
    """Run the feeds of the connection in `sample` (all, or those named) and print records; return the exit code."""
    bound = read_sample(sample)
    unknown = set(feeds) - set(bound.feeds)
    if unknown:
        raise ConfigError(
            f"{bound.type.name} has no feed {', '.join(sorted(unknown))}; it has {', '.join(bound.feeds)}"
        )
    tick = datetime.now(UTC) if at is None else at.replace(tzinfo=UTC)
    cursors = _read_cursors(cursor_file)
    run = _Run(bound, tick, wrap, NoTokens() if tokens_file is None else FileTokens(tokens_file))
    if only_check:
        return run.check()
    failed = 0
    for name in feeds or bound.feeds:
        failed |= run.feed(bound.feeds[name], cursors)
        if cursor_file is not None:
            kept = {feed: {"data": one.data, "version": one.version} for feed, one in cursors.items()}
            cursor_file.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return failed


class _Run:
    """One connection, in this process."""

    def __init__(self, bound: BoundConnection, tick: datetime, wrap: Wrap | None, tokens: Tokens) -> None:
        self._bound = bound
        self._tokens = tokens
        self._tick = tick
        self._wrap: Wrap = wrap or (lambda http: http)
        self._limits = RateLimits(clock=SystemClock(), book=_Forgetful(), away=lambda: False)
        # As in a child process: settings arrive as JSON, and are read by the connector's own types.
        payload = json.loads(json.dumps(dict(bound.payload()), default=str))
        self._connector = bound.type.connect(bound.type.config.model_validate(payload))
        self._log = logging.Logger("flowd.plugin", logging.DEBUG)  # noqa: LOG001 - this run's own
        self._log.addHandler(_ToStandardError(self._say))

    def check(self) -> int:
        def call(ctx: Context) -> None:
            found = self._connector.check(ctx)
            told = {
                name: getattr(found, name)
                for name in ("summary", "permissions", "expires_at", "warnings", "covers", "unread")
            }
            click.echo(redact(json.dumps(told, ensure_ascii=False, default=_shown), self._bound.secrets))

        return self._guarded("check()", timedelta(seconds=30), call)

    def feed(self, feed: Feed, cursors: dict[str, Cursor]) -> int:
        def call(ctx: Context) -> None:
            number = count = 0
            for number, batch in enumerate(self._connector.sync(feed.name, cursors.get(feed.name), ctx), 1):
                records = list(batch.records)
                for _ in pack(_again(batch, records), connection=_NAME):
                    pass
                for record in records:
                    click.echo(line(record))
                count += len(records)
                if batch.cursor is not None:
                    cursors[feed.name] = batch.cursor
                self._say(f"{feed.name}: batch {number}, {len(records)} records, covers {batch.covers.value}")
            self._say(f"{feed.name}: done, {count} records in {number} batches")

        return self._guarded(feed.name, feed.timeout, call)

    def _guarded(self, what: str, patience: timedelta, call: Callable[[Context], None]) -> int:
        """Do it, and say how it ended: 0 done, 1 the source or the plugin failed, 2 the settings are wrong."""
        until = time.monotonic() + patience.total_seconds()

        def left() -> timedelta:
            return timedelta(seconds=max(0.0, until - time.monotonic()))

        def take(weight: float, host: str) -> None:
            self._wait(left(), weight, host)

        with closing(SourceHttp(take=take, time_left=left, agent="flowd/plugin-run")) as http:
            ctx = Context(
                connection=_NAME,
                tick=self._tick,
                http=self._wrap(http),
                log=logging.LoggerAdapter(self._log),
                time_left=left,
                tokens=self._tokens,
                expires=lambda at: self._say(f"access ends at {at.isoformat()}"),
            )
            try:
                call(ctx)
            except ConfigError as error:
                self._say(f"{what}: ConfigError: {error}")
                return 2
            except PartlyRead as error:
                self._say(f"{what}: read in part: {error}")
                return 1
            except FlowdError as error:
                self._say(f"{what}: {type(error).__name__}: {error}")
                return 1
            except BrokenPipeError:
                raise
            except Exception:
                self._say(f"{what}: a fault of the plugin:\n{traceback.format_exc(limit=-12)}")
                return 1
        return 0

    def _wait(self, left: timedelta, weight: float, host: str) -> None:
        limits = [(f"{number} {limit.scope} {host}", limit) for number, limit in enumerate(self._bound.type.limits)]
        turn = self._limits.take_all(limits, left.total_seconds(), weight)
        if turn.refused is not None:
            raise BudgetSpent(turn.refused, after=timedelta(seconds=turn.after))
        if turn.wait > 0:
            time.sleep(turn.wait)

    def _say(self, text: str) -> None:
        click.echo(redact(text, [*self._bound.secrets, *self._token_texts()]), err=True)

    def _token_texts(self) -> list[str]:
        try:
            held = self._tokens.read().values()
        except FlowdError:
            return []
        return [one for one in held if isinstance(one, str) and len(one) >= 8]


class FileTokens:
    """Tokens in a file of JSON, for trying a connector without a database; what is renewed is written back."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Mapping[str, Json]:
        """Return what the file holds; ConfigError if it holds none."""
        try:
            told: object = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigError(f"{self._path} holds no tokens: {error}") from None
        if not isinstance(told, dict):
            raise ConfigError(f'{self._path} holds no tokens: write an object, such as {{"access_token": …}}')
        return told

    def renew(self, renewal: Callable[[Mapping[str, Json]], Mapping[str, Json]]) -> Mapping[str, Json]:
        """Exchange them, durable before they are returned."""
        fresh = dict(renewal(self.read()))
        draft = self._path.with_name(f".{self._path.name}.new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(fresh, indent=1) + "\n", encoding="utf-8")
        draft.replace(self._path)
        return fresh


class _Forgetful:
    """A book of budgets for one run."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def take_budget(self, credential: str, period: datetime, count: int = 1) -> int:  # noqa: ARG002
        self._used[credential] = self._used.get(credential, 0) + count
        return self._used[credential]

    def used_budget(self, credential: str, period: datetime) -> int:  # noqa: ARG002
        return self._used.get(credential, 0)


class _ToStandardError(logging.Handler):
    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__()
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        self._say(f"{record.levelname.lower()}: {record.getMessage()}")


def _read_cursors(path: Path | None) -> dict[str, Cursor]:
    if path is None or not path.exists():
        return {}
    try:
        told: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return {feed: Cursor(data=one["data"], version=one["version"]) for feed, one in told.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path} holds no cursors: {error}; remove it to read from the beginning") from None


def _again(batch: Batch, records: list[Record]) -> Batch:
    return Batch(records=records, cursor=batch.cursor, covers=batch.covers)


def _shown(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else list(value) if isinstance(value, tuple) else str(value)
