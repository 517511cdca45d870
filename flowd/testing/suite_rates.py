"""The suite of rate providers: what they know is dated and always the same, what they do not know is not invented."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from flowd.api import Rate, RateQuery
from flowd.testing.faults import Fault
from flowd.testing.replay import Replay
from flowd.testing.suite_plugin import PluginChecks, judge, room


class RateSuite(PluginChecks):
    """What every rate provider must do; `query` is a question it can answer from the recorded answers."""

    kind = "rate provider"
    provider: ClassVar[Any]
    query: ClassVar[RateQuery]

    def subject(self) -> Any:
        """Return the provider."""
        return self.provider

    def source(self) -> Replay:
        """Return the source, fresh: by default it answers with the recorded cases."""
        return Replay.load(self.folder / self.cases)

    def settings(self, source: Replay) -> Mapping[str, object]:
        """Return the provider's settings; by default its address is the source's."""
        return {"url": source.url}

    def test_it_answers_the_question(self) -> None:
        """At least one rate, each of the days asked for or the week before, once, and the same when asked again."""
        found = self._ask(self.query)
        assert found, f"{self.provider.name} knows nothing of {self.query.base}/{self.query.quote}"
        first, last = min(self.query.days), max(self.query.days)
        seen: dict[tuple[str, str, datetime], Rate] = {}
        for rate in found:
            assert isinstance(rate, Rate), f"it yields {type(rate).__name__}"
            day = rate.at.astimezone(UTC).date()
            assert first - timedelta(days=10) <= day <= last + timedelta(days=1), f"a rate of {day} was not asked for"
            key = (rate.base, rate.quote, rate.at)
            assert seen.setdefault(key, rate) == rate, f"{rate.base}/{rate.quote} at {rate.at} has two values"
        assert self._ask(self.query) == found, "asked again, it answers otherwise"

    def test_it_invents_nothing(self) -> None:
        """No rate for an asset nobody knows, for a day that has not come, for no day, of an asset in itself."""
        query = self.query
        for name, other in {
            "an unknown asset": RateQuery(base="NO-SUCH-THING", quote=query.quote, days=query.days),
            "a day to come": RateQuery(base=query.base, quote=query.quote, days=[date(2199, 1, 1)]),
            "no day": RateQuery(base=query.base, quote=query.quote, days=[]),
            "an asset in itself": RateQuery(base=query.base, quote=query.base, days=query.days),
        }.items():
            found = self._ask(other)
            if name == "an unknown asset":
                # Rates of the known one are an answer too: flowd may know a way from there.
                found = [rate for rate in found if other.base in (rate.base, rate.quote)]
            assert not found, f"asked for {name} it answers {found[0]}"

    def test_a_fault_is_told_as_the_error_flowd_reacts_to(self, fault: Fault) -> None:
        """401, 403 → AuthError; 429 → RetryLater with the source's wait; all else → RetryLater."""
        with self.source() as source:
            self._ask(self.query, source)
            if not source.asked:
                return
        with self.source() as source, source.altering(lambda _, reply: fault.change(reply)):
            if fault.name != "timeout":
                judge(lambda: self._ask(self.query, source), fault, "rates()")

    def _ask(self, query: RateQuery, source: Replay | None = None) -> list[Rate]:
        if source is None:
            with self.source() as opened:
                return self._ask(query, opened)
        with room(source) as ctx:
            # A provider that needs neither settings nor a way out may leave them away.
            given = [query, self.settings(source), ctx][: len(inspect.signature(self.provider.rates).parameters)]
            return list(self.provider.rates(*given))
