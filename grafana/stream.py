"""The dashboard Stream: everything about one line of income."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.models import dashboard as model

from grafana import panels, variables
from grafana.board import board
from grafana.look import painted
from grafana.source import Shape, queries, query

SQL: Final = queries("stream")


def dashboard() -> model.Dashboard:
    """The whole dashboard."""
    return board(
        "Stream",
        "One line of income in full: what it brings, whether it grows, what is expected of it, and where it will be.",
        uid="flowd-stream",
        variables=[
            variables.tenant(),
            variables.one_stream(),
            variables.basis(),
            variables.granularity(),
            variables.currency(),
        ],
        panels=[income()],
    )


def income() -> timeseries.Panel:
    """What it brought."""
    return painted(
        panels.bars(
            "Income", "What this stream brought, counted and in the currency as chosen at the top.", width=24
        ).with_target(query(SQL["income"], Shape.SERIES))
    )
