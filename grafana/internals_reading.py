"""Panels of flowd internals about reading: runs, feeds, how long they take, and what sources allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from grafana_foundation_sdk.builders import bargauge, heatmap, table, timeseries
from grafana_foundation_sdk.builders import common as parts

from grafana import panels
from grafana.activity import DAYS_LEFT, OUTCOME
from grafana.look import STATE, hidden, prop, steps, width
from grafana.metrics import buckets, in_colours, just_now, limited, listed, over_time

KIND: Final[Mapping[str, str]] = {
    "snapshots": "green",
    "rates": "blue",
    "events": "purple",
    "revised": "orange",
    "unchanged": "text",
}


def runs() -> timeseries.Panel:
    """How many runs end, and how."""
    panel = panels.stacked(
        "Runs per minute by how they ended",
        "Runs of feeds that ended, per minute. done: all was read. partial: some could not be read. retry: the source "
        "asked for later. auth: the key was refused. over_time: it took too long. failed: the connector's mistake.",
        width=12,
        nothing="No run has ended since flowd was started",
    )
    return over_time(
        in_colours(panel, OUTCOME),
        ("60 * sum by (outcome) (rate(flowd_runs_total{ME}[$__rate_interval]))", "{{outcome}}"),
    )


def states() -> timeseries.Panel:
    """How many feeds are in which state."""
    panel = panels.stacked(
        "Feeds by state",
        "How many feeds are in each state, so the upper edge is how many there are. All green is good.",
        width=12,
        nothing="No feed is configured",
    ).decimals(0)
    return over_time(in_colours(panel, STATE), ("sum by (state) (flowd_connection_state{ME}) > 0", "{{state}}"))


def staleness() -> timeseries.Panel:
    """How old what is read is, in intervals."""
    panel = panels.lines(
        "Age of feeds, in their intervals",
        "The time since the last successful run, divided by the interval of the feed. Just above one is as it should "
        "be; from three on (the red line) a feed is late. A feed that was never read is not drawn.",
        nothing="No feed was read since flowd was started",
    )
    return over_time(
        limited(panel.thresholds(steps((None, "transparent"), (3, "red")))).min(0),
        (
            "(time() - flowd_last_success_timestamp_seconds{ME}) / flowd_feed_interval_seconds{ME}",
            "{{connection}}/{{feed}}",
        ),
    )


def missed() -> timeseries.Panel:
    """Ticks that were left out."""
    return over_time(
        panels.bars(
            "Missed ticks",
            "Ticks for which no run could begin, because the one before was still at work or nothing may run. Now and "
            "then is nothing; always means that a feed takes longer than its interval: raise every: in flowd.yaml.",
            nothing="No tick was missed",
        ).decimals(1),
        (
            "sum by (connection, feed) (increase(flowd_missed_ticks_total{ME}[$__rate_interval])) > 0",
            "{{connection}}/{{feed}}",
        ),
    )


def tick_lag() -> timeseries.Panel:
    """How late runs begin."""
    share = "sum by (le) (rate(flowd_tick_lag_seconds_bucket{ME}[$__rate_interval]))"
    return over_time(
        panels.lines(
            "How late runs begin",
            "How long after its time a run began: half of them began within p50, 99 of 100 within p99. Above a second "
            "the machine is too busy, or too many feeds share too few processes.",
            nothing="No run began in this time",
        )
        .unit("s")
        .decimals(3),
        (f"histogram_quantile(0.5, {share})", "p50"),
        (f"histogram_quantile(0.99, {share})", "p99"),
        step="5m",
    )


def durations() -> timeseries.Panel:
    """How long runs take, per kind of source."""
    return over_time(
        panels.lines(
            "How long runs take (p95)",
            "95 of 100 runs of each kind of source took no longer, estimated from a histogram. The first run of a "
            "connection reads its past and may take minutes.",
            nothing="No run ended in this time",
        )
        .unit("s")
        .decimals(2),
        (
            "histogram_quantile(0.95, sum by (connector, le) "
            "(rate(flowd_run_duration_seconds_bucket{ME}[$__rate_interval])))",
            "{{connector}}",
        ),
        step="5m",
    )


def duration_heat() -> heatmap.Panel:
    """How long runs take, all of them."""
    return buckets(
        "How long runs take, all of them",
        "Every run as part of a square: across is when, up is how long it took (to so many seconds), the stronger the "
        "colour the more runs.",
        "sum by (le) (increase(flowd_run_duration_seconds_bucket{ME}[$__rate_interval]))",
        nothing="No run ended in this time",
    )


def records() -> timeseries.Panel:
    """What is kept."""
    panel = panels.stacked(
        "Records per second by kind",
        "What runs brought. snapshots: new readings of balances. rates: new prices. events: transactions and the like. "
        "revised: new versions of known events. unchanged: said nothing new, and was not kept.",
        width=12,
        nothing="No record was kept since flowd was started",
    ).decimals(3)
    return over_time(
        in_colours(panel, KIND), ("sum by (kind) (rate(flowd_rows_total{ME}[$__rate_interval]))", "{{kind}}")
    )


def budgets() -> bargauge.Panel:
    """What sources still allow."""
    return just_now(
        panels.levels(
            "Requests left of what sources allow",
            "Share of a connection's budget of requests that is left until it is renewed, for sources that allow so "
            "many a day or month only. At nothing flowd waits for the next budget; the feed may be late until then.",
            width=12,
            nothing="No source here allows so many requests only, or none was asked yet",
        )
        # every connection is a series of its own, not a row
        .reduce_options(parts.ReduceDataOptions().values(False).calcs(["lastNotNull"]).fields(""))
        .unit("percentunit")
        .decimals(0)
        .min(0)
        .max(1)
        .thresholds(steps((None, "red"), (0.1, "orange"), (0.3, "green"))),
        "flowd_budget_left_requests{ME} / flowd_budget_requests{ME}",
        "{{connection}}",
    )


def consents() -> table.Panel:
    """When sources ask for somebody."""
    panel = (
        panels.grid(
            "Keys and consents that end",
            "In how many days each source stops answering unless somebody logs in again, for sources that tell. Below "
            "zero it is over.",
            width=12,
            height=8,
            nothing="No source has told flowd an end",
        )
        .override_by_name("connection", [prop("displayName", "Connection")])
        .override_by_name(
            "Value",
            [
                prop("displayName", "Days left"),
                prop("decimals", 1),
                prop("custom.cellOptions", {"type": "color-text"}),
                prop("thresholds", steps(*DAYS_LEFT).build()),
                width(110),
            ],
        )
    )
    for name in ("Time", "instance", "job"):
        panel.override_by_name(name, hidden())
    return listed(panel, "sort((flowd_consent_expires_timestamp_seconds{ME} - time()) / 86400)")
