"""Linking from the command line: the person logs in at the source, flowd gets the tokens and keeps them."""

from __future__ import annotations

import os
import secrets
import select
import sys
import time
import webbrowser
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from flowd.api import LinkStep
from flowd.edges.assembly import Assembly
from flowd.edges.loopback import PATH, Receiver, read_answer
from flowd.engine.link_words import begun, step_of
from flowd.errors import ConfigError, FlowdError, RetryLater
from flowd.secrets import redact

#: How long a connector may take to say where to log in, and to turn the answer into tokens.
_BEGIN: Final = timedelta(seconds=60)
_FINISH: Final = timedelta(seconds=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the answer comes back: the port on this machine, the address sources see, and how long to wait for it."""

    port: int
    redirect: str | None
    browser: bool
    timeout: float

    @property
    def address(self) -> str:
        """Where the source sends the browser back to."""
        return self.redirect or f"http://127.0.0.1:{self.port}{PATH}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was linked, in words, and until when."""

    summary: str
    expires_at: datetime | None


def link(parts: Assembly, name: str, way: Way, say: Callable[[str], None]) -> Outcome:
    """Link the connection `name` with whoever sits at the terminal; FlowdError when it was not linked."""
    # Before anybody logs in: what they get must be kept.
    parts.tokens.ring()
    with suppress(FlowdError):
        parts.tokens.read(name)
    state = secrets.token_urlsafe(32)
    step = step_of(parts.runner.ask(name, "link_begin", _BEGIN, redirect=way.address, state=state))
    answer = _answer(step, state, way, say)
    before = parts.consents.known().get(name)
    try:
        told = parts.runner.ask(name, "link_finish", _FINISH, answer=dict(answer), step=begun(step))
    except FlowdError as error:
        # What was typed may be a key, and a code may still be good.
        hidden = [value for key, value in answer.items() if key != "state" and len(value) >= 4]
        raise type(error)(redact(str(error), hidden)) from None
    return _noted(parts, name, told, before)


def _noted(parts: Assembly, name: str, told: Mapping[str, Any], before: datetime | None) -> Outcome:
    end = told.get("expires_at")
    expires_at = None if end is None else datetime.fromisoformat(str(end)).astimezone()
    with suppress(FlowdError):
        if expires_at is not None:
            parts.consents.note(name, expires_at)
        elif parts.consents.known().get(name) == before:
            # The end that was known was that of the access before.
            parts.consents.forget(name)
    hidden = [*parts.connections[name].secrets, *parts.tokens.secrets(name)]
    return Outcome(summary=redact(str(told.get("summary") or ""), hidden), expires_at=expires_at)


def _answer(step: LinkStep, state: str, way: Way, say: Callable[[str], None]) -> Mapping[str, str]:
    """Show the person what to do and return what came of it."""
    if step.url is not None:
        if urlsplit(step.url).scheme not in ("https", "http"):
            raise ConfigError("the connector named an address to log in at that is no web page")
        say(f"Open this page, log in and agree:\n\n  {step.url}\n")
        if way.browser and _has_browser():
            with suppress(webbrowser.Error):
                webbrowser.open(step.url)
    if not step.redirects or step.url is None:
        if step.ask is None:
            return {}
        say(f"{step.ask}:")
        typed = Waiting(way.timeout).line()
        assert typed is not None
        return {"typed": typed}
    paths = frozenset({PATH, urlsplit(way.address).path or "/"})
    with Receiver(way.port, state, paths) as receiver:
        say(f"Waiting for the answer on {way.address}.")
        if step.ask is not None:
            say(f"{step.ask}:")
        else:
            say("Is the browser on another machine? Paste the address it ends at, or the code it shows, here:")
        waiting = Waiting(way.timeout)
        while True:
            line = waiting.line(receiver.ready)
            if line is None:
                return receiver.answer()
            try:
                return read_typed(line, state)
            except ConfigError as problem:
                say(f"{problem}. Try again:")


def read_typed(line: str, state: str) -> Mapping[str, str]:
    """Return the answer in what somebody typed or pasted: the address the browser ended at, or a code.

    ConfigError if it is an address without our `state`, AuthError if it says that there is no access.
    """
    if urlsplit(line).scheme in ("http", "https") and ("?" in line or "#" in line):
        parts = urlsplit(line)
        answer = read_answer(parts.query or parts.fragment, state)
        if answer is None:
            raise ConfigError("this address is not the answer to this attempt (another state, or none)")
        return answer
    return {"typed": line, "code": line, "state": state}


class Waiting:
    """Waits for a line from the terminal, or for something else, until time is up."""

    def __init__(self, seconds: float, source: int | None = None) -> None:
        self._until = time.monotonic() + seconds
        self._seconds = seconds
        self._source: int | None = source
        if source is None:
            with suppress(OSError, ValueError, AttributeError):
                self._source = sys.stdin.fileno()
        self._text = b""

    def line(self, other: int | None = None) -> str | None:
        """Return the next line that is not empty; None as soon as `other` can be read from; RetryLater in the end."""
        while True:
            while b"\n" in self._text:
                first, self._text = self._text.split(b"\n", 1)
                if text := first.decode("utf-8", "replace").strip():
                    return text
            watched = [one for one in (self._source, other) if one is not None]
            left = self._until - time.monotonic()
            if left <= 0 or not watched:
                raise RetryLater(
                    f"nothing came within {self._seconds:.0f} s: run the command again"
                    if watched
                    else "nothing was typed, and there is no terminal to type at"
                )
            ready, _, _ = select.select(watched, [], [], left)
            if other in ready:
                return None
            if self._source in ready:
                # Not through sys.stdin: a thread that waits there cannot be ended.
                data = os.read(self._source, 65536)
                if not data:
                    self._source = None
                    data = b"\n" if self._text else b""
                self._text += data


def _has_browser() -> bool:
    """Whether a browser would open where the person can see it: not over SSH, and not one made of text."""
    if os.environ.get("SSH_CONNECTION") or not sys.stdout.isatty():
        return False
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
