"""The daemon's pages: /healthz (alive), /readyz (can do its work), /metrics (for Prometheus)."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from flowd.errors import ConfigError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the daemon can do its work, and for each part it needs, `ok` or what is wrong."""

    ready: bool
    parts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Pages:
    """Where the answers come from; none of these may block for long."""

    readiness: Callable[[], Readiness]
    metrics: Callable[[], bytes]
    version: str


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD on the three pages; other pages are 404, other methods 501."""

    server: _Server
    server_version = "flowd"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self) -> None:
        pages = self.server.pages
        match urlsplit(self.path).path:
            case "/healthz":
                self._send(200, "application/json", _json({"status": "ok", "version": pages.version}))
            case "/readyz":
                state = pages.readiness()
                body = _json({"status": "ready" if state.ready else "not ready", "parts": state.parts})
                self._send(200 if state.ready else 503, "application/json", body)
            case "/metrics":
                self._send(200, "text/plain; version=0.0.4; charset=utf-8", pages.metrics())
            case "/":
                self._send(200, "text/plain; charset=utf-8", b"flowd: /healthz /readyz /metrics\n")
            case _:
                self._send(404, "application/json", _json({"error": "no such page: /healthz, /readyz, /metrics"}))

    def do_HEAD(self) -> None:
        self.do_GET()

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name is the base class's)
        log.debug(format, *args)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64
    pages: Pages

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002  (the signature is given)
        """Say little of clients that hang up; they are not flowd's problem."""
        log.debug("a client went away: %s", client_address)


class _Server6(_Server):
    address_family = socket.AF_INET6


def _json(value: object) -> bytes:
    return (json.dumps(value) + "\n").encode()


class HttpApi:
    """Serves the pages on `host`:`port` from a thread of its own; port 0 takes a free one."""

    def __init__(self, host: str, port: int, pages: Pages) -> None:
        try:
            self._server = (_Server6 if ":" in host else _Server)((host, port), _Handler)
        except OSError as problem:
            raise ConfigError(
                f"http.listen: cannot listen on {host}:{port}: {problem.strerror or problem}. "
                "Another flowd or program may have it: stop that one, or set http.listen to another port"
            ) from problem
        self._server.pages = pages
        self._thread = threading.Thread(target=self._server.serve_forever, name="flowd-http", daemon=True)

    @property
    def address(self) -> str:
        """The address people can open, such as http://127.0.0.1:8787."""
        host, port = self._server.server_address[:2]
        shown = f"[{host!s}]" if ":" in str(host) else str(host)
        return f"http://{shown}:{port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(5)
        self._server.server_close()
