"""Notices reach a real HTTP receiver, are tried again, and a notifier that hangs is in nobody's way."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

import pytest
from pydantic import SecretStr

from flowd.api import Http, Notice, Notifier, Severity
from flowd.config.binding import BoundNotifier
from flowd.engine.clock import SystemClock
from flowd.engine.notifiers import LogNotifier, WebhookNotifier
from flowd.engine.notifying import Notifying
from flowd.engine.telemetry import Telemetry

NOTICE = Notice(
    key="connection/x/balances",
    severity=Severity.WARNING,
    at=datetime(2026, 3, 1, tzinfo=UTC),
    title="x: balances has failed 3 times in a row",
    body="busy",
)


class Receiver:
    """An HTTP server that answers with the statuses it was given, then with 200."""

    def __init__(self) -> None:
        self.got: Queue[tuple[dict[str, str], dict[str, object]]] = Queue()
        self.statuses: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.put((dict(self.headers), json.loads(body)))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?key=hidden-key"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.server.shutdown()
    running.server.server_close()


def bound(notifier: Notifier, severity: Severity = Severity.INFO, **config: object) -> BoundNotifier:
    return BoundNotifier(
        name=notifier.name,
        notifier=notifier,
        config=config,
        severity=severity,
        secrets=[value for value in config.values() if isinstance(value, SecretStr)],
    )


def notifying(*notifiers: BoundNotifier, telemetry: Telemetry | None = None) -> Notifying:
    return Notifying(
        notifiers, telemetry=telemetry or Telemetry(), clock=SystemClock(), pauses=(timedelta(seconds=0.05),) * 3
    )


def test_a_webhook_gets_json_and_its_headers(receiver: Receiver) -> None:
    line = notifying(bound(WebhookNotifier(), url=SecretStr(receiver.url), headers={"X-Token": SecretStr("t")}))
    line.start()
    line.tell(NOTICE)
    headers, body = receiver.got.get(timeout=5)
    line.stop()
    assert headers["X-Token"] == "t"
    assert body == {
        "key": NOTICE.key,
        "severity": "warning",
        "at": "2026-03-01T00:00:00+00:00",
        "title": NOTICE.title,
        "body": "busy",
        "text": f"{NOTICE.title}: busy",
    }


def test_a_busy_receiver_is_tried_again_and_gets_it_once(receiver: Receiver) -> None:
    telemetry = Telemetry()
    receiver.statuses = [503, 429]
    line = notifying(bound(WebhookNotifier(), url=SecretStr(receiver.url)), telemetry=telemetry)
    line.start()
    line.tell(NOTICE)
    for _ in range(3):
        receiver.got.get(timeout=5)
    line.stop()
    assert receiver.got.empty()
    assert b'flowd_notices_total{notifier="webhook",result="sent"} 1.0' in telemetry.text()


def test_a_notice_that_cannot_be_told_is_given_up_without_its_secret(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.statuses = [500] * 10
    line = notifying(bound(WebhookNotifier(), url=SecretStr(receiver.url)))
    line.start()
    line.tell(NOTICE)
    for _ in range(4):
        receiver.got.get(timeout=5)
    line.stop()
    assert "could not tell" in caplog.text
    assert "hidden-key" not in caplog.text


def test_a_notifier_gets_only_what_matters_enough(receiver: Receiver) -> None:
    line = notifying(bound(WebhookNotifier(), Severity.ERROR, url=receiver.url))
    line.start()
    line.tell(NOTICE)
    line.stop()
    assert receiver.got.empty()


def test_a_notifier_that_hangs_holds_up_only_itself(caplog: pytest.LogCaptureFixture) -> None:
    entered, release = threading.Event(), threading.Event()

    class Hanging:
        name = "hanging"

        def send(self, notice: Notice, settings: Mapping[str, object], http: Http) -> None:
            entered.set()
            release.wait(30)

    line = notifying(bound(Hanging()), bound(LogNotifier()))
    line.start()
    with caplog.at_level("INFO"):
        for _ in range(300):
            line.tell(NOTICE)
        assert entered.wait(5)
        line.stop(within=0.3)
    release.set()
    assert len([record for record in caplog.records if record.name == "flowd.notice"]) >= 100
    assert "dropped" in caplog.text
