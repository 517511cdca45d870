"""The dashboard Projection: what will come in, how sure that is, whether goals are reached, and how past ones did."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import barchart, stat, table, timeseries
from grafana_foundation_sdk.models import dashboard as model

from grafana import panels, variables
from grafana import projection_past as past
from grafana.board import NIGHTLY, board, section
from grafana.look import TO_STREAM_ALONE, filled, hidden, linked, money, prop, share, steps, width, words
from grafana.source import Ready, Shape, queries, query

SQL: Final = queries("projection")
NOT_YET: Final = "Nothing foretold yet: the daemon does it every night, and flowd project shows it at once"
# a cell that may be opened to be read in full
LONG: Final = prop("custom.inspect", True)
# this page about another line of the table
TO_SUBJECT: Final = (
    ""
    "/d/flowd-projection/projection?${tenant:queryparam}&${step:queryparam}&${horizon:queryparam}"
    "&var-subject=${__data.fields.subject:percentencode}"
)
LENGTH: Final = {"enough": "green", "too short": "orange", "too short: a wide guess": "orange"}


def dashboard() -> model.Dashboard:
    """The whole dashboard."""
    return board(
        "Projection",
        "What will come in, how sure that is, whether goals will be reached, and how past projections turned out.",
        uid="flowd-projection",
        since="now-180d",
        until="now+180d",
        refresh=NIGHTLY,
        variables=[
            variables.tenant(),
            variables.subject(),
            step(),
            horizon(),
            variables.base(),
        ],
        panels=[
            *(ahead(days) for days in (7, 30, 90, 180)),
            confidence(),
            fan(),
            months(),
            month_table(),
            section("How sure is it?"),
            sureness(),
            by_horizon(),
            section("Goals"),
            goals(),
            section("From where?"),
            subjects(),
            models(),
            section("What was said, and what came"),
            past.said(),
            past.accuracy(),
            past.coverage(),
        ],
    )


def step() -> Ready[model.VariableModel]:
    """How wide one step of the fan is: those that are foretold."""
    return variables.listed(
        "step",
        "Per",
        {"month": "Month", "day": "Day"},
        "How wide one step of the chart is. Bands of days cannot be added up to months: each is foretold by itself",
    )


def horizon() -> Ready[model.VariableModel]:
    """Over how many days sums are compared."""
    return variables.listed(
        "horizon",
        "Sums over",
        {days: f"{days} days" for days in ("7", "30", "60", "90", "120", "180")},
        "Over how many days the sums are, where streams are compared and past projections are held against what came",
        first="30",
    )


def ahead(days: int) -> stat.Panel:
    """What the next days bring, as one big number."""
    return (
        panels.tile(
            f"Next {days} days",
            f"The median of what will come in over the next {days} days together, today included: as likely more as "
            "less. Below it: from where to where it is in 8 of 10 cases (p10 to p90). A wide guess: there is little "
            "history. Stale: nothing new was read. Received money in your base currency.",
            width=5,
            nothing="Comes with the night",
        )
        .decimals(0)
        .with_target(query(SQL["ahead"].replace(":days", str(days)), Shape.SERIES))
    )


def confidence() -> stat.Panel:
    """How far that is to be trusted, in one number."""
    return (
        panels.tile(
            "Confidence",
            "How often past projections came within 20 % of their median, had flowd made them then, knowing no more "
            "than was known. What is declared is taken at its word and has no confidence of its own. Its parts stand "
            "below.",
            width=4,
            nothing="Not known: see below",
        )
        .unit("percentunit")
        .decimals(0)
        .thresholds(steps((None, "orange"), (0.5, "yellow"), (0.75, "green")))
        .with_target(query(SQL["confidence"], Shape.SERIES))
    )


def fan() -> timeseries.Panel:
    """The past and the bands of what may come."""
    panel = panels.fan(
        "What came and what will come, in ${base}",
        "Received money per month (or day, as chosen at the top). Green: what came, whole months only. Dashed: the "
        "median of what will come. Dark band: 8 of 10 cases (p10 to p90); light band: 9 of 10 (p05 to p95). The month "
        "under way includes what already came of it. The bands open from the last whole month. They say what comes if "
        "the world goes on as it did.",
        height=11,
        nothing=NOT_YET,
    )
    return panel.axis_soft_min(0).with_target(query(SQL["fan"], Shape.SERIES))


def months() -> barchart.Panel:
    """Low, middle and high of every month to come."""
    panel = panels.columns(
        "By month, in ${base}",
        "For each month to come: what it brings at least in 9 of 10 cases (p10), the median (p50), and what it exceeds "
        "in 1 of 10 (p90). Medians of months do not add up to that of the year, because not every month is a bad one.",
        width=12,
        height=9,
        nothing=NOT_YET,
    )
    for name, shown, colour in (
        ("p10", "at least, in 9 of 10 cases", "#8ab8ff"),
        ("p50", "median", "#3274d9"),
        ("p90", "more in 1 of 10 cases", "#c0d8ff"),
    ):
        panel.override_by_name(
            name, [prop("displayName", shown), prop("color", {"mode": "fixed", "fixedColor": colour})]
        )
    return panel.with_target(query(SQL["months"]))


def month_table() -> table.Panel:
    """The same in numbers."""
    return (
        panels.grid(
            "By month, in numbers",
            "Low is p10, high is p90: in 8 of 10 cases a month ends up between them. Mean: the mean of all paths; "
            "means add up, medians do not. Came so far: what came of the month under way until yesterday, which is in "
            "its numbers already.",
            width=12,
            nothing=NOT_YET,
        )
        .override_by_name("Month", [width(95)])
        .override_by_regexp("/^(Low|Median|High|Mean)$/", [*money(), width(110)])
        .override_by_name("Came so far", [*money(), width(115)])
        .override_by_name("In", [width(60)])
        .with_target(query(SQL["month_table"]))
    )


def sureness() -> table.Panel:
    """What the confidence is made of, in words."""
    return (
        panels.grid(
            "What the confidence is made of",
            "How far the projection of what is chosen at the top is to be trusted, and why: measured by foretelling "
            "the past from the first day of each of the last 18 months, as it was known then.",
            width=15,
            height=10,
            nothing=NOT_YET,
        )
        .override_by_name("What", [width(160)])
        .override_by_name("How much", [width(180), LONG])
        .override_by_name("What it means", [LONG])
        .with_target(query(SQL["sureness"]))
    )


def by_horizon() -> table.Panel:
    """The same for sums over 30, 90 and 180 days."""
    return (
        panels.grid(
            "Tried on the past, by horizon",
            "Sums over 30, 90 and 180 days that were foretold of the past: how many, which share came within 20 % of "
            "the median, and which within the 80 % band (near 80 % is right). They overlap, so six are fewer than they "
            "seem.",
            width=9,
            height=10,
            nothing="Too little history to have foretold any of it, or all of it declared",
        )
        .override_by_name("Days", [width(60)])
        .override_by_name("Past projections", [width(130)])
        .override_by_regexp("/^Within/", [*share(0), width(130)])
        .with_target(query(SQL["by_horizon"]))
    )


def goals() -> table.Panel:
    """What is to be reached, and how likely that is."""
    gauge = [prop("custom.cellOptions", {"type": "gauge", "mode": "basic"}), prop("min", 0), prop("max", 1)]
    return (
        panels.grid(
            "Goals",
            "What you want to reach (flowd goal add), whatever is chosen at the top. Probability: the share of joint "
            "paths that reach it by its day, or within two years where it has none. Likely on: half of the paths are "
            "there; at best 1 of 10, at worst 9 of 10. Needed: what a month has to bring from now on.",
            height=7,
            nothing="No goals: flowd goal add house --saved 20000 --until 2028-12-31",
        )
        .override_by_name("Kind", [width(90)])
        .override_by_name("Of", [width(110)])
        .override_by_name("Reached", [*share(0), *gauge, width(120)])
        .override_by_name(
            "Probability",
            [
                *share(0),
                *gauge,
                width(120),
                prop("thresholds", steps((None, "red"), (0.25, "orange"), (0.5, "yellow"), (0.75, "green")).build()),
            ],
        )
        .override_by_regexp("/^(Amount|Now|Needed a month)$/", [*money(), width(125)])
        .override_by_name("In", [width(60)])
        .override_by_name("How this was found", [LONG])
        .override_by_regexp("/^(By|Likely on|At best|At worst)$/", [width(100)])
        .with_target(query(SQL["goals"]))
    )


def subjects() -> table.Panel:
    """Who brings it: everything, groups and streams over the chosen days."""
    return (
        panels.grid(
            "By group and stream",
            "What everything, each group and each stream bring over the days chosen at the top (Sums over). Share: of "
            "the mean of everything; means add up, medians do not. Too short: under 90 days of history, so that the "
            "bands are a wide guess. Click a name to see this page about it.",
            height=10,
            nothing=NOT_YET,
        )
        .override_by_name("Name", [linked("What is foretold of it", TO_SUBJECT), width(200)])
        .override_by_regexp("/^(Low|Median|High)$/", money())
        .override_by_name("Mean", money())
        .override_by_name("Share", filled())
        .override_by_name("Confidence", share(0))
        .override_by_name("History", words(LENGTH))
        .override_by_name("In", [width(60)])
        .override_by_name("subject", hidden())
        .with_target(query(SQL["subjects"]))
    )


def models() -> table.Panel:
    """How each stream is foretold, and why so."""
    return (
        panels.grid(
            "How each stream is foretold",
            "The streams of what is chosen at the top, the least sure first: the method, its share of past sums within "
            "20 % of the median (confidence) and within the 80 % band, how far it was off, and which methods were "
            "tried, the one with the least error first.",
            height=9,
            nothing=NOT_YET,
        )
        .override_by_name("Stream", [linked("Everything about it", TO_STREAM_ALONE), width(170)])
        .override_by_name("How", [width(300), LONG])
        .override_by_name("Days of history", [width(120)])
        .override_by_name("History", [*words(LENGTH), width(90)])
        .override_by_regexp("/^(Confidence|Within the band|Typical miss)$/", [*share(0), width(120)])
        .override_by_name("Methods tried, best first", [width(260), LONG])
        .override_by_name("Why", [LONG])
        .override_by_name("stream", hidden())
        .with_target(query(SQL["models"]))
    )
