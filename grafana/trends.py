"""The dashboard Trends: whether income grows, how steady it is, what it hangs on, and whether what was due came."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import barchart, table, timeseries
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model

from grafana import panels, variables
from grafana import trends_tiles as tiles
from grafana.board import NIGHTLY, board, section
from grafana.look import (
    HEALTH,
    TO_STREAM_ALONE,
    TREND,
    coloured,
    hidden,
    linked,
    money,
    prop,
    share,
    width,
    words,
)
from grafana.source import Ready, Shape, queries, query

SQL: Final = queries("trends")
NO_SERIES: Final = "Nothing regular found so far: three receipts of one payer in even pauses, or `every:` in flowd.yaml"
# a cell that may be opened to be read in full
LONG: Final = prop("custom.inspect", True)
# a receipt that did not come as it should
LACKING: Final = {"late": "orange", "short": "yellow", "missed": "red"}
COMING: Final = {"expected": "blue", "due": "green"}


def dashboard() -> model.Dashboard:
    """The whole dashboard."""
    return board(
        "Trends",
        "Whether your income grows, how steady it is, what it hangs on, and whether what was due came.",
        uid="flowd-trends",
        since="now-2y",
        refresh=NIGHTLY,
        variables=[
            variables.tenant(),
            variables.subject(),
            variables.basis(),
            window(),
            variables.base(),
        ],
        panels=[
            tiles.trend(),
            tiles.health(),
            tiles.volatility(),
            tiles.floor(),
            tiles.tax(),
            tiles.effective(),
            tiles.largest(),
            tiles.passive(),
            tiles.runway(),
            reasons(),
            section("Does it grow?"),
            days(),
            slopes(),
            streams(),
            section("Did it come?"),
            expected(),
            coming(),
            lacking(),
            section("What does it hang on?"),
            concentration(),
            resilience(),
            section("When does it come?"),
            weekdays(),
            months(),
        ],
    )


def window() -> Ready[model.VariableModel]:
    """Over how many days the statistics of a day are."""
    return variables.listed(
        "window",
        "Mean over",
        {"7d": "7 days", "30d": "30 days", "90d": "90 days", "365d": "a year"},
        "Over how many days the mean and the median of a day are taken",
        first="30d",
    )


def reasons() -> table.Panel:
    """The same in words."""
    return (
        panels.grid(
            "Why",
            "What decided the words above, with the numbers: the trend and the health of what is chosen at the top, "
            "and why passive income or runway are not known.",
            height=6,
            nothing="Nothing known yet: it is computed every night, from eight weeks of income on",
        )
        .override_by_name("Of", [width(180)])
        .override_by_name("What", [width(220)])
        .with_target(query(SQL["reasons"]))
    )


def days() -> timeseries.Panel:
    """What a day earns, at the end of every month."""
    panel = (
        panels.lines(
            "What a day earns, in ${base}",
            "At the end of every month, over the days before it (chosen at the top). Mean: all earned, divided by the "
            "days. Median: half of the days earned less. The band is the median and the median distance from it: half "
            "of the days lie within. A mean far above the median comes from few good days.",
            width=14,
            height=9,
            nothing="No whole month yet: the first point comes with the night",
        )
        .show_points(common.VisibilityMode.ALWAYS)
        .axis_soft_min(0)
        .override_by_name("mean", [coloured("#56a64b")])
        .override_by_name("median", [coloured("#3274d9")])
        .override_by_name("low", [coloured("#3274d9"), *edge(), prop("displayName", "half of the days: from")])
        .override_by_name(
            "high",
            [
                coloured("#3274d9"),
                *edge(),
                prop("displayName", "half of the days: to"),
                prop("custom.fillBelowTo", "low"),
                prop("custom.fillOpacity", 18),
            ],
        )
    )
    return panel.with_target(query(SQL["days"], Shape.SERIES))


def edge() -> list[model.DynamicConfigValue]:
    """The border of a band: no line, no points, no name below the chart."""
    return [
        prop("custom.lineWidth", 0),
        prop("custom.showPoints", "never"),
        prop("custom.hideFrom", {"legend": True, "tooltip": False, "viz": False}),
    ]


def slopes() -> barchart.Panel:
    """How fast each stream moves."""
    return (
        panels.columns(
            "Change in 30 days, by stream",
            "The slope of each stream's last year in 30 days, as a share of its level; the 20 with the largest shares. "
            "Flat: what moves may be chance. Streams too young to tell are not here.",
            width=10,
            height=9,
            nothing="Too young to tell: eight weeks are needed",
        )
        .orientation(common.VizOrientation.HORIZONTAL)
        .stacking(common.StackingMode.NORMAL)
        .unit("percentunit")
        .decimals(1)
        .override_by_name("growing", [coloured("green")])
        .override_by_name("flat", [coloured("blue")])
        .override_by_name("declining", [coloured("orange")])
        .with_target(query(SQL["slopes"]))
    )


def streams() -> table.Panel:
    """How every stream is doing."""
    return (
        panels.grid(
            "How every stream is doing",
            "Health and why, those that need a look first. In 30 days: by how much it changes, as a share of its "
            "level. Share: of what was earned in 90 days. Months differ by: standard deviation / mean. Floor: what "
            "nine of ten months brought. Comes: its rhythm, where it has one. Click a name for everything about one "
            "stream.",
            height=10,
        )
        .override_by_name("Stream", [linked("Everything about it", TO_STREAM_ALONE), width(170)])
        .override_by_name("Group", [width(110)])
        .override_by_name("Health", [*words(HEALTH), width(90)])
        .override_by_name("Why", [LONG])
        .override_by_name("Trend", [*words(TREND), width(90)])
        .override_by_name("In 30 days", [*share(), width(90)])
        .override_by_name("Share", [*share(0), width(70)])
        .override_by_name("Months differ by", [*share(0), width(120)])
        .override_by_name("Floor a month", [*money(), width(110)])
        .override_by_name("In", [width(60)])
        .override_by_name("Comes", [width(150)])
        .override_by_name("Next", [width(100)])
        .override_by_name("stream", hidden())
        .with_target(query(SQL["streams"]))
    )


def expected() -> timeseries.Panel:
    """What was due in each month, and what came."""
    return (
        panels.lines(
            "Expected and received",
            "Regular receipts by the month they were due in, in their own currency. Dot: what was expected by what "
            "came before. Bar: what came of it, early or late. The month under way expects all of its days, and has "
            "received what came so far. First receipts of a payer and days on which nobody could look are not in it.",
            width=12,
            height=9,
            nothing=NO_SERIES,
        )
        .override_by_regexp(
            "/^received/",
            [prop("custom.drawStyle", "bars"), prop("custom.fillOpacity", 60), prop("custom.lineWidth", 0)],
        )
        .override_by_regexp("/^expected/", [prop("custom.drawStyle", "points"), prop("custom.pointSize", 9)])
        .axis_soft_min(0)
        .with_target(query(SQL["expected"], Shape.SERIES))
    )


def coming() -> table.Panel:
    """What is due next."""
    return (
        panels.grid(
            "Due in the next 30 days",
            "Regular and declared receipts that are due until 30 days from today, whatever the time range. due: its "
            "window is open, it may come any day. The amount is the usual one, in its own currency.",
            width=12,
            nothing=NO_SERIES,
        )
        .override_by_name("Stream", [linked("Everything about it", TO_STREAM_ALONE)])
        .override_by_name("Due", [width(100)])
        .override_by_name("Days", [width(60)])
        .override_by_name("From", [width(120)])
        .override_by_name("Amount", [*money(), width(90)])
        .override_by_name("In", [width(60)])
        .override_by_name("State", [*words(COMING), width(85)])
        .override_by_name("stream", hidden())
        .with_target(query(SQL["coming"]))
    )


def lacking() -> table.Panel:
    """What did not come as it should."""
    return (
        panels.grid(
            "Late, short and missed",
            "Receipts of the time range that did not come as they should, newest first. late: its window is over. "
            "short: less than usual came. missed: the next one is due or came. Amounts are in their own currency; no "
            "conclusion is drawn while a source is not read.",
            height=8,
            nothing="All is well: what was due in this time came, in full and in time",
        )
        .override_by_name("State", [*words(LACKING), width(80)])
        .override_by_name("Stream", [linked("Everything about it", TO_STREAM_ALONE), width(170)])
        .override_by_name("From", [width(170)])
        .override_by_name("Why", [LONG])
        .override_by_name("Due", [width(100)])
        .override_by_regexp("/^(Expected|Came|Lacks)$/", [*money(), width(105)])
        .override_by_name("In", [width(60)])
        .override_by_name("stream", hidden())
        .with_target(query(SQL["lacking"]))
    )


def concentration() -> timeseries.Panel:
    """Whether it hangs on ever fewer streams."""
    panel = panels.lines(
        "Concentration",
        "How much hangs on single streams, at the end of every month, over 90 days: the share of the largest stream "
        "and of the largest group, and the Herfindahl-Hirschman index (1 is all from one, 0.25 as from four equal "
        "ones). Going down is good. Of everything, whatever is chosen at the top.",
        nothing="No whole month yet: the first point comes with the night",
    )
    for name, shown in (
        ("hhi_streams", "HHI of streams"),
        ("largest_stream", "largest stream"),
        ("largest_group", "largest group"),
    ):
        panel.override_by_name(name, [prop("displayName", shown)])
    return (
        panel.unit("percentunit")
        .decimals(0)
        .axis_soft_min(0)
        .axis_soft_max(1)
        .with_target(query(SQL["concentration"], Shape.SERIES))
    )


def resilience() -> timeseries.Panel:
    """Whether the floor and passive income gain on what life costs."""
    return (
        panels.lines(
            "Floor, expenses and passive income of a month",
            "At the end of every month: the income that nine of ten months reached, what a typical month costs, and "
            "what passive streams bring in one. Where floor is above expenses, no month ends in the red; where passive "
            "income is, work is a choice. Of everything, whatever is chosen at the top.",
            nothing=tiles.YOUNG,
        )
        .axis_soft_min(0)
        .override_by_regexp("/^floor/", [coloured("#3274d9")])
        .override_by_regexp("/^expenses/", [coloured("#e02f44")])
        .override_by_regexp("/^passive/", [coloured("#56a64b")])
        .with_target(query(SQL["resilience"], Shape.SERIES))
    )


def weekdays() -> barchart.Panel:
    """Which days of the week bring something."""
    return (
        panels.columns(
            "By day of the week, in ${base}",
            "What a Monday, a Tuesday … brought on average over the last 365 whole days, earned or received as chosen "
            "at the top. Days of which nothing is known are left out.",
        )
        .legend(panels.legend(shown=False))
        .override_by_name("a day", [coloured("#3274d9")])
        .with_target(query(SQL["weekdays"]))
    )


def months() -> barchart.Panel:
    """Which months bring more than others."""
    return (
        panels.columns(
            "By month of the year, in ${base} a day",
            "What a day earned in January, February …: the mean of the last 30 days at each month's end, averaged over "
            "up to ten years. With one year only, it is that year and no season.",
            nothing="No whole month yet: the first bar comes with the night",
        )
        .legend(panels.legend(shown=False))
        .override_by_name("a day", [coloured("#3274d9")])
        .with_target(query(SQL["months"]))
    )
