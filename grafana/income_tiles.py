"""The tiles at the top of the dashboard Income: the answer in ten seconds."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import stat
from grafana_foundation_sdk.models import dashboard as model

from grafana import panels
from grafana.look import HEALTH, QUALITY, TREND, mapped, steps
from grafana.source import Ready, Shape, queries, query

SQL: Final = queries("income")

EARN: Final = "No income yet"
FORETOLD: Final = "Comes with the night"


def tiles() -> list[stat.Panel]:
    """Two rows of 24: what one earns and will earn, then how far that carries."""
    return [
        daily_rate(),
        change(),
        this_month(),
        whole_month(),
        next_30_days(),
        trend(),
        health(),
        last_month(),
        target(),
        goal(),
        quality(),
    ]


def daily_rate() -> stat.Panel:
    """What one earns per day now."""
    return (
        panels.amount(
            "You earn per day",
            "The daily rate: the mean of what was earned per day over the last 30 whole days, in your base currency, "
            "for the chosen streams. Today is not in it, because today is not over. Below it stands the worst quality "
            "of any day behind it.",
            width=6,
            nothing=EARN,
        )
        .decimals(2)
        .thresholds(steps((None, "red"), (0, "green")))
        .with_target(query(SQL["daily_rate"], Shape.SERIES))
    )


def change() -> stat.Panel:
    """How that compares with a month ago."""
    return panels.changed(
        "Against the 30 days before",
        "How much more (or less) the daily rate is than it was over the 30 days before these, of the streams whose "
        "rate is known now and was known then, and of those that began since. Empty where nothing was earned then.",
        nothing="No earlier income",
    ).with_target(query(SQL["change"], Shape.SERIES))


def this_month() -> stat.Panel:
    """The month so far."""
    return panels.amount(
        "This month so far",
        "Sum over this calendar month up to today, counted and in the currency as chosen at the top, for the chosen "
        "streams. Below it stands the worst quality of any day in it.",
        nothing=EARN,
    ).with_target(query(SQL["this_month"], Shape.SERIES))


def whole_month() -> stat.Panel:
    """What the month will likely be."""
    return (
        panels.amount(
            "Everything, this whole month",
            "What all your streams together (not only the chosen ones) will likely have brought in when this month is "
            "over, with what already came: money received, in base currency. As likely more as less; in 8 of 10 cases "
            "it ends up between the two numbers below. A wide guess: there is little history. Stale: nothing new was "
            "read. How sure it is, the dashboard Projection says.",
            width=5,
            nothing=FORETOLD,
        )
        .data_links([to("Projection")])
        .with_target(query(SQL["whole_month"], Shape.SERIES))
    )


def next_30_days() -> stat.Panel:
    """Where it goes."""
    return (
        panels.amount(
            "Everything, next 30 days",
            "What all your streams together (not only the chosen ones) will likely bring in over the next 30 days: "
            "money received, in base currency. As likely more as less; in 8 of 10 cases it ends up between the two "
            "numbers below. A wide guess: there is little history. Stale: nothing new was read.",
            width=5,
            nothing=FORETOLD,
        )
        .data_links([to("Projection")])
        .with_target(query(SQL["next_30_days"], Shape.SERIES))
    )


def trend() -> stat.Panel:
    """Whether it grows."""
    return (
        panels.word(
            "Trend of everything",
            "Whether all income together grows, falls or does neither over the last year, where chance alone would "
            "make such a slope in less than one case of twenty. unknown: there is too little to tell by.",
            nothing="Not looked at yet",
        )
        .mappings(mapped(TREND))
        .data_links([to("Trends")])
        .with_target(query(SQL["trend"]))
    )


def health() -> stat.Panel:
    """How it does."""
    return (
        panels.word(
            "Health of everything",
            "In one word, how all income together does: growing, stable, volatile (months differ much), declining, "
            "stalled (nothing came for too long), stale (not read any more) or unknown. The table says why, stream by "
            "stream.",
            nothing="Not looked at yet",
        )
        .mappings(mapped(HEALTH))
        .data_links([to("Trends")])
        .with_target(query(SQL["health"]))
    )


def last_month() -> stat.Panel:
    """The month before."""
    return panels.amount(
        "Last month",
        "Sum over the whole calendar month before this one, counted and in the currency as chosen at the top, for the "
        "chosen streams. Below it stands the worst quality of any day in it.",
        nothing="No income then",
    ).with_target(query(SQL["last_month"], Shape.SERIES))


def target() -> stat.Panel:
    """How much of what was aimed at comes in."""
    return panels.reached(
        "Target reached",
        "What the chosen streams that have a target in flowd.yaml earn in a month at their present daily rate, as "
        "a share of these targets together. 100 % is reached. Streams without a target or without a known rate "
        "are left out of both.",
        nothing="None in flowd.yaml",
    ).with_target(query(SQL["target"], Shape.SERIES))


def goal() -> stat.Panel:
    """How likely the next goal is."""
    return (
        panels.tile(
            "Nearest goal",
            "How likely the goal with the nearest day is reached in time (one without a day: within two years), "
            "counted over thousands of ways in which income may go on. Goals that are reached, or whose chance is not "
            "known, are not shown here. Set one with flowd goal add.",
            nothing="No open goal",
        )
        .unit("percentunit")
        .decimals(0)
        .thresholds(steps((None, "red"), (0.25, "orange"), (0.5, "yellow"), (0.75, "green")))
        .data_links([to("Projection")])
        .with_target(query(SQL["goal"], Shape.SERIES))
    )


def quality() -> stat.Panel:
    """How far the daily rate can be trusted."""
    return (
        panels.word(
            "Quality of the daily rate",
            "The worst quality of any day behind the daily rate. exact: straight from the source. estimated: flowd had "
            "to guess what a payment is. spread: a gap was bridged evenly. partial: something is missing, such as a "
            "rate. stale: readings are too old. The table at the bottom says which, and what to do.",
            nothing=EARN,
        )
        .mappings(mapped(QUALITY))
        .with_target(query(SQL["quality"]))
    )


def to(name: str) -> Ready[model.DashboardLink]:
    """What a click on a tile's number leads to: the dashboard that says more of it."""
    return Ready(
        model.DashboardLink(
            title=f"More in {name}",
            type_val=model.DashboardLinkType.LINK,
            url=f"/d/flowd-{name.lower()}/{name.lower()}?${{tenant:queryparam}}",
        )
    )
