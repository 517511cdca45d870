"""The study `statistics`: how each stream, each group and everything is doing, now and at the end of every month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from flowd.analytics.rounding import decimal
from flowd.analytics.statistics.figures import figures
from flowd.analytics.statistics.months import month_ends
from flowd.analytics.statistics.states import states
from flowd.analytics.statistics.survey import survey
from flowd.api import Config, History, Metric, StreamState
from flowd.domain.time import day_start


class StatisticsConfig(Config):
    """Nothing to set so far."""


class Statistics:
    """Fills derived.stream_state and, of derived.metric, what is described in docs/numbers.md."""

    name = "statistics"
    config: type[Config] = StatisticsConfig
    reads: Sequence[str] = ("derived.income_daily", "derived.flow", "derived.stream", "derived.schedule_term")
    writes: Sequence[str] = ("derived.stream_state", "derived.metric")

    def study(self, history: History, config: Config) -> Iterator[StreamState | Metric]:  # noqa: ARG002
        """Yield the state of every stream, group and the total now, and their figures now and at each month's end."""
        now = survey(history, history.until)
        yield from states(now)
        for as_of in moments(history):
            at = day_start(as_of, history.zone)
            found = now if as_of == history.until else survey(history, as_of)
            for figure in figures(history, found):
                yield Metric(
                    subject=figure.subject,
                    name=figure.name,
                    window=figure.window,
                    at=at,
                    value=decimal(figure.value),
                    unit=figure.unit,
                )


def moments(history: History) -> list[date]:
    """Return the days as of which figures are kept: the end of every whole month since income began, and now."""
    first = min((income.earned.first for income in history.income.values()), default=None)
    if first is None:
        return []
    return sorted({*month_ends(first, history.until), history.until})
