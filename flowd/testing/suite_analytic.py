"""The suite of analytics: pure and replayable, which is what lets flowd compute only the days that changed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar

from flowd.api import Analytic, IncomeDay, Metric, Performance
from flowd.testing.facts import FactsView
from flowd.testing.suite_plugin import PluginChecks

Row = IncomeDay | Metric | Performance


class AnalyticSuite(PluginChecks):
    """What every analytic must do; `view()` gives facts it computes something from."""

    kind = "analytic"
    analytic: ClassVar[Analytic]
    since: ClassVar[date] = date(2026, 1, 1)
    until: ClassVar[date] = date(2026, 2, 28)

    def subject(self) -> Analytic:
        """Return the analytic."""
        return self.analytic

    def view(self) -> FactsView:
        """Return facts, fresh."""
        raise NotImplementedError

    def test_it_computes_something(self) -> None:
        """Rows of the days asked for, each key once, every number finite."""
        found = self._rows(self.view(), self.since, self.until)
        assert found, "it computes nothing from the view"
        inner = self.since + timedelta(days=7), self.until - timedelta(days=7)
        outside = [row for row in self._rows(self.view(), *inner) if not inner[0] <= _day(self.view(), row) <= inner[1]]
        assert not outside, f"asked for the days from {inner[0]} to {inner[1]}, it computes {outside[0]}"
        keys = [_key(row) for row in found]
        assert len(set(keys)) == len(keys), "two rows have the same key"
        for row in found:
            day = _day(self.view(), row)
            assert self.since <= day <= self.until, f"it computes a row of {day}, which was not asked for"
            for one in fields(row):
                value = getattr(row, one.name)
                assert not isinstance(value, float), f"{one.name} of {_key(row)} is a float"
                assert not isinstance(value, Decimal) or value.is_finite(), f"{one.name} of {_key(row)} is {value}"

    def test_the_same_facts_give_the_same_rows(self) -> None:
        """Again, and whatever the order in which the facts were written down."""
        expected = self._rows(self.view(), self.since, self.until)
        assert self._rows(self.view(), self.since, self.until) == expected, "computed again, the rows are others"
        view, chance = self.view(), random.Random(1)  # noqa: S311 - the same each time is what is wanted
        for one in fields(view):
            facts = getattr(view, one.name)
            if isinstance(facts, Sequence) and not isinstance(facts, str):
                setattr(view, one.name, chance.sample(list(facts), len(facts)))
        assert self._rows(view, self.since, self.until) == expected, "the order of facts changes the rows"

    def test_days_can_be_computed_apart(self) -> None:
        """Any stretch of days has the rows it has within the whole: flowd computes what changed, not everything."""
        whole = self._rows(self.view(), self.since, self.until)
        length = (self.until - self.since).days
        for part in (1, 3, 7):
            cut = self.since + timedelta(days=length * part // 8)
            apart = self._rows(self.view(), self.since, cut) + self._rows(
                self.view(), cut + timedelta(days=1), self.until
            )
            assert sorted(apart, key=repr) == sorted(whole, key=repr), f"computed apart after {cut} the rows differ"

    def test_its_reach_covers_what_changed(self) -> None:
        """reach() gives at least the days whose facts changed."""
        first, last = self.analytic.reach(self.view(), self.since, self.until)
        assert first <= self.since <= self.until <= last, f"it reaches from {first} to {last} only"

    def test_nothing_gives_nothing_wrong(self) -> None:
        """Without facts it does not fail."""
        view = self.view()
        self._rows(FactsView(today=view.today, stream=view.stream), self.since, self.until)

    def _rows(self, view: FactsView, since: date, until: date) -> list[Row]:
        return list(self.analytic.compute(view, since, until))


def _key(row: Row) -> tuple[object, ...]:
    if isinstance(row, IncomeDay):
        return ("income", row.stream, row.day, row.currency)
    if isinstance(row, Performance):
        return ("performance", row.scope, row.name, row.day)
    return ("metric", row.subject, row.name, row.window, row.at)


def _day(view: FactsView, row: Row) -> date:
    return row.at.astimezone(view.zone).date() if isinstance(row, Metric) else row.day
