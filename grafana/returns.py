"""The dashboard Returns: what money brought that was put to work, how steadily, and what made the difference."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import stat, table, timeseries
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model

from grafana import panels, returns_parts, variables
from grafana.board import NIGHTLY, board, section
from grafana.look import QUALITY, coloured, gained, mapped, money, prop, share, width, words
from grafana.returns_parts import NOTHING, RISE_AND_FALL, returned
from grafana.source import Ready, Shape, queries, query

SQL: Final = queries("returns")

UNKNOWN: Final = "Not known"


def dashboard() -> model.Dashboard:
    """The whole dashboard."""
    return board(
        "Returns",
        "What wallets and accounts of brokers returned, how steadily, and what made the difference.",
        uid="flowd-returns",
        variables=[
            variables.tenant(),
            portfolio(),
            over(),
            variables.granularity(),
            variables.base(),
        ],
        since="now-365d",
        refresh=NIGHTLY,
        panels=[
            worth(),
            gain_month(),
            return_month(),
            gain_year(),
            return_year(),
            quality(),
            windows(),
            section("How it went"),
            twr(),
            drawdown(),
            value(),
            risk(),
            section("What made the difference"),
            returns_parts.attribution(),
            returns_parts.flows(),
            returns_parts.gain_days(),
            returns_parts.loss_days(),
            returns_parts.parts(),
            returns_parts.each_step(),
            section("Compared"),
            returns_parts.compared(),
            returns_parts.gains(),
            section("What is held"),
            returns_parts.held(),
        ],
    )


def portfolio() -> Ready[model.VariableModel]:
    """What the page is about."""
    return variables.looked_up(
        "portfolio",
        "About",
        SQL["portfolios"],
        "total|",
        "Everything, one group, one connection or one account; wallets and brokers only, because what is in a bank "
        "has no price",
    )


def over() -> Ready[model.VariableModel]:
    """The time over which connections and accounts are compared."""
    return variables.listed(
        "over",
        "Compare over",
        {
            "30d": "30 days",
            "7d": "7 days",
            "90d": "90 days",
            "365d": "365 days",
            "ytd": "This year",
            "total": "All the time",
        },
        "The time over which connections and accounts are compared",
    )


def worth() -> stat.Panel:
    """What it is about, in money."""
    return panels.tile(
        "It is worth",
        "What it was worth at the end of the last day whose value is known (the day stands below), in your base "
        "currency.",
        nothing=UNKNOWN,
    ).with_target(query(SQL["worth"], Shape.SERIES))


def gain_month() -> stat.Panel:
    """What it gained lately."""
    return (
        panels.tile(
            "Gain in 30 days",
            "Profit and loss over the last 30 whole days, in your base currency: the change in value that deposits "
            "and withdrawals do not explain.",
            nothing=UNKNOWN,
        )
        .thresholds(RISE_AND_FALL)
        .with_target(query(SQL["gain_month"], Shape.SERIES))
    )


def return_month() -> stat.Panel:
    """The same as a share."""
    return rate(
        "Return in 30 days",
        "Time-weighted: what a unit of money would have returned in the last 30 whole days, whatever came or left. "
        "Over the 30 days, not per year.",
    ).with_target(query(SQL["return_month"]))


def gain_year() -> stat.Panel:
    """What it gained this year."""
    return (
        panels.tile(
            "Gain this year",
            "Profit and loss since the year began (or since it is known, if that is later), in your base currency: "
            "the change in value that deposits and withdrawals do not explain.",
            nothing=UNKNOWN,
        )
        .thresholds(RISE_AND_FALL)
        .with_target(query(SQL["gain_year"], Shape.SERIES))
    )


def return_year() -> stat.Panel:
    """The same as a share."""
    return rate(
        "Return this year",
        "Time-weighted: what a unit of money would have returned since the year began, whatever came or left. Over "
        "that time, not per year.",
    ).with_target(query(SQL["return_year"]))


def rate(title: str, description: str) -> stat.Panel:
    """A tile with a return."""
    return (
        panels.tile(title, description, nothing=UNKNOWN)
        .unit("percentunit")
        .decimals(2)
        .text_mode(common.BigValueTextMode.VALUE)
        .thresholds(RISE_AND_FALL)
    )


def quality() -> stat.Panel:
    """How far the returns of the last days can be trusted."""
    return (
        panels.word(
            "Quality of 30 days",
            "The worst quality of any of the last 30 days. exact: every day is known. spread: a gap in the readings "
            "was bridged evenly. partial: something is missing, such as a rate, or it was read for the first time. "
            "stale: its value is not known any more.",
            nothing=UNKNOWN,
        )
        .mappings(mapped(QUALITY))
        .with_target(query(SQL["quality"]))
    )


def windows() -> table.Panel:
    """Every number over every time."""
    return (
        panels.grid(
            "Gain and return",
            "Gain: closing value less opening value less what came in. Gain %: as a share of the money that was there "
            "on average. TWR: what a unit of money would have returned, whatever came or left; per year only from 365 "
            "days on. Money-weighted: what your money returned, more weight where there was more of it; XIRR is the "
            "same per year, and says little under a year. An empty cell is not known, never zero: the last column "
            "says why.",
            height=8,
            nothing=NOTHING,
        )
        .override_by_name("Over", [width(95)])
        .override_by_name("Gain", [*gained(), width(95)])
        .override_by_name("In", [width(80)])
        .override_by_name("Gain %", [*returned(), width(80)])
        .override_by_name("Return (TWR)", [*returned(), width(115)])
        .override_by_name("TWR per year", [*returned(), width(115)])
        .override_by_name("Money-weighted", [*returned(), width(130)])
        .override_by_name("XIRR per year", [*returned(), width(115)])
        .override_by_name("Came in", [*money(), width(100)])
        .override_by_name("From", [width(105)])
        .override_by_name("To", [width(105)])
        .override_by_name("Quality", [*words(QUALITY), width(80)])
        .with_target(query(SQL["windows"]))
    )


def twr() -> timeseries.Panel:
    """Returns linked to a line."""
    return (
        panels.lines(
            "Return since the left edge",
            "The time-weighted return, linked day by day, from 0 at the left edge of the chart: what a unit of money "
            "would have become, whatever came or left. Where a day has no return (nothing was there, or a flow is not "
            "known) the line ends, and a new one begins at 0 behind it.",
            nothing=NOTHING,
        )
        .unit("percentunit")
        .fill_opacity(8)
        .show_points(common.VisibilityMode.NEVER)
        .override_by_name("twr", [prop("displayName", "return (TWR)"), coloured("#3274d9")])
        .with_target(query(SQL["twr"], Shape.SERIES))
    )


def drawdown() -> timeseries.Panel:
    """How far below the best day."""
    return (
        panels.lines(
            "Below the highest point",
            "How far the linked returns are below their highest point so far: 0 on every new high, -10 % is a tenth "
            "below. Deposits and withdrawals play no part. The thin line is the deepest fall of the time shown.",
            nothing=NOTHING,
        )
        .unit("percentunit")
        .max(0)
        .fill_opacity(25)
        .show_points(common.VisibilityMode.NEVER)
        .override_by_name("drawdown", [prop("displayName", "below the high"), coloured("#e02f44")])
        .override_by_name(
            "deepest",
            [
                prop("displayName", "deepest so far"),
                prop("custom.fillOpacity", 0),
                prop("custom.lineWidth", 1),
                coloured("#7a8b99"),
            ],
        )
        .with_target(query(SQL["drawdown"], Shape.SERIES))
    )


def value() -> timeseries.Panel:
    """What it is worth beside what was put into it."""
    return (
        panels.lines(
            "Value, and what was put in, in ${base}",
            "The value at the end of each day, and what came in less what left, added up since the first reading "
            "(whose value counts as put in). The space between the lines is the gain. Put in ends where a flow is not "
            "known.",
            nothing=NOTHING,
        )
        .fill_opacity(8)
        .show_points(common.VisibilityMode.NEVER)
        .override_by_name("value", [coloured("#56a64b")])
        .override_by_name(
            "put_in",
            [
                prop("displayName", "put in"),
                prop("custom.fillOpacity", 0),
                prop("custom.lineInterpolation", "stepAfter"),
                coloured("#7a8b99"),
            ],
        )
        .with_target(query(SQL["value"], Shape.SERIES))
    )


def risk() -> table.Panel:
    """How steadily it came."""
    return (
        panels.grid(
            "How steady",
            "Volatility: how much the returns of the days differ, per year; from 20 days on. Sharpe: return for each "
            "unit of that. Sortino: the same, counting only what falls. Above 1 is good, above 2 is rare. Deepest "
            "fall: from the highest point to the lowest after it, and when it was made good (–: not yet). Now: how "
            "far below the highest point it is.",
            width=12,
            height=8,
            nothing=NOTHING,
        )
        .override_by_name("Over", [width(90)])
        .override_by_name("Volatility", [*share(), width(82)])
        .override_by_name("Sharpe", [*money(), width(68)])
        .override_by_name("Sortino", [*money(), width(72)])
        .override_by_name("Deepest fall", [*share(2), width(102)])
        .override_by_name("Peak", [width(98)])
        .override_by_name("Bottom", [width(98)])
        .override_by_name("Made good", [width(98)])
        .override_by_name("Now", share(2))
        .with_target(query(SQL["risk"]))
    )
