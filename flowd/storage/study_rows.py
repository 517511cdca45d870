"""Keeps what studies give in its tables: the difference to what is there, and no more than that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from psycopg import sql
from psycopg.types.json import Jsonb

from flowd.domain.money import plain
from flowd.domain.results import Metric
from flowd.domain.studied import (
    ExpectedReceipt,
    GoalOutlook,
    Projected,
    ProjectionModel,
    ProjectionScore,
    ReturnWindow,
    StreamState,
    StudyRow,
)
from flowd.storage.connections import Session
from flowd.storage.statements import statements

Row = StudyRow | Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Where rows of one type are kept.

    `name` is what a study names in `writes`, `relation` what is written to. `given` are the columns that are the same
    in all rows of one round; those of them in `scope` say what is replaced: what a study no longer gives is deleted
    there, and nothing else is. `silent` columns alone make no row another.
    """

    row: type[Row]
    name: str
    relation: tuple[str, str]
    key: tuple[str, ...]
    given: tuple[str, ...] = ("tenant_id", "base_currency")
    scope: tuple[str, ...] = ("tenant_id",)
    silent: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, the given ones first."""
        own = [one for one in self.row.__dataclass_fields__ if one not in self.given]
        if self.row is GoalOutlook:
            own = [*_GOAL, *(one for one in own if one != "goal")]
        return (*self.given, *own)


#: The columns of a goal itself, in a row that says how likely it is.
_GOAL: Final = ("goal", "kind", "scope", "name", "amount", "currency", "by_day", "since")

TABLES: Final = (
    Table(
        row=ReturnWindow,
        name="derived.return_window",
        relation=("derived", "return_window"),
        key=("tenant_id", "scope", "name", "window"),
    ),
    Table(
        row=StreamState,
        name="derived.stream_state",
        relation=("derived", "stream_state"),
        key=("tenant_id", "scope", "name"),
    ),
    Table(
        row=ExpectedReceipt,
        name="derived.expected",
        relation=("derived", "expected"),
        key=("tenant_id", "stream", "payer", "series", "currency", "due"),
        given=("tenant_id",),
    ),
    Table(
        row=Projected,
        name="raw.projection",
        relation=("app", "projection"),
        key=("tenant_id", "scope", "name", "made_on", "span", "for_day"),
        given=("tenant_id", "made_on", "made_at", "base_currency"),
        scope=("tenant_id", "made_on"),
        silent=("made_at",),
    ),
    Table(
        row=ProjectionModel,
        name="derived.projection_model",
        relation=("derived", "projection_model"),
        key=("tenant_id", "scope", "name"),
        given=("tenant_id",),
    ),
    Table(
        row=ProjectionScore,
        name="derived.projection_score",
        relation=("derived", "projection_score"),
        key=("tenant_id", "scope", "name", "made_on", "horizon"),
        given=("tenant_id",),
    ),
    Table(
        row=GoalOutlook,
        name="derived.goal",
        relation=("derived", "goal"),
        key=("tenant_id", "goal"),
        given=("tenant_id",),
    ),
    Table(
        row=Metric,
        name="derived.metric",
        relation=("app", "metric"),
        key=("tenant_id", "analytic", "subject", "name", "window", "at"),
        given=("tenant_id", "analytic"),
        scope=("tenant_id", "analytic"),
    ),
)


def keep(session: Session, table: Table, rows: Iterable[Row], given: Mapping[str, object]) -> int:
    """Store `rows` in place of what is in the scope of `table`; return how many rows changed.

    `given` holds the columns that all rows share, under their names.
    """
    words = _words(table)
    _run(session, "work", words)
    constants = [_value(given[name]) for name in table.given]
    own = table.columns[len(table.given) :]
    with session.cursor() as cursor, cursor.copy(_compose("copy", words)) as copy:
        for row in rows:
            copy.write_row((*constants, *(_value(one) for one in _values(row, own))))
    _run(session, "analyze", words)
    scope = {name: given[name] for name in table.scope}
    changed = _run(session, "delete_gone", words, scope) + _run(session, "upsert", words)
    _run(session, "drop_work", words)
    return changed


def forget(session: Session, table: Table, given: Mapping[str, object]) -> None:
    """Delete what is in the scope of `table`."""
    _run(session, "delete_all", _words(table), {name: given[name] for name in table.scope})


def statement(table: Table, name: str) -> sql.Composed:
    """Return the statement `name` of studies.sql filled in for `table`."""
    return _compose(name, _words(table))


def key_of(table: Table, row: Row) -> tuple[object, ...]:
    """Return what tells `row` from the others of one round."""
    return tuple(_values(row, [name for name in table.key if name not in table.given]))


def _values(row: Row, columns: Sequence[str]) -> list[object]:
    if isinstance(row, GoalOutlook):
        return [getattr(row.goal if name in _GOAL else row, name) for name in columns]
    return [getattr(row, name) for name in columns]


def _value(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return Jsonb(value)
    return value


def _words(table: Table) -> dict[str, sql.Composable]:
    others = [name for name in table.columns if name not in table.key]
    compared = [name for name in others if name not in table.silent]

    def listed(names: Iterable[str], prefix: str = "") -> sql.Composable:
        return sql.SQL(", ").join(sql.Identifier(prefix, name) if prefix else sql.Identifier(name) for name in names)

    return {
        "table": sql.Identifier(*table.relation),
        "columns": listed(table.columns),
        "key": listed(table.key),
        "others": listed(others),
        "excluded": listed(others, "excluded"),
        "compared": listed(compared, "kept"),
        "compared_new": listed(compared, "excluded"),
        "scope": sql.SQL(" AND ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in table.scope
        ),
        "same_key": sql.SQL(" AND ").join(
            sql.SQL("{} = {}").format(sql.Identifier("new", name), sql.Identifier("kept", name)) for name in table.key
        ),
    }


def _compose(name: str, words: Mapping[str, sql.Composable]) -> sql.Composed:
    # the text ships with flowd
    return sql.SQL(statements("studies")[name]).format(**words)


def _run(
    session: Session, name: str, words: Mapping[str, sql.Composable], fields: Mapping[str, Any] | None = None
) -> int:
    return session.execute(_compose(name, words), fields).rowcount
