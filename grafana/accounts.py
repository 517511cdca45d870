"""The dashboard Accounts & net worth: what is where now, how old that knowledge is, and how it came to be."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model

from grafana import panels, variables
from grafana.board import board, section
from grafana.look import (
    QUALITY,
    coloured,
    filled,
    gained,
    hidden,
    linked,
    mapped,
    money,
    painted,
    prop,
    share,
    steps,
    width,
    words,
)
from grafana.source import Ready, Shape, queries, query

SQL: Final = queries("accounts")

NOTHING: Final = "No balance yet: add a connection that reads accounts, or put a statement with balances into the inbox"
RISE_AND_FALL: Final = steps((None, "red"), (0, "green"))
APART: Final = steps((None, "text"), (0.005, "yellow"), (0.02, "red"))

# what a table puts on a name, where the hidden column `portfolio` holds what the dashboard Returns calls it
TO_RETURNS: Final = (
    "/d/flowd-returns/returns?${tenant:queryparam}"
    "&var-portfolio=${__data.fields.portfolio:percentencode}&${__url_time_range}"
)


def dashboard() -> model.Dashboard:
    """The whole dashboard."""
    return board(
        "Accounts & net worth",
        "What you have and where it is, how old that knowledge is, and what came and went.",
        uid="flowd-accounts",
        variables=[variables.tenant(), connections(), split(), variables.base()],
        since="now-365d",
        panels=[
            worth(),
            change_month(),
            change_year(),
            oldest(),
            quality(),
            over_time(),
            by_asset(),
            by_kind(),
            by_connection(),
            accounts(),
            section("What came and went"),
            moved(),
            movements(),
            section("Rates"),
            rates_missing(),
            rates_disagree(),
        ],
    )


def connections() -> Ready[model.VariableModel]:
    """Connections, all at first."""
    return variables.chosen("connection", "Connection", SQL["connections"], "Where money is held, as in flowd.yaml")


def split() -> Ready[model.VariableModel]:
    """What the large chart tells apart."""
    return variables.listed(
        "by",
        "Split by",
        {"connection": "Connection", "account": "Account", "kind": "Kind", "asset": "Currency or coin"},
        "What each area of the large chart stands for",
    )


def worth() -> stat.Panel:
    """All that is there."""
    return panels.tile(
        "You have",
        "The sum of the last known balances of all accounts, each at the price of the day it was read, in your base "
        "currency. Balances without a rate, or more than 100 days old, are not in it: the table below names them.",
        width=6,
        nothing="No balance yet",
    ).with_target(query(SQL["worth"], Shape.SERIES))


def change_month() -> stat.Panel:
    """Against a month ago."""
    return (
        panels.tile(
            "Change in 30 days",
            "How much more (or less) that is than 30 days ago. Deposits and withdrawals are in it: this is no gain "
            "(for that see Returns). Accounts that flowd has known for less than 30 days are left out.",
            width=5,
            nothing="Not known yet",
        )
        .thresholds(RISE_AND_FALL)
        .with_target(query(SQL["change_month"], Shape.SERIES))
    )


def change_year() -> stat.Panel:
    """Against a year ago."""
    return (
        panels.tile(
            "Change in 365 days",
            "How much more (or less) that is than 365 days ago. Deposits and withdrawals are in it: this is no gain "
            "(for that see Returns). Accounts that flowd has known for less than 365 days are left out.",
            width=5,
            nothing="Not known yet",
        )
        .thresholds(RISE_AND_FALL)
        .with_target(query(SQL["change_year"], Shape.SERIES))
    )


def oldest() -> stat.Panel:
    """How old the oldest part of it is."""
    return panels.word(
        "Oldest balance in it",
        "The day on which the oldest of the balances that count was read; all others are newer. The table below says "
        "of every account when that was (Read, Days old).",
    ).with_target(query(SQL["oldest"]))


def quality() -> stat.Panel:
    """How far the sum can be trusted."""
    return (
        panels.word(
            "Quality",
            "The worst quality of any balance. exact: read within a day (or within 1.25 times the interval of its "
            "connection). partial: a rate is missing, so that it is not in the sum. stale: the last reading is older; "
            "it counts as it was then.",
        )
        .mappings(mapped(QUALITY))
        .with_target(query(SQL["quality"]))
    )


def over_time() -> timeseries.Panel:
    """The main chart: what there was, and where."""
    return painted(
        panels.stacked(
            "Worth over time, in ${base}",
            "What was there at the end of each day, week or month (by the length of the time range), as chosen at "
            "Split by: the last balance read by then, at the price of the day it was read. The 20 largest, and the "
            "rest as one. What has no rate, or no reading for 100 days, is not drawn.",
            height=11,
            nothing=NOTHING,
        )
        .line_interpolation(common.LineInterpolation.LINEAR)
        .legend(panels.legend("lastNotNull", right=True, sort_by="Last *"))
        .with_target(query(SQL["over_time"], Shape.SERIES))
    )


def by_asset() -> bargauge.Panel:
    """What it is held in."""
    return panels.levels(
        "By currency or coin, in ${base}",
        "What all accounts hold now in each currency and coin, converted into your base currency; the 12 largest, and "
        "the rest as one. It shows what a single price could change.",
        width=6,
        nothing=NOTHING,
    ).with_target(query(SQL["by_asset"]))


def by_kind() -> bargauge.Panel:
    """In what kind of place."""
    return panels.levels(
        "By kind of account, in ${base}",
        "What there is now by the kind of account: bank, card, cash, wallets, broker, payout. unknown: its source "
        "does not say. In your base currency.",
        width=6,
        nothing=NOTHING,
    ).with_target(query(SQL["by_kind"]))


def by_connection() -> table.Panel:
    """Where it is, and how that changed."""
    return (
        panels.grid(
            "By connection",
            "What each connection holds now, and by how much that changed in 30 and 365 days, deposits and "
            "withdrawals included. Empty where flowd has not known it for that long. Click a name for its returns.",
            width=12,
            height=8,
            nothing=NOTHING,
        )
        .override_by_name("Connection", [linked("Its returns", TO_RETURNS), width(130)])
        .override_by_name("Worth", [*money(), width(100)])
        .override_by_name("In", [width(80)])
        .override_by_name("Share", [*filled(), width(130)])
        .override_by_name("30 days", [*gained(), width(100)])
        .override_by_name("365 days", [*gained(), width(100)])
        .override_by_name("Quality", words(QUALITY))
        .override_by_name("portfolio", hidden())
        .with_target(query(SQL["by_connection"]))
    )


def accounts() -> table.Panel:
    """Every balance in one line."""
    return (
        panels.grid(
            "Accounts",
            "The last balance of every account, in its own currency or coin (Quantity) and in your base currency "
            "(Worth). 12 weeks: each mark is the worth at the end of a week, from the lowest of them (or zero) to the "
            "highest; · is not known. Days old: since the reading. Click a name for its returns, if it is a wallet or "
            "a broker's.",
            height=10,
            nothing=NOTHING,
        )
        .override_by_name("Account", [linked("Its returns", TO_RETURNS), width(190)])
        .override_by_name("Connection", [width(95)])
        .override_by_name("Kind", [width(110)])
        .override_by_name("Asset", [width(95)])
        .override_by_name("Quantity", [prop("unit", "none"), width(90)])
        .override_by_name("Worth", [*money(), width(95)])
        .override_by_name("In", [width(60)])
        .override_by_name("Share", [*filled(), width(110)])
        .override_by_name("30 days", [*gained(), width(80)])
        .override_by_name("12 weeks", [width(135)])
        .override_by_name("Read", [width(135)])
        .override_by_name("Days old", [prop("decimals", 0), width(75)])
        .override_by_name("Quality", [*words(QUALITY), width(65)])
        .override_by_name("portfolio", hidden())
        .with_target(query(SQL["accounts"]))
    )


def moved() -> timeseries.Panel:
    """What came from outside and what left."""
    return (
        panels.bars(
            "Deposits and withdrawals, in ${base}",
            "Money that came into wallets and accounts of brokers from outside (above zero) and that left them "
            "(below), in your base currency, net of each day. What was there at the first reading came from outside. "
            "Transfers between your own accounts on one day cancel. Bank accounts are not in it.",
            nothing="Nothing came or went: wallets and brokers only",
        )
        .override_by_name("came", [prop("displayName", "came in"), coloured("#56a64b")])
        .override_by_name("went", [prop("displayName", "went out"), coloured("#e02f44")])
        .with_target(query(SQL["moved"], Shape.SERIES))
    )


def movements() -> table.Panel:
    """The single movements behind that."""
    return (
        panels.grid(
            "Latest deposits, withdrawals and transfers",
            "The last 100 movements in the time range that are neither income nor expense, as their source states "
            "them: in their own currency or coin, unconverted.",
            width=12,
            height=8,
            nothing="None in this time range",
        )
        .override_by_name("Day", [width(100)])
        .override_by_name("Amount", [prop("unit", "none"), width(100)])
        .override_by_name("In", [width(90)])
        .override_by_name("What", [width(105)])
        .override_by_name("Connection", [width(105)])
        .override_by_name("Account", [width(105)])
        .with_target(query(SQL["movements"]))
    )


def rates_missing() -> table.Panel:
    """Which prices are lacking."""
    return (
        panels.grid(
            "Missing rates",
            "Rates that a number needed and no connection knew, and for which days. Amounts of those days are left "
            "out of sums, never counted as zero or one to one.",
            width=12,
            height=7,
            nothing="None: every rate that was needed is known",
        )
        .override_by_name("Rate of", [width(90)])
        .override_by_name("In", [width(80)])
        .override_by_name("From", [width(105)])
        .override_by_name("To", [width(105)])
        .override_by_name("Days", [prop("decimals", 0), width(65)])
        .with_target(query(SQL["rates_missing"]))
    )


def rates_disagree() -> table.Panel:
    """Where sources do not agree."""
    return (
        panels.grid(
            "Rates that disagree",
            "Rates that several connections stated within two hours of each other, and how far they are apart. flowd "
            "uses that of the connection that stands first in flowd.yaml. A few thousandths are usual; per cents are "
            "not.",
            width=12,
            height=7,
            nothing="None: no rate has two sources, or they agree",
        )
        .override_by_name(
            "Apart", [*share(2), prop("custom.cellOptions", {"type": "color-text"}), prop("thresholds", APART.build())]
        )
        .override_by_name("Rate of", [width(100)])
        .override_by_name("In", [width(80)])
        .override_by_name("Sources", [prop("decimals", 0), width(85)])
        .override_by_name("Lowest", [width(115)])
        .override_by_name("Highest", [width(115)])
        .override_by_name("Apart", [width(80)])
        .with_target(query(SQL["rates_disagree"]))
    )
