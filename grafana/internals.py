"""The dashboard flowd internals: how the service itself is doing, as Prometheus sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from grafana_foundation_sdk.builders import stat, table
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model

from grafana import internals_reading as reading
from grafana import internals_service as service
from grafana import panels
from grafana.board import board, section
from grafana.look import hidden, prop, steps, width, words
from grafana.metrics import instance, just_now, listed

SEVERITY: Final[Mapping[str, str]] = {"critical": "red", "warning": "orange", "info": "blue"}


def dashboard() -> model.Dashboard:
    """The whole dashboard."""
    return board(
        "flowd internals",
        "How flowd itself is doing: whether it runs, reads in time, and keeps and works out what it reads.",
        uid="flowd-internals",
        variables=[instance()],
        since="now-6h",
        panels=[
            up(),
            database(),
            feeds_unwell(),
            waiting(),
            derived(),
            version(),
            running_since(),
            alerts(),
            section("Reading"),
            reading.runs(),
            reading.states(),
            reading.staleness(),
            reading.missed(),
            reading.tick_lag(),
            reading.durations(),
            reading.duration_heat(),
            reading.records(),
            reading.budgets(),
            reading.consents(),
            section("Keeping"),
            service.database(),
            service.spool_entries(),
            service.spool_bytes(),
            section("Working out"),
            service.derivation(),
            service.study_age(),
            service.study_seconds(),
            service.rates(),
            section("Processes"),
            service.children(),
            service.child_ends(),
            service.output(),
            service.memory(),
            service.processor(),
            service.files(),
            section("Telling, and the clock"),
            service.notices(),
            service.clock(),
            service.plugins(),
        ],
    )


def up() -> stat.Panel:
    """Whether flowd answers."""
    return just_now(
        panels.tile(
            "flowd",
            "Whether Prometheus could read flowd's metrics at its last try, which it makes every 15 seconds. Not "
            "watched: prometheus.yml needs the job flowd.",
            width=3,
            nothing="Not watched",
        )
        .mappings([answers("up", "down")])
        .thresholds(steps((None, "red"), (1, "green"))),
        'up{job="flowd", ME}',
        "{{instance}}",
    )


def database() -> stat.Panel:
    """Whether the database answers."""
    return just_now(
        panels.tile(
            "Database",
            "Whether flowd's database answers. While it is away, what is read waits on disk and nothing is lost; "
            "dashboards and numbers stand still.",
            width=3,
            nothing="flowd is not seen",
        )
        .mappings([answers("answers", "away")])
        .text_mode(common.BigValueTextMode.VALUE)
        .thresholds(steps((None, "red"), (1, "green"))),
        "min(flowd_database_up{ME})",
        "",
    )


def feeds_unwell() -> stat.Panel:
    """How many feeds are not well."""
    return just_now(
        panels.tile(
            "Feeds not well",
            "Feeds that are partial, failing, need a new key or consent, or are misconfigured. Which they are and what "
            "to do is on Activity & health.",
            nothing="No feed is configured",
        )
        .decimals(0)
        .text_mode(common.BigValueTextMode.VALUE)
        .thresholds(steps((None, "green"), (1, "red"))),
        'sum(flowd_connection_state{state!~"healthy|new", ME})',
        "",
    )


def waiting() -> stat.Panel:
    """What waits for the database."""
    return just_now(
        panels.tile(
            "Waits on disk",
            "Batches of records that were read and wait in the spool for the database. They are written in order when "
            "it answers again; usually none waits.",
            width=3,
            nothing="flowd is not seen",
        )
        .decimals(0)
        .text_mode(common.BigValueTextMode.VALUE)
        .thresholds(steps((None, "green"), (1, "orange"), (20, "red"))),
        "sum(flowd_spool_batches{ME})",
        "",
    )


def derived() -> stat.Panel:
    """How old the numbers are."""
    return just_now(
        panels.tile(
            "Numbers are old",
            "How long ago flowd last found everything that was read to be worked into the numbers. Under a minute is "
            "usual; more while much is worked out anew.",
            nothing="Nothing worked out",
        )
        .unit("s")
        .decimals(0)
        .text_mode(common.BigValueTextMode.VALUE)
        .thresholds(steps((None, "green"), (300, "orange"), (900, "red"))),
        "max(time() - (flowd_derivation_last_success_timestamp_seconds{ME} > 0))",
        "",
    )


def version() -> stat.Panel:
    """Which flowd this is."""
    return just_now(
        panels.tile(
            "Version",
            "Which version of flowd runs, and on which version of Python: what to say when you report a mistake.",
            nothing="flowd is not seen",
        ).text_mode(common.BigValueTextMode.NAME),
        "max by (version, python) (flowd_build_info{ME})",
        "{{version}}, Python {{python}}",
    )


def running_since() -> stat.Panel:
    """Since when it runs."""
    return just_now(
        panels.tile(
            "Started",
            "How long ago this flowd was started. Counters begin with nothing then; often anew means that something "
            "ends it: systemctl status flowd, or docker compose ps, says what.",
            width=3,
            nothing="flowd is not seen",
        )
        .unit("s")
        .decimals(1)
        .text_mode(common.BigValueTextMode.VALUE)
        .thresholds(steps((None, "orange"), (600, "text"))),
        "time() - max(flowd_started_timestamp_seconds{ME})",
        "",
    )


def alerts() -> table.Panel:
    """What Prometheus speaks up about."""
    panel = (
        panels.grid(
            "Alerts that are firing",
            "What the rules in prometheus/rules find wrong just now; docs/alerts.md says of each what to do. It is "
            "empty too where Prometheus has not loaded these rules.",
            height=6,
            nothing="No alert is firing",
        )
        .override_by_name("alertname", [prop("displayName", "Alert"), width(220)])
        .override_by_name("severity", [prop("displayName", "How bad"), *words(SEVERITY), width(100)])
    )
    for name in ("Time", "__name__", "alertstate", "job", "Value", "area"):
        panel.override_by_name(name, hidden())
    return listed(panel, 'ALERTS{alertname=~"Flowd.+", alertstate="firing"}')


def answers(good: str, bad: str) -> model.ValueMap:
    """One and zero as words in green and red."""
    return model.ValueMap(
        options={
            "1": model.ValueMappingResult(text=good, color="green", index=0),
            "0": model.ValueMappingResult(text=bad, color="red", index=1),
        }
    )
