"""The dashboard Income: what one earns per day, from where, and how far the numbers can be trusted."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import common as parts
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders import heatmap, stat, table, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import heatmap as heat

from grafana.common import (
    SOURCE,
    TAG,
    Shape,
    chosen,
    links,
    listed,
    looked_up,
    numbered,
    prop,
    quality_mapping,
    queries,
    query,
    steps,
)

SQL: Final = queries("income")
NOTHING: Final = "No income yet: put a statement into the inbox, or add a connection to flowd.yaml"


def dashboard() -> model.Dashboard:
    """The whole dashboard."""
    board = (
        build.Dashboard("Income")
        .uid("flowd-income")
        .description("What you earn per day, from where, and how far the numbers can be trusted.")
        .tags([TAG])
        .readonly()
        .refresh("10s")
        .time("now-90d", "now")
        # a day is a day of the tenant, whatever the clock of the browser says
        .timezone("utc")
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .link(links())
    )
    for variable in variables():
        board.with_variable(variable)
    panels: list[Builder[model.Panel]] = [
        daily_rate(),
        change(),
        this_month(),
        last_month(),
        quality(),
        by_stream(),
        by_group(),
        by_weekday(),
        streams(),
        warnings(),
    ]
    for number, panel in enumerate(panels, start=1):
        board.with_panel(numbered(panel, number))
    return board.build()


def variables() -> list[Builder[model.VariableModel]]:
    """What can be chosen at the top."""
    return [
        chosen("grp", "Group", SQL["groups"], "Groups of streams, as named in flowd.yaml"),
        chosen("stream", "Stream", SQL["streams"], "Single lines of income"),
        listed(
            "basis",
            "Counted",
            {"earned": "Earned", "received": "Received"},
            "Earned: on the days it was earned for. Received: on the day it came in",
        ),
        listed("granularity", "Per", {"day": "Day", "week": "Week", "month": "Month"}, "How wide one step is"),
        looked_up(
            "currency",
            "Currency",
            SQL["currencies"],
            "base",
            "Everything in your base currency, or only what came in one currency, unconverted. "
            "Daily rates are always in the base currency",
        ),
    ]


def _stat(title: str, description: str, width: int, nothing: str = "–") -> stat.Panel:
    return (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .height(4)
        .span(width)
        .no_value(nothing)
        .reduce_options(parts.ReduceDataOptions().values(False).calcs(["lastNotNull"]).fields(""))
        .color_mode(common.BigValueColorMode.VALUE)
        .graph_mode(common.BigValueGraphMode.NONE)
        .justify_mode(common.BigValueJustifyMode.AUTO)
        .text_mode(common.BigValueTextMode.VALUE_AND_NAME)
        .orientation(common.VizOrientation.AUTO)
        .thresholds(steps((None, "green")))
    )


def daily_rate() -> stat.Panel:
    """What one earns per day now."""
    return (
        _stat(
            "You earn per day",
            "The daily rate: the mean of what was earned per day over the last 30 whole days, in your base currency, "
            "for the chosen streams. Today is not in it, because today is not over.",
            6,
            "No income yet",
        )
        .unit("none")
        .decimals(2)
        .thresholds(steps((None, "red"), (0, "green")))
        .with_target(query(SQL["daily_rate"], Shape.SERIES))
    )


def change() -> stat.Panel:
    """How that compares with a month ago."""
    return (
        _stat(
            "Against the 30 days before",
            "How much more (or less) the daily rate is than it was over the 30 days before these. "
            "Empty where nothing was earned then.",
            4,
        )
        .unit("percentunit")
        .decimals(1)
        .text_mode(common.BigValueTextMode.VALUE)
        .thresholds(steps((None, "red"), (-0.02, "text"), (0.02, "green")))
        .with_target(query(SQL["change"]))
    )


def this_month() -> stat.Panel:
    """The month so far."""
    return (
        _stat(
            "This month so far",
            "Sum over this calendar month up to today, counted and in the currency as chosen at the top.",
            5,
        )
        .unit("none")
        .decimals(2)
        .with_target(query(SQL["this_month"], Shape.SERIES))
    )


def last_month() -> stat.Panel:
    """The month before."""
    return (
        _stat(
            "Last month",
            "Sum over the whole calendar month before this one, counted and in the currency as chosen at the top.",
            5,
        )
        .unit("none")
        .decimals(2)
        .with_target(query(SQL["last_month"], Shape.SERIES))
    )


def quality() -> stat.Panel:
    """How far the daily rate can be trusted."""
    return (
        _stat(
            "Quality of the daily rate",
            "The worst quality of any day behind the daily rate. exact: straight from the source. estimated: flowd had "
            "to guess what a payment is. spread: a gap was bridged evenly. partial: something is missing, such as a "
            "rate. stale: readings are too old. The table at the bottom says which, and what to do.",
            4,
        )
        .text_mode(common.BigValueTextMode.VALUE)
        .reduce_options(parts.ReduceDataOptions().values(False).calcs(["lastNotNull"]).fields("/.*/"))
        .mappings(quality_mapping())
        .with_target(query(SQL["quality"]))
    )


def _chart(title: str, description: str) -> timeseries.Panel:
    return (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .unit("none")
        .decimals(2)
        .no_value(NOTHING)
        .line_width(1)
        .fill_opacity(70)
        .show_points(common.VisibilityMode.NEVER)
        .stacking(parts.StackingConfig().mode(common.StackingMode.NORMAL).group("A"))
        .color_scheme(build.FieldColor().mode(model.FieldColorModeId.PALETTE_CLASSIC))
        .tooltip(parts.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.DESCENDING))
    )


def by_stream() -> timeseries.Panel:
    """The main chart: every stream stacked on the others."""
    return (
        _chart(
            "Income by stream",
            "Each stream on top of the others, so the upper edge is the total. The first step is whole even where the "
            "time range begins inside it; the last one is not over. A gap is a time nobody knows, not a zero.",
        )
        .height(11)
        .span(24)
        .draw_style(common.GraphDrawStyle.LINE)
        .line_interpolation(common.LineInterpolation.STEP_AFTER)
        .legend(
            parts.VizLegendOptions()
            .display_mode(common.LegendDisplayMode.TABLE)
            .placement(common.LegendPlacement.RIGHT)
            .show_legend(True)
            .calcs(["sum", "mean"])
            .sort_by("Total")
            .sort_desc(True)
        )
        .with_target(query(SQL["by_stream"], Shape.SERIES))
    )


def by_group() -> timeseries.Panel:
    """The same in groups, as bars."""
    return (
        _chart("Income by group", "The same, summed by the groups named in flowd.yaml.")
        .height(8)
        .span(12)
        .draw_style(common.GraphDrawStyle.BARS)
        .legend(
            parts.VizLegendOptions()
            .display_mode(common.LegendDisplayMode.LIST)
            .placement(common.LegendPlacement.BOTTOM)
            .show_legend(True)
            .calcs([])
        )
        .with_target(query(SQL["by_group"], Shape.SERIES))
    )


def by_weekday() -> heatmap.Panel:
    """Every day as one square."""
    return (
        heatmap.Panel()
        .title("Income by day")
        .description(
            "Every day of the time range as one square: a column is a week. The stronger the colour, the more."
        )
        .datasource(SOURCE)
        .height(8)
        .span(12)
        .no_value(NOTHING)
        .calculate(False)
        .color(
            heatmap.HeatmapColorOptions()
            .mode(heat.HeatmapColorMode.SCHEME)
            .scheme("Greens")
            .fill("dark-green")
            .scale(heat.HeatmapColorScale.EXPONENTIAL)
            .exponent(0.5)
            .steps(64)
            .reverse(False)
        )
        # a day without income is a square too; only a day without a row is none
        .filter_values(heatmap.FilterValueRange().le(-1e15))
        .rows_frame(heatmap.RowsHeatmapOptions().layout(common.HeatmapCellLayout.AUTO))
        .cell_gap(2)
        .cell_values(heatmap.CellValues().decimals(2).unit("none"))
        .y_axis(heatmap.YAxisConfig().axis_placement(common.AxisPlacement.LEFT).reverse(True))
        .hide_legend()
        .show_tooltip()
        .with_target(query(SQL["by_weekday"], Shape.SERIES))
    )


def streams() -> table.Panel:
    """Every stream in one line."""
    money = [prop("unit", "none"), prop("decimals", 2)]
    return (
        table.Panel()
        .title("Streams")
        .description(
            "Per day: mean of earned over the last 30 whole days. Change: against the 30 days before. All amounts are "
            "in the base currency. Quality: the worst of those days."
        )
        .datasource(SOURCE)
        .height(9)
        .span(24)
        .no_value(NOTHING)
        .override_by_name(
            "Per day", [*money, prop("custom.cellOptions", {"type": "gauge", "mode": "basic"}), prop("min", 0)]
        )
        .override_by_name("Last 30 days", money)
        .override_by_name("Last 90 days", money)
        .override_by_name(
            "Change",
            [
                prop("unit", "percentunit"),
                prop("decimals", 1),
                prop("custom.cellOptions", {"type": "color-text"}),
                prop("thresholds", steps((None, "red"), (-0.02, "text"), (0.02, "green")).build()),
            ],
        )
        .override_by_name(
            "Quality",
            [prop("mappings", quality_mapping()), prop("custom.cellOptions", {"type": "color-text"})],
        )
        .override_by_name("In", [prop("custom.width", 60)])
        .with_target(query(SQL["streams_table"]))
    )


def warnings() -> table.Panel:
    """What is not exact, and what to do about it."""
    severity = model.ValueMap(
        options={
            "bad": model.ValueMappingResult(text="bad", color="red", index=0),
            "note": model.ValueMappingResult(text="note", color="blue", index=1),
        }
    )
    return (
        table.Panel()
        .title("What to know about these numbers")
        .description("Why a number is not exact, or not there, and what to do about it. Empty means that all is well.")
        .datasource(SOURCE)
        .height(6)
        .span(24)
        .no_value("All is well: every number on this page is exact")
        .override_by_name(
            "How bad",
            [
                prop("mappings", [severity]),
                prop("custom.cellOptions", {"type": "color-text"}),
                prop("custom.width", 90),
            ],
        )
        .override_by_name("What", [prop("custom.width", 220)])
        .with_target(query(SQL["warnings"]))
    )
