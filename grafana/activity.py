"""The dashboard Activity & health: whether everything is read, what hangs on it, and what there is to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from grafana_foundation_sdk.builders import stat, table, timeseries
from grafana_foundation_sdk.models import dashboard as model

from grafana import panels, variables
from grafana.board import board
from grafana.look import STATE, money, prop, share, steps, width, words
from grafana.source import Ready, Shape, queries, query

SQL: Final = queries("activity")

NO_FEEDS: Final = "Nothing is read yet: add a connection to flowd.yaml (flowd init asks the questions)"
NO_RUNS: Final = "Nothing was read in this time: choose a longer one, or see whether the service runs (flowd status)"
NO_NEWS: Final = "Nothing new in this time, and nothing went wrong: choose a longer time, or All at the top"
OUTCOME: Final[Mapping[str, str]] = {
    "running": "blue",
    "done": "green",
    "partial": "orange",
    "retry": "yellow",
    "auth": "purple",
    "config": "dark-purple",
    "over_time": "dark-orange",
    "failed": "red",
    "interrupted": "text",
}
FRESHNESS: Final[Mapping[str, str]] = {**STATE, "late": "red"}
#: How much of the patience with a feed is used up: from one on it is late.
PATIENCE: Final = ((None, "green"), (0.67, "orange"), (1, "red"))
DAYS_LEFT: Final = ((None, "red"), (7, "orange"), (14, "green"))


def dashboard() -> model.Dashboard:
    """The whole dashboard."""
    return board(
        "Activity & health",
        "Whether everything is read, how much money hangs on what is not, and what there is for you to do.",
        uid="flowd-activity",
        variables=[variables.tenant(), connections(), shown()],
        since="now-24h",
        panels=[
            feeds_well(),
            need_you(),
            at_stake(),
            worked_out(),
            next_expiry(),
            feeds(),
            warnings(),
            runs(),
            records(),
            log(),
            errors(),
            durations(),
            expiries(),
            studies(),
            storage(),
            rates_missing(),
        ],
    )


def connections() -> Ready[model.VariableModel]:
    """Connections, all at first."""
    return variables.chosen("connection", "Connection", SQL["connections"], "What flowd.yaml lists under connections")


def shown() -> Ready[model.VariableModel]:
    """Whether the activity log shows runs that found nothing new."""
    return variables.listed(
        "shown",
        "Activity",
        {"news": "With news", "all": "All"},
        "Which runs the activity log shows. With news: those that brought something or did not end well",
    )


def feeds_well() -> stat.Panel:
    """How many feeds are well."""
    return (
        panels.word(
            "Feeds that are well",
            "A feed is one thing that a connection reads on an interval of its own, such as an exchange's balances. "
            "It is well when its last run ended well and it is not late: three of its intervals (at least a minute) "
            "have not passed without a success.",
            width=4,
            nothing="No feed yet",
        )
        .mappings([matched(r"(\d+) of \1", "green", 0), matched(".*", "orange", 1)])
        .with_target(query(SQL["feeds_well"]))
    )


def need_you() -> stat.Panel:
    """What flowd cannot mend by itself."""
    return (
        panels.tile(
            "Feeds that need you",
            "Feeds that flowd cannot mend by itself: the key or consent has to be renewed (needs_reauth), or "
            "flowd.yaml corrected (misconfigured). Below the number stands whose they are; the table says what to do.",
            width=5,
            nothing="No feed yet",
        )
        .decimals(0)
        .thresholds(steps((None, "green"), (1, "red")))
        .with_target(query(SQL["need_you"], Shape.SERIES))
    )


def at_stake() -> stat.Panel:
    """How much money hangs on what is late."""
    return (
        panels.tile(
            "Money behind late feeds",
            "By how much your daily rate may be wrong: the daily rates (mean of the last 30 whole days, in base "
            "currency) of all streams whose connection has a feed that is late. A loss counts as its size. "
            "A stream whose rate is not known is not in it.",
            width=6,
            nothing="No income yet",
        )
        .thresholds(steps((None, "green"), (0.005, "red")))
        .with_target(query(SQL["at_stake"], Shape.SERIES))
    )


def worked_out() -> stat.Panel:
    """Whether the numbers hold what was read."""
    return (
        panels.word(
            "Numbers are",
            "Whether everything that was read is in the numbers. Only to a day: income is known to that day only, "
            "the service does not run or its log says why. Catching up: more than a hundred changes wait. Some only "
            "to a day: a study such as projections was made for that day last; it follows soon after midnight.",
            width=5,
            nothing="Nothing worked out yet",
        )
        .mappings(
            [matched("up to date", "green", 0), matched("only to .*", "red", 1), matched(".*", "orange", 2)],
        )
        .with_target(query(SQL["worked_out"]))
    )


def next_expiry() -> stat.Panel:
    """When a source will ask for somebody."""
    return (
        panels.tile(
            "Next key or consent to end",
            "In how many whole days the first source stops answering unless somebody logs in again, as far as sources "
            "tell. Below zero it is over.",
            nothing="None that is known to end",
        )
        .unit("suffix:days")
        .decimals(0)
        .thresholds(steps(*DAYS_LEFT))
        .with_target(query(SQL["next_expiry"], Shape.SERIES))
    )


def feeds() -> table.Panel:
    """Every feed, those with the most money at stake first."""
    return (
        panels.grid(
            "Feeds: what is not well first, by the money behind it",
            "Money per day: the daily rates of the streams of its connection, a loss counted as its size. Age: since "
            "the last success. Of what is allowed: the age against three intervals (at least a minute); from "
            "100 % on the feed is late, and the numbers behind it are old.",
            height=10,
            nothing=NO_FEEDS,
        )
        .override_by_name("Feed", [width(190)])
        .override_by_name("State", [*words(FRESHNESS), width(120)])
        .override_by_name("Money per day", [*money(), width(120)])
        .override_by_name("In", [width(55)])
        .override_by_name("age_s", [prop("displayName", "Age"), prop("unit", "s"), prop("decimals", 1), width(95)])
        .override_by_name("Every", [prop("unit", "s"), prop("decimals", 0), width(90)])
        .override_by_name(
            "used_up",
            [
                prop("displayName", "Of what is allowed"),
                *share(0),
                prop("min", 0),
                prop("max", 1),
                prop("custom.cellOptions", {"type": "gauge", "mode": "basic"}),
                prop("thresholds", steps(*PATIENCE).build()),
                width(160),
            ],
        )
        .override_by_name("Since (UTC)", [width(140)])
        .with_target(query(SQL["feeds"]))
    )


def warnings() -> table.Panel:
    """What is not exact, and what to do about it."""
    return panels.warned("All is well: every number is exact").with_target(query(SQL["warnings"]))


def runs() -> timeseries.Panel:
    """How the runs of each hour ended."""
    panel = panels.bars(
        "Runs by how they ended",
        "How many runs began per hour (over more than eight days: per day), by how they ended; a very busy "
        "installation shows its newest 40,000 or so. done: all was read. partial: some could not be read, the rest "
        "is kept. retry: the source asked for later. auth: the key was refused. config: flowd.yaml is wrong. "
        "over_time: it took too long. failed: the connector's mistake. interrupted: flowd was stopped.",
        nothing=NO_RUNS,
    ).decimals(0)
    for outcome, colour in OUTCOME.items():
        panel.override_by_regexp(f"/^{outcome}$/", [prop("color", {"mode": "fixed", "fixedColor": colour})])
    return panel.with_target(query(SQL["runs"], Shape.SERIES))


def records() -> timeseries.Panel:
    """What the runs brought."""
    return (
        panels.bars(
            "Records kept",
            "What was new per hour (over more than eight days: per day), of the same runs. Readings: how much an "
            "account holds. Events: transactions, trades and the like. Corrections: events that a source states "
            "differently than before. What was known already is not counted.",
            nothing=NO_RUNS,
        )
        .decimals(0)
        .with_target(query(SQL["records"], Shape.SERIES))
    )


def log() -> table.Panel:
    """The activity log, live."""
    return (
        panels.grid(
            "Activity",
            "The newest 200 runs of the time range that brought something or did not end well, the newest first; it "
            "follows every 10 seconds. Choose All at the top to see those that found nothing new, too. New: readings, "
            "rates and events that were not known. flowd activity shows every run.",
            height=11,
            nothing=NO_NEWS,
        )
        .override_by_name("When (UTC)", [width(170)])
        .override_by_name("Feed", [width(190)])
        .override_by_name("Outcome", [*words(OUTCOME), width(110)])
        .override_by_name("Took", [prop("unit", "s"), prop("decimals", 2), width(90)])
        .override_by_name("New", [*whole(), width(80)])
        .override_by_name("Corrected", [*whole(), width(90)])
        .override_by_name("Known already", [*whole(), width(120)])
        .with_target(query(SQL["log"]))
    )


def errors() -> table.Panel:
    """What went wrong, and how often."""
    return (
        panels.grid(
            "What went wrong",
            "Runs of the time range that did not end well (of the newest 40,000 or so), by feed and kind of error, "
            "the most frequent first, with the words of the last one. What passes by itself is tried again; the "
            "table of feeds says what does not.",
            width=13,
            nothing="Nothing went wrong in this time",
        )
        .override_by_name("Times", [*whole(), width(70)])
        .override_by_name("Last (UTC)", [width(160)])
        .with_target(query(SQL["errors"]))
    )


def durations() -> table.Panel:
    """How long runs take."""
    panel = panels.grid(
        "How long runs take",
        "Per feed, over the time range (of the newest 40,000 or so runs): half of the runs took no longer than the "
        "first figure (the median), 95 of 100 no longer than the second (the 95th percentile).",
        width=11,
        nothing=NO_RUNS,
    ).override_by_name("Runs", [*whole(), width(80)])
    for name in ("Half took less", "95 % took less", "Longest"):
        panel.override_by_name(name, [prop("unit", "s"), prop("decimals", 2), width(120)])
    return panel.with_target(query(SQL["durations"]))


def expiries() -> table.Panel:
    """Until when sources answer."""
    return (
        panels.grid(
            "Keys and consents that end",
            "Until when each source answers without somebody logging in again, as the source told flowd. A source that "
            "does not tell is not listed; the table of feeds shows when it refuses.",
            width=10,
            height=8,
            nothing="No source has told flowd an end",
        )
        .override_by_name("Connection", [width(120)])
        .override_by_name("Ends (UTC)", [width(140)])
        .override_by_name(
            "Days left",
            [
                *whole(),
                prop("custom.cellOptions", {"type": "color-text"}),
                prop("thresholds", steps(*DAYS_LEFT).build()),
                width(80),
            ],
        )
        .with_target(query(SQL["expiries"]))
    )


def studies() -> table.Panel:
    """Up to which day everything is worked out."""
    return (
        panels.grid(
            "Worked out up to",
            "Income is worked out within seconds of a change. Studies (returns, statistics, expected receipts, "
            "projections, goals) are made for the last whole day, so yesterday is up to date; they follow in the "
            "minutes after midnight, and after everything was worked out anew.",
            width=6,
            height=8,
            nothing="Nothing worked out yet",
        )
        .override_by_name("State", words({"up to date": "green", "changes wait": "blue", "behind": "red"}))
        .with_target(query(SQL["studies"]))
    )


def storage() -> table.Panel:
    """How much room it takes."""
    return (
        panels.grid(
            "Room in the database",
            "Size with indexes; rows as PostgreSQL estimated them last (empty before the first time). They are not "
            "told where several tenants share the tables: each would learn how busy the others are.",
            width=8,
            height=8,
            nothing=NO_FEEDS,
        )
        .override_by_name("Size", [prop("unit", "bytes"), prop("decimals", 1), width(100)])
        .override_by_name("Rows", [prop("unit", "locale"), prop("decimals", 0), width(100)])
        .with_target(query(SQL["storage"]))
    )


def rates_missing() -> table.Panel:
    """Rates that nobody had."""
    return (
        panels.grid(
            "Rates that are missing",
            "Amounts of these days stand without a value in your base currency, and are left out of sums: flowd never "
            "converts one to one for want of a rate.",
            height=6,
            nothing="None is missing: every amount has a rate",
        )
        .override_by_name("Days without a rate", [*whole(), width(150)])
        .with_target(query(SQL["rates_missing"]))
    )


def whole() -> list[model.DynamicConfigValue]:
    """A column of counts."""
    return [prop("unit", "none"), prop("decimals", 0)]


def matched(pattern: str, colour: str, place: int) -> model.RegexMap:
    """A text that fits the pattern from its beginning to its end, in a colour; the first that fits wins."""
    return model.RegexMap(
        options=model.DashboardRegexMapOptions(
            pattern=pattern, result=model.ValueMappingResult(color=colour, index=place)
        )
    )
