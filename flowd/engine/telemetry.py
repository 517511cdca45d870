"""What flowd tells Prometheus about itself; every metric is described in docs/metrics.md.

Labels are names from flowd.yaml and words of flowd's own: never an account, a payee, an amount or an id.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, generate_latest

_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)
_DELAYS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300)
STATES: Final = ("new", "healthy", "partial", "failing", "needs_reauth", "misconfigured")
_KILLS: Final = ("crashed", "over_time")
_NOTICES: Final = ("sent", "failed", "dropped")


class Telemetry:
    """All of flowd's metrics, in a registry of its own."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        # memory, processor and files of the daemon's own process, under the names every program gives them; Linux only
        ProcessCollector(registry=self.registry)
        self._stated: dict[Gauge, frozenset[tuple[str, ...]]] = {}
        feed = ("connection", "feed")
        self._started = self._gauge("flowd_started_timestamp_seconds", "When this flowd was started.")
        self._build = Info("flowd_build", "Version of flowd and of Python.", registry=self.registry)
        self._runs = Counter("flowd_runs", "Runs that ended.", (*feed, "outcome"), registry=self.registry)
        self._duration = Histogram(
            "flowd_run_duration_seconds",
            "How long runs took.",
            ("connector",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._delay = Histogram(
            "flowd_tick_lag_seconds",
            "How long after its time a run began.",
            buckets=_DELAYS,
            registry=self.registry,
        )
        self._missed = Counter(
            "flowd_missed_ticks", "Ticks for which no run could begin.", feed, registry=self.registry
        )
        self._rows = Counter(
            "flowd_rows", "Records kept, by what they were.", ("connection", "kind"), registry=self.registry
        )
        self._success = self._gauge("flowd_last_success_timestamp_seconds", "End of the last successful run.", feed)
        self._reading = self._gauge(
            "flowd_last_reading_timestamp_seconds", "Tick of the newest reading kept.", ("connection",)
        )
        self._interval = self._gauge("flowd_feed_interval_seconds", "How often a feed is read.", feed)
        self._state = self._gauge("flowd_connection_state", "1 for the state a feed is in, else 0.", (*feed, "state"))
        self._spool_batches = self._gauge("flowd_spool_batches", "Entries that wait for the database.")
        self._spool_bytes = self._gauge("flowd_spool_bytes", "Bytes that wait for the database.")
        self._spool_limit = self._gauge("flowd_spool_limit_bytes", "How many bytes the spool may hold.")
        self._spool_refused = Counter(
            "flowd_spool_refused",
            "Batches for which the spool had no room; they are read again.",
            registry=self.registry,
        )
        self._database_up = self._gauge("flowd_database_up", "1 while the database answers, else 0.")
        self._derivation_lag = self._gauge(
            "flowd_derivation_lag_seconds", "Age of the oldest change that is not derived yet."
        )
        self._derived = self._gauge(
            "flowd_derivation_last_success_timestamp_seconds", "When all changes were last seen to be derived."
        )
        self._daily_rate = self._gauge(
            "flowd_daily_rate", "Mean income per day over the last 30 days.", ("stream", "currency")
        )
        self._daily_rate_before = self._gauge(
            "flowd_daily_rate_before", "Mean income per day over the 30 days before those.", ("stream", "currency")
        )
        self._expected = self._gauge(
            "flowd_expected_receipts",
            "Regular receipts due in the last 90 days that are late, missed or short.",
            ("stream", "state"),
        )
        self._expected_newest = self._gauge(
            "flowd_expected_newest_timestamp_seconds", "When the newest of these receipts was due.", ("stream", "state")
        )
        self._drawdown = self._gauge(
            "flowd_drawdown_ratio", "How far the value is below its highest point of 90 days.", ("scope", "name")
        )
        self._projected = self._gauge(
            "flowd_projected_daily_rate", "Income per day foretold for the next 30 days.", ("currency", "quantile")
        )
        self._goals = self._gauge("flowd_goal_probability", "How likely a goal is reached in time.", ("goal", "kind"))
        self._missing_rates = self._gauge("flowd_missing_rates", "Pairs and days for which a rate is missing.")
        self._balance_gaps = self._gauge(
            "flowd_balance_gaps",
            "Gaps of the last year between balances and what was booked.",
            ("connection",),
        )
        self._proposed = self._gauge("flowd_transfers_proposed", "Pairs that may be transfers and wait for a word.")
        self._disagreement = self._gauge(
            "flowd_rate_disagreement_ratio",
            "The highest over the lowest of the newest rates of a pair, less one.",
            ("base", "quote"),
        )
        self._study_success = self._gauge(
            "flowd_study_last_success_timestamp_seconds", "When a study was last found to be up to date.", ("study",)
        )
        self._study_seconds = self._gauge("flowd_study_duration_seconds", "How long a study took last.", ("study",))
        self._study_failing = self._gauge("flowd_study_failing", "1 while a study cannot be made, else 0.", ("study",))
        self._children = self._gauge("flowd_children", "Connectors' processes that are alive.")
        self._child_starts = Counter("flowd_child_starts", "Connectors' processes started.", registry=self.registry)
        self._child_kills = Counter(
            "flowd_child_kills",
            "Connectors' processes that were killed or crashed.",
            ("connection", "why"),
            registry=self.registry,
        )
        self._launcher_restarts = Counter(
            "flowd_launcher_restarts",
            "How often the process that starts connectors was started anew.",
            registry=self.registry,
        )
        self._printed = Counter(
            "flowd_child_output_bytes",
            "Bytes printed by connectors, and dropped.",
            ("connection",),
            registry=self.registry,
        )
        self._budget_left = self._gauge(
            "flowd_budget_left_requests", "Requests left in a connection's current budget.", ("connection",)
        )
        self._budget = self._gauge("flowd_budget_requests", "Requests in a connection's whole budget.", ("connection",))
        self._consent = self._gauge(
            "flowd_consent_expires_timestamp_seconds",
            "Until when a source answers without somebody logging in again.",
            ("connection",),
        )
        self._notices = Counter(
            "flowd_notices", "Notices, by whether they were sent.", ("notifier", "result"), registry=self.registry
        )
        self._broken = self._gauge("flowd_plugin_broken", "1 for a plugin that cannot be used.", ("plugin",))
        self._clock_steps = Counter("flowd_clock_steps", "Jumps of the wall clock.", registry=self.registry)

    def _gauge(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
        return Gauge(name, text, labels, registry=self.registry)

    def _replace(self, gauge: Gauge, values: Mapping[tuple[str, ...], float]) -> None:
        """Have `gauge` say this and no more: what it says on, is never missing in between."""
        for labels, value in values.items():
            gauge.labels(*labels).set(value)
        for labels in self._stated.get(gauge, frozenset()) - values.keys():
            gauge.remove(*labels)
        self._stated[gauge] = frozenset(values)

    def build(self, version: str) -> None:
        """State which flowd this is."""
        self._build.info({"version": version, "python": platform.python_version()})

    def started(self, at: datetime) -> None:
        """State since when this flowd runs."""
        self._started.set(at.timestamp())

    def broken(self, plugins: Iterable[str]) -> None:
        """State which plugins cannot be used, replacing what was stated."""
        self._replace(self._broken, {(name,): 1.0 for name in plugins})

    def text(self) -> bytes:
        """Return all metrics as Prometheus reads them."""
        return generate_latest(self.registry)

    # --- Runs --------------------------------------------------------------------------------------------------------

    def feed(self, connection: str, feed: str, every: timedelta) -> None:
        """State that a feed is read, and how often; what is counted of it begins with nothing."""
        self._interval.labels(connection, feed).set(every.total_seconds())
        # a counter that first appears with a one has never risen, for Prometheus
        self._missed.labels(connection, feed)
        for why in _KILLS:
            self._child_kills.labels(connection, why)

    def ended(self, connection: str, feed: str, connector: str, outcome: str, seconds: float) -> None:
        """Count a run that ended."""
        self._runs.labels(connection, feed, outcome).inc()
        self._duration.labels(connector).observe(seconds)

    def succeeded(self, connection: str, feed: str, at: datetime) -> None:
        """State when a feed was last read successfully."""
        self._success.labels(connection, feed).set(at.timestamp())

    def delay(self, seconds: float) -> None:
        """Note how long after its time a run began."""
        self._delay.observe(max(0.0, seconds))

    def missed(self, connection: str, feed: str) -> None:
        """Count a tick for which no run could begin."""
        self._missed.labels(connection, feed).inc()

    def rows(self, connection: str, counts: Mapping[str, int]) -> None:
        """Count records that were kept."""
        for kind, count in counts.items():
            if count:
                self._rows.labels(connection, kind).inc(count)

    def reading(self, connection: str, tick: datetime) -> None:
        """State the tick of the newest reading."""
        self._reading.labels(connection).set(tick.timestamp())

    def state(self, connection: str, feed: str, state: str) -> None:
        """State how a feed is doing."""
        for each in STATES:
            self._state.labels(connection, feed, each).set(each == state)

    def budget_left(self, connection: str, requests: int, of: int) -> None:
        """State how many requests a connection's budget has left, of how many."""
        self._budget_left.labels(connection).set(requests)
        self._budget.labels(connection).set(of)

    def consent(self, connection: str, expires_at: datetime) -> None:
        """State until when a connection's source answers without somebody logging in again."""
        self._consent.labels(connection).set(expires_at.timestamp())

    def forget_consent(self, connection: str) -> None:
        """State that the end of a connection's access is not known."""
        self._consent.remove_by_labels({"connection": connection})

    def forget(self, connection: str, feed: str | None = None) -> None:
        """Drop what was said of a connection, or of one of its feeds, that is no longer configured."""
        gone = {"connection": connection} if feed is None else {"connection": connection, "feed": feed}
        for metric in vars(self).values():
            if isinstance(metric, Gauge | Counter | Histogram) and gone.keys() <= set(metric._labelnames):  # noqa: SLF001
                metric.remove_by_labels(gone)

    # --- Processes and stores ----------------------------------------------------------------------------------------

    def children(self, alive: int) -> None:
        """State how many connectors' processes are alive."""
        self._children.set(alive)

    def child_started(self) -> None:
        """Count a process that was started."""
        self._child_starts.inc()

    def child_killed(self, connection: str, why: str) -> None:
        """Count a process that was killed (over_time, crashed, broken)."""
        self._child_kills.labels(connection, why).inc()

    def printed(self, connection: str, size: int) -> None:
        """Count bytes a connector printed."""
        if size:
            self._printed.labels(connection).inc(size)

    def spool(self, batches: int, size: int) -> None:
        """State what waits in the spool."""
        self._spool_batches.set(batches)
        self._spool_bytes.set(size)

    def spool_limit(self, size: int) -> None:
        """State how many bytes the spool may hold."""
        self._spool_limit.set(size)

    def spool_refused(self) -> None:
        """Count a batch for which the spool had no room."""
        self._spool_refused.inc()

    def database_up(self, up: bool) -> None:
        """State whether the database answers."""
        self._database_up.set(up)

    def launcher_restarted(self) -> None:
        """Count that the process which starts connectors had to be started anew."""
        self._launcher_restarts.inc()

    # --- What is derived ---------------------------------------------------------------------------------------------

    def derivation_lag(self, lag: timedelta) -> None:
        """State the age of the oldest change that is not derived yet."""
        self._derivation_lag.set(lag.total_seconds())

    def derived(self, at: datetime) -> None:
        """State when all that changed was last derived."""
        self._derived.set(at.timestamp())

    def daily_rates(
        self, rates: Mapping[tuple[str, str], Decimal | None], before: Mapping[tuple[str, str], Decimal | None]
    ) -> None:
        """State the mean income per day by (stream, currency), now and before; None is left out."""
        for gauge, values in ((self._daily_rate, rates), (self._daily_rate_before, before)):
            self._replace(gauge, {labels: float(rate) for labels, rate in values.items() if rate is not None})

    def expected(self, receipts: Mapping[tuple[str, str], tuple[int, datetime]]) -> None:
        """State how many regular receipts are in trouble by (stream, state), and when the newest was due."""
        self._replace(self._expected, {labels: count for labels, (count, _) in receipts.items()})
        self._replace(self._expected_newest, {labels: due.timestamp() for labels, (_, due) in receipts.items()})

    def drawdowns(self, ratios: Mapping[tuple[str, str], Decimal]) -> None:
        """State how far each portfolio is below its highest point by (scope, name): 0.2 is a fifth."""
        self._replace(self._drawdown, {labels: float(ratio) for labels, ratio in ratios.items()})

    def projected(self, rates: Mapping[tuple[str, str], Decimal]) -> None:
        """State what the next 30 days are foretold to bring per day by (currency, quantile)."""
        self._replace(self._projected, {labels: float(rate) for labels, rate in rates.items()})

    def goals(self, probabilities: Mapping[tuple[str, str], Decimal]) -> None:
        """State how likely each goal is by (goal, kind), replacing what was stated."""
        self._replace(self._goals, {labels: float(chance) for labels, chance in probabilities.items()})

    def studied(self, study: str, at: datetime, seconds: float | None = None) -> None:
        """State that a study is up to date, and how long it took where it was made."""
        self._study_success.labels(study).set(at.timestamp())
        self._study_failing.labels(study).set(0)
        if seconds is not None:
            self._study_seconds.labels(study).set(seconds)

    def forget_study(self, study: str) -> None:
        """State nothing more about a study that is gone."""
        for gauge in (self._study_success, self._study_seconds, self._study_failing):
            with suppress(KeyError):
                gauge.remove(study)

    def study_failed(self, study: str) -> None:
        """State that a study could not be made."""
        self._study_failing.labels(study).set(1)

    def missing_rates(self, count: int) -> None:
        """State for how many pairs and days a rate is missing."""
        self._missing_rates.set(count)

    def balance_gaps(self, gaps: Mapping[str, int]) -> None:
        """State how many gaps there are by connection, replacing what was stated."""
        self._replace(self._balance_gaps, {(name,): float(count) for name, count in gaps.items()})

    def transfers_proposed(self, count: int) -> None:
        """State how many pairs may be transfers and wait for their user's word."""
        self._proposed.set(count)

    def disagreements(self, ratios: Mapping[tuple[str, str], Decimal]) -> None:
        """State by how much sources of the same pair differ by (base, quote), replacing what was stated."""
        self._replace(self._disagreement, {labels: float(ratio) for labels, ratio in ratios.items()})

    # --- The rest ----------------------------------------------------------------------------------------------------

    def notifier(self, name: str) -> None:
        """State that somebody is told by this notifier: its notices are counted from nothing."""
        for result in _NOTICES:
            self._notices.labels(name, result)

    def notice(self, notifier: str, result: str) -> None:
        """Count a notice (sent, failed, dropped)."""
        self._notices.labels(notifier, result).inc()

    def clock_step(self) -> None:
        """Count a jump of the wall clock."""
        self._clock_steps.inc()


def names(telemetry: Telemetry) -> dict[str, tuple[str, ...]]:
    """Return every metric's name as Prometheus shows it, with its labels: what docs/metrics.md must describe."""
    found: dict[str, tuple[str, ...]] = {}
    for metric in vars(telemetry).values():
        if isinstance(metric, Gauge | Counter | Histogram | Info):
            described: Any = next(iter(metric.describe()))
            suffix = {"counter": "_total", "info": "_info"}.get(described.type, "")
            found[described.name + suffix] = tuple(metric._labelnames)  # noqa: SLF001
    return found
