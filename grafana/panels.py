"""The kinds of panels the dashboards are made of, each with flowd's looks; a dashboard adds the query and the words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, Self, TypeVar

from grafana_foundation_sdk.builders import barchart as bar_kind
from grafana_foundation_sdk.builders import bargauge as bargauge_kind
from grafana_foundation_sdk.builders import common as parts
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders import heatmap as heatmap_kind
from grafana_foundation_sdk.builders import stat as stat_kind
from grafana_foundation_sdk.builders import table as table_kind
from grafana_foundation_sdk.builders import timeseries as time_kind
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import heatmap as heat

from grafana.look import prop, steps, words
from grafana.look import width as wide
from grafana.source import POSTGRES

BANDS: Final = (
    ("known", "came"),
    ("p50", "median"),
    ("p10", "8 of 10 cases: from"),
    ("p90", "8 of 10 cases: to"),
    ("p05", "9 of 10 cases: from"),
    ("p95", "9 of 10 cases: to"),
)
NOTHING: Final = "No income yet: put a statement into the inbox, or add a connection to flowd.yaml"


class Framed(Protocol):
    """What every builder of a panel can be told."""

    def title(self, title: str) -> Self:
        """Its heading."""

    def description(self, description: str) -> Self:
        """What its number is."""

    def datasource(self, datasource: model.DataSourceRef) -> Self:
        """Where its numbers come from."""

    def height(self, h: int) -> Self:
        """How high it is."""

    def span(self, w: int) -> Self:
        """How wide it is, of 24."""

    def no_value(self, no_value: str) -> Self:
        """What it says while it is empty."""


F = TypeVar("F", bound=Framed)


def framed(panel: F, title: str, description: str, height: int, width: int, nothing: str) -> F:
    """The panel with what each one has: heading, explanation, source, size, and what it says while it is empty."""
    panel = panel.title(title).description(description).datasource(POSTGRES)
    return panel.height(height).span(width).no_value(nothing)


def tile(title: str, description: str, *, width: int = 4, nothing: str = "–") -> stat_kind.Panel:
    """One big number with what it is below it; the query gives time, metric and value, or one row."""
    return (
        framed(stat_kind.Panel(), title, description, 4, width, nothing)
        .unit("none")
        .decimals(2)
        .reduce_options(parts.ReduceDataOptions().values(False).calcs(["lastNotNull"]).fields(""))
        .color_mode(common.BigValueColorMode.VALUE)
        .graph_mode(common.BigValueGraphMode.NONE)
        .justify_mode(common.BigValueJustifyMode.AUTO)
        .text_mode(common.BigValueTextMode.VALUE_AND_NAME)
        .orientation(common.VizOrientation.AUTO)
        # Grafana would make the number as small as a long name beside it
        .text(parts.VizTextDisplayOptions().title_size(14).value_size(32))
        .thresholds(steps((None, "text")))
    )


def amount(title: str, description: str, *, width: int = 4, nothing: str) -> stat_kind.Panel:
    """A tile of money: whole, with the thousands set apart, its currency in the name below it."""
    return tile(title, description, width=width, nothing=nothing).unit("locale").decimals(0)


def changed(title: str, description: str, *, nothing: str) -> stat_kind.Panel:
    """A tile of a change as per cent: red below zero, green above, quiet within two per cent."""
    return (
        tile(title, description, nothing=nothing)
        .unit("percentunit")
        .decimals(1)
        .thresholds(steps((None, "red"), (-0.02, "text"), (0.02, "green")))
    )


def reached(title: str, description: str, *, nothing: str) -> stat_kind.Panel:
    """A tile of how much of a target comes in: green from all of it on."""
    return (
        tile(title, description, nothing=nothing)
        .unit("percentunit")
        .decimals(0)
        .thresholds(steps((None, "red"), (0.5, "orange"), (0.9, "yellow"), (1, "green")))
    )


def word(title: str, description: str, *, width: int = 4, nothing: str = "–") -> stat_kind.Panel:
    """One word or text as big as a number; the query gives one row."""
    return (
        tile(title, description, width=width, nothing=nothing)
        .text_mode(common.BigValueTextMode.VALUE)
        .text(parts.VizTextDisplayOptions())
        .reduce_options(parts.ReduceDataOptions().values(False).calcs(["lastNotNull"]).fields("/.*/"))
    )


def lines(title: str, description: str, *, width: int = 12, height: int = 8, nothing: str = NOTHING) -> time_kind.Panel:
    """Lines over time, not stacked; a gap stays a gap."""
    return (
        framed(time_kind.Panel(), title, description, height, width, nothing)
        .unit("none")
        .decimals(2)
        .draw_style(common.GraphDrawStyle.LINE)
        .line_width(2)
        .fill_opacity(0)
        .show_points(common.VisibilityMode.AUTO)
        .span_nulls(False)
        .color_scheme(build.FieldColor().mode(model.FieldColorModeId.PALETTE_CLASSIC))
        .tooltip(parts.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.DESCENDING))
        .legend(legend())
    )


def stacked(
    title: str, description: str, *, width: int = 24, height: int = 8, nothing: str = NOTHING
) -> time_kind.Panel:
    """Areas on top of each other in steps, so that the upper edge is the sum."""
    return (
        lines(title, description, width=width, height=height, nothing=nothing)
        .line_width(1)
        .fill_opacity(70)
        .show_points(common.VisibilityMode.NEVER)
        .line_interpolation(common.LineInterpolation.STEP_AFTER)
        # an area that does not begin at zero lies about how much there is
        .axis_soft_min(0)
        .stacking(parts.StackingConfig().mode(common.StackingMode.NORMAL).group("A"))
    )


def bars(title: str, description: str, *, width: int = 12, height: int = 8, nothing: str = NOTHING) -> time_kind.Panel:
    """Bars over time on top of each other."""
    return stacked(title, description, width=width, height=height, nothing=nothing).draw_style(
        common.GraphDrawStyle.BARS
    )


def fan(title: str, description: str, *, width: int = 24, height: int = 10, nothing: str = NOTHING) -> time_kind.Panel:
    """A known past and bands of what may come; the query gives the columns time, known, p05, p10, p50, p90 and p95.

    Columns that a query lacks are simply not drawn.
    """
    panel = lines(title, description, width=width, height=height, nothing=nothing).show_points(
        common.VisibilityMode.NEVER
    )
    edge = [prop("custom.lineWidth", 0), prop("color", {"mode": "fixed", "fixedColor": "#3274d9"})]
    for upper, lower, strength in (("p95", "p05", 12), ("p90", "p10", 22)):
        panel.override_by_name(
            lower, [*edge, prop("custom.hideFrom", {"legend": True, "tooltip": False, "viz": False})]
        )
        panel.override_by_name(upper, [*edge, prop("custom.fillBelowTo", lower), prop("custom.fillOpacity", strength)])
    panel.override_by_name(
        "p50",
        [
            prop("color", {"mode": "fixed", "fixedColor": "#3274d9"}),
            prop("custom.lineStyle", {"fill": "dash", "dash": [8, 6]}),
        ],
    )
    panel.override_by_name("known", [prop("color", {"mode": "fixed", "fixedColor": "#56a64b"})])
    for name, shown in BANDS:
        panel.override_by_name(name, [prop("displayName", shown)])
    return panel


def columns(
    title: str, description: str, *, width: int = 12, height: int = 8, nothing: str = NOTHING
) -> bar_kind.Panel:
    """Bars by name (not by time): the query gives a column of names first, then columns of numbers."""
    return (
        framed(bar_kind.Panel(), title, description, height, width, nothing)
        .unit("none")
        .decimals(2)
        .fill_opacity(80)
        .line_width(0)
        .color_scheme(build.FieldColor().mode(model.FieldColorModeId.PALETTE_CLASSIC))
        .tooltip(parts.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.NONE))
        .legend(legend())
    )


def levels(
    title: str, description: str, *, width: int = 8, height: int = 8, nothing: str = NOTHING
) -> bargauge_kind.Panel:
    """Horizontal bars, one for each row: the query gives a column of names and one of numbers."""
    return (
        framed(bargauge_kind.Panel(), title, description, height, width, nothing)
        .unit("none")
        .decimals(2)
        .orientation(common.VizOrientation.HORIZONTAL)
        .display_mode(common.BarGaugeDisplayMode.BASIC)
        .show_unfilled(True)
        .min(0)
        .min_viz_height(10)
        .min_viz_width(0)
        .text(parts.VizTextDisplayOptions().title_size(14).value_size(16))
        .reduce_options(parts.ReduceDataOptions().values(True).calcs([]).fields(""))
        .thresholds(steps((None, "green")))
    )


def squares(
    title: str, description: str, *, width: int = 12, height: int = 8, nothing: str = NOTHING
) -> heatmap_kind.Panel:
    """A calendar: a column for each week, a line for each day of the week.

    The query gives time, metric and value; the time is the end of the week, up to which Grafana draws its squares.
    """
    return (
        framed(heatmap_kind.Panel(), title, description, height, width, nothing)
        .calculate(False)
        .color(
            heatmap_kind.HeatmapColorOptions()
            # by strength: in a scheme of colours, which knows no exponent, one big day would make all others alike
            .mode(heat.HeatmapColorMode.OPACITY)
            .scheme("Greens")
            .fill("green")
            .scale(heat.HeatmapColorScale.EXPONENTIAL)
            .exponent(0.5)
            .steps(64)
            .reverse(False)
        )
        # a day without income is a square too; only a day without a row is none
        .filter_values(heatmap_kind.FilterValueRange().le(-1e15))
        .rows_frame(heatmap_kind.RowsHeatmapOptions().layout(common.HeatmapCellLayout.AUTO))
        .cell_gap(2)
        .cell_values(heatmap_kind.CellValues().decimals(2).unit("none"))
        .y_axis(heatmap_kind.YAxisConfig().axis_placement(common.AxisPlacement.LEFT).reverse(True))
        .hide_legend()
        .show_tooltip()
    )


def grid(title: str, description: str, *, width: int = 24, height: int = 9, nothing: str = NOTHING) -> table_kind.Panel:
    """A table; the query's column names are its headings."""
    return (
        framed(table_kind.Panel(), title, description, height, width, nothing)
        # Grafana would put the text for an empty table into every empty cell
        .override_by_regexp("/.*/", [prop("noValue", "–")])
    )


def warned(nothing: str) -> table_kind.Panel:
    """What is not exact, and what to do about it; the query reads report.warning."""
    return (
        grid(
            "What to know about these numbers",
            "Why a number is not exact, or not there, and what to do about it. Empty means that all is well.",
            height=6,
            nothing=nothing,
        )
        .override_by_name("How bad", [*words({"bad": "red", "note": "blue"}), wide(90)])
        .override_by_name("What", [wide(220)])
    )


def legend(*calcs: str, right: bool = False, sort_by: str | None = None, shown: bool = True) -> parts.VizLegendOptions:
    """The names of the lines: below them, or as a table at the right with calculations such as `sum` and `mean`."""
    made = (
        parts.VizLegendOptions()
        .display_mode(common.LegendDisplayMode.TABLE if calcs else common.LegendDisplayMode.LIST)
        .placement(common.LegendPlacement.RIGHT if right else common.LegendPlacement.BOTTOM)
        .show_legend(shown)
        .calcs(list[str](calcs))
    )
    return made.sort_by(sort_by).sort_desc(True) if sort_by else made


def titled(names: Sequence[tuple[str, str]]) -> list[tuple[str, list[model.DynamicConfigValue]]]:
    """Other headings for columns or lines, as overrides: (name in the query, what people read)."""
    return [(name, [prop("displayName", shown)]) for name, shown in names]
