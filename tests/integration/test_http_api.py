"""The daemon's pages, asked over real HTTP."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator

import pytest

from flowd.edges.http_api import HttpApi, Pages, Readiness
from flowd.errors import ConfigError


class State:
    """What the pages are told; a test changes it."""

    ready = True


@pytest.fixture
def state() -> State:
    return State()


@pytest.fixture
def api(state: State) -> Iterator[HttpApi]:
    def readiness() -> Readiness:
        return Readiness(state.ready, {"database": "ok" if state.ready else "does not answer"})

    pages = Pages(readiness=readiness, metrics=lambda: b"flowd_up 1\n", version="1.2.3")
    served = HttpApi("127.0.0.1", 0, pages)
    served.start()
    yield served
    served.stop()


def ask(api: HttpApi, path: str, method: str = "GET") -> tuple[int, str, bytes]:
    host, port = api.address.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    connection.request(method, path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers.get_content_type(), body


def test_alive_and_ready_are_different_questions(api: HttpApi, state: State) -> None:
    assert ask(api, "/healthz")[0] == 200
    assert ask(api, "/readyz")[0] == 200
    state.ready = False
    assert ask(api, "/healthz")[0] == 200
    status, kind, body = ask(api, "/readyz?verbose")
    assert (status, kind) == (503, "application/json")
    assert json.loads(body) == {"status": "not ready", "parts": {"database": "does not answer"}}


def test_metrics_are_text(api: HttpApi) -> None:
    assert ask(api, "/metrics") == (200, "text/plain", b"flowd_up 1\n")
    assert ask(api, "/metrics", "HEAD") == (200, "text/plain", b"")


def test_other_pages_and_methods_are_refused(api: HttpApi) -> None:
    assert ask(api, "/etc/passwd")[0] == 404
    assert ask(api, "/metrics", "POST")[0] == 501


def test_a_port_in_use_is_named_with_the_fix(api: HttpApi) -> None:
    port = int(api.address.rsplit(":", 1)[1])
    pages = Pages(readiness=lambda: Readiness(ready=True, parts={}), metrics=lambda: b"", version="1")
    with pytest.raises(ConfigError, match=rf"http\.listen: cannot listen on 127\.0\.0\.1:{port}.*another port"):
        HttpApi("127.0.0.1", port, pages)
