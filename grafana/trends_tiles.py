"""The big numbers at the top of Trends: growth, health, steadiness, the floor, and what it all hangs on."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import stat
from grafana_foundation_sdk.models import common

from grafana import panels
from grafana.look import HEALTH, TREND, mapped, prop, share, steps
from grafana.source import Shape, queries, query

SQL: Final = queries("trends")
YOUNG: Final = "Three whole months needed"


def trend() -> stat.Panel:
    """In which direction it goes, in a word and a number."""
    return (
        panels.word(
            "Is it growing?",
            "The trend of the last year: the median of all slopes between its weeks (or months), so that one bonus "
            "does not bend it, as a share of the usual level. It is called growing or declining only where chance "
            "makes such an order less than once in 20 times and it moves by 0.75 % in 30 days; else flat. Reasons "
            "stand below.",
            width=6,
            nothing="Eight weeks needed",
        )
        .text_mode(common.BigValueTextMode.VALUE_AND_NAME)
        .override_by_name("Trend", [prop("mappings", mapped(TREND))])
        # no colour of its own: what moves may be chance, and the word says whether it is
        .override_by_name("in 30 days", share())
        .with_target(query(SQL["trend"]))
    )


def health() -> stat.Panel:
    """One word for how it is doing."""
    return (
        panels.word(
            "Health",
            "stale: its source is not read. stalled: nothing came for longer than its pauses explain. growing, "
            "declining: as the trend. volatile: weeks differ by more than half of their mean. stable: none of that. "
            "unknown: too young to tell. The reason stands below.",
            nothing="Not looked at yet",
        )
        .mappings(mapped(HEALTH))
        .with_target(query(SQL["health"]))
    )


def volatility() -> stat.Panel:
    """How much months differ."""
    return (
        panels.word(
            "Months differ by",
            "Volatility: the standard deviation of the last twelve whole months as a share of their mean. Under 25 % "
            "is steady; over 50 % no month says much of the next.",
            nothing="Two whole months are needed",
        )
        .unit("percentunit")
        .decimals(0)
        .thresholds(steps((None, "green"), (0.25, "yellow"), (0.5, "orange")))
        .with_target(query(SQL["volatility"]))
    )


def floor() -> stat.Panel:
    """What a month brings at least."""
    return panels.tile(
        "Income to count on",
        "The floor: what at least nine of ten past months brought (of the last 24), from streams that still bring "
        "something. In your base currency.",
        width=5,
        nothing=YOUNG,
    ).with_target(query(SQL["floor"], Shape.SERIES))


def tax() -> stat.Panel:
    """What belongs to the tax office."""
    return panels.tile(
        "Set aside for tax",
        "What came in since New Year times the share that flowd.yaml names for each stream (tax: 30%). flowd knows no "
        "tax law: the share is yours. Not shown where a rate lacks, because it would be too little.",
        width=5,
        nothing="No share named in flowd.yaml",
    ).with_target(query(SQL["tax"], Shape.SERIES))


def effective() -> stat.Panel:
    """From how many streams it really comes."""
    return (
        panels.word(
            "As from how many equal streams",
            "Two streams of which one brings nearly all are not two legs to stand on. HHI is the sum of the squared "
            "shares of 90 days (Herfindahl and Hirschman): 1 is all from one, 0.25 as from four equal ones. The number "
            "is 1 / HHI. Of everything, whatever is chosen at the top.",
            width=6,
            nothing="Nothing earned in 90 days",
        )
        .text_mode(common.BigValueTextMode.VALUE_AND_NAME)
        .decimals(1)
        .override_by_name(
            "streams", [prop("thresholds", steps((None, "orange"), (1.5, "yellow"), (3, "green")).build())]
        )
        .override_by_name("HHI", [prop("decimals", 2)])
        .with_target(query(SQL["effective"]))
    )


def largest() -> stat.Panel:
    """The stream one would miss most."""
    return (
        panels.tile(
            "Largest stream",
            "The stream with the largest share of what was earned in 90 days. If it ends, that much is gone. Of "
            "everything, whatever is chosen at the top.",
            width=6,
            nothing="Nothing earned in 90 days",
        )
        .unit("percentunit")
        .decimals(0)
        .thresholds(steps((None, "green"), (0.5, "yellow"), (0.75, "orange")))
        .with_target(query(SQL["largest"], Shape.SERIES))
    )


def passive() -> stat.Panel:
    """How far one could live on what comes without work."""
    return (
        panels.word(
            "Passive income pays",
            "What passive streams (passive: true, or dividends, interest, rent, staking) bring in a typical month, as "
            "a share of what a typical month costs; and the month in which they will pay all of it, if both go on as "
            "they do. The table below says why there is no month.",
            width=6,
            nothing="Not known: see below",
        )
        .text_mode(common.BigValueTextMode.VALUE_AND_NAME)
        .override_by_name(
            "of what a month costs",
            [*share(0), prop("thresholds", steps((None, "text"), (0.25, "blue"), (1, "green")).build())],
        )
        .with_target(query(SQL["passive"]))
    )


def runway() -> stat.Panel:
    """For how long there is money."""
    return (
        panels.word(
            "Money lasts",
            "For how many months bank, card and cash accounts pay what a typical month costs, with the floor income "
            "and with no income at all. For ever: the floor covers the expenses.",
            width=6,
            nothing="Not known: see below",
        )
        .text_mode(common.BigValueTextMode.VALUE_AND_NAME)
        .with_target(query(SQL["runway"]))
    )
