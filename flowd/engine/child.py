"""What runs in a connector's process: waits for orders, runs the connector, sends what it yields, batch by batch."""

from __future__ import annotations

import json
import socket
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from flowd.api import Batch, Check, Connector, ConnectorType, Context, Cursor, Notice, Notifier, Severity
from flowd.engine.asked_tokens import AskedTokens
from flowd.engine.context import Deadline, Turnstile, run_log
from flowd.engine.http import SourceHttp
from flowd.engine.link_words import begun, finished, linkable, step_of
from flowd.engine.protocol import Channel, Closed, Message, ProtocolBroken
from flowd.engine.quoting import answer
from flowd.engine.target import Target, find_connector, find_notifier
from flowd.errors import (
    AuthError,
    BatchRefused,
    ConfigError,
    FileRefused,
    OverTime,
    PartlyRead,
    PluginError,
    RetryLater,
)

_LONGEST_MESSAGE: Final = 4_000
_LONGEST_TRACEBACK: Final = 12_000


class PackedFrame(Protocol):
    """A part of a batch, ready to be sent."""

    def to_bytes(self) -> bytes:
        """Return the part's bytes."""


class Pack(Protocol):
    """Turns a batch into its parts."""

    def __call__(self, batch: Batch, *, connection: str) -> Iterable[PackedFrame]:
        """Yield the parts of `batch`, the last of which closes it."""


class _Stopped(BaseException):
    """The daemon wants this run to end after the batch it just kept."""


class Session:
    """One conversation with the daemon, over any number of runs of one connection."""

    def __init__(
        self,
        channel: Channel,
        *,
        pack: Pack,
        find: Callable[[Target], ConnectorType[Any]] = find_connector,
        notifier: Callable[[Target], Notifier] = find_notifier,
        agent: str = "flowd",
    ) -> None:
        self._channel = channel
        self._pack = pack
        self._find = find
        self._find_notifier = notifier
        self._deadline = Deadline()
        turnstile = Turnstile(channel, self._deadline)
        self._http = SourceHttp(take=turnstile.pass_one, time_left=self._deadline.left, agent=agent)
        self._known: tuple[object, bytes, Connector] | None = None

    def run(self) -> None:
        """Obey until the daemon hangs up."""
        try:
            while True:
                self._obey(self._channel.receive())
        except Closed:
            pass
        finally:
            self._http.close()

    def _obey(self, order: Message) -> None:
        self._deadline.set(float(order.fields["left"]))
        try:
            orders = {"sync": self._sync, "check": self._check, "notify": self._notify}
            orders["rates"] = self._rates
            told = {**orders, "link_begin": self._link_begin, "link_finish": self._link_finish}[order.what](order)
        except (Closed, _Stopped):
            raise Closed("the daemon hung up") from None
        except BaseException as error:
            # Whatever it is (sys.exit, memory spent, a class of the plugin's own): it must reach the daemon.
            self._known = None
            _flush()
            self._channel.send("error", _describe(error))
        else:
            _flush()
            self._channel.send("done", told)

    # --- Orders ------------------------------------------------------------------------------------------------------

    def _sync(self, order: Message) -> dict[str, Any]:
        connector = self._connect(order)
        state = order.fields["cursor"]
        cursor = None if state is None else Cursor(data=state["data"], version=state["version"])
        batches = connector.sync(order.fields["feed"], cursor, self._context(order))
        try:
            for batch in _checked(batches):
                self._send(batch, order.fields["connection"])
        finally:
            if (close := getattr(batches, "close", None)) is not None:
                close()
        return {}

    def _check(self, order: Message) -> dict[str, Any]:
        check = self._connect(order).check(self._context(order))
        if not isinstance(check, Check):
            raise TypeError(f"check() must return a Check, got {type(check).__name__}")
        expires = check.expires_at
        return {
            "summary": str(check.summary)[:_LONGEST_MESSAGE],
            "permissions": [str(item)[:200] for item in check.permissions][:100],
            "warnings": [str(item)[:_LONGEST_MESSAGE] for item in check.warnings][:100],
            "covers": [str(item)[:200] for item in check.covers][:1000],
            "unread": [str(item)[:_LONGEST_MESSAGE] for item in check.unread][:1000],
            "expires_at": None if expires is None else expires.isoformat(),
        }

    def _link_begin(self, order: Message) -> dict[str, Any]:
        connector = linkable(self._connect(order))
        return begun(connector.begin_link(order.fields["redirect"], order.fields["state"], self._context(order)))

    def _link_finish(self, order: Message) -> dict[str, Any]:
        connector, step = linkable(self._connect(order)), step_of(order.fields["step"])
        linked = connector.finish_link(order.fields["answer"], step, self._context(order))
        return finished(linked, AskedTokens(self._channel))

    def _rates(self, order: Message) -> dict[str, Any]:
        connector: Any = self._connect(order)
        return answer(connector, order.fields, self._context(order))

    def _notify(self, order: Message) -> dict[str, Any]:
        fields = order.fields
        notifier = self._find_notifier(Target(*fields["target"]))
        told = fields["notice"]
        notice = Notice(
            key=told["key"],
            severity=Severity(told["severity"]),
            at=datetime.fromisoformat(told["at"]),
            title=told["title"],
            body=told["body"],
        )
        notifier.send(notice, json.loads(order.body), self._http)
        return {}

    # --- Parts -------------------------------------------------------------------------------------------------------

    def _connect(self, order: Message) -> Connector:
        target = Target(*order.fields["target"])
        if self._known is not None and self._known[:2] == (target, order.body):
            return self._known[2]
        self._known = None
        kind = self._find(target)
        # Strings stand for secrets, amounts and dates; the connector's own types read them.
        config = kind.config.model_validate(json.loads(order.body))
        connector = kind.connect(config)
        self._known = (target, order.body, connector)
        return connector

    def _context(self, order: Message) -> Context:
        return Context(
            connection=order.fields["connection"],
            tick=datetime.fromisoformat(order.fields["tick"]),
            http=self._http,
            log=run_log(self._channel),
            time_left=self._deadline.left,
            tokens=AskedTokens(self._channel),
            expires=self._expires,
        )

    def _expires(self, at: datetime) -> None:
        self._channel.send("expires", {"at": at.isoformat()})

    def _send(self, batch: Batch, connection: str) -> None:
        count = 0
        for frame in self._pack(batch, connection=connection):
            try:
                # A daemon that is busy writing does not read: it decides how long that may take, not this process.
                self._channel.send("frame", None, frame.to_bytes(), within=None)
            except ProtocolBroken as error:
                raise BatchRefused(str(error)) from None
            count += 1
        cursor = None if batch.cursor is None else {"data": batch.cursor.data, "version": batch.cursor.version}
        answer = self._channel.ask("batch", {"frames": count, "cursor": cursor})
        self._deadline.set(float(answer.fields["left"]))
        if answer.what == "stop":
            raise _Stopped


def _checked(batches: object) -> Iterator[Batch]:
    if not isinstance(batches, Iterable):
        raise TypeError(f"sync() must yield batches, it returned {type(batches).__name__}")
    for batch in batches:
        if not isinstance(batch, Batch):
            raise TypeError(f"sync() must yield Batch, it yielded {type(batch).__name__}")
        yield batch


def _describe(error: BaseException) -> dict[str, Any]:
    """Say what went wrong in words that fit into one message, and which of flowd's reactions it asks for."""
    after: timedelta | None = getattr(error, "after", None) if isinstance(error, RetryLater) else None
    told: dict[str, Any] = {
        "class": type(error).__name__[:200],
        "text": _text(error),
        "after": after.total_seconds() if isinstance(after, timedelta) else None,
        "traceback": None,
    }
    if isinstance(error, OverTime):
        told["kind"] = "over_time"
    elif isinstance(error, RetryLater):
        told["kind"] = "retry"
    elif isinstance(error, PartlyRead):
        told["kind"] = "partial"
    elif isinstance(error, AuthError):
        told["kind"] = "auth"
    elif isinstance(error, ConfigError) or _is_wrong_config(error):
        told["kind"] = "config"
    elif isinstance(error, BatchRefused | FileRefused | PluginError):
        told["kind"] = "failed"
    elif isinstance(error, MemoryError):
        told.update(kind="failed", text="it needed more memory than it is allowed")
    else:
        told.update(kind="failed", traceback=_traceback(error))
    return told


def _is_wrong_config(error: BaseException) -> bool:
    from pydantic import ValidationError

    return isinstance(error, ValidationError)


def _text(error: BaseException) -> str:
    from pydantic import ValidationError

    try:
        if isinstance(error, ValidationError):
            # Without the values: one of them may be a secret.
            problems = error.errors(include_input=False, include_url=False, include_context=False)
            return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in problems)[
                :_LONGEST_MESSAGE
            ]
        text = str(error)
    except BaseException:
        text = "an error that cannot be put into words"
    return text[:_LONGEST_MESSAGE]


def _traceback(error: BaseException) -> str:
    try:
        lines = traceback.format_exception(error, limit=-20)
    except BaseException:
        return "a traceback that cannot be written"
    # The end says what and where; that is what is kept.
    return "".join(lines)[-_LONGEST_TRACEBACK:]


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()


def preload() -> None:
    """Load what nearly every connector needs, once, before processes are copied."""
    # httpx brings a command line along, with all it needs to draw tables: five megabytes nobody here looks at.
    sys.modules["httpx._main"] = None  # type: ignore[assignment]
    import httpx  # noqa: F401

    del sys.modules["httpx._main"]
    import flowd.plugins.intake
    import flowd.storage.packing  # noqa: F401


def main(sock: socket.socket) -> None:
    """Serve the daemon over `sock` until it hangs up."""
    from flowd import __version__
    from flowd.storage.packing import pack

    Session(Channel(sock), pack=pack, agent=f"flowd/{__version__}").run()
