"""Where panels get their numbers: the two data sources, and queries written in a .sql file or in PromQL."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Final, Generic, TypeVar

from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from flowd.storage.statements import parse

# `postgres` is the name Grafana 9 knows; newer ones call it grafana-postgresql-datasource and understand both
POSTGRES: Final = model.DataSourceRef(type_val="postgres", uid="flowd-postgres")
PROMETHEUS: Final = model.DataSourceRef(type_val="prometheus", uid="flowd-prometheus")

T = TypeVar("T")


class Shape(Enum):
    """What a query gives: rows for a table, or a column `time`, columns of names and columns of values."""

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

    def __init__(self, sql: str, shape: Shape, ref: str) -> None:
        """Keep the text, what it gives and its letter."""
        self._sql = sql
        self._shape = shape
        self._ref = ref

    def to_json(self) -> dict[str, object]:
        """The form Grafana stores."""
        return {
            "refId": self._ref,
            "datasource": POSTGRES,
            "format": self._shape.value,
            "rawQuery": True,
            "rawSql": self._sql,
            "editorMode": "code",
        }


def queries(name: str) -> dict[str, str]:
    """The queries in `grafana/<name>.sql`, by name."""
    return parse((Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8"), name)


def query(sql: str, shape: Shape = Shape.TABLE, ref: str = "A") -> Ready[Dataquery]:
    """A query as a panel's target."""
    return Ready(Query(sql, shape, ref))


def promql(expression: str, legend: str = "", *, ref: str = "A", now: bool = False) -> prometheus.Dataquery:
    """A PromQL query as a panel's target: over the time range, or only its value `now` (for tiles and tables)."""
    made = prometheus.Dataquery().expr(expression).ref_id(ref).legend_format(legend or "__auto")
    made = made.instant().format(PromQueryFormat.TABLE) if now else made.range()
    return made.datasource(PROMETHEUS)
