"""Panels that ask Prometheus: how expressions are written, and which flowd they are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol, TypeVar

from grafana_foundation_sdk.builders import common as parts
from grafana_foundation_sdk.builders import heatmap as heatmap_kind
from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.builders import timeseries as time_kind
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from grafana import panels
from grafana.look import prop
from grafana.source import PROMETHEUS, Ready, promql

#: Stands in expressions for the choice of a flowd; raw, because it is a pattern already.
ME: Final = 'instance=~"${instance:raw}"'
NOTHING: Final = "Prometheus knows nothing of it: does it scrape flowd, and does flowd run?"


class Asking(Protocol):
    """A panel that can be given another data source and queries."""

    def datasource(self, datasource: model.DataSourceRef) -> object:
        """Say where its numbers come from."""

    def with_target(self, target: prometheus.Dataquery) -> object:
        """Add a query."""


class Colourable(Protocol):
    """A panel whose lines can be looked after one by one."""

    def override_by_regexp(self, regexp: str, properties: list[model.DynamicConfigValue]) -> object:
        """Add properties for the lines whose name fits."""


P = TypeVar("P", bound=Asking)
C = TypeVar("C", bound=Colourable)


def over_time(panel: P, *asked: tuple[str, str], step: str = "") -> P:
    """The panel with expressions over its time range, each with the name of its lines; ME stands for the flowd chosen.

    `step` is the least width of a step, for what happens too seldom to be seen in a narrow one.
    """
    panel.datasource(PROMETHEUS)
    for number, (expression, legend) in enumerate(asked):
        query = promql(expression.replace("ME", ME), legend, ref=chr(ord("A") + number))
        panel.with_target(query.interval(step) if step else query)
    return panel


def just_now(panel: P, expression: str, legend: str) -> P:
    """The panel with the values an expression has now, each under its name."""
    panel.datasource(PROMETHEUS)
    panel.with_target(promql(expression.replace("ME", ME), legend).instant().format(PromQueryFormat.TIME_SERIES))
    return panel


def listed(panel: P, expression: str) -> P:
    """The panel with what an expression gives now as a table: a column for each label, and Value."""
    panel.datasource(PROMETHEUS)
    panel.with_target(promql(expression.replace("ME", ME), now=True))
    return panel


def in_colours(panel: C, colours: Mapping[str, str]) -> C:
    """Lines of these names in these colours."""
    for name, colour in colours.items():
        panel.override_by_regexp(f"/^{name}$/", [prop("color", {"mode": "fixed", "fixedColor": colour})])
    return panel


def limited(panel: time_kind.Panel) -> time_kind.Panel:
    """Lines with the thresholds drawn as lines too."""
    return panel.thresholds_style(parts.GraphThresholdsStyleConfig().mode(common.GraphTresholdsStyleMode.LINE))


def buckets(title: str, description: str, expression: str, *, nothing: str) -> heatmap_kind.Panel:
    """A histogram over time: the stronger the colour, the more fell into that stretch of seconds."""
    panel = (
        panels.squares(title, description, nothing=nothing)
        .filter_values(heatmap_kind.FilterValueRange().le(1e-9))
        .cell_values(heatmap_kind.CellValues().decimals(1).unit("none"))
        .y_axis(heatmap_kind.YAxisConfig().axis_placement(common.AxisPlacement.LEFT).unit("s"))
        .datasource(PROMETHEUS)
    )
    asked = promql(expression.replace("ME", ME), "{{le}}").format(PromQueryFormat.HEATMAP).interval("5m")
    return panel.with_target(asked)


def instance() -> Ready[model.VariableModel]:
    """Which flowd, where Prometheus watches several: a pattern, all of them at first."""
    every = model.VariableOption(selected=True, text=".*", value=".*")
    return Ready(
        model.VariableModel(
            id_val="instance",
            type_val=model.VariableType.TEXTBOX,
            name="instance",
            label="Instance",
            description="Which flowd, where Prometheus watches several: host:port, or .* for all of them",
            query=".*",
            current=every,
            options=[every],
        )
    )
