"""What was foretold before, against what came: the part of Projection that says whether to believe the rest."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import table, timeseries

from grafana import panels
from grafana.look import prop, share, steps, width
from grafana.source import Shape, queries, query

SQL: Final = queries("projection")
NONE_OVER: Final = "No projection is over yet: the first is scored when its days are past, after 7 days"

SAID: Final = (
    ("known", "what came"),
    ("p50", "was said (median)"),
    ("p10", "8 of 10 cases: from"),
    ("p90", "8 of 10 cases: to"),
    ("p05", "9 of 10 cases: from"),
    ("p95", "9 of 10 cases: to"),
)


def said() -> timeseries.Panel:
    """Every night's projection and what became of it."""
    panel = panels.fan(
        "Past projections and what came, in ${base}",
        "What was foretold night after night for so many days together (Sums over, at the top), at the last of these "
        "days, as it was said then. Green: what came in on the same days. Good bands hold it 8 times (dark) and 9 "
        "times (light) of 10. Where green ends, the days are not over.",
        nothing="Nothing was foretold yet for so many days that end in this time range",
    ).axis_soft_min(0)
    for name, shown in SAID:
        panel.override_by_name(name, [prop("displayName", shown)])
    return panel.with_target(query(SQL["said"], Shape.SERIES))


def accuracy() -> table.Panel:
    """How good they were, per horizon."""
    return (
        panels.grid(
            "How good past projections were",
            "Of all that are over, by horizon: how many were scored; which share came within the bands (should be near "
            "50, 80 and 90 %: less promises too much, more is too wide to be of use); which share came within 20 % of "
            "the median; mean error as a share of what came; bias above zero: too little was said. Neighbouring nights "
            "say nearly the same, so thirty of them are not thirty proofs.",
            width=14,
            height=8,
            nothing=NONE_OVER,
        )
        .override_by_regexp("/^(In the 50|In the 90|Within|Mean error|Bias)/", [*share(0), width(105)])
        .override_by_name(
            "In the 80 %",
            [
                *share(0),
                width(105),
                prop("custom.cellOptions", {"type": "color-text"}),
                prop(
                    "thresholds",
                    steps((None, "red"), (0.6, "orange"), (0.7, "green"), (0.9, "yellow")).build(),
                ),
            ],
        )
        .override_by_name("Days", [width(60)])
        .override_by_name("Scored", [width(75)])
        .with_target(query(SQL["accuracy"]))
    )


def coverage() -> timeseries.Panel:
    """Whether they get better."""
    panel = panels.lines(
        "Do they get better?",
        "By the month in which the last days fell, for the days chosen at the top (Sums over): the share of "
        "projections within the 80 % band, the share within 20 % of the median, and the mean error as a share of what "
        "came.",
        width=10,
        nothing=NONE_OVER,
    )
    for name, shown in (
        ("coverage_80", "within the 80 % band"),
        ("within_20", "within 20 % of the median"),
        ("mape", "mean error"),
    ):
        panel.override_by_name(name, [prop("displayName", shown)])
    return (
        panel.unit("percentunit")
        .decimals(0)
        .axis_soft_min(0)
        .axis_soft_max(1)
        .with_target(query(SQL["coverage"], Shape.SERIES))
    )
