"""The dashboard Ledger: net worth with its debts, whether the books agree, own transfers, and who pays and is paid."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model

from grafana import panels, variables
from grafana.board import board, section
from grafana.look import coloured, gained, money, prop, share, steps, width, words
from grafana.source import Ready, Shape, queries, query

SQL: Final = queries("ledger")

NOTHING: Final = "No balance yet: import a statement with balances, or add a connection that reads accounts"
AGREES: Final = "Nothing: what is booked and what statements say agree"
ALARMED: Final = steps((None, "green"), (1, "orange"))
STATES: Final = {"applied": "green", "confirmed": "green", "refused": "text", "open": "yellow"}


def dashboard() -> model.Dashboard:
    """The whole dashboard."""
    return board(
        "Ledger",
        "What you own and owe, whether the books agree with what banks say, and what moved between your accounts.",
        uid="flowd-ledger",
        variables=[variables.tenant(), split(), variables.base()],
        since="now-2y",
        panels=[
            net_worth(),
            assets(),
            debts(),
            gaps(),
            waiting(),
            unseen(),
            by_part(),
            owed(),
            section("Do the books agree?"),
            gap_list(),
            not_known(),
            section("Between your own accounts"),
            proposed(),
            transfers(),
            section("Who pays, and who is paid"),
            payers(),
            paid(),
        ],
    )


def split() -> Ready[model.VariableModel]:
    """What the large chart tells apart."""
    return variables.listed(
        "by",
        "Split by",
        {"kind": "Kind", "asset": "Currency or coin", "connection": "Connection", "account": "Account"},
        "What each line of the large chart stands for",
    )


def net_worth() -> stat.Panel:
    """Everything, debts taken off."""
    return panels.tile(
        "Net worth",
        "What all accounts hold now, less what is owed (cards, loans, overdrawn accounts), in your base currency: by "
        "readings where there are some, else by statements and transactions. Below it: how many balances are not in "
        "it, because a rate or a balance is not known.",
        nothing="No balance yet",
    ).with_target(query(SQL["net_worth"], Shape.SERIES))


def assets() -> stat.Panel:
    """What is owned."""
    return panels.tile(
        "You own", "The sum of all balances above zero, in your base currency.", nothing="No balance yet"
    ).with_target(query(SQL["assets"], Shape.SERIES))


def debts() -> stat.Panel:
    """What is owed."""
    return (
        panels.tile(
            "You owe",
            "The sum of all balances below zero, in your base currency: cards, loans, overdrawn accounts.",
            nothing="No balance yet",
        )
        .thresholds(steps((None, "orange"), (0, "text")))
        .with_target(query(SQL["debts"], Shape.SERIES))
    )


def gaps() -> stat.Panel:
    """How often the books do not agree."""
    return (
        panels.tile(
            "Gaps",
            "How often a balance changed by something else than what was booked: a statement is missing, a payment "
            "was left out, or one was counted twice. The table below says where and by how much.",
        )
        .decimals(0)
        .thresholds(ALARMED)
        .with_target(query(SQL["gaps"], Shape.SERIES))
    )


def waiting() -> stat.Panel:
    """What waits for somebody's word."""
    return (
        panels.tile(
            "Transfers to decide on",
            "Pairs that are likely, but not surely, a transfer between your own accounts. Until you say so they count "
            "as what each side is by itself, which may be income.",
        )
        .decimals(0)
        .thresholds(ALARMED)
        .with_target(query(SQL["waiting"], Shape.SERIES))
    )


def unseen() -> stat.Panel:
    """Transfers with one side."""
    return (
        panels.tile(
            "Other side not seen",
            "Transfers of the last 90 days of which one side only was read. The account of the other side may be "
            "missing in flowd.",
        )
        .decimals(0)
        .with_target(query(SQL["unseen"], Shape.SERIES))
    )


def by_part() -> timeseries.Panel:
    """Where it is, over time."""
    return (
        panels.lines(
            "Net worth by month, in ${base}",
            "What was held at the end of each month, as chosen at Split by, in your base currency at the rates of "
            "that time; what is owed is below zero. The last point is today.",
            width=14,
            height=10,
            nothing=NOTHING,
        )
        .show_points(common.VisibilityMode.NEVER)
        .line_interpolation(common.LineInterpolation.STEP_AFTER)
        .legend(panels.legend("lastNotNull", right=True, sort_by="Last *"))
        .with_target(query(SQL["by_part"], Shape.SERIES))
    )


def owed() -> timeseries.Panel:
    """What is owned, owed, and left."""
    return (
        panels.lines(
            "Owned, owed and net, in ${base}",
            "The sum of all balances above zero, of those below, and of both, at the end of each month, in your base "
            "currency.",
            width=10,
            height=10,
            nothing=NOTHING,
        )
        .show_points(common.VisibilityMode.NEVER)
        .override_by_name("assets", [prop("displayName", "owned"), coloured("#56a64b")])
        .override_by_name("debts", [prop("displayName", "owed"), coloured("#ff9830")])
        .override_by_name("net", [prop("displayName", "net"), coloured("#3274d9")])
        .with_target(query(SQL["owed"], Shape.SERIES))
    )


def gap_list() -> table.Panel:
    """Where the books do not agree."""
    return (
        panels.grid(
            "Where they do not",
            "Between two balances that a statement, a reading or you stated, other money came and went than was "
            "booked: Not explained is the difference, and lies somewhere in these days. Differences that are made "
            "good within five days, as value dates and booking dates do, are not listed.",
            nothing=AGREES,
        )
        .override_by_name("Not explained", [*gained(), width(110)])
        .override_by_name("Balance moved", [*money(), width(140)])
        .override_by_name("Booked", [*money(), width(100)])
        .override_by_name("In", [width(60)])
        .override_by_name("From", [width(95)])
        .override_by_name("To", [width(95)])
        .override_by_name("Against", [width(90)])
        .with_target(query(SQL["gap_list"]))
    )


def not_known() -> table.Panel:
    """Accounts of which nobody ever said what they hold."""
    return (
        panels.grid(
            "Balance not known",
            "Accounts of which no statement, reading or person ever said what they hold: they are not in net worth. "
            "Say once what one held on some day; the rest follows from its transactions.",
            height=6,
            nothing="Nothing: every balance is known",
        )
        .override_by_name("Booked in all", [*money(), width(120)])
        .override_by_name("Kind", [width(80)])
        .override_by_name("In", [width(60)])
        .with_target(query(SQL["not_known"]))
    )


def proposed() -> table.Panel:
    """What waits for somebody's word."""
    return (
        panels.grid(
            "Likely transfers",
            "Pairs that flowd is not sure of: flowd transfers confirm ID, or refuse ID. Score: how well both sides "
            "fit, from 0 to 1, with the reasons.",
            height=7,
            nothing="Nothing waits for your word",
        )
        .override_by_name("ID", [width(85)])
        .override_by_name("Left", [width(95)])
        .override_by_name("Arrived", [width(95)])
        .override_by_name("Sent", [*money(), width(95)])
        .override_by_name("Came", [*money(), width(95)])
        .override_by_name("Of", [width(90)])
        .override_by_name("In", [width(55)])
        .override_by_name("Fee", [*money(), width(75)])
        .override_by_name("Score", [*share(0), width(65)])
        .with_target(query(SQL["proposed"]))
    )


def transfers() -> table.Panel:
    """Transfers that count as such."""
    return (
        panels.grid(
            "Transfers",
            "What moved between your own accounts in this time: neither income nor expense, but for a fee on the way. "
            "applied: found by flowd. confirmed, refused: by you. open: the other side was not seen.",
            height=9,
            nothing="No transfer in this time",
        )
        .override_by_name("Day", [width(95)])
        .override_by_name("State", [*words(STATES), width(90)])
        .override_by_name("Kind", [width(85)])
        .override_by_name("Amount", [*money(), width(100)])
        .override_by_name("Of", [width(90)])
        .override_by_name("Fee", [*money(), width(75)])
        .override_by_name("Rate", [prop("decimals", 4), width(80)])
        .override_by_name("Days", [prop("decimals", 0), width(60)])
        .with_target(query(SQL["transfers"]))
    )


def payers() -> bargauge.Panel:
    """Who pays most."""
    return panels.levels(
        "Who paid you, in ${base}",
        "The twelve that paid most in this time, your own accounts left out, in your base currency at the rates of "
        "the days. What has no rate is not in it.",
        width=12,
        nothing="Nobody paid in this time",
    ).with_target(query(SQL["payers"]))


def paid() -> bargauge.Panel:
    """Who is paid most."""
    return (
        panels.levels(
            "Whom you paid, in ${base}",
            "The twelve that were paid most in this time, your own accounts left out, in your base currency at the "
            "rates of the days. What has no rate is not in it.",
            width=12,
            nothing="Nobody was paid in this time",
        )
        .thresholds(steps((None, "orange")))
        .with_target(query(SQL["paid"]))
    )
