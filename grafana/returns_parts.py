"""The lower half of the dashboard Returns: what made the difference, who gained what, and what is held."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import barchart, heatmap, table, timeseries
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import heatmap as heat

from grafana import panels
from grafana.look import QUALITY, coloured, filled, gained, hidden, linked, money, prop, share, steps, width, words
from grafana.source import Shape, queries, query

SQL: Final = queries("returns")

NOTHING: Final = "No returns yet: they need a wallet or a broker's account that was read on two days or more"
RISE_AND_FALL: Final = steps((None, "red"), (0, "green"))

# what a table of portfolios puts on the name, where the hidden column `portfolio` holds the key
TO_PORTFOLIO: Final = (
    ""
    "/d/flowd-returns/returns?${tenant:queryparam}&${over:queryparam}"
    "&var-portfolio=${__data.fields.portfolio:percentencode}&${__url_time_range}"
)

PARTS: Final = (
    ("income", "income", "#56a64b"),
    ("price", "price", "#3274d9"),
    ("fx", "currencies", "#a352cc"),
    ("fees", "fees", "#e02f44"),
    ("other", "other", "#7a8b99"),
    ("untold", "not told apart", "#e0b400"),
)


def returned() -> list[model.DynamicConfigValue]:
    """A column of returns, red below zero and green above."""
    return [
        *share(2),
        prop("custom.cellOptions", {"type": "color-text"}),
        prop("thresholds", steps((None, "red"), (0, "text"), (0.00005, "green")).build()),
    ]


def attribution() -> timeseries.Panel:
    """Where the gain came from."""
    panel = panels.bars(
        "Where the gain came from, in ${base}",
        "The gain of each step in parts that add up to it exactly. income: what the ledger states, such as funding, "
        "staking, realised gains. price: what was held changed its price. currencies: exchange rates. fees: charged "
        "by themselves. other: trades at another price, open positions, what the source does not state. not told "
        "apart: of days on which a rate for something booked is missing.",
        width=16,
        height=9,
        nothing=NOTHING,
    )
    for name, shown, colour in PARTS:
        panel.override_by_name(name, [prop("displayName", shown), coloured(colour)])
    return panel.with_target(query(SQL["attribution"], Shape.SERIES))


def flows() -> timeseries.Panel:
    """What is no gain: money from outside."""
    return (
        panels.bars(
            "Money from outside, in ${base}",
            "What came in (above zero) and what left (below): no gain and no loss. What was there at the first "
            "reading came from outside, too.",
            width=8,
            height=9,
            nothing=NOTHING,
        )
        .override_by_name("came", [prop("displayName", "came in"), coloured("#56a64b")])
        .override_by_name("went", [prop("displayName", "went out"), coloured("#e02f44")])
        .with_target(query(SQL["flows"], Shape.SERIES))
    )


def parts() -> table.Panel:
    """The same over the windows."""
    return (
        panels.grid(
            "Gain in parts",
            "The gain over each time, and the parts that add up to it exactly: income, price, currencies, fees, "
            "other. An empty part is not known of some day; what is left then stands under Not told apart.",
            height=8,
            nothing=NOTHING,
        )
        .override_by_name("Over", [width(110)])
        .override_by_name("Gain", [*gained(), width(130)])
        .override_by_name("In", [width(80)])
        .override_by_name("Income", [*money(), width(130)])
        .override_by_name("Price", [*money(), width(130)])
        .override_by_name("Currencies", [*money(), width(130)])
        .override_by_name("Fees", [*money(), width(130)])
        .override_by_name("Other", [*money(), width(130)])
        .override_by_name("Not told apart", money())
        .with_target(query(SQL["parts"]))
    )


def gain_days() -> heatmap.Panel:
    """Every day that gained as one square."""
    return panels.squares(
        "Days that gained, in ${base}",
        "Every day as one square, a column is a week: the stronger, the larger the gain of that day. Losses are in "
        "the chart beside it.",
        height=7,
        nothing="No day of this time range gained anything",
    ).with_target(query(SQL["gain_days"], Shape.SERIES))


def loss_days() -> heatmap.Panel:
    """Every day that lost as one square."""
    return (
        panels.squares(
            "Days that lost, in ${base}",
            "Every day as one square, a column is a week: the stronger, the larger the loss of that day. Each of the "
            "two charts has a strength of its own.",
            height=7,
            nothing="No day of this time range lost anything",
        )
        # one chart of both would need a scheme from red to green, which Grafana turns round
        .color(
            heatmap.HeatmapColorOptions()
            .mode(heat.HeatmapColorMode.OPACITY)
            .scheme("Reds")
            .fill("red")
            .scale(heat.HeatmapColorScale.EXPONENTIAL)
            .exponent(0.5)
            .steps(64)
            .reverse(False)
        )
        .with_target(query(SQL["loss_days"], Shape.SERIES))
    )


def each_step() -> table.Panel:
    """The bars as numbers."""
    return (
        panels.grid(
            "Step by step",
            "Every day, week or month of the time shown, the newest first: what came in, what was gained, and the "
            "parts that add up to it exactly. Value at the end: of its last day. Days not known are left out of the "
            "sums.",
            height=9,
            nothing=NOTHING,
        )
        .override_by_name("From", [width(105)])
        .override_by_name("Came in", [*money(), width(110)])
        .override_by_name("Gain", [*gained(), width(110)])
        .override_by_name("In", [width(80)])
        .override_by_name("Income", [*money(), width(105)])
        .override_by_name("Price", [*money(), width(105)])
        .override_by_name("Currencies", [*money(), width(110)])
        .override_by_name("Fees", [*money(), width(95)])
        .override_by_name("Other", [*money(), width(105)])
        .override_by_name("Not told apart", [*money(), width(125)])
        .override_by_name("Value at the end", [*money(), width(140)])
        .override_by_name("Quality", [*words(QUALITY), width(80)])
        .override_by_name("Days not known", [prop("decimals", 0)])
        .with_target(query(SQL["steps"]))
    )


def compared() -> table.Panel:
    """Everything beside everything."""
    return (
        panels.grid(
            "Groups, connections and accounts",
            "Everything, every group, connection and account over the time chosen at Compare over; gains are in your "
            "base currency, returns over that time and not per year. An empty cell is not known: the last column says "
            "why. Click a name to see this page about it.",
            height=9,
            nothing=NOTHING,
        )
        .override_by_name("What", [linked("Its returns", TO_PORTFOLIO), width(220)])
        .override_by_name("Kind", [width(100)])
        .override_by_name("Worth", [*money(), width(110)])
        .override_by_name("In", [width(80)])
        .override_by_name("Gain", [*gained(), width(100)])
        .override_by_name("Gain %", [*returned(), width(80)])
        .override_by_name("Return (TWR)", [*returned(), width(115)])
        .override_by_name("Money-weighted", [*returned(), width(130)])
        .override_by_name("Deepest fall", [*share(2), width(110)])
        .override_by_name("Volatility", [*share(), width(95)])
        .override_by_name("Quality", [*words(QUALITY), width(80)])
        .override_by_name("portfolio", hidden())
        .with_target(query(SQL["compared"]))
    )


def gains() -> barchart.Panel:
    """Who gained what."""
    return (
        panels.columns(
            "Gain per connection, in ${base}",
            "What each connection gained over the time chosen at Compare over, in your base currency: the 20 that "
            "moved most.",
            width=24,
            nothing=NOTHING,
        )
        .override_by_name("gain", [prop("color", {"mode": "thresholds"}), prop("thresholds", RISE_AND_FALL.build())])
        .with_target(query(SQL["gains"]))
    )


def held() -> table.Panel:
    """What is in it now."""
    return (
        panels.grid(
            "Assets held",
            "What is in these wallets and accounts now: quantity at the last reading, worth in your base currency, "
            "share of the whole. The gain is told per account and connection, above, not per asset.",
            nothing=NOTHING,
        )
        .override_by_name("Asset", [width(110)])
        .override_by_name("Quantity", [prop("unit", "none"), width(130)])
        .override_by_name("Worth", [*money(), width(110)])
        .override_by_name("In", [width(80)])
        .override_by_name("Share", [*filled(), width(150)])
        .override_by_name("Account", [width(240)])
        .override_by_name("Connection", [width(130)])
        .override_by_name("Read", [width(140)])
        .override_by_name("Quality", [*words(QUALITY), width(80)])
        .with_target(query(SQL["held"]))
    )
