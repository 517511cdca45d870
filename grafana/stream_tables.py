"""The tables of the dashboard Stream: in words, what was expected, its payments, how it is foretold, its connection."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.models import dashboard as model

from grafana import panels
from grafana.look import STATE, money, prop, share, width, words
from grafana.source import queries, query

SQL: Final = queries("stream")

RECEIPT: Final = {
    "received": "green",
    "short": "orange",
    "late": "red",
    "missed": "red",
    "due": "yellow",
    "expected": "blue",
    "unknown": "text",
}
KEPT: Final = {"yes": "green", "no": "orange"}
FRESH: Final = {"in time": "green", "late": "red"}


def in_words() -> table.Panel:
    """What is known of it, in sentences."""
    return (
        panels.grid(
            "In words",
            "How this stream does and why, with the numbers that decided: its trend, its rhythm, what comes next, "
            "what a poor month brings, and what it is computed from. It is looked at whenever a day is over.",
            width=14,
            height=12,
            nothing="There is no such stream: choose another at the top",
        )
        .override_by_name("What", [width(140)])
        .override_by_name("It is", wrapped())
        .with_target(query(SQL["in_words"]))
    )


def expected() -> table.Panel:
    """Every regular receipt of the time range."""
    return (
        panels.grid(
            "Expected and received",
            "Regular receipts of the time range, those that are late, missed (given up) or short (too little came) "
            "first, then the newest. expected: still to come. due: any day now. unknown: its source was not read. "
            "Days late below zero is early; difference is received less expected, in the receipt's own currency.",
            height=9,
            nothing="Nothing regular was expected: a rhythm takes three receipts, or every: in flowd.yaml",
        )
        .override_by_name("Due", [width(100)])
        .override_by_name("State", [*words(RECEIPT), width(90)])
        .override_by_name("Expected", [*money(), width(100)])
        .override_by_name("Received", [*money(), width(100)])
        .override_by_name("In", [width(80)])
        .override_by_name("Came on", [width(100)])
        .override_by_name("Days late", [prop("unit", "none"), prop("decimals", 0), width(90)])
        .override_by_name("Difference", [*money(), width(100)])
        .override_by_name("From", [width(180)])
        .override_by_name("Rhythm", [width(90)])
        .with_target(query(SQL["expected"]))
    )


def transactions() -> table.Panel:
    """The payments it is made of."""
    return (
        panels.grid(
            "Its transactions",
            "The newest 300 payments of the time range that are counted in this stream, as their source states them, "
            "with what flowd takes each for and the rule that decided. A wrong one is corrected by a rule in "
            "flowd.yaml.",
            height=9,
            nothing="No payments in this time range: what an account's value earned, or flowd.yaml declares, has none",
        )
        .override_by_name("Day", [width(100)])
        .override_by_name("Amount", [*money(), width(110)])
        .override_by_name("In", [width(80)])
        .override_by_name("From", [width(200)])
        .with_target(query(SQL["transactions"]))
    )


def foretold() -> table.Panel:
    """The method, the confidence and what they come from."""
    return (
        panels.grid(
            "How it is foretold",
            "By which method this stream is foretold and why, and its confidence: how often projections that would "
            "have been made in the past came within a fifth of their median. Tried: the error of each method, the "
            "smaller the better.",
            width=14,
            height=10,
            nothing="Not foretold yet: it is made at night, once this stream has income",
        )
        .override_by_name("What", [width(180)])
        .override_by_name("It is", wrapped())
        .with_target(query(SQL["foretold"]))
    )


def scores() -> table.Panel:
    """How what was said turned out."""
    return (
        panels.grid(
            "What was said, and what came",
            "Every projection of this stream whose days are over, the newest 200: the median that was said, what "
            "came, and whether that was within the 80 % band and within a fifth of the median, in base currency.",
            height=7,
            nothing="No projection's days are over yet: the first are after a week",
        )
        .override_by_name("Said", money())
        .override_by_name("Came", money())
        .override_by_name("In", [width(80)])
        .override_by_name("Off by", money())
        .override_by_name("Off by %", [prop("displayName", "As a share"), *share(0)])
        .override_by_name("In the 80 % band", words(KEPT))
        .override_by_name("Within a fifth", words(KEPT))
        .with_target(query(SQL["scores"]))
    )


def statistics() -> table.Panel:
    """What its days earned, over four windows."""
    panel = panels.grid(
        "What a day earns",
        "What single days of this stream earned over the last 7, 30, 90 and 365 whole days, in base currency. "
        "Deviation: the standard deviation; usual distance: the median distance from the median, which one odd day "
        "does not move. Days that are not known are left out and counted.",
        height=6,
        nothing="Not computed yet: it is made at night, once this stream has income",
    )
    for column in ("Mean", "Median", "Deviation", "Usual distance", "Least", "Most", "For tax"):
        panel.override_by_name(column, [*money(), width(125)])
    return (
        panel.override_by_name("Over the last", [width(120)])
        .override_by_name("Deviation / mean", [prop("unit", "none"), prop("decimals", 2), width(130)])
        .override_by_name("In", [width(80)])
        .override_by_name("Days", [prop("unit", "none"), prop("decimals", 0), width(70)])
        .override_by_name("Not known", [prop("unit", "none"), prop("decimals", 0), width(90)])
        .with_target(query(SQL["statistics"]))
    )


def connection() -> table.Panel:
    """Whether it is still read."""
    return (
        panels.grid(
            "Its connection",
            "How each feed behind this stream is doing, when it was last read, how long ago that is, and until when "
            "its source answers without somebody logging in again. late: three intervals passed without a success.",
            height=5,
            nothing="No feed reads it: it was imported or is declared, or the service has not run yet",
        )
        .override_by_name("State", [*words(STATE), width(110)])
        .override_by_name("last_success", [prop("displayName", "Last read"), width(170)])
        .override_by_name("age_s", [prop("displayName", "Age"), prop("unit", "dtdurations"), prop("decimals", 0)])
        .override_by_name("Fresh", [*words(FRESH), width(80)])
        .override_by_name("Every", [prop("unit", "dtdurations"), prop("decimals", 0)])
        .with_target(query(SQL["connection"]))
    )


def wrapped() -> list[model.DynamicConfigValue]:
    """A column of sentences, which may be opened where it is too long."""
    return [prop("custom.inspect", True)]
