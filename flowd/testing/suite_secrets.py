"""Checks that no secret gets to be read: in texts, logs, errors, rows, cursors and recorded cases."""

from __future__ import annotations

import json
import re
from typing import Final

from flowd.api import Cursor
from flowd.edges.record_lines import line
from flowd.testing.cases import case_files
from flowd.testing.faults import FAULTS
from flowd.testing.recording import SECRET_NAMES
from flowd.testing.suite_setup import ConnectorSetup, Outcome, made_up_ones, secrets_in

_REAL: Final = re.compile(
    r"eyJ[\w-]{15,}\.eyJ[\w-]{10,}\.[\w-]{10,}"  # a signed token
    r"|\b[sr]k_live_\w{10,}|\bAKIA[0-9A-Z]{16}\b|\bghp_\w{30,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|[Bb]earer [\w.~+/-]{20,}"
)


class SecretChecks(ConnectorSetup):
    """Where secrets could show."""

    def test_settings_and_connector_hide_secrets(self) -> None:
        """repr and str of both."""
        with self.opened() as (_, harness):
            secrets = [*secrets_in(harness.config), *made_up_ones(self.sample)]
            for thing in (harness.config, harness.connector, self.connector):
                for text in (repr(thing), str(thing)):
                    _refuse(text, secrets, f"the text of {type(thing).__name__}")
        suspicious = [
            name
            for name, one in self.connector.config.model_fields.items()
            if SECRET_NAMES.search(name.lower()) and one.annotation is str
        ]
        assert not suspicious, f"these settings are plain texts: {suspicious}; use flowd.api.Secret"

    def test_no_secret_in_logs_errors_rows_and_cursors(self, target: str) -> None:
        """In a good run, and under every fault."""
        secrets = self._secrets()
        clean, asked = self.clean(target)
        _refuse(_all(clean), secrets, f"what {target} says and yields")
        if not asked:
            return
        for fault in FAULTS:
            if fault.name == "timeout":
                continue
            outcome, _ = self.altered(target, lambda _, reply, fault=fault: fault.change(reply))  # type: ignore[misc]
            _refuse(_all(outcome), secrets, f"what {target} says under fault {fault.name}")

    def test_no_secret_in_recorded_cases(self) -> None:
        """Recorded requests hold no headers or keys, answers no tokens that look real."""
        for path in case_files(self.folder / self.cases):
            text = path.read_text(encoding="utf-8")
            found = _REAL.search(text)
            assert found is None, f"{path} holds what looks like a real secret: {found and found.group()[:12]}…"

    def _secrets(self) -> list[str]:
        with self.opened() as (_, harness):
            tokens = [str(value) for value in (self.tokens or {}).values() if isinstance(value, str)]
            return [one for one in [*secrets_in(harness.config), *made_up_ones(self.sample), *tokens] if len(one) >= 6]


def _all(outcome: Outcome) -> str:
    cursors = [batch.cursor for batch in outcome.ran.batches if isinstance(batch.cursor, Cursor)]
    return "\n".join(
        [outcome.text, *(line(record) for record in outcome.ran.records), *(json.dumps(one.data) for one in cursors)]
    )


def _refuse(text: str, secrets: list[str], where: str) -> None:
    found = [secret for secret in secrets if secret in text]
    assert not found, f"a secret stands in {where}: {text[max(0, text.index(found[0]) - 60) :][:60]}…"
