"""The suite of notifiers: a notice arrives whole, a receiver in trouble is tried again, no secret shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar

from flowd.api import ConfigError, Notice, Notifier, Secret, Severity
from flowd.testing.faults import FAULTS, Fault
from flowd.testing.replay import Replay, Reply
from flowd.testing.suite_plugin import PluginChecks, judge, room
from flowd.testing.suite_setup import made_up_secret

_NOTICE = Notice(
    key="connection/bank",
    severity=Severity.ERROR,
    at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    title="bank needs somebody to log in 🦊",
    body='the consent ended; run `flowd link bank`\n<b>"quoted"</b> & more',
)


class NotifierSuite(PluginChecks):
    """What every notifier must do; `settings(source)` points it at a receiver that takes anything."""

    kind = "notifier"
    notifier: ClassVar[Notifier]

    def subject(self) -> Notifier:
        """Return the notifier."""
        return self.notifier

    def receiver(self) -> Replay:
        """Return the receiver, fresh: by default it answers 200 and an empty object to anything."""
        replay = Replay()
        replay.otherwise(lambda _: Reply(body={}))
        return replay

    def settings(self, source: Replay) -> Mapping[str, object]:
        """Return the settings, secrets as Secret; by default an address and a token."""
        return {"url": source.url, "token": self.secret}

    @property
    def secret(self) -> Secret:
        """A secret for tests, to be used in `settings`."""
        return Secret(made_up_secret("notifier"))

    def test_a_notice_arrives(self) -> None:
        """Each severity, with the title in what is sent, whatever its letters."""
        for severity in Severity:
            notice = Notice(key="k", severity=severity, at=_NOTICE.at, title=_NOTICE.title, body=_NOTICE.body)
            with self.receiver() as source:
                self._send(notice, source)
                sent = b"".join(one.body for one in source.asked).decode() + str([one.query for one in source.asked])
                assert source.asked, "nothing was sent"
                assert "needs somebody to log in" in sent, f"the title is not in what was sent: {sent[:200]}"

    def test_a_fault_is_told_as_the_error_flowd_reacts_to(self, fault: Fault) -> None:
        """401, 403 → AuthError; 429 → RetryLater with the wait; 5xx and broken connections → RetryLater."""
        if fault.name in {"timeout", "truncated", "html", "half"}:
            return
        with self.receiver() as source, source.altering(lambda _, reply: fault.change(reply)):
            judge(lambda: self._send(_NOTICE, source), fault, "send()")

    def test_settings_that_are_missing_are_named(self) -> None:
        """Without any settings it raises ConfigError."""
        with self.receiver() as source, room(source) as ctx:
            try:
                self.notifier.send(_NOTICE, {}, ctx.http)
            except ConfigError:
                return
            except Exception as error:
                raise AssertionError(f"without settings it raised {type(error).__name__}: {error}") from error
        raise AssertionError("without settings it ends well: raise ConfigError and say what is missing")

    def test_no_secret_shows(self) -> None:
        """Neither in its text nor in its errors."""
        hidden = self.secret.get_secret_value()
        for fault in FAULTS:
            if fault.name == "timeout":
                continue
            with self.receiver() as source, source.altering(lambda _, reply, fault=fault: fault.change(reply)):  # type: ignore[misc]
                try:
                    self._send(_NOTICE, source)
                except Exception as error:
                    assert hidden not in f"{error} {error!r}", f"a secret stands in the error of fault {fault.name}"
        assert hidden not in repr(self.notifier)

    def _send(self, notice: Notice, source: Replay) -> None:
        with room(source) as ctx:
            self.notifier.send(notice, self.settings(source), ctx.http)
