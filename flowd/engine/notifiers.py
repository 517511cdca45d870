"""The notifiers flowd brings itself: a line in the log, and a POST to an address of the user's."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from pydantic import SecretStr

from flowd.api import Http, Notice, Notifier, Severity, hookimpl
from flowd.errors import ConfigError

_log = logging.getLogger("flowd.notice")
_LEVELS = {Severity.INFO: logging.INFO, Severity.WARNING: logging.WARNING, Severity.ERROR: logging.ERROR}


class LogNotifier:
    """Writes notices into flowd's log; it has no settings."""

    name = "log"

    def send(self, notice: Notice, settings: Mapping[str, object], http: Http) -> None:  # noqa: ARG002
        """Write one line."""
        body = f": {notice.body}" if notice.body else ""
        _log.log(_LEVELS[notice.severity], "%s%s", notice.title, body, extra={"notice": notice.key})


class WebhookNotifier:
    """Posts notices as JSON to `url`, with `headers` if the receiver wants some.

    The body is `{"key", "severity", "at", "title", "body", "text"}`; `text` is title and body in one line, for chat
    programs to show.
    """

    name = "webhook"

    def send(self, notice: Notice, settings: Mapping[str, object], http: Http) -> None:
        """Post one notice; RetryLater when the receiver cannot take it now, ConfigError without a `url`."""
        url = _clear(settings.get("url"))
        if not url.startswith(("http://", "https://")):
            raise ConfigError("a webhook needs `url: https://…` in its config")
        headers = settings.get("headers") or {}
        if not isinstance(headers, Mapping):
            raise ConfigError("a webhook's `headers` are names with values")
        body = {
            "key": notice.key,
            "severity": notice.severity.value,
            "at": notice.at.isoformat(),
            "title": notice.title,
            "body": notice.body,
            "text": f"{notice.title}: {notice.body}" if notice.body else notice.title,
        }
        http.post(url, json=body, headers={str(name): _clear(value) for name, value in headers.items()})


@hookimpl
def register_notifiers(register: Callable[[Notifier], None]) -> None:
    """Register both."""
    register(LogNotifier())
    register(WebhookNotifier())


def _clear(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")
