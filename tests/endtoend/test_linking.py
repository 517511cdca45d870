"""Linking as people do it: `flowd link` with a browser or a paste, beside the daemon or not, and what goes wrong."""

from __future__ import annotations

import contextlib
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
from cryptography.fernet import Fernet

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
    keys: str = "{key: {file: ./key}}"

    def write(self, *, keys: str | None = None, **config: object) -> None:
        self.config.update(config)
        self.keys = keys or self.keys
        lines = "".join(f"\n      {name}: {value}" for name, value in self.config.items())
        self.home.write(
            "tenant: {name: home, base_currency: EUR, timezone: Europe/Berlin}\n"
            f"database: {{url: '{self.url}'}}\nsecrets: {self.keys}\n"
            "notifiers: {log: {type: log}}\n"
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
        """How the connection is doing, as dashboards see it."""
        ((state, reason, ends),) = self.rows("SELECT state, reason, expires_at FROM report.connection") or [
            ("", "", "")
        ]
        return {"state": state, "reason": reason, "expires_at": ends}

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
    (feed,) = linked.home.json("status")["feeds"]
    assert feed["state"] == "healthy"
    assert feed["expires_at"] is not None
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


def test_a_person_on_a_server_pastes_the_address_or_the_code(linked: Linked) -> None:
    with linked.linking("--no-browser", stdin=subprocess.PIPE) as terminal:
        address = terminal.wait_for(r"redirect_uri=(\S+?)&state=([\w-]+)")
        assert address.group(1) == f"http%3A%2F%2F127.0.0.1%3A{linked.port}%2Fcallback"
        terminal.wait_for("Paste the address it ends at")
        redirect, state = f"http://127.0.0.1:{linked.port}/callback", address.group(2)
        keyboard = terminal.process.stdin
        assert keyboard is not None
        code = linked.source.code(redirect)
        for wrong in (f"{redirect}?code={code}&state=another", f"{redirect}?code={code}"):
            keyboard.write(f"\n{wrong}\n")
            keyboard.flush()
        terminal.wait_for("not the answer to this attempt")
        keyboard.write(f"{redirect}?code={code}&state={state}\n")
        keyboard.flush()
        assert terminal.process.wait(60) == 0, terminal.said
    with linked.linking(stdin=subprocess.PIPE) as terminal:
        terminal.wait_for("Waiting for the answer")
        keyboard = terminal.process.stdin
        assert keyboard is not None
        keyboard.write(linked.source.code(redirect))
        keyboard.close()
        assert terminal.process.wait(60) == 0, terminal.said
    # Linked twice: the second time in place of the first.
    assert linked.sealed()[0] == 2
    assert "linked as 1234.56" in str(linked.home.json("check"))


def test_what_is_typed_in_is_asked_for(linked: Linked) -> None:
    linked.write(asks="Paste the setup token")
    with linked.linking(stdin=subprocess.PIPE) as terminal:
        terminal.wait_for("Paste the setup token:")
        keyboard = terminal.process.stdin
        assert keyboard is not None
        keyboard.write("a-setup-token-nobody-knows\n")
        keyboard.close()
        assert terminal.process.wait(60) == 1
    assert "invalid_grant" in "\n".join(terminal.said)
    assert "a-setup-token-nobody-knows" not in "\n".join(terminal.said)


def test_a_no_at_the_source_and_strangers_requests(linked: Linked) -> None:
    with linked.linking() as terminal:
        state = terminal.wait_for(r"state=([\w-]+)").group(1)
        terminal.wait_for("Waiting for the answer")
        at = f"http://127.0.0.1:{linked.port}"
        for target in (
            "/favicon.ico",
            "/",
            "/callback?code=stolen&state=guessed",
            "/callback?<script>alert(1)</script>",
        ):
            status, page = browse(at + target)
            assert status in (400, 404)
            assert "script" not in page
            assert "stolen" not in page
        status, page = browse(f"{at}/callback?error=access_denied&error_description=no%1b[31m%0Away&state={state}")
        assert (status, "Not linked" in page, "way" in page) == (200, True, False)
        assert terminal.process.wait(60) == 1
    said = "\n".join(terminal.said)
    assert "the source gave no access: access_denied: no [31m way (somebody said no there" in said
    assert "\x1b" not in said
    assert linked.source.grants == []


def test_what_cannot_be_linked_is_said_before_anybody_logs_in(linked: Linked) -> None:
    (linked.home.folder / "key").unlink()
    assert "key, which does not exist" in linked.home.run("link", "my-bank", code=2)
    assert "no such connection: other. These can be linked: my-bank" in linked.home.run("link", "other", code=2)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", linked.port))
        taken.listen()
        linked.new_key()
        said = linked.home.run("link", "my-bank", "--port", str(linked.port), code=2)
        assert f"cannot listen on 127.0.0.1:{linked.port}" in said
    assert "nothing came within 1 s" in linked.home.run(
        "link", "my-bank", "--port", str(linked.port), "--timeout", "1", code=1
    )


def test_the_running_daemon_takes_up_a_link_at_once_and_another_key(linked: Linked) -> None:
    with linked.home.daemon() as daemon:
        daemon.wait_for(r"flowd .* is up|needs to be logged in again", 60)
        wait_until("it waits for a login", lambda: linked.state()["state"] == "needs_reauth")
        said = linked.link()
        assert "the running daemon reads it now" in said
        wait_until("it is read", lambda: linked.state()["state"] == "healthy")
        line = 'flowd_consent_expires_timestamp_seconds{connection="my-bank"}'
        wait_until("its end is measured", lambda: line in daemon.get("/metrics")[1])
        metrics = daemon.get("/metrics")[1]
        # Another key, while it runs.
        old = linked.sealed()
        linked.new_key("key-2")
        linked.write(keys="{key: {file: ./key-2}, old_keys: [{file: ./key}]}")
        assert "are the tokens of my-bank" in linked.home.run("key", "rotate")
        fresh = linked.sealed()
        assert (fresh[0] == old[0], fresh[1] != old[1], fresh[2] != old[2]) == (True, True, True)
        linked.write(keys="{key: {file: ./key-2}}", renews="true")
        daemon.process.send_signal(signal.SIGHUP)
        wait_until("it renews with the new key", lambda: linked.sealed()[0] > fresh[0])
        assert linked.sealed()[1] == fresh[1]
        wait_until("it is read on", lambda: linked.state()["state"] == "healthy")
        assert not linked.source.stolen
        # The key is lost: this connection says so, flowd runs on, and it heals when the key is back.
        (linked.home.folder / "key-2").rename(linked.home.folder / "elsewhere")
        linked.write(renews="false")
        daemon.process.send_signal(signal.SIGHUP)
        wait_until("it is misconfigured", lambda: linked.state()["state"] == "misconfigured")
        assert "key-2, which does not exist" in linked.state()["reason"]
        assert daemon.get("/healthz")[0] == 200
        linked.new_key("key-2")
        linked.write(renews="true")
        daemon.process.send_signal(signal.SIGHUP)
        wait_until("it names the key", lambda: f"sealed with the key {fresh[1]}" in linked.state()["reason"])
        assert "`flowd link my-bank` again" in linked.state()["reason"]
        (linked.home.folder / "elsewhere").rename(linked.home.folder / "key-2")
        linked.write(renews="false")
        daemon.process.send_signal(signal.SIGHUP)
        wait_until("it works again", lambda: linked.state()["state"] == "healthy")
        nothing_leaks(linked, said, metrics, "\n".join(daemon.said))


def test_a_daemon_killed_before_the_database_has_the_new_tokens_loses_none(linked: Linked) -> None:
    linked.link()
    linked.write(renews="true")
    aside = linked.home.folder / "var" / "tokens"
    with psycopg.connect(linked.url) as holding:
        # Reading and locking rows goes on, writing waits: the exchange is made, its result cannot be stored.
        holding.execute("LOCK TABLE ops.token IN SHARE MODE")
        with linked.home.daemon() as daemon:
            wait_until("new tokens are laid aside", lambda: bool(list(aside.glob("*.sealed"))))
            daemon.process.kill()
            daemon.process.wait(10)
    assert linked.sealed()[0] == 1
    (file,) = aside.glob("*.sealed")
    assert file.stat().st_mode & 0o777 == 0o600
    assert aside.stat().st_mode & 0o777 == 0o700
    assert not any(secret in file.read_text() for secret in linked.source.given)
    assert linked.source.grants.count("refresh_token") == 1
    # The next flowd takes them up, and the source takes them.
    assert "done" in linked.home.run("sync", "my-bank")
    assert linked.sealed()[0] == 3
    assert not list(aside.glob("*"))
    assert not linked.source.stolen


def test_two_commands_at_once_spend_no_token_twice(linked: Linked) -> None:
    linked.link()
    linked.write(renews="true", lingers=0.3)
    both = [
        subprocess.Popen(
            [*FLOWD, "check"], cwd=linked.home.folder, env=dict(linked.home.environ), stdout=subprocess.DEVNULL
        )
        for _ in range(3)
    ]
    assert [one.wait(90) for one in both] == [0, 0, 0]
    assert not linked.source.stolen
    assert linked.sealed()[0] == 1 + linked.source.grants.count("refresh_token")


def test_a_connector_that_tells_everything_tells_no_secret(linked: Linked) -> None:
    linked.link()
    linked.write(leaks="true")
    said = linked.home.run("sync", "my-bank", code=1)
    assert "it failed with **********" in said
    nothing_leaks(linked, said)


def test_a_consent_that_is_over_is_told_once(linked: Linked) -> None:
    linked.link()
    linked.write(tells_end="true")
    for number in range(2):
        with linked.home.daemon() as daemon:
            daemon.wait_for(r"flowd .* is up", 60)
            wait_until("the end is known", lambda: str(linked.state()["expires_at"]).startswith("2026-03-08"))
            wait_until("it was told", lambda: linked.rows("SELECT told FROM ops.consent") == [(0,)])
            daemon.stop()
        told = [line for line in daemon.said if "the access has ended" in line]
        assert len(told) == (1 if number == 0 else 0), told


def test_a_source_that_wants_https_is_given_a_tunnels_address(linked: Linked) -> None:
    with linked.linking("--redirect", "https://flowd.example.org/flowd/back") as terminal:
        found = terminal.wait_for(r"redirect_uri=(\S+?)&state=([\w-]+)")
        assert found.group(1) == "https%3A%2F%2Fflowd.example.org%2Fflowd%2Fback"
        terminal.wait_for("Waiting for the answer on https://flowd.example.org/flowd/back")
        code = linked.source.code("https://flowd.example.org/flowd/back")
        status, _ = browse(f"http://127.0.0.1:{linked.port}/flowd/back?code={code}&state={found.group(2)}")
        assert status == 200
        assert terminal.process.wait(60) == 0, terminal.said


def test_a_fresh_key_comes_alone_on_standard_output(linked: Linked) -> None:
    key = linked.home.run("key", "new").strip()
    assert len(Fernet(key).encrypt(b"x")) > 10
    assert linked.home.run("key", "new").strip() != key
    (linked.home.folder / "key").write_text("no key\n")
    checked = linked.home.run("check", "--offline", code=1)
    assert "secrets.key" in checked
    assert "holds no key of flowd's" in " ".join(checked.split())
