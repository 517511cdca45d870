"""What can be chosen at the top of a dashboard, the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from grafana_foundation_sdk.models import dashboard as model

from grafana.source import POSTGRES, Ready, queries

SQL: Final = queries("variables")


def tenant() -> Ready[model.VariableModel]:
    """Whose money: one, because amounts of several have no common currency."""
    return looked_up("tenant", "Whose", SQL["tenants"], "home", "Whose money this is; most logins see one tenant only")


def groups() -> Ready[model.VariableModel]:
    """Groups of streams, all at first."""
    return chosen("grp", "Group", SQL["groups"], "Groups of streams, as named in flowd.yaml")


def streams() -> Ready[model.VariableModel]:
    """Streams of the chosen groups, all at first."""
    return chosen("stream", "Stream", SQL["streams"], "Single lines of income")


def one_stream() -> Ready[model.VariableModel]:
    """One stream; the first by name before anyone chooses."""
    return looked_up("one", "Stream", SQL["one_stream"], "", "The line of income this page is about")


def basis() -> Ready[model.VariableModel]:
    """Earned or received."""
    return listed(
        "basis",
        "Counted",
        {"earned": "Earned", "received": "Received"},
        "Earned: on the days it was earned for. Received: on the day it came in",
    )


def granularity() -> Ready[model.VariableModel]:
    """How wide one step of a chart is."""
    return listed(
        "granularity",
        "Per",
        {"auto": "Auto", "day": "Day", "week": "Week", "month": "Month", "quarter": "Quarter", "year": "Year"},
        "How wide one step is. Auto: days up to 100 days, weeks up to 800, then months",
    )


def currency() -> Ready[model.VariableModel]:
    """Everything converted into the base currency, or what came in one currency only."""
    return looked_up(
        "currency",
        "Currency",
        SQL["currencies"],
        "base",
        "Everything in your base currency, or only what came in one currency, unconverted. "
        "Daily rates are always in the base currency",
    )


def subject() -> Ready[model.VariableModel]:
    """What a page is about: everything, a group or a stream; the value is `total`, `group:NAME` or `stream:KEY`."""
    return looked_up(
        "subject", "About", SQL["subjects"], "total", "What this page is about: everything, one group or one stream"
    )


def base() -> Ready[model.VariableModel]:
    """The base currency, for titles of charts whose lines cannot say it; nobody chooses it."""
    made = looked_up("base", "Base currency", SQL["base"], "", "The currency that amounts are in").build()
    made.hide = model.VariableHide.HIDE_VARIABLE
    return Ready(made)


def chosen(name: str, label: str, sql: str, description: str) -> Ready[model.VariableModel]:
    """A variable of several values from the database, all of them at first.

    `All` is written as the column's own name, so `grp IN (${grp:sqlstring})` becomes `grp IN (grp)`: it holds for
    every row, new ones too, and is no syntax error where there are none yet.
    """
    return Ready(
        model.VariableModel(
            id_val=name,
            type_val=model.VariableType.QUERY,
            name=name,
            label=label,
            description=description,
            query=sql,
            datasource=POSTGRES,
            current=model.VariableOption(selected=True, text=["All"], value=["$__all"]),
            multi=True,
            include_all=True,
            all_value=name,
            refresh=model.VariableRefresh.ON_DASHBOARD_LOAD,
            sort=model.VariableSort.DISABLED,
        )
    )


def looked_up(name: str, label: str, sql: str, first: str, description: str) -> Ready[model.VariableModel]:
    """A variable of one value from the database.

    `first` is its value before anyone chooses; where the database does not offer it, Grafana takes the first it offers.
    """
    return Ready(
        model.VariableModel(
            id_val=name,
            type_val=model.VariableType.QUERY,
            name=name,
            label=label,
            description=description,
            query=sql,
            datasource=POSTGRES,
            current=model.VariableOption(selected=True, text=first, value=first),
            refresh=model.VariableRefresh.ON_DASHBOARD_LOAD,
            sort=model.VariableSort.DISABLED,
        )
    )


def listed(
    name: str, label: str, options: Mapping[str, str], description: str, *, first: str | None = None
) -> Ready[model.VariableModel]:
    """A variable of one value out of a fixed list, from value to text; `first`, or the first, is chosen at first."""
    begin = next(iter(options)) if first is None else first
    made = [model.VariableOption(selected=value == begin, text=text, value=value) for value, text in options.items()]
    return Ready(
        model.VariableModel(
            id_val=name,
            type_val=model.VariableType.CUSTOM,
            name=name,
            label=label,
            description=description,
            query=",".join(f"{text} : {value}" for value, text in options.items()),
            current=next(option for option in made if option.selected),
            options=made,
        )
    )
