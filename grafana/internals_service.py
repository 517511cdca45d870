"""Panels of flowd internals about the service: database and spool, what is worked out, processes, notices."""

from __future__ import annotations

from grafana_foundation_sdk.builders import stat, timeseries
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model

from grafana import panels
from grafana.look import prop, steps
from grafana.metrics import NOTHING, in_colours, just_now, limited, over_time


def database() -> timeseries.Panel:
    """When the database answered."""
    return over_time(
        panels.stacked(
            "Database answers",
            "One while the database answers, zero while it is away: what is read then waits on disk.",
            width=8,
            nothing=NOTHING,
        )
        .decimals(0)
        .min(0)
        .max(1),
        ("min(flowd_database_up{ME})", "answers"),
    )


def spool_entries() -> timeseries.Panel:
    """How much waits."""
    return over_time(
        panels.lines(
            "Waits for the database",
            "Entries in the spool: batches of records and ends of runs that wait on disk for the database. It falls "
            "quickly once the database answers; if it does not, flowd's log says why.",
            width=8,
            nothing=NOTHING,
        )
        .decimals(0)
        .min(0),
        ("sum(flowd_spool_batches{ME})", "entries"),
        ("sum(increase(flowd_spool_refused_total{ME}[$__rate_interval]))", "refused, read again later"),
    )


def spool_bytes() -> timeseries.Panel:
    """How much room what waits takes."""
    return over_time(
        panels.lines(
            "Room of what waits",
            "Bytes on disk of what waits for the database, and how many it may be. When it is full, nothing is lost: "
            "sources are read again when there is room.",
            width=8,
            nothing=NOTHING,
        )
        .unit("bytes")
        .decimals(0)
        .min(0)
        .override_by_name("may be", [prop("color", {"mode": "fixed", "fixedColor": "red"})]),
        ("sum(flowd_spool_bytes{ME})", "waits"),
        ("sum(flowd_spool_limit_bytes{ME})", "may be"),
    )


def derivation() -> timeseries.Panel:
    """How far the numbers lag."""
    return over_time(
        limited(
            panels.lines(
                "Age of the numbers",
                "How long ago everything that was read was last found to be in the numbers (under a minute is usual), "
                "and how long working it out has been failing (zero is usual; flowd's log says why it is not).",
                nothing=NOTHING,
            )
            .unit("s")
            .decimals(0)
            .min(0)
            .thresholds(steps((None, "transparent"), (900, "red")))
        ),
        ("max(time() - (flowd_derivation_last_success_timestamp_seconds{ME} > 0))", "since all was worked out"),
        ("max(flowd_derivation_lag_seconds{ME})", "failing for"),
    )


def study_age() -> timeseries.Panel:
    """When studies were last up to date."""
    return over_time(
        panels.lines(
            "Age of studies",
            "How long ago each study (returns, statistics, projections …) was last found to be up to date: a few "
            "minutes, and under a day however busy the machine is. A study that fails is said to fail in its name.",
            nothing="No study was made since flowd was started",
        )
        .unit("s")
        .decimals(0)
        .min(0),
        ("time() - flowd_study_last_success_timestamp_seconds{ME}", "{{study}}"),
        (
            "(time() - flowd_study_last_success_timestamp_seconds{ME}) and flowd_study_failing{ME} == 1",
            "{{study}} fails",
        ),
    )


def study_seconds() -> timeseries.Panel:
    """How long studies take."""
    return over_time(
        panels.lines(
            "How long studies took",
            "How long each study took when it was last made. They run beside the reading, at a lower priority, and "
            "each is given ten minutes.",
            nothing="No study was made since flowd was started",
        )
        .unit("s")
        .decimals(2)
        .min(0),
        ("flowd_study_duration_seconds{ME}", "{{study}}"),
    )


def rates() -> timeseries.Panel:
    """Rates that are missing or not agreed on."""
    return over_time(
        panels.lines(
            "Exchange rates",
            "For how many pairs and days a rate is missing, so that amounts stand without a sum; and how far apart the "
            "newest rates of one pair are, where two sources or more state it (a share: 0.02 is two per cent).",
            nothing=NOTHING,
        ).override_by_regexp("/ apart$/", [prop("unit", "percentunit"), prop("decimals", 2)]),
        ("sum(flowd_missing_rates{ME})", "missing"),
        ("max by (base, quote) (flowd_rate_disagreement_ratio{ME})", "{{base}} in {{quote}} apart"),
    )


def children() -> timeseries.Panel:
    """Connectors' processes."""
    return over_time(
        panels.lines(
            "Connectors' processes",
            "Every run of a connector is a process of its own, so that a mistake in one harms no other: how many are "
            "alive, and how many are started per minute.",
            width=8,
            nothing=NOTHING,
        ).min(0),
        ("sum(flowd_children{ME})", "alive"),
        ("60 * sum(rate(flowd_child_starts_total{ME}[$__rate_interval]))", "started per minute"),
    )


def child_ends() -> timeseries.Panel:
    """Processes that had to be ended."""
    return over_time(
        in_colours(
            panels.bars(
                "Processes that did not end well",
                "Connectors' processes that had to be killed because they took too long (over_time) or died by "
                "themselves (crashed), and how often the process that starts them had to be started anew (launcher).",
                width=8,
                nothing="All have ended well",
            ).decimals(1),
            {"launcher": "purple"},
        ),
        (
            "sum by (connection, why) (increase(flowd_child_kills_total{ME}[$__rate_interval])) > 0",
            "{{connection}} {{why}}",
        ),
        ("sum(increase(flowd_launcher_restarts_total{ME}[$__rate_interval])) > 0", "launcher"),
    )


def output() -> timeseries.Panel:
    """What connectors print."""
    return over_time(
        panels.lines(
            "What connectors print",
            "Bytes per second that connectors print: all but the end of it is dropped. Much of it means that a plugin "
            "is left in a mode for finding mistakes.",
            width=8,
            nothing="No connector has printed anything",
        )
        .unit("Bps")
        .decimals(1)
        .min(0),
        ("sum by (connection) (rate(flowd_child_output_bytes_total{ME}[$__rate_interval]))", "{{connection}}"),
    )


def memory() -> timeseries.Panel:
    """The daemon's memory."""
    return over_time(
        panels.lines(
            "Memory",
            "Memory the daemon holds, by itself: connectors, studies and flowd's own PostgreSQL are processes beside "
            "it. It should not grow from day to day.",
            width=8,
            nothing="Not told on this system (Linux only), or flowd is not seen",
        )
        .unit("bytes")
        .decimals(0)
        .min(0),
        ('process_resident_memory_bytes{job="flowd", ME}', "{{instance}}"),
    )


def processor() -> timeseries.Panel:
    """The daemon's use of the processor."""
    return over_time(
        panels.lines(
            "Processor",
            "How much of one processor the daemon uses, by itself: connectors and studies are processes beside it.",
            width=8,
            nothing="Not told on this system (Linux only), or flowd is not seen",
        )
        .unit("percentunit")
        .decimals(1)
        .min(0),
        ('rate(process_cpu_seconds_total{job="flowd", ME}[$__rate_interval])', "{{instance}}"),
    )


def files() -> timeseries.Panel:
    """The daemon's open files."""
    return over_time(
        panels.lines(
            "Open files",
            "Files and connections the daemon has open, as a share of how many it may have open. A steady rise is a "
            "leak.",
            width=8,
            nothing="Not told on this system (Linux only), or flowd is not seen",
        )
        .unit("percentunit")
        .decimals(2)
        .min(0),
        ('process_open_fds{job="flowd", ME} / process_max_fds{job="flowd", ME}', "{{instance}}"),
    )


def notices() -> timeseries.Panel:
    """Whether people are told."""
    return over_time(
        in_colours(
            panels.bars(
                "Notices",
                "Notices to people: sent, failed (given up after several tries) or dropped (too many waited). Failed "
                "ones are in flowd's log with the reason.",
                width=12,
                nothing="No notifier is configured: notify: in flowd.yaml",
            ).decimals(1),
            {"sent": "green", "failed": "red", "dropped": "orange"},
        ),
        ("sum by (result) (increase(flowd_notices_total{ME}[$__rate_interval]))", "{{result}}"),
    )


def clock() -> stat.Panel:
    """Jumps of the clock."""
    return just_now(
        panels.tile(
            "Jumps of the clock in 24 hours",
            "How often the machine's clock jumped by a second or more. flowd keeps its rhythm through it; often means "
            "that the machine sleeps, or that its time service (NTP) does not work.",
            width=6,
            nothing="flowd is not seen",
        )
        .decimals(0)
        .text_mode(common.BigValueTextMode.VALUE)
        .thresholds(steps((None, "green"), (1, "orange"))),
        "round(sum(increase(flowd_clock_steps_total{ME}[24h])))",
        "",
    )


def plugins() -> stat.Panel:
    """Plugins that cannot be used."""
    return just_now(
        panels.tile(
            "Broken plugins",
            "Plugins that are installed and cannot be used, by name; what they read is not read. flowd plugins says "
            "why.",
            width=6,
            nothing="None that is known",
        )
        # with the name alone, nothing would be said where there is none
        .mappings([model.ValueMap(options={"1": model.ValueMappingResult(text="broken", color="red", index=0)})]),
        "flowd_plugin_broken{ME} == 1",
        "{{plugin}}",
    )
