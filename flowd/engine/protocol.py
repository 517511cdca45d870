"""How the daemon and a connector's process talk: frames of a JSON head and a binary body over a socket.

Nothing that comes from a connector is ever unpickled, and every size is bounded: what breaks these rules is the
connector's fault, and ends its run.
"""

from __future__ import annotations

import json
import math
import select
import socket
import struct
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

HEAD_LIMIT: Final = 256 * 1024
BODY_LIMIT: Final = 64 * 1024 * 1024
_LENGTHS: Final = struct.Struct("!II")


class ProtocolBroken(Exception):
    """The other side sent something that is not a message: a mistake of whoever sent it."""


class Closed(Exception):
    """The other side is gone."""


class TimeUp(Exception):
    """No whole message came, or went, in the time allowed."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: what it is, its fields, and a body whose meaning depends on what it is."""

    what: str
    fields: Mapping[str, Any]
    #: Not shown: it may be tokens.
    body: bytes = field(repr=False)


class Channel:
    """One end of a conversation; sending is safe from several threads, asking too, receiving from one at a time."""

    def __init__(self, sock: socket.socket) -> None:
        # Never blocking: a time limit on the socket itself would be shared by the threads that use it.
        sock.setblocking(False)
        self._socket = sock
        self._sending = threading.Lock()
        self._asking = threading.Lock()

    def fileno(self) -> int:
        """Return the socket's number, to hand it to a new process."""
        return self._socket.fileno()

    def send(
        self, what: str, fields: Mapping[str, Any] | None = None, body: bytes = b"", *, within: float | None = 60.0
    ) -> None:
        """Send one message; Closed if nobody listens, TimeUp if it is not taken `within` seconds (None: for ever)."""
        head = json.dumps([what, fields or {}], separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
        if len(head) > HEAD_LIMIT or len(body) > BODY_LIMIT:
            sizes = f"{len(head)} + {len(body)} bytes ({HEAD_LIMIT} + {BODY_LIMIT} allowed)"
            raise ProtocolBroken(f"a message {what!r} is too large: {sizes}")
        with self._sending:
            until = None if within is None else time.monotonic() + within
            # One write for head and body of a small message: a wake-up of the other side less.
            if len(body) < 65536:
                self._write(_LENGTHS.pack(len(head), len(body)) + head + body, until)
            else:
                self._write(_LENGTHS.pack(len(head), len(body)) + head, until)
                self._write(body, until)

    def receive(self, within: float | None = None) -> Message:
        """Return the next message; TimeUp if it is not there, whole, `within` seconds; ProtocolBroken if it is none."""
        until = None if within is None else time.monotonic() + within
        head_size, body_size = _LENGTHS.unpack(self._read(_LENGTHS.size, until))
        if head_size > HEAD_LIMIT or body_size > BODY_LIMIT:
            raise ProtocolBroken(f"a message announced {head_size} + {body_size} bytes")
        head = self._read(head_size, until)
        body = bytes(self._read(body_size, until))
        try:
            what, fields = json.loads(head)
        except (ValueError, TypeError, RecursionError):
            raise ProtocolBroken(f"a message began with {bytes(head[:60])!r}") from None
        if not isinstance(what, str) or not isinstance(fields, dict):
            raise ProtocolBroken(f"a message began with {bytes(head[:60])!r}")
        return Message(what, fields, body)

    def ask(self, what: str, fields: Mapping[str, Any] | None = None, body: bytes = b"") -> Message:
        """Send a message and return its answer; several threads of a connector may ask, one after the other."""
        with self._asking:
            self.send(what, fields, body)
            return self.receive()

    def close(self) -> None:
        """Hang up; the other side finds out."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def let_go(self) -> None:
        """Close this process's copy of the end, which another process has taken over."""
        self._socket.close()

    def _read(self, size: int, until: float | None) -> bytearray:
        # Memory grows with what really came, not with what was announced.
        data = bytearray()
        while len(data) < size:
            try:
                part = self._socket.recv(min(size - len(data), 1 << 20))
            except BlockingIOError:
                self._wait(select.POLLIN, until)
                continue
            except OSError as error:
                raise Closed(str(error)) from None
            if not part:
                raise Closed("the other side hung up")
            data += part
        return data

    def _write(self, data: bytes, until: float | None) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[self._socket.send(rest) :]
            except BlockingIOError:
                self._wait(select.POLLOUT, until)
            except OSError as error:
                raise Closed(str(error)) from None

    def _wait(self, event: int, until: float | None) -> None:
        left = None if until is None else until - time.monotonic()
        if left is not None and left <= 0:
            raise TimeUp("the other side took too long")
        number = self._socket.fileno()
        if number < 0:
            raise Closed("this side hung up")
        poll = select.poll()
        poll.register(number, event)
        poll.poll(None if left is None else math.ceil(left * 1000))


def pair() -> tuple[Channel, Channel]:
    """Return the two ends of a new conversation."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    return Channel(ours), Channel(theirs)
