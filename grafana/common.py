"""What all dashboards share: the data source, queries from a .sql file, variables, and small pieces of look."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Final, Generic, TypeVar

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import dashboard as model

from flowd.storage.statements import parse

# `postgres` is the name Grafana 9 knows; newer ones call it grafana-postgresql-datasource and understand both
SOURCE: Final = model.DataSourceRef(type_val="postgres", uid="flowd-postgres")
TAG: Final = "flowd"

QUALITY_COLOURS: Final[Mapping[str, str]] = {
    "exact": "green",
    "estimated": "yellow",
    "spread": "blue",
    "partial": "orange",
    "stale": "red",
}

T = TypeVar("T")


class Shape(Enum):
    """What a query gives: rows for a table, or a column `time`, one of names and one of values."""

    TABLE = "table"
    SERIES = "time_series"


class Ready(Builder[T], Generic[T]):
    """Hands over a model that needs no building, where the SDK asks for a builder."""

    def __init__(self, made: T) -> None:
        """Keep the model."""
        self._made = made

    def build(self) -> T:
        """The model, as it was given."""
        return self._made


class Query(Dataquery):
    """One SQL query of a panel; the SDK has none for PostgreSQL."""

    def __init__(self, sql: str, shape: Shape) -> None:
        """Keep the text and what it gives."""
        self._sql = sql
        self._shape = shape

    def to_json(self) -> dict[str, object]:
        """The form Grafana stores."""
        return {
            "refId": "A",
            "datasource": SOURCE,
            "format": self._shape.value,
            "rawQuery": True,
            "rawSql": self._sql,
            "editorMode": "code",
        }


def queries(name: str) -> dict[str, str]:
    """The queries in `grafana/<name>.sql`, by name."""
    return parse((Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8"), name)


def query(sql: str, shape: Shape = Shape.TABLE) -> Ready[Dataquery]:
    """A query as a panel's target."""
    return Ready(Query(sql, shape))


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
            datasource=SOURCE,
            current=model.VariableOption(selected=True, text=["All"], value=["$__all"]),
            multi=True,
            include_all=True,
            all_value=name,
            refresh=model.VariableRefresh.ON_DASHBOARD_LOAD,
            sort=model.VariableSort.DISABLED,
        )
    )


def looked_up(name: str, label: str, sql: str, first: str, description: str) -> Ready[model.VariableModel]:
    """A variable of one value from the database; `first` is its value before anyone chooses."""
    return Ready(
        model.VariableModel(
            id_val=name,
            type_val=model.VariableType.QUERY,
            name=name,
            label=label,
            description=description,
            query=sql,
            datasource=SOURCE,
            current=model.VariableOption(selected=True, text=first, value=first),
            refresh=model.VariableRefresh.ON_DASHBOARD_LOAD,
            sort=model.VariableSort.DISABLED,
        )
    )


def listed(name: str, label: str, options: Mapping[str, str], description: str) -> Ready[model.VariableModel]:
    """A variable of one value out of a fixed list, given as value to text; the first is chosen at first."""
    made = [
        model.VariableOption(selected=place == 0, text=text, value=value)
        for place, (value, text) in enumerate(options.items())
    ]
    return Ready(
        model.VariableModel(
            id_val=name,
            type_val=model.VariableType.CUSTOM,
            name=name,
            label=label,
            description=description,
            query=",".join(f"{text} : {value}" for value, text in options.items()),
            current=made[0],
            options=made,
        )
    )


def numbered(panel: Builder[model.Panel], number: int) -> Ready[model.Panel]:
    """The panel with its id, by which links and alerts find it."""
    made = panel.build()
    made.id_val = number
    return Ready(made)


def links() -> Ready[model.DashboardLink]:
    """The menu of flowd's other dashboards, which keeps the time range and what is chosen."""
    return Ready(
        model.DashboardLink(
            title="flowd",
            type_val=model.DashboardLinkType.DASHBOARDS,
            tags=[TAG],
            as_dropdown=True,
            keep_time=True,
            include_vars=True,
            icon="external link",
            tooltip="flowd's other dashboards",
        )
    )


def steps(*bounds: tuple[float | None, str]) -> build.ThresholdsConfig:
    """Colours by value: from each bound on (None is from the bottom) its colour."""
    return (
        build.ThresholdsConfig()
        .mode(model.ThresholdsMode.ABSOLUTE)
        .steps([model.Threshold(value=bound, color=color) for bound, color in bounds])
    )


def quality_mapping() -> list[model.ValueMapping]:
    """Each quality in its colour."""
    return [
        model.ValueMap(
            options={
                name: model.ValueMappingResult(text=name, color=color, index=place)
                for place, (name, color) in enumerate(QUALITY_COLOURS.items())
            }
        )
    ]


def prop(name: str, value: object) -> model.DynamicConfigValue:
    """One property of an override."""
    return model.DynamicConfigValue(id_val=name, value=value)
