"""The dashboard Income: what one earns per day, whether it grows, from where it comes, and where it will be."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import barchart, heatmap, table, timeseries
from grafana_foundation_sdk.models import dashboard as model

from grafana import income_tiles, panels, variables
from grafana.board import board
from grafana.look import (
    HEALTH,
    QUALITY,
    TO_STREAM,
    TREND,
    filled,
    hidden,
    linked,
    money,
    painted,
    prop,
    signed,
    width,
    words,
)
from grafana.source import Shape, queries, query

SQL: Final = queries("income")

# states of receipts that are still to come
AWAITED: Final = {"late": "red", "due": "yellow", "expected": "blue"}


def dashboard() -> model.Dashboard:
    """The whole dashboard."""
    return board(
        "Income",
        "What you earn per day, whether it grows, where it comes from, and where it will be.",
        uid="flowd-income",
        variables=[
            variables.tenant(),
            variables.groups(),
            variables.streams(),
            variables.basis(),
            variables.granularity(),
            variables.currency(),
        ],
        panels=[
            *income_tiles.tiles(),
            by_stream(),
            streams(),
            by_group(),
            months(),
            by_weekday(),
            expected(),
            warnings(),
        ],
    )


def by_stream() -> timeseries.Panel:
    """The main chart: every stream stacked on the others, their sum as a line, and that of the time before."""
    panel = painted(
        panels.stacked(
            "Income by stream",
            "Each stream on top of the others; the line is their sum. Pale on top of it: days that a regular payment "
            "is still awaited for, at the stream's daily rate, which are not known yet (earned in base currency "
            "only). Dashed: the sum of as long a time just before, laid on this one. The first step is whole even "
            "where the time range begins inside it; the last one is not over. A gap is a time nobody knows, not a "
            "zero.",
            height=11,
        )
    )
    panel.override_by_query(
        "D",
        [
            prop("displayName", "Awaited, at the daily rate"),
            prop("custom.fillOpacity", 25),
            prop("color", {"mode": "fixed", "fixedColor": "#8e8e9c"}),
        ],
    )
    for ref, name, more in (
        ("B", "Total", [prop("custom.lineWidth", 2), prop("color", {"mode": "fixed", "fixedColor": "text"})]),
        (
            "C",
            "The time before",
            [
                prop("custom.lineWidth", 1),
                prop("custom.lineStyle", {"fill": "dash", "dash": [6, 6]}),
                prop("color", {"mode": "fixed", "fixedColor": "#8e8e9c"}),
            ],
        ),
    ):
        panel.override_by_query(
            ref,
            [
                prop("displayName", name),
                prop("custom.stacking", {"mode": "none", "group": "A"}),
                prop("custom.fillOpacity", 0),
                *more,
            ],
        )
    return (
        panel.legend(panels.legend("sum", "mean", right=True, sort_by="Total"))
        .with_target(query(SQL["by_stream"], Shape.SERIES))
        .with_target(query(SQL["awaited"], Shape.SERIES, "D"))
        .with_target(query(SQL["total"], Shape.SERIES, "B"))
        .with_target(query(SQL["total_before"], Shape.SERIES, "C"))
    )


def streams() -> table.Panel:
    """Every stream in one line."""
    return (
        panels.grid(
            "Streams",
            "Per day: mean of earned over the last 30 whole days, in base currency; change: against the 30 days "
            "before. 12 weeks: the mean of each of the last twelve weeks from zero (▁) to the highest (█), · is not "
            "known. Share: of all that was earned in 90 days. Health and why: how the stream does. Quality: the worst "
            "of the 30 days. Click a name for everything about one stream.",
            height=10,
        )
        .override_by_name("Stream", [linked("Everything about it", TO_STREAM), width(180)])
        .override_by_name("Per day", [*money(), width(90)])
        .override_by_name("In", [width(80)])
        .override_by_name("Change", [*signed(), width(85)])
        .override_by_name("12 weeks", [width(150)])
        .override_by_name("Trend", [*words(TREND), width(85)])
        .override_by_name("Health", [*words(HEALTH), width(85)])
        .override_by_name("Why", [prop("custom.inspect", True)])
        .override_by_name("Share", [*filled(), width(120)])
        .override_by_name("Next receipt", [width(150)])
        .override_by_name("Last receipt", [width(110)])
        .override_by_name("Quality", [*words(QUALITY), width(90)])
        .override_by_name("stream", hidden())
        .with_target(query(SQL["streams_table"]))
    )


def by_group() -> timeseries.Panel:
    """The same in groups, as bars."""
    return painted(
        panels.bars(
            "Income by group",
            "The same amounts, summed by the groups that flowd.yaml puts streams into; a stream without one is in a "
            "group by its kind.",
        ).with_target(query(SQL["by_group"], Shape.SERIES))
    )


def months() -> barchart.Panel:
    """This month day by day beside the one before, each added up."""
    return (
        panels.columns(
            "This month against last month",
            "What came together from the first of the month to each day: this month beside the whole of last month. "
            "The last day of this month is today, which is not over.",
        )
        .override_by_name("This month", [prop("color", {"mode": "fixed", "fixedColor": "#56a64b"})])
        .override_by_name("Last month", [prop("color", {"mode": "fixed", "fixedColor": "#8e8e9c"})])
        .with_target(query(SQL["months"]))
    )


def by_weekday() -> heatmap.Panel:
    """Every day as one square."""
    return panels.squares(
        "Income by day",
        "Every day of the time range as one square: a column is a week. The stronger the colour, the more.",
    ).with_target(query(SQL["by_weekday"], Shape.SERIES))


def expected() -> table.Panel:
    """What should come next."""
    return (
        panels.grid(
            "What should come next",
            "Regular receipts of the next 45 days, and those that are late, as declared in flowd.yaml or learned from "
            "what came. due: it may come any day now. late: its time is over and nothing came. Each in its own "
            "currency.",
            width=12,
            height=8,
            nothing="Nothing regular is awaited: a rhythm takes three receipts, or every: in flowd.yaml",
        )
        .override_by_name("Due", [width(100)])
        .override_by_name("Stream", [linked("Everything about it", TO_STREAM)])
        .override_by_name("State", [*words(AWAITED), width(85)])
        .override_by_name("Amount", money())
        .override_by_name("In", [width(80)])
        .override_by_name("stream", hidden())
        .with_target(query(SQL["expected"]))
    )


def warnings() -> table.Panel:
    """What is not exact, and what to do about it."""
    return panels.warned("All is well: every number on this page is exact").with_target(query(SQL["warnings"]))
