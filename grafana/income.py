"""The dashboard Income: what one earns per day, from where, and how far the numbers can be trusted."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import heatmap, stat, table, timeseries
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model

from grafana import panels, variables
from grafana.board import board
from grafana.look import QUALITY, TO_STREAM, hidden, linked, mapped, money, painted, prop, signed, steps, width, words
from grafana.source import Shape, queries, query

SQL: Final = queries("income")


def dashboard() -> model.Dashboard:
    """The whole dashboard."""
    return board(
        "Income",
        "What you earn per day, from where, and how far the numbers can be trusted.",
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
        ],
    )


def daily_rate() -> stat.Panel:
    """What one earns per day now."""
    return (
        panels.tile(
            "You earn per day",
            "The daily rate: the mean of what was earned per day over the last 30 whole days, in your base currency, "
            "for the chosen streams. Today is not in it, because today is not over.",
            width=6,
            nothing="No income yet",
        )
        .thresholds(steps((None, "red"), (0, "green")))
        .with_target(query(SQL["daily_rate"], Shape.SERIES))
    )


def change() -> stat.Panel:
    """How that compares with a month ago."""
    return (
        panels.tile(
            "Against the 30 days before",
            "How much more (or less) the daily rate is than it was over the 30 days before these. "
            "Empty where nothing was earned then.",
        )
        .unit("percentunit")
        .decimals(1)
        .text_mode(common.BigValueTextMode.VALUE)
        .thresholds(steps((None, "red"), (-0.02, "text"), (0.02, "green")))
        .with_target(query(SQL["change"]))
    )


def this_month() -> stat.Panel:
    """The month so far."""
    return panels.tile(
        "This month so far",
        "Sum over this calendar month up to today, counted and in the currency as chosen at the top.",
        width=5,
    ).with_target(query(SQL["this_month"], Shape.SERIES))


def last_month() -> stat.Panel:
    """The month before."""
    return panels.tile(
        "Last month",
        "Sum over the whole calendar month before this one, counted and in the currency as chosen at the top.",
        width=5,
    ).with_target(query(SQL["last_month"], Shape.SERIES))


def quality() -> stat.Panel:
    """How far the daily rate can be trusted."""
    return (
        panels.word(
            "Quality of the daily rate",
            "The worst quality of any day behind the daily rate. exact: straight from the source. estimated: flowd had "
            "to guess what a payment is. spread: a gap was bridged evenly. partial: something is missing, such as a "
            "rate. stale: readings are too old. The table at the bottom says which, and what to do.",
        )
        .mappings(mapped(QUALITY))
        .with_target(query(SQL["quality"]))
    )


def by_stream() -> timeseries.Panel:
    """The main chart: every stream stacked on the others."""
    return painted(
        panels.stacked(
            "Income by stream",
            "Each stream on top of the others, so the upper edge is the total. The first step is whole even where the "
            "time range begins inside it; the last one is not over. A gap is a time nobody knows, not a zero.",
            height=11,
        )
        .legend(panels.legend("sum", "mean", right=True, sort_by="Total"))
        .with_target(query(SQL["by_stream"], Shape.SERIES))
    )


def by_group() -> timeseries.Panel:
    """The same in groups, as bars."""
    return painted(
        panels.bars("Income by group", "The same, summed by the groups named in flowd.yaml.").with_target(
            query(SQL["by_group"], Shape.SERIES)
        )
    )


def by_weekday() -> heatmap.Panel:
    """Every day as one square."""
    return panels.squares(
        "Income by day",
        "Every day of the time range as one square: a column is a week. The stronger the colour, the more.",
    ).with_target(query(SQL["by_weekday"], Shape.SERIES))


def streams() -> table.Panel:
    """Every stream in one line."""
    return (
        panels.grid(
            "Streams",
            "Per day: mean of earned over the last 30 whole days. Change: against the 30 days before. All amounts are "
            "in the base currency. Quality: the worst of those days. Click a name for everything about one stream.",
        )
        .override_by_name("Stream", [linked("Everything about it", TO_STREAM)])
        .override_by_name(
            "Per day", [*money(), prop("custom.cellOptions", {"type": "gauge", "mode": "basic"}), prop("min", 0)]
        )
        .override_by_name("Last 30 days", money())
        .override_by_name("Last 90 days", money())
        .override_by_name("Change", signed())
        .override_by_name("Quality", words(QUALITY))
        .override_by_name("In", [width(60)])
        .override_by_name("stream", hidden())
        .with_target(query(SQL["streams_table"]))
    )


def warnings() -> table.Panel:
    """What is not exact, and what to do about it."""
    return (
        panels.grid(
            "What to know about these numbers",
            "Why a number is not exact, or not there, and what to do about it. Empty means that all is well.",
            height=6,
            nothing="All is well: every number on this page is exact",
        )
        .override_by_name("How bad", [*words({"bad": "red", "note": "blue"}), width(90)])
        .override_by_name("What", [width(220)])
        .with_target(query(SQL["warnings"]))
    )
