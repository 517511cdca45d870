"""The dashboard Stream: everything about one line of income."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model

from grafana import panels, stream_tables, stream_tiles, variables
from grafana.board import board, section
from grafana.look import painted, prop
from grafana.source import Shape, queries, query

SQL: Final = queries("stream")

FORETOLD: Final = "Not foretold yet: it is made at night, once this stream has income"


def dashboard() -> model.Dashboard:
    """The whole dashboard."""
    return board(
        "Stream",
        "One line of income in full: what it brings, whether it grows, what is expected of it, and where it will be.",
        uid="flowd-stream",
        since="now-1y",
        until="now+90d",
        variables=[
            variables.tenant(),
            variables.one_stream(),
            variables.basis(),
            variables.granularity(),
            variables.currency(),
        ],
        panels=[
            *stream_tiles.tiles(),
            income(),
            stream_tables.in_words(),
            months(),
            section("What was expected, and what came"),
            stream_tables.expected(),
            stream_tables.transactions(),
            section("Where it will be, and how far that is to be trusted"),
            stream_tables.foretold(),
            days(),
            stream_tables.scores(),
            section("In numbers, and where they come from"),
            stream_tables.statistics(),
            stream_tables.connection(),
        ],
    )


def income() -> timeseries.Panel:
    """What it brought, and the daily rate as a line."""
    panel = painted(
        panels.bars(
            "Income and daily rate",
            "Bars: what this stream brought, counted and in the currency as chosen at the top. Line, on the right "
            "axis: the daily rate, which is the mean of earned over the 30 days to each day, in base currency; days "
            "that are not known are left out of it. Its last point is the first number of this page.",
            width=24,
            height=9,
        )
    )
    panel.override_by_query(
        "B",
        [
            prop("displayName", "Daily rate (30 days)"),
            prop("custom.drawStyle", common.GraphDrawStyle.LINE.value),
            prop("custom.lineInterpolation", common.LineInterpolation.LINEAR.value),
            prop("custom.lineWidth", 2),
            prop("custom.fillOpacity", 0),
            prop("custom.stacking", {"mode": "none", "group": "A"}),
            prop("custom.axisPlacement", common.AxisPlacement.RIGHT.value),
            prop("color", {"mode": "fixed", "fixedColor": "text"}),
        ],
    )
    return panel.with_target(query(SQL["income"], Shape.SERIES)).with_target(query(SQL["rolling"], Shape.SERIES, "B"))


def months() -> timeseries.Panel:
    """Past months into those to come."""
    return panels.fan(
        "Month by month, and what is likely",
        "Green: what was received in each whole month, in base currency. From the month under way on, which includes "
        "what already came: the median, as likely more as less (dashed), the dark band holds 8 of 10 cases, the pale "
        "one 9 of 10.",
        width=10,
        height=12,
        nothing=FORETOLD,
    ).with_target(query(SQL["months"], Shape.SERIES))


def days() -> timeseries.Panel:
    """Past days into those to come."""
    return panels.fan(
        "Day by day",
        "Green: what was received on each day, in base currency. From today on: the median, as likely more as "
        "less (dashed), the dark band holds 8 of 10 cases, the pale one 9 of 10. For a stream that pays once a month "
        "most days are nothing, and the peaks are its days.",
        width=10,
        nothing=FORETOLD,
    ).with_target(query(SQL["days"], Shape.SERIES))
