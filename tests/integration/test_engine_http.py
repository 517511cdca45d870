"""The client connectors are given, against a real HTTP server that behaves and misbehaves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from flowd.engine.conversation import CutShort
from flowd.engine.http import SourceHttp, place, retry_after
from flowd.engine.retry import Outcome, State
from flowd.errors import AuthError, OverTime, RetryLater
from tests.engine_rig import TICK, connection, engine
from tests.plugins import hostile

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
Answer = tuple[int, dict[str, str], bytes]


class Source:
    """A server whose answer to each path is set by the test; remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], Answer | None]] = {}
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        source = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                source.asked.append((self.command, self.path, headers, self.rfile.read(length)))
                answer = source.answers[urlsplit(self.path).path](self)
                if answer is None:
                    return
                status, more, body = answer
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def says(self, path: str, status: int, body: bytes = b"", **headers: str) -> str:
        fixed = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = lambda handler: (status, fixed, body)
        return self.url(path)


@pytest.fixture
def source() -> Iterator[Source]:
    running = Source()
    yield running
    running.server.shutdown()
    running.server.server_close()


class Client:
    """A client with a run of `seconds`, that counts turns."""

    def __init__(self, seconds: float = 5.0) -> None:
        until = time.monotonic() + seconds
        self.turns = 0
        self.http = SourceHttp(
            take=self._take,
            time_left=lambda: timedelta(seconds=max(0.0, until - time.monotonic())),
            agent="flowd/test",
        )

    def _take(self, weight: float, host: str) -> None:
        self.turns += 1


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client()
    yield made
    made.http.close()


def test_json_numbers_with_a_point_are_exact(source: Source, client: Client) -> None:
    url = source.says("/balance", 200, b'{"total": 0.10000000000000000001, "n": 3}')
    assert client.http.get(url, params={"a": "b"}).json() == {"total": Decimal("0.10000000000000000001"), "n": 3}
    method, path, headers, _ = source.asked[0]
    assert (method, path, headers["user-agent"]) == ("GET", "/balance?a=b", "flowd/test")
    assert client.turns == 1


@pytest.mark.parametrize("body", [b'{"cut": ', b"<html>", b"NaN", b"[" * 100_000, b"\xff\xfe"])
def test_what_is_not_json_is_tried_again_later(source: Source, client: Client, body: bytes) -> None:
    with pytest.raises(RetryLater, match="not JSON"):
        client.http.get(source.says("/x", 200, body)).json()


def test_a_post_sends_json_with_amounts_as_strings(source: Source, client: Client) -> None:
    client.http.post(source.says("/order", 200), json={"amount": Decimal("1.50")}, headers={"X-Key": "k"})
    _, _, headers, body = source.asked[0]
    assert body == b'{"amount": "1.50"}'
    assert (headers["content-type"], headers["x-key"]) == ("application/json", "k")


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_not_tried_again(source: Source, client: Client, status: int) -> None:
    with pytest.raises(AuthError, match=str(status)) as caught:
        client.http.get(source.says("/x", status), params={"apikey": "hidden"})
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_other_failures_are_tried_again_later(source: Source, client: Client, status: int) -> None:
    with pytest.raises(RetryLater, match=str(status)) as caught:
        client.http.get(source.says("/x", status))
    assert caught.value.after is None
    assert client.http.get(source.url("/x"), allow=(status,)).status == status


def test_the_source_says_when(source: Source, client: Client) -> None:
    with pytest.raises(RetryLater) as caught:
        client.http.get(source.says("/x", 429, Retry_After="120"))
    assert caught.value.after == timedelta(seconds=120)


@pytest.mark.parametrize(
    ("said", "after"),
    [
        ("30", timedelta(seconds=30)),
        ("Sun, 01 Mar 2026 12:01:00 GMT", timedelta(minutes=1)),
        ("Sun, 01 Mar 2026 11:00:00 GMT", None),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("9" * 400, timedelta(seconds=10**8)),
        (None, None),
    ],
)
def test_retry_after_is_read_whatever_it_is(said: str | None, after: timedelta | None) -> None:
    assert retry_after(said, now=NOW) == after


def test_a_redirect_on_the_same_host_is_followed(source: Source, client: Client) -> None:
    source.says("/new", 200, b"here")
    url = source.says("/old", 302, Location="/new?token=given")
    assert client.http.get(url, headers={"X-Key": "k"}).text == "here"
    assert source.asked[1][1] == "/new?token=given"
    assert client.turns == 2


def test_a_key_is_not_carried_to_another_host(source: Source, client: Client) -> None:
    source.says("/new", 200, b"here")
    url = source.says("/old", 302, Location=source.url("/new", host="localhost"))
    with pytest.raises(RetryLater, match="another host"):
        client.http.get(url, headers={"X-Key": "k"})
    with pytest.raises(RetryLater, match="another host"):
        client.http.get(url, params={"apikey": "k"})
    assert [path for _, path, _, _ in source.asked if path.startswith("/new")] == []
    # Without anything that could be a key there is nothing to lose.
    assert client.http.get(url).text == "here"


def test_redirects_in_circles_end(source: Source, client: Client) -> None:
    with pytest.raises(RetryLater, match="circles"):
        client.http.get(source.says("/x", 302, Location="/x"))


def test_a_source_that_drips_is_left_when_the_run_is_over(source: Source) -> None:
    def drips(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-length", "1000")
        handler.end_headers()
        for _ in range(100):
            try:
                handler.wfile.write(b"x")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.05)

    source.answers["/drips"] = drips
    client = Client(seconds=0.5)
    begun = time.monotonic()
    with pytest.raises(OverTime):
        client.http.get(source.url("/drips"))
    assert time.monotonic() - begun < 1.5
    client.http.close()


def test_an_answer_without_end_is_refused(source: Source, client: Client) -> None:
    url = source.says("/big", 200, b"x" * (65 << 20))
    with pytest.raises(RetryLater, match="more than 64 MiB"):
        client.http.get(url)


def test_nobody_there_is_tried_again_later(client: Client, source: Source) -> None:
    source.server.shutdown()
    source.server.server_close()
    with pytest.raises(RetryLater, match="could not be reached"):
        client.http.get(source.url("/x"))


def test_an_address_that_is_none_is_the_plugins_mistake(client: Client) -> None:
    for url in ("ftp://127.0.0.1/x", "nonsense", "http://[broken"):
        with pytest.raises(ValueError, match="cannot be asked"):
            client.http.get(url)


def test_addresses_are_shown_without_what_may_be_a_key() -> None:
    assert place("https://user:pass@api.example:8443/v1/x?key=k#f") == "https://api.example:8443/v1/x"


def test_declared_limits_hold_over_runs_and_the_budget_survives_a_restart(tmp_path: Path, source: Source) -> None:
    """Two requests a second, four in all, over two connections that share a credential."""
    url = source.says("/x", 200)
    pair = [
        connection(name, hostile.LIMITED, url=url, batches=3, secret="shared-secret", timeout=20)
        for name in ("one", "two")
    ]
    with engine(tmp_path) as rig:
        rig.add(*pair)
        begun = time.monotonic()
        first = rig.runner.run_once("one", "balances", TICK)
        assert first.outcome is Outcome.DONE, first.message
        # The third had to wait for the first second to pass.
        assert time.monotonic() - begun >= 1.0
        store = rig.store
    with engine(tmp_path, store=store) as rig:
        rig.add(*pair)
        second = rig.runner.run_once("two", "balances", TICK)
        # It got on until the budget was spent, which is no failure; one that gets nowhere fails.
        assert (second.outcome, second.cut, second.error_class) == (Outcome.DONE, CutShort.BUDGET, None)
        assert "budget" in second.message
        assert rig.runner.health("two", "balances").state is State.HEALTHY
        third = rig.runner.run_once("two", "balances", TICK)
    assert (third.outcome, third.error_class) == (Outcome.RETRY, "BudgetSpent")
    for ended in (second, third):
        assert ended.pause is not None
        assert ended.pause > timedelta(seconds=1)
    assert len(source.asked) == 4
