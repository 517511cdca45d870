"""Checks of what only some connectors do: access by linking, and questions for rates of the past."""

from __future__ import annotations

import json
from datetime import date
from typing import ClassVar, cast
from urllib.parse import unquote_plus

from flowd.api import AuthError, Linkable, NoTokens, Quoting, Rate, RateQuery, RetryLater
from flowd.testing.faults import FAULTS
from flowd.testing.harness import REDIRECT
from flowd.testing.replay import Replay
from flowd.testing.suite_plugin import judge
from flowd.testing.suite_setup import ConnectorSetup, secrets_in

_STATE = "state-of-the-tests"


class ExtraChecks(ConnectorSetup):
    """For connectors with `links=True` or `quotes=True`; others have nothing to do here."""

    #: A question that a connector with `quotes=True` can answer from the recorded answers.
    query: ClassVar[RateQuery | None] = None

    def test_without_a_link_it_asks_for_one(self, target: str) -> None:
        """A connection that was never linked is told as AuthError, which flowd shows with what to do."""
        if not self.connector.links or self.tokens is None:
            return
        with self.opened() as (_, harness):
            harness.tokens = NoTokens()
            outcome = self.call(harness, target)
            assert isinstance(outcome.error, AuthError), (
                f"{target} without tokens ends with {outcome.error!r}: let ctx.tokens.read() raise its AuthError"
            )

    def test_the_page_to_log_in_on_carries_the_state_and_no_secret(self) -> None:
        """begin_link, where the recorded answers let it: `state` comes back with the browser, what is secret stays."""
        if not self.connector.links:
            return
        with self.opened() as (source, harness), harness.context(self.tick) as (ctx, _, _):
            try:
                step = cast("Linkable", harness.connector).begin_link(REDIRECT, _STATE, ctx)
            except (AuthError, RetryLater):
                assert source.asked, "begin_link fails without asking anybody"
                return
            sent = " ".join(f"{one.query} {one.body!r}" for one in source.asked)
            assert step.url or step.ask, "begin_link gives neither an address nor a question"
            if step.url and step.redirects:
                assert _STATE in unquote_plus(step.url + sent), "the state is neither in the address nor was it sent"
            # What names the application may be kept like a secret, but has to be in the address.
            names = [name for name in type(harness.config).model_fields if not name.endswith("id")]
            hidden = [secret for name in names for secret in secrets_in(getattr(harness.config, name))]
            shown = [one for one in hidden if len(one) >= 8 and one in unquote_plus(step.url or "")]
            assert not shown, "a secret stands in the address people open"
            assert json.loads(json.dumps(dict(step.memory))) == dict(step.memory), "step.memory is another after JSON"

    def test_questions_for_rates_are_answered_or_left_open(self) -> None:
        """rates(): those of `query`, the same again; none of an asset nobody knows; faults as everywhere."""
        if not self.connector.quotes or self.query is None:
            return
        found = self._quoted(self.query)
        assert found, f"nothing is known of {self.query.base}/{self.query.quote}"
        assert all(isinstance(one, Rate) for one in found), "rates() yields something that is no Rate"
        assert self._quoted(self.query) == found, "asked again, it answers otherwise"
        unknown = RateQuery(base="NO-SUCH-THING", quote=self.query.quote, days=self.query.days)
        invented = [one for one in self._quoted(unknown, may_fail=True) if unknown.base in (one.base, one.quote)]
        assert not invented, f"a rate of an asset nobody knows: {invented[0]}"
        late = RateQuery(base=self.query.base, quote=self.query.quote, days=[date(2199, 1, 1)])
        assert not [one for one in self._quoted(late, may_fail=True) if one.at.year == 2199], "a rate of a day to come"
        for fault in FAULTS:
            if fault.name == "timeout" or self.faults_of_rates(fault.name):
                continue
            with self.source() as source, source.altering(lambda _, reply, fault=fault: fault.change(reply)):  # type: ignore[misc]
                judge(lambda source=source: self._ask(self.query, source), fault, "rates()")  # type: ignore[misc]

    def faults_of_rates(self, name: str) -> bool:
        """Say whether the fault `name` is told otherwise by this connector."""
        return name in getattr(self, "faults", {})

    def _quoted(self, query: RateQuery, *, may_fail: bool = False) -> list[Rate]:
        with self.source() as source:
            try:
                return self._ask(query, source)
            except RetryLater:
                if may_fail:
                    return []
                raise

    def _ask(self, query: RateQuery | None, source: Replay) -> list[Rate]:
        assert query is not None
        harness = self.harness(source)
        with harness.context(self.tick) as (ctx, _, _):
            return list(cast("Quoting", harness.connector).rates(query, ctx))
