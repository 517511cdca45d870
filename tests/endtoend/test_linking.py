"""Linking as people do it: `flowd link` beside a browser or a paste, with the daemon and without, and what can go wrong."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from flowd.storage.sealing import new_key
from flowd.testing.replay import Replay
from tests.endtoend.home import FLOWD, Daemon, Home
from tests.oauth import OAuth

PLUGIN = Path(__file__).parents[1] / "plugins" / "linked"
SECRET = "very-secret-client-secret"


@dataclass
class Linked:
    """A home with one connection that is linked, its source, and its database."""

    home: Home
    source: OAuth
    url: str
    config: dict[str, object] = field(default_factory=dict)

    def write(self, *, old_keys: str = "", key: str = "key", **config: object) -> None:
        self.config.update(config)
        lines = "".join(f"\n      {name}: {value}" for name, value in self.config.items())
        keys = f"{{key: {{file: ./{key}}}{old_keys}}}"
        self.home.write(
            "tenant: {name: home, base_currency: EUR, timezone: Europe/Berlin}\n"
            f"database: {{url: '{self.url}'}}\nsecrets: {keys}\n"
            f"connections:\n  my-bank:\n    type: links\n    config:\n      url: {self.source.url}\n"
            f"      client_secret: {{env: CLIENT_SECRET}}{lines}\n"
        )

    def new_key(self, name: str = "key") -> str:
        key = new_key()
        path = self.home.folder / name
        path.touch(mode=0o600)
        path.write_text(key + "\n")
        return key

    def rows(self, words: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SET flowd.tenant = '1'")
            return connection.execute(words.encode()).fetchall()

    def sealed(self) -> tuple[int, str, bytes]:
        ((version, key, ciphertext),) = self.rows("SELECT version, key_id, ciphertext FROM ops.token")
        return version, key, bytes(ciphertext)

    def state(self) -> dict[str, Any]:
        with contextlib.suppress(AssertionError):
            (feed,) = self.home.json("status")["feeds"]
            return dict(feed)
        (feed,) = self.home.json_of_failure("status")["feeds"]
        return dict(feed)

    @contextlib.contextmanager
    def linking(self, *arguments: str, stdin: int = subprocess.DEVNULL) -> Iterator[Daemon]:
        """Run `flowd link my-bank` and let the test play the person."""
        process = subprocess.Popen(
            [*FLOWD, "link", "my-bank", "--port", str(self.port), *arguments],
            cwd=self.home.folder,
            env={**self.home.environ, "PYTHONUNBUFFERED": "1"},
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said = Daemon(process)
        try:
            yield said
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdin is not None:
                process.stdin.close()
            said.close()

    def __post_init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def link(self) -> str:
        """Link as with a browser; return all that was said."""
        with self.linking() as terminal:
            address = terminal.wait_for(r"(http://\S+/authorize\S+)").group(1)
            terminal.wait_for("Waiting for the answer")
            status, page = browse(address)
            assert (status, "Thank you" in page) == (200, True)
            assert terminal.process.wait(60) == 0, terminal.said
        return "\n".join(terminal.said)


def browse(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.read().decode()


def wait_until(what: str, done: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.05)


@pytest.fixture
def linked(home: Home, database_url: str) -> Iterator[Linked]:
    environ = {**home.environ, "PYTHONPATH": str(PLUGIN), "CLIENT_SECRET": SECRET}
    with Replay() as replay:
        there = Linked(Home(home.folder, environ), OAuth(replay, secret=SECRET), database_url)
        there.new_key()
        there.write()
        yield there


def nothing_leaks(linked: Linked, *texts: str) -> None:
    """No token, key or ciphertext is in what was said, nor in the activity log."""
    key = (linked.home.folder / "key").read_text().strip()
    runs = str(linked.rows("SELECT error, error_class FROM ops.run")) + str(
        linked.rows("SELECT reason FROM ops.connection_state")
    )
    sealed = linked.rows("SELECT ciphertext FROM ops.token")
    for text in (*texts, runs):
        for secret in (key, SECRET, *linked.source.given, *(bytes(one).decode() for (one,) in sealed)):
            assert secret not in text


def test_a_browser_links_and_the_connection_is_read(linked: Linked) -> None:
    before = linked.home.run("sync", "my-bank", code=1)
    assert "my-bank was never linked: run `flowd link my-bank`" in before
    assert linked.state()["state"] == "needs_reauth"
    said = linked.link()
    assert "my-bank is linked: one account" in said
    assert "until 20" in said
    synced = linked.home.run("sync", "my-bank")
    state = linked.state()
    assert state["state"] == "healthy"
    assert state["expires_at"] is not None
    checked = linked.home.json("check")
    (row,) = [row for row in checked if row["what"] == "connections.my-bank"]
    assert (row["state"], row["expires_at"] is not None) == ("ok", True)
    version, _, ciphertext = linked.sealed()
    assert version == 1
    for secret in linked.source.given:
        assert secret.encode() not in ciphertext
    nothing_leaks(linked, said, synced, str(checked))
    linked.home.run("unlink", "my-bank")
    assert linked.rows("SELECT 1 FROM ops.token") == linked.rows("SELECT 1 FROM ops.consent") == []
    assert "is not linked" in linked.home.run("unlink", "my-bank", code=1)
