"""The tiles at the top of the dashboard Stream: how one line of income is doing."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import stat

from grafana import panels
from grafana.look import HEALTH, QUALITY, TREND, mapped, steps
from grafana.source import Shape, queries, query

SQL: Final = queries("stream")

UNSEEN: Final = "Not looked at yet"


def tiles() -> list[stat.Panel]:
    """Two rows of 24: what it brings and will bring, then how it does."""
    return [
        daily_rate(),
        change(),
        this_month(),
        next_receipt(),
        next_30_days(),
        health(),
        trend(),
        share(),
        target(),
        tax(),
        quality(),
    ]


def daily_rate() -> stat.Panel:
    """What it earns per day now."""
    return (
        panels.amount(
            "It earns per day",
            "The daily rate: the mean of what this stream earned per day over the last 30 whole days, in base "
            "currency. While the next payment of a regular payer is awaited, the 30 days end with the last day that "
            "is paid for. Below it stands the worst quality of these days.",
            width=6,
            nothing="No income yet",
        )
        .decimals(2)
        .thresholds(steps((None, "red"), (0, "green")))
        .with_target(query(SQL["daily_rate"], Shape.SERIES))
    )


def change() -> stat.Panel:
    """How that compares with a month ago."""
    return panels.changed(
        "Against the 30 days before",
        "How much more (or less) the daily rate is than it was over the 30 days before these. Empty where nothing "
        "was earned then.",
        nothing="No earlier income",
    ).with_target(query(SQL["change"], Shape.SERIES))


def this_month() -> stat.Panel:
    """The month so far."""
    return panels.amount(
        "This month so far",
        "Sum of this stream over this calendar month up to today, counted and in the currency as chosen at the top. "
        "Below it stands the worst quality of any day in it.",
        nothing="Nothing this month",
    ).with_target(query(SQL["this_month"], Shape.SERIES))


def next_receipt() -> stat.Panel:
    """What comes next."""
    return (
        panels.amount(
            "Next receipt",
            "What is expected next of this stream, in base currency (in its own where no rate is known), and around "
            "which day: as declared in flowd.yaml, or learned from what came before. Receipts without a rhythm are not "
            "expected at all.",
            width=5,
            nothing="Nothing regular is awaited",
        )
        .decimals(2)
        .with_target(query(SQL["next_receipt"], Shape.SERIES))
    )


def next_30_days() -> stat.Panel:
    """What it will likely bring."""
    return panels.amount(
        "Likely in the next 30 days",
        "What this stream will likely bring in over the next 30 days: money received, in base currency. As likely "
        "more as less; in 8 of 10 cases it ends up between the two numbers below. A wide guess: there is little "
        "history. Stale: nothing new was read.",
        width=5,
        nothing="Not foretold yet",
    ).with_target(query(SQL["next_30_days"], Shape.SERIES))


def health() -> stat.Panel:
    """How it does."""
    return (
        panels.word(
            "Health",
            "In one word, how this stream does: growing, stable, volatile (months differ much), declining, stalled "
            "(nothing came for too long), stale (not read any more) or unknown. In words, below, says why.",
            nothing=UNSEEN,
        )
        .mappings(mapped(HEALTH))
        .with_target(query(SQL["health"]))
    )


def trend() -> stat.Panel:
    """Whether it grows."""
    return (
        panels.word(
            "Trend",
            "Whether this stream grows, falls or does neither, where chance alone would make such a slope in less "
            "than one case of twenty. unknown: there is too little to tell by. In words, below, has the numbers.",
            nothing=UNSEEN,
        )
        .mappings(mapped(TREND))
        .with_target(query(SQL["trend"]))
    )


def share() -> stat.Panel:
    """How much of everything it is."""
    return (
        panels.word(
            "Share of everything",
            "How much of all that was earned in the last 90 days came from this stream. Much of everything from one "
            "stream is a risk: the dashboard Trends says how large.",
            nothing=UNSEEN,
        )
        .unit("percentunit")
        .decimals(1)
        .with_target(query(SQL["share"]))
    )


def target() -> stat.Panel:
    """How much of its target it reaches."""
    return panels.reached(
        "Target reached",
        "What this stream earns in a month at its present daily rate, as a share of its target in flowd.yaml: 100 "
        "% is reached.",
        nothing="None in flowd.yaml",
    ).with_target(query(SQL["target"], Shape.SERIES))


def tax() -> stat.Panel:
    """What to set aside."""
    return panels.amount(
        "Set aside for tax",
        "What to set aside of what this stream received since the year began: the share that flowd.yaml names, in base "
        "currency. It is no tax advice.",
        nothing="None in flowd.yaml",
    ).with_target(query(SQL["tax"], Shape.SERIES))


def quality() -> stat.Panel:
    """How far the daily rate can be trusted."""
    return (
        panels.word(
            "Quality of the daily rate",
            "The worst quality of the days behind the daily rate. exact: straight from the source. estimated: flowd "
            "had to guess what a payment is. spread: a gap was bridged evenly. partial: something is missing, such as "
            "a rate. stale: readings are too old.",
            nothing="No income yet",
        )
        .mappings(mapped(QUALITY))
        .with_target(query(SQL["quality"]))
    )
