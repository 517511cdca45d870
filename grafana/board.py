"""A dashboard out of panels: numbered, laid out from left to right, with the menu of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as model

from grafana.source import Ready

TAG: Final = "flowd"

LIVE: Final = "10s"  # what changes with every reading
NIGHTLY: Final = "5m"  # what is computed when a day is over


def board(
    name: str,
    description: str,
    *,
    variables: Sequence[Builder[model.VariableModel]],
    panels: Sequence[Builder[model.Panel] | build.Row],
    uid: str,
    since: str = "now-90d",
    until: str = "now",
    refresh: str = LIVE,
) -> model.Dashboard:
    """The dashboard; `uid` is its fixed address, `since` and `until` what it shows when it is opened."""
    made = (
        build.Dashboard(name)
        .uid(uid)
        .description(description)
        .tags([TAG])
        .readonly()
        .refresh(refresh)
        .time(since, until)
        # a day is a day of the tenant, whatever the clock of the browser says
        .timezone("utc")
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .link(links())
    )
    for variable in variables:
        made.with_variable(variable)
    for number, panel in enumerate(panels, start=1):
        if isinstance(panel, build.Row):
            made.with_row(panel.id(number))
        else:
            made.with_panel(numbered(panel, number))
    return made.build()


def section(title: str) -> build.Row:
    """A heading between panels."""
    return build.Row(title)


def numbered(panel: Builder[model.Panel], number: int) -> Ready[model.Panel]:
    """The panel with its id, by which links and alerts find it."""
    made = panel.build()
    made.id_val = number
    return Ready(made)


def links() -> Ready[model.DashboardLink]:
    """The row of flowd's dashboards, which keeps the time range and what is chosen."""
    return Ready(
        model.DashboardLink(
            title="flowd",
            type_val=model.DashboardLinkType.DASHBOARDS,
            tags=[TAG],
            as_dropdown=False,
            keep_time=False,
            include_vars=True,
            icon="external link",
            tooltip="flowd's other dashboards",
        )
    )
