"""The dashboard Positions: what coins and shares cost, are worth, and brought, by either way of telling costs."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import stat, table, timeseries
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model

from grafana import panels, variables
from grafana.board import board, section
from grafana.look import QUALITY, coloured, gained, mapped, money, prop, signed, steps, width, words
from grafana.source import Ready, Shape, queries, query

SQL: Final = queries("positions")

NOTHING: Final = "No trades yet: add a connection that reads trades, or import a broker's statement"
NO_SALES: Final = "Nothing was sold yet"
RISE_AND_FALL: Final = steps((None, "red"), (0, "green"))


def dashboard() -> model.Dashboard:
    """The whole dashboard."""
    return board(
        "Positions",
        "What coins and shares cost, what they are worth, and what they brought: sold, paid out, and on paper.",
        uid="flowd-positions",
        variables=[variables.tenant(), connections(), method(), variables.base()],
        since="now-3y",
        panels=[
            worth(),
            unrealised(),
            realised_year(),
            realised(),
            paid(),
            quality(),
            over_time(),
            gains(),
            held(),
            section("What each brought"),
            brought(),
            section("Sales, by year"),
            years(),
            section("What is held, lot by lot"),
            lots(),
        ],
    )


def connections() -> Ready[model.VariableModel]:
    """Connections, all at first."""
    return variables.chosen("connection", "Connection", SQL["connections"], "Where it is held, as in flowd.yaml")


def method() -> Ready[model.VariableModel]:
    """How costs are told."""
    return variables.listed(
        "method",
        "Cost by",
        {"fifo": "First in, first out", "average": "Moving average"},
        "First in, first out: the oldest units leave first. Moving average: every unit costs the same",
    )


def worth() -> stat.Panel:
    """What all of it is worth."""
    return panels.tile(
        "Worth",
        "What all units held are worth at their latest prices, in your base currency. Those without a price are not "
        "in it: the table below names them. Currencies are no positions: they are on Accounts & net worth.",
        nothing="Nothing is held",
    ).with_target(query(SQL["worth"], Shape.SERIES))


def unrealised() -> stat.Panel:
    """The gain on paper."""
    return (
        panels.tile(
            "Gain on paper",
            "Worth less what the units held cost with fees, in your base currency at the rates of the days they came "
            "on: a gain that is not made before they are sold. In brackets its share of the cost.",
            nothing="Nothing is held",
        )
        .thresholds(RISE_AND_FALL)
        .with_target(query(SQL["unrealised"], Shape.SERIES))
    )


def realised_year() -> stat.Panel:
    """The gain of this year's sales."""
    return (
        panels.tile(
            "Sold with gain this year",
            "What this year's sales brought more than the units had cost, fees taken off, in your base currency. "
            "Units whose cost is not known are left out. No tax advice: your law may count otherwise.",
            nothing=NO_SALES,
        )
        .thresholds(RISE_AND_FALL)
        .with_target(query(SQL["realised_year"], Shape.SERIES))
    )


def realised() -> stat.Panel:
    """The gain of all sales."""
    return (
        panels.tile(
            "Sold with gain in all",
            "What all sales so far brought more than the units had cost, fees taken off, in your base currency.",
            nothing=NO_SALES,
        )
        .thresholds(RISE_AND_FALL)
        .with_target(query(SQL["realised"], Shape.SERIES))
    )


def paid() -> stat.Panel:
    """What they paid."""
    return panels.tile(
        "Paid out",
        "Dividends, interest, staking rewards and other income that positions paid so far, at the rates of their "
        "days, in your base currency.",
        nothing="Nothing was paid yet",
    ).with_target(query(SQL["paid"], Shape.SERIES))


def quality() -> stat.Panel:
    """How far these numbers can be trusted."""
    return (
        panels.word(
            "Quality",
            "The worst quality of any position. exact: all trades and rates are known. estimated: some units came "
            "without a price, and cost what they were worth then. partial: a rate is missing, or more was sold than "
            "ever came. stale: the latest price is old.",
        )
        .mappings(mapped(QUALITY))
        .with_target(query(SQL["quality"]))
    )


def over_time() -> timeseries.Panel:
    """Worth beside cost."""
    return (
        panels.lines(
            "Worth and cost, in ${base}",
            "What all units held were worth at the end of each month, and what they had cost. The distance between "
            "both lines is the gain on paper.",
            nothing=NOTHING,
        )
        .show_points(common.VisibilityMode.NEVER)
        .override_by_name("worth", [prop("displayName", "worth"), coloured("#56a64b")])
        .override_by_name("cost", [prop("displayName", "cost"), coloured("#3274d9")])
        .with_target(query(SQL["over_time"], Shape.SERIES))
    )


def gains() -> timeseries.Panel:
    """What sales brought, and how much of it the rate did."""
    return (
        panels.bars(
            "Gains of sales, in ${base}",
            "What each month's sales brought more than the units had cost: by their price, and by the exchange rate "
            "of the currency they are traded in (FX). Both add up to the gain in your base currency.",
            width=12,
            nothing=NO_SALES,
        )
        .override_by_name("price", [prop("displayName", "by price"), coloured("#56a64b")])
        .override_by_name("fx", [prop("displayName", "by FX"), coloured("#ff9830")])
        .with_target(query(SQL["gains"], Shape.SERIES))
    )


def held() -> table.Panel:
    """Every position in one line."""
    return (
        panels.grid(
            "Held now",
            "Every coin and share that is held: what one unit cost with fees and its latest price, in the currency it "
            "is traded in (In); cost, worth and gain on paper in your base currency (Base). Of it FX: how much of the "
            "gain the exchange rate made. Below zero: units that are owed (a short position).",
            height=10,
            nothing=NOTHING,
        )
        .override_by_name("Asset", [width(80)])
        .override_by_name("Quantity", [prop("unit", "none"), width(100)])
        .override_by_name("Cost each", [*money(), width(90)])
        .override_by_name("Price", [*money(), width(90)])
        .override_by_name("In", [width(55)])
        .override_by_name("Cost", [*money(), width(100)])
        .override_by_name("Worth", [*money(), width(100)])
        .override_by_name("Gain", [*gained(), width(100)])
        .override_by_name("Gain %", [*signed(), width(80)])
        .override_by_name("Of it FX", [*gained(), width(85)])
        .override_by_name("Base", [width(60)])
        .override_by_name("Quality", [*words(QUALITY), width(80)])
        .with_target(query(SQL["held"]))
    )


def brought() -> table.Panel:
    """All that each asset ever brought."""
    return (
        panels.grid(
            "By asset",
            "What each coin or share brought so far, in your base currency: gains of sales, dividends, interest and "
            "staking rewards, and the gain on paper of what is still held; In all adds these up. Fees are taken off "
            "already.",
            nothing=NOTHING,
        )
        .override_by_name("Sold with gain", gained())
        .override_by_name("Dividends", money())
        .override_by_name("Interest, staking …", money())
        .override_by_name("Not sold yet", gained())
        .override_by_name("In all", gained())
        .override_by_name("Fees in it", money())
        .override_by_name("In", [width(60)])
        .override_by_name("Trades", [prop("decimals", 0), width(80)])
        .with_target(query(SQL["brought"]))
    )


def years() -> table.Panel:
    """The gains of each year."""
    return (
        panels.grid(
            "Gains by year",
            "The sales of each year by asset, and by how long the units had been held: proceeds less cost less fees is "
            "the gain, in your base currency. Not known: rows whose gain cannot be told, as a rate or the purchase is "
            "missing. By moving average nobody can say how long a unit was held. No tax advice.",
            nothing=NO_SALES,
        )
        .override_by_name("Year", [prop("unit", "none"), prop("decimals", 0), width(70)])
        .override_by_name("Sales", [prop("decimals", 0), width(70)])
        .override_by_name("Quantity", [prop("unit", "none")])
        .override_by_name("Proceeds", money())
        .override_by_name("Cost", money())
        .override_by_name("Fees", money())
        .override_by_name("Gain", gained())
        .override_by_name("In", [width(60)])
        .override_by_name("Not known", [prop("decimals", 0), width(90)])
        .with_target(query(SQL["years"]))
    )


def lots() -> table.Panel:
    """What is held, by the day it came on."""
    return (
        panels.grid(
            "Lots",
            "The units held, by the day they came on (first in, first out). Held says when a year is over since then, "
            "the next ones first: in some countries gains count otherwise after it. The first 200.",
            nothing=NOTHING,
        )
        .override_by_name("Quantity", [prop("unit", "none")])
        .override_by_name("Cost", money())
        .override_by_name("In", [width(60)])
        .override_by_name("Quality", [*words(QUALITY), width(90)])
        .with_target(query(SQL["lots"]))
    )
