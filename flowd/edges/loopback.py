"""Receives the browser a source sends back after somebody logged in there: one answer, on this machine only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Final, Self
from urllib.parse import parse_qsl, urlsplit

from flowd.errors import AuthError, ConfigError

#: Where sources send the browser back to, unless another port or address is named: sources want it registered.
PORT: Final = 8788
PATH: Final = "/callback"
_LONGEST: Final = 300
_PAGE: Final = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>flowd</title>"
    "<body style='font-family:sans-serif;max-width:32em;margin:4em auto;line-height:1.5'><h1>{title}</h1><p>{text}</p>"
)
_DONE: Final = _PAGE.format(
    title="Thank you", text="flowd has what it needs. You can close this page and go back to the terminal."
)
_REFUSED: Final = _PAGE.format(
    title="Not linked", text="The source did not give access. The terminal says why; you can close this page."
)
_UNKNOWN: Final = _PAGE.format(
    title="Nothing to do here", text="This is not the answer flowd waits for. Begin again at the terminal."
)


def read_answer(query: str, state: str) -> Mapping[str, str] | None:
    """Return the parameters a source sent the browser back with; None if they do not carry our `state`.

    AuthError, in the source's words, if it says that there is no access.
    """
    answer = dict(parse_qsl(query, keep_blank_values=True, max_num_fields=100))
    if not compare_digest(answer.get("state", "").encode("utf-8", "replace"), state.encode()):
        return None
    if "error" in answer:
        told = [answer["error"], answer.get("error_description", "")]
        words = ": ".join(plain(part) for part in told if part.strip()) or "an error it does not name"
        known = " (somebody said no there, or closed the page)" if answer["error"] == "access_denied" else ""
        raise AuthError(f"the source gave no access: {words}{known}")
    return answer


def plain(text: str) -> str:
    """Return a stranger's text as it may stand in a terminal: one line, no control characters, not long."""
    return "".join(sign if sign.isprintable() else " " for sign in text[:_LONGEST]).strip()


class Receiver:
    """A page on 127.0.0.1 that takes the browser's return with our `state`, once; use it as a context manager.

    `ready` can be read from once there is an answer; `answer()` returns it.
    """

    def __init__(self, port: int, state: str, paths: frozenset[str] = frozenset({PATH})) -> None:
        self._state = state
        self._paths = paths
        self._lock = Lock()
        self._answer: Mapping[str, str] | AuthError | None = None
        self.ready, self._said = os.pipe2(os.O_CLOEXEC)
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        except (OSError, OverflowError) as error:
            os.close(self.ready)
            os.close(self._said)
            reason = getattr(error, "strerror", None) or error
            raise ConfigError(
                f"cannot listen on 127.0.0.1:{port} ({reason}): end the program that does, or choose another with "
                "--port (and register that address at the source, too)"
            ) from None
        self._server.daemon_threads = True
        self._thread = Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="flowd-link", daemon=True
        )

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def answer(self) -> Mapping[str, str]:
        """Return what came; AuthError if the source says that there is no access."""
        with self._lock:
            answer = self._answer
        assert answer is not None
        if isinstance(answer, AuthError):
            raise answer
        return answer

    def take(self, target: str) -> tuple[int, str]:
        """Return the status and the page for a browser that asks for `target`; nothing of it is ever repeated."""
        try:
            parts = urlsplit(target)
            if parts.path not in self._paths:
                return 404, _UNKNOWN
            found: Mapping[str, str] | AuthError | None
            try:
                found = read_answer(parts.query, self._state)
            except AuthError as error:
                found = error
        except ValueError:
            return 400, _UNKNOWN
        with self._lock:
            # A second one, with the same state, is somebody reloading the page, or somebody else.
            if found is None or self._answer is not None:
                return 400, _UNKNOWN
            self._answer = found
        return 200, _REFUSED if isinstance(found, AuthError) else _DONE

    def shown(self, status: int) -> None:
        """Take note that a page was sent: after the one that matters, nobody has to wait here any more."""
        if status == 200:
            os.write(self._said, b".")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        os.close(self.ready)
        os.close(self._said)


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        # A browser that connects and says nothing must not hold anything up.
        timeout = 10
        server_version, sys_version = "flowd", ""

        def do_GET(self) -> None:
            status, page = receiver.take(self.path)
            try:
                self._send(status, page.encode())
            finally:
                receiver.shown(status)

        def _send(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(content)
            self.wfile.flush()

        def log_message(self, *args: object) -> None:
            """Stay silent: what is asked for holds a code."""

    return Handler
