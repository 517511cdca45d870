"""A real HTTP server on loopback that answers as a source would: with what was recorded, or with a fault."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came: names of headers in lower case, the query decoded, the body as bytes."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def form(self) -> Mapping[str, str]:
        """The body read as a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is answered: a status, a body (bytes and texts as they are, anything else as JSON), headers, and faults.

    `after` seconds pass before it; with `cut` the connection breaks after so many bytes of the body; `drop` answers
    nothing at all and breaks the connection.
    """

    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0
    cut: int | None = None
    drop: bool = False

    @property
    def content(self) -> bytes:
        """The body as bytes."""
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body, default=str)).encode()


#: What a path answers: one reply for ever, one after the other (the last one for ever), or whatever a function says.
Answers = Reply | Sequence[Reply] | Callable[[Asked], Reply]


class Replay:
    """A server that remembers what it was asked; use it as a context manager, or close it."""

    def __init__(self, *, certificate: tuple[Path, Path] | None = None, port: int = 0) -> None:
        self._lock = threading.Lock()
        self._answers: dict[tuple[str, str], Answers] = {}
        self._given: dict[tuple[str, str], int] = {}
        self._fallback: Callable[[Asked], Reply] = _not_there
        self._fault: Reply | None = None
        self._change: Callable[[Asked, Reply], Reply] | None = None
        #: Every request, in the order in which they came.
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "http" if certificate is None else "https"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.005}, name="replay", daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens on, on 127.0.0.1."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address without a path, such as http://127.0.0.1:40123."""
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def on(self, method: str, path: str, answers: Answers) -> None:
        """Answer `method` on `path` (without the query) so, from now on."""
        with self._lock:
            self._answers[method.upper(), path] = answers
            self._given.pop((method.upper(), path), None)

    def otherwise(self, answer: Callable[[Asked], Reply]) -> None:
        """Answer what no path was set for; it is 404 by default."""
        self._fallback = answer

    @contextmanager
    def failing(self, fault: Reply) -> Iterator[None]:
        """Answer everything with `fault` for the length of a with-block."""
        self._fault = fault
        try:
            yield
        finally:
            self._fault = None

    @contextmanager
    def altering(self, change: Callable[[Asked, Reply], Reply]) -> Iterator[None]:
        """Let `change` make another reply of each for the length of a with-block."""
        before, self._change = self._change, change
        try:
            yield
        finally:
            self._change = before

    @classmethod
    def load(cls, folder: Path, *, port: int = 0) -> Replay:
        """Return a server that answers with the cases in `folder`; see `flowd.testing.cases` for their format."""
        from flowd.testing.cases import answering, read_cases

        cases = read_cases(folder)
        replay = cls(port=port)
        replay.otherwise(answering(cases))
        return replay

    def paths(self) -> list[str]:
        """Return what was asked, as "GET /path", in order."""
        return [f"{one.method} {one.path}" for one in self.asked]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Replay:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def answer(self, asked: Asked) -> Reply:
        """Return what is answered to `asked`, and remember that it was asked."""
        with self._lock:
            self.asked.append(asked)
            change = self._change
        reply = self._found(asked)
        return reply if change is None else change(asked, reply)

    def _found(self, asked: Asked) -> Reply:
        with self._lock:
            if self._fault is not None:
                return self._fault
            key = (asked.method, asked.path)
            answers = self._answers.get(key)
            if isinstance(answers, Sequence):
                given = self._given.get(key, 0)
                self._given[key] = given + 1
                return answers[min(given, len(answers) - 1)]
        if answers is None:
            return self._fallback(asked)
        return answers if isinstance(answers, Reply) else answers(asked)


def _not_there(asked: Asked) -> Reply:
    return Reply(status=404, body={"error": f"nothing was recorded for {asked.method} {asked.path}"})


def _handler(replay: Replay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body are two writes: the second would wait 40 ms for the first to be acknowledged.
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("content-length") or 0)
            asked = Asked(
                method=self.command,
                path=parts.path,
                query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(length),
            )
            reply = replay.answer(asked)
            if reply.after:
                time.sleep(reply.after)
            with suppress(OSError):
                if reply.drop:
                    self._break()
                    return
                self._write(reply)

        def _write(self, reply: Reply) -> None:
            content = reply.content
            self.send_response(reply.status)
            names = {name.lower() for name in reply.headers}
            if "content-type" not in names:
                self.send_header("content-type", "application/json")
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content if reply.cut is None else content[: reply.cut])
            if reply.cut is not None:
                self.wfile.flush()
                self._break()

        def _break(self) -> None:
            # Reset, not closed in order: what a cut cable looks like.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815 - the library's names

        def log_message(self, *args: object) -> None:
            """Stay silent."""

    return Handler
