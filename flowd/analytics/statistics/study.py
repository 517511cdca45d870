"""The study `statistics`: how each stream, each group and everything is doing, now and at the end of every month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowd.api import Config, History, Metric, StreamState


class StatisticsConfig(Config):
    """Nothing to set so far."""


class Statistics:
    """Fills derived.stream_state and, of derived.metric, the figures that docs/numbers.md defines."""

    name = "statistics"
    config: type[Config] = StatisticsConfig
    reads: Sequence[str] = ("derived.income_daily", "derived.flow", "derived.stream", "derived.schedule_term")
    writes: Sequence[str] = ("derived.stream_state", "derived.metric")

    def study(self, history: History, config: Config) -> Iterator[StreamState | Metric]:  # noqa: ARG002
        """Yield the state of every stream, group and the total now, and their figures now and at each month's end."""
        # numpy comes with these, and the daemon, which lists studies, does without it
        from flowd.analytics.statistics.figures import metrics, moments
        from flowd.analytics.statistics.states import states
        from flowd.analytics.statistics.survey import survey

        now = survey(history, history.until)
        yield from states(history, now)
        for as_of in moments(history):
            yield from metrics(history, now if as_of == history.until else survey(history, as_of))

    def now(self, history: History, config: Config) -> Iterator[StreamState | Metric]:  # noqa: ARG002
        """Yield those of its rows that are as of the last whole day."""
        from flowd.analytics.statistics.figures import metrics
        from flowd.analytics.statistics.states import states
        from flowd.analytics.statistics.survey import survey

        found = survey(history, history.until)
        yield from states(history, found)
        yield from metrics(history, found)
